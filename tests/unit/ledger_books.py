"""Small workbooks for the tests of the ledgers: one clean county and the city, of which each test changes one thing."""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from ge_analysis.ledgers import ingest
from ge_analysis.ledgers.issues import Issue
from ge_analysis.settings import parameters as params
from ge_analysis.storage.paths import Paths
from ge_analysis.study import Study

PARAMS = params.load(Path(__file__).parents[2])
COUNTY = {
    "停电事件": [
        ["事件编号", "线路名称", "区域类型", "停电类型", "停电原因", "停电开始时间", "恢复供电时间", "停电用户数", "备注"],
        ["E1", "城一线", "城镇", "故障", "自然因素", datetime(2020, 3, 5, 8), datetime(2020, 3, 5, 9, 30), 20, "大风"],
        ["E2", "城一线", "城镇", "计划", "计划检修", datetime(2020, 12, 31, 23), datetime(2021, 1, 1, 2), 10, None],
        ["E3", "乡一线", "农村", "限电", "供电能力不足", datetime(2020, 7, 1), datetime(2020, 7, 1, 4), 30, None],
    ],
    "线路": [
        ["线路名称", "变电站", "区域类型", "线路长度(公里)", "有效联络", "配电自动化", "自愈", "投运年份"],
        ["城一线", "城关站", "城镇", 5.5, "是", "三遥", "否", 2012],
        ["乡一线", "南山站", "农村", 18, "否", "无", "否", 2005],
    ],
    "用户数": [
        ["区域类型", "统计单位", "用户数"],
        ["城镇", "中压用户", 100],
        ["农村", "中压用户", 200],
        ["农村", "低压用户", 9000],
    ],
    "业扩报装": [
        [
            "申请编号",
            "用户名称",
            "联系电话",
            "用电地址",
            "城乡",
            "用户类别",
            "小微企业",
            "电压等级",
            "报装容量(kVA)",
            "受理渠道",
            "申请日期",
            "供电方案答复日期",
            "装表接电日期",
            "外线长度(米)",
            "投资界面",
            "用户承担费用(元)",
            "项目经理",
            "备注",
        ],
        [
            "S1",
            "甲商店",
            "13800138000",
            "甲路5号",
            "城区",
            "低压非居民",
            "是",
            "380V",
            30,
            "线上",
            datetime(2021, 3, 1),
            datetime(2021, 3, 2),
            datetime(2021, 3, 4),
            20,
            "表箱",
            0,
            "赵一鸣",
            None,
        ],
        [
            "S2",
            "乙工厂",
            "13900139000",
            "乙路6号",
            "农村",
            "高压单电源",
            "否",
            "10kV",
            400,
            "营业厅",
            datetime(2021, 4, 1),
            datetime(2021, 4, 5),
            datetime(2021, 5, 1),
            500,
            "红线",
            52000.5,
            "赵一鸣",
            None,
        ],
    ],
}
CITY = {
    "指数核查": [
        ["县区", "自动化监测", "自动化恢复", "监管机构监管", "财务遏制措施", "电价公开与提前告知"],
        ["临县", 1, 1, "是", "否", 1],
    ],
    "电价表": [
        ["电网", "用电分类", "电价电压等级", "电度电价(元/千瓦时)", "执行日期"],
        ["国网", "一般工商业用电", "1-10千伏", 0.51, "2020-02-01"],
    ],
}


def sheets(**changed: list[list]) -> dict[str, list[list]]:
    """The clean county's sheets, some of them replaced."""
    return deepcopy(COUNTY | changed)


def with_cell(sheet: str, row: int, column: int, value: object) -> dict[str, list[list]]:
    """The clean county with one other cell, counted as Excel counts."""
    book = sheets()
    book[sheet][row - 1][column - 1] = value
    return book


def save(path: Path, book: dict[str, list[list]], change: Callable[[Workbook], None] | None = None) -> None:
    """Write sheets into a workbook; `change` has the last word."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, rows in book.items():
        sheet: Worksheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    if change:
        change(workbook)
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook.save(path)


def study(root: Path, book: dict[str, list[list]] | None = None, change: Callable[[Workbook], None] | None = None) -> Paths:
    """A study in which one county (linxian) has sent its workbook."""
    paths = Paths(root, 2021)
    save(paths.raw / "linxian" / "台账.xlsx", sheets() if book is None else book, change)
    return paths


def issues(paths: Paths, place: str = "linxian") -> list[Issue]:
    """Issues of a place, except those about missing optional sheets and about totals and notes."""
    usual = ("missing_optional_sheet", "rows_left_out")
    return [one for one in ingest.issues(Study(PARAMS, paths), place) if one.rule not in usual]


def places(found: list[Issue]) -> list[tuple[str, str, str]]:
    """Rule, sheet and cell of issues."""
    return [(one.rule, one.sheet, one.cell) for one in found]


def left_out(paths: Paths, place: str = "linxian") -> list[str]:
    """The rows of a place's sheets that were left out as totals, units or notes."""
    return [one.found for one in ingest.ingest(Study(PARAMS, paths), [place])[place] if one.rule == "rows_left_out"]


def titled(text: str) -> Callable[[Workbook], None]:
    """What writes a title above the outages."""

    def change(workbook: Workbook) -> None:
        workbook["停电事件"].insert_rows(1)
        workbook["停电事件"]["A1"] = text

    return change


def table(paths: Paths, sheet: str, place: str = "linxian") -> pd.DataFrame:
    """A canonical table of the study."""
    return Study(PARAMS, paths).table(place, sheet)


def same_values(first: pd.DataFrame, second: pd.DataFrame) -> bool:
    """Whether two canonical tables have the same values, whatever their source rows."""
    names = [name for name in first.columns if name not in ("source_file", "source_sheet", "source_row")]
    return first[names].equals(second[names])
