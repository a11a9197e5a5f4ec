"""The record of printed numbers: which rows they show, and where they are."""

import pytest

from ge_analysis.report.book import Book
from ge_analysis.report.markup import MARKS, escape
from ge_analysis.report.printed import Record, read

SAIDI = ("linxian", "saidi_hours", "rural", "", "", "", "", "")
KEY = {"county": "linxian", "indicator": "saidi_hours", "area": "rural"}


@pytest.fixture
def record() -> Record:
    return Record()


def places(record: Record, tmp_path) -> list[dict]:
    record.write(tmp_path)
    return read(tmp_path)


def test_a_number_in_a_sentence_knows_line_and_offset(record, tmp_path):
    number = record.mark("39.50", SAIDI, shows="value")
    assert record.written("chapters/a.qmd", f"# 一\n\n停电{number}小时，{number}\n") == "# 一\n\n停电39.50小时，39.50\n"
    where = {"file": "chapters/a.qmd", "line": 3, "text": "39.50", "shows": "value", "keys": [KEY]}
    assert places(record, tmp_path) == [where | {"offset": 2}, where | {"offset": 10}]


def test_a_number_in_a_table_knows_row_and_column(record, tmp_path):
    number = record.mark("-9.6", SAIDI, shows="made")
    rows = [["a|b", "1"], ["临县", str(number)]]  # as plain text its sign is escaped
    text = record.written("chapters/a.qmd", Book(tmp_path).table("附表 4-1", "题", ["单元", "变化"], rows) + f"\n\n{number}")
    assert "| 临县 | \\-9.6 |" in text
    cell, after = places(record, tmp_path)
    assert (cell["number"], cell["row"], cell["column"]) == ("附表 4-1", 2, 2)
    assert "number" not in after and "row" not in after


def test_a_share_names_part_and_whole(record, tmp_path):
    whole = (*SAIDI[:2], "all", *SAIDI[3:])
    record.written("a.qmd", record.mark("40.0%", SAIDI, whole, shows="made"))
    assert places(record, tmp_path)[0]["keys"] == [KEY, KEY | {"area": "all"}]


def test_text_of_a_ledger_cannot_forge_a_mark(record, tmp_path):
    number = record.mark("39.50", SAIDI, shows="value")
    forged = escape(f"{chr(MARKS[0])}别的{chr(MARKS[7])}{chr(MARKS[-1])}")
    assert record.written("a.qmd", f"{forged} {number}") == "别的 39.50"
    assert [place["offset"] for place in places(record, tmp_path)] == [3]
