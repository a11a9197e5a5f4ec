"""Which column of a contract a heading names, and the unit of its numbers, written after, above or below it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from ge_analysis.ledgers.contract import Alias, Column, Contract, contracts, headings
from ge_analysis.ledgers.plain import plain
from ge_analysis.ledgers.words import words
from ge_analysis.ledgers.workbook import Sheet

_OPENING, _CLOSING = "([{<【〔「《〖", ")]}>】〕」》〗"
_BEHIND = re.compile(rf"[{re.escape(_OPENING)}/,;:、|_—-]|(?:计量|计价|金额)?单位")  # separates a heading from its unit
_BRACKET = re.compile(rf"[{re.escape(_OPENING + _CLOSING)}]")
_PART = re.compile(r"[,;:、]")
_UNIT_WORD = re.compile(r"^.{0,4}单位(?:为|是|=)?|^(?:以|按|均为|人民币|rmb)|(?:统计|计算|计|为单位|人民币)$")
_RANGE = re.compile(r"[\d.]+(?:[-~至][\d.]+)?分?制?|[≥>≤<]=?[\d.]+")  # 1-5分, ≥0: the range of the numbers
_MARKS = "*★☆●◆"


@dataclass(frozen=True)
class Heading:
    """One column of a sheet that the contract knows.

    Parameters
    ----------
    column : Column
        The contract's column.
    at : int
        Column of the sheet, from 0.
    alias : Alias
        The heading under which it was found.
    unit : str
        Unit written with the heading, or what looks like one; "" if none.
    remark : str
        What else follows a number's heading and is not understood.
    customers : frozenset of str
        Statistical units ("mv", "lv") in which the heading says that customers are counted.
    """

    column: Column
    at: int
    alias: Alias
    unit: str = ""
    remark: str = ""
    customers: frozenset[str] = frozenset()

    @property
    def factor(self) -> float | None:
        """Factor from the heading's unit to the column's own; None if they do not fit."""
        return words().factor(self.column.unit, self.unit) if self.unit else 1.0


def headings_of(names: dict[int, tuple[str, ...]], contract: Contract, year: int) -> list[Heading]:
    """Return the columns that the contract knows, given the possible names of each column."""
    tried = (next(filter(None, (_known(name, at, contract, year) for name in choices)), None) for at, choices in names.items())
    return [heading for heading in tried if heading]


@lru_cache(maxsize=10_000)
def splits(name: str) -> tuple[tuple[str, str], ...]:
    """Return the ways to split a heading from what follows it, the longest heading first.

    Examples
    --------
    >>> splits("＊用户承担费用（单位：万元）")[-1]
    ('用户承担费用', '(单位:万元)')
    """
    key = plain(name).strip(_MARKS)
    places = [at for at in (found.start() for found in _BEHIND.finditer(key)) if at]
    closed = [at for at in places if key[at] not in _OPENING or key[-1] in _CLOSING]  # 备注(附表)甲 is another heading
    parted = [(key[:at].rstrip(_MARKS), key[at:]) for at in closed]
    return ((key, ""), *reversed(parted))


def _known(name: str, at: int, contract: Contract, year: int) -> Heading | None:
    """Return the column that has a heading, with the unit that follows it."""
    known = headings(contract.table, year)
    for base, behind in splits(name):
        if base in known:
            column, alias = known[base]
            parts = remarks(splits(base)[-1][1] + behind)
            customers = _customers(parts, column)
            unit, remark = _unit(_others(parts, customers), column)
            return Heading(column, at, alias, unit, remark, customers | _implied(alias))
    key = splits(name)[0][0]
    for unit in sorted(words().all_units, key=len, reverse=True):  # 用户承担费用 and 万元 on two lines of one cell
        if not key.endswith(unit) or key.removesuffix(unit) not in known:
            continue
        column, alias = known[key.removesuffix(unit)]
        if column.is_number and words().factor(column.unit, unit):
            return Heading(column, at, alias, unit, customers=_implied(alias))
    return None


def remarks(behind: str) -> list[str]:
    """Return what follows a heading, part by part, without the words that introduce a unit.

    Examples
    --------
    >>> remarks("(必填)(计量单位:万元,含税)"), remarks("/元/千瓦时"), remarks("(以万元计)")
    (['必填', '万元', '含税'], ['元/千瓦时'], ['万元'])
    """
    texts = _BRACKET.split(behind) if behind[:1] and behind[0] in _OPENING else [behind.strip("/,;:、|_—-")]
    parts = (_UNIT_WORD.sub("", _UNIT_WORD.sub("", part)) for text in texts for part in _PART.split(text))
    return [part for part in parts if part]


def _customer_words() -> dict[str, str]:
    return contracts()["customers"]["unit"].meanings


def _customers(parts: Iterable[str], column: Column) -> frozenset[str]:
    """Return the statistical units that remarks name, if the column counts customers: 停电用户数（低压用户）."""
    return (
        frozenset(_customer_words()[part] for part in parts if part in _customer_words())
        if column.counts_customers
        else frozenset()
    )


def _others(parts: Iterable[str], customers: frozenset[str]) -> list[str]:
    """Return the remarks that do not name the statistical unit in which a column counts customers."""
    return [part for part in parts if not customers or part not in _customer_words()]


def _implied(alias: Alias) -> frozenset[str]:
    return frozenset([alias.statistical_unit] if alias.statistical_unit else [])


def _unit(parts: Iterable[str], column: Column) -> tuple[str, str]:
    """Return the unit among the remarks after a column's heading, and otherwise what is not understood."""
    fitting = [part for part in parts if words().factor(column.unit, part)] if column.unit or column.is_number else []
    if len({words().factor(column.unit, part) for part in fitting}) == 1:
        return fitting[0], ""
    if fitting:
        return "或".join(fitting), ""
    if units := [part for part in parts if part in words().all_units or (column.is_number and words().looks_like_unit(part))]:
        return units[0], ""
    if not column.is_number:
        return "", ""
    return "", next((part for part in parts if part not in words().remarks and not _RANGE.fullmatch(part)), "")


def with_units(sheet: Sheet, header_row: int, found: list[Heading], below: dict[int, str]) -> list[Heading]:
    """Give headings without a unit the one below them, or that of the nearest heading merged above several columns."""
    groups = sorted(_groups(sheet, header_row, found), reverse=True)
    return [_with_unit(heading, groups, below) for heading in found]


def _with_unit(heading: Heading, groups: list[tuple[int, int, int, str]], below: dict[int, str]) -> Heading:
    column = heading.column
    above = [text for _, left, right, text in groups if left <= heading.at <= right]
    for text in filter(None, (below.get(heading.at, ""), *above)):
        parts = remarks(text)
        if not column.is_number:
            continue
        customers = _customers(parts, column)
        heading = replace(heading, customers=heading.customers | customers)
        unit, remark = _unit(_others(parts, customers), column)
        if not unit:
            heading = replace(heading, remark=heading.remark or ("" if heading.unit else remark))
            continue
        if heading.unit and heading.factor and words().factor(column.unit, unit) not in (heading.factor, None):
            return replace(heading, unit=f"{heading.unit}或{unit}")  # they differ, and nobody knows which is meant
        if not heading.unit and (
            words().factor(column.unit, unit) or unit not in words().all_units or text == below.get(heading.at)
        ):
            return replace(heading, unit=unit)
    return heading


def _groups(sheet: Sheet, header_row: int, found: list[Heading]) -> Iterable[tuple[int, int, int, str]]:
    """Yield the headings merged above several columns but not above the whole table: row, first and last column, unit's text."""
    columns = {heading.at for heading in found}
    for (top, left), (bottom, right) in sheet.merged:
        if bottom < header_row and left < right and left < len(sheet.rows[top]) and not columns <= {*range(left, right + 1)}:
            text = plain(sheet.rows[top][left])
            if behind := _unit_text(text):
                yield top, left, right, behind


def _unit_text(text: str) -> str:
    """Return the part of a heading above several columns that may name their unit.

    Examples
    --------
    >>> [_unit_text(text) for text in ("费用情况(万元)", "(万元)", "费用情况万元", "费用情况")]
    ['(万元)', '(万元)', '万元', '']
    """
    if len(ways := splits(text)) > 1:
        return ways[-1][1]
    if "单位" in text or words().all_units & {*remarks(text)}:
        return text
    return max((unit for unit in words().all_units if len(unit) > 1 and text.endswith(unit)), key=len, default="")


def unit_row(sheet: Sheet, header_row: int, found: list[Heading]) -> dict[int, str]:
    """Return the units in the row below the header, by column, if it holds nothing but units and words."""
    row = [plain(value) for value in sheet.rows[header_row + 1]] if header_row + 1 < len(sheet.rows) else []
    numbers = {heading.at: row[heading.at] for heading in found if heading.column.is_number and row and row[heading.at]}
    if not numbers or any(text[:1].isdigit() for text in row):
        return {}
    known = [at for at, text in numbers.items() if any(part in words().all_units for part in remarks(text))]
    marks = {"-", "--", "—", "/", "无"}
    units = all(at in known or text in marks or words().looks_like_unit(text) for at, text in numbers.items())
    return numbers if known and units else {}
