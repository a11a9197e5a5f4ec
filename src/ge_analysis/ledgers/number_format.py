"""How number formats change the number shown: percentages, thousands cut off, and the unit behind it."""

import operator
import re
from functools import cache

BUILT_IN = {9: "0%", 10: "0.00%"}  # id of a built-in format, which workbooks do not spell out → its code
_LITERAL = re.compile(r'"([^"]*)"|[\\!](.)|[_*].|\[[^\]]*\]', re.DOTALL)
_POINT = "·"  # a literal point: 0\.0, shows 12345 as 1.2
_DIGITS = re.compile(rf"[0#?][0#?,.{_POINT}]*")
_PLAIN = re.compile("General|G/通用格式", re.IGNORECASE)
_BEHIND = re.compile(r'[0#?][.,%]*((?:"[^"]*"|[\\!].|[_*].|\[[^\]]*\]|[^0#?"\\!_*\[])*)$', re.DOTALL)
_SEMICOLON = re.compile(r'"[^"]*"|[\\!_*].|\[[^\]]*\]|;', re.DOTALL)  # between sections, unless it is within a literal
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)\]")
_COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "<>": operator.ne}


def scale(code: str, value: float = 1) -> float:
    """Return the factor by which a format multiplies the number shown.

    Parameters
    ----------
    code : str
        The format's code.
    value : float
        The number: a format may treat large numbers, negative numbers and zero differently.

    Examples
    --------
    >>> [scale(code) for code in ("0.00%", "#,##0.00", "0.0,", 'yyyy"年"')]
    [100.0, 1.0, 0.001, 1.0]
    >>> [scale(r'[>=10000]0!.0,"万";0', value) for value in (52000, 520)]
    [0.0001, 1.0]
    """
    return _section(code, value)[0]


def unit(code: str, value: float = 1) -> str:
    """Return the words that a format shows behind a number, which are its unit in 0.00"万元".

    Examples
    --------
    >>> [unit(code) for code in ('0.00"万元"', '[>=10]0!.0,"万";0', 'General"户"', 'yyyy"年"', "0.00_ ")]
    ['万元', '', '户', '', '']
    """
    return _section(code, value)[1]


def rescales(code: str) -> bool:
    """Whether a format shows any number as another, or words behind it."""
    return any(factor != 1 or behind for _, factor, behind in _sections(code))


def _section(code: str, value: float) -> tuple[float, str]:
    """Return factor and unit of the section by which a format shows a number."""
    sections = _sections(code)
    for condition, factor, behind in sections:
        if condition and _COMPARE[condition[0]](value, condition[1]):
            return factor, behind
    plain = [(factor, behind) for condition, factor, behind in sections if not condition]
    if len(plain) == len(sections):
        return plain[1] if value < 0 and len(plain) > 1 else plain[2] if value == 0 and len(plain) > 2 else plain[0]
    return plain[0] if plain else (1.0, "")


@cache
def _sections(code: str) -> tuple[tuple[tuple[str, float] | None, float, str], ...]:
    """Return the condition, if any, the factor and the unit of each section of a format for numbers."""
    texts = _SEMICOLON.sub(lambda found: "\0" if found[0] == ";" else found[0], _PLAIN.sub("0", code)).split("\0")
    sections = []
    for text in texts[:3]:  # the fourth shows texts
        condition = _CONDITION.search(text)
        sections.append(((condition[1], float(condition[2])) if condition else None, _factor(text), _unit(text)))
    return tuple(sections)


def _unit(section: str) -> str:
    behind = _BEHIND.search(section)
    return _LITERAL.sub(lambda found: found[1] or found[2] or "", behind[1]).strip() if behind else ""


def _factor(section: str) -> float:
    text = _LITERAL.sub(lambda found: _POINT if "." in (found[1], found[2]) else "", section)
    power = 2 * text.count("%")
    if digits := _DIGITS.search(text):
        whole, _, decimals = digits[0].partition(".")
        power -= 3 * sum(len(part) - len(part.rstrip(",")) for part in (whole, decimals))
        if _POINT in whole:
            power -= sum(whole.rpartition(_POINT)[2].count(digit) for digit in "0#?")
    return float(f"1e{power}")
