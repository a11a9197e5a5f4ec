"""Writing tables as workbooks in a sender's layout; the same content gives the same bytes."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from ge_analysis.demo.layout import Sender, SheetStyle
from ge_analysis.ledgers.contract import Column, Contract, contracts

NOTICE = "合成演示数据"
DISCLAIMER = f"{NOTICE}，不反映任何单位的实际情况。"
TEXT_DATES = {
    "slash": "{0.year}/{0.month}/{0.day}",
    "dot": "{0:%Y.%m.%d}",
    "chinese": "{0.year}年{0.month}月{0.day}日",
    "compact": "{0:%Y%m%d}",
}
EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}
CELL_FORMATS = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm", "month": "yyyy-mm"}
MACRO_TYPE = (
    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
)
FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def book(
    tables: dict[str, pd.DataFrame],
    sender: Sender,
    place: str,
    names: Mapping[str, Mapping[str, str]],
    edits: dict[str, dict[str, object]] | None = None,
    created: date = date(2000, 1, 1),
) -> bytes:
    """Return a workbook with one sheet per table.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Table name → table with canonical column names and codes.
    sender : Sender
        The sender whose habits the sheets show.
    place : str
        Chinese name of the county or of the city, for titles and properties.
    names : mapping
        What columns of type place and grid print for a slug or code; other places mean the whole city.
    edits : dict, optional
        Table name → cell → its final content: a value, None, or {formula, result}.
    created : date, optional
        Date of creation in the workbook's properties.
    """
    content = BytesIO()
    workbook = Workbook(content, {"in_memory": True, "date_1904": sender.system_1904})
    workbook.set_properties(
        {"title": f"{place}（{NOTICE}）", "comments": DISCLAIMER, "created": datetime.combine(created, time())}
    )
    if sender.wps:
        workbook.set_custom_property("KSOProductBuildVer", "2052-11.1.0.10938")
    for table, frame in tables.items():
        sheet = _Sheet(workbook, contracts()[table], frame, sender.layout(table), place, names)
        sheet.write()
        sheet.edit((edits or {}).get(table, {}))
    workbook.close()
    return content.getvalue()


def macro_enabled(content: bytes) -> bytes:
    """Return a workbook as .xlsm without macros, as some offices save by habit."""
    changed = BytesIO()
    with ZipFile(BytesIO(content)) as before, ZipFile(changed, "w") as after:
        for entry in before.infolist():
            part = before.read(entry)
            after.writestr(entry, part.replace(*MACRO_TYPE) if entry.filename == "[Content_Types].xml" else part)
    return changed.getvalue()


class _Sheet:
    """One sheet being written."""

    def __init__(
        self,
        workbook: Workbook,
        contract: Contract,
        frame: pd.DataFrame,
        layout: SheetStyle,
        place: str,
        names: Mapping[str, Mapping[str, str]],
    ):
        self.contract, self.layout, self.place, self.names = contract, layout, place, names
        self.columns = [column for column in contract.fields if column.name in frame and column.name not in layout.left_out]
        self.epoch = EPOCHS[workbook.date_1904]
        self.frame = frame.sort_values(list(layout.merged), kind="stable") if layout.merged else frame
        self.sheet: Worksheet = workbook.add_worksheet(contract.sheet)
        self.head = workbook.add_format({"bold": True, "border": 1, "align": "center", "valign": "vcenter"})
        self.middle = workbook.add_format({"valign": "vcenter"})
        self.formats = {kind: workbook.add_format({"num_format": shown}) for kind, shown in CELL_FORMATS.items()}
        self.left = layout.skip[1]
        self.first = self.left + layout.serial + layout.county_column  # column of the first field
        self.row = layout.skip[0]

    def write(self) -> None:
        """Write titles, header, cells, total and note from top to bottom."""
        self._titles()
        self._header()
        top, count = self.row, len(self.frame)
        for offset, column in enumerate(self.columns):
            self._column(top, self.first + offset, column)
        for offset, text in enumerate(self.layout.extra.values(), len(self.columns)):
            self.sheet.write_column(top, self.first + offset, [text] * count)
        if self.layout.serial:
            self.sheet.write_column(top, self.left, range(1, count + 1))
        if self.layout.county_column and count > 1:
            position = self.first - 1
            self.sheet.merge_range(top, position, top + count - 1, position, self.place, self.middle)
        if self.layout.hidden_row and count:
            self.sheet.set_row(top + count // 2, None, None, {"hidden": True})
        self.row += count
        if self.layout.totals and count:
            self._totals(top)
        self.sheet.write_string(self.row, self.left, f"注：{DISCLAIMER}")
        if self.layout.hidden:
            self.sheet.hide()

    def edit(self, cells: dict[str, object]) -> None:
        """Overwrite single cells."""
        for cell, value in cells.items():
            if value is None:
                self.sheet.write_string(cell, "")
            elif isinstance(value, dict):
                self.sheet.write_formula(cell, value["formula"], None, value["result"])
            elif isinstance(value, date):
                self.sheet.write_datetime(cell, value, self.formats["datetime"])
            else:
                self.sheet.write(cell, value)

    def _titles(self) -> None:
        lines = [f"{self.place}{self.contract.sheet}（{NOTICE}）", f"填报单位：{self.place}供电公司"]
        last = self.first + len(self.columns) - 1
        for line in lines[: self.layout.titles]:
            self.sheet.merge_range(self.row, self.left, self.row, last, line, self.head)
            self.row += 1

    def _header(self) -> None:
        """Write one header row, or two if columns are grouped under common headings."""
        upper = {field: title for title, fields in self.layout.groups.items() for field in fields}
        headings = ["序号"] * self.layout.serial + ["县（市、区）"] * self.layout.county_column
        headings += [self.layout.headings.get(column.name, column.header) for column in self.columns] + list(self.layout.extra)
        titles = [""] * (self.first - self.left) + [upper.get(column.name, "") for column in self.columns]
        titles += [""] * len(self.layout.extra)
        for offset, (heading, title) in enumerate(zip(headings, titles, strict=True)):
            position = self.left + offset
            self.sheet.set_column(position, position, 2 * len(heading) + 4)
            if upper and not title:
                self.sheet.merge_range(self.row, position, self.row + 1, position, heading, self.head)
            else:
                self.sheet.write_string(self.row + bool(upper), position, heading, self.head)
            if title and title not in titles[:offset]:
                self.sheet.merge_range(self.row, position, self.row, position + titles.count(title) - 1, title, self.head)
        self.row += 1 + bool(upper)

    def _column(self, top: int, position: int, column: Column) -> None:
        """Write the cells of one field."""
        values = self._cells(column)
        if column.name in self.layout.merged:
            self._merged(top, position, values)
        elif column.name in self.layout.computed:
            for row, value in enumerate(values, top):
                if value is not None:
                    self.sheet.write_formula(row, position, f"=ROUND({value},4)", None, value)
        elif self.layout.dates == "cells" and column.type in CELL_FORMATS:
            for row, value in enumerate(values, top):
                if value is not None:
                    self.sheet.write_datetime(row, position, value, self.formats[column.type])
        else:
            for row, value in enumerate(values, top):
                if isinstance(value, str):
                    self.sheet.write_string(row, position, value)
                elif value is not None:
                    self.sheet.write_number(row, position, value)

    def _merged(self, top: int, position: int, values: list[object]) -> None:
        """Write adjacent equal cells as one merged cell."""
        start = 0
        for end in range(1, len(values) + 1):
            if end == len(values) or values[end] != values[start]:
                if end - start > 1:
                    self.sheet.merge_range(top + start, position, top + end - 1, position, values[start], self.middle)
                else:
                    self.sheet.write(top + start, position, values[start])
                start = end

    def _serial(self, moment: pd.Timestamp) -> float:
        return (moment - pd.Timestamp(self.epoch)) / pd.Timedelta(days=1)

    def _cells(self, column: Column) -> list[object]:
        """Return the values of one field as the sender writes them; None if blank."""
        name, layout = column.name, self.layout
        shown: dict[str, Callable[[Any], object]] = {
            "code": lambda code: layout.words.get(name, {}).get(code, column.labels.get(code)),
            "yesno": lambda yes: "是" if yes else "否",
            "grid": lambda code: layout.words.get(name, {}).get(code, self.names["grid"][code]),
            "place": lambda slug: self.names["place"].get(slug, "全市"),
            "date": self._day,
            "datetime": self._moment,
            "month": lambda month: month.to_pydatetime() if layout.dates == "cells" else f"{month.year}年{month.month}月",
        }
        if layout.dates == "serials":
            shown |= dict.fromkeys(CELL_FORMATS, self._serial)
        values = self.frame[name]
        show: Callable[[Any], object] = shown.get(column.type, _unchanged)
        cells = [None if missing else show(value) for value, missing in zip(values, values.isna(), strict=True)]
        if name in layout.full_width:
            return [cell if cell is None else _number_text(cell).translate(FULL_WIDTH) for cell in cells]
        if name in layout.thousands:
            return [cell if cell is None else f"{cell:,.0f}" for cell in cells]
        if name in layout.units:
            return [cell if cell is None else _number_text(cell) + layout.units[name] for cell in cells]
        return cells

    def _day(self, day: pd.Timestamp) -> datetime | str:
        return day.to_pydatetime() if self.layout.dates == "cells" else TEXT_DATES[self.layout.dates].format(day)

    def _moment(self, moment: pd.Timestamp) -> datetime | str:
        """Return a time as a date or as text, in which midnight is 24:00 of the day before."""
        if self.layout.dates == "cells":
            return moment.to_pydatetime()
        if moment == moment.normalize():
            return f"{self._day(moment - pd.Timedelta(days=1))} 24:00"
        return f"{self._day(moment)} {moment:%H:%M}"

    def _totals(self, top: int) -> None:
        """Write the row 合计 with the sums of the whole numbers as formulas."""
        self.sheet.write_string(self.row, self.left, "合计")
        for offset, column in enumerate(self.columns):
            position = self.first + offset
            if column.type == "integer" and position > self.left:
                summed = xl_range(top, position, self.row - 1, position)
                self.sheet.write_formula(self.row, position, f"=SUM({summed})", None, int(self.frame[column.name].sum()))
        self.row += 1


def _number_text(value: object) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _unchanged(value: object) -> object:
    return value
