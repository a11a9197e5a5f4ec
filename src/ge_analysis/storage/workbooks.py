"""Workbooks written whole or not at all, with the temporary files of the libraries that write them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import xlsxwriter

from ge_analysis.storage.files import whole_file

if TYPE_CHECKING:
    from openpyxl import Workbook


@contextmanager
def new_workbook(path: Path) -> Iterator[xlsxwriter.Workbook]:
    """Yield a new workbook; save it as `path` only if the block succeeds.

    A text that begins with an equals sign is text, not a formula.

    Parameters
    ----------
    path : Path
        The file to write; its folder is created.

    Raises
    ------
    GeError
        If the folder cannot be written or the disk is full.
    """
    with whole_file(path) as temporary:
        # A killed process leaves the parts of its workbook where the next run clears them.
        options = {"tmpdir": str(temporary.parent), "strings_to_formulas": False}
        with xlsxwriter.Workbook(temporary, options) as book:
            yield book


def save(book: "Workbook", path: Path) -> None:
    """Save a workbook of openpyxl, in a process that has no other thread.

    Parameters
    ----------
    book : Workbook
        The workbook.
    path : Path
        The file to write; its folder is created.

    Raises
    ------
    GeError
        If the folder cannot be written or the disk is full.
    """
    usual = tempfile.tempdir
    with whole_file(path) as temporary:
        try:
            tempfile.tempdir = str(temporary.parent)  # openpyxl writes sheets there, and leaves them if it is killed
            book.save(temporary)
        finally:
            tempfile.tempdir = usual
