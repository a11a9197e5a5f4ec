"""Who sent what, round by round, and the reply to a county."""

import json
import os
from datetime import date, datetime

import docx
import pytest
from ledger_books import PARAMS, sheets, study, with_cell
from test_cli import ge

from ge_analysis.ledgers import ingest, letter
from ge_analysis.ledgers.check import check
from ge_analysis.ledgers.issues import issue
from ge_analysis.ledgers.overview import ROUNDS, overview, rounds
from ge_analysis.study import Study

WRONG = with_cell("停电事件", 2, 3, None)  # a required cell is blank


def of_outages(paths):
    return {line.sheet: line for line in overview(Study(PARAMS, paths), ["linxian"])}["停电事件"]


def test_rounds_count_what_was_found_and_corrected(tmp_path):
    paths = study(tmp_path, book=WRONG)
    check(Study(PARAMS, paths), ["linxian"])
    check(Study(PARAMS, paths), ["linxian"])  # the same workbooks again are no new round
    first = of_outages(paths)
    assert (first.round, first.errors, first.errors_before, first.corrected, first.rows) == (1, 1, 0, 0, None)
    study(tmp_path, book=sheets())
    sent = next((paths.raw / "linxian").glob("*.xlsx"))
    os.utime(sent, (datetime(2021, 11, 3, 12).timestamp(),) * 2)
    check(Study(PARAMS, paths), ["linxian"])
    ingest.ingest(Study(PARAMS, paths), ["linxian"])
    now = of_outages(paths)
    assert (now.round, now.errors, now.errors_before, now.corrected, now.rows) == (2, 0, 1, 1, 3)
    assert now.received == date(2021, 11, 3)


def test_the_record_contains_nothing_from_a_workbook(tmp_path):
    paths = study(tmp_path, book=with_cell("停电事件", 2, 8, "约二十"))
    check(Study(PARAMS, paths), ["linxian"])
    text = (paths.checks / ROUNDS).read_text(encoding="utf-8")
    assert "not_a_number" in text and "约二十" not in text and "xlsx" not in text


def test_an_unchecked_place_keeps_its_rounds(tmp_path):
    paths = study(tmp_path, book=WRONG)
    check(Study(PARAMS, paths), ["linxian", "city"])
    check(Study(PARAMS, paths), ["city"])
    assert len(rounds(paths.checks)["linxian"]) == 1


@pytest.mark.parametrize("text", ["", "[]", '{"linxian": [1]}', '{"linxian": [{"received": 1}]}'])
def test_a_damaged_record_counts_as_absent(tmp_path, text):
    (tmp_path / ROUNDS).write_text(text, encoding="utf-8")
    assert rounds(tmp_path) == {}


def test_a_place_that_was_never_checked(tmp_path):
    line = of_outages(study(tmp_path, book=sheets()))
    assert (line.round, line.received, line.errors) == (0, None, 0)


def texts(path):
    letter = docx.Document(path)
    return [each.text for each in letter.paragraphs], [[cell.text for cell in row.cells] for row in letter.tables[0].rows]


def test_a_letter_names_what_is_missing_and_wrong_and_until_when(tmp_path):
    found = [
        issue("jump", "linxian", "a.xlsx", "停电事件", "", "", previous="1"),
        issue("blank", "linxian", "a.xlsx", "停电事件", "C2", header="区域类型"),
        issue("missing_sheet", "linxian", "", "用户数", "", "", sheet="用户数"),
        issue("correction_invalid", "linxian", "", "", "", "", number=1, reason="x"),
    ]
    letter.write(tmp_path / "linxian" / letter.NAME, "临县", 2021, found, date(2021, 11, 17), date(2021, 11, 3))
    paragraphs, table = texts(tmp_path / "linxian" / letter.NAME)
    assert paragraphs[0] == "关于临县2021年台账检查情况的反馈"
    assert "2处错误须更正，1处提示请核对。请于2021年11月17日前更正后重报。" in paragraphs[2]
    assert "用户数：请补报“用户数”；表头须与模板一致" in paragraphs
    assert paragraphs[-1] == "2021年11月3日"
    assert table[1] == ["错误", "a.xlsx", "停电事件", "C2", "必填项为空", "请填写“区域类型”"]
    assert table[2][0] == "提示" and len(table) == 3


def test_a_letter_without_anything_to_correct(tmp_path):
    letter.write(tmp_path / "a.docx", "临县", 2021, [], date(2021, 11, 17), date(2021, 11, 3))
    assert [each.text for each in docx.Document(tmp_path / "a.docx").paragraphs][2] == letter.FINE


def test_a_long_letter_says_how_many_more_there_are(tmp_path):
    found = [issue("blank", "linxian", "a.xlsx", "停电事件", f"C{row}", header="区域类型") for row in range(letter.MOST + 3)]
    letter.write(tmp_path / "a.docx", "临县", 2021, found, date(2021, 11, 17), date(2021, 11, 3))
    paragraphs, table = texts(tmp_path / "a.docx")
    assert "另有3处，见标注后的工作簿。" in paragraphs and len(table) == letter.MOST + 1


def test_the_commands(project):
    folder = project / "data/raw/2021/linxian"
    folder.mkdir(parents=True)
    (folder / "台账.xlsx").write_bytes(b"no workbook")
    assert ge(project, "check", "linxian", "--letter", "--until", "2021-11-17").returncode == 1
    paragraphs, _ = texts(project / "checks/2021/linxian" / letter.NAME)
    assert "请于2021年11月17日前更正后重报" in paragraphs[2]
    lines = json.loads(ge(project, "check", "linxian", "--overview", "--json").stdout)
    assert {line["place"] for line in lines} == {"linxian"}
    assert [line["errors"] for line in lines if line["sheet"] == ""] != [0]
    assert ge(project, "check", "linxian", "--overview").returncode == 0
