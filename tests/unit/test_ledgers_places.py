"""To which county a workbook belongs, and to which year, by names in files, sheets, titles and columns; repeated rows."""

from datetime import datetime

import pytest
from ledger_books import CITY, COUNTY, PARAMS, issues, places, save, sheets, study, titled, with_cell
from openpyxl.worksheet.cell_range import MultiCellRange

from ge_analysis.ledgers import ingest
from ge_analysis.study import Study

OUTAGES = COUNTY["停电事件"]


def named(tmp_path, file):
    paths = study(tmp_path)
    (paths.raw / "linxian" / "台账.xlsx").rename(paths.raw / "linxian" / file)
    return issues(paths)


@pytest.mark.parametrize(
    ("file", "name"), [("孝义国网2020年.xlsx", "孝义"), ("孝义市台账.xlsx", "孝义市"), ("方 山.xlsx", "方山")]
)
def test_another_county_in_the_name_of_a_file(file, name, tmp_path):
    found = named(tmp_path, file)
    assert [(one.rule, one.workbook, one.found) for one in found] == [("other_county", file, name)]


@pytest.mark.parametrize("file", ["临县（原方山供电支公司代管）.xlsx", "兴旺.xlsx", "岚山线.xlsx"])
def test_no_other_county_in_the_name_of_a_file(file, tmp_path):
    """兴 and 岚 alone name no county."""
    assert named(tmp_path, file) == []


def test_the_own_short_name_is_no_other_county(tmp_path):
    """交口 and 交城 begin with the same character."""
    paths = study(tmp_path)
    save(paths.raw / "jiaokou" / "交口国网.xlsx", {"交口停电": [["交口停电统计"], *OUTAGES]})
    assert "other_county" not in {one.rule for one in issues(paths, "jiaokou")}


def test_another_county_in_the_name_of_a_sheet_or_in_a_title(tmp_path):
    book = {"孝义停电": OUTAGES} | {
        name: rows for name, rows in sheets(线路=[["汾阳"], *COUNTY["线路"]]).items() if name != "停电事件"
    }
    found = issues(study(tmp_path, book))
    assert [(one.rule, one.sheet, one.cell, one.found) for one in found] == [
        ("other_county", "孝义停电", "", "孝义"),
        ("other_county", "线路", "A1", "汾阳"),
    ]


@pytest.mark.parametrize("value", ["孝义", "孝义市供电公司", "太原市小店区"])
def test_rows_of_another_county_or_of_none_that_is_known(value, tmp_path):
    rows = [["县区", *OUTAGES[0]], ["临县", *OUTAGES[1]], [value, *OUTAGES[2]], [value, *OUTAGES[3]]]
    assert places(issues(study(tmp_path, sheets(停电事件=rows)))) == [("other_county", "停电事件", "A3")]


@pytest.mark.parametrize("value", ["临县", "吕梁市临县", "临县供电公司", 141124, None])
def test_rows_of_the_own_county(value, tmp_path):
    rows = [["县区", *OUTAGES[0]], *([value, *row] for row in OUTAGES[1:])]
    assert issues(study(tmp_path, sheets(停电事件=rows))) == []


def test_a_title_in_a_merged_range_is_reported_at_its_first_cell(tmp_path):
    paths = study(tmp_path, sheets(停电事件=[["停电统计", "2018年"], *OUTAGES]), hidden_title)
    assert places(issues(paths)) == [("other_year", "停电事件", "A1")]


def hidden_title(book):
    """Merge without clearing the cells below, as some programs save it."""
    book["停电事件"].merged_cells = MultiCellRange("A1:C1")


@pytest.mark.parametrize("day", [datetime(2021, 3, 5), datetime(2009, 12, 31)])
def test_an_outage_far_from_the_period_is_reported(day, tmp_path):
    book = with_cell("停电事件", 2, 6, day.replace(hour=8))
    book["停电事件"][1][6] = day.replace(hour=9)
    found = issues(study(tmp_path, book))
    assert places(found) == [("far_date", "停电事件", "F2")]
    assert (found[0].severity, "2010-01-01至2020-12-31" in found[0].todo) == ("warning", True)


@pytest.mark.parametrize(("day", "reported"), [("2021-12-31", []), ("2022-01-01", [("far_date", "业扩报装", "M2")])])
def test_a_connection_after_the_year_of_the_report_is_reported(day, reported, tmp_path):
    assert places(issues(study(tmp_path, with_cell("业扩报装", 2, 13, day)))) == reported


def test_an_outage_without_duration_is_reported(tmp_path):
    book = with_cell("停电事件", 2, 6, datetime(2020, 3, 5))
    book["停电事件"][1][6] = datetime(2020, 3, 5)
    found = issues(study(tmp_path, book))
    assert places(found) == [("no_duration", "停电事件", "G2")]
    assert found[0].severity == "warning"


def test_a_row_that_is_in_another_workbook_too(tmp_path):
    """The issue names where; and shows an area as it was written, not its code."""
    paths = study(tmp_path)
    save(paths.raw / "linxian" / "再报.xlsx", {"户数": [COUNTY["用户数"][0], COUNTY["用户数"][2]]})
    found = ingest.issues(Study(PARAMS, paths), "linxian")
    duplicate = next(one for one in found if one.rule == "duplicate")
    assert (duplicate.workbook, duplicate.cell, duplicate.found) == ("台账.xlsx", "A3", "农村")
    assert duplicate.todo.startswith("与“再报.xlsx”的“户数”第2行相同")


@pytest.mark.parametrize(
    ("rows", "same", "rules"),
    [
        (10, 5, ["sent_twice"]),  # half of the smaller workbook
        (11, 5, ["duplicate"] * 5),
        (4, 4, ["duplicate"] * 4),  # five at least
        (5, 5, ["sent_twice"]),
    ],
)
def test_workbooks_that_share_half_of_their_rows_are_one_issue(rows, same, rules, tmp_path):
    events = [[f"E{number}", *OUTAGES[1][1:]] for number in range(10, 40)]
    paths = study(tmp_path, sheets(停电事件=[*OUTAGES, *events]))
    others = [[f"F{number}", *OUTAGES[1][1:]] for number in range(rows - same)]
    save(paths.raw / "linxian" / "补报.xlsx", {"停电事件": [OUTAGES[0], *events[:same], *others]})
    assert [(one.rule, one.workbook) for one in issues(paths)] == [(rule, "补报.xlsx") for rule in rules]


def test_half_of_the_rows_of_a_workbook_are_of_all_its_sheets(tmp_path):
    """Five of its eleven rows are the same; all five of its outages."""
    events = [[f"E{number}", *OUTAGES[1][1:]] for number in range(10, 30)]
    header, feeder, _ = COUNTY["线路"]
    paths = study(tmp_path, sheets(停电事件=[*OUTAGES, *events]))
    feeders = [[f"城{number}线", *feeder[1:]] for number in range(2, 8)]
    save(paths.raw / "linxian" / "补报.xlsx", {"停电事件": [OUTAGES[0], *events[:5]], "线路": [header, *feeders]})
    assert [one.rule for one in issues(paths)] == ["duplicate"] * 5


def test_two_sheets_of_one_workbook_that_share_half_of_their_rows_are_one_issue(tmp_path):
    """All five rows of the second sheet are the same, of thirty in the workbook."""
    events = [[f"E{number}", *OUTAGES[1][1:]] for number in range(10, 25)]
    book = sheets(停电事件=[*OUTAGES, *events]) | {"停电事件（补）": [OUTAGES[0], *events[:5]]}
    found = issues(study(tmp_path, book))
    assert [(one.rule, one.found) for one in found] == [("sent_twice", "“台账.xlsx”有5行相同：停电事件（补）、停电事件")]


def test_rows_sent_twice_may_lack_a_part_of_their_key_that_may_be_blank(tmp_path):
    """Nothing says which outages are left out of the published values."""
    paths = study(tmp_path)
    areas = ("全口径", "中心区", "市区", "城镇", "农村")
    published = {"上年指标": [["县区", "指标", "范围", "数值", "扣除"], *(["临县", "SAIDI", area, 6, None] for area in areas)]}
    save(paths.raw / "city" / "市级.xlsx", CITY | published)
    save(paths.raw / "city" / "补报.xlsx", published)
    assert [one.rule for one in issues(paths, "city")] == ["sent_twice"]


def test_rows_without_their_number_are_not_known_to_be_the_same(tmp_path):
    unnumbered = [OUTAGES[0], *[[None, *OUTAGES[1][1:]]] * 5]
    paths = study(tmp_path, sheets(停电事件=unnumbered))
    save(paths.raw / "linxian" / "补报.xlsx", {"停电事件": unnumbered})
    assert [one.rule for one in issues(paths)] == ["blank"] * 10


def test_a_row_that_is_twice_in_one_sheet(tmp_path):
    found = issues(study(tmp_path, sheets(停电事件=[*OUTAGES, OUTAGES[2]])))
    assert found[0].todo.startswith("与第3行相同")


@pytest.mark.parametrize(
    "text",
    [
        "统计口径：DL/T 836.1-2016",
        "统计口径：DL／T 836.1—2016",
        "依据国能发监管〔2019〕36号文填报",
        "依据国能发监管(2019)36号文填报",
        "按GB/T 12325—2008执行",
        "国家能源局令2015年第36号",
        "依据2018年第5号公告",
        "资料来源：2019年统计年鉴",
        "与2019年相比",
        "导出时间：2022-01-05 10:00",
        "打印日期：2022年1月5日",
        "制表时间：2022年1月",
        "2022年1月更新",
        "模板2018版",
        "版本：2018年版",
        "容量2000kVA以上，电话：0358-1998",
        "依据《2018年山西省供电办法》",
        "依据《孝义市供电管理办法》",
        "地址：交城路5号",
    ],
)
def test_another_year_or_place_that_is_no_period_or_county(text, tmp_path):
    assert issues(study(tmp_path, None, titled(text))) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("临县2017年停电事件统计表", "other_year"),
        ("临县2019年停电事件统计表", "other_year"),
        ("统计时间：2018-01-01至2018-12-31", "other_year"),
        ("统计期：2018.1—2018.12", "other_year"),
        ("2017年度（DL/T 836.1-2016）", "other_year"),
        ("孝义市停电事件统计表", "other_county"),
    ],
)
def test_another_year_or_county_is_still_found(text, rule, tmp_path):
    assert places(issues(study(tmp_path, None, titled(text)))) == [(rule, "停电事件", "A1")]


@pytest.mark.parametrize(("year", "reported"), [(2019, []), (2018, ["other_year"])])
def test_the_city_sends_values_of_the_year_before(year, reported, tmp_path):
    paths = study(tmp_path)
    save(paths.raw / "city" / f"{year}年指标.xlsx", CITY)
    assert [one.rule for one in issues(paths, "city")] == reported


@pytest.mark.parametrize(
    "name", ["20220105导出", "2022-01-05导出", "台账_2022.01.05", "临县2020年停电（2022年1月更新）", "DLT 836.1-2016 台账"]
)
def test_dates_in_file_names_that_are_no_period(name, tmp_path):
    paths = study(tmp_path)
    (paths.raw / "linxian" / "台账.xlsx").rename(paths.raw / "linxian" / f"{name}.xlsx")
    assert issues(paths) == []
