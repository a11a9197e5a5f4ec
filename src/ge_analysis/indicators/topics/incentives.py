"""Trial runs of other cities' reward and penalty rules (method 8)."""

import numpy as np
import pandas as pd

from ge_analysis.indicators.arrays import Column, as_floats
from ge_analysis.indicators.incentives import beijing, guangzhou
from ge_analysis.indicators.periods import span
from ge_analysis.indicators.reliability import availability
from ge_analysis.indicators.results import Link, Quoted, Tally
from ge_analysis.settings.parameters import Params, Period


def compute(supply: Tally, params: Params, previous: pd.DataFrame) -> Tally:
    """Note what each group of areas would have earned or paid, and the change of ASAI that one of the rules depends on.

    Parameters
    ----------
    supply : Tally
        What was counted for the place's reliability.
    params : Params
        The groups of areas and the rules.
    previous : DataFrame
        Last year's published values: columns place, indicator, area, value.
    """
    tally = Tally({"previous_indicators": previous}, supply.county, supply.period)
    method = params.method.incentives
    places, areas, indicators = (Column(previous[name]) for name in ("place", "area", "indicator"))
    own, values = places.among(supply.county), as_floats(previous["value"])
    for area in params.method.reliability.areas:
        published = {name: own & areas.among(area) & indicators.among(name) for name in ("asai_pct", "saidi_hours")}
        before = _asai_before(values[published["asai_pct"]], values[published["saidi_hours"]], supply.period)
        of: list[Link | Quoted] = [
            supply.link("asai_pct", area=area),
            *(Quoted(f"{name}_before", "previous_indicators", rows, values) for name, rows in published.items()),
        ]
        reward = beijing(supply.value("asai_pct", area=area), before, method=method.beijing)
        reason = "ASAI of this year or of the year before is not known"
        tally.note("asai_change_points", supply.value("asai_pct", area=area) - before, None, reason, of, area=area)
        tally.note("incentive_wan_yuan", reward, None, reason, of, item="beijing", area=area)
        reward = guangzhou(supply.value("saidi_hours", area=area), method=method.guangzhou)
        of = [supply.link("saidi_hours", area=area)]
        tally.note("incentive_wan_yuan", reward, None, "SAIDI is not known", of, item="guangzhou", area=area)
    return tally


def _asai_before(asai_pct: np.ndarray, saidi_hours: np.ndarray, period: Period) -> float:
    """Return last year's ASAI [%]: computed from the published SAIDI, which is more precise, or else as published."""
    start = span(period).start
    hours = (start - (start - pd.DateOffset(years=1))) / pd.Timedelta(hours=1)
    from_saidi = 100 * availability(_last(saidi_hours), hours)
    return _last(asai_pct) if np.isnan(from_saidi) else from_saidi


def _last(values: np.ndarray) -> float:
    return float(values[-1]) if len(values) else np.nan
