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
