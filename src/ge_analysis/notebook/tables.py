"""Printed tables of the long indicator table, as the notebooks show them: Chinese labels, units, the registry's decimals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from ge_analysis.errors import GeError
from ge_analysis.findings import Problem
from ge_analysis.indicators.long_table import all_dimensions
from ge_analysis.language import _
from ge_analysis.ledgers.contract import contract
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.registry import MISSING, indicator, printed, registry, value_codes
from ge_analysis.storage.files import digest_bytes

_CODES = {"item": ("stage", "index_item", "aspect", "cause"), "area": ("area",), "voltage": ("voltage",), "kind": ("kind",)}
_NO_CODE = {"voltage": "不分电压"}  # an index is not a total over voltages


def code_label(dimension: str, code: str) -> str:
    """Return the printed label of a code of one dimension; a text that is not a code is its own label.

    Parameters
    ----------
    dimension : str
        For example "area".
    code : str
        "" for values that are not split by the dimension.

    Examples
    --------
    >>> code_label("area", "urban")
    '城区'
    """
    return labels(dimension).get(code, code) or _NO_CODE.get(dimension, "合计")


def labels(dimension: str) -> dict[str, str]:
    """Return the codes of a dimension and their labels, in the registry's order."""
    codes = registry().codes
    return {code: text for name in _CODES.get(dimension, ()) for code, text in codes[name].items()}


def _ordered(dimension: str, codes: Iterable[str]) -> list[str]:
    """Return the distinct codes in the registry's order; unknown ones follow in the given order."""
    ranks = {code: rank for rank, code in enumerate(["", *labels(dimension)])}
    return sorted(dict.fromkeys(codes), key=lambda code: ranks.get(code, len(ranks)))


def overview(indicators: pd.DataFrame, names: list[str], across: str, **dims: str) -> pd.DataFrame:
    """Tabulate indicators by the codes of one dimension.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table of one county, or of the city.
    names : list of str
        Indicators, one printed row each, in this order.
    across : str
        The dimension whose codes are the columns.
    **dims : str
        Fixed codes of other dimensions; those not given must be empty.

    Returns
    -------
    DataFrame of str, shape (len(names), number of codes)
        As printed, in the units of the row labels; "—" for missing values.

    Raises
    ------
    GeError
        For an unknown indicator or dimension, or if several values would share a cell.

    Examples
    --------
    >>> keys = {"county": "linxian", "indicator": "saifi", "voltage": "", "kind": "", "item": "", "by": "", "group": ""}
    >>> long = pd.DataFrame([keys | {"area": "rural", "value": 9.81}, keys | {"area": "urban", "value": 5.6}])
    >>> overview(long, ["saifi"], across="area").to_dict("index")
    {'系统平均停电次数（次/户）': {'农村': '9.81', '城区': '5.60'}}
    """
    titles = [indicator(name).title for name in names]
    rows = _selected(indicators, names, across, dims)
    codes = _ordered(across, rows[across])
    table = _wide(rows, ["indicator"], [across]).reindex(index=names, columns=codes)
    table.index = pd.Index(titles)
    table.columns = pd.Index([code_label(across, code) for code in codes])
    return table.fillna(MISSING)


def _selected(indicators: pd.DataFrame, names: list[str], across: str, dims: Mapping[str, str]) -> pd.DataFrame:
    """Return the rows of the indicators with any code of one dimension and the given codes of the others."""
    fixed = all_dimensions({across: ""})
    for name in names:
        fixed |= value_codes(name, dims, part=True)
    if not any(across in registry().keys_of[name].dimensions for name in names):
        raise GeError(_("{names}: not split by {across}", names=", ".join(names), across=across), _("take another dimension"))
    rows = indicators[indicators["indicator"].isin(names)]
    for name in fixed.keys() - {across}:
        rows = rows[rows[name] == fixed[name]]
    return rows


def _wide(rows: pd.DataFrame, down: list[str], across: list[str]) -> pd.DataFrame:
    """Pivot the printed values: some keys in the rows, others in the columns."""
    twice = rows.loc[rows.duplicated([*down, *across]), "indicator"]
    if len(twice):
        raise GeError(
            _("several values of {indicator} for one {across}", indicator=twice.iloc[0], across=across[-1]),
            _("take the rows of one county, or of the city"),
        )
    texts = [printed(name, value) for name, value in zip(rows["indicator"].tolist(), rows["value"].tolist(), strict=True)]
    return rows.assign(text=texts).pivot(index=down, columns=across, values="text")


def ledgers(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Count the rows of each canonical table and the workbooks that they came from.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical tables by name.

    Returns
    -------
    DataFrame, shape (len(tables), 2)
        Columns 行数 and 工作簿, index the sheets' Chinese names.
    """
    lines = {
        contract(name).sheet: (len(table), "、".join(sorted(table["source_file"].unique()))) for name, table in tables.items()
    }
    return pd.DataFrame.from_dict(lines, orient="index", columns=["行数", "工作簿"])


def counties(indicators: pd.DataFrame, params: Params, names: list[str], across: str) -> pd.DataFrame:
    """Tabulate indicators of all counties, one row per county in administrative order, as `overview` does for one.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table of several counties.
    params : Params
        The counties; those without results get a row of "—".
    names : list of str
        Indicators; with the codes of `across` they are the columns.
    across : str
        A dimension.

    Returns
    -------
    DataFrame of str, shape (number of counties, columns)
        The columns in the order of `names`, then of the codes; codes without any value are left out.

    Raises
    ------
    GeError
        As in `overview`.
    """
    titles = {name: indicator(name).title for name in names}
    rows = _selected(indicators, names, across, {})
    columns = [(name, code) for name in names for code in _ordered(across, rows.loc[rows["indicator"] == name, across])]
    table = _wide(rows, ["county"], ["indicator", across])
    table = table.reindex(index=[unit.slug for unit in params.counties], columns=pd.MultiIndex.from_tuples(columns))
    table.index = pd.Index([unit.name for unit in params.counties])
    table.columns = pd.MultiIndex.from_tuples((titles[name], code_label(across, code)) for name, code in columns)
    return table.fillna(MISSING)


LONG_HEADS = {
    "county": "县（市、区）",
    "indicator": "指标",
    "area": "区域",
    "voltage": "电压",
    "kind": "类别",
    "item": "项目",
    "by": "分组依据",
    "group": "组",
    "value": "数值",
    "unit": "单位",
    "n": "样本数",
    "numerator": "分子",
    "denominator": "分母",
    "reason": "缺失原因",
    "period": "统计期",
    "method": "方法版本",
}
SOURCE_HEADS = {"county": "县（市、区）", "source_file": "工作簿", "source_sheet": "工作表", "source_row": "行"}


def readable(table: pd.DataFrame, sheet: str = "") -> pd.DataFrame:
    """Return a table for reading, with Chinese headings, units and labels; the given table is unchanged.

    Parameters
    ----------
    table : DataFrame
        The long indicator table, or a canonical table.
    sheet : str, optional
        Chinese name of the canonical table.

    Examples
    --------
    >>> long = pd.DataFrame({"indicator": ["saifi"], "area": ["urban"], "value": [5.6]})
    >>> readable(long).to_dict("records")
    [{'指标': '系统平均停电次数（次/户）', '区域': '城区', '数值': '5.60'}]
    """
    if not sheet:
        return _readable_long(table)
    columns = {column.name: column for column in contract(sheet).fields}
    heads = {name: f"{column.label}（{column.unit}）" if column.unit else column.label for name, column in columns.items()}
    labelled = {name: table[name].replace(column.labels) for name, column in columns.items() if column.labels and name in table}
    return table.assign(**labelled).rename(columns=SOURCE_HEADS | heads)


def _readable_long(table: pd.DataFrame) -> pd.DataFrame:
    values = [printed(name, value) for name, value in zip(table["indicator"], table["value"], strict=True)]
    texts = {name: [code and code_label(name, code) for code in table[name]] for name in _CODES.keys() & {*table}}
    if {"by", "group"} <= {*table}:
        codes = registry().codes
        texts["group"] = [codes.get(by, {}).get(group, group) for by, group in zip(table["by"], table["group"], strict=True)]
    titles = [indicator(name).title for name in table["indicator"]]
    return table.assign(**texts, indicator=titles, value=values).rename(columns=LONG_HEADS)


def indicator_list() -> pd.DataFrame:
    """List the indicators: name, label, unit and description.

    Examples
    --------
    >>> indicator_list().loc["saifi", "单位"]
    '次/户'
    """
    lines = {name: (entry.label, entry.unit, entry.description) for name, entry in registry().indicators.items()}
    return pd.DataFrame.from_dict(lines, orient="index", columns=["指标", "单位", "含义"])


def problems(found: list[Problem]) -> pd.DataFrame:
    """Tabulate the problems found, one row each, numbered from 1.

    Parameters
    ----------
    found : list of Problem
        From `ge_analysis.findings.problems`.

    Returns
    -------
    DataFrame of str, shape (len(found), 5)
    """
    lines = [(each.title, each.text, each.measure, each.responsible, each.due) for each in found]
    return pd.DataFrame(lines, columns=["问题", "情况", "措施", "责任单位", "时限"], index=range(1, len(lines) + 1))


@dataclass(frozen=True)
class Prose:
    """A table for a notebook with left-aligned texts and right-aligned numbers; the same table gives the same bytes.

    Parameters
    ----------
    table : DataFrame
        Numbers and texts; markup in a text is shown literally.
    """

    table: pd.DataFrame

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_html_(self) -> str:
        texts = [at for at, name in enumerate(self.table) if not pd.api.types.is_numeric_dtype(self.table[name])]
        selector = ", ".join(f"td.col{at}, th.col{at}" for at in texts)
        name = digest_bytes("|".join(self.table.columns).encode())[:8]  # pandas would choose a random one
        return (
            self.table.style.set_uuid(name)
            .format(escape="html")
            .set_table_styles([{"selector": selector, "props": "text-align: left"}])
            .to_html()
        )
