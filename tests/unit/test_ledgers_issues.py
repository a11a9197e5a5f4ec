"""Everything that must be an issue: one change to the clean county gives exactly this rule at this cell."""

import os
import struct
from datetime import datetime

import pytest
from ledger_books import CITY, COUNTY, PARAMS, issues, places, save, sheets, study, table, with_cell

from ge_analysis.errors import GeError
from ge_analysis.ledgers import ingest, stale
from ge_analysis.settings.registry import registry
from ge_analysis.study import Study

OUTAGES, CASES, SERVED = COUNTY["停电事件"], COUNTY["业扩报装"], COUNTY["用户数"]


def outage(*rows):
    return sheets(停电事件=[*OUTAGES, *rows])


def without(sheet, header):
    at = COUNTY[sheet][0].index(header)
    return sheets(**{sheet: [row[:at] + row[at + 1 :] for row in COUNTY[sheet]]})


def step(event, feeder, start, end, customers=5, area="城镇"):
    return [event, feeder, area, "故障", "自然因素", datetime(2020, 5, 1, start), datetime(2020, 5, 1, end), customers]


def merged_number(workbook):
    workbook["停电事件"].merge_cells("H2:H3")


def merged_text(workbook):
    """A wrong word in a merged range counts for three rows, and is one click away in each."""
    workbook["停电事件"]["C2"] = "郊区"
    workbook["停电事件"].merge_cells("C2:C4")


def error_value(workbook):
    workbook["停电事件"]["H2"].value = "#N/A"


ONE = {
    "blank": (with_cell("停电事件", 2, 3, None), ("blank", "停电事件", "C2")),
    "only spaces": (with_cell("停电事件", 2, 3, "　 "), ("blank", "停电事件", "C2")),
    "dash for a number": (with_cell("停电事件", 2, 8, "—"), ("blank", "停电事件", "H2")),
    "text for a number": (with_cell("停电事件", 2, 8, "约二十"), ("not_a_number", "停电事件", "H2")),
    "not whole": (with_cell("停电事件", 2, 8, 20.5), ("not_whole", "停电事件", "H2")),
    "date for a number": (with_cell("停电事件", 2, 8, datetime(2020, 1, 1)), ("not_a_number", "停电事件", "H2")),
    "unit that does not fit": (with_cell("线路", 2, 4, "5.5小时"), ("unit", "线路", "D2")),
    "unit in the heading": (with_cell("线路", 1, 4, "线路长度(kVA)"), ("unit", "线路", "D1")),
    "unknown unit in the heading": (with_cell("线路", 1, 4, "线路长度（里）"), ("unit", "线路", "D1")),
    "a score's unit in another column": (with_cell("线路", 1, 4, "线路长度（分）"), ("unit", "线路", "D1")),
    "below the range": (with_cell("停电事件", 2, 8, 0), ("out_of_range", "停电事件", "H2")),
    "at an open limit": (with_cell("线路", 2, 4, 0), ("out_of_range", "线路", "D2")),
    "outside the list": (with_cell("停电事件", 2, 4, "检查"), ("not_in_list", "停电事件", "D2")),
    "no day": (with_cell("停电事件", 2, 6, "2020-02-30"), ("not_a_date", "停电事件", "F2")),
    "ambiguous day": (with_cell("停电事件", 2, 6, "3/5/2020"), ("not_a_date", "停电事件", "F2")),
    "25 o'clock": (with_cell("停电事件", 2, 6, "2020-03-05 25:00"), ("not_a_date", "停电事件", "F2")),
    "restored before started": (
        with_cell("停电事件", 2, 7, datetime(2020, 3, 5, 7)),
        ("restored_before_started", "停电事件", "G2"),
    ),
    "eight days": (with_cell("停电事件", 2, 7, datetime(2020, 3, 13, 8)), ("too_long", "停电事件", "G2")),
    "same row twice": (outage(OUTAGES[1]), ("duplicate", "停电事件", "A5")),
    "same application twice": (sheets(业扩报装=[*CASES, CASES[1]]), ("duplicate", "业扩报装", "A4")),
    "overlapping steps": (outage(step("E9", "城一线", 8, 10), step("E9", "城一线", 9, 11)), ("overlap", "停电事件", "F6")),
    "overlapping steps in no order": (
        outage(step("E9", "城一线", 9, 11), step("E9", "城一线", 8, 10)),
        ("overlap", "停电事件", "F5"),
    ),
    "more than are served": (with_cell("停电事件", 2, 8, 101), ("above_served", "停电事件", "H2")),
    "more than are served in the study's unit": (with_cell("停电事件", 4, 8, 201), ("above_served", "停电事件", "H4")),
    "steps add up to more": (
        outage(step("E9", "城一线", 8, 9, 60), step("E9", "城一线", 8, 10, 50)),
        ("above_served", "停电事件", "H5"),
    ),
    "area without customers": (with_cell("停电事件", 2, 3, "中心区"), ("area_not_served", "停电事件", "C2")),
    "feeder not listed": (with_cell("停电事件", 2, 2, "城二线"), ("unknown_feeder", "停电事件", "B2")),
    "stages out of order": (with_cell("业扩报装", 3, 12, datetime(2021, 5, 2)), ("order", "业扩报装", "M3")),
    "energised before applied": (with_cell("业扩报装", 2, 13, datetime(2021, 2, 27)), ("order", "业扩报装", "M2")),
    "missing column": (without("线路", "有效联络"), ("missing_column", "线路", "")),
    "column twice": (
        sheets(线路=[[*row, extra] for row, extra in zip(COUNTY["线路"], ("馈线", "城一线", "乡一线"), strict=True)]),
        ("repeated_column", "线路", "I1"),
    ),
    "missing sheet": ({name: rows for name, rows in COUNTY.items() if name != "线路"}, ("missing_sheet", "线路", "")),
    "another county's title": (sheets(停电事件=[["离石区停电统计"], *OUTAGES]), ("other_county", "停电事件", "A1")),
    "another year's title": (sheets(停电事件=[["2018年停电统计"], *OUTAGES]), ("other_year", "停电事件", "A1")),
    "another county's rows": (
        sheets(停电事件=[["县区", *OUTAGES[0]], ["临县", *OUTAGES[1]], ["离石区", *OUTAGES[2]]]),
        ("other_county", "停电事件", "A3"),
    ),
    "no outage in the year": (
        sheets(停电事件=[OUTAGES[0], [*OUTAGES[1][:5], datetime(2019, 3, 5, 8), datetime(2019, 3, 5, 9), 20]]),
        ("other_year", "停电事件", "F2"),
    ),
}


@pytest.mark.parametrize("case", ONE)
def test_one_change_one_issue(case, tmp_path):
    book, expected = ONE[case]
    found = issues(study(tmp_path, book))
    assert places(found) == [expected]
    assert found[0].severity == "error"
    assert "{" not in found[0].todo


FINE = {
    "exactly seven days": with_cell("停电事件", 2, 7, datetime(2020, 3, 12, 8)),
    "as many as are served": with_cell("停电事件", 2, 8, 100),
    "as many as are served in each of two areas": outage(
        step("E9", "城一线", 8, 9, 100), step("E9", "乡一线", 8, 9, 200, "农村")
    ),
    "steps of two events at one time": outage(
        *(step("E8", "城一线", start, end) for start, end in ((8, 9), (9, 12))),
        *(step("E9", "城一线", start, end) for start, end in ((10, 11), (11, 12))),
    ),
    "one event on two feeders": outage(step("E9", "城一线", 8, 10), step("E9", "乡一线", 9, 11)),
    "one event in two areas of a feeder": outage(step("E9", "城一线", 8, 10), step("E9", "城一线", 9, 11, area="农村")),
}


@pytest.mark.parametrize("case", FINE)
def test_at_its_limit_no_rule_is_broken(case, tmp_path):
    assert issues(study(tmp_path, FINE[case])) == []


CHANGED = {
    "merged number": (merged_number, [("merged_number", "停电事件", "H2")]),
    "wrong word in a merged range": (merged_text, [("not_in_list", "停电事件", "C2")] * 3),
    "error value": (error_value, [("error_cell", "停电事件", "H2")]),
    "formula without result": (
        lambda book: setattr(book["停电事件"]["H2"], "value", "=4*5"),
        [("no_cached_value", "停电事件", "H2")],
    ),
}


@pytest.mark.parametrize("case", CHANGED)
def test_issues_visible_only_in_the_saved_sheet(case, tmp_path):
    change, expected = CHANGED[case]
    assert places(issues(study(tmp_path, None, change))) == expected


def test_one_bad_cell_hides_no_other(tmp_path):
    """A text among numbers leaves the range check of the column at work; a bad date leaves the other rules of its row."""
    book = with_cell("停电事件", 2, 8, "许多")
    book["停电事件"][2][7] = 0
    book["停电事件"][3][5] = "去年"
    book["停电事件"][3][1] = "丙线"
    assert places(issues(study(tmp_path, book))) == [
        ("not_a_number", "停电事件", "H2"),
        ("out_of_range", "停电事件", "H3"),
        ("unknown_feeder", "停电事件", "B4"),
        ("not_a_date", "停电事件", "F4"),
    ]


def test_an_area_without_customers_is_reported_once(tmp_path):
    book = with_cell("停电事件", 2, 3, "中心区")
    book["停电事件"][2][2] = "中心区"
    assert places(issues(study(tmp_path, book))) == [("area_not_served", "停电事件", "C2")]


def test_restoration_batch_by_batch_is_no_overlap(tmp_path):
    steps = [step("E9", "城一线", 8, 9), step("E9", "城一线", 8, 11), step("E8", "城一线", 8, 10), step("E8", "城一线", 10, 12)]
    assert issues(study(tmp_path, outage(*steps))) == []


def test_a_step_is_compared_with_all_before_it(tmp_path):
    """The third starts after the second has ended, but while the first goes on."""
    steps = [step("E9", "城一线", 8, 12), step("E9", "城一线", 9, 10), step("E9", "城一线", 11, 13)]
    assert places(issues(study(tmp_path, outage(*steps)))) == [("overlap", "停电事件", "F6"), ("overlap", "停电事件", "F7")]


def test_wrong_statistical_unit(tmp_path):
    """台区 are medium-voltage customers: a study of low-voltage customers cannot take them."""
    paths = study(tmp_path, with_cell("停电事件", 1, 8, "影响台区数"))
    low = PARAMS.model_copy(update={"year": PARAMS.year.model_copy(update={"statistical_unit": "lv"})})
    found = ingest.issues(Study(low, paths), "linxian")
    assert ("statistical_unit", "停电事件", "H1") in places(found)


def test_jump_against_last_year(tmp_path):
    """Outage hours: 20·1.5 + 10·1 (to the year's end) + 30·4 = 160 over 300 customers = 0.53 h; last year's is 6 h."""
    paths = study(tmp_path)
    previous = [["县区", "指标", "范围", "数值"], ["临县", "SAIDI", "全口径", 6], ["临县", "用户数", "全口径", 290]]
    save(paths.raw / "city" / "市级.xlsx", CITY | {"上年指标": previous})
    found = issues(paths)
    assert places(found) == [("jump", "停电事件", "G2")]
    assert found[0].severity == "warning"
    assert "0.53" in found[0].found


@pytest.mark.parametrize(
    ("last", "reported"),
    [
        (["临县", "SAIDI", "全口径", 0.1], [("jump", "停电事件", "G2")]),  # 0.53 h are more than five times as much
        (["临县", "用户数", "全口径", 59], [("jump", "用户数", "C2")]),
        (["临县", "用户数", "全口径", 60], []),  # 300 are just five times as many
        (["临县", "SAIDI", "城镇", 6], []),  # another area, another county
        (["离石区", "SAIDI", "全口径", 6], []),
        (["临县", "SAIDI", "全口径", 0], []),
        (["临县", "SAIDI", "全口径", 6, 2018], []),  # an earlier year, and other outages
        (["临县", "SAIDI", "全口径", 6, 2019, "重大事件日"], []),
    ],
)
def test_limits_of_a_jump(last, reported, tmp_path):
    paths = study(tmp_path)
    save(paths.raw / "city" / "市级.xlsx", CITY | {"上年指标": [["县区", "指标", "范围", "数值", "年度", "扣除"], last]})
    assert places(issues(paths)) == reported


@pytest.mark.parametrize(
    ("years", "reported"),
    [
        ([None, 2018, 2017], []),  # a blank one is 2019
        ([None, 2019, 2018], [("duplicate", "上年指标", "A3")]),
        ([2020, 2019, 2021], [("not_earlier", "上年指标", "E2"), ("not_earlier", "上年指标", "E4")]),
    ],
)
def test_published_years_are_earlier_ones_each_once(years, reported, tmp_path):
    paths = study(tmp_path)
    header = ["县区", "指标", "范围", "数值", "年度", "扣除"]
    rows = [["临县", "SAIDI", "全口径", 6, year, None] for year in years]
    save(
        paths.raw / "city" / "市级.xlsx", CITY | {"上年指标": [header, *rows, ["临县", "SAIDI", "全口径", 5, 2018, "重大事件日"]]}
    )
    assert places(issues(paths, "city")) == reported


def checklist(*answers: tuple[str, str, str]) -> list[list]:
    """B-READY核查: question, expert and answer."""
    day = datetime(2021, 9, 1)
    return [["核查项", "答复人", "结果", "佐证", "日期"], *([item, who, answer, "附件", day] for item, who, answer in answers)]


@pytest.mark.parametrize(
    ("rows", "reported"),
    [
        ([("outage_penalties", "甲", "否"), ("saidi_published", "甲", "是")], []),
        ([("outage_penalties", "甲", "是")], [("contradicted", "B-READY核查", "C2")]),  # 指数核查 has no deterrent
        ([("saidi_published", "甲", "否")], [("contradicted", "B-READY核查", "C2")]),  # 上年指标 names its source
        ([("saifi_published", "甲", "否")], []),  # of SAIFI there is none
        (
            [("liability", who, answer) for who, answer in zip("甲乙丙", "是否否", strict=True)],
            [("answers_differ", "B-READY核查", "C3")],
        ),
        (
            [("liability", "甲", "是"), ("liability", "甲", "否")],
            [("duplicate", "B-READY核查", "A3"), ("answers_differ", "B-READY核查", "C3")],
        ),
    ],
)
def test_answers_that_contradict_each_other_or_another_sheet(rows, reported, tmp_path):
    paths = study(tmp_path)
    questions = registry().codes["b_ready_question"]
    city = {
        "B-READY核查": checklist(*((questions[item], who, answer) for item, who, answer in rows)),
        "指数核查": [
            [
                "县区",
                *(registry().fields[name].label for name in ("monitoring", "restoration", "regulator", "deterrent", "tariff")),
            ],
            ["全市", 1, 0, 1, 0, 1],
        ],
        "上年指标": [["县区", "指标", "范围", "数值", "出处"], ["全市", "SAIDI", "全口径", 5, "公报"]],
    }
    save(paths.raw / "city" / "市级.xlsx", CITY | city)
    found = [issue for issue in issues(paths, "city") if issue.sheet == "B-READY核查"]
    assert sorted(places(found)) == sorted(reported)
    assert all(issue.found in ("是", "否") for issue in found if issue.rule != "duplicate")


def test_hours_before_the_year_are_no_jump(tmp_path):
    """Four days into the new year: 4 h · 30 customers are in the year, and 0.53 h is what was published."""
    book = with_cell("停电事件", 4, 6, datetime(2019, 12, 28))
    book["停电事件"][3][6] = datetime(2020, 1, 1, 4)
    paths = study(tmp_path, book)
    previous = [["县区", "指标", "范围", "数值"], ["临县", "SAIDI", "全口径", 0.53]]
    save(paths.raw / "city" / "市级.xlsx", CITY | {"上年指标": previous})
    assert issues(paths) == []


def test_errors_stop_the_county_and_its_old_tables_are_kept_as_stale(tmp_path):
    paths = study(tmp_path)
    assert len(table(paths, "停电事件")) == 3
    save(paths.raw / "linxian" / "台账.xlsx", with_cell("停电事件", 2, 3, None))
    with pytest.raises(GeError, match=r"linxian: 1 error.*必填项为空"):
        table(paths, "停电事件")
    assert (paths.tables("linxian") / "outages.parquet").exists()
    assert stale.why_stale(Study(PARAMS, paths), "linxian") == ["workbooks changed"]
    save(paths.raw / "linxian" / "台账.xlsx", sheets())
    assert len(table(paths, "停电事件")) == 3


def test_a_touched_file_is_not_stale_and_an_edited_one_is(tmp_path):
    """An edit is noticed even where someone set the old time and the size stayed the same."""
    paths = study(tmp_path)
    table(paths, "停电事件")
    raw = paths.raw / "linxian" / "台账.xlsx"
    os.utime(raw)
    assert stale.why_stale(Study(PARAMS, paths), "linxian") == []
    before = raw.stat()
    content = bytearray(raw.read_bytes())
    content[10:12] = struct.pack("<H", 1)  # the archive's time of its first part
    raw.write_bytes(content)
    os.utime(raw, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert stale.why_stale(Study(PARAMS, paths), "linxian") == ["workbooks changed"]


def test_each_sheet_belongs_to_its_place(tmp_path):
    with pytest.raises(GeError, match="指数核查 is not sent by linxian"):
        table(study(tmp_path), "指数核查")
