"""What a formula of an .xls fetches: the functions it calls, from its tokens."""

from collections.abc import Iterator

from ge_analysis.ledgers.live import Live

# Numbers of built-in functions in [MS-XLS], Ftab: CALL, REGISTER, REGISTER.ID, RTD and the cube functions
_FETCHING = {150, 149, 267, 379, *range(380, 384), *range(477, 480)}
_STRING, _ATTRIBUTES, _CHOOSE, _FUNCTION, _FUNCTION_VAR = 0x17, 0x19, 0x04, 0x21, 0x22
_LENGTHS = dict.fromkeys(range(0x03, 0x17), 0)  # of a token, without its kind
_LENGTHS |= {0x01: 4, 0x02: 4, _ATTRIBUTES: 3, 0x1C: 1, 0x1D: 1, 0x1E: 2, 0x1F: 8, 0x20: 7, _FUNCTION: 2, _FUNCTION_VAR: 3}
_LENGTHS |= {0x23: 4, 0x24: 4, 0x25: 8, 0x26: 6, 0x27: 6, 0x28: 6, 0x29: 2, 0x2A: 4, 0x2B: 8, 0x2C: 4, 0x2D: 8}
_LENGTHS |= {0x39: 6, 0x3A: 6, 0x3B: 10, 0x3C: 6, 0x3D: 10}


def fetched(formula: bytes) -> set[Live]:
    """Return what the tokens of a formula fetch from outside the workbook.

    Examples
    --------
    >>> fetched(b"\\x1e\\x01\\x00\\x1e\\x01\\x00\\x42\\x02\\x7b\\x01"), fetched(b"\\x1e\\x42\\x96\\x42\\x02\\x04\\x00")
    ({<Live.DATA: '外部数据连接'>}, set())
    """
    return {Live.DATA for number in _functions(formula) if number in _FETCHING}


def _functions(formula: bytes) -> Iterator[int]:
    """Yield the number of each built-in function that is called, up to a token that no formula of a cell has."""
    at, padded = 0, formula + bytes(4)
    while at < len(formula):
        kind, at = padded[at], at + 1
        kind = kind if kind < 0x20 else 0x20 | kind & 0x1F  # three classes of operands are one token
        if kind == _STRING:
            at += 2 + padded[at] * (1 + (padded[at + 1] & 1))
            continue
        if kind not in _LENGTHS:
            return
        if kind in (_FUNCTION, _FUNCTION_VAR):
            number = at + (kind == _FUNCTION_VAR)
            yield int.from_bytes(padded[number : number + 2], "little") & 0x7FFF
        elif kind == _ATTRIBUTES and padded[at] & _CHOOSE:
            at += 2 * (int.from_bytes(padded[at + 1 : at + 3], "little") + 1)
        at += _LENGTHS[kind]
