"""Values of the long indicator table, in the order that the figures need."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ge_analysis.errors import GeError
from ge_analysis.indicators.long_table import all_dimensions, select
from ge_analysis.language import _
from ge_analysis.settings.parameters import Params, place_slugs
from ge_analysis.settings.registry import registry, value_codes


def by_county(indicators: pd.DataFrame, params: Params, indicator: str, **dimensions: str) -> np.ndarray:
    """Return one indicator of every county in administrative order, NaN for a county without a value.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table.
    params : Params
        The counties.
    indicator : str
        Its name in the registry.
    **dimensions : str
        Dimensions of the row (area, voltage, kind, item, by, group); the others are empty.

    Returns
    -------
    ndarray of float, shape (counties,)
        In the indicator's unit.
    """
    found = select(indicators, indicator, **dimensions).set_index("county")["value"]
    return found.reindex([unit.slug for unit in params.counties]).to_numpy(dtype=float)


def by_item(indicators: pd.DataFrame, indicator: str, items: Iterable[str], place: str, **dimensions: str) -> pd.DataFrame:
    """Return the rows of one indicator and place that have a value, one row per item, in the items' order.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table.
    indicator : str
        Its name in the registry.
    items : iterable of str
        Codes of the dimension `item`.
    place : str
        County (slug, Chinese name or code) or `city`.
    **dimensions : str
        The other dimensions of the rows.

    Returns
    -------
    DataFrame
        Columns of the long table, indexed by item.

    Raises
    ------
    GeError
        If the table has no row of the place at all.
    """
    codes = [value_codes(indicator, {**dimensions, "item": item}) for item in items]
    wanted = all_dimensions(codes[0]) | {"indicator": indicator, "county": _known(indicators, place)}
    del wanted["item"]
    rows = indicators[np.logical_and.reduce([(indicators[name] == code).to_numpy() for name, code in wanted.items()])]
    found = rows.dropna(subset=["value"]).set_index("item")
    return found.loc[[code["item"] for code in codes if code["item"] in found.index]]


def by_kind(indicators: pd.DataFrame, indicator: str, place: str, by: str, groups: Iterable[str]) -> pd.DataFrame:
    """Return one indicator of a place by group and kind of outage; missing values are 0.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table.
    indicator : str
        Its name in the registry.
    place : str
        County (slug, Chinese name or code) or `city`.
    by : str
        What the groups are, such as `month`.
    groups : iterable of str
        Their codes, in the desired order.

    Returns
    -------
    DataFrame, indexed by group
        One column per kind.

    Raises
    ------
    GeError
        If the table has no row of the place at all.
    """
    rows = indicators[(indicators["indicator"] == indicator) & (indicators["by"] == by)]
    rows = rows[rows["county"] == _known(indicators, place)]
    table = rows.pivot(index="group", columns="kind", values="value")
    return table.reindex(index=[*groups], columns=[*registry().codes["kind"]]).fillna(0)


def _known(indicators: pd.DataFrame, place: str) -> str:
    """Return the slug of a place in the table."""
    county, known = place_slugs().get(place, place), indicators["county"].unique()
    if county not in known:
        raise GeError(_("no values of '{place}' in the table", place=place), _("it has {known}", known=", ".join(known)))
    return county
