"""The demonstration study: synthetic workbooks for all counties, as untidy as real ones, leading to known problems."""

from ge_analysis.demo.faults import training, write_faults
from ge_analysis.demo.whole import write_city
from ge_analysis.demo.writing import write

__all__ = ["training", "write", "write_city", "write_faults"]
