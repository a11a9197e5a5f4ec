"""Scan the XML of one sheet: errors, formulas without results, formats, hidden parts and the extent of its cells."""

import re
from collections.abc import Callable
from xml.parsers import expat

import numpy as np

from ge_analysis.ledgers import live
from ge_analysis.ledgers.refusal import ROWS, Unreadable
from ge_analysis.ledgers.seen import Cell, Seen

_BLOCK = 1 << 22  # [bytes]
_CELL = b'<c r="'
_ADDRESS = len(_CELL) + 9  # [bytes] from the beginning of a cell to the end of its row number
TRUE = ("1", "true")
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
# Prefixed formulas and cells, error cells, hidden rows and columns, escaped attributes
_TELLING = (b":f", b":c", b'"e"', b"'e'", b"hidden", b"&#")


def xml_parser(start: Callable[[str, dict[str, str]], None], end: Callable[[str], None] | None = None) -> expat.XMLParserType:
    """Return a parser that reports elements by their names as written; a document type counts as damage."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> None:
    raise Unreadable("damaged", "DOCTYPE")


def local(name: str) -> str:
    """Return the name of an element or attribute without its prefix."""
    return name.rpartition(":")[2]


def ordinary_sheet(part: bytes) -> Seen | None:
    """Return the size of a sheet that contains nothing else to look for; None if it must be parsed.

    The fast reader needs most of the time available, so a hundred megabytes must not be parsed twice. A sheet passes only if it
    is UTF-8, every cell begins with its address in one of the first 26 columns, row by row, and nothing that the scan looks
    for occurs in any spelling.
    """
    if any(sign in part for sign in _TELLING) or b"zeroHeight" in part[: part.find(b"sheetData")]:
        return None
    blocks = []
    for start in range(0, len(part), _BLOCK):
        if (block := _addresses(part, start)) is None:
            return None
        blocks.append(block)
    rows, columns = np.concatenate(blocks or [np.empty((0, 2), dtype=np.int32)]).T
    if (np.diff(rows) < 0).any():
        return None
    return Seen(height=int(rows[-1]), width=int(columns.max()) + 1, cells=len(rows)) if rows.size else Seen()


def _addresses(part: bytes, start: int) -> np.ndarray | None:
    """Return row and column of each cell that begins in one block of a part; None if one does not begin with `<c r="A12`.

    Also None if there is a formula, or what looks like a document type.
    """
    codes = np.frombuffer(part[start : start + _BLOCK + _ADDRESS], dtype=np.uint8)
    at = np.flatnonzero(codes[: max(len(codes) - _ADDRESS, 0)] == ord("<"))
    second, ended = codes[at + 1], codes[at + 2] < ord("a")
    if ((second == ord("!")) | ((second == ord("f")) & ended)).any():
        return None
    at = at[(second == ord("c")) & ended]
    if not all((codes[at + offset] == byte).all() for offset, byte in enumerate(_CELL)):
        return None
    column = codes[at + len(_CELL)].astype(np.int32) - ord("A")
    row, within = np.zeros(len(at), dtype=np.int32), np.ones(len(at), dtype=bool)
    for offset in range(len(_CELL) + 1, _ADDRESS):
        digit = codes[at + offset].astype(np.int32) - ord("0")
        within &= (digit >= 0) & (digit <= 9)
        row = np.where(within, row * 10 + digit, row)
    if (within | (row < 1) | (row > ROWS) | (column < 0) | (column > 25)).any():  # within: more digits than a row number can have
        return None
    return np.column_stack((row, column))


class Scan:
    """One pass over the XML of a sheet.

    Parameters
    ----------
    scaled : dict of str to str
        Index of a style whose number format rescales → the format's code.
    lengths : list of int
        Length of each shared text; empty if nothing needs counting.
    """

    def __init__(self, scaled: dict[str, str], lengths: list[int]):
        self.seen = Seen()
        self.characters = 0
        self._scaled, self._lengths = scaled, lengths
        self._row = self._column = -1
        self._cell: Cell | None = None
        self._type = self._style = ""
        self._formula = self._low = False  # low: rows have zero height unless they say otherwise
        self._value: list[str] = []
        self._code: list[str] = []
        self._names: dict[str, str] = {}
        self._columns: dict[str, int] = {}

    def run(self, part: bytes) -> "Scan":
        """Scan the part."""
        self._parser = xml_parser(self._start, self._end)
        self._parser.Parse(part, True)
        return self

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        kind = self._names.get(name) or self._names.setdefault(name, local(name))
        if kind == "c":
            self._begin_cell(attributes)
        elif kind == "row":
            self._begin_row(int(attributes.get("r", self._row + 2)) - 1)
            if attributes.get("hidden") in TRUE or (self._low and "ht" not in attributes):
                self.seen.hidden_rows.append(self._row)
        elif kind == "col":
            if attributes.get("hidden") in TRUE:
                self.seen.hide(int(attributes.get("min", 1)) - 1, int(attributes.get("max", 1)) - 1)
        elif kind == "sheetFormatPr":
            self._low = attributes.get("zeroHeight") in TRUE
        elif self._cell is None:
            return
        elif kind == "f":
            self._formula = True
            self._parser.CharacterDataHandler = self._code.append
        elif kind == "v":
            self._parser.CharacterDataHandler = self._value.append

    def _begin_row(self, row: int) -> None:
        if row < self._row:
            raise Unreadable("damaged", f"第{row + 1}行在第{self._row + 1}行之后")  # Excel refuses it; the fast reader loses rows
        self._row = row
        self._column = -1

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        if reference := attributes.get("r"):
            found = _REFERENCE.fullmatch(reference)
            if found is None:
                raise Unreadable("damaged", reference[:20])
            self._begin_row(int(found[2]) - 1)
            self._column = self._columns.get(found[1]) or self._columns.setdefault(found[1], _column(found[1]))
        else:
            self._column += 1
        self.seen.reach(self._row, self._column)
        self._cell = self._row, self._column
        self._type, self._style = attributes.get("t", ""), attributes.get("s", "")
        self._formula = False
        self._value = []

    def _end(self, name: str) -> None:
        kind = self._names[name]
        if kind == "v":
            self._parser.CharacterDataHandler = None
        elif kind == "f":
            self._parser.CharacterDataHandler = None
            self.seen.live |= live.of_formula("".join(self._code))
            self._code.clear()
        elif kind == "c" and self._cell:
            self._conclude(self._cell, "".join(self._value).strip())
            self._cell = None

    def _conclude(self, cell: Cell, value: str) -> None:
        seen = self.seen
        if self._type == "e":
            seen.errors[cell] = value or "#?"
        elif self._formula:
            self._note_result(cell, value)
        if self._type == "s" and self._lengths and value.isdecimal():
            at = int(value[:9])
            self.characters += self._lengths[at] if at < len(self._lengths) else 0
        elif self._style in self._scaled and self._type in ("", "n"):
            seen.formats[cell] = self._scaled[self._style]

    def _note_result(self, cell: Cell, value: str) -> None:
        """Note a formula's result: a text may be empty (`=IF(A3="","",…)`) and counts as blank; a number may not."""
        if value and self._type in ("", "n") and not value.strip("0."):
            self.seen.blank.append(cell)
        elif not value and self._type != "str":
            self.seen.uncached.add(cell)


def _column(letters: str) -> int:
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column - 1
