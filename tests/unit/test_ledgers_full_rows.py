"""A row that fills its required columns is never left out: every sheet, every name of a total, every beginning of a note."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from ledger_books import PARAMS

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


@pytest.mark.parametrize("total", [*words().totals, "1月小计"])
@pytest.mark.parametrize("filler", ["", " ", "　", "/", "—"])
def test_a_total_is_left_out_whatever_fills_its_blanks(total, filler):
    of = contracts()["outages"]
    row = [0.0 if column.is_number else filler for column in of.fields]
    layout = laid_out(of, full(of), [total, *row[1:]])
    assert (layout.rows, layout.left_out) == ([1], [2])
