"""Frequent interruptions (频繁停电): which interruptions count, and who has too many of them (method 11)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from ge_analysis.indicators.arrays import NOT_A_TIME, as_floats, codes_of, microseconds
from ge_analysis.indicators.periods import PeriodLike, bounds
from ge_analysis.settings.method import FrequentParams
from ge_analysis.settings.parameters import standard

MARKS = ("counted", "unknown", "short", "single_order", "major_event_day", "same_event", "merged")
COUNTED, UNKNOWN, SHORT, SINGLE_ORDER, MAJOR_EVENT_DAY, SAME_EVENT, MERGED = range(len(MARKS))
NORMAL, WARNED, FREQUENT = range(3)
SECONDS = 1_000_000  # in µs
DAY = 86_400 * SECONDS
NO_DAY = pd.DatetimeIndex([])


def interruption_marks(
    outages: pd.DataFrame,
    by: Sequence[str] = ("feeder",),
    major_event_days: pd.DatetimeIndex = NO_DAY,
    *,
    method: FrequentParams | None = None,
) -> pd.Series:
    """Say of each row of outages whether it counts as an interruption of its feeder (or customer), and why not.

    A row does not count where a time is missing, where it is shorter than the floor, where its order concerns a single
    customer, where it starts on a major event day, where another row of the same event counts for the same feeder, or
    where it starts within the hours of merging after the start of the last one that counts (both ends included).
    The first reason that applies is given.

    Parameters
    ----------
    outages : DataFrame, shape (n, ...)
        Columns event_id, started and restored (timestamps), customers (number) and those of `by`.
    by : sequence of str
        Columns that together name whose interruptions are counted.
    major_event_days : DatetimeIndex
        Midnights of the days left out.
    method : FrequentParams, optional
        The limits; those of `params/method/frequent.yml` where left out.

    Returns
    -------
    Series of category, shape (n,)
        One of `MARKS`.

    References
    ----------
    Method 11.

    Examples
    --------
    >>> outages = pd.DataFrame({"event_id": ["a", "b", "c"], "feeder": "北关线", "customers": 40,
    ...                         "started": ["2020-05-01 08:00", "2020-05-01 14:00", "2020-05-01 14:01"],
    ...                         "restored": ["2020-05-01 10:00", "2020-05-01 15:00", "2020-05-01 15:00"]})
    >>> interruption_marks(outages).tolist()                       # 6 h after the first is within 6 h
    ['counted', 'merged', 'counted']
    """
    method = method or standard().frequent
    started, restored = microseconds(outages["started"]), microseconds(outages["restored"])
    event, _ = pd.factorize(outages["event_id"])  # in no order: to sort ten million names takes longer than all the rest
    of_order = np.bincount(event, as_floats(outages["customers"]))[event]
    with np.errstate(over="ignore"):
        length = restored - started
    marks: np.ndarray = np.select(
        [
            (started == NOT_A_TIME) | (restored == NOT_A_TIME) | (length < 0),
            length < method.floor_minutes * 60 * SECONDS,
            of_order <= method.single_order_customers,
            np.isin(started // DAY, microseconds(major_event_days.to_series()) // DAY),
        ],
        [np.int8(mark) for mark in (UNKNOWN, SHORT, SINGLE_ORDER, MAJOR_EVENT_DAY)],
        np.int8(COUNTED),
    )
    group, _ = _groups(outages, by)
    rows = _sorted(np.flatnonzero(marks == COUNTED), group, started // SECONDS)
    again = _again(group[rows], event[rows])
    marks[rows[again]] = SAME_EVENT
    rows = rows[~again]
    within = int(method.merge_hours * 3600)
    marks[rows[~_counted(_key(group[rows], started[rows] // SECONDS, within), within)]] = MERGED
    return pd.Series(pd.Categorical.from_codes(marks, pd.Index(MARKS)), index=outages.index, name="mark")


def _groups(outages: pd.DataFrame, by: Sequence[str]) -> tuple[np.ndarray, pd.Index]:
    """Return a small integer for each row, and the labels of the groups that the integers number."""
    keys = [codes_of(outages[name]) for name in by]
    if len(keys) == 1:
        return keys[0]
    flat = np.ravel_multi_index(tuple(codes for codes, _ in keys), tuple(max(len(labels), 1) for _, labels in keys))
    group, there = pd.factorize(flat, sort=True)
    parts = np.unravel_index(there, tuple(max(len(labels), 1) for _, labels in keys))
    return group, pd.MultiIndex.from_arrays(
        [labels.take(part) for (_, labels), part in zip(keys, parts, strict=True)], names=list(by)
    )


def _key(group: np.ndarray, moment: np.ndarray, apart: int) -> np.ndarray:
    """Return one integer for group and moment, in which groups are further apart than `apart`."""
    if not len(moment):
        return moment
    first = moment.min()
    key: np.ndarray = group * (moment.max() - first + apart + 1) + (moment - first)
    return key


def _sorted(rows: np.ndarray, group: np.ndarray, moment: np.ndarray) -> np.ndarray:
    """Return rows by group and moment; rows of one moment stay in their order."""
    return rows[np.argsort(_key(group[rows], moment[rows], 0), kind="stable")]


def _again(group: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Mark the rows whose event had a row of the same group before."""
    again = np.zeros(len(event), dtype=bool)
    several = np.flatnonzero((np.bincount(event) > 1)[event]) if len(event) else np.empty(0, dtype=int)
    again[several] = pd.DataFrame({"group": group[several], "event": event[several]}).duplicated().to_numpy()
    return again


def _counted(key: np.ndarray, within: int) -> np.ndarray:
    """Mark the moments that are no more than `within` after no counted one, in ascending order.

    What follows its predecessor at a greater distance counts anyhow and starts a chain; along all chains at once, the next
    that counts is the first beyond `within` of the last that does.
    """
    counted = np.diff(key, prepend=key[:1] - within - 1) > within
    last = np.flatnonzero(counted)
    ends = np.append(last[1:], len(key))
    longer = ends - last > 1
    last, ends = last[longer], ends[longer]
    while len(last):
        following = np.searchsorted(key, key[last] + within, side="right")
        inside = following < ends
        last, ends = following[inside], ends[inside]
        counted[last] = True
    return counted


class _Ordered(NamedTuple):
    """Counted interruptions by group and day."""

    group: np.ndarray
    day: np.ndarray
    within: np.ndarray
    scheduled: np.ndarray


def frequency(
    outages: pd.DataFrame,
    marks: pd.Series,
    period: PeriodLike,
    by: Sequence[str] = ("feeder",),
    *,
    method: FrequentParams | None = None,
) -> pd.DataFrame:
    """Count the interruptions of each feeder (or customer), and say whether they are frequent.

    Frequent are more than the limit in the period, or in any window of consecutive days whose last interruption is in the
    period (the window may reach back before it), or of scheduled ones in the period. Who is not yet frequent is warned
    with so many in the period, or within the last days of it.

    Parameters
    ----------
    outages : DataFrame, shape (n, ...)
        As in `interruption_marks`, with the column kind.
    marks : Series, shape (n,)
        What `interruption_marks` says of the rows.
    period : pair of dates, Period, pandas.Period or year
        Half-open; the year that is judged.
    by : sequence of str
        As in `interruption_marks`.
    method : FrequentParams, optional
        The limits; those of `params/method/frequent.yml` where left out.

    Returns
    -------
    DataFrame, indexed by the groups that occur
        year, window and scheduled (interruptions in the period, most within a window, scheduled ones in the period) [-];
        state (0 normal, 1 warned, 2 frequent).

    References
    ----------
    Method 11.

    Examples
    --------
    >>> days = pd.to_datetime(["2020-01-01", "2020-01-20", "2020-02-10", "2020-02-29"])     # the 1st to the 60th day
    >>> outages = pd.DataFrame({"event_id": [*"abcd"], "feeder": "北关线", "kind": "fault", "customers": 40, "started": days,
    ...                         "restored": days + pd.Timedelta(hours=1)})
    >>> frequency(outages, interruption_marks(outages), 2020).loc["北关线"].to_dict()
    {'year': 4, 'window': 4, 'scheduled': 0, 'state': 2}
    """
    method = method or standard().frequent
    group, labels = _groups(outages, by)
    start, end = (moment // DAY for moment in bounds(period))
    ordered = _ordered(outages, marks, group, start, end)
    table = {
        "year": _count(ordered.group[ordered.within], labels),
        "window": _most(ordered, method.window_days, labels),
        "scheduled": _count(ordered.group[ordered.within & ordered.scheduled], labels),
    }
    limits = {"year": method.year_limit, "window": method.window_limit, "scheduled": method.scheduled_limit}
    frequent = np.logical_or.reduce([table[name] > limit for name, limit in limits.items()])
    warned = table["year"] >= method.warning.year_from
    for recent in method.warning.recent:
        warned |= _count(ordered.group[ordered.within & (ordered.day >= end - recent.days)], labels) >= recent.at_least
    state = np.where(frequent, FREQUENT, np.where(warned, WARNED, NORMAL))
    return pd.DataFrame(table | {"state": state}, index=labels)


def _ordered(outages: pd.DataFrame, marks: pd.Series, group: np.ndarray, start: int, end: int) -> _Ordered:
    """Return the counted interruptions before the end of the period, by group and day."""
    day = microseconds(outages["started"]) // DAY
    rows = np.flatnonzero((marks.cat.codes.to_numpy() == COUNTED) & (day < end))
    rows = _sorted(rows, group, day)
    scheduled = (outages["kind"] == "scheduled").to_numpy(dtype=bool)
    return _Ordered(group[rows], day[rows], day[rows] >= start, scheduled[rows])


def _count(group: np.ndarray, labels: pd.Index) -> np.ndarray:
    return np.bincount(group, minlength=len(labels))


def _most(ordered: _Ordered, days: int, labels: pd.Index) -> np.ndarray:
    """Return the most interruptions of each group within so many consecutive days, the last of them within the period."""
    most = np.zeros(len(labels), dtype=np.int64)
    if not len(ordered.day):
        return most
    key = _key(ordered.group, ordered.day, days)
    first = np.searchsorted(key, key - (days - 1))
    # Of interruptions on one day, the last stands for the day: the windows of the others hold less.
    in_window = np.where(ordered.within, np.arange(1, len(key) + 1) - first, 0)
    heads = np.flatnonzero(np.diff(ordered.group, prepend=-1))
    most[ordered.group[heads]] = np.maximum.reduceat(in_window, heads)
    return most
