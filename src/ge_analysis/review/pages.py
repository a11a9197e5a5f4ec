"""Differences as tables: on a page and in a workbook for review, each with a column for the reviewer's remarks."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa

from ge_analysis.review.differences import Cause, Differences
from ge_analysis.review.ledger_changes import LedgerChanges
from ge_analysis.review.trace import key_name, row_cells
from ge_analysis.settings.keys import KEYS, SOURCE
from ge_analysis.settings.registry import indicator
from ge_analysis.storage.files import write_text
from ge_analysis.storage.workbooks import new_workbook

CHANGES = ("程度", "数值", "指标", "上次", "本次", "变化", "原因及各自影响", "报告中的位置", "审阅意见")
ROWS = ("原因", "县（市、区）", "台账", "工作簿", "工作表", "行", "上次所填", "本次所填", "审阅意见")
GRADES = {"large": "大", "moderate": "中", "small": "小"}
KINDS = {
    "tool": "工具版本",
    "parameter": "参数",
    "counties": "县（市、区）增减",
    "removed": "删除的行",
    "added": "新增的行",
    "changed": "改动的行",
    "correction": "更正",
    "year": "年度台账",
}
NOTE = (
    "各原因按固定次序逐一代入（工具、参数、县的增减，再逐县：删除、新增、改动的行和更正），每次全部重算；"
    "每步的变化即该原因的影响，合计等于总变化。次序不同，分摊也不同。"
)


def cause_name(cause: Cause) -> str:
    """Return a cause in words.

    Examples
    --------
    >>> cause_name(Cause("parameter", what="year.duration_floor_minutes", then="3.0", now="5.0"))
    '参数 year.duration_floor_minutes：3.0 → 5.0'
    """
    turn = f"：{cause.then or '—'} → {cause.now or '—'}" if cause.then or cause.now else ""
    return " ".join(part for part in (KINDS[cause.kind], cause.place, cause.what) if part) + turn


def change_table(found: Differences) -> pd.DataFrame:
    """Return the changes visible in print, largest first, with their causes."""
    lines = []
    for line in found.printed.to_dict("records"):
        key = tuple(line[name] for name in KEYS)
        causes = "；".join(f"{cause_name(cause)} {_signed(part)}".rstrip() for cause, part in found.by_value.get(key, []))
        entry = indicator(line["indicator"])
        change = _signed(line["change"])
        said = (key_name(key), entry.title, line["printed_then"], line["printed_now"], change, causes)
        lines.append((GRADES[line["grade"]], *said, found.printed_in.get(key, ""), ""))
    return pd.DataFrame(lines, columns=list(CHANGES))


def row_table(found: Differences) -> pd.DataFrame:
    """Return the ledger rows that differ, with their content then and now."""
    lines = [line for place, changes in found.ledgers.items() for line in _rows(place, changes)]
    return pd.DataFrame(lines, columns=list(ROWS))


def _rows(place: str, changes: LedgerChanges) -> Iterator[tuple[object, ...]]:
    for row in changes.rows:
        then, now = changes.then[row.table], changes.now[row.table]
        texts = [_text(table.iloc[[at]], row.table) if at >= 0 else "" for table, at in ((then, row.then), (now, row.now))]
        source = (now.iloc[row.now] if row.now >= 0 else then.iloc[row.then])[SOURCE]
        yield KINDS[row.kind], place, row.table, *source, *_apart(*texts), ""


def _text(row: pd.DataFrame, table: str) -> str:
    (cells,) = row_cells(pa.Table.from_pandas(row, preserve_index=False), table)
    return "；".join(cells.values())


def _apart(then: str, now: str) -> tuple[str, str]:
    """Remove what is the same on both sides."""
    if not (then and now):
        return then, now
    sides = [text.split("；") for text in (then, now)]
    return tuple("；".join(part for part in side if part not in other) for side, other in (sides, sides[::-1]))  # type: ignore[return-value]


def _signed(number: float) -> str:
    return "" if pd.isna(number) else f"{number:+,.6g}"


def write_workbook(found: Differences, path: Path) -> None:
    """Write changes, causes and rows to a workbook."""
    sheets = {"变化": change_table(found), "台账行": row_table(found)}
    sheets["原因"] = pd.DataFrame([*map(cause_name, found.causes), NOTE], columns=["原因（按代入次序）"])
    with new_workbook(path) as book:
        for name, table in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, list(table))
            for at, row in enumerate(table.itertuples(index=False), start=1):
                sheet.write_row(at, 0, [str(value) for value in row])
            sheet.autofilter(0, 0, len(table), len(table.columns) - 1)
            sheet.freeze_panes(1, 0)


def write_page(found: Differences, title: str, path: Path) -> None:
    """Write changes and rows to a page."""
    tables = "".join(f"<h2>{name}</h2>{table.to_html(index=False)}" for name, table in _page(found))
    style = "body{font-family:sans-serif} table{border-collapse:collapse} td,th{padding:.2em .5em;vertical-align:top}"
    head = f'<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><title>{title}</title><style>{style}</style>'
    write_text(path, f"{head}<h1>{title}</h1><p>{NOTE}</p>{tables}</html>\n")


def _page(found: Differences) -> list[tuple[str, pd.DataFrame]]:
    return [("变化", change_table(found)), ("台账行", row_table(found))]
