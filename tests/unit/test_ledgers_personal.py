"""Personal data does not pass ingestion: seeded values are looked for in every byte below data/processed."""

import pandas as pd
import pyarrow.parquet as pq
import pytest
from ledger_books import COUNTY, issues, sheets, study, table

from ge_analysis.ledgers.personal import mask

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


def test_free_text_keeps_its_sense(paths):
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


def test_findings_repeat_no_phone_and_no_name_but_every_number(tmp_path):
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


def test_a_finding_never_repeats_a_personal_value(tmp_path):
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
