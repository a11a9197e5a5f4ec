"""Personal data does not pass ingestion: seeded values are looked for in every byte below data/processed."""

import json
import re

import pandas as pd
import pyarrow.parquet as pq
import pytest
from ledger_books import CITY, COUNTY, PARAMS, issues, save, sheets, study, table

from ge_analysis.errors import GeError
from ge_analysis.ledgers.contract import contract, contracts
from ge_analysis.ledgers.corrections import _office
from ge_analysis.ledgers.personal import _names_someone, known, mask, protect
from ge_analysis.ledgers.stale import why_stale
from ge_analysis.study import Study

SECRETS = [
    "赵一鸣",
    "孙小妹",
    "13800138000",
    "13900139000",
    "13512345678",
    "142301198805061234",
    "甲路5号",
    "滨河路88号",
    "0358-8221234",
    "甲商店",
    "乙工厂",
    "乙 工厂",
]
SURVEY = [
    ["问卷编号", "受访者", "电话", "用户类别", "城乡", "电表类型", "接电", "意见建议"],
    [
        "Q1",
        "孙小妹",
        "13512345678",
        "居民",
        "城区",
        "智能表",
        5,
        "孙小妹说停电前应发短信，电话13512345678，身份证142301198805061234",
    ],
    ["Q2", None, None, "个体", "农村", "卡表", 4, "店在滨河路88号，座机0358-8221234，找李先生"],
]


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    book = sheets(满意度问卷=SURVEY)
    book["业扩报装"][1][17] = "赵一鸣已联系用户，地址甲路5号"
    book["业扩报装"][2][17] = "同甲商店一并验收"
    book["停电事件"][1][8] = "乙 工厂赵一鸣、孙小妹来电"
    return study(tmp_path_factory.mktemp("personal"), book)


def test_no_seeded_value_reaches_the_processed_files(paths):
    assert issues(paths) == []
    table(paths, "业扩报装")
    files = [path for path in paths.processed.rglob("*") if path.is_file()]
    assert any(path.suffix == ".parquet" for path in files)
    for path in files:
        text = path.read_bytes().decode("utf-8", "ignore")
        if path.suffix == ".parquet":
            text += pq.read_table(path).to_pandas().to_csv()
        assert [secret for secret in SECRETS if secret in text] == []


def test_managers_become_pseudonyms_that_still_count(paths):
    cases = table(paths, "业扩报装")
    assert cases["project_manager"].tolist() == ["代号1", "代号1"]
    assert cases["customer_name"].tolist() == ["代号1", "代号2"]
    assert not {"phone", "address"} & set(cases.columns)


def test_free_text_stays_readable(paths):
    comments = table(paths, "满意度问卷")["comments"].tolist()
    assert comments[0].startswith("***说停电前应发短信，电话***")
    assert "***先生" in comments[1]


def test_names_of_any_sheet_are_masked_in_every_other(paths):
    """A customer, a manager and a respondent in the note of an outage, one of them with a space; a customer in another's note."""
    assert table(paths, "停电事件")["note"][0] == "******、***来电"
    assert table(paths, "业扩报装")["note"][1] == "同***一并验收"


PHONES = [
    "0358－8221234",
    "0358—8221234",
    "0358 822 1234",
    "（0358）8221235",
    "(0358) 8221235",
    "０３５８－８２２１２３６",
    "138 00 138 000",
    "138.0013.8000",
    "138·0013·8000",
    "1380013-8000",
    "1380 013 8000",
    "138-00138000",
    "１３８００１３８０００",
    "+86 138 0013 8000",
    "0086-13800138000",
    "400-820-8820",
    "400-8208-820",
    "141124 19800101 1234",
    "141124-1980-0101-123X",
]


@pytest.mark.parametrize("phone", PHONES)
def test_numbers_of_people_are_masked_however_they_are_grouped(phone):
    assert mask(pd.Series([f"联系{phone}，谢谢"], dtype="str"), set()).tolist() == ["联系***，谢谢"]


def test_names_of_files_and_sheets_are_masked_in_tables(tmp_path):
    """The issue still names the workbook, for its sender; the table does not."""
    paths = study(tmp_path, {f"{sheet}赵一鸣": rows for sheet, rows in COUNTY.items()})
    (paths.raw / "linxian" / "台账.xlsx").rename(paths.raw / "linxian" / "台账-赵一鸣138 0013 8000.xlsx")
    outages = table(paths, "停电事件")
    assert outages["source_file"].unique().tolist() == ["台账-******.xlsx"]
    assert outages["source_sheet"].unique().tolist() == ["停电事件***"]


def test_issues_repeat_no_phone_and_no_name_but_every_number(tmp_path):
    book = sheets()
    book["业扩报装"][1][4] = "13512345678"
    book["业扩报装"][2][4] = "赵一鸣"
    book["业扩报装"][0][17] = "备注（电话0358－8221234）甲"
    book["停电事件"][1][7] = 15612345678
    book["停电事件"][2][1] = "滨河路2号线"
    found = {one.rule: one.found for one in issues(study(tmp_path, book)) if one.cell != "E3"}
    assert found["not_in_list"] == "***"
    assert found["unknown_column"] == "备注（电话***）甲"
    assert found["above_served"] == "15612345678"
    assert found["unknown_feeder"] == "滨河路2号线"
    assert [one.found for one in issues(study(tmp_path, book)) if one.cell == "E3"] == ["***"]


def test_an_issue_never_repeats_a_personal_value(tmp_path):
    book = sheets()
    book["业扩报装"][2][1] = "=HYPERLINK(1)"
    found = issues(study(tmp_path, book))
    assert [(one.rule, one.cell) for one in found] == [("no_cached_value", "B3")]
    assert found[0].found == "（个人信息，不显示）"


@pytest.mark.parametrize(
    "text",
    [
        "2020年3月5日停电4小时",
        "10kV城关517线",
        "线路长度18.55公里",
        "工单20200305001",
        "容量400kVA",
        "140 2020-03-05 停电",
        "400 500 1000 kVA",
        "0830-1030停电 12345",
        "130-150户",
    ],
)
def test_ordinary_text_is_left_alone(text):
    assert mask(pd.Series([text], dtype="str"), set()).tolist() == [text]


def test_identifiers_are_kept(paths):
    assert table(paths, "停电事件")["feeder"].tolist() == [row[1] for row in COUNTY["停电事件"][1:]]


def connections(**personal: list[str]) -> pd.DataFrame:
    """A typed 业扩报装 of three cases with nothing in it but what is said here."""
    columns = {column.name: [None] * 3 for column in contract("业扩报装").fields}
    return pd.DataFrame(columns | personal, dtype="str")


def outages(*notes: str) -> pd.DataFrame:
    """A typed 停电事件 with nothing in it but notes."""
    columns = {column.name: [None] * len(notes) for column in contract("停电事件").fields}
    return pd.DataFrame(columns | {"note": list(notes)}, dtype="str")


@pytest.mark.parametrize(
    "word",
    ["电网", "智能", "农村", "低压", "临县", "临县/城区", "高压", "居民", "营业厅走访", "供电所", "同上", "客户经理", "村民"],
)
def test_words_of_the_contracts_are_not_masked(word):
    """电网 is in the cause 上级电网, 智能 in 智能表: an address of just these words masks them nowhere."""
    tables = {"connections": connections(address=[word] * 3), "outages": outages(f"{word}改造")}
    assert known(tables, ["临县"]) == set()


@pytest.mark.parametrize(("rows", "masked"), [(2, True), (3, False), (4, False)])
def test_words_used_in_several_other_rows_are_not_masked(rows, masked):
    """As a whole cell or in a sentence; rows of the personal columns themselves do not count."""
    notes = ["彩虹桥", "彩虹桥南侧断线", "巡视彩虹桥", "彩虹桥已通电"][:rows]
    tables = {"connections": connections(address=["彩虹桥"] * 3), "outages": outages(*notes)}
    assert known(tables, []) == ({"彩虹桥"} if masked else set())


def test_a_word_twice_in_a_row_is_one_row():
    tables = {"connections": connections(address=["彩虹桥"] * 3), "outages": outages("彩虹桥彩虹桥彩虹桥")}
    assert known(tables, []) == {"彩虹桥"}


@pytest.mark.parametrize("name", ["赵一鸣", "司马相如", "王笛", "欧阳 青禾", "13800138000", "青禾巷88号"])
def test_names_and_numbers_are_masked_however_many_rows_use_them(name):
    tables = {"connections": connections(customer_manager=[name] * 3), "outages": outages(*[f"{name}已到场"] * 9)}
    assert known(tables, []) == {name}


def test_names_that_share_a_cell_are_known_one_by_one():
    tables = {"connections": connections(customer_manager=["王建国、李芳（经理）", "", ""])}
    assert {"王建国", "李芳"} <= known(tables, [])
    assert "经理" not in known(tables, [])
    assert "滨河巡线班" not in known({"connections": connections(customer_manager=["王建国、滨河巡线班", "", ""])}, [])


@pytest.mark.parametrize("value", ["赵一鸣", "小明", "甲路5号", "13800138000", "甲商店", "王民", "李会", "欧阳青禾"])
def test_values_that_may_name_someone(value):
    assert _names_someone(value)


@pytest.mark.parametrize(
    "value",
    [
        "王",
        "12",
        "——",
        "同上",
        "不 详",
        "某先生",
        "某化工厂",
        "城关镇",
        "村民",
        "学校",
        "客户经理",
        "女士",
        "城关供电所",
        "村委会",
    ],
)
def test_values_that_name_no_one(value):
    assert not _names_someone(value)


@pytest.mark.parametrize(
    ("told_by", "office"),
    [
        ("县公司调度", "县公司调度"),
        ("上官望月 13900010004", "***"),
        ("营销部 赵一鸣", "营销部"),
        ("运检部、调控中心 8221234", "运检部、调控中心"),
        ("", "***"),
    ],
)
def test_the_office_of_a_named_source_is_kept(told_by, office):
    assert _office(told_by) == office


@pytest.mark.parametrize(("sheet", "column"), [("转供电", "entity"), ("营业厅走访", "site"), ("政策文件", "policy_number")])
def test_identifiers_that_name_people_are_masked_and_stay_distinct(sheet, column):
    columns = {field.name: [None] * 4 for field in contract(sheet).fields}
    values = ["甲物业公司", "赵一鸣", "钱二虎13800138000", "赵一鸣"]
    frame = pd.DataFrame(columns | {column: values}, dtype="str")
    expected = ["甲物业公司", "***代号1", "******代号2", "***代号1"]
    assert protect(frame, contract(sheet), {"赵一鸣", "钱二虎"})[column].tolist() == expected


@pytest.mark.parametrize("sheet", contracts())
def test_columns_to_be_dropped_are_not_even_masked(sheet):
    of = contract(sheet)
    frame = pd.DataFrame({column.name: ["赵一鸣"] for column in of.fields}, dtype="str")
    assert set(protect(frame, of, {"赵一鸣"})) == {column.name for column in of.fields if column.personal != "drop"}


def test_hashes_of_files_name_no_file(tmp_path):
    paths = study(tmp_path)
    (paths.raw / "linxian" / "台账.xlsx").rename(paths.raw / "linxian" / "台账-赵一鸣.xlsx")
    assert why_stale(Study(PARAMS, paths), "linxian")
    [record] = (paths.processed / "hashes").glob("linxian.json")
    assert [re.fullmatch("[0-9a-f]+", name) is not None for name in json.loads(record.read_text())] == [True]


def test_the_failure_of_a_faulty_city_repeats_nothing_from_its_workbooks(tmp_path):
    """The city has no personal columns, so that no name in its workbooks is known; a failure goes into every county's results."""
    paths = study(tmp_path)
    book = {f"{sheet}赵一鸣": [list(row) for row in rows] for sheet, rows in CITY.items()}
    book["指数核查赵一鸣"][1][1] = "钱二虎13800138000"
    save(paths.raw / "city" / "市公司孙小妹.xlsx", book)
    with pytest.raises(GeError) as caught:
        Study(PARAMS, paths).tables("city")
    assert str(caught.value).startswith("city: 1 error in its workbooks, first: ")
    assert not re.search("赵一鸣|钱二虎|孙小妹|138", str(caught.value))


def test_reasons_of_corrections_lose_the_names_of_the_place(tmp_path):
    """A name that nothing points to, known from the cases' manager alone, in what is kept and in what an issue says."""
    paths = study(tmp_path)
    paths.corrections.parent.mkdir(parents=True)
    entry = {
        "county": "linxian", "sheet": "停电事件", "key": {"event_id": "E1"}, "field": "customers", "action": "flag",
        "expect": "20", "reason": "据赵一鸣口头更正", "told_by": "赵一鸣所在营销部", "date": "2022-01-05",
    }  # fmt: skip
    paths.corrections.write_text(json.dumps([entry], ensure_ascii=False), encoding="utf-8")
    [found] = issues(paths)
    assert found.todo == "更正第1条：据***口头更正"
    table(paths, "停电事件")
    log = json.loads((paths.tables("linxian") / "corrections.json").read_text(encoding="utf-8"))
    assert [(each["number"], each["reason"]) for each in log] == [(1, "据***口头更正")]
    assert "赵一鸣" not in log[0]["told_by"]
