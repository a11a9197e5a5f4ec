"""Scan an .xls before the fast reader opens it: errors, missing results, formats, hidden parts and the extent of its cells.

xlrd cannot do this: it builds every cell of a sheet before its extent is known, and does not show which are formulas.
"""

import struct
from collections.abc import Iterator

from ge_analysis.ledgers import number_format
from ge_analysis.ledgers.biff_formula import fetched
from ge_analysis.ledgers.live import Live, of_formula
from ge_analysis.ledgers.refusal import Unreadable
from ge_analysis.ledgers.seen import Seen

# Records of [MS-XLS]
_BOF, _EOF, _DATEMODE, _BOUNDSHEET, _FORMAT, _XF = 0x0809, 0x0A, 0x22, 0x85, 0x041E, 0xE0
_FORMULA, _BOOLERR, _ROW, _COLINFO, _DIMENSIONS = 0x06, 0x0205, 0x0208, 0x7D, 0x0200
_SUPBOOK, _EXTERNNAME, _NAME = 0x01AE, 0x23, 0x18
_FORMULAS = {_FORMULA: 20, 0x04BC: 8, 0x0221: 12}  # of a cell, shared, of an array -> where the length of its tokens is
_CONNECTIONS = (0xDC, 0x01AD, 0x0876)  # a query's source, its table, a data connection
_NUMBER, _RK, _MULRK, _MULBLANK = 0x0203, 0x027E, 0xBD, 0xBE
_NUMERIC = {_FORMULA, _NUMBER, _RK}
_CELLS = _NUMERIC | {_BOOLERR, 0x0201, 0x0204, 0xFD, 0xD6}  # blank, label, label of the table of texts, rich text
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_COLUMNS = 256
_MACRO_SHEET = 1
_OWN_LINKS = (0x0401, 0x3A01)  # the workbook itself, add-in functions
_BIFF8 = 0x0600
_ZERO = bytes(8)


def scan(stream: bytes) -> tuple[dict[str, Seen], bool, set[Live]]:
    """Scan the workbook stream of an .xls.

    Parameters
    ----------
    stream : bytes
        The stream `Workbook` of the file.

    Returns
    -------
    dict, bool, set of Live
        Name of each sheet → what was seen there; whether days count from 1904; and what may run or fetch data.

    Raises
    ------
    Unreadable
        For a file of Excel 95 or older, or a cell beyond any sheet.
    struct.error, UnicodeDecodeError
        For a malformed record.
    """
    seen: dict[str, Seen] = {}
    starts: list[tuple[int, Seen]] = []
    formats, styles = dict(number_format.BUILT_IN), list[int]()
    epoch_1904, live = False, set[Live]()
    for kind, body in _records(stream, 0):
        if kind == _DATEMODE:
            epoch_1904 = body[:1] == b"\1"
        elif kind == _BOUNDSHEET:
            start, sort, length = struct.unpack_from("<IxBB", body)
            live |= {Live.MACROS} if sort == _MACRO_SHEET else set()
            sheet = seen[_text(body[7:], length)] = Seen()
            starts.append((start, sheet))
        elif kind == _SUPBOOK:
            live |= _linked(body)
        elif kind in (_EXTERNNAME, _NAME):
            live |= of_formula(f"{_function(kind, body)}(")
        elif kind in _CONNECTIONS:
            live.add(Live.DATA)
        elif kind == _FORMAT:
            number, length = struct.unpack_from("<HH", body)
            formats[number] = _text(body[4:], length)
        elif kind == _XF:
            styles += struct.unpack_from("<2xH", body)
    codes = {style: formats.get(number, "") for style, number in enumerate(styles)}
    scaled = {style: code for style, code in codes.items() if number_format.rescales(code)}
    for start, sheet in starts:
        for kind, body in _records(stream, start):
            _look(sheet, kind, body, scaled)
        live |= sheet.live
    return seen, epoch_1904, live


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the kind and body of each record from a position to the next end record.

    The fast reader walks a file in the same way, so a record with a false length hides nothing from only one of the two.
    """
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + length]
        if kind == _EOF:
            return
        if kind == _BOF and struct.unpack_from("<H", body)[0] < _BIFF8:
            raise Unreadable("other_format", kind="Excel 5.0/95旧格式")
        yield kind, body
        at += 4 + length


def _text(body: bytes, length: int) -> str:
    """Return a string whose first byte says whether its characters are wide."""
    return body[1 : 1 + 2 * length].decode("utf-16-le") if body[0] & 1 else body[1 : 1 + length].decode("latin-1")


def _linked(body: bytes) -> set[Live]:
    """Return what a record of a linked workbook means; most mean the workbook itself, or functions that come with Excel."""
    sheets, length = struct.unpack_from("<HH", body)
    if length in _OWN_LINKS or (target := _text(body[4:], length)) in ("", "\0", " "):
        return set()
    return {Live.DDE if not sheets and "\3" in target else Live.WORKBOOKS}


def _function(kind: int, body: bytes) -> str:
    """Return the name that a record defines; functions newer than the format are called by one (_xlfn.WEBSERVICE)."""
    length, wide, name = (body[3:4], body[14:15], body[15:]) if kind == _NAME else (body[6:7], body[7:8], body[8:])
    characters = int.from_bytes(length)
    return name[: 2 * characters].decode("utf-16-le", "replace") if wide == b"\1" else name[:characters].decode("latin-1")


def _look(sheet: Seen, kind: int, body: bytes, scaled: dict[int, str]) -> None:
    """Add what one record of a sheet holds."""
    if kind in _FORMULAS:
        at = _FORMULAS[kind]
        sheet.live |= fetched(body[at + 2 : at + 2 + int.from_bytes(body[at : at + 2], "little")])
    if kind in _CELLS:
        row, column, style = struct.unpack_from("<HHH", body)
        _reach(sheet, row, column)
        if kind in _NUMERIC and style in scaled:
            sheet.formats[row, column] = scaled[style]
        if kind == _FORMULA:
            _formula(sheet, (row, column), body[6:14])
        elif kind == _BOOLERR and body[7]:
            sheet.errors[row, column] = _ERRORS.get(body[6], "#?")
    elif kind in (_MULRK, _MULBLANK):
        row, first = struct.unpack_from("<HH", body)
        _reach(sheet, row, struct.unpack_from("<H", body, len(body) - 2)[0])
        styles = (
            [style for (style,) in struct.iter_unpack("<H4x", body[4 : 4 + (len(body) - 6) // 6 * 6])] if kind == _MULRK else []
        )
        _reach(sheet, row, first + max(len(styles) - 1, 0))
        sheet.formats.update({(row, at): scaled[style] for at, style in enumerate(styles, first) if style in scaled})
    elif kind == _DIMENSIONS:
        row, last_row, column, last_column = struct.unpack_from("<IIHH", body)
        if row > last_row or column > last_column:
            raise Unreadable("damaged", f"第{row + 1}至{last_row}行")  # the fast reader would reserve a terabyte
        if last_row and last_column:
            _reach(sheet, last_row - 1, last_column - 1)
    elif kind in _CONNECTIONS:
        sheet.live.add(Live.DATA)
    elif kind == _ROW:
        row, flags = struct.unpack_from("<H10xH", body)
        if flags & 0x20:
            sheet.hidden_rows.append(row)
    elif kind == _COLINFO:
        first, last, flags = struct.unpack_from("<HH4xH", body)
        if flags & 1:
            sheet.hide(first, last)


def _reach(sheet: Seen, row: int, column: int) -> None:
    if column >= _COLUMNS:
        raise Unreadable("damaged", f"单元格位于第{column + 1}列")
    sheet.reach(row, column)


def _formula(sheet: Seen, cell: tuple[int, int], result: bytes) -> None:
    """Note what the eight bytes of a formula's result mean."""
    if result == _ZERO or (result[6:] == b"\xff\xff" and result[0] == 3):
        sheet.blank.append(cell)
    elif result[6:] == b"\xff\xff" and result[0] == 2:
        sheet.errors[cell] = _ERRORS.get(result[2], "#?")
