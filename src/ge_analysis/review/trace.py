"""From a value to the ledger rows that made it (method 9)."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.ledgers.contract import contract
from ge_analysis.ledgers.finished import applied, read_arrow
from ge_analysis.review.definitions import Parameter, definition, parameter
from ge_analysis.settings.keys import DIMENSIONS, KEYS, OF_KEYS, SOURCE, codes_of
from ge_analysis.settings.registry import indicator as entry_of
from ge_analysis.settings.registry import printed, value_codes
from ge_analysis.storage import results as results_folder
from ge_analysis.storage.columns import Columns, minutes, rows_of
from ge_analysis.storage.paths import Paths

if TYPE_CHECKING:
    import pandas as pd

    from ge_analysis.indicators.results import Results
    from ge_analysis.review.trace_table import TraceTable
    from ge_analysis.study import Study

Key = tuple[str, ...]  # county, indicator and the dimensions in the order of DIMENSIONS
HEADS = {
    "value_of": "数值",
    "role": "作用",
    "place": "县（市、区）",
    "table": "台账",
    "source_file": "工作簿",
    "source_sheet": "工作表",
    "source_row": "行",
    "numerator": "计入分子",
    "denominator": "计入分母",
    "contribution": "计入数值",
    "said": "所填内容",
}
MOST_ROLES = 9  # a value quotes either a few figures, which the tree shows, or the rows of hundreds of days


class Branch(NamedTuple):
    """A value in the tree of what another follows from, or a figure that one of them quotes from a ledger.

    Attributes
    ----------
    depth : int
        0 for the traced value.
    role : str
        Its role for the value above.
    key : tuple of str
        County, indicator and dimensions; () for a quoted figure.
    value : float
        In its indicator's unit.
    """

    depth: int
    role: str
    key: Key
    value: float

    @property
    def name(self) -> str:
        """The key in readable form, or the role of a quoted figure."""
        return key_name(self.key) if self.key else self.role


class Row(NamedTuple):
    """A ledger row that a value sums or quotes.

    Attributes
    ----------
    value_of, role : str
        The value, and the role of a quoted figure in it.
    place, table, source_file, source_sheet, source_row
        Identify the row.
    numerator, denominator : float
        What it adds.
    contribution : float
        Its part of the value [unit of the value].
    """

    value_of: str
    role: str
    place: str
    table: str
    source_file: str
    source_sheet: str
    source_row: int
    numerator: float
    denominator: float
    contribution: float


@dataclass(frozen=True)
class Trace:
    """Where a value comes from.

    Attributes
    ----------
    key : tuple of str
        County, indicator and dimensions.
    line : dict
        Its row of the long indicator table; None for what is missing.
    formula : str
        How it is computed, with numbers filled in, or why it is missing.
    parameters : list of Parameter
        Parameters that affect it or what it follows from.
    tree : list of Branch
        The value and what it follows from, each below what depends on it.
    """

    key: Key
    line: dict[str, Any]
    formula: str
    parameters: list[Parameter]
    tree: list[Branch]
    behind: "Behind"

    @cached_property
    def rows(self) -> list[Row]:
        """The ledger rows, largest part of numerator or denominator first within each value of the tree."""
        return [row for key in dict.fromkeys(branch.key for branch in self.tree if branch.key) for row in self.behind.rows(key)]

    @cached_property
    def corrections(self) -> list[dict[str, object]]:
        """Corrections that touched one of the rows or removed one from its sheet, as the report's annex lists them."""
        tables = self.behind.study.paths.tables
        places = {branch.key[0] for branch in self.tree if branch.key}
        return _touching(self.rows, self.behind.study.paths) if any(applied(tables(place)) for place in places) else []

    @property
    def title(self) -> str:
        """The indicator's label, and the printed value with its unit."""
        entry = entry_of(self.key[1])
        return f"{entry.label} = {printed(self.key[1], self.line['value'])} {entry.unit}".rstrip()

    def table(self) -> "TraceTable":
        """Return all rows with their cells; JupyterLab shows them in Chinese below the formula."""
        from ge_analysis.review.trace_table import trace_table  # it needs pandas

        return trace_table(self)


def key_name(key: Key) -> str:
    """Return a key in readable form.

    Examples
    --------
    >>> key_name(("linxian", "saidi_hours", "rural", "", "", "", "", ""))
    'linxian saidi_hours area=rural'
    """
    dims = (f"{name}={code}" for name, code in zip(DIMENSIONS, key[2:], strict=True) if code)
    return " ".join((*key[:2], *dims))


def trace(study: "Study", place: str, indicator: str, **dims: str) -> Trace:
    """Trace one value to its rows.

    Parameters
    ----------
    study : Study
    place : str
        Slug, Chinese name or code, or `city`.
    indicator : str
        Its name in the registry.
    **dims : str
        Dimensions by their codes or labels.

    Raises
    ------
    GeError
        For an unknown place, indicator, dimension or code, or if the place has no such value.
    """
    behind, slug = Behind(study), study.place(place)
    lines = behind.columns(slug, "indicators")
    known = codes_of(zip(*(lines.texts(name, lines.where(indicator=indicator)) for name in ("item", "by", "group")), strict=True))
    codes = value_codes(indicator, dims, known)
    key = (slug, indicator, *(codes.get(name, "") for name in DIMENSIONS))
    found = lines.where(**dict(zip(KEYS, key, strict=True)))
    if len(found) != 1:
        asked = " ".join(f"{name}={code}" for name, code in dims.items())
        raise GeError(
            _("{slug} has no value of {indicator} {asked}", slug=slug, indicator=indicator, asked=asked),
            _("`study.indicators()` lists all values"),
        )
    (line,) = lines.table.slice(found[0], 1).to_pylist()
    tree = list(behind.tree(key))
    paths = dict.fromkeys(path for branch in tree if branch.key for path in definition(branch.key[1]).parameters)
    return Trace(
        key,
        line,
        behind.formula(line, tree),
        [parameter(study.params, study.year, path) for path in paths],
        tree,
        behind,
    )


def _keys(columns: Columns, names: list[str]) -> Iterator[Key]:
    return zip(*map(columns.texts, names), strict=True)


class Behind:
    """What is behind the values of a study, as saved by the notebooks or else computed now."""

    def __init__(self, study: "Study"):
        self.study = study
        self._computed: dict[str, Results] = {}
        self.columns = cache(self._columns_of)
        self._values = cache(self._values_of)
        self._links = cache(self._links_of)

    def _columns_of(self, place: str, name: str) -> Columns:
        """Return one of the tables of `Results`."""
        if folder := self._saved(place, name):
            return Columns(results_folder.saved(folder, name))
        return Columns(pa.Table.from_pandas(self._now(place, name), preserve_index=False))

    def frame(self, place: str, name: str, wanted: Sequence[str], at: np.ndarray | None = None) -> "pd.DataFrame":
        """Return columns of one of the tables of `Results`, with some of its rows; the table itself is not kept."""
        import pandas as pd

        if folder := self._saved(place, name):
            found = (column.to_pandas() for column in results_folder.columns(folder, name, wanted))
        else:
            found = (self._now(place, name)[column] for column in wanted)
        chosen = (column if at is None else column.iloc[at] for column in found)
        return pd.DataFrame(dict(zip(wanted, chosen, strict=True)), copy=False)

    def _saved(self, place: str, name: str) -> Path | None:
        """Return the folder in which one of the tables is saved."""
        folder = self.study.paths.results(place)
        return folder if (folder / f"{name}.parquet").is_file() else None

    def _now(self, place: str, name: str) -> "pd.DataFrame":
        """Return one of the tables as computed now."""
        if place not in self._computed:
            self._computed[place] = self.study.compute(place)
        table: pd.DataFrame = getattr(self._computed[place], name)
        return table

    def value(self, key: Key) -> float:
        """Return a value by its key."""
        return self._values(key[0]).get(key, float("nan"))

    def _values_of(self, place: str) -> dict[Key, float]:
        lines = self.columns(place, "indicators")
        return dict(zip(_keys(lines, KEYS), lines.numbers("value").tolist(), strict=True))

    def links(self, key: Key) -> list[tuple[str, Key]]:
        """Return roles and keys of the values that a value follows from."""
        return self._links(key[0]).get(key, [])

    def _links_of(self, place: str) -> dict[Key, list[tuple[str, Key]]]:
        links, found = self.columns(place, "links"), dict[Key, list[tuple[str, Key]]]()
        for key, role, of in zip(_keys(links, KEYS), links.texts("role"), _keys(links, OF_KEYS), strict=True):
            found.setdefault(key, []).append((role, of))
        return found

    def _rows_of(self, key: Key) -> tuple[Columns, np.ndarray]:
        """Return a table of rows, and the positions of those that a value sums or quotes."""
        rows = self.columns(key[0], "quoted" if self.links(key) else "rows")  # what quotes a row also follows from a value
        return rows, rows.where(**dict(zip(KEYS, key, strict=True)))

    def figures(self, key: Key) -> dict[str, float]:
        """Return the figures that a value quotes from ledgers, by their roles."""
        if not self.links(key):
            return {}
        quoted, at = self._rows_of(key)
        numbers: dict[str, list[float]] = {}
        for role, number in zip(quoted.texts("role", at), quoted.numbers("quoted")[at].tolist(), strict=True):
            numbers.setdefault(role, []).append(number)
        return {role: math.fsum(numbers[role]) for role in sorted(numbers)}

    def tree(self, key: Key, role: str = "", depth: int = 0) -> Iterator[Branch]:
        """Yield a value and, below it, what it follows from."""
        yield Branch(depth, role, key, self.value(key))
        for name, of in self.links(key):
            yield from self.tree(of, name, depth + 1)
        figures = self.figures(key)
        if len(figures) <= MOST_ROLES:
            for figure, number in figures.items():
                yield Branch(depth + 1, figure, (), number)

    def rows(self, key: Key) -> list[Row]:
        """Return the rows that a value sums or quotes, those that weigh most first."""
        found, at = self._rows_of(key)
        quotes = bool(self.links(key))
        above = found.numbers("quoted" if quotes else "numerator")[at]
        below = np.full(len(at), np.nan) if quotes else found.numbers("denominator")[at]
        heaviest = np.argsort(-_weights(above, below), kind="stable")
        at, above, below = at[heaviest], above[heaviest], below[heaviest]
        parts = np.full(len(at), np.nan) if quotes else parts_of(above, below, key[1])
        return [
            Row(key_name(key), *row)
            for row in zip(
                found.texts("role", at) if quotes else [""] * len(at),
                *(found.texts(name, at) for name in ("place", "table", *SOURCE[:2])),
                found.numbers(SOURCE[-1])[at].tolist(),
                *(numbers.tolist() for numbers in (above, below, parts)),
                strict=True,
            )
        ]

    def formula(self, line: Mapping[Any, Any], tree: list[Branch]) -> str:
        """Return how a value is computed, with numbers filled in."""
        indicator, value = str(line["indicator"]), line["value"]
        if _missing(value):
            return str(line["reason"])
        result, below = f" = {_number(value)} {line['unit']}".rstrip(), [branch for branch in tree if branch.depth == 1]
        if not _missing(line["numerator"]):
            scale = "100 × " if line["unit"] == "%" else ""
            if _missing(line["denominator"]):
                return f"Σ{result}"
            return f"Σ分子 ÷ Σ分母 = {scale}{_number(line['numerator'])} ÷ {_number(line['denominator'])}{result}"
        if any(branch.key and branch.key[0] != line["county"] for branch in below):
            return f"Σ(各县{entry_of(indicator).label} × 用户数) ÷ Σ用户数{result}"
        roles = {branch.role: _number(branch.value) for branch in below}
        text = definition(indicator).formula.format_map(
            _Blank(roles, year=self.study.params.year, method=self.study.params.method)
        )
        return text + result

    def said(self, rows: Sequence[Row]) -> list[str]:
        """Return what each row says, by its filled cells."""
        return ["；".join(cells.values()) for cells in self.cells(rows)]

    def cells(self, rows: Sequence[Row]) -> list[dict[str, str]]:
        """Return the filled cells of each row: field → heading and what it holds."""
        held: dict[tuple[object, ...], dict[str, str]] = {}
        wanted: dict[tuple[str, str], list[int]] = {}
        for row in rows:
            wanted.setdefault((row.place, row.table), []).append(row.source_row)
        for (place, table), numbers in wanted.items():  # one after the other: all ledgers need not fit into memory
            ledger = read_arrow(self.study, [place], table)
            ledger = rows_of(ledger, np.isin(Columns(ledger).numbers(SOURCE[-1]), numbers))
            sources = zip(*(ledger[name].to_pylist() for name in ("county", *SOURCE)), strict=True)
            for source, cells in zip(sources, row_cells(ledger, table), strict=True):
                held.setdefault((table, *source), cells)
        return [held.get((row.table, row.place, row.source_file, row.source_sheet, row.source_row), {}) for row in rows]


def _weights(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Return the larger share of each row in the numerator and the denominator."""
    with np.errstate(invalid="ignore"):
        shares = [side / side.sum() for side in (np.nan_to_num(abs(above)), np.nan_to_num(abs(below)))]
    return np.asarray(np.nan_to_num(np.fmax(*shares)))


def parts_of(above: np.ndarray, below: np.ndarray, indicator: str) -> np.ndarray:
    """Return each row's part of a value [unit of the value]."""
    whole = 1 if np.isnan(below).all() else np.nansum(below)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((100 if entry_of(indicator).unit == "%" else 1) * above / whole)


def _touching(rows: Sequence[Row], paths: Paths) -> list[dict[str, object]]:
    """Return the corrections that touched one of the rows, or removed one from the sheet."""
    from ge_analysis.ledgers.workbook import position

    found = []
    for place, table in dict.fromkeys((row.place, row.table) for row in rows):
        sources = {(row.source_file, row.source_row) for row in rows if (row.place, row.table) == (place, table)}
        for entry in applied(paths.tables(place)):
            row = position(entry["cell"])[0] + 1
            of_sheet = entry["sheet"] == contract(table).sheet
            if of_sheet and (entry["action"] == "drop" or (entry["workbook"], row) in sources):
                found.append(entry | {"row": row})
    return found


class _Blank(dict[str, object]):
    """Names of a formula; a missing figure prints as missing."""

    def __missing__(self, name: str) -> str:
        return "—"


def _missing(number: float | None) -> bool:
    return number is None or math.isnan(number)


def _number(number: object) -> str:
    """Return a number with more digits than are printed, enough to follow a calculation."""
    return f"{number:,.8g}"


def row_cells(cells: pa.Table, table: str) -> list[dict[str, str]]:
    """Return the filled cells of each row: field → heading and what it holds."""
    rows: list[dict[str, str]] = [{} for _ in range(len(cells))]
    for column in contract(table).fields:
        if column.name in cells.column_names:
            name, label, held = column.name, column.label, cells[column.name]
            filled = [at for at, there in enumerate(held.is_valid().to_pylist()) if there]
            for at, words in zip(filled, _words(held.drop_null(), column.labels), strict=True):
                rows[at][name] = f"{label} {words}"
    return rows


def _words(values: Any, labels: dict[str, str]) -> list[str]:
    """Return the values of a column, none of them blank, as text."""
    if pa.types.is_timestamp(values.type):
        return [text.removesuffix(" 00:00") for text in minutes(values)]
    if pa.types.is_boolean(values.type):
        return [labels["1" if value else "0"] for value in values.to_pylist()]
    return [labels.get(str(value)) or (f"{value:g}" if isinstance(value, float) else str(value)) for value in values.to_pylist()]
