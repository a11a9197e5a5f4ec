"""How ledger rows make the values of the long table, and the rows behind each value.

A value is what its rows add up to: Σ numerator / Σ denominator (times 100 if the registry's unit is %), or Σ numerator
alone for a plain sum. Topics add the rows of each value to a `Tally`; nothing else makes a value from a ledger,
so that every value can name its rows (method 9). A value that follows from others (a band, a score) is noted with the values
it follows from and the ledger rows it quotes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import add
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ge_analysis.indicators.arrays import Numbers, Texts
from ge_analysis.indicators.long_table import INDICATOR_COLUMNS, NUMBERS, all_dimensions, period_text
from ge_analysis.settings.keys import KEYS, OF_KEYS, SOURCE
from ge_analysis.settings.parameters import Params, Period
from ge_analysis.settings.registry import indicator as registry_entry

ROW_COLUMNS = [*KEYS, "table", "place", *SOURCE, "numerator", "denominator"]
LINK_COLUMNS = [*KEYS, "role", *OF_KEYS]
QUOTED_COLUMNS = [*KEYS, "role", "table", "place", *SOURCE, "quoted"]
_TYPES = dict.fromkeys(NUMBERS, "float64") | {"n": "Int64"}
Line = tuple[Any, ...]  # a row of the long table, without the version of the method


@dataclass(frozen=True, repr=False)
class Results:
    """The results of the ledgers of one place.

    Attributes
    ----------
    indicators : DataFrame
        Long table, columns `INDICATOR_COLUMNS`; one row per value, missing ones with their reason.
    rows : DataFrame
        Columns `ROW_COLUMNS`: each ledger row's part in each value. `place` is the one whose workbook has the row; a
        plain sum has no denominator.
    links : DataFrame
        Columns `LINK_COLUMNS`: for each value that is not a sum of rows, the values it follows from and the role of each.
    quoted : DataFrame
        Columns `QUOTED_COLUMNS`: the ledger rows that such a value quotes, and the number taken from each; numbers of
        one role add up.
    """

    indicators: pd.DataFrame
    rows: pd.DataFrame
    links: pd.DataFrame
    quoted: pd.DataFrame

    def __repr__(self) -> str:
        return repr(self._overview())

    def _repr_html_(self) -> str | None:
        return self._overview()._repr_html_()  # type: ignore[operator, no-any-return]  # pandas does not type it

    def _overview(self) -> pd.DataFrame:
        """Return what each table holds."""
        held = {name: (len(table), ", ".join(table)) for name, table in vars(self).items()}
        return pd.DataFrame.from_dict(held, orient="index", columns=["rows", "columns"])


class Part(NamedTuple):
    """Rows of one ledger that go into one value, and the numbers that each contributes; one number is that of each."""

    key: tuple[str, ...]
    table: str
    positions: np.ndarray
    numbers: tuple[Numbers, ...]
    roles: Texts = ""


class Link(NamedTuple):
    """A value that another follows from: its role there, and its own county, indicator and dimensions."""

    role: str
    key: tuple[str, ...]


class Quoted(NamedTuple):
    """Rows of one ledger from which a value takes a number: the role, the ledger, which rows, and the numbers."""

    roles: Texts
    table: str
    rows: np.ndarray
    numbers: Numbers


def link(role: str, county: str, indicator: str, **dims: str) -> Link:
    """Return a link to a value.

    Examples
    --------
    >>> link("SAIDI", "linxian", "saidi_hours", area="urban").key
    ('linxian', 'saidi_hours', 'urban', '', '', '', '', '')
    """
    return Link(role, (county, *_key(indicator, dims)))


class Tally:
    """The values of one place and period, and the rows behind them.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical tables whose rows are counted.
    county : str
        Slug, or "city".
    period : Period
        The period that the values refer to.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame], county: str, period: Period):
        self.tables, self.county, self.period = tables, county, period
        self.parts: list[Part] = []
        self.links: list[tuple[tuple[str, ...], Link]] = []
        self.quoted: list[Part] = []
        self._sums: dict[tuple[str, ...], tuple[float, ...]] = {}
        self._noted: dict[tuple[str, ...], tuple[float, int | None, str]] = {}

    def add(
        self,
        indicator: str,
        table: str,
        rows: np.ndarray,
        numerator: Numbers,
        denominator: Numbers = np.nan,
        *,
        counts: Numbers = True,
        **dims: str,
    ) -> None:
        """Add ledger rows to a value.

        Parameters
        ----------
        indicator : str
            Name in the registry.
        table : str
            Name of the ledger.
        rows : ndarray of bool, shape (n,)
            Which of its n rows to add.
        numerator, denominator : float or ndarray, shape (n,)
            What each row adds; a plain sum has no denominator.
        counts : bool or ndarray of bool, shape (n,)
            Whether the rows count towards the n printed with the value; rows of the denominator alone do not.
        **dims : str
            Dimensions of the value.
        """
        positions = np.asarray(rows).nonzero()[0]
        above, below = (_taken(part, positions) for part in (numerator, denominator))
        key = _key(indicator, dims)
        self.parts.append(Part(key, table, positions, (above, below)))
        before = self._sums.get(key, (0.0, 0.0, 0.0))
        added = (_sum(part, len(positions)) for part in (above, below, _taken(counts, positions)))
        self._sums[key] = tuple(map(add, before, added))

    def median(self, indicator: str, table: str, rows: np.ndarray, values: np.ndarray, reason: str, **dims: str) -> None:
        """Set a value to the median of a column without its blank cells; `reason` says why all are blank, if they are."""
        values = np.where(rows, values, np.nan)
        weights = median_weights(values)
        self.add(indicator, table, ~np.isnan(values), np.where(weights > 0, weights * values, 0), weights, **dims)
        self.explain(indicator, reason, **dims)

    def note(
        self,
        indicator: str,
        value: float,
        n: int | None = None,
        reason: str = "",
        of: Iterable[Link | Quoted] = (),
        **dims: str,
    ) -> None:
        """Set a value that follows from others and from rows that it quotes; `reason` says why it is missing, if it is."""
        key = _key(indicator, dims)
        self._noted[key] = (float(value), n, reason)
        for part in of:
            if isinstance(part, Link):
                self.links.append((key, part))
            else:
                positions = np.flatnonzero(part.rows)
                roles = part.roles[positions] if np.ndim(part.roles) else part.roles
                self.quoted.append(Part(key, part.table, positions, (_taken(part.numbers, positions),), roles))

    def link(self, indicator: str, role: str = "", **dims: str) -> Link:
        """Return a link to a value of this tally; its role defaults to the indicator's name."""
        return link(role or indicator, self.county, indicator, **dims)

    def explain(self, indicator: str, reason: str, **dims: str) -> None:
        """Set why a value is missing, should no row contribute to it or its denominator be 0."""
        if np.isnan(self.value(indicator, **dims)):
            key = _key(indicator, dims)
            n = int(self._sums[key][2]) if key in self._sums else 0
            self._noted[key] = (np.nan, n, reason)

    def value(self, indicator: str, **dims: str) -> float:
        """Return a value as counted so far; NaN if there is none."""
        return self._value(_key(indicator, dims))

    def _value(self, key: tuple[str, ...]) -> float:
        if key in self._noted:
            return self._noted[key][0]
        numerator, denominator, _ = self._sums.get(key, (np.nan, np.nan, 0))
        if np.isnan(denominator):
            return float(numerator)
        scale = 100 if _unit(key[0]) == "%" else 1
        return float(scale * numerator / denominator) if denominator > 0 else np.nan

    def sums(self, indicator: str, **dims: str) -> tuple[float, float, int]:
        """Return numerator, denominator and n of a value."""
        numerator, denominator, n = self._sums.get(_key(indicator, dims), (0.0, 0.0, 0))
        return float(numerator), float(denominator), int(n)

    def lines(self) -> Iterable[Line]:
        """Yield a row of the long table for each value, in the order of their creation."""
        period = period_text(self.period)
        for key in dict.fromkeys([*self._sums, *self._noted]):
            numerator, denominator, n = self._sums.get(key, (np.nan, np.nan, None))
            _, n, reason = self._noted.get(key, (None, n, ""))
            value = self._value(key)
            yield self.county, *key, value, _unit(key[0]), n, numerator, denominator, reason if np.isnan(value) else "", period


def _key(indicator: str, dims: Mapping[str, str]) -> tuple[str, ...]:
    """Return the key of a value within its place."""
    return _key_of(indicator, *dims.items())


@cache
def _key_of(indicator: str, *dims: tuple[str, str]) -> tuple[str, ...]:
    registry_entry(indicator)  # refuses a mistyped name in a study's own topic at once
    return indicator, *all_dimensions(dict(dims)).values()


@cache
def _unit(indicator: str) -> str:
    return registry_entry(indicator).unit


def without_rows(tallies: Iterable[Tally]) -> Iterator[Tally]:
    """Yield tallies without the rows behind their values, to be kept where nobody asks for the rows."""
    for tally in tallies:
        tally.parts.clear()
        tally.quoted.clear()
        yield tally


Topic = Callable[[Mapping[str, pd.DataFrame], Params, str], Tally]  # the signature of a study's own `compute`


def assembled(tallies: Iterable[Tally], params: Params) -> Results:
    """Combine the tallies of the topics into the results of one place."""
    tallies = list(tallies)
    return Results(
        indicator_table(tallies, params),
        _rows(tallies, lambda tally: tally.parts, ROW_COLUMNS),
        _links(tallies),
        _rows(tallies, lambda tally: tally.quoted, QUOTED_COLUMNS),
    )


def indicator_table(tallies: Iterable[Tally], params: Params) -> pd.DataFrame:
    """Return the long table of one place."""
    return long_table([line for tally in tallies for line in tally.lines()], params)


def long_table(lines: Sequence[Line], params: Params) -> pd.DataFrame:
    """Return the long table of some lines of tallies."""
    columns = {name: [line[at] for line in lines] for at, name in enumerate(INDICATOR_COLUMNS[:-1])}
    columns["method"] = [params.method.reliability.version] * len(lines)
    return pd.DataFrame({name: pd.Series(column, dtype=_TYPES.get(name, "str")) for name, column in columns.items()})


def _links(tallies: list[Tally]) -> pd.DataFrame:
    lines = [(tally.county, *key, link.role, *link.key) for tally in tallies for key, link in tally.links]
    return pd.DataFrame(lines, columns=LINK_COLUMNS, dtype="str")


def _rows(tallies: list[Tally], parts_of: Callable[[Tally], list[Part]], columns: list[str]) -> pd.DataFrame:
    """Concatenate the rows of all parts; strings are stored once, as categories."""
    parts = [(number, tally.county, part) for number, tally in enumerate(tallies) for part in parts_of(tally)]
    ledgers = {(number, part.table): tallies[number].tables[part.table] for number, _, part in parts}
    starts = dict(zip(ledgers, np.cumsum([0, *map(len, ledgers.values())]), strict=False))
    sizes = [len(part.positions) for _, _, part in parts]
    texts = [(county, *part.key, part.table) for _, county, part in parts]
    frame: dict[str, pd.Categorical | np.ndarray] = {}
    for at, name in enumerate((*KEYS, "table")):
        codes = pd.Categorical([line[at] for line in texts])
        frame[name] = pd.Categorical.from_codes(np.repeat(codes.codes, sizes), codes.categories)
    taken = _stacked([part.positions + starts[number, part.table] for number, _, part in parts]).astype(int)
    for name, column in {"place": "county", **dict(zip(SOURCE, SOURCE, strict=True))}.items():
        source = _stacked([ledger[column].to_numpy() for ledger in ledgers.values()])
        frame[name] = source.astype("int64")[taken] if name == "source_row" else _taken_texts(source, taken)
    if "role" in columns:
        frame["role"] = pd.Categorical(_stacked([_each(part.roles, part.positions) for *_, part in parts]))
    numbers = columns[columns.index(SOURCE[-1]) + 1 :]
    for at, name in enumerate(numbers):
        frame[name] = _stacked([_each(part.numbers[at], part.positions) for *_, part in parts])
    return pd.DataFrame(frame, columns=columns, copy=False)  # a copy would double the memory


def _taken(numbers: Numbers, positions: np.ndarray) -> Numbers:
    """Return the numbers of some rows, or the one number that is that of each."""
    if isinstance(numbers, np.ndarray) and numbers.ndim:
        return numbers[positions].astype(float)
    return np.asarray(numbers, dtype=float)[positions] if np.ndim(numbers) else float(numbers)


def _each(value: Any, positions: np.ndarray) -> np.ndarray:
    """Return the value of each row."""
    return value if isinstance(value, np.ndarray) else np.full(len(positions), value)


def _sum(numbers: Numbers, count: int) -> float:
    """Return the sum of the numbers of some rows, or of the one number of each, in the same last digit as if it were many."""
    if isinstance(numbers, np.ndarray):
        return float(numbers.sum())
    exact = numbers.is_integer() or np.isnan(numbers)  # in whatever order it is added up; NaN is no sum even of no rows
    return float(numbers * count if exact else np.full(count, numbers).sum())


def _stacked(arrays: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(arrays) if arrays else np.empty(0)


def _taken_texts(texts: np.ndarray, positions: np.ndarray) -> pd.Categorical:
    whole = pd.Categorical(texts)
    return pd.Categorical.from_codes(whole.codes[positions], whole.categories)


def median_weights(values: np.ndarray) -> np.ndarray:
    """Return the weight of each value in the median: 1, or ½ and ½, for the middle and 0 for the others.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        A missing value has weight 0.

    Examples
    --------
    >>> median_weights(np.array([5.0, 1.0, np.nan, 3.0, 2.0]))
    array([0. , 0. , 0. , 0.5, 0.5])
    """
    weights = np.zeros(len(values))
    known = int(np.isfinite(values).sum())
    if known:
        np.add.at(weights, np.argsort(values, kind="stable")[[(known - 1) // 2, known // 2]], 0.5)
    return weights
