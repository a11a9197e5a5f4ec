"""Files that are no ledger of the county: each is one issue, and hides nothing of the others."""

import zipfile
from io import BytesIO

import pytest
from ledger_books import PARAMS, issues, places, save, sheets, study, with_cell
from msoffcrypto.format.ooxml import OOXMLFile

from ge_analysis.ledgers import ingest
from ge_analysis.study import Study


def bomb(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", b"0" * (64 << 20))


def encrypted(path):
    clear = BytesIO(path.read_bytes())
    with path.open("wb") as locked:
        OOXMLFile(clear).encrypt("secret", locked)


def truncated(path):
    path.write_bytes(path.read_bytes()[:-400])


def flipped(path):
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as book:
        entry = book.getinfo("xl/worksheets/sheet1.xml")
    start = entry.header_offset + 30 + len(entry.filename)
    content[start + 20 : start + 60] = bytes(40)
    path.write_bytes(content)


def directory_byte(at, value):
    """Return what writes a byte into every entry of a zip file's directory."""

    def write(path):
        entries = path.read_bytes().split(b"PK\x01\x02")
        changed = [entry[: at - 4] + bytes([value]) + entry[at - 3 :] for entry in entries[1:]]
        path.write_bytes(b"PK\x01\x02".join([entries[0], *changed]))

    return write


def a_zip(path):
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("word/document.xml", b"<w/>")


def far_cell(path):
    save(path, sheets(), lambda book: setattr(book["线路"].cell(1_000_000, 16_000), "value", 1))


FILES = {
    "zip bomb": (bomb, "zip_bomb"),
    "encrypted": (encrypted, "encrypted"),
    "parts with a password": (directory_byte(8, 1), "encrypted"),
    "unknown compression": (directory_byte(10, 97), "damaged"),
    "truncated": (truncated, "damaged"),
    "flipped bytes": (flipped, "damaged"),
    "empty": (lambda path: path.write_bytes(b""), "damaged"),
    "text": (lambda path: path.write_text("停电"), "not_a_workbook"),
    "other package": (a_zip, "other_format"),
    "cell at the end of the world": (far_cell, "too_large"),
    "shell without content": (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(100)), "damaged"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_bad_file_is_one_issue_and_hides_nothing(case, tmp_path):
    """The clean workbook's own fault is found beside the file that cannot be read."""
    change, rule = FILES[case]
    paths = study(tmp_path, with_cell("停电事件", 2, 3, None))
    bad = paths.raw / "linxian" / "坏.xlsx"
    save(bad, sheets())
    change(bad)
    found = {(one.rule, one.workbook, one.cell) for one in issues(paths)}
    assert found == {(rule, "坏.xlsx", ""), ("blank", "台账.xlsx", "C2")}


def test_a_large_file_is_not_opened(tmp_path):
    paths = study(tmp_path)
    small = PARAMS.model_copy(update={"ledgers": PARAMS.ledgers.model_copy(update={"max_file_mb": 0.001})})
    assert places(ingest.issues(Study(small, paths), "linxian"))[-1][0] == "too_large"


def test_a_file_named_after_another_county_or_year(tmp_path):
    paths = study(tmp_path)
    (paths.raw / "linxian" / "台账.xlsx").rename(paths.raw / "linxian" / "方山县2017年台账.xlsx")
    assert [one.rule for one in issues(paths)] == ["other_county", "other_year"]


def test_other_files_are_reported_and_locks_are_not(tmp_path):
    paths = study(tmp_path)
    (paths.raw / "linxian" / "说明.pdf").write_bytes(b"%PDF")
    (paths.raw / "linxian" / "~$台账.xlsx").write_bytes(b"lock")
    found = issues(paths)
    assert [(one.rule, one.workbook, one.severity) for one in found] == [("not_read", "说明.pdf", "warning")]


def test_no_workbook_at_all(tmp_path):
    paths = study(tmp_path)
    assert [one.rule for one in issues(paths, "lishi")] == ["missing_workbook"]
