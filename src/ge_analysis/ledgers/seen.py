"""What a scan sees in a sheet that the fast reader does not report."""

from dataclasses import dataclass, field

from ge_analysis.ledgers.live import Live
from ge_analysis.ledgers.refusal import COLUMNS, ROWS, Unreadable

Cell = tuple[int, int]


@dataclass
class Seen:
    """One sheet, scanned before it is read. Rows and columns count from 0.

    Parameters
    ----------
    errors, uncached, hidden_rows
        As in `workbook.Sheet`.
    blank : list of (row, column)
        Formulas whose result is 0 or an empty text, as written by programs that do not compute.
    formats : dict of (row, column) to str
        Number formats that rescale, by cell.
    height, width : int
        Rows and columns down to the last cell.
    cells : int
        Number of cells; counted only if the sheet need not be parsed.
    live : set of Live
        What its formulas fetch from outside the workbook.
    """

    errors: dict[Cell, str] = field(default_factory=dict)
    uncached: set[Cell] = field(default_factory=set)
    blank: list[Cell] = field(default_factory=list)
    formats: dict[Cell, str] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    height: int = 0
    width: int = 0
    cells: int = 0
    live: set[Live] = field(default_factory=set)
    _hidden: bytearray = field(default_factory=lambda: bytearray(COLUMNS))

    def reach(self, row: int, column: int) -> None:
        """Note that the sheet has a cell here."""
        if not (0 <= row < ROWS and 0 <= column < COLUMNS):
            raise Unreadable("damaged", f"单元格位于第{row + 1}行第{column + 1}列")
        self.height, self.width = max(self.height, row + 1), max(self.width, column + 1)

    def hide(self, first: int, last: int) -> None:
        """Note that columns are hidden; a range may come up a thousand times."""
        first, last = max(first, 0), min(last, COLUMNS - 1)
        if first <= last:
            self._hidden[first : last + 1] = b"\1" * (last + 1 - first)

    @property
    def hidden_columns(self) -> list[int]:
        """The hidden columns, in order."""
        return [column for column, hidden in enumerate(self._hidden) if hidden]


def distrust(sheets: list[Seen]) -> None:
    """Treat 0 and blank results of formulas as missing: the program that wrote the file does not compute.

    Other results were set by the code that called it, cell by cell, and prove nothing about the rest.
    """
    for sheet in sheets:
        sheet.uncached.update(sheet.blank)
