"""Personal data stops here: personal columns are dropped or replaced, and free text is masked, before a table is written."""

import re
from collections.abc import Iterable, Sequence

import pandas as pd

from ge_analysis.ledgers.cells import shown
from ge_analysis.ledgers.contract import Column, Contract

MASK = "***"
_PERSONAL_VALUE = "（个人信息，不显示）"
_GAP = "[-. ]{0,3}"
# The digits after 13 to 19 as people group them: 138 0013 8000, 1380013-8000, 1380 013 8000, 138 00 138 000, 138-001-38000.
_MOBILE = "|".join(
    _GAP.join(rf"\d{{{length}}}" for length in lengths)
    for lengths in ((1, 4, 4), (5, 4), (2, 3, 4), (1, 2, 3, 3), (1, 3, 5), (3, 3, 3))
)
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        # ID number (18), in one piece or in groups
        r"(?<![0-9A-Za-z])\d{6}[- ]?(?:19|20)\d{2}[- ]?(?:0[1-9]|1[0-2])[- ]?(?:[0-2]\d|3[01])[- ]?\d{3}[0-9Xx](?![0-9A-Za-z])",
        r"(?<!\d)\d{6}\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}(?!\d)",  # ID number (15)
        rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?1[3-9](?:{_MOBILE})(?!\d)",
        rf"(?<!\d)\(?0\d{{2,3}}\)?{_GAP}\d{{3,4}}{_GAP}\d{{4}}(?!\d)",  # phone with area code
        r"(?<!\d)[48]00-(?:\d{3}-\d{4}|\d{4}-\d{3})(?!\d)",  # hotline
        r"[\w.+-]+@[\w-]+\.[\w.]+",  # e-mail
        r"[\u4e00-\u9fff]{1,10}(?:路|街|巷|村|社区|小区|花园|家园)[\u4e00-\u9fff]{0,6}\d+(?:号|栋|幢|楼|单元|室|组)"
        r"(?:[\d-]*(?:号|栋|幢|楼|单元|层|室))*",  # address
        r"(?<=[名人户者理][:：])[\u4e00-\u9fff]{2,4}",  # 姓名：, 联系人：, 用户：, 受访者：, 经理：
        r"[\u4e00-\u9fff](?=先生|女士|师傅|大爷|大娘|小姐)",
    )
)
_SHORTEST_NAME = 2
# Patterns are looked for in half width, sign by sign, so that places stay the same.
_HALF_WIDTH = {ord("０") + digit: str(digit) for digit in range(10)} | str.maketrans("－—–‐−（）．·　\xa0\t", "-----()..   ")


def protect(frame: pd.DataFrame, contract: Contract, names: set[str]) -> pd.DataFrame:
    """Return a typed table without personal data.

    Parameters
    ----------
    frame : DataFrame
        Typed table of one sheet.
    contract : Contract
        Its contract.
    names : set of str
        Names, phones and addresses known from the personal columns of the place (`known`); masked wherever they occur.

    Returns
    -------
    DataFrame
        Personal columns dropped or replaced by 代号, free text masked.
    """
    changed = {}
    for column in contract.fields:
        if column.personal == "pseudonym":
            changed[column.name] = _pseudonyms(frame[column.name])
        elif column.type in ("text", "choices") and not column.identifier and not column.personal:
            changed[column.name] = mask(frame[column.name], names)
    kept = frame.drop(columns=[column.name for column in contract.fields if column.personal == "drop"])
    return kept.assign(**changed)


def known(frame: pd.DataFrame, contract: Contract) -> set[str]:
    """Return the personal values of a table, for masking them in free text."""
    columns = [column.name for column in contract.fields if column.personal]
    return {value for name in columns for value in frame[name].dropna().unique() if len(value) >= _SHORTEST_NAME}


def mask(texts: pd.Series, names: set[str]) -> pd.Series:
    """Mask phone numbers, ID numbers, addresses and names in free text.

    Examples
    --------
    >>> mask(pd.Series(["请联系王女士13800138000", "停电太多"]), {"王小明"}).tolist()
    ['请联系***女士***', '停电太多']
    """
    distinct = texts.dropna().unique()
    masked = dict(zip(distinct, map(mask_text, mask_names(distinct, names)), strict=True))
    return texts.map(masked, na_action="ignore").astype(texts.dtype)


def mask_names(texts: Sequence[str], names: set[str]) -> list[str]:
    """Mask known names alone, for texts in which a number is no phone."""
    pattern = _name_pattern(texts, names)
    return [pattern.sub(MASK, text) for text in texts] if pattern else list(texts)


def told(value: object, column: Column | None = None) -> str:
    """Return what a finding may repeat of a cell: no personal value; of free text, what is left of it masked.

    Examples
    --------
    >>> from ge_analysis.ledgers.contract import contract
    >>> told("13800138000"), told(13800138000, contract("停电事件")["customers"])
    ('***', '13800138000')
    """
    text = shown(value)
    if column and column.personal:
        return text and _PERSONAL_VALUE
    exact = column and (column.identifier or (column.is_number and not isinstance(value, str)))
    return text if exact else mask_text(text)


def _name_pattern(texts: Iterable[str], names: set[str]) -> re.Pattern | None:
    """Return the pattern of the names that occur in texts, with or without spaces; all names in each text would take too long."""
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
    for pattern in _PATTERNS:
        for found in reversed([*pattern.finditer(text.translate(_HALF_WIDTH))]):
            text = text[: found.start()] + MASK + text[found.end() :]
    return text


def _pseudonyms(values: pd.Series) -> pd.Series:
    """Replace each value by 代号 and a number in the order of first appearance; no one can go back from it."""
    codes, _ = pd.factorize(values)
    return pd.Series([f"代号{code + 1}" if code >= 0 else None for code in codes], index=values.index, dtype="str")
