"""Corrections of known mistakes in files that will not be sent again (`data/corrections/<year>.yml`)."""

import datetime
import re
from dataclasses import dataclass, field
from typing import Annotated, Literal

import yaml
from pydantic import BeforeValidator
from xlsxwriter.utility import xl_rowcol_to_cell

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.ledgers.cells import Context, read_column, shown
from ge_analysis.ledgers.contract import Column, contract
from ge_analysis.ledgers.issues import Issue, issue
from ge_analysis.ledgers.layout import Layout
from ge_analysis.ledgers.personal import MASK, mask_names, mask_text, quotable
from ge_analysis.ledgers.plain import plain
from ge_analysis.ledgers.workbook import Sheet
from ge_analysis.settings.model import Model
from ge_analysis.settings.study_year import StudyYear
from ge_analysis.settings.yaml_files import read_yaml

# YAML would read 025 as 21, 1:30 as 90 and no as false: values are kept as written.
Value = Annotated[str | None, BeforeValidator(lambda value: None if value in ("", "~", "null") else value)]

_FREE = {"reason", "value", "expect", "workbook", "told_by"}  # where the consultants may have named a person
_OFFICE = re.compile(r"[\u4e00-\u9fff]*(?:公司|所|局|部|科|处|室|调度|中心|站|班)")


class Correction(Model):
    """One entry of the file.

    Parameters
    ----------
    county : str
        Slug, or "city".
    sheet : str
        Chinese name of the sheet.
    key : dict, optional
        Canonical column → value, which together identify the row; either this or `cell`.
    cell : str, optional
        Address of the cell ("H12").
    workbook : str
        Path below the county's folder; needed only if several workbooks hold the same sheet.
    field : str
        Canonical name of the column, for `drop` too: `expect` is compared with its cell.
    action : {"override", "drop", "flag"}
        Put `value` in the cell, leave the row out, or keep it and report it.
    value
        The right value, as it would be written in the workbook.
    expect
        The present value, as the workbook shows it.
    reason, told_by, date
        Why, who said so, when.
    """

    county: str
    sheet: str
    key: dict[str, Value] | None = None
    cell: str | None = None
    workbook: str = ""
    field: str
    action: Literal["override", "drop", "flag"]
    value: Value = None
    expect: Value
    reason: str
    told_by: str
    date: datetime.date

    @property
    def is_personal(self) -> bool:
        """Whether the values are personal data."""
        return contract(self.sheet)[self.field].personal is not None


@dataclass
class Corrections:
    """The year's corrections and what became of them for one place.

    Parameters
    ----------
    entries : tuple of Correction
        The entries of the file in order; issues refer to them by number, from 1.
    applied : list of (int, str, str)
        Number, workbook and cell of each entry that was applied.
    matched : set of int
        Numbers of the entries whose row was found, applied or not.
    """

    entries: tuple[Correction, ...] = ()
    applied: list[tuple[int, str, str]] = field(default_factory=list)
    matched: set[int] = field(default_factory=set)

    def apply(
        self, place: str, file: str, sheet: Sheet, layout: Layout, raw: dict[str, list[object]], context: Context
    ) -> tuple[set[int], set[tuple[str, int]], list[Issue]]:
        """Apply the corrections of this sheet to its raw cells.

        Parameters
        ----------
        place, file : str
            County slug or "city", and the workbook's path below its folder.
        sheet, layout : Sheet, Layout
            The sheet and how it holds its table.
        raw : dict of str to list
            Cells by canonical column; overridden in place.
        context : Context
            How cells of this sheet are read, to compare values.

        Returns
        -------
        dropped, overridden, issues
            Positions of rows to leave out; (column, position) of overridden cells; issues with the entries.
        """
        dropped, overridden, found = set(), set(), []
        for number, entry in enumerate(self.entries, start=1):
            if entry.county != place or contract(entry.sheet) is not layout.contract or entry.workbook not in ("", file):
                continue
            positions = _positions(entry, layout, raw, context) if entry.field in raw else []
            if not positions:
                continue
            self.matched.add(number)
            at = positions[0]
            column = layout.contract[entry.field]
            cell = sheet.cell(layout.rows[at], layout.found[entry.field].at)
            where = (place, file, sheet.name, cell)
            value = quotable(raw[entry.field][at], column)
            if len(positions) > 1:
                reason = f"匹配到{len(positions)}行，请补充条件"
                found.append(issue("correction_invalid", *where, "", number=number, reason=reason))
            elif not _same(raw[entry.field][at], entry.expect, column, context):
                expect = _written(entry.expect)
                found.append(issue("correction_stale", *where, value, number=number, expect=expect))
            elif entry.action == "override" and read_column([_written(entry.value)], column, context)[1]:
                reason = f"“{_written(entry.value)}”不能填入“{column.header}”"
                found.append(issue("correction_invalid", *where, value, number=number, reason=reason))
            else:
                self.applied.append((number, file, cell))
                if entry.action == "override":
                    raw[entry.field][at] = _written(entry.value)
                    overridden.add((entry.field, at))
                elif entry.action == "drop":
                    dropped.add(at)
                else:
                    found.append(issue("correction_flag", *where, value, number=number, reason=mask_text(entry.reason)))
        return dropped, overridden, found

    def log(self, names: set[str]) -> list[dict[str, object]]:
        """Return the applied corrections with their numbers, without personal values; of `told_by` only the office.

        Parameters
        ----------
        names : set of str
            Personal values of the place (`personal.known`).
        """
        log = []
        for number, file, cell in self.applied:
            entry = self.entries[number - 1]
            hidden = {"value", "expect"} if entry.is_personal else set()
            kept = entry.model_dump(mode="json", exclude={"key"} | hidden) | {
                "number": number,
                "workbook": file,
                "cell": cell,
                "told_by": _office(entry.told_by),
            }
            for name in _FREE & kept.keys():
                kept[name] = kept[name] and mask_text(*mask_names([kept[name]], names))
            log.append(kept)
        return log

    def unmatched(self, place: str) -> list[Issue]:
        """Return issues for the entries of a place that matched nothing."""
        return [
            issue("correction_unmatched", place, entry.workbook, entry.sheet, entry.cell or "", number=number)
            for number, entry in enumerate(self.entries, start=1)
            if entry.county == place and number not in self.matched
        ]


def load(study: StudyYear) -> tuple[Correction, ...]:
    """Read the year's corrections; none if there is no file.

    Raises
    ------
    GeError
        For a broken file, an unknown key, county, sheet or column.
    """
    path = study.paths.corrections
    if not path.exists():
        return ()
    entries = read_yaml(path, tuple[Correction, ...] | Literal[""] | None, yaml.BaseLoader) or ()
    for number, entry in enumerate(entries, start=1):
        if entry.county not in study.places:
            raise GeError(
                _("{path}: entry {number}: unknown county '{county}'", path=path, number=number, county=entry.county),
                _("use one of {known}", known=", ".join(study.places)),
            )
        try:
            known = {column.name for column in contract(entry.sheet).fields}
        except GeError as error:
            raise GeError(_("{path}: entry {number}: {error}", path=path, number=number, error=error)) from None
        for name in (entry.field, *(entry.key or {})):
            if name not in known:
                raise GeError(
                    _(
                        "{path}: entry {number}: {sheet} has no column '{name}'",
                        path=path,
                        number=number,
                        sheet=entry.sheet,
                        name=name,
                    ),
                    _("use one of {known}", known=", ".join(sorted(known))),
                )
        if (entry.cell is None) == (entry.key is None):
            raise GeError(
                _("{path}: entry {number} names its row by neither or both of `key` and `cell`", path=path, number=number),
                _("give one of them"),
            )
    return entries


def _positions(entry: Correction, layout: Layout, raw: dict[str, list[object]], context: Context) -> list[int]:
    """Return the positions of the rows that an entry identifies."""
    if entry.cell:
        at = layout.found[entry.field].at
        return [position for position, row in enumerate(layout.rows) if xl_rowcol_to_cell(row, at) == entry.cell.upper()]
    if not entry.key or not set(entry.key) <= set(raw):
        return []
    wanted = [(raw[name], value, layout.contract[name]) for name, value in entry.key.items()]
    rows = range(len(layout.rows))
    return [at for at in rows if all(_same(cells[at], value, column, context) for cells, value, column in wanted)]


def _office(text: str) -> str:
    """Return the offices named in a text, without anything that may be a person."""
    return mask_text("、".join(_OFFICE.findall(text))) or MASK


def _written(value: Value) -> str:
    return value or ""


def _same(cell: object, value: Value, column: Column, context: Context) -> bool:
    """Whether a cell holds a value, regardless of spelling."""
    if plain(shown(cell)) == plain(_written(value)):
        return True
    read, faults = read_column([cell, _written(value)], column, context)
    return not faults and read.nunique(dropna=False) == 1
