"""Open a workbook safely and give its sheets as they stand: values, merged ranges, and what a fast reader does not see."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import chain
from pathlib import Path

import msoffcrypto
import olefile
from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from ge_analysis.ledgers import biff
from ge_analysis.params import LedgerParams

SUFFIXES = (".xlsx", ".xlsm", ".xls")
_MB = 1 << 20
_OLE, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
_PASSWORD = 1  # a flag of a part of a zip file
_DAMAGE = (zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, EOFError, OSError, ValueError, KeyError, RuntimeError)
_ERROR = re.compile(rb'<c ([^>]*?\bt="e"[^>]*)>(.*?)</c>', re.DOTALL)
_NO_VALUE = re.compile(rb"<c ([^>]*)>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(<v\s*/>|<v>\s*</v>)?\s*</c>")
_ADDRESS = re.compile(rb'\br="([A-Z]+\d+)"')
_VALUE = re.compile(rb"<v>([^<]*)</v>")
_HIDDEN_ROW = re.compile(rb'<row (?=[^>]*?\bhidden="(?:1|true)")[^>]*?\br="(\d+)"')
_HIDDEN_COLUMN = re.compile(rb'<col (?=[^>]*?\bhidden="(?:1|true)")(?=[^>]*?\bmin="(\d+)")[^>]*?\bmax="(\d+)"')
_LAST_ROW = re.compile(rb'<row [^>]*?\br="(\d+)"')
_WIDE = re.compile(rb'<c r="([A-Z]{3,})\d')
_COLUMNS = 16_384  # of any sheet


class Unreadable(Exception):  # noqa: N818 - not an error of the program
    """A workbook that cannot be read: the rule it breaks, what was found, and what fills the rule's advice."""

    def __init__(self, rule: str, found: object = "", **filled: object):
        super().__init__(rule)
        self.rule, self.found, self.filled = rule, found, filled


@dataclass
class Sheet:
    """One sheet as it stands. Rows and columns count from 0 here; Excel's numbers are one higher.

    Parameters
    ----------
    name : str
        Name of the sheet.
    rows : list of list
        Values as Excel holds them; "" where blank. The first row is Excel's row 1, whatever is in it.
    merged : list of ((row, column), (row, column))
        First and last cell of each merged range.
    hidden : bool
        Whether the sheet is hidden.
    hidden_rows, hidden_columns : list of int
        Hidden rows and columns.
    errors : dict of (row, column) to str
        Cells that hold an error value.
    uncached : set of (row, column)
        Formulas saved without their result.
    scales : dict of (row, column) to float
        Cells whose number format shows another number than they hold, and by what it is multiplied: 100 for a percentage,
        0.001 for each comma that cuts thousands off.
    epoch_1904 : bool
        Whether the workbook's days count from 1904.
    """

    name: str
    rows: list[list]
    merged: list[tuple[tuple[int, int], tuple[int, int]]]
    hidden: bool = False
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    uncached: set[tuple[int, int]] = field(default_factory=set)
    scales: dict[tuple[int, int], float] = field(default_factory=dict)
    epoch_1904: bool = False

    def cell(self, row: int, column: int) -> str:
        """Address of the cell one would click: in a merged range its first cell."""
        for first, last in self.merged:
            if first[0] <= row <= last[0] and first[1] <= column <= last[1]:
                row, column = first
        return address(row, column)


def address(row: int, column: int) -> str:
    """Return the address of a cell counted from 0.

    Examples
    --------
    >>> address(11, 27)
    'AB12'
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def position(cell: str) -> tuple[int, int]:
    """Return the row and the column of a cell, counted from 0; -1 where the address does not name them.

    Examples
    --------
    >>> position("AB12")
    (11, 27)
    """
    column = 0
    letters = cell.rstrip("0123456789")
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(cell[len(letters) :] or 0) - 1, column - 1


def read(path: Path, limits: LedgerParams) -> list[Sheet]:
    """Read every worksheet of a workbook.

    Parameters
    ----------
    path : Path
        An .xlsx, .xlsm or .xls file. Macros and external links are left alone.
    limits : LedgerParams
        Sizes above which a file is refused.

    Raises
    ------
    Unreadable
        For a file that is no workbook, is encrypted, damaged or too large.
    """
    try:
        size = path.stat().st_size
        if size > limits.max_file_mb * _MB:
            raise Unreadable("too_large", f"{size / _MB:.0f} MB", limit=f"{limits.max_file_mb:g} MB")
        content = path.read_bytes()
    except OSError as error:
        raise Unreadable("damaged", error.strerror or error) from None
    if content.startswith(_ZIP):
        seen, epoch_1904 = _scan_zip(content, limits)
    elif content.startswith(_OLE):
        seen, epoch_1904 = _scan_ole(content)
    else:
        raise Unreadable("damaged" if not content.strip(b"\0") else "not_a_workbook")
    return _values(content, seen, epoch_1904, limits)


def _values(content: bytes, seen: dict[str, dict], epoch_1904: bool, limits: LedgerParams) -> list[Sheet]:
    """Read the values with the fast reader and join what the scan saw."""
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        sheets = []
        for info in book.sheets_metadata:
            if info.typ is not SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(info.name)
            _refuse_large(sheet.total_height, sheet.total_width, limits)
            told = seen.get(info.name, {})
            sheets.append(
                Sheet(
                    name=info.name,
                    rows=_padded(sheet.to_python(skip_empty_area=False), told, limits),
                    merged=list(sheet.merged_cell_ranges or ()),
                    hidden=info.visible is not SheetVisibleEnum.Visible,
                    epoch_1904=epoch_1904,
                    **told,
                )
            )
    except CalamineError as error:
        raise Unreadable("damaged", _first_line(error)) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the reader's own failure on a malformed file
            raise
        raise Unreadable("damaged", _first_line(error)) from None
    return sheets


def _refuse_large(height: int, width: int, limits: LedgerParams) -> None:
    if height * width > limits.max_cells:
        raise Unreadable("too_large", f"{height}×{width}", limit=f"{limits.max_cells}个单元格")


def _padded(rows: list[list], told: dict, limits: LedgerParams) -> list[list]:
    """Return rows that reach to the last cell the scan tells of: a row of formulas without result is none to the reader."""
    cells = [*told.get("errors", ()), *told.get("uncached", ())]
    height = max((row + 1 for row, _ in cells), default=0)
    width = max((column + 1 for _, column in cells), default=0)
    _refuse_large(height, width, limits)
    if rows and len(rows[0]) < width:
        rows = [row + [""] * (width - len(row)) for row in rows]
    return rows + [[""] * max(width, len(rows[0]) if rows else 0) for _ in range(height - len(rows))]


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:80]


def _scan_zip(content: bytes, limits: LedgerParams) -> tuple[dict[str, dict], bool]:
    """Unpack an .xlsx within the limits and look for what the fast reader does not tell."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as book:
            if any(entry.flag_bits & _PASSWORD for entry in book.infolist()):
                raise Unreadable("encrypted")
            _refuse_bomb(book.infolist(), limits)
            names = set(book.namelist())
            if "xl/workbook.xml" not in names:
                raise Unreadable("not_a_workbook")
            parts, epoch_1904 = _sheet_parts(book)
            seen = {}
            for name in names:
                part = book.read(name)  # reading checks each part's sum, so that no part is longer than it says
                for sheet in parts.get(name, ()):
                    seen[sheet] = _scan_sheet(part, limits)
    except _DAMAGE as error:
        raise Unreadable("damaged", _first_line(error)) from None
    return seen, epoch_1904


def _refuse_bomb(entries: list[zipfile.ZipInfo], limits: LedgerParams) -> None:
    if sum(entry.file_size for entry in entries) > limits.max_unpacked_mb * _MB:
        raise Unreadable("zip_bomb", f"解压后超过{limits.max_unpacked_mb:g} MB")
    if any(entry.file_size > max(_MB, limits.max_unpack_ratio * entry.compress_size) for entry in entries):
        raise Unreadable("zip_bomb", f"压缩比超过{limits.max_unpack_ratio:g}")


def _sheet_parts(book: zipfile.ZipFile) -> tuple[dict[str, list[str]], bool]:
    """Return which part of the package holds which sheets, and whether dates count from 1904."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(book.read("xl/workbook.xml"), parser)
    relations = etree.fromstring(book.read("xl/_rels/workbook.xml.rels"), parser)
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    parts: dict[str, list[str]] = {}
    for sheet in root.iterfind("{*}sheets/{*}sheet"):  # Strict Open XML has other namespaces
        relation = next((value for name, value in sheet.attrib.items() if name.endswith("}id")), "")
        target = targets.get(relation, "")
        parts.setdefault(target.lstrip("/") if target.startswith("/") else f"xl/{target}", []).append(sheet.get("name"))
    settings = root.find("{*}workbookPr")
    return parts, settings is not None and settings.get("date1904") in ("1", "true")


def _scan_sheet(part: bytes, limits: LedgerParams) -> dict:
    """Find error values, formulas without result and hidden rows in the XML of one sheet."""
    prefix = re.search(rb"<(\w+):sheetData", part) if b":sheetData" in part else None
    if prefix:  # some writers name the namespace on every tag
        part = part.replace(b"<" + prefix[1] + b":", b"<").replace(b"</" + prefix[1] + b":", b"</")
    last = _LAST_ROW.search(part, max(part.rfind(b"<row "), 0))
    wide = _WIDE.search(part)
    columns = position(wide[1].decode())[1] + 1 if wide else 1
    if last:
        _refuse_large(int(last[1]), columns, limits)
    hidden = b'hidden="' in part
    columns = [range(int(m[1]) - 1, min(int(m[2]), _COLUMNS)) for m in _HIDDEN_COLUMN.finditer(part)] if hidden else []
    return {
        "errors": dict(_errors(part)) if b't="e"' in part else {},
        "uncached": set(_uncached(part)) if b"<f" in part else set(),
        "hidden_rows": [int(m[1]) - 1 for m in _HIDDEN_ROW.finditer(part)] if hidden else [],
        "hidden_columns": [*chain.from_iterable(columns)],
    }


def _errors(part: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    """Give the cells that hold an error value, and which."""
    for found in _ERROR.finditer(part):
        at, value = _ADDRESS.search(found[1]), _VALUE.search(found[2])
        if at and value:
            yield position(at[1].decode()), value[1].decode()


def _uncached(part: bytes) -> Iterator[tuple[int, int]]:
    """Give the formulas saved without their result; a text as result may be empty (`=IF(A3="","",…)`), and is blank."""
    for found in _NO_VALUE.finditer(part):
        at = _ADDRESS.search(found[1])
        if at and not (found[2] and b't="str"' in found[1]):
            yield position(at[1].decode())


def _scan_ole(content: bytes) -> tuple[dict[str, dict], bool]:
    """Look into an .xls (or an encrypted .xlsx, which has the same shell)."""
    try:
        with olefile.OleFileIO(BytesIO(content)) as shell:
            if shell.exists("EncryptedPackage"):
                raise Unreadable("encrypted")
            stream = next((name for name in ("Workbook", "Book") if shell.exists(name)), None)
            if stream is None:
                raise Unreadable("not_a_workbook")
            records = shell.openstream(stream).read()
        if msoffcrypto.OfficeFile(BytesIO(content)).is_encrypted():
            raise Unreadable("encrypted")
        return biff.scan(records)
    except Unreadable:
        raise
    except Exception as error:  # olefile, msoffcrypto and struct raise many kinds on malformed bytes
        raise Unreadable("damaged", _first_line(error)) from None
