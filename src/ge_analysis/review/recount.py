"""The values of ledgers in memory, counted again only as far as the ledgers differ, and compared."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from ge_analysis.indicators.city import city_tallies
from ge_analysis.indicators.county import county_topics
from ge_analysis.indicators.once import Once
from ge_analysis.indicators.results import Line, Tally, Topic, without_rows
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.places import CITY

NOISE = 1e-9  # effect of summing in another order
Tables = Mapping[str, Mapping[str, pd.DataFrame]]  # place → sheet → canonical table


class Recount:
    """Counts as always, but calls no topic twice with the same tables; the rows behind the values are not kept.

    Parameters
    ----------
    params : Params
    own : sequence of callable
        Topics that the study adds.
    """

    def __init__(self, params: Params, own: Sequence[Topic] = ()):
        self.params, self.own = params, own
        self._once: dict[str, Once] = defaultdict(Once)

    def county(self, slug: str, tables: Tables, first: int = 0) -> Iterator[Tally]:
        """Count one county's values, topic by topic, from one of the topics on and as far as they are asked for."""
        of_city = tables[CITY]["index_items"], tables[CITY]["previous_indicators"]
        topics = county_topics(tables[slug], self.params, slug, *of_city, self.own, self._once[slug])
        return without_rows(topic() for topic in topics[first:])

    def lines(self, slug: str, tables: Tables) -> list[Line]:
        """Count the values of one county."""
        return [*self._lines(slug, self.county(slug, tables))]

    def counties(self, tables: Tables) -> list[Line]:
        """Count the values of all counties with tables, in administrative order."""
        return [line for unit in self.params.counties if unit.slug in tables for line in self.lines(unit.slug, tables)]

    def city(self, tables: Tables, counties: pd.DataFrame) -> Iterator[Line]:
        """Count the city's values from those of all counties and their ledgers."""
        once, ledgers = self._once[CITY], [tables[unit.slug] for unit in self.params.counties if unit.slug in tables]
        pooled = {name: once(_pooled, *(own[name] for own in ledgers)) for name in ledgers[0]}
        return self._lines(CITY, without_rows(city_tallies(pooled, counties, tables[CITY], self.params, self.own, once)))

    def _lines(self, place: str, tallies: Iterable[Tally]) -> Iterator[Line]:
        return chain.from_iterable(self._once[place](_lines, tally) for tally in tallies)


def _pooled(*tables: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True)


def _lines(tally: Tally) -> list[Line]:
    return list(tally.lines())


def moved(then: "pd.Series[Any]", now: "pd.Series[Any]") -> "pd.Series[bool]":
    """Mark the values that differ by more than noise, or are missing on one side only."""
    then, now = then.align(now)
    known = then.notna() & now.notna()
    return (then.notna() != now.notna()) | (known & ((now - then).abs() > NOISE * np.maximum(1, then.abs())))
