"""Personal data stops here: personal columns are dropped or replaced, and free text is masked, before a table is written."""

import re
from collections.abc import Iterable

import pandas as pd

from ge_analysis.ledgers.contract import Contract

MASK = "***"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![0-9A-Za-z])\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[0-9Xx](?![0-9A-Za-z])",  # ID number (18)
        r"(?<!\d)\d{6}\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}(?!\d)",  # ID number (15)
        r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)",  # mobile phone
        r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)",  # phone with area code
        r"[\w.+-]+@[\w-]+\.[\w.]+",  # e-mail
        r"[\u4e00-\u9fff]{1,10}(?:路|街|巷|村|社区|小区|花园|家园)[\u4e00-\u9fff]{0,6}\d+(?:号|栋|幢|楼|单元|室|组)"
        r"(?:[\d-]*(?:号|栋|幢|楼|单元|层|室))*",  # address
        r"(?<=[名人户者理][:：])[\u4e00-\u9fff]{2,4}",  # 姓名：, 联系人：, 用户：, 受访者：, 经理：
        r"[\u4e00-\u9fff](?=先生|女士|师傅|大爷|大娘|小姐)",
    )
)
_SHORTEST_NAME = 2


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
    patterns = [*_name_pattern(distinct, names), *_PATTERNS]
    masked = {text: _masked(text, patterns) for text in distinct}
    return texts.map(masked, na_action="ignore").astype(texts.dtype)


def _name_pattern(texts: Iterable[str], names: set[str]) -> list[re.Pattern]:
    """Return the pattern of the names that occur in texts, with or without spaces; all names in each text would take too long."""
    every = "".join("".join(texts).split())
    occurring = {squeezed for name in names if (squeezed := "".join(name.split())) in every}
    longest_first = sorted(occurring, key=lambda name: (-len(name), name))
    return [re.compile("|".join(r"\s*".join(map(re.escape, name)) for name in longest_first))] if occurring else []


def _masked(text: str, patterns: list[re.Pattern]) -> str:
    for pattern in patterns:
        text = pattern.sub(MASK, text)
    return text


def _pseudonyms(values: pd.Series) -> pd.Series:
    """Replace each value by 代号 and a number in the order of first appearance; no one can go back from it."""
    codes, _ = pd.factorize(values)
    return pd.Series([f"代号{code + 1}" if code >= 0 else None for code in codes], index=values.index, dtype="str")
