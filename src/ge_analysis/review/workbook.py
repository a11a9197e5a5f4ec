"""Answers as workbooks, for review away from the terminal."""

from pathlib import Path
from urllib.parse import quote

import pandas as pd
import xlsxwriter

from ge_analysis.review.trace import Trace, key_name
from ge_analysis.storage.files import whole_file
from ge_analysis.storage.paths import Paths

_LINKED = "source_row"


def write(trace: Trace, paths: Paths, path: Path) -> None:
    """Write a trace: the formula, its parameters, what it follows from, and every row with a link to its cell.

    A row whose workbook has a different name below data/raw, because its name is masked here, has no link.
    """
    with whole_file(path) as temporary, xlsxwriter.Workbook(temporary, {"strings_to_formulas": False}) as book:
        head = book.add_worksheet("数值")
        lines = [(key_name(trace.key), trace.title), ("", trace.formula)]
        lines += [(f"params/{each.file} {each.key}", str(each.value)) for each in trace.parameters]
        lines += [(f"{'　' * each.depth}{each.role} {each.name}", f"{each.value:,.8g}") for each in trace.tree]
        for at, line in enumerate(lines):
            head.write_row(at, 0, line)
        sheet, rows = book.add_worksheet("台账行"), trace.table()
        sheet.write_row(0, 0, list(rows))
        for at, row in enumerate(rows.itertuples(index=False), start=1):
            sheet.write_row(at, 0, [None if pd.isna(value) else value for value in row])
            raw = paths.raw / str(row.place) / str(row.source_file)
            if raw.is_file():
                link = f"external:{quote(raw.as_posix())}#'{row.source_sheet}'!A{row.source_row}"
                sheet.write_url(at, list(rows).index(_LINKED), link, string=str(row.source_row))
        sheet.autofilter(0, 0, len(rows), len(rows.columns) - 1)
        sheet.freeze_panes(1, 0)
