"""Chinese working days: without public holidays, with make-up working days."""

from functools import cache

import chinese_calendar
import numpy as np
import pandas as pd

from ge_analysis.errors import GeError
from ge_analysis.indicators.periods import moments
from ge_analysis.language import _


def working_day_number(days: pd.Series) -> pd.Series:
    """Number days so that the difference of two numbers is the number of working days after the first, up to the second.

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
        For a year whose holidays the calendar does not know.

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
    first, counts = _counts()
    dates = moments(days).to_numpy("datetime64[D]")
    known = ~np.isnat(dates)
    since = (dates[known] - first).astype(int)
    for day in dates[known][(since < 0) | (since >= len(counts))]:
        raise GeError(_("no table of Chinese holidays for {year}", year=day.item().year), _("update the package chinesecalendar"))
    numbers = np.full(len(days), np.nan)
    numbers[known] = counts[since]
    return pd.Series(numbers, index=days.index)


@cache
def _counts() -> tuple[np.datetime64, np.ndarray]:
    """Return the first day of the calendar, and the working days from it up to each of its days.

    All numbers count from the same day, so that those of two columns can be subtracted.
    """
    holidays = np.array(sorted(chinese_calendar.holidays), "datetime64[D]")
    made_up = np.array(sorted(chinese_calendar.workdays), "datetime64[D]")
    first, last = (day.astype("datetime64[Y]") for day in (holidays[0], holidays[-1]))
    days = np.arange(first, last + 1, dtype="datetime64[D]")
    return days[0], np.cumsum(np.is_busday(days, holidays=holidays) | np.isin(days, made_up), dtype=float)
