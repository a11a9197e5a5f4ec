"""Yearly targets, and how far each county has come."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ge_analysis.indicators.arrays import without_noise
from ge_analysis.indicators.long_table import select
from ge_analysis.settings.keys import DIMENSIONS, KEYS
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.places import County
from ge_analysis.settings.rules import Target, Value

COLUMNS = ["county", "indicator", *DIMENSIONS, "year", "target", "value", "progress_pct", "met"]


def target_of(params: Params, wanted: Value, county: County, year: int) -> float:
    """Return the target of a county's value for the end of a year, which may date from a year before; NaN if there is none."""
    target = params.target(wanted, county)
    due = [end for end in target.years if end <= year] if target else []
    return target.years[max(due)] if target and due else np.nan


def progress(indicators: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Compare each county's values with its targets.

    Parameters
    ----------
    indicators : DataFrame
        Long table.
    params : Params
        Counties and targets.

    Returns
    -------
    DataFrame, one row per target, county and year
        county, indicator and its dimensions, year, target and value [the indicator's unit], progress_pct [% of the target
        reached, at most 100], met (1, 0; NaN where the value is missing).
    """
    with_target = indicators["indicator"].isin([target.indicator for target in params.targets])
    values = indicators.loc[with_target, [*KEYS, "value"]]
    rows = [row for target in params.targets for row in _held(target, values, params)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _held(target: Target, indicators: pd.DataFrame, params: Params) -> Iterator[tuple[object, ...]]:
    """Yield the rows of one target."""
    values = select(indicators, target.indicator, **target.dims).set_index("county")["value"]
    for county in params.counties:
        if county.slug not in values.index or params.target(target, county) is not target:
            continue
        value = values[county.slug]
        for year, aim in target.years.items():
            met = without_noise(value) >= aim if target.better == "higher" else without_noise(value) <= aim
            share = 100.0 if met else 100 * (value / aim if target.better == "higher" else aim / value)
            dims = [target.dims.get(name, "") for name in DIMENSIONS]
            known = not np.isnan(value)
            yield (
                county.slug,
                target.indicator,
                *dims,
                year,
                aim,
                value,
                share if known else np.nan,
                float(met) if known else np.nan,
            )
