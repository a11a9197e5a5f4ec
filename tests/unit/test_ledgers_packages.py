"""Whatever opens in Excel is read, uncomputed results are missing, and other formats are named."""

import re
import struct
import zipfile
from io import BytesIO

import msoffcrypto.format.ooxml
import openpyxl
import pytest
import xlsxwriter
import xlwt
from ledger_books import PARAMS

from ge_analysis.ledgers import workbook
from ge_analysis.ledgers.number_format import rescales, scale, unit
from ge_analysis.ledgers.worksheet import ordinary_sheet

PART = "xl/worksheets/sheet1.xml"


def read(path, content):
    path.write_bytes(content)
    return workbook.read(path, PARAMS.ledgers)


def saved(save):
    content = BytesIO()
    save(content)
    return content.getvalue()


@pytest.fixture
def book():
    """One sheet: A1 to A3 hold 1, 2, 3."""
    made = openpyxl.Workbook()
    for value in (1, 2, 3):
        made.active.append([value])
    return saved(made.save)


def edited(content, edit=lambda part: part, rename=lambda name: name, prefix=b""):
    with zipfile.ZipFile(BytesIO(content)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as new:
        for name, part in parts.items():
            info = zipfile.ZipInfo("part")
            info.filename = rename(name)
            new.writestr(info, edit(part) if name == PART else part)
    return prefix + target.getvalue()


@pytest.mark.parametrize(
    "rename",
    [
        lambda name: name.replace("/", "\\"),
        lambda name: name.replace("sheet1", "Sheet1"),
        lambda name: name.replace("sheet1", "sheet%31"),
        str.upper,
    ],
)
def test_names_of_parts_may_be_written_otherwise(rename, book, tmp_path):
    error = edited(book, lambda part: part.replace(b'<c r="A2" t="n"><v>2</v>', b"<c t='e' r='A2'><v>#N/A</v>"), rename)
    (sheet,) = read(tmp_path / "a.xlsx", error)
    assert [row[0] for row in sheet.rows] == [1, "", 3]
    assert sheet.errors == {(1, 0): "#N/A"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "gbk"])
def test_a_part_may_be_in_another_encoding(encoding, book, tmp_path):
    declared = '<?xml version="1.0" encoding="GBK"?>' if encoding == "gbk" else ""
    other = edited(book, lambda part: (declared + part.decode()).encode(encoding))
    (sheet,) = read(tmp_path / "a.xlsx", other)
    assert [row[0] for row in sheet.rows] == [1, 2, 3]


def test_excels_default_password_is_no_protection(book, tmp_path):
    for password, readable in (("VelvetSweatshop", True), ("secret", False)):
        hidden = BytesIO()
        msoffcrypto.format.ooxml.OOXMLFile(BytesIO(book)).encrypt(password, hidden)
        if readable:
            assert len(read(tmp_path / "a.xlsx", hidden.getvalue())[0].rows) == 3
        else:
            with pytest.raises(workbook.Unreadable, match="encrypted"):
                read(tmp_path / "a.xlsx", hidden.getvalue())


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<html><body><table><tr><td>1</td></tr></table></body></html>", "网页（HTML）"),
        ("\ufeff<table><tr><td>1".encode("utf-16-le"), "网页（HTML）"),
        ("编号,线路\nE1,甲\nE2,乙\n".encode("gbk"), "文本文件（CSV）"),
        (b"%PDF-1.7", "PDF文件"),
        (b"\x09\x04\x06\x00\x00\x00\x10\x00", "Excel 4.0旧格式"),
    ],
)
def test_another_format_is_named(content, kind, tmp_path):
    with pytest.raises(workbook.Unreadable, match="other_format") as refused:
        read(tmp_path / "a.xls", content)
    assert refused.value.filled == {"kind": kind}


def test_uncomputed_results_are_missing(tmp_path):
    content = BytesIO()
    with xlsxwriter.Workbook(content) as made:
        sheet = made.add_worksheet()
        sheet.write_formula("A1", "=1+1")
        sheet.write_formula("A2", "=1-1")
    (sheet,) = read(tmp_path / "a.xlsx", content.getvalue())
    assert sheet.uncached == {(0, 0), (1, 0)}
    made = xlwt.Workbook()
    made.add_sheet("a").write(0, 0, xlwt.Formula("1+1"))
    (sheet,) = read(tmp_path / "a.xls", saved(made.save))
    assert sheet.uncached == {(0, 0)}


def test_a_given_result_makes_no_other_computed(tmp_path):
    content = BytesIO()
    with xlsxwriter.Workbook(content) as made:
        sheet = made.add_worksheet()
        sheet.write_formula("A1", "=5*6", value=30)
        sheet.write_formula("A2", "=5*2")
        sheet.write_formula("A3", '=5&"户"', value="5户")
        sheet.write_array_formula("A4:A4", "{=SUM(B1:B2)}")
        sheet.write_formula("A5", "=1/0", value="#DIV/0!")
        made.add_worksheet().write_formula("A1", "=5*2")
    first, second = read(tmp_path / "a.xlsx", content.getvalue())
    assert (first.uncached, second.uncached) == ({(1, 0), (3, 0)}, {(0, 0)})
    assert (first.rows[0][0], first.rows[2][0], first.errors) == (30, "5户", {(4, 0): "#DIV/0!"})


def test_openpyxl_writes_formulas_without_result(book, tmp_path):
    made = openpyxl.load_workbook(BytesIO(book))
    made.active["A2"] = "=A1-1"
    (sheet,) = read(tmp_path / "a.xlsx", saved(made.save))
    assert (sheet.uncached, sheet.rows[2][0]) == ({(1, 0)}, 3)


@pytest.mark.parametrize(
    ("cell", "calculation", "chain"),
    [
        (b'<c r="A2"><f>A1-1</f><v>0</v>', b'<calcPr calcId="191029"/>', True),  # Excel, and WPS
        (b'<c r="A2"><f>A1-1</f><v>0</v>', b'<calcPr calcId="191029" fullCalcOnLoad="1"/>', True),  # Excel, by POI once more
        (b'<c r="A2" s="0"><f aca="false">A1-1</f><v>0</v>', b'<calcPr iterateCount="100" refMode="A1"/>', False),  # LibreOffice
        (b'<c r="A2"><f>A1-1</f><v>0</v>', b"", False),  # Google's, Numbers
    ],
)
@pytest.mark.parametrize("other", [b"<v>3</v>", b"<f>A1*3</f><v>3</v>"])
def test_a_zero_that_a_spreadsheet_computed_is_a_result(cell, calculation, chain, other, book, tmp_path):
    """It asks for no calculation on load, or keeps its own order."""
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(book)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            part = re.sub(rb"<calcPr.*?/>", calculation, old.read(name))
            part = part.replace(b'<c r="A2" t="n"><v>2</v>', cell) if name == PART else part
            new.writestr(name, part.replace(b"<v>3</v>", other) if name == PART else part)
        if chain:
            new.writestr("xl/calcChain.xml", "<calcChain/>")
    (sheet,) = read(tmp_path / "a.xlsx", written.getvalue())
    assert ([row[0] for row in sheet.rows], sheet.uncached) == ([1, 0, 3], set())


@pytest.mark.parametrize(
    ("code", "value", "factor"),
    [
        ("0.00%", 0.5, 100),
        ("#,##0.00", 5, 1),
        ("0.0,", 5, 1e-3),
        ("0.0,,", 5, 1e-6),
        (r"0\.0,", 52000, 1e-4),
        ('0"."0,"万"', 52000, 1e-4),
        (r'[>=10000]0!.0,"万";0', 520, 1),
        ('0.0"%"', 5, 1),
        ('yyyy"年"m"月"', 5, 1),
        ("General", 5, 1),
        ("0%;-0", -1, 1),
        ("0%", -1, 100),
        ("0;0%", 0, 1),  # of two sections, zero is shown by the first
        ("0;0%", -1, 100),
        ("0;0;0%", 0, 100),
        ("0;0;0%", 1, 1),
        ("[<1]0%;0.0,", 5, 1e-3),  # the section without a condition shows the rest
        ("[>=10]0%;[>=5]0%", 1, 1),  # no section shows it
        ("[Red][>=10]0%;0", 5, 1),
        ("¥#,##0.0,", 5, 1e-3),
    ],
)
def test_formats_that_rescale(code, value, factor):
    assert scale(code, value) == pytest.approx(factor)
    assert rescales(code) or factor == 1


@pytest.mark.parametrize("code", ["0.00", "General", '0;0;0;0%"户"', "#,##0;[Red]-#,##0", r"0_;;-0", ""])
def test_formats_that_show_every_number_as_it_is(code):  # the fourth section shows texts
    assert not rescales(code)


def test_the_unit_in_each_section():
    assert [unit('0.0"万元";-0"元"', value) for value in (5, -5)] == ["万元", "元"]


def test_scales_of_both_formats(tmp_path):
    made = openpyxl.Workbook()
    made.active["B2"], made.active["B3"] = 0.5, "text"
    made.active["B2"].number_format = made.active["B3"].number_format = "0.0%"
    (sheet,) = read(tmp_path / "a.xlsx", saved(made.save))
    assert sheet.scales == {(1, 1): 100}
    made = xlwt.Workbook()
    made.add_sheet("a").write(1, 1, 0.5, xlwt.easyxf(num_format_str="0.0%"))
    (sheet,) = read(tmp_path / "a.xls", saved(made.save))
    assert sheet.scales == {(1, 1): 100}


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        (b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "too_large"),
        (b"<row r=\"1048576\"><c r='XFD1048576'><v>1</v></c></row>", "too_large"),
        (b'<row r="1048577"><c r="A1048577"><v>1</v></c></row>', "damaged"),
        (b'<row r="9"><c r="ZZZ9"><v>1</v></c></row>', "damaged"),
        (b'<row r="2"><c r="A2"><v>1</v></c></row>', "damaged"),  # behind row 3
        (b'<row r="1048576">' + b"<c/>" * 40 + b"</row>", "too_large"),
    ],
)
def test_far_cells_are_refused_before_they_are_read(cells, rule, book, tmp_path):
    with pytest.raises(workbook.Unreadable, match=rule):
        read(tmp_path / "a.xlsx", edited(book, lambda part: part.replace(b"</sheetData>", cells + b"</sheetData>")))


def test_merged_ranges_end_with_the_sheet_and_do_not_overlap(book, tmp_path):
    merged = b'</sheetData><mergeCells><mergeCell ref="A2:A1048576"/><mergeCell ref="A3:B9"/></mergeCells>'
    (sheet,) = read(tmp_path / "a.xlsx", edited(book, lambda part: part.replace(b"</sheetData>", merged)))
    assert sheet.merged == [((1, 0), (2, 0))]
    assert sheet.cell(2, 0) == "A2"
    assert sheet.cell(0, 0) == "A1"


def records(content):
    """Give position and kind of each record of a small .xls."""
    at = 512
    while any(struct.unpack_from("<HH", content, at)):
        kind, length = struct.unpack_from("<HH", content, at)
        yield at, kind
        at += 4 + length


@pytest.fixture
def old():
    made = xlwt.Workbook()
    made.add_sheet("a").write(0, 0, 1)
    return bytearray(saved(made.save))


@pytest.mark.parametrize(("first", "last"), [(0xFFFF, 1), (2, 1)])
def test_a_reversed_size_is_damage(first, last, old, tmp_path):
    """The fast reader would reserve a terabyte."""
    (at,) = (at for at, kind in records(old) if kind == 0x0200)
    struct.pack_into("<II", old, at + 4, first, last)
    with pytest.raises(workbook.Unreadable, match="damaged"):
        read(tmp_path / "a.xls", bytes(old))


def test_no_record_hides_a_far_cell(old, tmp_path):
    """The end of the workbook's own records swallows the beginning of the sheet, which the fast reader finds all the same."""
    end = next(at for at, kind in records(old) if kind == 0x0A)
    number = next(at for at, kind in records(old) if kind in (0x0203, 0x027E))
    struct.pack_into("<H", old, end + 2, 200)
    struct.pack_into("<H", old, number + 6, 0x7FFF)
    with pytest.raises(workbook.Unreadable, match="damaged"):
        read(tmp_path / "a.xls", bytes(old))


def test_rows_without_height_are_hidden(book, tmp_path):
    def flat(part):
        part = re.sub(rb"<sheetFormatPr[^>]*/>", b'<sheetFormatPr defaultRowHeight="15" zeroHeight="1"/>', part)
        return part.replace(b'<row r="2"', b'<row r="2" ht="15"')

    (sheet,) = read(tmp_path / "a.xlsx", edited(book, flat))
    assert sheet.hidden_rows == [0, 2]


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="C3" t="e"><v>#N/A</v></c>',
        b"<c r='C3' t='e'><v>#N/A</v></c>",
        b'<c\tr="C3"\nt="e"><v>#N/A</v></c>',
        b'<c t="e" r="C3"><v>#N/A</v></c>',
        b'<x:c xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r="C3" t="e"><x:v>#N/A</x:v></x:c>',
        b'<c r="C3" t="e"><f>NA()</f><v>#N/A</v></c>',
        b'<c r="C3" t="e"><f\n>NA()</f><v>#N/A</v></c>',
    ],
)
def test_every_spelling_of_a_cell_address_is_read(cell, book, tmp_path):
    part = edited(book, lambda part: part.replace(b"</row></sheetData>", cell + b"</row></sheetData>"))
    (sheet,) = read(tmp_path / "a.xlsx", part)
    assert sheet.errors == {(2, 2): "#N/A"}


@pytest.mark.parametrize("rows", [1, 40_000])
def test_an_ordinary_sheet_is_measured_to_its_last_cell(rows):
    """Forty thousand rows take more than one block."""
    row = '<row r="{0}"><c r="A{0}" t="n"><v>1</v></c><c r="K{0}" s="1"><v>1234567890.123456789</v></c></row>'
    cells = "".join(row.format(number) for number in range(1, rows + 1))
    seen = ordinary_sheet(f"<worksheet><sheetData>{cells}</sheetData></worksheet>".encode())
    assert (seen.height, seen.width, seen.cells) == (rows, 11, 2 * rows)
    twice = f"<worksheet><sheetData>{cells}{row.format(1)}</sheetData></worksheet>"
    assert (ordinary_sheet(twice.encode()) is None) == (rows > 1)  # a row behind later ones must be parsed
