"""First pass: every cell is read on its own into its column's type, or reported as a fault that hides no other."""

import re
import string
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import cast

import numpy as np
import pandas as pd
import pyarrow as pa

from ge_analysis.ledgers.contract import Column
from ge_analysis.ledgers.plain import plain, visible
from ge_analysis.ledgers.words import words

_LETTERS = string.digits + string.ascii_letters  # only these and the space: punctuation stays Chinese
_HALF_WIDTH = {ord(letter) + 0xFEE0: letter for letter in _LETTERS} | {0x3000: " "}
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)([^\d.+\s-]*)")
_LOOSE_SPACE = re.compile(r"(?<![\d.,\s])\s+|\s+(?![\d.,\s])")  # any but those between two numbers
_THIN = "[\u00a0\u2007\u2009\u202f]"  # non-breaking spaces group digits; a plain space separates two numbers
_THIN_GROUPED = re.compile(rf"(?<![\d,.])\d{{1,3}}(?:{_THIN}\d{{3}})+(?!{_THIN}?\d)")
_GROUPED = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])")
_DAY = r"(\d{4})(?: ?[-/.年] ?(\d{1,2}) ?[-/.月] ?(\d{1,2})(?: ?日)?|(\d{2})(\d{2}))"
_CLOCK = r"(\d{1,2}) ?[:时点] ?(\d{1,2})?(?: ?[:分] ?(\d{1,2})?)?(?:\.\d+)?秒?"
_DATE = re.compile(rf"{_DAY}(?:(?:[ t]|(?<=日)){_CLOCK}|(\d{{2}})(\d{{2}}))?")
_MONTH = re.compile(r"(\d{4})(?: ?[-/.年] ?(\d{1,2}) ?月?|(\d{2}))")
_DECIMAL_MONTH = re.compile(r"\d{4}\.\d+")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_EPOCH, _EPOCH_1904_DAYS = datetime(1899, 12, 30), 1462
_EARLIEST, _LATEST = datetime(1954, 10, 3), datetime(2119, 1, 11)  # days 20 000 and 80 000: anything beyond is not a date
_LARGEST = 1e15  # Excel keeps 15 digits; a longer number identifies a meter or a card and is not an amount
_SEPARATORS = re.compile(r"[；;、，,\n]+")


@dataclass(frozen=True)
class Fault:
    """Why a cell cannot be read: the rule, the values of its advice, and what the cell holds if its value does not show it."""

    rule: str
    filled: Mapping[str, str] = field(default_factory=dict)
    found: str = ""


@dataclass(frozen=True)
class Context:
    """What is needed to read a column besides the column itself.

    Parameters
    ----------
    places : mapping of str to str
        County name, slug or code (as `plain` writes it) → slug; the city's names → "city".
    grids : mapping of str to str
        A grid's names (as `plain` writes them) → its code.
    epoch_1904 : bool
        Whether the workbook counts days from 1904.
    factor : float
        From the unit in the column's heading to the column's own unit.
    """

    places: Mapping[str, str]
    grids: Mapping[str, str]
    epoch_1904: bool = False
    factor: float = 1.0


def read_column(values: Sequence[object], column: Column, context: Context) -> tuple[pd.Series, dict[int, Fault]]:
    """Read the cells of one column.

    Parameters
    ----------
    values : sequence
        Cells as stored in the workbook; "" if blank.
    column : Column
        What the cells should be.
    context : Context
        Places, epoch and unit of the heading.

    Returns
    -------
    Series, dict
        The values in the column's nullable type, missing if blank or at fault; and position → fault.

    Examples
    --------
    >>> from ge_analysis.ledgers.contract import contract
    >>> read_column(["１,２00", "90kW", "abc"], contract("业扩报装")["capacity_kva"], Context({}, {}))[0].tolist()
    [1200.0, 90.0, nan]
    """
    kinds = set(map(type, values))
    parse = _parser(column, context)
    if bool in kinds:  # True equals 1, so separate them first
        values = [{True: "是", False: "否"}[value] if isinstance(value, bool) else value for value in values]
    if datetime in kinds and column.dtype == "datetime64[us]":
        return _within_bounds(*_moments(values, parse, column))
    codes, distinct = _distinct(values, kinds)  # read each distinct cell once
    parsed = distinct if parse is _identifier and _are_plain(distinct) else [_parse(parse, value, column) for value in distinct]
    faulty = [code for code, value in enumerate(parsed) if isinstance(value, Fault)]
    faults = {int(at): parsed[codes[at]] for at in np.flatnonzero(np.isin(codes, faulty))}
    for code in faulty:
        parsed[code] = None
    return _within_bounds(_series(parsed, column).take(codes).reset_index(drop=True), faults)


def _within_bounds(read: pd.Series, faults: dict[int, Fault]) -> tuple[pd.Series, dict[int, Fault]]:
    """Turn implausible times (a cell with 5, which Excel shows as 1900-01-05) into faults."""
    if read.dtype.kind != "M":
        return read, faults
    beyond = read.notna() & ~read.between(_EARLIEST, _LATEST)
    return read.mask(beyond), faults | dict.fromkeys(map(int, np.flatnonzero(beyond)), Fault("not_a_date"))


def _moments(values: Sequence[object], parse: Callable[[object], object], column: Column) -> tuple[pd.Series, dict[int, Fault]]:
    """Read a column that contains timestamps; only its other cells are read one by one."""
    others = {at: _parse(parse, value, column) for at, value in enumerate(values) if type(value) is not datetime}
    faults = {at: read for at, read in others.items() if isinstance(read, Fault)}
    read = list(values)
    for at, value in others.items():
        read[at] = None if at in faults else value
    return _series(read, column), faults


def _distinct(values: Sequence[object], kinds: set[type]) -> tuple[np.ndarray, list[object]]:
    """Return each cell's code and the distinct cells that the codes number."""
    if kinds in ({str}, {float}):
        encoded = pa.array(cast(list[str], values)).dictionary_encode()
        return encoded.indices.to_numpy(), encoded.dictionary.to_pylist()
    index = {value: code for code, value in enumerate(dict.fromkeys(values))}
    return np.array([index[value] for value in values], dtype=np.int64), list(index)


def _are_plain(distinct: list[object]) -> bool:
    """Whether cells are texts that reading an identifier leaves as they are; there may be a hundred thousand of them."""
    if not all(isinstance(value, str) and value for value in distinct):
        return False
    joined = "".join(cast(list[str], distinct))
    return joined.isascii() and joined.isprintable() and " " not in joined


def _parse(parse: Callable[[object], object], value: object, column: Column) -> object:
    """Read one cell: blank → None (or a fault if the column is required)."""
    if isinstance(value, str):
        value = (visible(value) if value.isascii() else visible(value).translate(_HALF_WIDTH)).strip()
    read = None if value == "" else parse(value)
    if isinstance(read, Fault) and plain(value) in words().blank:
        read = None
    return Fault("blank") if read is None and column.required else read


def _series(read: Sequence[object], column: Column) -> pd.Series:
    dtype = column.dtype
    if dtype == "datetime64[us]":
        moments = pa.array(read, pa.timestamp("us")).to_numpy(zero_copy_only=False)
        return pd.Series(_floor(moments, column.type))
    return pd.Series(read, dtype={"int64": "Int64"}.get(dtype, dtype))


def _floor(moments: np.ndarray, kind: str) -> np.ndarray:
    """Round times to the second (Excel's serial numbers are slightly off), and truncate them to the day or month."""
    seconds = (moments + np.timedelta64(500_000, "us")).astype("datetime64[s]")
    unit = {"datetime": "s", "date": "D", "month": "M"}[kind]
    return seconds.astype(f"datetime64[{unit}]").astype("datetime64[us]")


def _parser(column: Column, context: Context) -> Callable[[object], object]:
    """Return the function that reads one filled cell of a column."""
    if column.is_number:
        return lambda value: _number(value, column, context)
    if column.type in ("date", "datetime", "month"):
        return lambda value: _moment(value, column, context)
    if column.type in ("yesno", "flag"):
        return _yes_no
    if column.type == "code":
        unlisted = Fault("not_in_list", {"allowed": "、".join(column.labels.values())})
        return lambda value: column.meanings.get(plain(shown(value)), unlisted)
    if column.type == "place":
        return lambda value: _place(plain(shown(value)), context.places)
    if column.type == "grid":
        known = "、".join(dict.fromkeys(context.grids))
        return lambda value: context.grids.get(plain(shown(value)), Fault("not_in_list", {"allowed": known}))
    if column.type == "choices":
        return lambda value: "；".join(part.strip() for part in _SEPARATORS.split(shown(value)) if part.strip()) or None
    return _identifier if column.identifier else shown


def _place(name: str, places: Mapping[str, str]) -> str | Fault:
    """Return the slug of a place; its total (全市合计) means the place itself."""
    whole = next((name.removesuffix(total) for total in words().totals if name.endswith(total)), name)
    return places.get(name) or places.get(whole) or Fault("unknown_place")


def shown(value: object) -> str:
    """Return a cell as text, as Excel would show it.

    Examples
    --------
    >>> shown(1001.0), shown(datetime(2020, 3, 5))
    ('1001', '2020-03-05')
    """
    if isinstance(value, float):
        value = fifteen_digits(value)
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    return str(value)


def fifteen_digits(number: float) -> float:
    """Return a number with the digits that Excel keeps.

    Examples
    --------
    >>> fifteen_digits(434.99999999999994), fifteen_digits(0.0029 * 10_000)
    (435.0, 29.0)
    """
    return number if number == round(number, 6) else float(f"{number:.15g}")


def _identifier(value: object) -> str:
    if isinstance(value, str) and value.isascii() and " " not in value:
        return value
    return "".join(unicodedata.normalize("NFKC", shown(value)).split())


def _yes_no(value: object) -> bool | Fault:
    word = plain(shown(value))
    return word in words().yes if word in words().yes | words().no else Fault("not_in_list", {"allowed": "是、否"})


def _number(value: object, column: Column, context: Context) -> float | int | Fault:
    """Read a number, with or without its unit, into the column's unit."""
    if isinstance(value, int | float):
        number: float | Fault = _converted(value, context.factor)
    elif isinstance(value, str):
        number = _number_in(value, column, context)
    else:
        return Fault("not_a_number")
    if isinstance(number, Fault):
        return number
    if not abs(number) <= _LARGEST:  # true for NaN too
        return Fault("not_a_number")
    if column.type == "integer":
        return int(number) if number == int(number) else Fault("not_whole")
    return number


def _converted(number: float, factor: float) -> float:
    """Convert a number to the column's unit; 0.0029万户 is 29, not 28.999999999999996."""
    return fifteen_digits(number) if factor == 1 else round(number * factor, 9)


def _number_in(text: str, column: Column, context: Context) -> float | Fault:
    """Read "1,200", "3.5小时" or "1小时30分"."""
    text = _THIN_GROUPED.sub(lambda number: re.sub(_THIN, "", number[0]), text)
    if any(unicodedata.category(character) in ("No", "Nl") for character in text):
        return Fault("not_a_number")  # half-width conversion would turn 5² into 52
    text = _LOOSE_SPACE.sub("", unicodedata.normalize("NFKC", text).lower()).lstrip("¥")
    text = _GROUPED.sub(lambda number: number[0].replace(",", ""), text)
    parts = _NUMBER.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return Fault("not_a_number")
    if len(parts) == 1 and not parts[0][1]:
        return _converted(float(parts[0][0]), context.factor)
    if not all(unit for _, unit in parts) or any(number[0] in "+-" for number, _ in parts[1:]):
        return Fault("not_a_number")  # 2012-05 is not a difference, 4+1 not a sum
    factors: list[float] = []
    for _, unit in parts:
        factor = words().factor(column.unit, unit)
        if factor is None:
            return Fault("unit", {"unit": column.unit or "无"}) if unit in words().all_units else Fault("not_a_number")
        factors.append(factor)
    if any(after >= before for before, after in pairwise(factors)):
        return Fault("not_a_number")  # 3小时20分 is one duration, 5元3元 two amounts
    return round(sum(float(number) * factor for factor, (number, _) in zip(factors, parts, strict=True)), 9)


def _moment(value: object, column: Column, context: Context) -> datetime | Fault:
    """Read a date or time from a date cell, an Excel serial number or text."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, int | float):
        value = repr(fifteen_digits(value)).removesuffix(".0")
        if column.type == "month" and _DECIMAL_MONTH.fullmatch(value):
            return Fault("not_a_date")  # Excel turns 2020.10 into 2020.1
    if not isinstance(value, str):
        return Fault("not_a_date")
    text = " ".join(unicodedata.normalize("NFKC", value).translate(_DASHES).lower().split())
    if _SERIAL.fullmatch(text):
        return _EPOCH + timedelta(days=float(text) + (_EPOCH_1904_DAYS if context.epoch_1904 else 0))
    return _written_moment(text, column)


def _written_moment(text: str, column: Column) -> datetime | Fault:
    """Read 2020/3/5, 2020.03.05 8:30, 2020年3月5日24时, 20200305, 202003051430; for a month also 2020-03, 2020年3月."""
    if column.type == "month" and (found := _MONTH.fullmatch(text)):
        written, month, packed = found.groups()
        parts: tuple[str | None, ...] = (written, month or packed, "1", None, None, None)
    elif found := _DATE.fullmatch(text):
        written, month, day, packed_month, packed_day, hour, minute, second, packed_hour, packed_minute = found.groups()
        parts = (written, month or packed_month, day or packed_day, hour or packed_hour, minute or packed_minute, second)
    else:
        return Fault("not_a_date")
    year, month_of_year, day_of_month, hours, minutes, seconds = (int(part or 0) for part in parts)
    if hours > 24 or minutes > 59 or seconds > 59 or (hours == 24 and minutes + seconds > 0):
        return Fault("not_a_date")
    try:
        return datetime(year, month_of_year, day_of_month) + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except (ValueError, OverflowError):
        return Fault("not_a_date")
