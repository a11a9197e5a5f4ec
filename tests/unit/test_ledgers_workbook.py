"""What other programs write into a workbook's XML: formulas, error values, merged formats, other namespaces."""

import re
import zipfile

import pytest
from ledger_books import PARAMS, issues, places, study

from ge_analysis.ledgers import workbook
from ge_analysis.study import Study

SHEET = "xl/worksheets/sheet1.xml"  # 停电事件, whose rows 2 to 4 hold data
EMPTY_TEXT = b'<c r="%b" t="str"><f>IF(K2="","",K2)</f><v></v></c>'


def edited(paths, edit):
    """Let `edit` change the text of every part of the county's workbook, by name."""
    path = paths.raw / "linxian" / "台账.xlsx"
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    changed = {name: edit(name, part) for name, part in parts.items()}
    assert changed != parts
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in changed.items():
            book.writestr(name, part)
    return paths


def in_row_3(cell):
    """Put a cell at the end of row 3."""
    return lambda name, part: part.replace(b'</row><row r="4"', cell + b'</row><row r="4"') if name == SHEET else part


def strict(name, part):
    """Rename what Strict Open XML calls otherwise."""
    part = part.replace(
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main"
    )
    old, new = (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    )
    return part.replace(old, new)


def below(*cells):
    """Add row 5 with these cells."""
    row = b'<row r="5">' + b"".join(cells) + b"</row></sheetData>"
    return lambda name, part: part.replace(b"</sheetData>", row) if name == SHEET else part


def test_a_formula_whose_result_is_an_empty_text_is_blank(tmp_path):
    """So `=IF(A3="","",…)` looks, and such formulas are dragged far below the table."""
    assert issues(edited(study(tmp_path / "cell"), in_row_3(EMPTY_TEXT % b"I3"))) == []
    dragged = edited(study(tmp_path / "row"), below(EMPTY_TEXT % b"A5", EMPTY_TEXT % b"B5"))
    assert issues(dragged) == []
    assert len(Study(PARAMS, dragged).table("linxian", "停电事件")) == 3


@pytest.mark.parametrize("value", [b"", b"<v></v>", b"<v/>"])
def test_a_formula_without_result_is_not_blank(value, tmp_path):
    paths = edited(study(tmp_path), in_row_3(b'<c r="I3"><f>K3</f>' + value + b"</c>"))
    assert places(issues(paths)) == [("no_cached_value", "停电事件", "I3")]


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="I3" t="e"><f>IF(A3="",\n1,VLOOKUP(1,2,3))</f><v>#N/A</v></c>',
        b'<c t="e" r="I3"><f>NA()</f><v>#N/A</v></c>',
        b'<c r="I3" s="1" t="e"><v>#N/A</v></c>',
    ],
)
def test_an_error_value_is_found_however_it_is_written(cell, tmp_path):
    found = issues(edited(study(tmp_path), in_row_3(cell)))
    assert places(found) == [("error_cell", "停电事件", "I3")]
    assert found[0].found == "#N/A"


def test_an_error_value_is_found_in_strict_open_xml(tmp_path):
    paths = edited(study(tmp_path), in_row_3(b'<c r="I3" t="e"><v>#DIV/0!</v></c>'))
    assert places(issues(edited(paths, strict))) == [("error_cell", "停电事件", "I3")]


def test_rows_of_nothing_but_formulas_without_result_are_found(tmp_path):
    def formulas(book):
        for column in range(1, 9):
            book["停电事件"].cell(5, column).value = "='线路'!A1"

    found = issues(study(tmp_path, None, formulas))
    assert places(found) == [("no_cached_value", "停电事件", f"{letter}5") for letter in "ABCDEFGH"]


def test_a_formula_in_the_last_cell_is_too_large(tmp_path):
    path = edited(study(tmp_path), below(b'<c r="A5"><f>1</f></c><c r="XFD1040000"><f>1</f></c>')).raw / "linxian" / "台账.xlsx"
    with pytest.raises(workbook.Unreadable, match="too_large"):
        workbook.read(path, PARAMS.ledgers)


def test_hidden_columns_end_with_the_sheet(tmp_path):
    def hide(name, part):
        columns = b'<cols><col min="1" max="30000000" hidden="1"/></cols><sheetData>'
        return re.sub(rb"(<cols>.*?</cols>)?<sheetData>", columns, part) if name == SHEET else part

    path = edited(study(tmp_path), hide).raw / "linxian" / "台账.xlsx"
    assert workbook.read(path, PARAMS.ledgers)[0].hidden_columns == list(range(16_384))


def test_blank_merged_cells_right_of_the_table_are_ignored(tmp_path):
    assert issues(study(tmp_path, None, lambda book: book["停电事件"].merge_cells("N1:P2"))) == []
