"""Time spans: the reporting period in any form that a caller may have."""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.settings.parameters import Period

PeriodLike: TypeAlias = Any  # whatever `span` takes: a Period, a pandas.Period, a year, or a pair of dates


_MOMENT = np.dtype("datetime64[us]")


class Span(NamedTuple):
    """A half-open span: it includes `start` but not `end`."""

    start: pd.Timestamp
    end: pd.Timestamp

    @property
    def hours(self) -> float:
        """Length [h]."""
        return (self.end - self.start) / pd.Timedelta(hours=1)


def span(period: PeriodLike) -> Span:
    """Return the bounds of a period.

    Parameters
    ----------
    period : Period, pandas.Period, int, or pair of dates, timestamps or texts
        An int is a calendar year; a pair is half-open.

    Raises
    ------
    GeError
        If the end is not after the start, or one of them has a time zone.

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
    if start.tz or end.tz:
        raise GeError(
            _("the period {start} to {end} has a time zone", start=start, end=end), _("give local times without a time zone")
        )
    if not end > start:
        raise GeError(
            _("the period {start} to {end} does not run forwards", start=start, end=end),
            _("give a start and a later end, which is not in it"),
        )
    return Span(start, end)


def bounds(period: PeriodLike) -> tuple[int, int]:
    """Return a half-open period's ends [µs since 1970]."""
    start, end = span(period)
    return start.as_unit("ns").value // 1000, end.as_unit("ns").value // 1000


def inside(column: pd.Series, period: PeriodLike) -> pd.Series:
    """Return whether each time of a column is in the period; missing ones are not."""
    start, end = span(period)
    times = moments(column)
    return (times >= start) & (times < end)


def moments(column: pd.Series) -> pd.Series:
    """Return a column as local times without a time zone, whether it holds timestamps, dates, strings or categories.

    Raises
    ------
    GeError
        If they have a time zone (a silent conversion would move outages to another day or year), or are no times at
        all.

    Examples
    --------
    >>> moments(pd.Series(["2020-01-01 08:00", None], dtype="category")).tolist()
    [Timestamp('2020-01-01 08:00:00'), NaT]
    """
    if column.dtype == _MOMENT:
        return column
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "M":
        return column.astype(_MOMENT)
    remedy = _("give local times without a time zone")
    if is_numeric_dtype(column.dtype):
        if column.notna().any():
            raise GeError(_("column {name} holds {dtype} instead of local times", name=column.name, dtype=column.dtype), remedy)
        column = column.astype(object)
    try:
        times = pd.to_datetime(column, format="mixed")
    except (TypeError, ValueError) as error:
        raise GeError(_("column {name}: {error}", name=column.name, error=error), remedy) from error
    if times.dt.tz is not None:
        raise GeError(_("column {name} holds {dtype} instead of local times", name=column.name, dtype=column.dtype), remedy)
    return times.astype(_MOMENT)
