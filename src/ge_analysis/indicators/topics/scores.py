"""The index 0–8 and the scores: each county by itself, then the city weighted by customers (method 2 and 3)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ge_analysis.indicators import reliability, score
from ge_analysis.indicators.arrays import as_floats
from ge_analysis.indicators.long_table import select
from ge_analysis.indicators.results import Link, Quoted, Tally, link
from ge_analysis.settings.keys import KEYS
from ge_analysis.settings.parameters import Params

NO_CHECK = "no index check recorded for this place"
NO_INDICES = "SAIDI or SAIFI is not known"
INCOMPLETE = "one of the parts is missing"
NO_COUNTY = "no county with a value and customers"
PARTS = {"score_procedures": "procedures", "score_time": "time_days", "score_cost": "cost_pct_income"}
OF_COUNTIES = ("customers_served", "reliability_index", "score_index", *PARTS, "score")  # what makes the city's scores


def compute(tables: Mapping[str, pd.DataFrame], params: Params, supply: Tally, connections: Tally) -> Tally:
    """Note items, index and scores of one county.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The city's canonical table index_items: one row per place.
    params : Params
        Frontiers and limits of the method.
    supply, connections : Tally
        What was counted for the county's reliability and connections.
    """
    tally = items(tables, params, supply.county)
    checked = tables["index_items"].set_index("place").reindex([supply.county])
    saidi, saifi = supply.value("saidi_hours", area="all"), supply.value("saifi", area="all")
    method, minutes = params.method.reliability, checked["minimum_outage_minutes"].iloc[0]
    index = eligible = np.nan
    if known := not np.isnan(saidi + saifi):
        found = [tally.value("index_item", item=item) for item in reliability.ITEMS]
        eligible = reliability.eligible(saidi, saifi, minutes, method=method)
        index = reliability.reliability_index(saidi, saifi, found, minutes, method=method)
    own = (tables["index_items"]["place"] == supply.county).to_numpy(dtype=bool)
    recorded = as_floats(tables["index_items"]["minimum_outage_minutes"])
    of: list[Link | Quoted] = [supply.link(name, area="all") for name in ("saidi_hours", "saifi")]
    of += [Quoted("minimum_outage_minutes", "index_items", own & ~np.isnan(recorded), recorded)]
    tally.note("reliability_eligible", eligible, None, NO_INDICES, of)
    of = [tally.link("reliability_eligible"), supply.link("reliability_band", area="all")]
    of += [tally.link("index_item", item, item=item) for item in reliability.ITEMS]
    tally.note("reliability_index", index, None, NO_CHECK if known else NO_INDICES, of)
    tally.note("score_index", _points(index, "index", params), None, INCOMPLETE, [tally.link("reliability_index")])
    for voltage in params.method.connection.cases:
        parts = {name: connections.value(part, voltage=voltage) for name, part in PARTS.items()}
        for name, part in parts.items():
            of = [connections.link(PARTS[name], voltage=voltage)]
            tally.note(name, _points(part, PARTS[name], params), None, INCOMPLETE, of, voltage=voltage)
        whole = score.getting_electricity_score(
            parts["score_procedures"], parts["score_time"], parts["score_cost"], index, method=params.method.score
        )
        of = [*(tally.link(name, voltage=voltage) for name in PARTS), tally.link("score_index")]
        tally.note("score", whole, None, INCOMPLETE, of, voltage=voltage)
    return tally


def _points(value: float, part: str, params: Params) -> float:
    frontier = getattr(params.method.score, part)
    return float(score.distance_to_frontier(value, frontier.worst, frontier.best))


def items(tables: Mapping[str, pd.DataFrame], params: Params, county: str) -> Tally:
    """Count the five items of one place."""
    tally = Tally(tables, county, params.year.reliability_period)
    checked = tables["index_items"]
    for item in reliability.ITEMS:
        tally.add(
            "index_item",
            "index_items",
            (checked["place"] == county).to_numpy(dtype=bool),
            checked[item].to_numpy(dtype=float),
            1,
            item=item,
        )
        tally.explain("index_item", NO_CHECK, item=item)
    return tally


def weighted(tables: Mapping[str, pd.DataFrame], params: Params, county_indicators: pd.DataFrame) -> Tally:
    """Note the city's index and scores: those of the counties, weighted by customers.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The city's canonical table index_items.
    params : Params
        The voltages.
    county_indicators : DataFrame
        Long table of all counties that have results; only its `OF_COUNTIES` are needed.
    """
    tally = items(tables, params, "city")
    county_indicators = county_indicators[[*KEYS, "value"]]  # rows are picked column by column
    customers = _by_county(county_indicators, "customers_served", area="all")
    of_both = [(name, {"voltage": voltage}) for name in (*PARTS, "score") for voltage in params.method.connection.cases]
    for name, dims in [("reliability_index", {}), ("score_index", {}), *of_both]:
        scores = _by_county(county_indicators, name, **dims)
        n = int((scores.notna() & (customers.reindex(scores.index) > 0)).sum())
        of = [link(name, county, name, **dims) for county in scores.index]
        of += [link("customers_served", county, "customers_served", area="all") for county in customers.index]
        tally.note(name, score.weighted_score(scores, customers), n, NO_COUNTY, of, **dims)
    return tally


def benchmark(params: Params) -> Tally:
    """Note the scores of other economies, from their published values."""
    tally = Tally({}, "city", params.year.survey_period)
    for economy in params.benchmark.economies:
        parts = (economy.procedures, economy.time_days, economy.cost_pct_income, economy.index)
        points = score.getting_electricity_score(*parts, method=params.method.score)
        tally.note("benchmark_score", float(points), by="economy", group=economy.name)
    return tally


def _by_county(indicators: pd.DataFrame, indicator: str, **dims: str) -> pd.Series:
    return select(indicators, indicator, **dims).set_index("county")["value"]
