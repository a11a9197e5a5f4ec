"""Read all workbooks of one county (or of the city) into typed tables: the first pass of the checks."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ge_analysis.ledgers import personal, workbook
from ge_analysis.ledgers.cells import Context, Fault, read_column
from ge_analysis.ledgers.columns import Heading
from ge_analysis.ledgers.contract import contracts
from ge_analysis.ledgers.corrections import Corrections
from ge_analysis.ledgers.displayed import as_displayed, fill_merged, unseen
from ge_analysis.ledgers.issues import Issue, issue
from ge_analysis.ledgers.layout import Layout, recognise
from ge_analysis.ledgers.marked import marked_rows
from ge_analysis.ledgers.plain import plain
from ge_analysis.ledgers.refusal import Unreadable
from ge_analysis.ledgers.sheet_checks import check_file_name, check_sheet
from ge_analysis.ledgers.stale import raw_folder, shown_name
from ge_analysis.ledgers.words import words
from ge_analysis.ledgers.workbook import SUFFIXES, Sheet
from ge_analysis.settings.study_year import StudyYear

SOURCE = "_source"  # which source a row of a typed table came from
ROW = "source_row"
_KIND_OF_COUNTY = re.compile(r"[市县区]$")


class Where(NamedTuple):
    """Where an issue is: a workbook, its sheet and the cell's address; "" for none in particular."""

    file: str = ""
    sheet: str = ""
    cell: str = ""


@dataclass(frozen=True)
class SheetSource:
    """One sheet of one workbook that holds rows of a table."""

    file: str
    sheet: Sheet
    layout: Layout

    def where(self, row: int | None = None, column: int = 0) -> Where:
        """Return where a cell is, counted from 0; only the sheet if no row is given."""
        return Where(self.file, self.sheet.name, "" if row is None else self.sheet.cell(row, column))


@dataclass
class Reading:
    """What was read of one place.

    Parameters
    ----------
    study : StudyYear
    place : str
        County slug, or "city".
    tables : dict of str to DataFrame
        Typed tables of the sheets found: the contract's columns, `_source` and `source_row`; missing if a cell is at fault.
    sources : list of SheetSource
        Where the rows came from.
    issues : list of Issue
        What was found so far.
    """

    study: StudyYear
    place: str
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    sources: list[SheetSource] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    @property
    def scope(self) -> str:
        """Whose sheets are here."""
        return "city" if self.place == "city" else "county"

    @cached_property
    def places(self) -> dict[str, str]:
        """How counties and the city are written, and their slugs."""
        named = {plain(name): unit.slug for unit in self.study.counties for name in (unit.name, unit.slug, unit.code)}
        return named | dict.fromkeys([*words().city_names, plain(self.study.params.study.city), "city"], "city")

    @cached_property
    def grids(self) -> dict[str, str]:
        """How grids are written, and their codes."""
        return {
            plain(name): grid.code
            for grid in self.study.params.grids
            for name in (grid.name, grid.company, grid.tariff_area, *grid.aliases, grid.code)
        }

    @cached_property
    def county_names(self) -> dict[str, tuple[str, ...]]:
        """Slug → how the county is called: 孝义市, and 孝义 if at least two characters are left."""
        named = {unit.slug: (unit.name, _KIND_OF_COUNTY.sub("", unit.name)) for unit in self.study.counties}
        return {slug: names if len(names[1]) > 1 else names[:1] for slug, names in named.items()}

    def find(self, rule: str, file: str = "", sheet: str = "", cell: str = "", found: object = "", /, **filled: object) -> None:
        """Add an issue of this place."""
        self.issues.append(issue(rule, self.place, file, sheet, cell, found, **filled))

    def row_beside(self, row: pd.Series, other: pd.Series) -> str:
        """Refer to another row of the same table from a row: 第3行, with workbook and sheet if they differ."""
        here, there = self.sources[row[SOURCE]], self.sources[other[SOURCE]]
        where = "" if here is there else f"“{personal.mask_text(there.file)}”的“{personal.mask_text(there.sheet.name)}”"
        return f"{where}第{other[ROW]}行"

    def find_in_row(self, rule: str, row: pd.Series, column: str, found: object = "", /, **filled: object) -> None:
        """Add an issue that points to one field of one row of a typed table."""
        source: SheetSource = self.sources[row[SOURCE]]
        heading = source.layout.found.get(column)
        at = heading.at if heading else 0
        header = source.layout.contract[column].label
        self.find(rule, *source.where(row[ROW] - 1, at), found, **{"header": header} | filled)


def read_place(study: StudyYear, place: str, corrections: Corrections, begin: Callable[[str], None]) -> Reading:
    """Read every workbook below a place's raw folder.

    Parameters
    ----------
    study : StudyYear
    place : str
        County slug, or "city".
    corrections : Corrections
        The year's corrections; they are applied before cells are typed.
    begin : callable
        Is called with each workbook's name before it is read; raises `Unreadable` for one that is not to be read.

    Returns
    -------
    Reading
        Tables and issues. No file stops the others.
    """
    reading, folder = Reading(study, place), study.paths.raw / place
    parts: dict[str, list[pd.DataFrame]] = {}
    books = 0
    raw = raw_folder(folder)
    for path, reason in raw.unreadable.items():
        reading.find("unreadable", shown_name(path, folder), "", "", reason)
    for path in raw.outward:
        reading.find("leads_outside", shown_name(path, folder))
    for path in raw.files:
        file = shown_name(path, folder)
        if path.suffix.lower() not in SUFFIXES:
            reading.find("not_read", file)
            continue
        books += 1
        try:
            begin(file)
            _try_to_open(path)
            sheets = workbook.read(path, study.params.ledgers)
        except Unreadable as fault:
            reading.find(fault.rule, file, "", "", fault.found, **fault.filled)
            continue
        check_file_name(reading, Where(file))
        if live := sorted(set().union(*(sheet.live for sheet in sheets))):
            reading.find("live_content", file, "", "", "、".join(live))
        for sheet in sheets:
            for table, frame in _read_sheet(reading, sheet, file, corrections):
                parts.setdefault(table, []).append(frame)
    begin("")
    if not books and not raw.unreadable:
        reading.find("missing_workbook")
    elif books:
        _check_missing_sheets(reading, parts)
    reading.issues += corrections.unmatched(place)
    reading.tables = {table: pd.concat(parts[table], ignore_index=True) for table in contracts() if table in parts}
    return reading


def _try_to_open(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise Unreadable("unreadable", error.strerror) from None


def _check_missing_sheets(reading: Reading, parts: dict[str, list[pd.DataFrame]]) -> None:
    for contract in contracts().values():
        if contract.scope == reading.scope and contract.table not in parts:
            reading.find("missing_sheet" if contract.required else "missing_optional_sheet", "", contract.sheet)


def _read_sheet(reading: Reading, sheet: Sheet, file: str, corrections: Corrections) -> Iterator[tuple[str, pd.DataFrame]]:
    """Read one sheet; yield its table if it is recognised."""
    if plain(sheet.name) in words().instruction_sheets or not any(value != "" for row in sheet.rows for value in row):
        return
    layout = recognise(sheet, reading.scope, reading.study.year, reading.study.params.ledgers.header_search_rows)
    if layout is None:
        reading.find("unknown_sheet", file, sheet.name)
        return
    source = SheetSource(file, sheet, layout)
    check_sheet(reading, source)
    if layout.left_out:
        reading.find("rows_left_out", *source.where(layout.left_out[0]), _row_numbers(layout.left_out))
    if not layout.rows:
        reading.find("no_rows", *source.where())
    reading.sources.append(source)
    yield layout.contract.table, _typed(reading, source, corrections)


def _row_numbers(rows: list[int]) -> str:
    """Name rows as a reader of the sheet counts them.

    Examples
    --------
    >>> _row_numbers([4, 8, 9, 10, 11])
    '第5、9—12行'
    """
    runs = [[row for _, row in run] for _, run in groupby(enumerate(rows, 1), key=lambda counted: counted[1] - counted[0])]
    named = [f"{run[0] + 1}—{run[-1] + 1}" if len(run) > 1 else f"{run[0] + 1}" for run in runs]
    return f"第{'、'.join(named[:30])}行" + (f"等{len(rows)}行" if len(named) > 30 else "")


def _typed(reading: Reading, source: SheetSource, corrections: Corrections) -> pd.DataFrame:
    """Type every cell of a sheet; each cell that cannot be read becomes an issue and is missing in the table."""
    sheet, layout = source.sheet, source.layout
    cells = list(zip(*(sheet.rows[row] for row in layout.rows), strict=True)) or [()] * len(sheet.rows[layout.header_row])
    raw = {name: list(cells[heading.at]) for name, heading in layout.found.items()}
    faults = {name: unseen(sheet, layout, heading) for name, heading in layout.found.items()}
    for name, heading in layout.found.items():
        fill_merged(sheet, layout, heading, raw[name], faults[name])
    for name, heading in layout.found.items():
        if heading.column.is_number:
            scaled = as_displayed(sheet, layout, heading, raw, faults[name])
            if scaled:
                where = source.where(scaled[0], heading.at)
                reading.find("scaled_format", *where, _row_numbers(scaled), header=heading.column.header)
    context = Context(reading.places, reading.grids, sheet.epoch_1904)
    dropped, overridden, issues = corrections.apply(reading.place, source.file, sheet, layout, raw, context)
    reading.issues += issues
    columns = {}
    for column in layout.contract.fields:
        if column.name not in raw:
            columns[column.name] = _missing(column.dtype, len(layout.rows))
            continue
        heading = layout.found[column.name]
        columns[column.name], found = read_column(raw[column.name], column, replace(context, factor=heading.factor or 1.0))
        seen = {at: fault for at, fault in faults[column.name].items() if (column.name, at) not in overridden}
        for at, fault in sorted((found | seen).items()):
            if at not in dropped:
                _find_fault(reading, source, heading, at, fault, raw[column.name][at])
    for at, column_at, mark in marked_rows(cells, layout):
        if at not in dropped:
            reading.find("marked_row", *source.where(layout.rows[at], column_at), mark)
    frame = pd.DataFrame(columns)
    frame[SOURCE] = len(reading.sources) - 1
    frame[ROW] = [row + 1 for row in layout.rows]
    return frame.drop(index=sorted(dropped))


def _missing(dtype: str, length: int) -> pd.Series:
    return pd.Series([None] * length, dtype={"int64": "Int64"}.get(dtype, dtype))


def _find_fault(reading: Reading, source: SheetSource, heading: Heading, at: int, fault: Fault, value: object) -> None:
    where = source.where(source.layout.rows[at], heading.at)
    found = personal.quotable(fault.found or value, heading.column)
    reading.find(fault.rule, *where, found, **{"header": heading.column.label, **fault.filled})
