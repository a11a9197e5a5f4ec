"""Write what others sent into our workbooks so that Excel shows it but never runs it."""

import re
from datetime import date, time, timedelta

from openpyxl.cell.cell import Cell, MergedCell

Value = str | float | bool | date | time | timedelta | None
_LONGEST = 32_767  # Excel's limit for a cell
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    r"""Return a text without characters that XML, and so a workbook, cannot hold.

    Examples
    --------
    >>> clean("停\x00电\udcff")
    '停电'
    """
    return _NO_XML.sub("", text)[:_LONGEST]


def put(cell: Cell | MergedCell, value: Value) -> None:
    """Put a value into a cell; a text stays a text, whatever character it begins with.

    Examples
    --------
    >>> from openpyxl import Workbook
    >>> cell = Workbook().active["A1"]
    >>> put(cell, "=1+1")
    >>> cell.data_type, cell.value
    ('s', '=1+1')
    """
    assert isinstance(cell, Cell), "below the first, the cells of a merged range hold nothing"
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = clean(value)
    cell.data_type = "s"
    if value.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True  # stays a text when someone edits the cell
