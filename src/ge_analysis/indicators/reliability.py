"""Supply reliability: interruption indices, major event days, the World Bank band and index (method 1 and 2)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from ge_analysis.indicators.arrays import Numbers, Values, as_floats, elementwise, ratio, without_noise
from ge_analysis.indicators.interruptions import interruptions
from ge_analysis.indicators.periods import PeriodLike, span
from ge_analysis.settings.method import ReliabilityParams
from ge_analysis.settings.parameters import standard

ITEMS = ("monitoring", "restoration", "regulator", "deterrent", "tariff")


class InterruptionIndices(NamedTuple):
    """Interruption indices of one place and period."""

    saidi_hours: float
    saifi: float
    caidi_hours: float
    asai: float


def interruption_indices(
    outages: pd.DataFrame, customers_served: float, period: PeriodLike, floor_minutes: float = 3
) -> InterruptionIndices:
    """Return SAIDI, SAIFI, CAIDI and ASAI of one place.

    SAIDI = Σ r·N / N_T,  SAIFI = Σ N / N_T,  CAIDI = SAIDI / SAIFI,  ASAI = 1 − SAIDI / hours of the period

    Parameters
    ----------
    outages : DataFrame, shape (n, ...)
        Interruption steps: columns started, restored (timestamps) and customers (number). Rows of one event_id are
        restoration steps of one event and partition its customers.
    customers_served : float
        N_T [customers].
    period : pair of dates, Period, pandas.Period or year
        Half-open; outages across its edges are clipped, and count in SAIFI only if they start in it.
    floor_minutes : float
        Only interruptions longer than this count [min]: 3 in Chinese statistics, 5 in IEEE 1366.

    Returns
    -------
    InterruptionIndices
        saidi_hours [h], saifi [-], caidi_hours [h; NaN where SAIFI is 0], asai [0–1, unrounded]. Without outages
        SAIDI and SAIFI are 0; all are NaN if customers_served is missing or not above 0, or a step is unknown.

    References
    ----------
    Method 1; IEEE 1366-2012.

    Examples
    --------
    >>> minutes = [8.1667, 71.3167, 30.2333, 267.1833, 120, 10, 40]
    >>> started = pd.Timestamp("2020-06-01 08:00")
    >>> outages = pd.DataFrame({"started": started, "restored": started + pd.to_timedelta(minutes, unit="min"),
    ...                         "customers": [200, 600, 25, 90, 700, 1500, 100]})
    >>> indices = interruption_indices(outages, 2000, ("2020-01-01", "2021-01-01"))
    >>> round(indices.saifi, 4), round(indices.saidi_hours * 60, 3), round(indices.caidi_hours * 60, 2)
    (1.6075, 86.113, 53.57)
    """
    steps = interruptions(outages, period, floor_minutes)
    return InterruptionIndices(
        *indices_of(steps.hour_customers.sum(), steps.customers.sum(), customers_served, span(period).hours)
    )


def indices_of(
    hour_customers: Values, customers: Values, customers_served: Values, hours: float
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Return SAIDI, SAIFI, CAIDI and ASAI from sums over steps.

    Parameters
    ----------
    hour_customers : float or array-like
        Σ r·N [h·customers].
    customers : float or array-like
        Σ N [interruptions].
    customers_served : float or array-like
        N_T [customers]; the result is NaN where it is not above 0.
    hours : float
        Hours of the period [h].

    Returns
    -------
    tuple of float, array or Series
        SAIDI [h], SAIFI [-], CAIDI [h], ASAI [0–1].

    Examples
    --------
    >>> indices_of(20, 10, 40, 100)
    (0.5, 0.25, 2.0, 0.995)
    """
    saidi, saifi = ratio(hour_customers, customers_served), ratio(customers, customers_served)
    return saidi, saifi, ratio(saidi, saifi), availability(saidi, hours)


def availability(saidi_hours: Numbers, hours: float) -> Numbers:
    """Return ASAI, the share of time during which the average customer had supply.

    ASAI = 1 − SAIDI / hours of the period

    Parameters
    ----------
    saidi_hours : float, array or Series
        SAIDI, unrounded [h].
    hours : float
        Hours of the period [h].

    Returns
    -------
    float, array or Series
        ASAI [0–1]; NaN where SAIDI is missing.

    References
    ----------
    Method 1; IEEE 1366-2012.

    Examples
    --------
    >>> availability(87.84, 8784)
    0.99
    """
    return 1 - saidi_hours / hours


@np.errstate(all="ignore")
def major_event_threshold(daily_saidi: Values, *, method: ReliabilityParams | None = None) -> float:
    """Return T_MED, the daily SAIDI above which a day is a major event day.

    T_MED = exp(α + β·2.5), α and β the mean and the sample standard deviation (n − 1) of ln(daily SAIDI)

    Parameters
    ----------
    daily_saidi : array-like, shape (days,)
        SAIDI of each day of up to five years [any unit of time]; days with 0 are left out.
    method : ReliabilityParams, optional
        The multiple of β; that of `params/<year>/method/reliability.yml` if omitted.

    Returns
    -------
    float
        In the unit of `daily_saidi`; NaN where fewer than two days have an outage.

    References
    ----------
    Method 1; IEEE 1366-2012, 2.5β method.

    Examples
    --------
    >>> round(major_event_threshold([1, 0, 2.718281828, 7.389056099]), 3)       # e^(1 + 2.5·1)
    33.115
    """
    beta_times = (method or standard().reliability).major_event_beta
    days = np.ravel(as_floats(daily_saidi))
    logs = np.log(days[days > 0])
    return float(np.exp(logs.mean() + beta_times * logs.std(ddof=1))) if len(logs) > 1 else np.nan


def reliability_band(saidi_hours: Values, saifi: Values, *, method: ReliabilityParams | None = None) -> Numbers:
    """Return the World Bank band of SAIDI and SAIFI: how many of the limits 12, 4 and 1 both of them meet.

    Parameters
    ----------
    saidi_hours : float or array-like
        SAIDI, unrounded [h].
    saifi : float or array-like
        SAIFI, unrounded [-].
    method : ReliabilityParams, optional
        The limits, inclusive; those of `params/<year>/method/reliability.yml` if omitted.

    Returns
    -------
    float, array or Series
        0 to 3; NaN where either is missing or negative.

    References
    ----------
    Method 2; World Bank, Doing Business 2020.

    Examples
    --------
    >>> reliability_band([12.00, 3.99, 1.00, 0.9], [6.9, 14.87, 1.72, 0.19])
    array([1., 0., 2., 3.])
    """
    return _band(saidi_hours, saifi, limits=(method or standard().reliability).band_limits)


@elementwise
def _band(saidi_hours: Values, saifi: Values, *, limits: Sequence[float]) -> Numbers:
    worse = without_noise(np.maximum(saidi_hours, saifi))
    known = (saidi_hours >= 0) & (saifi >= 0)
    return np.where(known, sum((worse <= limit).astype(float) for limit in limits), np.nan)


def eligible(
    saidi_hours: Values, saifi: Values, min_outage_minutes: Values = None, *, method: ReliabilityParams | None = None
) -> Numbers:
    """Return whether a place can earn index points at all.

    Parameters
    ----------
    saidi_hours : float or array-like
        SAIDI [h]; a missing one disqualifies.
    saifi : float or array-like
        SAIFI [-]; a missing one disqualifies.
    min_outage_minutes : float or array-like, optional
        Shortest outage recorded [min]; a missing one does not disqualify.
    method : ReliabilityParams, optional
        The limits; those of `params/<year>/method/reliability.yml` if omitted.

    Returns
    -------
    bool, array or Series

    References
    ----------
    Method 2.

    Examples
    --------
    >>> eligible([100, 113, 2], [1, 1, None])
    array([ True, False, False])
    >>> eligible(1, 1, 5), eligible(1, 1, 6)
    (True, False)
    """
    return _eligible(saidi_hours, saifi, min_outage_minutes, method=method or standard().reliability)


@elementwise
def _eligible(saidi_hours: Values, saifi: Values, min_outage_minutes: Values, *, method: ReliabilityParams) -> Numbers:
    kept = [(value >= 0) & (without_noise(value) <= method.eligible_limit) for value in (saidi_hours, saifi)]
    return kept[0] & kept[1] & ~(min_outage_minutes > method.eligible_minimum_outage_minutes)


def reliability_index(
    saidi_hours: Values,
    saifi: Values,
    items: Values,
    min_outage_minutes: Values = None,
    *,
    method: ReliabilityParams | None = None,
) -> Numbers:
    """Return the index of reliability of supply and transparency of tariffs.

    index = band + the five items if the place is eligible, else 0

    Parameters
    ----------
    saidi_hours : float or array-like, shape (n,)
        SAIDI, unrounded [h]; a missing one disqualifies.
    saifi : float or array-like, shape (n,)
        SAIFI, unrounded [-]; a missing one disqualifies.
    items : mapping, DataFrame or array-like
        The five items, each 0 to 1 (a country's mean over cities may lie between): a mapping of name to values; a
        DataFrame or array of shape (n, 5); five numbers, for one place or the same for all; or their sum per place.
    min_outage_minutes : float or array-like, optional
        Shortest outage recorded [min]; a missing one does not disqualify.
    method : ReliabilityParams, optional
        The limits; those of `params/<year>/method/reliability.yml` if omitted.

    Returns
    -------
    float, array or Series
        0 to 8; NaN where an eligible place lacks an item.

    References
    ----------
    Method 2; World Bank, Doing Business 2020.

    Examples
    --------
    >>> reliability_index(0.90, 0.19, [1, 1, 1, 0, 1])                     # China
    7.0
    >>> reliability_index([12, 113], [6.9, 106], [[1, 1, 1, 0, 1], [1, 0, 1, 1, 1]])    # Kenya, Guyana
    array([5., 0.])
    """
    method = method or standard().reliability
    return _index(saidi_hours, saifi, _item_sum(items, np.size(saidi_hours)), min_outage_minutes, method=method)


def _item_sum(items: Values, places: int) -> Numbers:
    """Return the sum of the five items per place, from any of the forms that `reliability_index` takes."""
    if isinstance(items, Mapping):
        return sum(pd.to_numeric(column) if isinstance(column, pd.Series) else as_floats(column) for column in items.values())
    if isinstance(items, pd.DataFrame):
        return items.apply(pd.to_numeric).sum(axis=1, skipna=False)
    values = as_floats(items)
    if values.ndim == 2:
        return values.sum(axis=1)
    if values.ndim == 1 and values.size == len(ITEMS) != places:
        return values.sum()
    return items


@elementwise
def _index(
    saidi_hours: Values, saifi: Values, item_sum: Values, min_outage_minutes: Values, *, method: ReliabilityParams
) -> Numbers:
    band = _band(saidi_hours, saifi, limits=method.band_limits)
    return np.where(_eligible(saidi_hours, saifi, min_outage_minutes, method=method), band + item_sum, 0)
