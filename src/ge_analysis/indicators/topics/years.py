"""SAIDI and SAIFI over the years, as published before, and this year's."""

from itertools import product

import numpy as np
import pandas as pd

from ge_analysis.indicators.arrays import Column, as_floats
from ge_analysis.indicators.results import Tally
from ge_analysis.indicators.topics.reliability import NO_CUSTOMERS
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.registry import registry

YEARLY = {"saidi_hours": "yearly_saidi_hours", "saifi": "yearly_saifi"}
WITHOUT = "major_event_days"


def last_year(previous: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Return the published values of the year before the reliability period, of all outages."""
    of_year = previous["value_year"] == params.year.reliability_period.start.year - 1
    return previous[of_year & previous["excluded"].isna()]


def compute(supply: Tally, previous: pd.DataFrame) -> Tally:
    """Count the published values of each year, and note this year's beside them, with and without major event days.

    Parameters
    ----------
    supply : Tally
        What was counted of the place's reliability.
    previous : DataFrame
        Published values of earlier years: columns place, indicator, area, value, value_year, excluded.
    """
    tally = Tally({"previous_indicators": previous}, supply.county, supply.period)
    places, indicators, areas, excluded = (Column(previous[name]) for name in ("place", "indicator", "area", "excluded"))
    of_year, values = as_floats(previous["value_year"]), as_floats(previous["value"])
    own, this_year = places.among(supply.county), f"{supply.period.start.year}"
    for area, indicator, item in product(registry().codes["area"], YEARLY, ("", WITHOUT)):
        rows = own & areas.among(area) & indicators.among(indicator) & excluded.among(item)
        dims = {"area": area, "item": item, "by": "year"}
        for year in np.unique(of_year[rows]):
            one = rows & (of_year == year)
            tally.add(YEARLY[indicator], "previous_indicators", one, values, group=f"{year:.0f}", **dims)
        if rows.any():  # where no year is published, nothing stands beside this one
            same = {"area": area, "by": "without", "group": item} if item else {"area": area}
            now, of = supply.value(indicator, **same), [supply.link(indicator, "now", **same)]
            tally.note(YEARLY[indicator], now, None, NO_CUSTOMERS, of, group=this_year, **dims)
    return tally
