"""Workbooks to send out, made from the contracts: drop-downs, hints, frozen headers, and known rows of last year."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ge_analysis.ledgers.contract import Column, Contract, contracts
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.registry import label
from ge_analysis.storage.workbooks import save

INSTRUCTIONS = "填写说明"
# Columns of the instruction sheet that hold the study's names for drop-downs: Excel allows 255 characters in a rule.
_LISTED = {"place": "G", "grid": "H"}
_LONGEST_LIST = 255  # characters of a list in a rule that Excel allows
_ROWS = 5000  # rows with drop-downs and hints
_REQUIRED, _OPTIONAL = PatternFill("solid", fgColor="FCE4D6"), PatternFill("solid", fgColor="EDEDED")
_FILLED_IN = PatternFill("solid", fgColor="FFF9DB")
_BOLD, _WRAPPED = Font(bold=True), Alignment(wrap_text=True, vertical="center")
_FORMATS = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm", "month": "yyyy-mm", "text": "@", "choices": "@"}
_TYPES = {
    "text": "文字",
    "code": "选项",
    "yesno": "是或否",
    "flag": "是或否",
    "place": "县名",
    "grid": "电网名称",
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
_FILLED = "浅黄色单元格已按上年台账填好，请逐行核对，改为本年情况。"


def write(folder: Path, params: Params, known: Mapping[str, Mapping[str, pd.DataFrame]]) -> list[Path]:
    """Write the workbooks to send out for one year: one for each county, one for the city.

    Parameters
    ----------
    folder : Path
        Folder of the workbooks.
    params : Params
        Counties, grids, periods and statistical unit of the year.
    known : mapping of str to mapping of str to DataFrame
        Slug, or "city" → table → rows to fill in: last year's canonical table.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    GeError
        Where the folder cannot be written.
    """
    lists = {"place": [*(unit.name for unit in params.counties), "全市"], "grid": [grid.name for grid in params.grids]}
    places = [(unit.slug, unit.name, "county") for unit in params.counties] + [("city", params.study.city, "city")]
    written = []
    for place, name, scope in places:
        book = Workbook()
        own = [contract for contract in contracts().values() if contract.scope == scope]
        filled = known.get(place, {})
        _instructions(book.worksheets[0], own, _opening(params, name, bool(filled)), lists)
        for contract in own:
            sheet = book.create_sheet(contract.sheet)
            _sheet(sheet, contract, lists)
            if contract.table in filled:
                _fill(sheet, contract, filled[contract.table], {grid.code: grid.name for grid in params.grids})
        path = folder / f"{params.study_year}年{name}获得电力台账.xlsx"
        save(book, path)
        written.append(path)
    return written


def _opening(params: Params, name: str, filled: bool) -> list[str]:
    """Return the lines above the list of columns: who fills in what, and for which period."""
    year = params.year
    outages, others = (
        f"{period.start:%Y-%m-%d}至{period.last:%Y-%m-%d}" for period in (year.reliability_period, year.survey_period)
    )
    unit = label("statistical_unit", year.statistical_unit)
    return [
        f"{params.study_year}年获得电力台账填写说明",
        f"填报单位：{name}",
        f"统计期：停电事件、用户数、不停电作业为{outages}，其余各表为{others}。用户数按{unit}统计。",
        *_GENERAL,
        *([_FILLED] if filled else []),
    ]


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


def _instructions(sheet: Worksheet, own: Sequence[Contract], opening: Sequence[str], lists: Mapping[str, Sequence[str]]) -> None:
    sheet.title = INSTRUCTIONS
    for line in opening:
        sheet.append([line])
    sheet["A1"].font = Font(bold=True, size=14)
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
    used = {column.type for contract in own for column in contract.fields}
    for kind, letter in _LISTED.items():
        for row, name in enumerate(lists[kind] if kind in used else (), start=1):
            sheet[f"{letter}{row}"] = name


def _sheet(sheet: Worksheet, contract: Contract, lists: Mapping[str, Sequence[str]]) -> None:
    for at, column in enumerate(contract.fields, start=1):
        letter = get_column_letter(at)
        head = sheet.cell(1, at, column.header)
        head.font, head.alignment = _BOLD, _WRAPPED
        head.fill = _REQUIRED if column.required else _OPTIONAL
        sheet.column_dimensions[letter].width = max(14, 2 * len(column.header) + 2)
        sheet.column_dimensions[letter].number_format = _FORMATS.get(column.type, "General")
        validation = _validation(column, lists)
        validation.add(f"{letter}2:{letter}{_ROWS}")
        sheet.add_data_validation(validation)
    sheet.freeze_panes = "A2"


def _fill(sheet: Worksheet, contract: Contract, rows: pd.DataFrame, grids: Mapping[str, str]) -> None:
    """Fill in the rows of a canonical table as the sender would write them."""
    fields = [(at, column) for at, column in enumerate(contract.fields, start=1) if column.name in rows]
    for row, values in enumerate(rows.to_dict("records"), start=2):
        for at, column in fields:
            value = values[column.name]
            if not pd.isna(value):
                cell = sheet.cell(row, at, _written(value, column, grids))
                cell.fill = _FILLED_IN


def _written(value: Any, column: Column, grids: Mapping[str, str]) -> Any:
    if column.type == "grid":
        return grids.get(str(value))
    if column.labels:
        return column.labels[str(int(value)) if isinstance(value, bool) else str(value)]
    return value


def _validation(column: Column, lists: Mapping[str, Sequence[str]]) -> DataValidation:
    """Return the drop-down or the limits of a column, with its hint."""
    if column.type in _LISTED:
        letter = _LISTED[column.type]
        found = DataValidation(type="list", formula1=f"'{INSTRUCTIONS}'!${letter}$1:${letter}${len(lists[column.type])}")
    elif column.labels and len(",".join(column.labels.values())) <= _LONGEST_LIST:
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
