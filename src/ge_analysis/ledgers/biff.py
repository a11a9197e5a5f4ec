"""What the fast reader does not tell of an .xls: error values, hidden rows and columns, and from when its days count."""

import struct
from collections.abc import Iterator

# Records of [MS-XLS]
_BOF, _EOF, _DATEMODE, _BOUNDSHEET = 0x0809, 0x000A, 0x0022, 0x0085
_FORMULA, _BOOLERR, _ROW, _COLINFO = 0x0006, 0x0205, 0x0208, 0x007D
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}


def scan(stream: bytes) -> tuple[dict[str, dict], bool]:
    """Look through the workbook stream of an .xls.

    Parameters
    ----------
    stream : bytes
        The stream `Workbook` of the file.

    Returns
    -------
    dict, bool
        Name of the sheet → what `workbook.Sheet` holds beside the values; and whether days count from 1904.

    Raises
    ------
    struct.error, UnicodeDecodeError
        For a malformed record.
    """
    seen: dict[str, dict] = {}
    starts: dict[int, dict] = {}
    within: list[dict | None] = []  # the sheet one is in; None in its charts and in what is no sheet
    epoch_1904 = False
    for at, kind, body in _records(stream):
        if kind == _DATEMODE:
            epoch_1904 = body[:1] == b"\1"
        elif kind == _BOUNDSHEET:
            start, name = _sheet(body)
            starts[start] = seen[name] = {"errors": {}, "hidden_rows": [], "hidden_columns": []}
        elif kind == _BOF:
            within.append(starts.get(at))
        elif kind == _EOF and within:
            within.pop()
        elif within and within[-1] is not None:
            _look(within[-1], kind, body)
    return seen, epoch_1904


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Give each record's position, kind and body."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _sheet(body: bytes) -> tuple[int, str]:
    """Return where a sheet's records start, and its name."""
    start, length, wide = struct.unpack_from("<I2xBB", body)
    return start, body[8 : 8 + 2 * length].decode("utf-16-le") if wide & 1 else body[8 : 8 + length].decode("latin-1")


def _look(sheet: dict, kind: int, body: bytes) -> None:
    """Add what one record of a sheet tells."""
    if kind == _FORMULA:
        row, column, what, code, other = struct.unpack_from("<HH2xBxBx2xH", body)
        if (what, other) == (2, 0xFFFF):
            sheet["errors"][row, column] = _ERRORS.get(code, "#?")
    elif kind == _BOOLERR:
        row, column, code, is_error = struct.unpack_from("<HH2xBB", body)
        if is_error:
            sheet["errors"][row, column] = _ERRORS.get(code, "#?")
    elif kind == _ROW:
        row, flags = struct.unpack_from("<H10xH", body)
        if flags & 0x20:
            sheet["hidden_rows"].append(row)
    elif kind == _COLINFO:
        first, last, flags = struct.unpack_from("<HH4xH", body)
        if flags & 1:
            sheet["hidden_columns"] += range(first, last + 1)
