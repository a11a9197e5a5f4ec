"""Hour·customers and interrupted customers of interruption steps, one by one and summed over groups (method 1)."""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import NamedTuple

import numpy as np
import pandas as pd

from ge_analysis.indicators.arrays import NOT_A_TIME, as_floats, codes_of, microseconds
from ge_analysis.indicators.periods import PeriodLike, bounds


class Interruptions(NamedTuple):
    """What each interruption step adds to the indices, in the order of the ledger's rows."""

    hour_customers: np.ndarray
    customers: np.ndarray


def interruptions(outages: pd.DataFrame, period: PeriodLike, floor_minutes: float = 3) -> Interruptions:
    """Return what each step adds: its hour·customers within the period, and its customers if it starts in the period.

    A step counts if its whole length exceeds the floor; its duration is then clipped to the period. Steps of one
    event partition the customers of the event, so that each step's customers count once.

    Parameters
    ----------
    outages : DataFrame, shape (n, ...)
        Columns started, restored (timestamps) and customers (number).
    period : pair of dates, Period, pandas.Period or year
        Half-open.
    floor_minutes : float
        Only steps longer than this count [min].

    Returns
    -------
    Interruptions of ndarray, shape (n,)
        hour_customers [h·customers] and customers [-]; NaN where a time is missing, restoration precedes
        the interruption, or the customers are missing, negative or infinite: an unknown step makes an unknown sum, never a
        smaller one.

    References
    ----------
    Method 1.

    Examples
    --------
    >>> outages = pd.DataFrame({"started": ["2019-12-31 22:00"], "restored": ["2020-01-01 02:00"], "customers": [10]})
    >>> interruptions(outages, 2020)
    Interruptions(hour_customers=array([20.]), customers=array([0.]))
    """
    if outages.empty:
        return Interruptions(np.empty(0), np.empty(0))
    return _interruptions(*_arrays(outages), *bounds(period), floor_minutes)


def _arrays(outages: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return when each step started and was restored [µs since 1970], and its customers."""
    return microseconds(outages["started"]), microseconds(outages["restored"]), as_floats(outages["customers"])


@np.errstate(all="ignore")
def _interruptions(
    started: np.ndarray, restored: np.ndarray, customers: np.ndarray, first: int, last: int, floor_minutes: float
) -> Interruptions:
    length = restored - started
    unknown = (started == NOT_A_TIME) | (restored == NOT_A_TIME) | (length < 0) | ~((customers >= 0) & (customers < np.inf))
    counts = length > floor_minutes * 60_000_000
    within = np.maximum(np.minimum(restored, last) - np.maximum(started, first), 0)
    hour_customers = within * customers * counts / 3_600_000_000
    begun = customers * (counts & (started >= first) & (started < last))
    if unknown.any():
        hour_customers[unknown] = begun[unknown] = np.nan
    return Interruptions(hour_customers, begun)


def interruption_sums(outages: pd.DataFrame, period: PeriodLike, by: Sequence[str], floor_minutes: float = 3) -> pd.DataFrame:
    """Sum hour·customers and interrupted customers over groups of steps, in one pass.

    Parameters
    ----------
    outages : DataFrame, shape (n, ...)
        As in `interruption_indices`, with the columns to group by; categorical ones are fastest.
    period : pair of dates, Period, pandas.Period or year
        Half-open.
    by : sequence of str
        Columns to group by.
    floor_minutes : float
        Only interruptions longer than this count [min].

    Returns
    -------
    DataFrame, indexed by the groups that occur
        hour_customers [h·customers], customers [-], steps [-] (number with a part in the period).

    Examples
    --------
    >>> outages = pd.DataFrame({"kind": ["fault", "fault"], "started": ["2020-05-01 08:00", "2020-05-02 08:00"],
    ...                         "restored": ["2020-05-01 10:00", "2020-05-02 08:02"], "customers": [5, 7]})
    >>> interruption_sums(outages, 2020, ["kind"]).loc["fault"].to_dict()
    {'hour_customers': 10.0, 'customers': 5.0, 'steps': 1.0}
    """
    keys = [codes_of(outages[name]) for name in by]
    groups = math.prod(len(labels) for _, labels in keys)
    started, restored, customers_of = _arrays(outages)
    first, last = bounds(period)

    def of_block(start: int) -> np.ndarray:
        block = slice(start, start + _BLOCK)
        group = np.zeros(len(started[block]), dtype=np.int64)
        for codes, labels in keys:
            group = group * len(labels) + codes[block]
        steps = _interruptions(started[block], restored[block], customers_of[block], first, last, floor_minutes)
        sums = [np.bincount(group, part, groups) for part in steps]
        # Both counts at once: of the steps without a part in the period, and of those with one.
        return np.array([*sums, *np.bincount(2 * group + (steps.hour_customers > 0), minlength=2 * groups).reshape(-1, 2).T])

    starts = range(0, len(outages), _BLOCK)
    # A thread takes longer to start than a county's rows.
    with ThreadPoolExecutor() if len(starts) > 1 else nullcontext() as pool:
        hour_customers, customers, without, having = sum((pool.map if pool else map)(of_block, starts), np.zeros((4, groups)))
    labels = [labels for _, labels in keys]
    index = pd.MultiIndex.from_product(labels, names=list(by)) if len(by) > 1 else pd.Index(labels[0], name=by[0])
    table = pd.DataFrame({"hour_customers": hour_customers, "customers": customers, "steps": having}, index=index)
    return table[without + having > 0]


_BLOCK = 1 << 17  # rows that fit into a processor's cache
