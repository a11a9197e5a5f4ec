"""The demonstration study: synthetic workbooks for all counties, untidy as real ones, drawn so that known findings come out."""

from ge_analysis.demo.faults import TRAINING, write_faults
from ge_analysis.demo.writing import write

__all__ = ["TRAINING", "write", "write_faults"]
