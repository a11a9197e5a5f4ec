"""New workbooks appear whole or not at all, and leave nothing behind."""

import os
import subprocess
import sys

import openpyxl
import pytest

from ge_analysis.storage.workbooks import new_workbook, save

BEGUN = """\
import os, signal, sys, zipfile
from pathlib import Path
import openpyxl
from ge_analysis.storage.workbooks import new_workbook, save
zipfile.ZipFile.write = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # all sheets are temporary files then
path = Path(sys.argv[1])
"""
WRITTEN = {
    "xlsxwriter": "with new_workbook(path) as book:\n    book.add_worksheet().write(0, 0, 1)",
    "openpyxl": "save(openpyxl.Workbook(), path)",
}


@pytest.mark.parametrize("library", WRITTEN)
def test_a_killed_writer_leaves_no_temporary_file_of_its_library(tmp_path, library):
    temporary, folder = tmp_path / "temporary", tmp_path / "made"
    temporary.mkdir()
    command = [sys.executable, "-c", BEGUN + WRITTEN[library], str(folder / "a.xlsx")]
    assert subprocess.run(command, env=os.environ | {"TMPDIR": str(temporary)}, check=False).returncode == -9
    assert not list(temporary.iterdir())
    assert {path.stem for path in folder.iterdir()} == {next(folder.glob("ge-*")).stem}  # the folder and its lock
    save(openpyxl.Workbook(), folder / "b.xlsx")
    assert [path.name for path in folder.iterdir()] == ["b.xlsx"]


def test_text_that_begins_with_an_equals_sign_is_text(tmp_path):
    with new_workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet().write(0, 0, "=1+1")
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]["A1"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
