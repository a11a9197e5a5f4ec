"""From a value to the ledger rows that made it (method 9)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from ge_analysis.errors import GeError
from ge_analysis.indicators.long_table import DIMENSIONS, KEYS, SOURCE, positions, select
from ge_analysis.indicators.results import OF_KEYS, Results
from ge_analysis.language import _
from ge_analysis.ledgers.contract import contract
from ge_analysis.ledgers.finished import applied, read
from ge_analysis.review.definitions import Parameter, definition, parameter
from ge_analysis.settings.places import CITY
from ge_analysis.settings.registry import indicator as entry_of
from ge_analysis.settings.registry import printed
from ge_analysis.storage import results as results_folder
from ge_analysis.storage.paths import Paths

if TYPE_CHECKING:
    from ge_analysis.study import Study

Key = tuple[str, ...]  # county, indicator and the dimensions in the order of DIMENSIONS
FOUND = ["value_of", "role", "place", "table", *SOURCE, "numerator", "denominator", "contribution"]
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
_MOST_ROLES = 9  # a value quotes either a few figures, which the tree shows, or the rows of hundreds of days


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


@dataclass(frozen=True)
class Trace:
    """Where a value comes from.

    Attributes
    ----------
    key : tuple of str
        County, indicator and dimensions.
    line : Series
        Its row of the long indicator table.
    formula : str
        How it is computed, with numbers filled in, or why it is missing.
    parameters : list of Parameter
        Parameters that affect it or what it follows from.
    tree : list of Branch
        The value and what it follows from, each below what depends on it.
    """

    key: Key
    line: "pd.Series[Any]"
    formula: str
    parameters: list[Parameter]
    tree: list[Branch]
    behind: "Behind"

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The ledger rows, largest part of numerator or denominator first within each value of the tree.

        `value_of` is the value, `role` the role of a quoted figure in it; place, table and source identify the row; numerator and
        denominator are what it adds, and contribution [unit of the value] is its part of the value.
        """
        parts = [self.behind.rows(key) for key in dict.fromkeys(branch.key for branch in self.tree if branch.key)]
        return pd.concat([pd.DataFrame(columns=FOUND), *(part for part in parts if len(part))], ignore_index=True)

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
        return f"{entry.label} = {printed(self.key[1], float(self.line['value']))} {entry.unit}".rstrip()

    def table(self, most: int | None = None) -> "TraceTable":
        """Return the first rows, or all, with their cells; JupyterLab shows them in Chinese below the formula."""
        rows = self.rows.head(most) if most else self.rows
        shown = TraceTable(rows.assign(said=self.behind.said(rows)))
        names = {unit.slug: unit.name for unit in self.behind.study.params.counties} | {CITY: "全市"}
        unit = entry_of(self.key[1]).unit if len(self.tree) == 1 else ""  # the values of a tree have units of their own
        shown.attrs["trace"] = [key_name(self.key), self.title, self.formula]
        shown.attrs["labels"] = {"place": names, "table": {name: contract(name).sheet for name in rows["table"].unique()}}
        shown.attrs["heads"] = HEADS | ({"contribution": f"{HEADS['contribution']}（{unit}）"} if unit else {})
        return shown


class TraceTable(pd.DataFrame):
    """Rows of a trace; JupyterLab shows them with Chinese headings, below the value and its formula."""

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def _repr_html_(self) -> str | None:
        from html import escape

        head = "".join(f"<div>{escape(line)}</div>" for line in self.attrs["trace"])
        table = pd.DataFrame(self).replace(self.attrs["labels"]).rename(columns=self.attrs["heads"])
        with pd.option_context("display.max_colwidth", None):
            return head + (table._repr_html_() or "")  # type: ignore[operator]  # pandas does not type it


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
    found = select(behind.frame(slug, "indicators"), indicator, **dims)
    if len(found) != 1:
        asked = " ".join(f"{name}={code}" for name, code in dims.items())
        raise GeError(
            _("{slug} has no value of {indicator} {asked}", slug=slug, indicator=indicator, asked=asked),
            _("`study.indicators()` lists all values"),
        )
    line = found.iloc[0]
    key = _key(line)
    tree = list(behind.tree(key))
    paths = dict.fromkeys(path for branch in tree if branch.key for path in definition(branch.key[1]).parameters)
    known = [parameter(study.params, study.year, path) for path in paths]
    return Trace(key, line, behind.formula(line.to_dict(), tree), known, tree, behind)


def _keys(frame: pd.DataFrame, names: list[str]) -> Iterator[Key]:
    return zip(*(frame[name].to_numpy(dtype=object) for name in names), strict=True)


def _key(line: "pd.Series[Any]") -> Key:
    return tuple(str(line[name]) for name in KEYS)


class Behind:
    """What is behind the values of a study, as saved by the notebooks or else computed now."""

    def __init__(self, study: "Study"):
        self.study = study
        self._computed: dict[str, Results] = {}
        self.frame = cache(self._frame)
        self._values = cache(self._values_of)
        self._links = cache(self._links_of)
        self._quoted = cache(self._quoted_of)

    def _frame(self, place: str, name: str, indicator: str = "") -> pd.DataFrame:
        """Return one of the frames of `Results`, for one indicator or all."""
        folder = self.study.paths.results(place)
        if (folder / f"{name}.parquet").is_file():
            return results_folder.saved(folder, name, indicator)
        if place not in self._computed:
            self._computed[place] = self.study.compute(place)
        frame: pd.DataFrame = getattr(self._computed[place], name)
        return frame[frame["indicator"] == indicator] if indicator else frame

    def value(self, key: Key) -> float:
        """Return a value by its key."""
        return self._values(key[0]).get(key, float("nan"))

    def _values_of(self, place: str) -> dict[Key, float]:
        lines = self.frame(place, "indicators")
        return dict(zip(_keys(lines, KEYS), lines["value"], strict=True))

    def links(self, key: Key) -> list[tuple[str, Key]]:
        """Return roles and keys of the values that a value follows from."""
        return self._links(key[0]).get(key, [])

    def _links_of(self, place: str) -> dict[Key, list[tuple[str, Key]]]:
        links, found = self.frame(place, "links"), dict[Key, list[tuple[str, Key]]]()
        for key, role, of in zip(_keys(links, KEYS), links["role"], _keys(links, OF_KEYS), strict=True):
            found.setdefault(key, []).append((role, of))
        return found

    def quoted(self, key: Key) -> pd.DataFrame:
        """Return the rows that a value quotes."""
        at = self._quoted(key[0]).get(key)
        return pd.DataFrame() if at is None else self.frame(key[0], "quoted").iloc[at]

    def _quoted_of(self, place: str) -> dict[Key, np.ndarray]:
        return dict(positions(self.frame(place, "quoted"), [*self._links(place)]))  # what quotes a row also follows from a value

    def tree(self, key: Key, role: str = "", depth: int = 0) -> Iterator[Branch]:
        """Yield a value and, below it, what it follows from."""
        yield Branch(depth, role, key, self.value(key))
        for name, of in self.links(key):
            yield from self.tree(of, name, depth + 1)
        quoted = self.quoted(key)
        if len(quoted) and quoted["role"].nunique() <= _MOST_ROLES:
            for figure, number in quoted.groupby("role", observed=True)["quoted"].sum().items():
                yield Branch(depth + 1, str(figure), (), float(number))

    def rows(self, key: Key) -> pd.DataFrame:
        """Return the rows that a value sums or quotes, without their cells."""
        place, indicator = key[:2]
        if self.links(key):
            quoted = self.quoted(key)
            if not len(quoted):
                return quoted
            found = quoted.assign(numerator=quoted["quoted"], denominator=float("nan"), contribution=float("nan"))
        else:
            found = self.frame(place, "rows", indicator)
            found = found.iloc[dict(positions(found, [key])).get(key, [])]
            scale, whole = 100 if entry_of(indicator).unit == "%" else 1, found["denominator"].sum(min_count=1)
            found = found.assign(role="", contribution=scale * found["numerator"] / (1 if pd.isna(whole) else whole))
        found = found.assign(
            value_of=key_name(key), **{name: found[name].astype("str") for name in ("role", "place", "table", *SOURCE[:2])}
        )
        sums = found[["numerator", "denominator"]].abs()
        shares = (sums / sums.sum()).max(axis=1).fillna(0)
        return found.loc[shares.sort_values(ascending=False, kind="stable").index, FOUND]

    def formula(self, line: Mapping[Any, Any], tree: list[Branch]) -> str:
        """Return how a value is computed, with numbers filled in."""
        indicator, value = str(line["indicator"]), float(line["value"])
        if pd.isna(value):
            return str(line["reason"])
        result, below = f" = {_number(value)} {line['unit']}".rstrip(), [branch for branch in tree if branch.depth == 1]
        if pd.notna(line["numerator"]):
            whole, scale = line["denominator"], "100 × " if line["unit"] == "%" else ""
            sums = f"{scale}{_number(line['numerator'])} ÷ {_number(whole)}"
            return ("Σ" if pd.isna(whole) else f"Σ分子 ÷ Σ分母 = {sums}") + result
        if any(branch.key and branch.key[0] != line["county"] for branch in below):
            return f"Σ(各县{entry_of(indicator).label} × 用户数) ÷ Σ用户数{result}"
        roles = {branch.role: _number(branch.value) for branch in below}
        text = definition(indicator).formula.format_map(
            _Blank(roles, year=self.study.params.year, method=self.study.params.method)
        )
        return text + result

    def said(self, rows: pd.DataFrame) -> "pd.Series[Any]":
        """Return what each row says, by its filled cells."""
        return self.cells(rows).map(_joined).astype("str")

    def cells(self, rows: pd.DataFrame) -> "pd.Series[Any]":
        """Return the filled cells of each row: field → heading and what it holds."""
        said = pd.Series(None, index=rows.index, dtype="object")
        for name, part in rows.groupby("table", sort=False):
            table = str(name)
            cells = read(self.study, part["place"].unique(), table, part[SOURCE[-1]].unique()).set_index(["county", *SOURCE])
            wanted = pd.MultiIndex.from_frame(part[["place", *SOURCE]])
            cells = cells[~cells.index.duplicated()].reindex(wanted)
            said.loc[part.index] = pd.Series(row_cells(cells, table), part.index)
        return said


def _touching(rows: pd.DataFrame, paths: Paths) -> list[dict[str, object]]:
    """Return the corrections that touched one of the rows, or removed one from the sheet."""
    from ge_analysis.ledgers.workbook import position

    found = []
    for place, table, part in _by_ledger(rows):
        sources = set(zip(part["source_file"], part["source_row"], strict=True))
        for entry in applied(paths.tables(place)):
            row = position(entry["cell"])[0] + 1
            of_sheet = entry["sheet"] == contract(table).sheet
            if of_sheet and (entry["action"] == "drop" or (entry["workbook"], row) in sources):
                found.append(entry | {"row": row})
    return found


def _by_ledger(rows: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    for names, part in rows.groupby(["place", "table"], sort=False):
        place, table = map(str, names)
        yield place, table, part


class _Blank(dict[str, object]):
    """Names of a formula; a missing figure prints as missing."""

    def __missing__(self, name: str) -> str:
        return "—"


def _number(number: object) -> str:
    """Return a number with more digits than are printed, enough to follow a calculation."""
    return f"{number:,.8g}"


def row_texts(cells: pd.DataFrame, table: str) -> list[str]:
    """Return the filled cells of each row in words."""
    return [*map(_joined, row_cells(cells, table))]


def _joined(cells: dict[str, str]) -> str:
    return "；".join(cells.values())


def row_cells(cells: pd.DataFrame, table: str) -> list[dict[str, str]]:
    """Return the filled cells of each row: field → heading and what it holds."""
    rows: list[dict[str, str]] = [{} for _ in range(len(cells))]
    for column in contract(table).fields:
        if column.name in cells:
            filled = np.flatnonzero(cells[column.name].notna())
            name, label = column.name, column.label
            for at, words in zip(filled, _words(cells[name].iloc[filled], column.labels), strict=True):
                rows[at][name] = f"{label} {words}"
    return rows


def _words(values: "pd.Series[Any]", labels: dict[str, str]) -> list[str]:
    """Return the values of a column, none of them blank, as text."""
    if values.dtype.kind == "M":
        return [text.removesuffix(" 00:00") for text in values.dt.strftime("%Y-%m-%d %H:%M")]
    if values.dtype.kind == "b" or values.dtype == "boolean":
        return [labels["1" if value else "0"] for value in values.tolist()]
    return [labels.get(str(value)) or (f"{value:g}" if isinstance(value, float) else str(value)) for value in values.tolist()]
