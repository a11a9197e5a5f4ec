"""A workbook with macros, or with links that lead out of it, is read; its sender is warned."""

import struct
from io import BytesIO

import pytest
import xlsxwriter
import xlwt
from ledger_books import issues, study
from openpyxl.packaging.relationship import Relationship
from openpyxl.workbook.external_link import ExternalLink
from openpyxl.workbook.external_link.external import ExternalBook
from test_ledgers_workbook import edited

from ge_analysis.ledgers import biff
from ge_analysis.ledgers.live import Live, of_formula


def found(paths):
    return [(one.workbook, one.severity, one.found) for one in issues(paths) if one.rule == "live_content"]


@pytest.mark.parametrize(
    ("formula", "kinds"),
    [
        ("[1]Sheet1!A1", {Live.WORKBOOKS}),
        ("SUM([1]停电事件!$A$1:$A$9)", {Live.WORKBOOKS}),
        ("[1]!户数", {Live.WORKBOOKS}),
        ("'C:\\台账\\[上年.xlsx]停电 2019-2020'!A1+1", {Live.WORKBOOKS}),
        ("cmd|'/c calc'!A0", {Live.DDE}),
        ("'Excel'|'a.xls'!R1C1", {Live.DDE}),
        ("cmd|'/c calc'!A0+[1]Sheet1!A1", {Live.DDE, Live.WORKBOOKS}),
        ('_xlfn.WEBSERVICE("http://example.org/"&A1)', {Live.DATA}),
        ('_xlfn.IMAGE("http://example.org")', {Live.DATA}),
        ('1+RTD("server",,"topic")', {Live.DATA}),
        ('CUBEVALUE("电量",A1)', {Live.DATA}),
        ('IF(A1="","",B1)', set()),
        ('SUM(A1)&"RTD("&MYRTD(A1)', set()),
        ("表1[户数]+停电事件!B2", set()),
        ("SUM(表1[[#This Row],[户数]])", set()),
        ("SUM(表1[户数],'线路 1'!A1)", set()),
        ("'线路 1'!A1+表1[户数]", set()),
        ('A1&"|"&线路!B2', set()),
        ('A1&"[1]Sheet1!A1"', set()),
        ("{1,2|3}", set()),
    ],
)
def test_external_sources_of_a_formula(formula, kinds):
    assert of_formula(formula) == kinds


@pytest.mark.parametrize("formula", ["'[a" * 400_000, "'[a]" * 300_000, "a|" * 500_000, "[a]a" * 300_000, "CUBE" * 300_000])
def test_no_formula_takes_long(formula):
    assert of_formula(formula) == set()


def linked(book):
    """Let a workbook have a part for the link to another one."""
    link = ExternalLink(externalBook=ExternalBook(id="rId1"))
    link.file_link = Relationship(type="externalLinkPath", Target="上年.xlsx", TargetMode="External")
    book._external_links.append(link)


def test_links_to_other_workbooks_are_one_warning(tmp_path):
    assert found(study(tmp_path, None, linked)) == [("台账.xlsx", "warning", "指向其他工作簿的链接")]


@pytest.mark.parametrize("element", [b"<ddeLink ", b"<oleLink "])
def test_dde_is_named(element, tmp_path):
    paths = edited(study(tmp_path, None, linked), lambda name, part: part.replace(b"<externalBook ", element))
    assert found(paths) == [("台账.xlsx", "warning", "DDE或OLE链接")]


def test_formulas_with_links_are_one_warning(tmp_path):
    def edit(book):
        book["停电事件"]["K2"] = "='[上年.xlsx]停电'!A1"
        book["线路"]["M2"] = "=cmd|'/c calc'!A0"

    assert found(study(tmp_path, None, edit)) == [("台账.xlsx", "warning", "DDE或OLE链接、指向其他工作簿的链接")]


def test_ordinary_formulas_and_links_to_pages_are_no_alarm(tmp_path):
    def edit(book):
        book["停电事件"]["K2"] = '=SUM(线路!A1:A9)&"|"'
        book["停电事件"]["A2"].hyperlink = "https://example.org/"

    assert found(study(tmp_path, None, edit)) == []


def test_macros_are_named(tmp_path):
    paths = study(tmp_path)
    with xlsxwriter.Workbook(paths.raw / "linxian" / "宏.xlsm") as book:
        book.add_worksheet("说明").write(0, 0, "x")
        book.add_vba_project(BytesIO(b"any bytes"), is_stream=True)
    assert found(paths) == [("宏.xlsm", "warning", "宏")]


def old(storage=""):
    """Return an .xls; its empty entry of the directory becomes a storage of that name beside the workbook's stream."""
    book, saved = xlwt.Workbook(), BytesIO()
    book.add_sheet("说明").write(0, 0, xlwt.Formula("SUM(1,2)"))
    book.save(saved)
    changed = bytearray(saved.getvalue())
    if storage:
        at = changed.index("Workbook".encode("utf-16-le"))
        name = storage.encode("utf-16-le")
        struct.pack_into("<I", changed, at + 68, 2)  # the left neighbour of the stream is entry 2
        changed[at + 128 : at + 256] = (
            name.ljust(64, b"\0") + struct.pack("<HBB3I", len(name) + 2, 1, 1, *[0xFFFFFFFF] * 3) + bytes(48)
        )
    return bytes(changed)


def test_macros_of_an_xls_are_named(tmp_path):
    paths = study(tmp_path)
    (paths.raw / "linxian" / "无.xls").write_bytes(old())
    (paths.raw / "linxian" / "宏.xls").write_bytes(old("_VBA_PROJECT_CUR"))
    assert found(paths) == [("宏.xls", "warning", "宏")]


def record(kind, body):
    return struct.pack("<HH", kind, len(body)) + body


def supbook(sheets, target):
    return record(0x01AE, struct.pack("<HHB", sheets, len(target), 1) + target.encode("utf-16-le"))


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        (supbook(1, "\1上年.xls"), {Live.WORKBOOKS}),
        (supbook(0, "cmd\3/c calc"), {Live.DDE}),
        (record(0x01AE, struct.pack("<HH", 3, 0x0401)), set()),  # the workbook itself
        (record(0x01AE, struct.pack("<HH", 1, 0x3A01)), set()),  # functions of an add-in
        (supbook(1, " "), set()),
        (record(0x85, struct.pack("<IBBBB", 0, 0, 1, 1, 0) + b"m"), {Live.MACROS}),  # a sheet of Excel 4 macros
    ],
)
def test_links_of_an_xls(body, kinds):
    head = record(0x0809, struct.pack("<HH", 0x0600, 5) + bytes(12))
    assert biff.scan(head + body + record(0x0A, b""))[2] == kinds


def defined(name):
    """A defined name, as an .xls has one for each function that is newer than its format."""
    return record(0x18, struct.pack("<HBB", 0x0E, 0, len(name)) + bytes(10) + b"\0" + name.encode())


def added(name):
    """A function of an add-in."""
    return record(0x23, bytes(6) + bytes([len(name), 0]) + name.encode())


def calling(number, *before):
    """A cell whose formula calls a built-in function by its number, after some tokens."""
    tokens = b"".join(before) + struct.pack("<BBH", 0x42, 1, number)
    return record(0x06, bytes(20) + struct.pack("<H", len(tokens)) + tokens)


TOKENS = {
    "text": b"\x17\x03\x00abc",
    "wide text": b"\x17\x01\x01" + "字".encode("utf-16-le"),
    "number": b"\x1f" + bytes(8),
    "reference": b"\x44" + bytes(4),
    "range elsewhere": b"\x3b" + bytes(10),
    "choice": b"\x19\x04\x02\x00" + bytes(6),
}


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        (defined("_xlfn.WEBSERVICE"), {Live.DATA}),
        (defined("_xlfn.IFERROR"), set()),
        (defined("合计".encode("utf-16-le").decode("latin-1")), set()),
        (added("SQL.REQUEST"), {Live.DATA}),
        (added("EDATE"), set()),
        (record(0xDC, bytes(12)), {Live.DATA}),
        (record(0x18, b""), set()),
    ],
)
def test_functions_of_an_xls_by_name_and_its_connections(body, kinds):
    head = record(0x0809, struct.pack("<HH", 0x0600, 5) + bytes(12))
    assert biff.scan(head + body + record(0x0A, b""))[2] == kinds


@pytest.mark.parametrize(
    ("number", "kinds"), [(379, {Live.DATA}), (150, {Live.DATA}), (380, {Live.DATA}), (4, set()), (100, set())]
)
@pytest.mark.parametrize("before", TOKENS)
def test_functions_of_an_xls_by_number(number, before, kinds):
    book = record(0x0809, struct.pack("<HH", 0x0600, 5) + bytes(12))
    start = len(book) + len(record(0x85, struct.pack("<IBBBB", 0, 0, 0, 1, 0) + b"a")) + 4
    bound = record(0x85, struct.pack("<IBBBB", start, 0, 0, 1, 0) + b"a")
    stream = book + bound + record(0x0A, b"") + book + calling(number, TOKENS[before]) + record(0x0A, b"")
    assert biff.scan(stream)[2] == kinds


def test_a_workbook_as_xls_writes_it_fetches_nothing(tmp_path):
    """Every token that an ordinary formula has is known, so that none behind it is overlooked."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("说明")
    for row, formula in enumerate(("SUM(A5:A9)*2", 'IF(A9>1;"是";"否")', "ROUND(A9/3;2)&A5", "MAX(A5;-1%)", "TODAY()")):
        sheet.write(row, 1, xlwt.Formula(formula))
    paths = study(tmp_path)
    book.save(str(paths.raw / "linxian" / "算.xls"))
    assert found(paths) == []
