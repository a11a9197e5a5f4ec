"""Answers as workbooks, for review away from the terminal."""

from functools import cache
from pathlib import Path
from urllib.parse import quote

from ge_analysis.ledgers.finished import columns
from ge_analysis.review.trace import HEADS, Row, Trace, key_name
from ge_analysis.storage.paths import Paths
from ge_analysis.storage.workbooks import new_workbook

_MOST_LINKS = 65_000  # Excel takes 65 530 in a sheet


def write(trace: Trace, paths: Paths, path: Path) -> None:
    """Write a trace: the formula, its parameters, what it follows from, and every row with its cells, each with a link to it.

    A row whose workbook has a different name below data/raw, because its name is masked here, has no links.
    """
    in_sheet = cache(lambda place: columns(paths.tables(place)))

    @cache  # of a few sheets, for thousands of rows
    def cells_of(place: str, file: str, sheet: str) -> tuple[str, dict[str, str]]:
        """Return the address of a sheet's cells, and the column of each field; nothing where there is no such workbook."""
        raw = paths.raw / place / file
        return (f"external:{quote(raw.as_posix())}#'{sheet}'!", in_sheet(place)[file, sheet]) if raw.is_file() else ("", {})

    with new_workbook(path) as book:
        head = book.add_worksheet("数值")
        lines = [(key_name(trace.key), trace.title), ("", trace.formula)]
        lines += [(f"params/{each.file} {each.key}", str(each.value)) for each in trace.parameters]
        lines += [(f"{'　' * each.depth}{each.role} {each.name}", f"{each.value:,.8g}") for each in trace.tree]
        for at, line in enumerate(lines):
            head.write_row(at, 0, line)
        sheet, rows, links = book.add_worksheet("台账行"), trace.rows, 0
        sheet.write_row(0, 0, [HEADS[name] for name in (*Row._fields, "said")])
        for at, (row, cells) in enumerate(zip(rows, trace.behind.cells(rows), strict=True), start=1):
            sheet.write_row(at, 0, [None if value != value else value for value in row])  # NaN
            address, letters = cells_of(row.place, row.source_file, row.source_sheet)
            for column, (name, text) in enumerate(cells.items(), start=len(row)):
                if name in letters and links < _MOST_LINKS:
                    sheet.write_url(at, column, f"{address}{letters[name]}{row.source_row}", string=text)
                    links += 1
                else:
                    sheet.write_string(at, column, text)
        sheet.autofilter(0, 0, len(rows), len(Row._fields))
        sheet.freeze_panes(1, 0)
