"""Reward and penalty rules of other cities, for trial runs (method 8)."""

from collections.abc import Sequence

import numpy as np

from ge_analysis.indicators.arrays import Numbers, Values, elementwise, without_noise
from ge_analysis.settings.method import BeijingRule, Step
from ge_analysis.settings.parameters import standard


def beijing(asai_pct: Values, previous_asai_pct: Values, *, method: BeijingRule | None = None) -> Numbers:
    """Return the reward or penalty of Beijing's rule for the change of ASAI from the year before.

    Parameters
    ----------
    asai_pct, previous_asai_pct : float or array-like
        ASAI of the year and of the year before, unrounded [%].
    method : BeijingRule, optional
        Steps and amounts; those of `params/<year>/method/incentives.yml` if omitted.

    Returns
    -------
    float, array or Series
        [万元]: +100 for a rise above 0.002 percentage points, 0 within ±0.002, −5, −20 and −50 for falls of up to 0.004,
        of up to 0.006 and above; −50 below an ASAI of 99 whatever the change; NaN where a needed value is missing.

    References
    ----------
    Method 8; 《北京电网供电可靠性管制工作细则（试行）》.

    Examples
    --------
    >>> beijing([99.95, 99.95, 99.95, 99.95, 98.9], [99.94, 99.952, 99.953, 99.96, 98])
    array([100.,   0.,  -5., -50., -50.])
    """
    return _beijing(asai_pct, previous_asai_pct, rule=method or standard().incentives.beijing)


@elementwise
def _beijing(asai_pct: Values, previous_asai_pct: Values, *, rule: BeijingRule) -> Numbers:
    fall = without_noise(previous_asai_pct - asai_pct)
    moved = np.where(-fall > rule.rise_above, rule.reward_wan_yuan, _stepped(fall, rule.falls))
    amount = np.where(without_noise(asai_pct) < rule.asai_floor_pct, rule.below_floor_wan_yuan, moved)
    possible = (asai_pct >= 0) & (asai_pct <= 100)
    return np.where(possible, amount, np.nan)


def guangzhou(saidi_hours: Values, *, method: Sequence[Step] | None = None) -> Numbers:
    """Return the reward or penalty of Guangzhou's rule for SAIDI.

    Parameters
    ----------
    saidi_hours : float or array-like
        SAIDI, unrounded [h].
    method : sequence of Step, optional
        Steps and amounts; those of `params/<year>/method/incentives.yml` if omitted.

    Returns
    -------
    float, array or Series
        [万元]: +100, +50, +10 up to 0.5, up to 0.8 and below 1 h; 0 at exactly 1 h, which the source leaves open; −10, −50,
        −100 up to 1.2, up to 1.5 and above; NaN where SAIDI is missing or negative.

    References
    ----------
    Method 8; 《广州市供电可靠性管制计划实施办法》.

    Examples
    --------
    >>> guangzhou([0.5, 0.8, 0.99, 1, 1.2, 1.5, 1.51])
    array([ 100.,   50.,   10.,    0.,  -10.,  -50., -100.])
    """
    return _guangzhou(saidi_hours, steps=method or standard().incentives.guangzhou)


@elementwise
def _guangzhou(saidi_hours: Values, *, steps: Sequence[Step]) -> Numbers:
    return np.where(saidi_hours >= 0, _stepped(without_noise(saidi_hours), steps), np.nan)


def _stepped(value: np.ndarray, steps: Sequence[Step]) -> np.ndarray:
    """Return the amount of the first step that holds a value; NaN for a missing value."""
    return np.select(
        [(value <= step.to) & (value < step.below) for step in steps], [step.wan_yuan for step in steps], default=np.nan
    )
