"""Units at the heading, above it and below it: applied or reported, never passed over."""

import pytest
import yaml
from ledger_books import CITY, COUNTY, issues, left_out, places, save, study, table, titled, with_cell
from openpyxl.utils import get_column_letter

from ge_analysis.ledgers import reading
from ge_analysis.ledgers.columns import headings_of
from ge_analysis.ledgers.contract import FOLDER, contract
from ge_analysis.ledgers.plain import plain
from ge_analysis.settings.registry import registry

CASES = COUNTY["业扩报装"]
COST = CASES[0].index("用户承担费用(元)")  # column P


def cost(heading, value=0.35):
    """The clean county with another heading of the cost, and a cost below it."""
    book = with_cell("业扩报装", 1, COST + 1, heading)
    book["业扩报装"][1][COST] = value
    return book


@pytest.mark.parametrize(
    "heading",
    [
        "用户承担费用（单位：万元）",
        "用户承担费用(单位 万元)",
        "用户承担费用【万元】",
        "用户承担费用［万元］",
        "用户承担费用（计量单位：万元）",
        "用户承担费用（必填）（万元）",
        "用户承担费用（万元，含税）",
        "用户承担费用（以万元计）",
        "用户承担费用（RMB万元）",
        "用户承担费用（万元人民币）",
        "用户承担费用/万元",
        "用户承担费用，万元",
        "用户承担费用：万元",
        "用户承担费用\n万元",
        "用户承担费用\n单位：万元",
        "用户承担费用　（ 万 元 ）*",
        "用户承担费用*（万元）",
        "用户承担费用\u200b（万元\ufeff）",
    ],
)
def test_tens_of_thousands_of_yuan(heading, tmp_path):
    paths = study(tmp_path, cost(heading))
    assert issues(paths) == []
    assert table(paths, "业扩报装")["customer_cost_yuan"].tolist() == [3500, 520_005_000]


@pytest.mark.parametrize(
    ("heading", "rule"),
    [
        ("用户承担费用（万元或元）", "unit"),
        ("用户承担费用（元、万元）", "unit"),
        ("用户承担费用（kVA）", "unit"),
        ("用户承担费用（m²）", "heading_remark"),
        ("用户承担费用（万圆）", "heading_remark"),
        ("用户承担费用（见附表）", "heading_remark"),
    ],
)
def test_an_unknown_unit_is_reported_at_the_heading(heading, rule, tmp_path):
    assert places(issues(study(tmp_path, cost(heading)))) == [(rule, "业扩报装", "P1")]


@pytest.mark.parametrize(
    ("sheet", "column", "heading"),
    [
        ("业扩报装", 16, "用户承担费用（元）（必填）"),
        ("业扩报装", 16, "用户承担费用（元，低压用户）"),  # it counts no customers
        ("业扩报装", 11, "申请日期（年-月-日）"),
        ("业扩报装", 7, "小微企业（是/否）"),
        ("停电事件", 8, "停电用户数（整数）"),
        ("停电事件", 8, "停电用户数(≥1)"),
        ("线路", 8, "投运年份（四位年份）"),
    ],
)
def test_harmless_remarks_raise_no_alarm(sheet, column, heading, tmp_path):
    assert issues(study(tmp_path, with_cell(sheet, 1, column, heading))) == []


@pytest.mark.parametrize(
    ("sheet", "heading"), [("业扩报装", "用户承担费用\nkm"), ("停电事件", "备注元"), ("停电事件", "区域类型户")]
)
def test_a_unit_right_behind_a_heading_must_fit_its_column(sheet, heading):
    assert headings_of({0: (heading,)}, contract(sheet), 2021) == []


def grouped(text, lower=("用户承担费用", "保证金"), height=1):
    """A workbook whose costs are below a heading merged above both, beside headings merged down."""

    def change(workbook):
        sheet = workbook["业扩报装"]
        sheet.insert_cols(17)
        sheet.insert_rows(1, height)
        for column in range(1, sheet.max_column + 1):
            if column not in (16, 17):
                sheet.cell(1, column).value = sheet.cell(height + 1, column).value
                sheet.cell(height + 1, column).value = None
                sheet.merge_cells(start_row=1, end_row=height + 1, start_column=column, end_column=column)
        sheet["P1"] = text
        sheet.merge_cells("P1:Q1")
        sheet.cell(height + 1, 16).value, sheet.cell(height + 1, 17).value = lower
        sheet.cell(height + 2, 16).value, sheet.cell(height + 2, 17).value = 0.35, 0.1

    return change


@pytest.mark.parametrize(
    "text",
    [
        "费用情况（万元）",
        "费用情况（单位：万元）",
        "单位：万元",
        "费用情况/万元",
        "（万元）",
        "万元",
        "费用情况万元",
        "费用情况—万元",
    ],
)
@pytest.mark.parametrize("height", [1, 2])
def test_unit_merged_above_several_columns(text, height, tmp_path):
    paths = study(tmp_path, None, grouped(text, height=height))
    read = table(paths, "业扩报装")
    assert [read["customer_cost_yuan"][0], read["deposit_yuan"][0]] == [3500, 1000]


def test_an_unknown_unit_above_several_columns_is_an_issue_at_each(tmp_path):
    found = issues(study(tmp_path, None, grouped("费用情况（万圆）")))
    assert places(found) == [("heading_remark", "业扩报装", "P2"), ("heading_remark", "业扩报装", "Q2")]


def test_unit_above_that_contradicts_the_heading(tmp_path):
    found = issues(study(tmp_path, None, grouped("费用情况（万元）", ("用户承担费用(元)", "保证金"))))
    assert places(found) == [("unit", "业扩报装", "P2")]


def test_row_of_units_below_the_header(tmp_path):
    book = cost("用户承担费用")
    units = [None] * len(CASES[0])
    units[8], units[13], units[COST] = "kVA", "km", "（万元）"
    book["业扩报装"].insert(1, units)
    book["业扩报装"][0][13], book["业扩报装"][2][13] = "外线长度", 0.02
    paths = study(tmp_path, book)
    read = table(paths, "业扩报装")
    assert read[["capacity_kva", "line_m", "customer_cost_yuan"]].iloc[0].tolist() == [30, 20, 3500]
    assert left_out(paths) == ["第2行"]


def test_a_row_with_a_day_is_no_row_of_units(tmp_path):
    paths = study(tmp_path, with_cell("停电事件", 2, 8, "户"))
    assert places(issues(paths)) == [("not_a_number", "停电事件", "H2")]


@pytest.mark.parametrize("title", ["单位：万元", "业扩报装台账（万元）", "【单位：万元】", "金额单位为万元"])
def test_unit_above_the_table_is_reported(title, tmp_path):
    def change(workbook):
        workbook["业扩报装"].insert_rows(1)
        workbook["业扩报装"]["A1"] = title

    assert places(issues(study(tmp_path, cost("用户承担费用"), change))) == [("unit_title", "业扩报装", "A1")]


# numbers as Excel displays them, by Sheet.scales


def displayed(monkeypatch, scales):
    """Let every sheet of a table have number formats that rescale these cells."""
    recognise = reading.recognise

    def with_scales(sheet, *rest):
        found = recognise(sheet, *rest)
        if found:
            sheet.scales = scales.get(found.contract.table, {})
        return found

    monkeypatch.setattr(reading, "recognise", with_scales)


@pytest.mark.parametrize(
    ("indicator", "value", "scales", "read"),
    [
        ("供电可靠率", 0.9991, {(1, 3): 100}, 99.91),
        ("供电可靠率", "99.91%", {}, 99.91),
        ("供电可靠率", 99.91, {}, 99.91),
        ("SAIDI", 12.5, {}, 12.5),
    ],
)
def test_a_percentage_is_read_as_displayed(indicator, value, scales, read, tmp_path, monkeypatch):
    displayed(monkeypatch, {"previous_indicators": scales})
    paths = study(tmp_path)
    save(
        paths.raw / "city" / "市级.xlsx",
        CITY | {"上年指标": [["县区", "指标", "范围", "数值"], ["临县", indicator, "全口径", value]]},
    )
    assert table(paths, "上年指标", "city")["value"].tolist() == [read]


def test_a_percentage_in_another_column_is_reported(tmp_path, monkeypatch):
    displayed(monkeypatch, {"connections": {(1, COST): 100, (1, 0): 100}, "previous_indicators": {(1, 3): 100}})
    paths = study(tmp_path, with_cell("业扩报装", 2, COST + 1, 0.35))
    save(
        paths.raw / "city" / "市级.xlsx",
        CITY | {"上年指标": [["县区", "指标", "范围", "数值"], ["临县", "SAIDI", "全口径", 0.12]]},
    )
    found = issues(paths)
    assert places(found) == [("unit", "业扩报装", "P2")]
    assert found[0].found == "35%"
    assert ("unit", "上年指标", "D2") in places(issues(paths, "city"))


def test_thousands_hidden_by_a_comma_are_reported(tmp_path, monkeypatch):
    displayed(monkeypatch, {"connections": {(2, COST): 0.001}})
    paths = study(tmp_path, with_cell("业扩报装", 3, COST + 1, 52_000))
    assert places(issues(paths)) == [("scaled_format", "业扩报装", "P3")]
    assert table(paths, "业扩报装")["customer_cost_yuan"].tolist() == [0, 52]


@pytest.mark.parametrize(
    ("head", "code", "value", "read", "count"),
    [
        ("用户承担费用(元)", '0.00"万元"', 0.35, 3500, True),
        ("用户承担费用(元)", '0.00"万"', 0.35, 3500, True),
        ("用户承担费用(元)", "0.00万元", 0.35, 3500, True),
        ("用户承担费用(元)", "0.00\\万", 0.35, 3500, True),
        ("用户承担费用(元)", 'General"千元"', 0.35, 350, True),
        ("用户承担费用(元)", '[>=10000]0!.0,"万";0', 52000, 52000, False),  # shows 5.2万
        ("用户承担费用(元)", '0.0,"万"', 5200, 52000, True),  # shows 5.2万
        ("用户承担费用(元)", '0.00"元"', 0.35, 0.35, False),
        ("用户承担费用(元)", '0.00"（估）"', 0.35, 0.35, False),
        ("用户承担费用（万元）", '0.00"万元"', 0.35, 3500, False),
        ("用户承担费用（万元）", '0"元"', 3500, 3500, True),
        ("外线长度(米)", '0.00"km"', 0.02, 20, True),
        ("报装容量(kVA)", '0.0"MVA"', 0.4, 400, True),
    ],
)
def test_a_unit_that_the_number_format_shows_is_applied(head, code, value, read, count, tmp_path):
    at = next(at for at, name in enumerate(CASES[0]) if plain(name)[:4] == plain(head)[:4])
    book = with_cell("业扩报装", 1, at + 1, head)
    book["业扩报装"][1][at] = value
    paths = study(tmp_path, book, lambda workbook: setattr(workbook["业扩报装"].cell(2, at + 1), "number_format", code))
    name = next(column.name for column in contract("业扩报装").fields if column.header[:4] == head[:4])
    assert table(paths, "业扩报装")[name][0] == read
    assert places(issues(paths)) == [("scaled_format", "业扩报装", f"{get_column_letter(at + 1)}2")] * count


def test_a_unit_of_another_kind_in_the_number_format_is_an_error(tmp_path):
    paths = study(tmp_path, None, lambda workbook: setattr(workbook["业扩报装"]["P3"], "number_format", '0"km"'))
    assert places(issues(paths)) == [("unit", "业扩报装", "P3")]


# customers in the study's statistical unit: 中压用户


@pytest.mark.parametrize(
    ("heading", "contradicts"),
    [
        ("停电用户数（低压用户）", True),
        ("停电用户数（统计单位：低压用户）", True),
        ("停电用户数(户)（低压）", True),
        ("停电户数【按低压用户统计】", True),
        ("影响户数/低压用户", True),
        ("影响台区数（低压用户）", True),
        ("停电用户数（中压用户、低压用户）", True),
        ("停电用户数（中压用户）", False),
        ("停电用户数（户，中压）", False),
        ("影响台区数", False),
    ],
)
def test_statistical_unit_in_a_heading(heading, contradicts, tmp_path):
    found = issues(study(tmp_path, with_cell("停电事件", 1, 8, heading)))
    assert places(found) == [("statistical_unit", "停电事件", "H1")] * contradicts


def test_statistical_unit_in_the_upper_of_two_header_rows(tmp_path):
    def change(workbook):
        sheet = workbook["停电事件"]
        sheet.insert_rows(1)
        sheet["G1"] = "停电情况（低压用户）"
        sheet.merge_cells("G1:H1")

    assert places(issues(study(tmp_path, None, change))) == [("statistical_unit", "停电事件", "H2")]


@pytest.mark.parametrize(
    ("title", "reported"),
    [
        ("统计单位：低压用户", True),
        ("低压用户停电事件统计表", True),
        ("统计单位：中压用户", False),
        ("中压用户（不含低压用户）", False),
    ],
)
def test_statistical_unit_above_the_table(title, reported, tmp_path):
    assert places(issues(study(tmp_path, None, titled(title)))) == [("unit_title", "停电事件", "A1")] * reported


# values that an indicator cannot have


@pytest.mark.parametrize(
    ("indicator", "value", "rule"),
    [
        ("供电可靠率", 0.9991, "share"),
        ("RS-1", "0.9991", "share"),
        ("ASAI", 1, "share"),
        ("供电可靠率", 0, "implausible"),
        ("供电可靠率", 49.9, "implausible"),
        ("供电可靠率", 9991, "implausible"),
        ("SAIDI", 9000, "implausible"),
        ("供电可靠率", 50, None),
        ("供电可靠率", 100, None),
        ("SAIDI", 0.5, None),
        ("SAIFI", 0.8, None),
    ],
)
def test_a_value_that_an_indicator_cannot_have(indicator, value, rule, tmp_path):
    paths = study(tmp_path)
    rows = [["县区", "指标", "范围", "数值"], ["临县", indicator, "全口径", value]]
    save(paths.raw / "city" / "市级.xlsx", CITY | {"上年指标": rows})
    assert places(issues(paths, "city")) == [(rule, "上年指标", "D2")] * (rule is not None)


def test_every_unit_of_the_package_s_fields_is_listed_with_its_writings():
    listed = yaml.safe_load((FOLDER / "words.yml").read_text(encoding="utf-8"))["units"]
    assert {entry.unit for entry in registry().fields.values()} <= listed.keys()
