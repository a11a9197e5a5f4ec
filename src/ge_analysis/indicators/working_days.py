"""Chinese working days: state holidays out, make-up working days in."""

from datetime import date, timedelta
from functools import cache

import chinese_calendar
import numpy as np
import pandas as pd

from ge_analysis.errors import GeError


def working_day_number(days: pd.Series) -> pd.Series:
    """Number days so that the difference of two numbers is the count of working days after the first, up to the second.

    Parameters
    ----------
    days : Series of datetime64, shape (n,)

    Returns
    -------
    Series of float, shape (n,)
        NaN for a missing day.

    Raises
    ------
    GeError
        For a year of which the calendar does not know the holidays.

    References
    ----------
    Method 4; holidays of the State Council as kept by the library chinesecalendar.

    Examples
    --------
    The week of 7 October 2021 ends a holiday; Saturday 9 October is a make-up working day:

    >>> days = working_day_number(pd.Series(pd.to_datetime(["2021-09-30", "2021-10-07", "2021-10-09", "2021-10-11"])))
    >>> (days - days[0]).tolist()
    [0.0, 0.0, 2.0, 3.0]
    """
    days_since = days.to_numpy("datetime64[D]")
    known = days_since[~np.isnat(days_since)]
    numbers = np.full(len(days), np.nan)
    if len(known):
        first, last = (int(str(day)[:4]) for day in (known.min(), known.max()))
        counts = np.cumsum(np.concatenate([_counted(year) for year in range(first, last + 1)]))
        numbers[~np.isnat(days_since)] = counts[(known - np.datetime64(f"{first}-01-01")).astype(int)]
    return pd.Series(numbers, index=days.index)


@cache
def _counted(year: int) -> np.ndarray:
    """Say of each day of a year whether it is a working day (1) or not (0)."""
    if year not in {day.year for day in chinese_calendar.holidays}:
        raise GeError(f"no table of Chinese holidays for {year}", "update the package chinesecalendar")
    first = date(year, 1, 1)
    days = (date(year + 1, 1, 1) - first).days
    return np.array([chinese_calendar.is_workday(first + timedelta(days=day)) for day in range(days)], dtype=float)
