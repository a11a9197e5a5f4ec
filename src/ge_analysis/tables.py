"""Printed tables of the long indicator table, as the notebooks show them: Chinese labels, units, the registry's decimals."""

from collections.abc import Mapping

import pandas as pd

from ge_analysis.findings import Problem
from ge_analysis.indicators.results import DIMENSIONS
from ge_analysis.ledgers.contract import contract
from ge_analysis.params import Params
from ge_analysis.registry import MISSING, printed, registry

_CODES = {"item": ("stage", "index_item", "aspect", "cause"), "area": ("area",), "voltage": ("voltage",), "kind": ("kind",)}


def code_label(dimension: str, code: str) -> str:
    """Return the printed label of a code of one dimension; a text that is no code is its own label.

    Examples
    --------
    >>> code_label("area", "urban")
    '城区'
    """
    codes = registry().codes
    return next((codes[name][code] for name in _CODES.get(dimension, ()) if code in codes.get(name, ())), code or "合计")


def overview(indicators: pd.DataFrame, names: list[str], across: str, **dims: str) -> pd.DataFrame:
    """Lay indicators side by side over the codes of one dimension.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table of one county, or of the city.
    names : list of str
        Indicators, one printed row each, in this order.
    across : str
        The dimension whose codes are the columns.
    **dims : str
        Fixed codes of other dimensions; those not named must be empty.

    Returns
    -------
    DataFrame of str, shape (len(names), number of codes)
        "—" where a value is missing.
    """
    fixed = {name: dims.get(name, "") for name in DIMENSIONS if name != across}
    rows = indicators[indicators["indicator"].isin(names)]
    for name, code in fixed.items():
        rows = rows[rows[name] == code]
    texts = [printed(name, value) for name, value in zip(rows["indicator"], rows["value"], strict=True)]
    codes = rows[across].drop_duplicates()
    table = rows.assign(text=texts).pivot(index="indicator", columns=across, values="text").reindex(index=names, columns=codes)
    table.index = pd.Index([registry().indicators[name].title for name in names])
    table.columns = pd.Index([code_label(across, code) for code in codes])
    return table.fillna(MISSING)


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
    """Lay indicators of all counties side by side, one row a county in administrative order.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table of several counties.
    params : Params
        Names the counties; those without results get a row of "—".
    names : list of str
        Indicators; with the codes of `across` they are the columns.
    across : str
        A dimension.

    Returns
    -------
    DataFrame of str, shape (number of counties, columns)
    """
    lines = {
        unit.name: overview(indicators[indicators["county"] == unit.slug], names, across).stack() for unit in params.counties
    }
    return pd.DataFrame(lines).T.fillna(MISSING)


def problems(found: list[Problem]) -> pd.DataFrame:
    """Lay out what the rules found, one row a problem, numbered from 1.

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
