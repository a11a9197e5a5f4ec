"""All indicators of one county."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from ge_analysis.indicators.arrays import plain
from ge_analysis.indicators.once import Caller, called
from ge_analysis.indicators.results import Results, Tally, Topic, assembled
from ge_analysis.indicators.topics import (
    connection,
    convenience,
    frequent,
    incentives,
    ledgers,
    price,
    promises,
    reliability,
    scores,
    survey,
    years,
)
from ge_analysis.settings.parameters import Params

# Topics that are counted alike for a county and for the pooled ledgers of the city.
OF_ANY_PLACE: tuple[Topic, ...] = (price.resale, convenience.compute, convenience.notices, survey.compute, ledgers.compute)


def county_results(
    tables: Mapping[str, pd.DataFrame],
    params: Params,
    county: str,
    index_items: pd.DataFrame,
    previous: pd.DataFrame,
    own: Sequence[Topic] = (),
) -> Results:
    """Return every indicator of one county, with the ledger rows behind each.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The county's canonical tables.
    params : Params
        Parameters of the study year.
    county : str
        Slug.
    index_items : DataFrame
        The city's table of the index check.
    previous : DataFrame
        The city's table of published values of earlier years.
    own : sequence of callable
        Topics that the study adds; each is called with the tables, the parameters and the place, and returns its tally.
    """
    return assembled(county_tallies(tables, params, county, index_items, previous, own), params)


def county_tallies(
    tables: Mapping[str, pd.DataFrame],
    params: Params,
    county: str,
    index_items: pd.DataFrame,
    previous: pd.DataFrame,
    own: Sequence[Topic] = (),
    call: Caller = called,
) -> Iterator[Tally]:
    """Yield what each topic counts; parameters as in `county_results`, and `call` may know answers from before."""
    tables = {name: call(plain, table) for name, table in tables.items()}
    index_items, previous = call(plain, index_items), call(plain, previous)
    before = call(years.last_year, previous, params)
    yield (supply := call(reliability.compute, tables, params, county, before))
    yield call(frequent.compute, tables, params, county)
    yield (connections := call(connection.compute, tables, params, county))
    yield call(scores.compute, {"index_items": index_items}, params, supply, connections)
    yield call(promises.compute, tables, params, county)
    yield from (call(topic, tables, params, county) for topic in OF_ANY_PLACE)
    yield call(incentives.compute, supply, params, before)
    yield call(years.compute, supply, previous)
    yield from (call(topic, tables, params, county) for topic in own)
