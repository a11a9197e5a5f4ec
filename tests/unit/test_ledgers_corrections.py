"""Corrections by the consultants, each guarded by the value it expects."""

import json

import pytest
from ledger_books import COUNTY, PARAMS, issues, places, save, sheets, study, table, with_cell

from ge_analysis.errors import GeError
from ge_analysis.ledgers import stale
from ge_analysis.ledgers.contract import contract
from ge_analysis.study import Study

TOLD = "reason: 电话核实, told_by: 县公司调度, date: 2021-11-02"


def correct(paths, *entries, county="linxian"):
    paths.corrections.parent.mkdir(parents=True)
    lines = [f"- {{county: {county}, {entry}, {TOLD}}}" for entry in entries]
    paths.corrections.write_text("\n".join(lines), encoding="utf-8")


def test_override_by_key(tmp_path):
    paths = study(tmp_path)
    correct(paths, "sheet: 停电事件, key: {event_id: E1}, field: customers, action: override, expect: 20, value: 25")
    assert issues(paths) == []
    assert table(paths, "停电事件")["customers"].tolist() == [25, 10, 30]


def test_override_by_cell_corrects_a_faulty_cell(tmp_path):
    paths = study(tmp_path, with_cell("停电事件", 2, 7, "2020年2月30日"))
    correct(paths, "sheet: 停电事件, cell: G2, field: restored, action: override, expect: 2020年2月30日, value: 2020-03-05 9:30")
    assert issues(paths) == []
    assert str(table(paths, "停电事件")["restored"][0]) == "2020-03-05 09:30:00"


def test_override_of_an_error_value(tmp_path):
    paths = study(tmp_path, None, lambda book: setattr(book["停电事件"]["H2"], "value", "#N/A"))
    correct(paths, "sheet: 停电事件, cell: H2, field: customers, action: override, expect: null, value: 20")
    assert issues(paths) == []


def test_drop_leaves_the_row_and_its_faults_out(tmp_path):
    paths = study(tmp_path, with_cell("停电事件", 3, 8, "许多"))
    correct(paths, "sheet: 停电事件, key: {event_id: E2}, field: event_id, action: drop, expect: E2")
    assert issues(paths) == []
    assert table(paths, "停电事件")["event_id"].tolist() == ["E1", "E3"]


def test_flag_keeps_the_value_and_reports_it(tmp_path):
    paths = study(tmp_path)
    correct(paths, "sheet: 停电事件, key: {event_id: E3}, field: customers, action: flag, expect: 30")
    found = issues(paths)
    assert places(found) == [("correction_flag", "停电事件", "H4")]
    assert table(paths, "停电事件")["customers"].tolist() == [20, 10, 30]


def test_expected_value_written_another_way_fits(tmp_path):
    paths = study(tmp_path)
    correct(paths, "sheet: 停电事件, cell: f2, field: started, action: override, expect: 2020/3/5 8:00, value: 2020/3/5 8:10")
    assert issues(paths) == []


def test_every_part_of_a_key_must_fit(tmp_path):
    """Two outages are of the feeder, one of them was scheduled."""
    paths = study(tmp_path)
    entry = "sheet: 停电事件, key: {feeder: 城一线, kind: 检修}, field: customers, action: override, expect: 10, value: 12"
    correct(paths, entry)
    assert issues(paths) == []
    assert table(paths, "停电事件")["customers"].tolist() == [20, 12, 30]


def test_a_key_may_name_every_column_of_the_sheet(tmp_path):
    paths = study(tmp_path)
    key = "{area_type: 农村, unit: 中压用户, customers_served: 200}"
    correct(paths, f"sheet: 用户数, key: {key}, field: customers_served, action: override, expect: 200, value: 210")
    assert table(paths, "用户数")["customers_served"].tolist() == [100, 210, 9000]


def test_a_correction_of_one_workbook_leaves_the_same_cell_of_another_alone(tmp_path):
    paths = study(tmp_path)
    more = [[f"再{row[0]}", *row[1:]] for row in COUNTY["停电事件"][1:]]
    save(paths.raw / "linxian" / "再报.xlsx", {"停电事件": [COUNTY["停电事件"][0], *more]})
    entry = "sheet: 停电事件, workbook: 再报.xlsx, cell: H2, field: customers, action: override, expect: 20, value: 25"
    correct(paths, entry)
    assert issues(paths) == []
    outages = table(paths, "停电事件").set_index("event_id")["customers"]
    assert (outages["E1"], outages["再E1"]) == (20, 25)


def test_a_correction_of_another_county_changes_nothing(tmp_path):
    paths = study(tmp_path)
    correct(
        paths, "sheet: 停电事件, key: {event_id: E1}, field: customers, action: override, expect: 20, value: 25", county="lishi"
    )
    assert issues(paths) == []
    assert table(paths, "停电事件")["customers"].tolist() == [20, 10, 30]


UNFIT = {
    "stale": ("key: {event_id: E1}, field: customers, expect: 21", ("correction_stale", "停电事件", "H2")),
    "no such row": ("key: {event_id: E7}, field: customers, expect: 20", ("correction_unmatched", "停电事件", "")),
    "a key that the sheet does not hold": (
        "key: {external: 是}, field: customers, expect: 20",
        ("correction_unmatched", "停电事件", ""),
    ),
    "no such cell": ("cell: H99, field: customers, expect: 20", ("correction_unmatched", "停电事件", "H99")),
    "cell of another column": ("cell: A2, field: customers, expect: 20", ("correction_unmatched", "停电事件", "A2")),
    "several rows": ("key: {cause: 自然因素}, field: customers, expect: 20", ("correction_invalid", "停电事件", "H2")),
}


@pytest.mark.parametrize("case", UNFIT)
def test_an_entry_that_does_not_fit_is_an_error_and_changes_nothing(case, tmp_path):
    entry, expected = UNFIT[case]
    book = sheets()
    book["停电事件"][2][4] = "自然因素"
    paths = study(tmp_path, book)
    correct(paths, f"sheet: 停电事件, {entry}, action: override, value: 1")
    found = issues(paths)
    assert places(found) == [expected]
    assert found[0].severity == "error"


@pytest.mark.parametrize(
    ("typed", "expect", "rules"), [("/", "null", []), ("/", "5", ["correction_stale"]), (3, "null", ["correction_stale"])]
)
def test_a_blank_cell_is_blank_however_it_is_written(typed, expect, rules, tmp_path):
    book = sheets()
    for row, cell in zip(book["业扩报装"], (contract("业扩报装")["callback_score"].header, typed, 4), strict=True):
        row.append(cell)
    paths = study(tmp_path, book)
    correct(
        paths,
        f"sheet: 业扩报装, key: {{application_id: S1}}, field: callback_score, action: override, expect: {expect}, value: 4",
    )
    assert [one.rule for one in issues(paths)] == rules


def test_an_impossible_value_is_an_issue_of_the_correction_not_of_the_cell(tmp_path):
    paths = study(tmp_path)
    correct(paths, "sheet: 停电事件, cell: H2, field: customers, action: override, expect: 20, value: 二十五")
    found = issues(paths)
    assert places(found) == [("correction_invalid", "停电事件", "H2")]
    assert "第1条：“二十五”不能填入“停电用户数”" in found[0].todo


def test_an_entry_whose_row_has_gone_with_its_sheet(tmp_path):
    book = sheets()
    del book["线路"]
    paths = study(tmp_path, book)
    correct(paths, "sheet: 线路, key: {feeder: 城一线}, field: length_km, action: override, expect: 5.5, value: 6")
    assert {one.rule for one in issues(paths)} == {"missing_sheet", "correction_unmatched"}


def test_applied_corrections_are_kept_for_the_annex_without_personal_values(tmp_path):
    paths = study(tmp_path)
    correct(
        paths,
        "sheet: 停电事件, key: {event_id: E1}, field: customers, action: override, expect: 20, value: 25",
        "sheet: 业扩报装, key: {application_id: S1}, field: project_manager, action: override, expect: 赵一鸣, value: 钱二虎",
    )
    table(paths, "停电事件")
    log = json.loads((paths.tables("linxian") / "corrections.json").read_text(encoding="utf-8"))
    reported = [(entry["sheet"], entry["cell"], entry.get("value")) for entry in log]
    assert reported == [("停电事件", "H2", "25"), ("业扩报装", "Q2", None)]
    assert "赵一鸣" not in json.dumps(log, ensure_ascii=False)
    assert log[0]["told_by"] == "县公司调度"


BROKEN = {
    "unknown column": ("sheet: 停电事件, cell: H2, field: 户数, action: flag, expect: 1", "entry 1: .* no column '户数'"),
    "unknown sheet": (
        "sheet: 停电, cell: H2, field: customers, action: flag, expect: 1",
        "entry 1: unknown sheet '停电'; known: ",
    ),
    "unknown action": ("sheet: 停电事件, cell: H2, field: customers, action: delete, expect: 1", "0.action"),
    "no guard": ("sheet: 停电事件, cell: H2, field: customers, action: flag", "0.expect"),
    "key and cell": ("sheet: 停电事件, cell: H2, key: {event_id: E1}, field: note, action: flag, expect: 1", "neither or both"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_one_clear_line(case, tmp_path):
    entry, message = BROKEN[case]
    paths = study(tmp_path)
    correct(paths, entry)
    with pytest.raises(GeError, match=message):
        issues(paths)


def test_a_correction_of_another_county_makes_nothing_stale(tmp_path):
    paths = study(tmp_path)
    table(paths, "停电事件")
    correct(paths, "sheet: 停电事件, cell: H2, field: customers, action: flag, expect: 1", county="lishi")
    assert stale.why_stale(Study(PARAMS, paths), "linxian") == []


def test_a_correction_of_an_unknown_county_is_one_clear_line_in_every_command(tmp_path):
    paths = study(tmp_path)
    table(paths, "停电事件")
    correct(paths, "sheet: 停电事件, cell: H2, field: customers, action: flag, expect: 1", county="linxan")
    assert stale.why_stale(Study(PARAMS, paths), "linxian") == ["corrections changed"]
    for place in ("linxian", "lishi"):
        with pytest.raises(GeError, match="entry 1: unknown county 'linxan'; use one of .*linxian"):
            table(paths, "停电事件", place)


@pytest.mark.parametrize(
    ("field", "cell", "expect", "value", "name", "read"),
    [
        ("customers", "H2", "20", "025", "停电事件", 25),  # to YAML an octal number, 21
        ("customers", "H2", "020", "1e1", "停电事件", 10),
        ("customers", "H2", "20.0", '"25"', "停电事件", 25),
        ("event_id", "A2", "E1", "0017", "停电事件", "0017"),
        ("note", "I2", "大风", "no", "停电事件", "no"),
    ],
)
def test_a_value_is_taken_as_written(field, cell, expect, value, name, read, tmp_path):
    paths = study(tmp_path)
    correct(paths, f"sheet: {name}, cell: {cell}, field: {field}, action: override, expect: {expect}, value: {value}")
    assert table(paths, name)[field][0] == read


@pytest.mark.parametrize("value", ["1:30", "0x1F", "1_000", "yes", "2020-03-05", "~"])
def test_a_value_that_is_no_number_is_refused(value, tmp_path):
    paths = study(tmp_path)
    correct(paths, f"sheet: 停电事件, cell: H2, field: customers, action: override, expect: 20, value: {value}")
    assert [one.rule for one in issues(paths)] == ["correction_invalid"]
