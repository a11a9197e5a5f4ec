"""SAIDI and SAIFI over the years, as published before, and this year's."""

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
    own = places.among(supply.county)
    for area in registry().codes["area"]:
        for indicator in YEARLY:
            of_value = own & indicators.among(indicator) & areas.among(area)
            for item in ("", WITHOUT):
                _course(tally, supply, indicator, of_value & excluded.among(item), area=area, item=item)
    return tally


def _course(tally: Tally, supply: Tally, indicator: str, rows: np.ndarray, *, area: str, item: str) -> None:
    """Count the years of one value, and note this year's; nothing where no year is published."""
    previous = tally.tables["previous_indicators"]
    years = sorted(map(int, previous.loc[rows, "value_year"].unique()))
    for year in years:
        of_year = rows & (previous["value_year"] == year).to_numpy(dtype=bool)
        values = as_floats(previous["value"])
        tally.add(YEARLY[indicator], "previous_indicators", of_year, values, area=area, item=item, by="year", group=str(year))
    if years:
        dims = {"area": area, "by": "without", "group": item} if item else {"area": area}
        now, of = supply.value(indicator, **dims), [supply.link(indicator, "now", **dims)]
        group = str(supply.period.start.year)
        tally.note(YEARLY[indicator], now, None, NO_CUSTOMERS, of, area=area, item=item, by="year", group=group)
