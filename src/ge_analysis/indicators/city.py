"""All indicators of the city."""

from collections.abc import Mapping, Sequence

import pandas as pd

from ge_analysis.indicators.arrays import plain
from ge_analysis.indicators.county import OF_ANY_PLACE, without
from ge_analysis.indicators.once import Caller, called
from ge_analysis.indicators.results import Results, Tally, Topic, assembled
from ge_analysis.indicators.topics import b_ready, connection, frequent, incentives, price, promises, reliability, scores, years
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.places import CITY


def city_results(
    tables: Mapping[str, pd.DataFrame],
    county_indicators: pd.DataFrame,
    city_tables: Mapping[str, pd.DataFrame],
    params: Params,
    own: Sequence[Topic] = (),
) -> Results:
    """Return every indicator of the city: a county's indicators of the pooled ledgers, and the counties' weighted scores.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical tables of all counties, concatenated.
    county_indicators : DataFrame
        Long table of all counties.
    city_tables : mapping of str to DataFrame
        The city-wide canonical tables.
    params : Params
        Parameters of the study year.
    own : sequence of callable
        Topics that the study adds; each is called with the tables, the parameters and the place, and returns its tally.
    """
    return assembled(city_tallies(tables, county_indicators, city_tables, params, own), params)


def city_tallies(
    tables: Mapping[str, pd.DataFrame],
    county_indicators: pd.DataFrame,
    city_tables: Mapping[str, pd.DataFrame],
    params: Params,
    own: Sequence[Topic] = (),
    call: Caller = called,
) -> list[Tally]:
    """Return what each topic counts; parameters as in `city_results`, and `call` may know answers from before."""
    tables = {name: call(plain, table) for name, table in tables.items()}
    city_tables = {name: call(plain, table) for name, table in city_tables.items()}
    previous = city_tables["previous_indicators"]
    city_tables["previous_indicators"] = call(years.last_year, previous, params)
    if not {unit.slug for unit in params.counties} <= set(county_indicators["county"]):
        previous = previous[previous["place"] != CITY]  # the city of earlier years includes counties that this year's lacks
    before = call(years.last_year, previous, params)
    supply = call(reliability.compute, without(reliability.UNREAD, tables, call), params, CITY, before)
    tallies = [
        supply,
        call(frequent.compute, without(frequent.UNREAD, tables, call), params, CITY),
        call(connection.compute, tables, params, CITY),
        call(promises.compute, tables, params, CITY),
        scores.weighted(city_tables, params, county_indicators),
        call(scores.benchmark, params),
        call(price.bills, city_tables, params),
        call(price.investment, city_tables, params),
        *(call(topic, tables, params, CITY) for topic in OF_ANY_PLACE),
        call(incentives.compute, supply, params, before),
        call(years.compute, supply, previous),
    ]
    answers = b_ready.compute(tables, city_tables, params, tallies)
    return [*tallies, answers, *(call(topic, tables, params, CITY) for topic in own)]
