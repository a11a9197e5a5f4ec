"""Blank workbooks to send out, made from the contracts: drop-downs, hints, frozen headers, units in the headers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ge_analysis.ledgers.contract import Column, Contract, contracts
from ge_analysis.storage.files import whole_file

INSTRUCTIONS = "填写说明"
_PLACES = "G"  # column of the instructions from which drop-downs take the counties: Excel allows 255 characters in a rule
_SCOPES = {"county": "县级", "city": "市级"}
_ROWS = 5000  # rows that carry drop-downs and hints
_REQUIRED, _OPTIONAL = PatternFill("solid", fgColor="FCE4D6"), PatternFill("solid", fgColor="EDEDED")
_BOLD, _WRAPPED = Font(bold=True), Alignment(wrap_text=True, vertical="center")
_FORMATS = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm", "month": "yyyy-mm", "text": "@", "choices": "@"}
_TYPES = {
    "text": "文字",
    "code": "选项",
    "yesno": "是或否",
    "flag": "是或否",
    "place": "县名",
    "choices": "多选，以顿号分隔",
    "integer": "整数",
    "number": "数字",
    "date": "日期，如 2020-03-05",
    "datetime": "日期和时间，如 2020-03-05 14:30",
    "month": "年月，如 2020-03",
}
_GENERAL = (
    "请在各工作表中从第2行起逐行填写，不要改动表头；橙色表头为必填，灰色为选填。",
    "有下拉选项的列只能从中选择；日期请用 2020-03-05 或 2020-03-05 14:30 的格式；数字列只填数字，单位见表头。",
    "不要填写合计行，不要合并单元格，不要留公式；没有的内容留空。",
    "备注、记录、意见等列请勿填写姓名、电话、证件号码和住址。",
)


def write(folder: Path, year: int, counties: Sequence[str]) -> list[Path]:
    """Write the blank workbooks of one year: one for the counties, one for the city.

    Parameters
    ----------
    folder : Path
        Where the workbooks go.
    year : int
        Study year, for the files' names.
    counties : sequence of str
        Chinese names of the counties, for the drop-downs of the city's sheets.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    GeError
        Where the folder cannot be written.
    """
    written = []
    for scope, name in _SCOPES.items():
        book = Workbook()
        own = [contract for contract in contracts().values() if contract.scope == scope]
        places = [*counties, "全市"] if any(column.type == "place" for contract in own for column in contract.fields) else []
        _instructions(book.worksheets[0], own, year, places)
        for contract in own:
            _sheet(book.create_sheet(contract.sheet), contract, len(places))
        path = folder / f"{year}年{name}台账模板.xlsx"
        with whole_file(path) as temporary:
            book.save(temporary)
        written.append(path)
    return written


def rule(column: Column) -> str:
    """Say in Chinese what a cell of a column may hold.

    Examples
    --------
    >>> from ge_analysis.ledgers.contract import contract
    >>> rule(contract("业扩报装")["callback_score"])
    '整数；不小于1；不大于5'
    """
    parts = [_TYPES[column.type], *column.limits]
    if column.type == "code":
        parts.append("、".join(column.labels.values()))
    return "；".join(parts)


def _instructions(sheet: Worksheet, own: Sequence[Contract], year: int, places: Sequence[str]) -> None:
    sheet.title = INSTRUCTIONS
    sheet.append([f"{year}年获得电力台账填写说明"])
    sheet["A1"].font = Font(bold=True, size=14)
    for line in _GENERAL:
        sheet.append([line])
    sheet.append([])
    sheet.append(["工作表", "列", "必填", "填写要求", "含义"])
    for cell in sheet[sheet.max_row]:
        cell.font = _BOLD
    for contract in own:
        for column in contract.fields:
            need = "必填" if column.required else "选填"
            sheet.append([contract.sheet, column.header, need, rule(column), column.description])
    for letter, width in zip("ABCDE", (14, 26, 8, 50, 50), strict=True):
        sheet.column_dimensions[letter].width = width
    for row, name in enumerate(places, start=1):
        sheet[f"{_PLACES}{row}"] = name


def _sheet(sheet: Worksheet, contract: Contract, places: int) -> None:
    for at, column in enumerate(contract.fields, start=1):
        letter = get_column_letter(at)
        head = sheet.cell(1, at, column.header)
        head.font, head.alignment = _BOLD, _WRAPPED
        head.fill = _REQUIRED if column.required else _OPTIONAL
        sheet.column_dimensions[letter].width = max(14, 2 * len(column.header) + 2)
        sheet.column_dimensions[letter].number_format = _FORMATS.get(column.type, "General")
        validation = _validation(column, places)
        validation.add(f"{letter}2:{letter}{_ROWS}")
        sheet.add_data_validation(validation)
    sheet.freeze_panes = "A2"


def _validation(column: Column, places: int) -> DataValidation:
    """Return the drop-down or the limits of a column, with its hint."""
    if column.type == "place":
        found = DataValidation(type="list", formula1=f"'{INSTRUCTIONS}'!${_PLACES}$1:${_PLACES}${places}")
    elif column.labels:
        found = DataValidation(type="list", formula1=f'"{",".join(column.labels.values())}"')
    elif column.is_number:
        found = DataValidation(type="whole" if column.type == "integer" else "decimal")
        found.operator, found.formula1, found.formula2 = _between(column)
    elif column.type in ("date", "datetime"):
        found = DataValidation(type="date", operator="greaterThan", formula1="36526")  # 2000-01-01
    else:
        found = DataValidation()
    found.allow_blank = True
    found.showInputMessage = found.showErrorMessage = True
    found.promptTitle, found.prompt = column.label[:32], f"{column.description}。{rule(column)}"[:255]
    found.errorTitle, found.error = "请更正", f"“{column.label}”：{rule(column)}"[:225]
    return found


def _between(column: Column) -> tuple[Literal["greaterThan", "between", "greaterThanOrEqual"], str, str | None]:
    """Return the operator of a number's limits, and one or two limits."""
    if column.above is not None:
        return "greaterThan", f"{column.above:g}", None
    if column.maximum is not None:
        return "between", f"{column.minimum:g}", f"{column.maximum:g}"
    return "greaterThanOrEqual", f"{column.minimum or 0:g}", None
