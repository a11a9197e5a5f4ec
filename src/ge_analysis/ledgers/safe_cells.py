"""Write what others sent into a workbook of ours, so that Excel shows it and never runs it."""

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell

_LONGEST = 32_767  # Excel's limit of one cell


def put(cell: Cell, value: object) -> None:
    """Put a value into a cell; a text stays a text, whatever sign it begins with.

    Examples
    --------
    >>> from openpyxl import Workbook
    >>> cell = Workbook().active["A1"]
    >>> put(cell, "=1+1")
    >>> cell.data_type, cell.value
    ('s', '=1+1')
    """
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST]
    cell.data_type = "s"
    if value.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True  # stays a text when someone edits the cell
