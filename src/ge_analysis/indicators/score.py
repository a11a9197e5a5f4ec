"""Scores: distance to frontier, the getting-electricity score, weighting and ranks (method 3)."""

import numpy as np
import pandas as pd

from ge_analysis.indicators.arrays import Numbers, Values, as_floats, elementwise, without_noise
from ge_analysis.settings.method import ScoreParams
from ge_analysis.settings.parameters import standard


@elementwise
def distance_to_frontier(value: Values, worst: Values, best: Values) -> Numbers:
    """Return the distance to frontier of a value: 0 at the worst, 100 at the best.

    s = clip(100·(worst − y) / (worst − best), 0, 100)

    Parameters
    ----------
    value : float or array-like
        Value of the indicator [its unit].
    worst, best : float or array-like
        The frontier [same unit]; either may be the larger one.

    Returns
    -------
    float, array or Series
        Score [0–100]; NaN if the value is missing or worst = best.

    References
    ----------
    Method 3; World Bank, Doing Business 2020, "Ease of doing business score".

    Examples
    --------
    >>> distance_to_frontier(41, worst=248, best=18)
    90.0
    >>> distance_to_frontier([5, 300, 248], 248, 18)
    array([100.,   0.,   0.])
    """
    return np.clip(100 * (worst - value) / np.where(worst == best, np.nan, worst - best), 0, 100) + 0.0  # no negative zero


def getting_electricity_score(
    procedures: Values, time_days: Values, cost_pct_income: Values, index: Values, *, method: ScoreParams | None = None
) -> Numbers:
    """Return the score of getting electricity: the plain mean of four distances to frontier, unrounded.

    Parameters
    ----------
    procedures : float or array-like
        Number of procedures [-].
    time_days : float or array-like
        Time [calendar days].
    cost_pct_income : float or array-like
        Cost [% of income per capita].
    index : float or array-like
        Reliability of supply and transparency of tariffs index [0–8].
    method : ScoreParams, optional
        Frontiers; those of `params/<year>/method/score.yml` if omitted.

    Returns
    -------
    float, array or Series
        Score [0–100]; NaN where any of the four is missing.

    References
    ----------
    Method 3; World Bank, Doing Business 2020, original release.

    Examples
    --------
    >>> round(getting_electricity_score(3, 13, 34.3, 8), 2)      # Korea
    99.89
    """
    return _mean_score(procedures, time_days, cost_pct_income, index, method=method or standard().score)


@elementwise
def _mean_score(procedures: Values, time_days: Values, cost_pct_income: Values, index: Values, *, method: ScoreParams) -> Numbers:
    frontiers = (method.procedures, method.time_days, method.cost_pct_income, method.index)
    values = (procedures, time_days, cost_pct_income, index)
    scores = [
        distance_to_frontier(value, frontier.worst, frontier.best) for value, frontier in zip(values, frontiers, strict=True)
    ]
    return sum(scores) / len(scores)


@np.errstate(all="ignore")
def weighted_score(scores: Values, weights: Values) -> float:
    """Return the mean of scores weighted by customers, over the places that have both.

    Places must be scored and clamped first; weighting raw values and scoring their mean is wrong.

    Parameters
    ----------
    scores : array-like, shape (n,)
        Scores of the places [0–100]; a missing one leaves its place out.
    weights : array-like, shape (n,)
        Customers (or inhabitants) of the places [-]; a missing or negative one leaves its place out.

    Returns
    -------
    float
        NaN if nothing is left to weight. Two Series are aligned by their labels.

    References
    ----------
    Method 3.

    Examples
    --------
    >>> weighted_score([90, 60], [2, 1])
    80.0
    """
    if isinstance(scores, pd.Series) and isinstance(weights, pd.Series):
        weights = weights.reindex(scores.index)
    scores, weights = np.broadcast_arrays(np.atleast_1d(as_floats(scores)), np.atleast_1d(as_floats(weights)))
    known = ~np.isnan(scores) & (weights > 0)
    return float(np.average(scores[known], weights=weights[known])) if known.any() else np.nan


def rank(scores: Values) -> Numbers:
    """Rank scores, the highest first; ties share the smaller rank.

    Only the international table is ranked; counties never are.

    Parameters
    ----------
    scores : array-like, shape (n,)
        Unrounded scores [0–100].

    Returns
    -------
    Series or ndarray of float, shape (n,)
        Rank from 1; NaN where the score is missing.

    References
    ----------
    Method 3.

    Examples
    --------
    >>> rank([98.8, 100, 98.8, None])
    array([ 2.,  1.,  2., nan])
    """
    ranks = pd.Series(without_noise(np.atleast_1d(as_floats(scores)))).rank(method="min", ascending=False)
    return ranks.set_axis(scores.index) if isinstance(scores, pd.Series) else ranks.to_numpy()
