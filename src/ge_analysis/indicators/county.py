"""All indicators of one county."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial

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
    return assembled((topic() for topic in county_topics(tables, params, county, index_items, previous, own)), params)


def county_topics(
    tables: Mapping[str, pd.DataFrame],
    params: Params,
    county: str,
    index_items: pd.DataFrame,
    previous: pd.DataFrame,
    own: Sequence[Topic] = (),
    call: Caller = called,
) -> list[Callable[[], Tally]]:
    """Return what counts each topic once it is called; parameters as in `county_results`; `call` may know answers from before."""
    tables = {name: call(plain, table) for name, table in tables.items()}
    index_items, previous = call(plain, index_items), call(plain, previous)
    before = call(years.last_year, previous, params)
    supply = cache(partial(call, reliability.compute, without(reliability.UNREAD, tables, call), params, county, before))
    connections = cache(partial(call, connection.compute, tables, params, county))
    return [
        supply,
        partial(call, frequent.compute, without(frequent.UNREAD, tables, call), params, county),
        connections,
        lambda: call(scores.compute, {"index_items": index_items}, params, supply(), connections()),
        *(partial(call, topic, tables, params, county) for topic in (promises.compute, *OF_ANY_PLACE)),
        lambda: call(incentives.compute, supply(), params, before),
        lambda: call(years.compute, supply(), previous),
        *(partial(call, topic, tables, params, county) for topic in own),
    ]


def without(unread: Mapping[str, str], tables: Mapping[str, pd.DataFrame], call: Caller) -> dict[str, pd.DataFrame]:
    """Return the tables without the columns that a topic does not read: what changes no others leaves its values alone."""
    return {**tables, **{name: call(_without, tables[name], column) for name, column in unread.items()}}


def _without(table: pd.DataFrame, column: str) -> pd.DataFrame:
    return table.drop(columns=column)
