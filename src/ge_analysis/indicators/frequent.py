"""Frequent interruptions (频繁停电): which interruptions count, and who has too many of them (method 11)."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from ge_analysis.indicators.arrays import NOT_A_TIME, as_floats, groups_of, microseconds
from ge_analysis.indicators.periods import PeriodLike, bounds
from ge_analysis.settings.method import FrequentParams
from ge_analysis.settings.parameters import standard

MARKS = ("counted", "unknown", "short", "single_order", "major_event_day", "same_event", "merged")
COUNTED, UNKNOWN, SHORT, SINGLE_ORDER, MAJOR_EVENT_DAY, SAME_EVENT, MERGED = range(len(MARKS))
NORMAL, WARNED, FREQUENT = range(3)
SECONDS = 1_000_000  # in µs
DAY = 86_400 * SECONDS
NO_DAY = pd.DatetimeIndex([])
_BLOCK = 1 << 18  # rows


def interruption_marks(
    outages: pd.DataFrame,
    by: Sequence[str] = ("feeder",),
    major_event_days: pd.DatetimeIndex | np.ndarray = NO_DAY,
    *,
    method: FrequentParams | None = None,
) -> pd.Series:
    """Mark each row of outages as an interruption of its feeder (or customer), or with the reason why it is not one.

    A row does not count if a time is missing, if it is shorter than the floor, if its order concerns a single customer, if it
    starts on a major event day, if another row of the same event counts for the same feeder, or if it starts within the
    merging hours after the start of the last one that counts (both ends included). The first reason that applies is given.

    Parameters
    ----------
    outages : DataFrame, shape (n, ...)
        Columns event_id, started and restored (timestamps), customers (number) and those of `by`.
    by : sequence of str
        Columns that together identify whose interruptions are counted.
    major_event_days : DatetimeIndex, or ndarray of bool, shape (n,)
        Midnights of the days to leave out, or the rows that start on one.
    method : FrequentParams, optional
        The limits; those of `params/<year>/method/frequent.yml` if omitted.

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
    major = major_event_days
    if isinstance(major, pd.DatetimeIndex):
        major = np.isin(started // DAY, microseconds(major.to_series()) // DAY)
    with np.errstate(over="ignore"):
        length = restored - started
    marks: np.ndarray = np.select(
        [
            (started == NOT_A_TIME) | (restored == NOT_A_TIME) | (length < 0),
            length < method.floor_minutes * 60 * SECONDS,
            _of_small_orders(outages, method.single_order_customers),
            major,
        ],
        [np.int8(mark) for mark in (UNKNOWN, SHORT, SINGLE_ORDER, MAJOR_EVENT_DAY)],
        np.int8(COUNTED),
    )
    group, _ = groups_of(outages, by)
    events, within = outages["event_id"].array, int(method.merge_hours * 3600)

    def mark(rows: np.ndarray) -> None:
        rows = _sorted(rows, group, started // SECONDS)
        again = _again(group[rows], pd.factorize(events.take(rows))[0])
        marks[rows[again]] = SAME_EVENT
        rows = rows[~again]
        marks[rows[~_counted(_key(group[rows], started[rows] // SECONDS, within), within)]] = MERGED

    _by_blocks(mark, np.flatnonzero(marks == COUNTED), group)
    return pd.Series(pd.Categorical.from_codes(marks, pd.Index(MARKS)), index=outages.index, name="mark")


def _of_small_orders(outages: pd.DataFrame, most: int) -> np.ndarray:
    """Mark the rows of events with at most `most` customers in total; only events with such a small row are summed."""
    customers = as_floats(outages["customers"])
    small = outages["event_id"].isin(outages["event_id"][customers <= most].unique()).to_numpy()
    marked = np.zeros(len(outages), dtype=bool)
    events = outages["event_id"][small]
    marked[small] = pd.Series(customers[small], index=events.index).groupby(events).transform("sum") <= most
    return marked


def _by_blocks(work: Callable[[np.ndarray], None], rows: np.ndarray, group: np.ndarray) -> None:
    """Work on blocks of whole groups on all processors, so that tables and sorts stay in their caches."""
    blocks = len(rows) // _BLOCK + 1
    if blocks == 1:  # a thread takes longer to start than a county's rows
        work(rows)
        return
    block = group[rows] % blocks
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda number: work(rows[block == number]), range(blocks)))


def _key(group: np.ndarray, moment: np.ndarray, apart: int) -> np.ndarray:
    """Return one integer for group and time, in which groups are more than `apart` apart."""
    if not len(moment):
        return moment
    first = moment.min()
    key: np.ndarray = group * (moment.max() - first + apart + 1) + (moment - first)
    return key


def _sorted(rows: np.ndarray, group: np.ndarray, moment: np.ndarray) -> np.ndarray:
    """Return the rows sorted by group and time, stably."""
    return rows[np.argsort(_key(group[rows], moment[rows], 0), kind="stable")]


def _again(group: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Mark the rows whose event has an earlier row of the same group."""
    again = np.zeros(len(event), dtype=bool)
    several = np.flatnonzero((np.bincount(event) > 1)[event]) if len(event) else np.empty(0, dtype=int)
    again[several] = pd.DataFrame({"group": group[several], "event": event[several]}).duplicated().to_numpy()
    return again


def _counted(key: np.ndarray, within: int) -> np.ndarray:
    """Mark, in ascending order, the times that lie more than `within` after the last marked one.

    A time that is further from its predecessor counts in any case and starts a chain; all chains are walked at once, each to
    the first time beyond `within` of its last marked one.
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


def frequency(
    outages: pd.DataFrame,
    marks: pd.Series,
    period: PeriodLike,
    by: Sequence[str] = ("feeder",),
    *,
    method: FrequentParams | None = None,
) -> pd.DataFrame:
    """Count the interruptions of each feeder (or customer), and say whether they are frequent.

    Interruptions are frequent if they exceed the limit in the period, or in any window of consecutive days whose last
    interruption is in the period (the window may begin before it), or if the scheduled ones in the period exceed theirs. A
    feeder below these limits is warned from a given number in the period or in its last days.

    Parameters
    ----------
    outages : DataFrame, shape (n, ...)
        As in `interruption_marks`, with the column kind.
    marks : Series, shape (n,)
        As returned by `interruption_marks`.
    period : pair of dates, Period, pandas.Period or year
        Half-open; the year to judge.
    by : sequence of str
        As in `interruption_marks`.
    method : FrequentParams, optional
        The limits; those of `params/<year>/method/frequent.yml` if omitted.

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
    group, labels = groups_of(outages, by)
    start, end = (moment // DAY for moment in bounds(period))
    day = microseconds(outages["started"]) // DAY
    before_end = (marks.cat.codes == COUNTED).to_numpy() & (day < end)
    within = before_end & (day >= start)
    scheduled = (outages["kind"] == "scheduled").to_numpy(dtype=bool)
    table = {
        "year": np.bincount(group[within], minlength=len(labels)),
        "window": _most(np.flatnonzero(before_end), group, day, start, method.window_days, len(labels)),
        "scheduled": np.bincount(group[within & scheduled], minlength=len(labels)),
    }
    limits = {"year": method.year_limit, "window": method.window_limit, "scheduled": method.scheduled_limit}
    frequent = np.logical_or.reduce([table[name] > limit for name, limit in limits.items()])
    warned = table["year"] >= method.warning.year_from
    for recent in method.warning.recent:
        last = np.bincount(group[within & (day >= end - recent.days)], minlength=len(labels))
        warned |= last >= recent.at_least
    state = np.where(frequent, FREQUENT, np.where(warned, WARNED, NORMAL))
    return pd.DataFrame(table | {"state": state}, index=labels)


def _most(rows: np.ndarray, group: np.ndarray, day: np.ndarray, start: int, days: int, groups: int) -> np.ndarray:
    """Return the most interruptions of each group within consecutive days, the last of them on or after `start`."""
    most = np.zeros(groups, dtype=np.int64)

    def count(rows: np.ndarray) -> None:
        if not len(rows):
            return
        rows = _sorted(rows, group, day)
        own = group[rows]
        key = _key(own, day[rows], days)
        first = np.searchsorted(key, key - (days - 1))
        # The last interruption of a day represents the day: the windows of the others hold fewer.
        in_window = np.where(day[rows] >= start, np.arange(1, len(key) + 1) - first, 0)
        heads = np.flatnonzero(np.diff(own, prepend=-1))
        most[own[heads]] = np.maximum.reduceat(in_window, heads)

    _by_blocks(count, rows, group)
    return most
