"""Spans of time: the reporting period in any of the forms in which a caller holds it."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ge_analysis.errors import GeError
from ge_analysis.params import Period


class Span(NamedTuple):
    """A half-open span: `start` is in it, `end` is not."""

    start: pd.Timestamp
    end: pd.Timestamp

    @property
    def hours(self) -> float:
        """Length [h]."""
        return (self.end - self.start) / pd.Timedelta(hours=1)


def span(period: object) -> Span:
    """Return the bounds of a period.

    Parameters
    ----------
    period : Period, pandas.Period, int, or pair of dates, timestamps or texts
        An int is a calendar year; a pair is half-open.

    Raises
    ------
    GeError
        Where the end does not lie after the start.

    Examples
    --------
    >>> span(2020).hours
    8784.0
    >>> span(("2020-02-01", "2020-03-01")).hours
    696.0
    """
    if isinstance(period, Period):
        period = (period.start, period.end)
    elif isinstance(period, pd.Period):
        period = (period.start_time, (period + 1).start_time)
    elif isinstance(period, int | np.integer):
        period = (f"{period}-01-01", f"{period + 1}-01-01")
    start, end = map(pd.Timestamp, period)
    if not end > start:
        raise GeError(f"the period {start} to {end} does not run forwards", "give a start and a later end, which is not in it")
    return Span(start, end)


def inside(moments: pd.Series, period: object) -> pd.Series:
    """Say of each moment whether it lies in the period; a missing moment does not."""
    start, end = span(period)
    return (moments >= start) & (moments < end)
