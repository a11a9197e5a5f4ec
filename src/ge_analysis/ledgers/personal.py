"""Personal data stops here: personal columns are dropped or replaced, and free text is masked, before a table is written."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pandas as pd

from ge_analysis.ledgers.cells import shown
from ge_analysis.ledgers.contract import Column, Contract, contract
from ge_analysis.ledgers.hints import ROLES, TITLES
from ge_analysis.ledgers.names import is_name, people
from ge_analysis.ledgers.patterns import HALF_WIDTH, NUMBERS, SAID_TO_BE_NAMES
from ge_analysis.ledgers.plain import plain
from ge_analysis.ledgers.words import said

MASK = "***"
_PERSONAL_VALUE = "（个人信息，不显示）"
# Identifiers in which a sender may write a person or a phone; those of feeders, events and cases only name things.
_MAY_BE_A_PERSON = {"entity", "site", "policy_number"}
_SHORTEST_NAME = 2
_SEVERAL = 3  # rows of other columns that make a word ordinary
_MOST_SIGNS = 4  # characters of a text with digits that still counts: 3号楼, 10kV
_DIGIT = re.compile(r"\d")
_SPACE = re.compile(r"\s")
_END = "\0"  # of each of several texts; no cell contains it
_SEPARATED = re.compile(r"[、,，;；/()（）:：\n]")
# Never a person, however rare: a number, 某厂, a kind of customer or place, an unnamed person.
_NOBODY = re.compile(
    r"某.{1,3}|[^路街巷村]{1,4}[市县区镇乡]|.[户民店厂校院司站所会主]|[村居]委会|.*供电(?:所|公司)|\d{1,6}|[\W_]+"
    rf"|同[上前]|不详|未[知填]|匿名|暂无|没有|保密|拒答|无名|(?:客户|项目)?(?:{ROLES}|{TITLES})"
)


def protect(frame: pd.DataFrame, sheet: Contract, names: set[str]) -> pd.DataFrame:
    """Return a typed table without personal data.

    Parameters
    ----------
    frame : DataFrame
        Typed table of one sheet.
    sheet : Contract
        Its contract.
    names : set of str
        Names, phones and addresses known from the personal columns of the place (`known`); to be masked wherever they occur.

    Returns
    -------
    DataFrame
        Personal columns dropped or replaced by 代号, free text masked.
    """
    changed = {}
    for column in sheet.fields:
        if column.personal == "pseudonym":
            changed[column.name] = _pseudonyms(frame[column.name])
        elif not column.personal and column.type in ("text", "choices") and _is_free(column):
            masked = mask(frame[column.name], names)
            changed[column.name] = _kept_apart(frame[column.name], masked) if column.identifier else masked
    kept = frame.drop(columns=[column.name for column in sheet.fields if column.personal == "drop"])
    return kept.assign(**changed)


def _is_free(column: Column) -> bool:
    """Whether a column may contain a person."""
    return not column.identifier or column.name in _MAY_BE_A_PERSON


def known(tables: Mapping[str, pd.DataFrame], places: Iterable[str]) -> set[str]:
    """Return the personal values in a place's tables, to mask them wherever else they are written.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Typed tables by name.
    places : iterable of str
        Names of the counties and the city.

    Returns
    -------
    set of str
        Values of personal columns without ordinary words: values whose form names no one, words of the contracts, and words
        used in several rows of other columns that are not shaped like a person's name.
    """
    personal, texts = set[str](), list[str]()
    for name, frame in tables.items():
        for column in contract(name).fields:
            if column.personal:
                values = () if column.identifier else frame[column.name].dropna().unique()  # a customer's number is not a name
                personal |= set(values)
            elif column.type in ("text", "choices"):
                texts += frame[column.name].dropna().tolist()
    named = {part for value in personal for part in (value, *_people_in(value)) if _names_someone(part)}
    everything, ordinary = _SPACE.sub("", _END.join(texts)), "\n".join([*said(), *places])
    return {value for value in named if not _is_ordinary("".join(value.split()), ordinary, everything)}


def _people_in(value: str) -> list[str]:
    """Return the names in a value that holds several things: 王建国、李芳（经理）."""
    return [part for part in map(str.strip, _SEPARATED.split(value)) if is_name(part)]


def _names_someone(value: str) -> bool:
    """Whether the form of a personal column's value may be a name, a number or an address.

    Examples
    --------
    >>> [_names_someone(value) for value in ("赵一鸣", "甲路5号", "村民", "同上", "城关镇", "客户经理", "12")]
    [True, True, False, False, False, False, False]
    """
    squeezed = "".join(value.split())
    return len(squeezed) >= _SHORTEST_NAME and (is_name(squeezed) or not _NOBODY.fullmatch(squeezed))


def _is_ordinary(value: str, vocabulary: str, everything: str) -> bool:
    """Whether a word is in the contracts or in several texts, and is not shaped like a name or a number."""
    if is_name(value) or (len(value) > _MOST_SIGNS and _DIGIT.search(value)):
        return False
    return plain(value) in vocabulary or (
        everything.count(value) >= _SEVERAL and sum(value in text for text in everything.split(_END)) >= _SEVERAL
    )


def mask(texts: pd.Series, names: set[str]) -> pd.Series:
    """Mask phone numbers, ID numbers, addresses and names in free text.

    Examples
    --------
    >>> mask(pd.Series(["请联系王女士13800138000", "停电太多"]), {"王小明"}).tolist()
    ['请联系***女士***', '停电太多']
    """
    distinct = texts.dropna().unique().tolist()
    masked = dict(zip(distinct, map(mask_text, mask_names(distinct, names)), strict=True))
    return texts.map(masked, na_action="ignore").astype(texts.dtype)


def mask_names(texts: Sequence[str], names: set[str]) -> list[str]:
    """Mask only known names, in texts whose numbers are not phones."""
    pattern = _name_pattern(texts, names)
    return [pattern.sub(MASK, text) for text in texts] if pattern else list(texts)


def quotable(value: object, column: Column | None = None) -> str:
    """Return what an issue may quote of a cell: no personal value; free text only after masking.

    Examples
    --------
    >>> from ge_analysis.ledgers.contract import contract
    >>> quotable("13800138000"), quotable(13800138000, contract("停电事件")["customers"])
    ('***', '13800138000')
    """
    text = shown(value)
    if column and column.personal:
        return text and _PERSONAL_VALUE
    exact = column and (column.identifier or (column.is_number and not isinstance(value, str)))
    return text if exact else mask_text(text)


def _name_pattern(texts: Iterable[str], names: set[str]) -> re.Pattern[str] | None:
    """Return the pattern of the names that occur in texts, with or without spaces; trying each name in each text is too slow."""
    every = "".join("".join(texts).split())
    occurring = {squeezed for name in names if (squeezed := "".join(name.split())) in every}
    longest_first = sorted(occurring, key=lambda name: (-len(name), name))
    return re.compile("|".join(r"\s*".join(map(re.escape, name)) for name in longest_first)) if occurring else None


def mask_text(text: str) -> str:
    """Mask what looks like personal data in one text.

    Examples
    --------
    >>> mask_text("电话（0358）8221234、138－0013－8000"), mask_text("容量400 kVA，0830—1030停电")
    ('电话***、***', '容量400 kVA，0830—1030停电')
    """
    for pattern, valid in NUMBERS:
        text = _without(
            text,
            [
                found.span("mask" if "mask" in pattern.groupindex else 0)
                for found in _found(pattern, text)
                if not valid or valid(found[0])
            ],
        )
    text = _without(text, people(text.translate(HALF_WIDTH)))
    for pattern in SAID_TO_BE_NAMES:
        text = _without(text, [found.span("mask") for found in _found(pattern, text)])
    return text


def _found(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    return pattern.finditer(text.translate(HALF_WIDTH))


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = text[:start] + MASK + text[end:]
    return text


def _kept_apart(values: pd.Series, masked: pd.Series) -> pd.Series:
    """Add 代号 to a masked identifier, so that two people do not become one."""
    same = masked.eq(values) | values.isna()
    return masked.where(same, masked + _pseudonyms(values.mask(same)))


def _pseudonyms(values: pd.Series) -> pd.Series:
    """Replace each value by 代号 and a number in order of first appearance; this cannot be undone."""
    codes, _ = pd.factorize(values)
    return pd.Series([f"代号{code + 1}" if code >= 0 else None for code in codes], index=values.index, dtype="str")
