"""Whatever a workbook makes a library do is one issue about it; nothing of the other workbooks is lost."""

import faulthandler
import math
import os
import shutil
import subprocess
import threading
import time
from io import StringIO

import pytest
import xlwt
from ledger_books import COUNTY, PARAMS, issues, save, sheets, study, table, with_cell
from openpyxl import load_workbook
from rich.console import Console

from ge_analysis.cli import console
from ge_analysis.ledgers import check, confined, ingest, stale, workbook
from ge_analysis.ledgers.issues import issue, refusal
from ge_analysis.storage import processes
from ge_analysis.storage.paths import Paths
from ge_analysis.study import Study

GIB = 2**30


def limited(**limits):
    return PARAMS.model_copy(update={"ledgers": PARAMS.ledgers.model_copy(update=limits)})


def abort():
    faulthandler.disable()  # pytest's handler would report it at length
    os.abort()


def burn():
    while True:
        pass


WAYS = {
    "aborts": (abort, "读取程序中断（SIGABRT）"),
    "exits": (lambda: os._exit(7), "读取程序中断（7）"),
    "fills memory": (lambda: bytearray(64 * GIB), "内存超过3000 MB"),
    "burns time": (burn, "用时超过2秒"),
    "waits": (lambda: time.sleep(600), "用时超过2秒"),
}


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    """The function that makes reading of 坏.xlsx go wrong in a way; forks share what is replaced here."""
    paths = study(tmp_path, with_cell("停电事件", 2, 3, None))
    save(paths.raw / "linxian" / "坏.xlsx", sheets())
    read = workbook.read

    def make(harm) -> Paths:
        monkeypatch.setattr(workbook, "read", lambda path, limits: harm() if path.name == "坏.xlsx" else read(path, limits))
        return paths

    return make


@pytest.mark.parametrize("way", WAYS)
def test_a_workbook_that_kills_its_reader_is_one_issue_and_hides_nothing(way, hostile):
    harm, reason = WAYS[way]
    params = limited(max_read_seconds=2) if reason.startswith("用时") else PARAMS
    found = ingest.ingest(Study(params, hostile(harm)), ["linxian"])["linxian"]
    reported = {(one.rule, one.workbook, one.cell, one.found) for one in found if one.severity == "error"}
    assert reported == {("too_costly", "坏.xlsx", "", reason), ("blank", "台账.xlsx", "C2", "")}


def test_only_processor_time_is_limited():
    """Only processor time counts; a process that uses none is waiting in vain."""
    watch, most = confined._Watch(os.getpid(), math.inf), confined._Watch(os.getpid(), 0)
    begun = os.times()[:2]
    while os.times()[:2] == begun:
        pass
    assert not watch.is_over()
    assert most.is_over()
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as waiting:
        watch = confined._Watch(waiting.pid, math.inf)
        while not watch.is_over():
            pass


def test_a_bug_is_not_blamed_on_the_workbook(hostile, monkeypatch, capfd):
    monkeypatch.setenv("GE_DEBUG", "1")
    found = ingest.ingest(Study(PARAMS, hostile(lambda: [][1])), ["linxian"])["linxian"]
    reported = {(one.rule, one.workbook, one.found) for one in found if one.severity == "error"}
    assert reported == {("program_error", "坏.xlsx", "IndexError：list index out of range"), ("blank", "台账.xlsx", "")}
    assert "Traceback (most recent call last)" in capfd.readouterr().err
    assert refusal([one for one in found if one.rule == "program_error"]) == "台账未能读入"


def test_one_long_text_in_every_cell_of_an_xls_is_one_issue(tmp_path, monkeypatch):
    """The file holds the text once; read, it would take 2 GB."""
    read = workbook.read

    def quietly(path, limits):
        faulthandler.disable()
        return read(path, limits)

    monkeypatch.setattr(workbook, "read", quietly)
    paths, book = study(tmp_path), xlwt.Workbook()
    sheet = book.add_sheet("停电事件")
    for row in range(20_000):
        sheet.write(row, 0, "长" * 32_000)
    book.save(paths.raw / "linxian" / "坏.xls")
    found = ingest.ingest(Study(limited(max_read_mb=500), paths), ["linxian"])["linxian"]
    assert [(one.rule, one.workbook) for one in found if one.severity == "error"] == [("too_costly", "坏.xls")]


def test_workbooks_too_large_together_are_one_issue_of_the_place(hostile, monkeypatch):
    paths = hostile(list)
    monkeypatch.setattr(ingest, "_canonical", lambda *_: abort())
    save(paths.raw / "linxian" / "台账.xlsx", sheets())
    (found,) = ingest.ingest(Study(PARAMS, paths), ["linxian"])["linxian"]
    assert (found.rule, found.workbook) == ("too_costly", "")
    assert found.found == "所有工作簿合计：读取程序中断（SIGABRT）"


@pytest.mark.parametrize("way", ["aborts", "exits", "fills memory"])
def test_a_failed_copy_is_one_line_and_affects_no_other(way, tmp_path, monkeypatch):
    harm, reason = WAYS[way]
    paths = study(tmp_path, with_cell("停电事件", 2, 3, None))
    save(paths.raw / "linxian" / "坏.xlsx", {"停电": [COUNTY["停电事件"][0], ["E9", *COUNTY["停电事件"][1][1:7], 0]]})
    opened = check._opened
    monkeypatch.setattr(check, "_opened", lambda path, limits: harm() if path.name == "坏.xlsx" else opened(path, limits))
    found = check.check(Study(PARAMS, paths), ["linxian"])["linxian"]
    assert ("not_marked", "坏.xlsx", reason) in {(one.rule, one.workbook, one.found) for one in found}
    assert [path.name for path in (paths.checks / "linxian").iterdir()] == ["台账.xlsx"]
    listed = [row[5] for row in load_workbook(paths.checks / "findings.xlsx").active.iter_rows(values_only=True)]
    assert {"数值超出范围", "必填项为空", "未能制作标注副本"} <= set(listed)


def test_a_system_that_cannot_fork_starts_a_process(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "CAN_FORK", False)
    assert [one.rule for one in issues(study(tmp_path, with_cell("停电事件", 2, 3, None)))] == ["blank"]


def test_a_process_with_threads_does_not_fork(tmp_path, monkeypatch):
    """A fork copies the locks of other threads without the threads that would release them; JupyterLab's kernels have threads."""
    monkeypatch.setattr(confined, "get_context", lambda _: pytest.fail("forked"))
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        assert [one.rule for one in issues(study(tmp_path, with_cell("停电事件", 2, 3, None)))] == ["blank"]
    finally:
        ended.set()
        thread.join()


LEFT = ("__MACOSX/._台账.xlsx", "._台账.xlsx", ".~台账.xlsx", "~$台账.xlsx", "THUMBS.DB", ".DS_Store", "Desktop.ini", "~WRL1.tmp")


@pytest.mark.parametrize("name", LEFT)
def test_leftovers_of_other_systems_are_not_read(name, tmp_path):
    paths = study(tmp_path)
    path = paths.raw / "linxian" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\x00\x05\x16\x07")
    assert issues(paths) == []


NAMES = ("停电.xlsx".encode("gbk"), b"\xff\xfe.xlsx", "台\n账\x1b.xlsx".encode(), ("长" * 83 + ".xlsx").encode())


@pytest.mark.parametrize("name", NAMES)
def test_no_file_name_raises(name, tmp_path):
    paths = study(tmp_path, with_cell("停电事件", 2, 3, None))
    folder = os.fsencode(paths.raw / "linxian")
    shutil.move(folder + b"/" + "台账.xlsx".encode(), folder + b"/" + name)
    (found,) = [one for one in check.check(Study(PARAMS, paths), ["linxian"])["linxian"] if one.severity == "error"]
    assert found.cell == "C2" and found.workbook.encode()
    assert len(list((paths.checks / "linxian").iterdir())) == 1
    assert "C2" in [row[4] for row in load_workbook(paths.checks / "findings.xlsx").active.iter_rows(values_only=True)]
    save(paths.raw / "linxian" / "台账.xlsx", sheets())
    shutil.move(folder + b"/" + "台账.xlsx".encode(), folder + b"/" + name)
    assert table(paths, "停电事件")["source_file"].nunique() == 1
    assert stale.why_stale(Study(PARAMS, paths), "linxian") == []


@pytest.fixture
def closed(monkeypatch):
    """The function that removes a folder's permissions, which root would ignore."""
    scandir = os.scandir

    def close(folder) -> None:
        def refused(path="."):
            if os.fspath(path) == os.fspath(folder):
                raise PermissionError(13, "Permission denied", os.fspath(path))
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refused)

    return close


def test_an_unreadable_folder_is_not_taken_for_absent(tmp_path, closed):
    paths = study(tmp_path)
    table(paths, "停电事件")
    closed(paths.raw / "linxian")
    (why,) = stale.why_stale(Study(PARAMS, paths), "linxian")
    assert why.endswith("linxian: Permission denied; close it in other programs, or check its rights")
    found = ingest.ingest(Study(PARAMS, paths), ["linxian"])["linxian"]
    assert {one.rule for one in found if one.severity == "error"} == {"unreadable"}
    assert refusal(found) == "台账文件无法打开，未能读入"
    assert (paths.tables("linxian") / "outages.parquet").exists()


def test_a_link_that_leads_out_of_the_raw_data_is_reported(tmp_path):
    paths = study(tmp_path / "study")
    save(tmp_path / "外.xlsx", {"说明": [["x"]]})
    (paths.raw / "linxian" / "外.xlsx").symlink_to(tmp_path / "外.xlsx")
    (paths.raw / "linxian" / "内.xlsx").symlink_to(paths.raw / "linxian" / "台账.xlsx")
    assert [one.workbook for one in issues(paths) if one.rule == "leads_outside"] == ["外.xlsx"]


def test_a_check_of_one_county_renews_its_own_copies_and_lines_only(tmp_path):
    paths = study(tmp_path, with_cell("停电事件", 2, 3, None))
    save(paths.raw / "xingxian" / "台账.xlsx", with_cell("停电事件", 3, 3, None))
    check.check(Study(PARAMS, paths), ["linxian", "xingxian"])
    save(paths.raw / "linxian" / "台账.xlsx", with_cell("停电事件", 4, 3, None))
    check.check(Study(PARAMS, paths), ["linxian"])
    rows = load_workbook(paths.checks / "findings.xlsx").active.iter_rows(min_row=2)
    lines = {(row[1].value, row[4].value, row[4].hyperlink.target) for row in rows if row[0].value == "错误"}
    assert {(county, cell) for county, cell, _ in lines} == {("临县", "C4"), ("兴县", "C3")}
    assert all(link.endswith(f"#'停电事件'!{cell}") for _, cell, link in lines)
    assert {path.parent.name for path in paths.checks.rglob("台账.xlsx")} == {"linxian", "xingxian"}


def test_a_corrected_workbook_beside_the_old_one_is_one_issue(tmp_path):
    rows = [[f"E{number}", *COUNTY["停电事件"][1][1:]] for number in range(10, 40)]
    old = sheets(停电事件=[*COUNTY["停电事件"], *rows])
    paths = study(tmp_path, old)
    old["停电事件"][1][7] = 21
    save(paths.raw / "linxian" / "台账（更正）.xlsx", old)
    (one,) = [each for each in issues(paths) if each.severity == "error"]
    assert (one.rule, one.workbook) == ("sent_twice", "台账（更正）.xlsx")
    said = "“台账（更正）.xlsx”与“台账.xlsx”有40行相同：停电事件、业扩报装、线路、用户数"  # 33, 2, 2 and 3
    assert one.found == said


def test_many_issues_of_one_rule_in_a_column_are_one_line_on_the_terminal():
    lines = [issue("blank", "linxian", "甲.xlsx", "停电事件", f"C{row}", header="区域类型") for row in range(2, 20)]
    lines.append(issue("blank", "linxian", "甲.xlsx", "停电事件", "D2", header="停电类型"))
    out = Console(file=StringIO(), soft_wrap=True, highlight=False)
    console.issues(out, {"linxian": lines}, {"linxian": "临县"})
    many, one = out.file.getvalue().splitlines()[-2:]
    assert many == "错误 · 临县 · 甲.xlsx 停电事件 C2、C3、C4等，共18处 · 必填项为空 · 请填写“区域类型”"
    assert one == "错误 · 临县 · 甲.xlsx 停电事件 D2 · 必填项为空 · 请填写“停电类型”"
