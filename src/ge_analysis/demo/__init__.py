"""The demonstration study: synthetic workbooks for all counties, as untidy as real ones, that lead to known findings."""

from ge_analysis.demo.faults import TRAINING, write_faults
from ge_analysis.demo.writing import write

__all__ = ["TRAINING", "write", "write_faults"]
