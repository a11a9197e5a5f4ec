"""Personal data stops here: personal columns are dropped or replaced, and free text is masked, before a table is written."""

import re
from collections.abc import Iterable, Sequence

import pandas as pd

from ge_analysis.ledgers.cells import shown
from ge_analysis.ledgers.contract import Column, Contract
from ge_analysis.ledgers.patterns import HALF_WIDTH, PATTERNS

MASK = "***"
_PERSONAL_VALUE = "（个人信息，不显示）"
# Identifiers that a sender may fill with a person or a phone; those of feeders, events and cases only name things.
_MAY_BE_A_PERSON = {"entity", "site", "policy_number"}
_SHORTEST_NAME = 2
_ORDINARY = frozenset(
    [
        "同上",
        "同前",
        "不详",
        "未知",
        "未填",
        "匿名",
        "暂无",
        "没有",
        "本人",
        "其他",
        "其它",
        "保密",
        "拒答",
        "无名",
        "农村",
        "城区",
        "城镇",
        "乡村",
        "县城",
        "市区",
        "郊区",
        "乡镇",
        "城关",
        "全市",
        "全县",
        "居民",
        "用户",
        "客户",
        "个体",
        "村民",
        "农户",
        "商户",
        "住户",
        "业主",
        "企业",
        "工商业",
        "工业",
        "商业",
        "农业",
        "学校",
        "医院",
        "小区",
        "村委会",
        "居委会",
        "政府",
        "单位",
        "公司",
        "工厂",
        "某厂",
        "商店",
        "超市",
        "饭店",
        "门市",
        "供电所",
        "供电公司",
        "营业厅",
        "经理",
        "客户经理",
        "项目经理",
        "负责人",
        "联系人",
        "先生",
        "女士",
        "师傅",
        "主任",
        "低压",
        "高压",
        "停电",
        "电话",
        "手机",
        "地址",
        "增容",
        "新装",
        "变更",
        "计划",
        "故障",
        "施工",
        "检修",
        "线路",
        "变压器",
    ]
)
_PLACE_OR_KIND = re.compile(r"某.{1,3}|[^路街巷村]{1,4}[市县区镇乡]|\d{1,6}|[\W_]+|.*供电(?:所|公司)")


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
        elif not column.personal and column.type in ("text", "choices") and _is_free(column):
            changed[column.name] = mask(frame[column.name], names)
    kept = frame.drop(columns=[column.name for column in contract.fields if column.personal == "drop"])
    return kept.assign(**changed)


def _is_free(column: Column) -> bool:
    """Whether a sender may write a person into a column."""
    return not column.identifier or column.name in _MAY_BE_A_PERSON


def known(frame: pd.DataFrame, contract: Contract) -> set[str]:
    """Return the personal values of a table, for masking them in free text; numbers of customers are no names."""
    columns = [column.name for column in contract.fields if column.personal and not column.identifier]
    return {value for name in columns for value in frame[name].dropna().unique() if _names_someone(value)}


def _names_someone(value: str) -> bool:
    """Whether a personal column's value is a name, a number or an address: no blank, no kind of place or customer."""
    squeezed = "".join(value.split())
    return len(squeezed) >= _SHORTEST_NAME and squeezed not in _ORDINARY and not _PLACE_OR_KIND.fullmatch(squeezed)


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
    """Mask known names alone, for texts in which a number is no phone."""
    pattern = _name_pattern(texts, names)
    return [pattern.sub(MASK, text) for text in texts] if pattern else list(texts)


def quotable(value: object, column: Column | None = None) -> str:
    """Return what an issue may repeat of a cell: no personal value; of free text, what is left of it masked.

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
    """Return the pattern of the names that occur in texts, with or without spaces; trying all in each text is too slow."""
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
    for pattern, valid in PATTERNS:
        for found in reversed([*pattern.finditer(text.translate(HALF_WIDTH))]):
            if not valid or valid(found[0]):
                start, end = found.span("mask" if "mask" in pattern.groupindex else 0)
                text = text[:start] + MASK + text[end:]
    return text


def _pseudonyms(values: pd.Series) -> pd.Series:
    """Replace each value by 代号 and a number in the order of first appearance; no one can go back from it."""
    codes, _ = pd.factorize(values)
    return pd.Series([f"代号{code + 1}" if code >= 0 else None for code in codes], index=values.index, dtype="str")
