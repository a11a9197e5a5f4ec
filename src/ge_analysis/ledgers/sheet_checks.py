"""What is doubtful about a workbook or sheet as it was sent: names, titles, headings, and what its sender does not see."""

import re
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_col_to_name

from ge_analysis.ledgers import origin, personal
from ge_analysis.ledgers.cells import shown
from ge_analysis.ledgers.columns import remarks
from ge_analysis.ledgers.layout import Layout
from ge_analysis.ledgers.plain import plain
from ge_analysis.ledgers.words import words
from ge_analysis.settings.registry import label, registry

if TYPE_CHECKING:
    from ge_analysis.ledgers.reading import Reading, SheetSource, Where

_UNIT_TITLE = re.compile(r"单位[:为]?([^()\[\]【】]+)|[(\[【]([^()\[\]【】]+)[)\]】]")
_BETWEEN_UNITS = re.compile(r"[、,;和]")


def check_file_name(reading: "Reading", where: "Where") -> None:
    """Find the name of another county, or only other years, in the name of a workbook."""
    name = Path(where.file).stem
    _check_county(reading, name, where)
    _check_year(reading, name, where)


def check_sheet(reading: "Reading", source: "SheetSource") -> None:
    """Find what is doubtful about a sheet, whatever its rows say."""
    _check_county(reading, source.sheet.name, source.where())
    _report_hidden(reading, source)
    _check_titles(reading, source)
    _check_headings(reading, source)
    _check_county_column(reading, source)


def _check_county(reading: "Reading", text: str, where: "Where") -> bool:
    """Find another county's name in a text that does not name the own county too; False if the text names no county."""
    if reading.scope == "city":
        return True
    named = origin.county_in(text, reading.county_names, reading.place)
    if named and named != reading.place:
        own, *_ = reading.county_names[reading.place]
        reading.find("other_county", *where, origin.name_in(text, reading.county_names[named]), own=own)
    return named is not None


def _check_year(reading: "Reading", text: str, where: "Where") -> None:
    """Find only other years in the name of a file or in a title."""
    periods = (reading.study.params.year.reliability_period, reading.study.params.year.survey_period)
    year = reading.study.year
    fitting = {year} | {day.year for period in periods for day in (period.start, period.last)}
    if reading.scope == "city":
        fitting.add(min(fitting) - 1)  # last year's values are the city's to send
    named = origin.years_in(text, in_title=bool(where.sheet))
    if named and not named & fitting:
        studied = reading.study.params.year.reliability_period
        period = f"可靠性统计期 {studied.start}至{studied.last}"
        reading.find("other_year", *where, min(named), year=year, period=period)


def _report_hidden(reading: "Reading", source: "SheetSource") -> None:
    """Report what the sender does not see and is read all the same."""
    sheet, layout = source.sheet, source.layout

    def report(rule: str, where: "Where", hidden: list[str], kind: str) -> None:
        named = "、".join(hidden[:10]) + ("等" if len(hidden) > 10 else "")
        reading.find(rule, *where, f"第{named}{kind}，共{len(hidden)}{kind}")

    if sheet.hidden:
        reading.find("hidden_sheet", *source.where())
    if rows := sorted(set(sheet.hidden_rows) & set(layout.rows)):
        report("hidden_rows", source.where(rows[0]), [str(row + 1) for row in rows], "行")
    read = {heading.at for heading in layout.headings}
    if columns := sorted(set(sheet.hidden_columns) & read):
        report("hidden_columns", source.where(layout.header_row, columns[0]), [xl_col_to_name(at) for at in columns], "列")


def _check_titles(reading: "Reading", source: "SheetSource") -> None:
    sheet, layout = source.sheet, source.layout
    heading_texts = {str(sheet.rows[layout.header_row][heading.at]) for heading in layout.headings}
    for row in range(layout.header_row):
        for column, value in enumerate(sheet.rows[row]):
            if isinstance(value, str) and value not in heading_texts and value.strip():
                where = source.where(row, column)
                _check_county(reading, value, where)
                _check_year(reading, value, where)
                _check_unit_title(reading, value, where, layout)


def _check_unit_title(reading: "Reading", text: str, where: "Where", layout: Layout) -> None:
    """Report 单位：万元 or 低压用户 above the table if a column is read differently: such a line names no column."""
    named = {
        unit
        for part in chain.from_iterable(_UNIT_TITLE.findall(plain(text)))
        for unit in _BETWEEN_UNITS.split("".join(remarks(part)))
    }
    own = label("statistical_unit", reading.study.params.year.statistical_unit)
    counted = [name for name in registry().codes["statistical_unit"].values() if name in plain(text)]
    for heading in layout.found.values():
        column = heading.column
        unread = [
            (column.unit, unit)
            for unit in sorted(named)
            if column.is_number and not heading.unit and words().factor(column.unit, unit) not in (None, 1)
        ]
        if column.counts_customers and own not in counted and not heading.customers:
            unread += [(own, name) for name in counted]
        for unit, written in unread:
            filled = {"header": column.label, "unit": unit, "written": written}
            reading.find("unit_title", *where, personal.quotable(text), **filled)


def _check_headings(reading: "Reading", source: "SheetSource") -> None:
    """Check that the required columns are there once, and report what is unknown or doubtful."""
    layout, texts = source.layout, source.sheet.rows[source.layout.header_row]

    def find(rule: str, at: int, found: object = "", /, **filled: object) -> None:
        where = source.where(layout.header_row, at) if at >= 0 else source.where()
        reading.find(rule, *where, personal.quotable(found), **filled)

    for column in layout.contract.fields:
        same = [heading for heading in layout.headings if heading.column is column]
        if not same and column.required:
            find("missing_column", -1, header=column.header)
        for repeated in same[1:]:
            find("repeated_column", repeated.at, repeated.alias.header, header=column.header)
    for heading in layout.found.values():
        alias, column = heading.alias, heading.column
        if alias.warning:
            find("doubtful_column", heading.at, alias.header, header=column.header, warning=alias.warning)
        unit = reading.study.params.year.statistical_unit
        if heading.customers - {unit}:
            find("statistical_unit", heading.at, texts[heading.at], header=column.header, unit=label("statistical_unit", unit))
        if heading.remark:
            filled = {"remark": personal.quotable(heading.remark), "label": column.label, "unit": column.unit or "数字"}
            find("heading_remark", heading.at, texts[heading.at], header=column.header, **filled)
        if heading.factor is None:
            find("unit", heading.at, texts[heading.at], header=column.header, unit=column.unit or "无")
    for at, name in layout.unknown.items():
        find("unknown_column", at, name)
    for at in layout.unheaded:
        find("unheaded_column", at)


def _check_county_column(reading: "Reading", source: "SheetSource") -> None:
    """Find rows of another county; each other county is reported once."""
    layout = source.layout
    if layout.county_column is None:
        return
    own, *_ = reading.county_names[reading.place]
    cells = {source.sheet.rows[row][layout.county_column]: row for row in reversed(layout.rows)}
    for value, row in cells.items():
        text = plain(shown(value))
        if not text or reading.places.get(text) == reading.place:
            continue
        where = source.where(row, layout.county_column)
        if not _check_county(reading, text, where):
            reading.find("other_county", *where, personal.quotable(value), own=own)
