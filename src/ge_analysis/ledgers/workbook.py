"""Open a workbook safely and read its sheets: values, merged ranges, and what the fast reader does not see."""

import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TypeVar
from xml.parsers.expat import ExpatError

import msoffcrypto
import numpy as np
import olefile
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum
from xlsxwriter.utility import xl_cell_to_rowcol, xl_rowcol_to_cell

from ge_analysis.ledgers import biff, kinds, number_format, package
from ge_analysis.ledgers.live import Live
from ge_analysis.ledgers.package import Package
from ge_analysis.ledgers.refusal import MB, MOST_MERGED, Unreadable, refuse_large
from ge_analysis.ledgers.seen import Seen, distrust
from ge_analysis.settings.parameters import LedgerParams

SUFFIXES = (".xlsx", ".xlsm", ".xls")
Shown = TypeVar("Shown", float, str)
_OLE = b"\xd0\xcf\x11\xe0"
_DAMAGE = (zipfile.BadZipFile, zlib.error, ExpatError, EOFError, OSError, ValueError, LookupError, RuntimeError, OverflowError)
_DEFAULT_PASSWORD = "VelvetSweatshop"  # Excel opens such a file without asking

Merged = tuple[tuple[int, int], tuple[int, int]]
Value = str | float | bool | datetime | date | time | timedelta


@dataclass
class Sheet:
    """One sheet as it is. Rows and columns count from 0; Excel's numbers are one higher.

    Parameters
    ----------
    name : str
        Name of the sheet.
    rows : list of list
        Values as stored by Excel; "" if blank. The first row is Excel's row 1, even if it is blank.
    merged : list of ((row, column), (row, column))
        First and last cell of each merged range, as far as the sheet reaches.
    merged_cells : int
        Cells of all merged ranges, as far as the file says they reach.
    hidden : bool
        Whether the sheet is hidden.
    hidden_rows, hidden_columns : list of int
        Hidden rows and columns.
    errors : dict of (row, column) to str
        Cells with an error value.
    uncached : set of (row, column)
        Formulas saved without their result.
    scales : dict of (row, column) to float
        Cells whose number format rescales the number shown, and the factor: 100 for a percentage, 0.001 for each comma that
        divides by a thousand.
    units : dict of (row, column) to str
        Cells whose number format shows words after the number, and those words.
    epoch_1904 : bool
        Whether the workbook's days count from 1904.
    live : set of Live
        What the workbook may run or fetch.
    """

    name: str
    rows: list[list[Value]]
    merged: list[Merged]
    merged_cells: int = 0
    hidden: bool = False
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    uncached: set[tuple[int, int]] = field(default_factory=set)
    scales: dict[tuple[int, int], float] = field(default_factory=dict)
    units: dict[tuple[int, int], str] = field(default_factory=dict)
    epoch_1904: bool = False
    live: set[Live] = field(default_factory=set)

    def cell(self, row: int, column: int) -> str:
        """Address of the cell that one would click: in a merged range, the first."""
        top, left, bottom, right = self._corners
        covering = np.flatnonzero((top <= row) & (row <= bottom) & (left <= column) & (column <= right))
        cell: str = xl_rowcol_to_cell(*self.merged[covering[0]][0] if covering.size else (row, column))
        return cell

    @cached_property
    def _corners(self) -> np.ndarray:
        return np.array(self.merged, dtype=np.int32).reshape(-1, 4).T


def position(cell: str) -> tuple[int, int]:
    """Return row and column of a cell, counted from 0; -1 and -1 for "", which means no cell.

    Examples
    --------
    >>> position("AB12"), position("")
    ((11, 27), (-1, -1))
    """
    return xl_cell_to_rowcol(cell) if cell else (-1, -1)


def read(path: Path, limits: LedgerParams) -> list[Sheet]:
    """Read every worksheet of a workbook.

    Parameters
    ----------
    path : Path
        An .xlsx, .xlsm or .xls file. Macros and external links are ignored.
    limits : LedgerParams
        Sizes above which a file is refused.

    Raises
    ------
    Unreadable
        For a file that is not a workbook, or is encrypted, damaged or too large.
    """
    try:
        size = path.stat().st_size
        if size > limits.max_file_mb * MB:
            raise Unreadable("too_large", f"{size / MB:.0f} MB", limit=f"{limits.max_file_mb:g} MB")
        content = path.read_bytes()
    except OSError as error:
        raise Unreadable("damaged", error.strerror or error) from None
    try:
        found = _scanned(content, limits)
    except _DAMAGE as error:
        raise Unreadable("damaged", _first_line(error)) from None
    return _values(found, limits)


def _scanned(content: bytes, limits: LedgerParams) -> Package:
    """Scan a file before the fast reader opens it."""
    if content.startswith(_OLE):
        content = _without_default_password(content)
    if content.startswith(_OLE):
        return _scan_ole(content)
    if content.startswith(b"PK\x03\x04") or zipfile.is_zipfile(BytesIO(content)):
        return package.look(content, limits)
    if not content.strip(b"\0"):
        raise Unreadable("damaged")
    kind = kinds.of_bytes(content)
    raise Unreadable("other_format", kind=kind) if kind else Unreadable("not_a_workbook")


def _values(scanned: Package, limits: LedgerParams) -> list[Sheet]:
    """Read the values with the fast reader and combine them with what the scan saw."""
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(scanned.content))
        sheets, sizes = [], []
        for info in book.sheets_metadata:
            if info.typ is not SheetTypeEnum.WorkSheet:
                continue
            sheet, seen = book.get_sheet_by_name(info.name), scanned.sheets.get(info.name, Seen())
            sizes.append((max(sheet.total_height, seen.height), max(sheet.total_width, seen.width)))
            refuse_large(sizes, limits)
            rows = _padded(sheet.to_python(skip_empty_area=False), *sizes[-1])
            merged = sheet.merged_cell_ranges or []
            sheets.append(
                Sheet(
                    name=info.name,
                    rows=rows,
                    merged=_merged(merged, *sizes[-1]),
                    merged_cells=int((np.abs(np.diff(np.reshape(merged, (-1, 2, 2)), axis=1)) + 1).prod(axis=-1).sum()),
                    hidden=info.visible is not SheetVisibleEnum.Visible,
                    hidden_rows=seen.hidden_rows,
                    hidden_columns=seen.hidden_columns,
                    errors=seen.errors,
                    uncached=seen.uncached,
                    scales=_of_numbers(number_format.scale, rows, seen.formats, 1.0),
                    units=_of_numbers(number_format.unit, rows, seen.formats, ""),
                    epoch_1904=scanned.epoch_1904,
                    live=scanned.live,
                )
            )
    except CalamineError as error:
        raise Unreadable("damaged", _first_line(error)) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the fast reader's own crash on a malformed file
            raise
        raise Unreadable("damaged", _first_line(error)) from None
    return sheets


def _padded(rows: list[list[Value]], height: int, width: int) -> list[list[Value]]:
    """Pad rows to the last cell that the scan saw: the fast reader drops trailing rows of formulas without results."""
    if rows and len(rows[0]) < width:
        rows = [[*row, *[""] * (width - len(row))] for row in rows]
    blank: list[Value] = [""] * width
    return [*rows, *(blank.copy() for _ in range(height - len(rows)))]


def _merged(ranges: list[Merged], height: int, width: int) -> list[Merged]:
    """Return merged ranges within the sheet; of two that overlap, the upper one, as Excel does when repairing a file."""
    if len(ranges) > MOST_MERGED:
        raise Unreadable("too_large", f"{len(ranges)}个合并区域", limit=f"{MOST_MERGED}个合并区域")
    taken = np.full(width, -1, dtype=np.int32)  # the last merged row of each column
    kept = []
    for first, last in sorted(ranges):
        (top, bottom), (left, right) = (sorted(ends) for ends in zip(first, last, strict=True))
        bottom, right = min(bottom, height - 1), min(right, width - 1)
        if top <= bottom and left <= right and taken[left : right + 1].max() < top:
            taken[left : right + 1] = bottom
            kept.append(((top, left), (bottom, right)))
    return kept


def _of_numbers(
    shown: Callable[[str, float], Shown], rows: list[list[Value]], formats: dict[tuple[int, int], str], usual: Shown
) -> dict[tuple[int, int], Shown]:
    """Return what the formats of numbers do to what one sees, where it is not the usual."""
    found = {}
    for (row, column), code in formats.items():
        value = rows[row][column]
        if isinstance(value, int | float) and not isinstance(value, bool):
            found[row, column] = shown(code, value)
    return {cell: what for cell, what in found.items() if what != usual}


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:80]


def _without_default_password(content: bytes) -> bytes:
    """Return a compound file, decrypted if Excel would open it without asking for a password."""
    try:
        office = msoffcrypto.OfficeFile(BytesIO(content))
        if not office.is_encrypted():
            return content
    except Exception:  # not an Office file; olefile and msoffcrypto raise many kinds of errors on malformed bytes
        return content
    clear = BytesIO()
    try:
        office.load_key(password=_DEFAULT_PASSWORD, verify_password=True)
        office.decrypt(clear)
    except Exception:
        raise Unreadable("encrypted") from None
    return clear.getvalue()


def _scan_ole(content: bytes) -> Package:
    """Scan an .xls."""
    try:
        with olefile.OleFileIO(BytesIO(content)) as shell:
            if shell.exists("EncryptedPackage"):
                raise Unreadable("encrypted")
            if not shell.exists("Workbook"):
                kind = "Excel 5.0/95旧格式" if shell.exists("Book") else kinds.of_streams(map("/".join, shell.listdir()))
                raise Unreadable("other_format", kind=kind) if kind else Unreadable("not_a_workbook")
            seen, epoch_1904, live = biff.scan(shell.openstream("Workbook").read())
            if shell.exists("_VBA_PROJECT_CUR"):
                live.add(Live.MACROS)
            if not shell.exists("\x05SummaryInformation"):  # spreadsheet programs write one, mere libraries do not
                distrust([*seen.values()])
            return Package(content, seen, epoch_1904, live)
    except Unreadable:
        raise
    except Exception as error:  # olefile and struct raise many kinds of errors on malformed bytes
        raise Unreadable("damaged", _first_line(error)) from None
