"""The printed tables and figures as a workbook: cover, contents, notes, and a sheet for each, with numbers as numbers."""

import re
from pathlib import Path
from typing import Any

from lxml import html

from ge_analysis.figures import drawing
from ge_analysis.report.source import Source
from ge_analysis.storage.workbooks import new_workbook

FILE = "report-data.xlsx"
CONTENTS = "目录"
FIGURE_HEADS = ("类别", "系列", "量", "数值")
NOTES = (
    "数值与报告印出的相同；右对齐的数字存为数字，小数位数按报告显示。",
    "单位见各列标题、表题，或图的“量”一列。",
    "“—”表示没有数值，“缺”表示该县（市、区）没有结果。",
    "县（市、区）一律按行政区划顺序列示，不作排名。",
    "图的数值比图中标注的多留小数；没有条块的图没有数值，只列题名。",
)
_NUMBER = re.compile(r"[-−]?[\d,]+(\.\d+)?")


def write(page: Path, source: Source) -> None:
    """Write the workbook of a finished page beside it.

    Parameters
    ----------
    page : Path
        The finished html.
    source : Source
        The document that it was made from.
    """
    root = html.fromstring(page.read_bytes())
    elements = root.xpath("//main//figure[@id] | //main//div[contains(concat(' ', @class, ' '), ' table ')][@id]")
    with new_workbook(page.with_name(FILE)) as book:
        # the same report gives the same bytes
        book.set_properties({"title": source.metadata["title"], "created": source.created.replace(tzinfo=None)})
        styles = {
            "head": book.add_format({"bold": True, "text_wrap": True, "bottom": 1}),
            "title": book.add_format({"bold": True}),
        }
        cover, contents, notes = map(book.add_worksheet, ("封面", CONTENTS, "说明"))
        metadata = source.metadata
        _column(
            cover,
            [metadata["title"] + metadata.get("subtitle", ""), metadata["client"], metadata["date"], metadata.get("notice", "")],
        )
        _column(notes, ["说明", *NOTES])
        _column(contents, [CONTENTS])
        for at, element in enumerate(elements, start=1):
            caption = _text(element.xpath(".//caption | .//figcaption")[0])
            name = caption.partition("\u3000")[0]
            sheet = book.add_worksheet(name)
            contents.write_url(at, 0, f"internal:'{name}'!A1", string=caption)
            sheet.write_string(0, 0, caption, styles["title"])
            sheet.write_string(1, 0, " ".join(map(_text, element.xpath("./div[@class='note']"))))
            sheet.write_url(2, 0, f"internal:'{CONTENTS}'!A1", string="返回目录")
            rows = _figure(element) if element.tag == "figure" else _table(element)
            for row, cells in enumerate(rows, start=4):
                for column, (text, is_number) in enumerate(cells):
                    _write(book, styles, sheet, (row, column), text, is_number)
            sheet.set_column(0, max(map(len, rows), default=1) - 1, 14)
        contents.set_column(0, 0, 60)


def _column(sheet: Any, texts: list[str]) -> None:
    for at, text in enumerate(texts):
        sheet.write_string(at, 0, text)
    sheet.set_column(0, 0, 80)


def _text(element: Any) -> str:
    return " ".join(element.text_content().split(" ")).strip()


def _table(element: Any) -> list[list[tuple[str, bool]]]:
    """Return the cells of a table, each with whether it may be a number."""
    return [
        [(_text(cell), cell.tag == "td" and "right" in cell.get("style", "")) for cell in row.xpath("./th | ./td")]
        for row in element.xpath(".//tr")
    ]


def _figure(element: Any) -> list[list[tuple[str, bool]]]:
    """Return the values of the marks of a figure."""
    shown = map(drawing.shown, element.xpath(".//*[@data-of]"))
    lines = [[*((text, False) for text in texts), (value, True)] for *texts, value in shown]
    return [[(head, False) for head in FIGURE_HEADS], *lines] if lines else []


def _write(book: Any, styles: dict[str, Any], sheet: Any, at: tuple[int, int], text: str, is_number: bool) -> None:
    if not (is_number and (found := _NUMBER.fullmatch(text))):
        sheet.write_string(*at, text, styles["head"] if at[0] == 4 else None)
        return
    shown = ("#,##0" if "," in text else "0") + (f".{'0' * (len(found[1]) - 1)}" if found[1] else "")
    if shown not in styles:
        styles[shown] = book.add_format({"num_format": shown})
    sheet.write_number(*at, float(text.replace(",", "").replace("−", "-")), styles[shown])
