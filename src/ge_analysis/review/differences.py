"""What changed between two states of a study, and why, in parts that add up.

The causes are applied one after the other in a fixed order, and everything is recomputed after each: the tool, the parameters,
added or missing counties, then, place by place, rows removed, added and changed, workbook by workbook, and corrections. A
cause's part of a change is the effect of its step, so that the parts add up; another order would split them differently.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ge_analysis.errors import GeError
from ge_analysis.indicators.results import Topic, long_table
from ge_analysis.language import _
from ge_analysis.review.ledger_changes import LedgerChanges, RowChange, ledger_changes
from ge_analysis.review.published import State, Tables
from ge_analysis.review.recount import NOISE, Recount, moved
from ge_analysis.settings.keys import KEYS
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.registry import printed

_OF_THE_YEAR = ("reliability_period", "survey_period", "report_date")


class Cause(NamedTuple):
    """A reason for changes.

    Attributes
    ----------
    kind : str
        tool, parameter, counties, removed, added, changed, correction, or year: the ledgers of another year.
    place : str
        "" if it concerns no single place.
    what : str
        The workbook or parameter, or why counties are missing.
    then, now : str
        Old and new value of a parameter, or version of the tool.
    """

    kind: str
    place: str = ""
    what: str = ""
    then: str = ""
    now: str = ""


@dataclass(frozen=True)
class Differences:
    """What differs between two states.

    Attributes
    ----------
    changes : DataFrame
        KEYS, then, now, change, printed_then, printed_now, grade; one row per value that differs, largest relative change
        first, added and removed values last.
    parts : DataFrame
        KEYS, cause (its number in `causes`) and part [unit of the value]; parts of a value that is missing on one side are NaN.
    causes : list of Cause
        In the order of their application.
    ledgers : dict of str to LedgerChanges
        The rows that differ, by place.
    numbers : DataFrame
        What the reports of both states printed.
    """

    changes: pd.DataFrame
    parts: pd.DataFrame
    causes: list[Cause]
    ledgers: dict[str, LedgerChanges]
    numbers: pd.DataFrame

    def rows(self, cause: Cause) -> list[RowChange]:
        """Return the ledger rows behind a cause."""
        changes = self.ledgers.get(cause.place)
        return [row for row in changes.rows if (row.kind, row.workbook) == (cause.kind, cause.what)] if changes else []

    @property
    def printed(self) -> pd.DataFrame:
        """The changes visible in print."""
        return self.changes[self.changes["printed_then"] != self.changes["printed_now"]]

    @cached_property
    def printed_in(self) -> dict[tuple[str, ...], str]:
        """Captions, and chapters where the text has the number, in which each value is printed."""
        where = self.numbers["caption"].where(self.numbers["caption"] != "", self.numbers["chapter"])
        found: dict[tuple[str, ...], list[str]] = {}
        for *key, place in self.numbers[KEYS].assign(where=where).drop_duplicates().itertuples(index=False):
            found.setdefault(tuple(key), []).append(place)
        return {key: "；".join(places) for key, places in found.items()}

    @cached_property
    def by_value(self) -> dict[tuple[str, ...], list[tuple[Cause, float]]]:
        """Causes and parts of each value, largest part first."""
        found: dict[tuple[str, ...], list[tuple[Cause, float]]] = {}
        parts = self.parts.sort_values("part", key=abs, ascending=False, kind="stable")
        keys = zip(*(parts[name] for name in KEYS), strict=True)
        for key, cause, part in zip(keys, parts["cause"], parts["part"], strict=True):
            found.setdefault(key, []).append((self.causes[cause], part))
        return found


def differences(then: State, now: State) -> Differences:
    """Split every change between two states into its causes.

    Parameters
    ----------
    then, now : State
        States of one study; if their years differ, the ledgers are a single cause.

    Raises
    ------
    GeError
        If the results of `now` do not match its ledgers and parameters.
    """
    computed, ledgers = _Computed(then, now.own), _ledgers(then, now)
    causes, values = [], [_values(then.indicators)]
    for cause, step in _steps(then, now, ledgers):
        step(computed)
        causes.append(cause)
        values.append(computed.values())
    if moved(values[-1], _values(now.indicators)).any():
        raise GeError(_("the results of {year} are not those of its ledgers", year=now.year), _("run `ge build`"))
    table = pd.concat(values, axis=1, keys=range(len(values)))
    table = table[moved(table[0], table[len(causes)]).to_numpy()]
    numbers = pd.concat([then.numbers, now.numbers], ignore_index=True)
    return Differences(_changes(table, now.params), _parts(table), causes, ledgers, numbers)


def compared(then: pd.DataFrame, now: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Return the values that differ between two long tables, as `Differences.changes`, without their causes."""
    table = pd.concat([_values(then), _values(now)], axis=1, keys=(0, 1))
    return _changes(table[moved(table[0], table[1]).to_numpy()], params)


def _values(indicators: pd.DataFrame) -> "pd.Series[Any]":
    return indicators.set_index(KEYS)["value"]


def _changes(table: pd.DataFrame, params: Params) -> pd.DataFrame:
    """List the values that differ, largest relative change first, added and removed values last."""
    then, now = table[0], table[table.columns[-1]]
    relative = ((now - then).abs() / then.abs()).fillna(np.inf)
    order = relative.where(then.notna() & now.notna(), -1).sort_values(ascending=False, kind="stable")
    limits = params.review
    grade = np.where(
        relative >= limits.large_pct / 100, "large", np.where(relative >= limits.moderate_pct / 100, "moderate", "small")
    )
    names = table.index.get_level_values("indicator")
    frame = pd.DataFrame({"then": then, "now": now, "change": now - then, "grade": grade}, index=table.index)
    for side in ("then", "now"):
        frame[f"printed_{side}"] = [printed(name, value) for name, value in zip(names, frame[side], strict=True)]
    return frame.loc[order.index].reset_index()


def _parts(table: pd.DataFrame) -> pd.DataFrame:
    """Return the effect of each step, from one known value to the next; NaN where then or now is missing."""
    steps = table.ffill(axis=1).bfill(axis=1).diff(axis=1)[table.columns[1:]]
    seen = steps.abs().gt(NOISE * np.maximum(1, table[0].abs().fillna(0)), axis=0)
    turned = table.isna().ne(table.isna().shift(axis=1))[table.columns[1:]]  # where a value disappeared or appeared
    half = table[0].isna() | table[table.columns[-1]].isna()
    steps = steps.mask(half, np.nan, axis=0)
    shown = seen.where(~half, turned, axis=0)
    at, step = np.nonzero(shown.to_numpy(dtype=bool))
    keys = table.index[at].to_frame(index=False)
    return keys.assign(cause=step, part=steps.to_numpy()[at, step])


def _ledgers(then: State, now: State) -> dict[str, LedgerChanges]:
    """Compare the ledgers of places in both states; none if the years differ."""
    if then.year != now.year:
        return {}
    both = [place for place in now.tables if place in then.tables]
    return {
        place: ledger_changes(
            then.tables[place], now.tables[place], then.corrections.get(place, []), now.corrections.get(place, [])
        )
        for place in both
    }


Step = Callable[["_Computed"], None]


def _steps(then: State, now: State, ledgers: dict[str, LedgerChanges]) -> Iterator[tuple[Cause, Step]]:
    """Yield the causes in order, each with the function that applies it."""
    yield Cause("tool", then=then.version, now=now.version), lambda computed: None
    changed = dict(_changed_parameters(then, now))
    for path in changed:
        yield changed[path], lambda computed, path=path: computed.take(path, now.params)  # type: ignore[misc]
    if then.year != now.year:
        yield Cause("year", then=str(then.year), now=str(now.year)), lambda computed: computed.become(now)
        return
    if then.tables.keys() != now.tables.keys():
        gone, come = (", ".join(sorted(one.tables.keys() - other.tables.keys())) for one, other in ((then, now), (now, then)))
        why = "；".join(now.missing[name] for name in gone.split(", ") if name in now.missing)
        yield Cause("counties", what=why, then=gone, now=come), lambda computed: computed.hold(now.tables)
    for place, changes in ledgers.items():
        causes = changes.causes()
        for number, (kind, workbook) in enumerate(causes, start=1):
            last = number == len(causes)  # now even the order of rows is that of now
            tables = now.tables[place] if last else changes.tables(causes[:number])
            yield Cause(kind, place, workbook), lambda computed, place=place, tables=tables: computed.put(place, tables)  # type: ignore[misc]


def _changed_parameters(then: State, now: State) -> Iterator[tuple[tuple[str, ...], Cause]]:
    """Yield the parameters that differ, by path."""
    same_year = then.year == now.year
    paths = [("year", name) for name in type(now.params.year).model_fields if same_year or name not in _OF_THE_YEAR]
    method = now.params.method
    paths += [("method", file, name) for file in type(method).model_fields for name in type(getattr(method, file)).model_fields]  # type: ignore[misc]
    for path in [*paths, ("counties",)]:
        old, new = _at(then.params, path), _at(now.params, path)
        if old != new:
            yield path, Cause("parameter", what=".".join(path), then=str(old), now=str(new))


def _at(params: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        params = getattr(params, name)
    return params


def _with(model: Any, path: tuple[str, ...], value: object) -> Any:
    """Return a model with one parameter replaced."""
    inner = value if len(path) == 1 else _with(getattr(model, path[0]), path[1:], value)
    return model.model_copy(update={path[0]: inner})


class _Computed:
    """The values of a state between two others; only what follows from changed tables or parameters is computed again."""

    def __init__(self, start: State, own: list[Topic]):
        self.params, self.tables, self.own = start.params, dict(start.tables), own
        self._recount = Recount(self.params, own)

    def take(self, path: tuple[str, ...], params: Params) -> None:
        """Take one parameter from other parameters."""
        self.params = _with(self.params, path, _at(params, path))
        self._recount = Recount(self.params, self.own)

    def become(self, state: State) -> None:
        """Become another state entirely."""
        self.params, self.tables = state.params, dict(state.tables)
        self._recount = Recount(self.params, self.own)

    def hold(self, tables: Tables) -> None:
        """Keep only the places of some tables, adding new ones from them."""
        self.tables = {place: self.tables.get(place, tables[place]) for place in tables}

    def put(self, place: str, tables: dict[str, pd.DataFrame]) -> None:
        """Replace a place's tables."""
        self.tables[place] = tables

    def values(self) -> "pd.Series[Any]":
        """Compute all values."""
        lines = self._recount.counties(self.tables)
        lines += self._recount.city(self.tables, long_table(lines, self.params))
        return _values(long_table(lines, self.params))
