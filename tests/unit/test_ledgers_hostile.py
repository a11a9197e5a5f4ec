"""Kinds of hostile workbooks by name: each ends in issues, is marked where it can be read, and hides nothing of the others.

All are in one folder and are checked in one run: what one of them does to the run shows in every test.
"""

import struct
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
import xlwt
from ledger_books import COUNTY, PARAMS, save, sheets, study, with_cell
from openpyxl import Workbook, load_workbook

from ge_analysis.ledgers import check
from ge_analysis.study import Study

HEADINGS = "".join(f'<c t="inlineStr"><is><t>{heading}</t></is></c>' for heading in COUNTY["停电事件"][0])
FIRST = f'<row r="1">{HEADINGS}</row><row r="2"><c r="A2" t="inlineStr"><is><t>E1</t></is></c></row>'
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LAST = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def book(*parts: str) -> bytes:
    """An .xlsx whose sheets have these parts, without styles and shared texts."""
    base, written = BytesIO(), BytesIO()
    made = Workbook()
    for _ in parts[1:]:
        made.create_sheet()
    made.save(base)
    with zipfile.ZipFile(base) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            number = name.removeprefix("xl/worksheets/sheet").removesuffix(".xml")
            new.writestr(name, parts[int(number) - 1] if number.isdecimal() else old.read(name))
    return written.getvalue()


def sheet(rows: str = FIRST, before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{SPACE}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def merges(*ranges: str) -> str:
    cells = "".join(f'<mergeCell ref="{each}"/>' for each in ranges)
    return sheet(after=f"<mergeCells>{cells}</mergeCells>")


def old(change: Callable[[xlwt.Worksheet], None], patch: Callable[[bytearray], None]) -> bytes:
    """An .xls with the headings of the outages and one row; `patch` changes its bytes."""
    made, written = xlwt.Workbook(), BytesIO()
    outages = made.add_sheet("停电事件")
    for column, heading in enumerate(COUNTY["停电事件"][0]):
        outages.write(0, column, heading)
    outages.write(1, 0, "E1")
    change(outages)
    made.save(written)
    content = bytearray(written.getvalue())
    patch(content)
    return bytes(content)


def record(content: bytearray, kind: int, length: int) -> int:
    """Where the body of a record begins."""
    return content.index(struct.pack("<HH", kind, length), 512) + 4


def far_number(content: bytearray) -> None:
    struct.pack_into("<HH", content, record(content, 0x027E, 10), 65_535, 65_535)


def wide_merge(content: bytearray) -> None:
    struct.pack_into("<HHHH", content, record(content, 0xE5, 10) + 2, 1, 60_000, 1, 60_000)


def upside_down(content: bytearray) -> None:
    struct.pack_into("<II", content, record(content, 0x0200, 14), 4_000_000_000, 1)


BOMB = "<!DOCTYPE a [<!ENTITY e0 'x'>" + "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 12)) + "]>"
READ, TOO_LARGE, DAMAGED = "blank", "too_large", "damaged"
KINDS = {
    "a cell far out": (".xlsx", lambda: book(sheet(FIRST + LAST)), TOO_LARGE),
    "a cell far out of an xls": (".xls", lambda: old(lambda made: made.write(2, 7, 5), far_number), DAMAGED),
    "the size of an xls upside down": (".xls", lambda: old(lambda made: None, upside_down), DAMAGED),
    "sheets too large together": (
        ".xlsx",
        lambda: book(*[sheet(FIRST + '<row r="400"><c r="XFD400"><v>1</v></c></row>')] * 6),
        TOO_LARGE,
    ),
    "the whole sheet merged": (".xlsx", lambda: book(merges("A3:XFD1048576")), READ),
    "one merge five thousand times": (".xlsx", lambda: book(merges(*["A5:A1048576"] * 5000)), READ),
    "half a million merges": (".xlsx", lambda: book(merges(*["A5:A6"] * 500_000)), TOO_LARGE),
    "an inverted merge": (".xlsm", lambda: book(merges("C9:A3", "XFD1048576:B3")), READ),
    "a merge beyond ZZZ": (".xlsx", lambda: book(merges("A3:ZZZZ9", "AAAA3:AAAB4")), READ),
    "a merge beyond ZZZ of an xls": (".xls", lambda: old(lambda made: made.merge(2, 3, 2, 3), wide_merge), READ),
    "all columns hidden a thousand times": (
        ".xlsx",
        lambda: book(sheet(before="<cols>" + '<col min="1" max="16384" hidden="1"/>' * 1000 + "</cols>")),
        READ,
    ),
    "ten thousand hidden rows": (
        ".xlsx",
        lambda: book(sheet(FIRST + "".join(f'<row r="{row}" hidden="1"/>' for row in range(3, 10_003)))),
        READ,
    ),
    "XML that never closes": (".xlsx", lambda: book(sheet(FIRST + "<row " * 50_000)), DAMAGED),
    "quotes that never close": (".xlsx", lambda: book(sheet(FIRST + '<c r="' * 50_000)), DAMAGED),
    "entities of entities": (".xlsx", lambda: book(BOMB + sheet().replace("E1", "&e11;")), DAMAGED),
}


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """Issues by workbook, and the folder of the checks."""
    paths = study(tmp_path_factory.mktemp("hostile"), with_cell("停电事件", 2, 3, None))
    for kind, (suffix, make, _) in KINDS.items():
        (paths.raw / "linxian" / f"{kind}{suffix}").write_bytes(make())
    save(paths.raw / "linxian" / "末.xlsx", sheets())
    params = PARAMS.model_copy(update={"ledgers": PARAMS.ledgers.model_copy(update={"max_read_seconds": 5, "max_read_mb": 1000})})
    found = check.check(Study(params, paths), ["linxian"])["linxian"]
    return {name: [one for one in found if one.workbook == name] for name in {one.workbook for one in found}}, paths.checks


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_kind_ends_in_its_issue(kind, checked):
    found, folder = checked
    suffix, _, rule = KINDS[kind]
    name = f"{kind}{suffix}"
    assert rule in {one.rule for one in found[name]}
    assert not {"too_costly", "program_error", "not_marked"} & {one.rule for one in found[name]}
    listed = {row[2] for row in load_workbook(folder / "findings.xlsx").active.iter_rows(min_row=2, values_only=True)}
    assert name in listed
    assert (kind in {path.stem for path in (folder / "linxian").iterdir()}) == (rule == READ)


def test_hostile_workbooks_hide_nothing_of_the_others(checked):
    found, _ = checked
    assert ("blank", "停电事件", "C2") in {(one.rule, one.sheet, one.cell) for one in found["台账.xlsx"]}
