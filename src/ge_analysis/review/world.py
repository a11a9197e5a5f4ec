"""The ledgers as they are and as measures would make them, and which values move; what differs is counted, nothing else."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ge_analysis.findings.targets import progress
from ge_analysis.indicators.long_table import all_dimensions
from ge_analysis.indicators.once import Once
from ge_analysis.indicators.results import Line, Topic, long_table
from ge_analysis.indicators.topics.scores import OF_COUNTIES
from ge_analysis.review.measures import Tables, changed, with_item
from ge_analysis.review.recount import Recount, moved
from ge_analysis.settings.keys import DIMENSIONS, KEYS
from ge_analysis.settings.measures import Measure
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.places import CITY
from ge_analysis.settings.registry import indicator as entry
from ge_analysis.settings.registry import printed, registry
from ge_analysis.storage.processes import side_by_side

TARGETS = "targets_met"
TARGETS_TITLE = "已达到的目标（个）"
LINE = [*KEYS, "title", "before", "after", "printed_before", "printed_after"]

Places = dict[str, Tables]
Values = dict[tuple[str, ...], float]  # by county, indicator and dimensions


class Moves(NamedTuple):
    """Values that differ: a line of each (`LINE`), and whether before and after have the same keys in one order."""

    lines: list[tuple[Any, ...]]
    in_order: bool


class Counted(NamedTuple):
    """What moves in a county with some ledgers, and its values that the city and the targets follow from."""

    moves: Moves
    lines: list[Line]


class World:
    """The study's ledgers and values; of other ledgers, only what they change is computed again.

    Parameters
    ----------
    params : Params
    tables : dict
        Canonical tables of the counties with results, and of `city`.
    own : sequence of callable
        Topics that the study adds.
    with_city : bool
        Whether all counties are included, so that they make up the city.
    """

    def __init__(self, params: Params, tables: Places, own: Sequence[Topic] = (), with_city: bool = True):
        self.params, self.tables, self.with_city = params, tables, with_city
        self.units = [unit for unit in params.counties if unit.slug in tables]
        self.recount = Recount(params, own)
        self._changed: dict[str, Once] = defaultdict(Once)

    def with_measures(self, measures: Iterable[Measure]) -> Places:
        """Return the ledgers as they would be with some measures, applied one after the other."""
        return reduce(self._with, measures, self.tables)

    def _with(self, tables: Places, measure: Measure) -> Places:
        acted = {unit.slug for unit in self.units if measure.fits(unit.slug, unit.grid)}
        if measure.act != "index_item":
            return tables | {place: self._changed[place](changed, measure, tables[place], self.params) for place in acted}
        places = acted if measure.counties or measure.grid else acted | {CITY}
        items = with_item(tables[CITY]["index_items"], measure.item, places)
        return {**tables, CITY: {**tables[CITY], "index_items": items}}

    def counties(self, cases: Sequence[Places]) -> list[Sequence[Counted]]:
        """Count each county with each of some ledgers: the counties or, of a single one, the ledgers on all processors."""
        slugs = [unit.slug for unit in self.units]
        if len(slugs) == 1:
            return side_by_side(self._county, [(*slugs, [tables]) for tables in cases])
        return [*zip(*side_by_side(self._county, [(slug, cases) for slug in slugs]), strict=True)]

    def _county(self, slug: str, cases: Sequence[Places]) -> list[Counted]:
        needed = {*OF_COUNTIES, *(target.indicator for target in self.params.targets)}
        before = _values(self.recount.lines(slug, self.tables))
        of_cases = [self.recount.lines(slug, tables) for tables in cases]
        return [Counted(moves(before, _values(lines)), [line for line in lines if line[1] in needed]) for lines in of_cases]

    def whole(self, tables: Places, of_counties: list[Line]) -> Values:
        """Compute the city's values, if all counties are included, and the number of targets met."""
        long = long_table(of_counties, self.params)
        met = progress(long, self.params).groupby("county")["met"].sum()
        values: Values = {}
        if self.with_city:
            values = _values(self.recount.city(tables, long))
            met[CITY] = met.sum()
        return values | {(str(place), TARGETS, *all_dimensions({}).values()): float(number) for place, number in met.items()}


def _values(lines: Iterable[Line]) -> Values:
    return {line[: len(KEYS)]: line[len(KEYS)] for line in lines}


def moves(before: Values, after: Values) -> Moves:
    """Return the values that differ."""
    keys = [*before, *(key for key in after if key not in before)]
    then, now = (pd.Series([side.get(key, np.nan) for key in keys], dtype=float) for side in (before, after))
    found = compress(zip(keys, then.tolist(), now.tolist(), strict=True), moved(then, now))
    return Moves([_line(*line) for line in found], [*before] == [*after])


def _line(key: tuple[str, ...], before: float, after: float) -> tuple[object, ...]:
    return *key, _title(*key[1:]), before, after, _printed(key[1], before), _printed(key[1], after)


def _title(name: str, *codes: str) -> str:
    """Return the title of a value: its indicator and the labels of its dimensions, except all areas."""
    known = registry().codes
    dims = [(known.get(dim, {}), code) for dim, code in zip(DIMENSIONS, codes, strict=True) if (dim, code) != ("area", "all")]
    title = TARGETS_TITLE if name == TARGETS else entry(name).title
    return "·".join((title, *(labels.get(code, code) for labels, code in dims if code)))


def _printed(name: str, value: float) -> str:
    return f"{value:.0f}" if name == TARGETS else printed(name, value)
