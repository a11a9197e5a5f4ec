"""Rows that are left out are totals and notes, and are named; a row that fills its required columns never is, in any sheet."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from ledger_books import CITY, COUNTY, PARAMS, left_out, save, sheets, study, table

from ge_analysis.ledgers.contract import Contract, contracts
from ge_analysis.ledgers.layout import Layout, recognise
from ge_analysis.ledgers.words import words
from ge_analysis.ledgers.workbook import Sheet, Value

VALUES: dict[str, Value] = {
    "text": "城关517线",
    "choices": "减少停电",
    "place": "临县",
    "grid": "国网",
    "yesno": "否",
    "month": "2020年5月",
    "date": datetime(2020, 5, 1),
    "datetime": datetime(2020, 5, 1, 8),
    "flag": 0.0,
    "integer": 0.0,
    "number": 0.0,
}
VOID = ["例：1", "（作废）"]
MARKS = [*words().totals, "1月小计", "合计（户）", *words().notes, "备注：已回访", *VOID]
TEXTS = [
    pytest.param(table, column.name, id=f"{table}-{column.name}")
    for table, of in contracts().items()
    for column in of.fields
    if column.type == "text"
]


def full(of: Contract) -> list[Value]:
    """A row that fills every column, numbers with 0."""
    return [next(iter(column.labels.values())) if column.type == "code" else VALUES[column.type] for column in of.fields]


def only(of: Contract, text: str) -> list[Value]:
    """A row that is blank but for its first cell."""
    return [text, *[""] * (len(of.fields) - 1)]


def laid_out(of: Contract, *rows: list[Value], **seen: object) -> Layout | None:
    sheet = Sheet(of.sheet, [[column.header for column in of.fields], *rows], seen.pop("merged", []), **seen)
    return recognise(sheet, of.scope, 2021, PARAMS.ledgers.header_search_rows)


def marked(of: Contract, name: str) -> Iterator[list[Value]]:
    """The full row of a sheet with each mark in one of its columns."""
    names = [column.name for column in of.fields]
    for mark in MARKS:
        yield [mark if column == name else value for column, value in zip(names, full(of), strict=True)]


@pytest.mark.parametrize(("table", "name"), TEXTS)
def test_a_full_row_stays(table, name):
    of = contracts()[table]
    for row in marked(of, name):
        layout = laid_out(of, full(of), row, full(of))
        assert (layout.rows, layout.left_out) == ([1, 2, 3], []), row


@pytest.mark.parametrize(("table", "name"), TEXTS)
def test_a_row_that_fills_its_required_columns_alone_stays(table, name):
    of = contracts()[table]
    blank = [at for at, column in enumerate(of.fields) if not column.required and column.name != name]
    for row in marked(of, name):
        needed = ["" if at in blank else value for at, value in enumerate(row)]
        layout = laid_out(of, full(of), needed, full(of))
        assert (layout.rows, layout.left_out) == ([1, 2, 3], []), needed


@pytest.mark.parametrize(("table", "name"), TEXTS)
def test_a_row_that_merged_cells_fill_stays(table, name):
    of = contracts()[table]
    own = [column.name for column in of.fields].index(name)
    merged = [((1, at), (2, at)) for at in range(len(of.fields)) if at != own]
    for row in marked(of, name):
        layout = laid_out(of, full(of), [value if at == own else "" for at, value in enumerate(row)], merged=merged)
        assert (layout.rows, layout.left_out) == ([1, 2], []), row


@pytest.mark.parametrize(("table", "name"), TEXTS)
def test_a_row_that_errors_and_formulas_without_result_fill_stays(table, name):
    of = contracts()[table]
    numbers = [(2, at) for at, column in enumerate(of.fields) if column.is_number]
    seen = {"errors": dict.fromkeys(numbers[::2], "#N/A"), "uncached": {*numbers[1::2]}}
    for row in marked(of, name):
        blank = ["" if (2, at) in numbers else value for at, value in enumerate(row)]
        layout = laid_out(of, full(of), blank, full(of), **seen)
        assert (layout.rows, layout.left_out) == ([1, 2, 3], []), row


@pytest.mark.parametrize(("count", "known"), [(4, True), (3, False)])
def test_a_sheet_is_recognised_by_half_of_its_required_columns(count, known):
    kind, cause, started, restored = (column.header for column in contracts()["outages"].fields[3:7])  # of eight
    sheet = Sheet(
        "表一", [[kind, cause, started, restored][:count], ["故障", "自然因素", *[datetime(2020, 5, 1)] * 2][:count]], []
    )
    assert bool(recognise(sheet, "county", 2021, PARAMS.ledgers.header_search_rows)) is known


def test_a_row_with_half_of_its_required_columns_stays_whatever_stands_behind_them():
    of = contracts()["outages"]
    half = [
        "" if column.name in ("kind", "cause", "started", "restored") else value
        for column, value in zip(of.fields, full(of), strict=True)
    ]
    half[-1] = "合计"
    layout = laid_out(of, full(of), half, only(of, "合计"))
    assert (layout.rows, layout.left_out) == ([1, 2], [3])


def test_a_note_would_fill_one_of_two_required_columns():
    of = contracts()["interrupted_customers"]
    layout = laid_out(of, full(of), only(of, "注：含专变"), full(of))
    assert (layout.rows, layout.left_out) == ([1, 3], [2])


def test_a_row_below_a_note_may_lack_one_of_three_required_columns():
    of = contracts()["customers"]
    layout = laid_out(of, full(of), only(of, "注：含专变"), [*full(of)[:2], *[""] * (len(of.fields) - 2)])
    assert (layout.rows, layout.left_out) == ([1, 3], [2])


def test_a_note_above_merged_cells_takes_nothing_from_them():
    of = contracts()["outages"]
    merged = [((2, at), (3, at)) for at in range(len(of.fields))]
    layout = laid_out(of, only(of, "注：含专变"), full(of), only(of, ""), merged=merged)
    assert (layout.rows, layout.left_out) == ([2], [1])


def test_a_sparse_row_above_the_first_note_stays():
    of = contracts()["outages"]
    layout = laid_out(of, *(only(of, text) for text in ("E1", "注：含专变", "E2")))
    assert (layout.rows, layout.left_out) == ([1], [2, 3])


@pytest.mark.parametrize("total", [*words().totals, "1月小计"])
@pytest.mark.parametrize("filler", ["", " ", "　", "/", "—"])
def test_a_total_is_left_out_whatever_fills_its_blanks(total, filler):
    of = contracts()["outages"]
    row = [0.0 if column.is_number else filler for column in of.fields]
    layout = laid_out(of, full(of), [total, *row[1:]])
    assert (layout.rows, layout.left_out) == ([1], [2])


def batches(first, second):
    """One event restored in three batches: its common cells are merged down, each batch has its remark."""

    def change(workbook):
        sheet = workbook["停电事件"]
        sheet.append(["E9", "城一线", "城镇", "故障", "自然因素", datetime(2020, 8, 1, 8), datetime(2020, 8, 1, 9), 10, first])
        sheet.append([None] * 6 + [datetime(2020, 8, 1, 10), 20, second])
        sheet.append([None] * 6 + [datetime(2020, 8, 1, 12), 30, None])
        for column in range(1, 7):
            sheet.merge_cells(start_row=5, end_row=7, start_column=column, end_column=column)

    return change


@pytest.mark.parametrize("remark", ["说明：倒闸后恢复", "两批合计", "注：第二批", "备注", "※", "合计"])
@pytest.mark.parametrize("at", [0, 1])
def test_a_full_row_stays_whatever_its_remark(remark, at, tmp_path):
    paths = study(tmp_path, None, batches(*[(remark, None), (None, remark)][at]))
    read = table(paths, "停电事件")
    assert read.loc[read["event_id"] == "E9", "customers"].tolist() == [10, 20, 30]
    assert left_out(paths) == []


def test_a_total_of_the_city_is_the_city(tmp_path):
    rows = [
        ["县区", "指标", "范围", "数值"],
        ["全市合计", "SAIDI", "全口径", 8.5],
        ["临县", "SAIDI", "全口径", 9.5],
        ["合计", "SAIDI", "全口径", 18],
    ]
    paths = study(tmp_path)
    save(paths.raw / "city" / "市级.xlsx", CITY | {"上年指标": rows})
    assert table(paths, "上年指标", "city")[["place", "value"]].values.tolist() == [["city", 8.5], ["linxian", 9.5]]
    assert left_out(paths, "city") == ["第4行"]


def test_rows_left_out_are_named(tmp_path):
    header, *rows = COUNTY["停电事件"]
    total = ["合计"] + [None] * 6 + [60]
    pages = [
        header,
        rows[0],
        total,
        header,
        rows[1],
        ["注：以上为上半年"],
        rows[2],
        total,
        ["\u200b"],
        ["制表：甲", None, "审核：乙"],
        ["以上"],
    ]
    paths = study(tmp_path, sheets(停电事件=pages))
    assert table(paths, "停电事件")["event_id"].tolist() == ["E1", "E2", "E3"]
    assert left_out(paths) == ["第3—4、6、8、10—11行"]
