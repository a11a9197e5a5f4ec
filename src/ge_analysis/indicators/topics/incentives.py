"""Trial runs of other cities' reward and penalty rules (method 8)."""

import numpy as np
import pandas as pd

from ge_analysis.indicators.incentives import beijing, guangzhou
from ge_analysis.indicators.periods import span
from ge_analysis.indicators.reliability import availability
from ge_analysis.indicators.results import Tally
from ge_analysis.settings.parameters import Params


def compute(supply: Tally, params: Params, previous: pd.DataFrame) -> Tally:
    """Note what each group of areas would have earned or paid, and the change of ASAI that decides one of the rules.

    Parameters
    ----------
    supply : Tally
        What was counted of the place's reliability.
    params : Params
        The groups of areas and the rules.
    previous : DataFrame
        Last year's published values: columns place, indicator, area, value.
    """
    tally = Tally({}, supply.county, supply.period)
    method = params.method.incentives
    for area in params.method.reliability.areas:
        before = _asai_before(previous, supply, area)
        reward = beijing(supply.value("asai_pct", area=area), before, method=method.beijing)
        reason = "ASAI of this year or of the year before is not known"
        tally.note("asai_change_points", supply.value("asai_pct", area=area) - before, reason=reason, area=area)
        tally.note("incentive_wan_yuan", reward, reason=reason, item="beijing", area=area)
        reward = guangzhou(supply.value("saidi_hours", area=area), method=method.guangzhou)
        tally.note("incentive_wan_yuan", reward, reason="SAIDI is not known", item="guangzhou", area=area)
    return tally


def _asai_before(previous: pd.DataFrame, supply: Tally, area: str) -> float:
    """Return last year's ASAI [%]: as published, or worked out from the published SAIDI, which is the finer figure."""
    rows = previous[(previous["place"] == supply.county) & (previous["area"] == area)]
    known = dict(zip(rows["indicator"], rows["value"], strict=True))
    start = span(supply.period).start
    hours = (start - (start - pd.DateOffset(years=1))) / pd.Timedelta(hours=1)
    from_saidi = 100 * availability(known.get("saidi_hours", np.nan), hours)
    return float(known.get("asai_pct", np.nan) if np.isnan(from_saidi) else from_saidi)
