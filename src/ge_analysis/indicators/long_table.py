"""The long table of indicators: its columns, and how a value is looked up in it."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype, is_string_dtype

from ge_analysis.errors import GeError, unknown
from ge_analysis.language import N_, _
from ge_analysis.settings.keys import DIMENSIONS, KEYS, codes_of
from ge_analysis.settings.parameters import Params, Period, place_slugs
from ge_analysis.settings.places import CITY
from ge_analysis.settings.registry import value_codes

INDICATOR_COLUMNS = [*KEYS, "value", "unit", "n", "numerator", "denominator", "reason", "period", "method"]
NUMBERS = ("value", "n", "numerator", "denominator")


def period_text(period: Period) -> str:
    """Return a period as the long table has it: its first and last day."""
    return f"{period.start}/{period.last}"


def flaw(indicators: pd.DataFrame, place: str, params: Params) -> str:
    """Return why a saved table is not the long table of one place and study year; "" if it is.

    Parameters
    ----------
    indicators : DataFrame
        Read from a file that anyone may have replaced.
    place : str
        County slug, or "city".
    params : Params
        Parameters of the study year.
    """
    for name in INDICATOR_COLUMNS:
        if name not in indicators:
            return f"it has no column {name}"
        if not (is_numeric_dtype if name in NUMBERS else is_string_dtype)(indicators[name]):
            return f"its column {name} is of another type"
    if set(indicators["county"]) != {place}:
        return "it is of another place"
    periods = {period_text(period) for period in (params.year.reliability_period, params.year.survey_period)}
    return "" if set(indicators["period"]) <= periods else "it is of another year"


def all_dimensions(dims: Mapping[str, str]) -> dict[str, str]:
    """Return the code of every dimension, "" for those not given.

    Raises
    ------
    GeError
        For an unknown dimension.

    Examples
    --------
    >>> all_dimensions({"area": "urban"})
    {'area': 'urban', 'voltage': '', 'kind': '', 'item': '', 'by': '', 'group': ''}
    """
    for name in dims:
        if name not in DIMENSIONS:
            raise unknown(N_("dimension"), name, DIMENSIONS)
    return {name: dims.get(name, "") for name in DIMENSIONS}


def select(indicators: pd.DataFrame, indicator: str, **dims: str) -> pd.DataFrame:
    """Return the rows of one indicator with the given dimensions.

    Parameters
    ----------
    indicators : DataFrame
        Long table; the rows of `Results.rows` can be selected by the same keys.
    indicator : str
        Its name in the registry.
    **dims : str
        Dimensions by their codes or labels, and `county` (slug, Chinese name or code, or `city`); all dimensions
        of the indicator must be given; without a county, all counties are selected.

    Returns
    -------
    DataFrame
        With the columns of `indicators`; empty if the table has no such value.

    Raises
    ------
    GeError
        For an unknown indicator, dimension, code or county, or a dimension that is missing.

    Examples
    --------
    >>> keys = {"county": "linxian", "indicator": "saifi", "voltage": "", "kind": "", "item": "", "by": "", "group": ""}
    >>> long = pd.DataFrame([keys | {"area": "urban", "value": 5.6}, keys | {"area": "rural", "value": 9.81}])
    >>> select(long, "saifi", county="linxian", area="rural")["value"].tolist()
    [9.81]
    >>> select(long, "saifi", county="linxian", area="农村")["value"].tolist()
    [9.81]
    """
    county = dims.pop("county", None)
    found = indicators[(indicators["indicator"] == indicator).to_numpy()]
    # items, industries and months that the registry does not list are taken from the table
    own = found[["item", "by", "group"]].drop_duplicates() if {"item", "by"} & dims.keys() else found.iloc[:0]
    known = codes_of(zip(*(own[name].astype("str") for name in own), strict=True)) if len(own) else {}
    wanted = all_dimensions(value_codes(indicator, dims, known))
    if county is not None:
        wanted["county"] = _slug(indicators, county)
    return found[np.logical_and.reduce([found[name].to_numpy() == code for name, code in wanted.items()])]


def _slug(indicators: pd.DataFrame, county: str) -> str:
    """Return the slug of a place that is given by slug, Chinese name or code."""
    if county == CITY or (indicators["county"] == county).any():
        return county
    names = place_slugs() | {slug: slug for slug in indicators["county"].unique()}
    if county not in names:
        raise unknown(N_("county"), county, names)
    return str(names[county])


def positions(frame: pd.DataFrame, keys: Sequence[tuple[str, ...]]) -> Iterator[tuple[tuple[str, ...], np.ndarray]]:
    """Yield each of some keys (the values of `KEYS`) that a table has rows of, and the positions of these."""
    if not keys or frame.empty:
        return
    codes, wanted = np.zeros(len(frame), dtype=np.int64), np.zeros(len(keys), dtype=np.int64)
    known = np.ones(len(keys), dtype=bool)
    for at, column in enumerate(KEYS):
        texts = frame[column].astype("category").cat
        found = texts.categories.get_indexer(pd.Index([key[at] for key in keys]))
        known &= found >= 0
        codes *= len(texts.categories)
        codes += texts.codes.to_numpy()
        wanted = wanted * len(texts.categories) + found
    # Rows of one key mostly follow each other: there are far fewer runs to sort than rows.
    starts = np.append(0, 1 + np.flatnonzero(codes[1:] != codes[:-1]))
    ends, codes = np.append(starts[1:], len(codes)), codes[starts]
    order = np.argsort(codes, kind="stable")
    lows, highs = (np.searchsorted(codes[order], wanted, side=side) for side in ("left", "right"))
    for key, here, low, high in zip(keys, known, lows, highs, strict=True):
        if here and high > low:
            yield key, np.concatenate([np.arange(starts[run], ends[run]) for run in order[low:high]])


def value(indicators: pd.DataFrame, indicator: str, **dims: str) -> float:
    """Return one value.

    Parameters
    ----------
    indicators : DataFrame
        Long table.
    indicator : str
        Its name in the registry.
    **dims : str
        As in `select`.

    Returns
    -------
    float
        In the unit of the registry; NaN if missing.

    Raises
    ------
    GeError
        As in `select`, or if there is not exactly one row.

    Examples
    --------
    >>> keys = {"county": "linxian", "indicator": "saifi", "voltage": "", "kind": "", "item": "", "by": "", "group": ""}
    >>> value(pd.DataFrame([keys | {"area": "urban", "value": 5.6}]), "saifi", county="linxian", area="urban")
    5.6
    """
    found = select(indicators, indicator, **dims)
    if len(found) != 1:
        asked = ", ".join(f"{name}={code}" for name, code in dims.items()) or _("no dimension named")
        raise GeError(
            _("{number} values of {indicator} ({asked})", number=len(found), indicator=indicator, asked=asked),
            _("name the county, or take the rows of one"),
        )
    return float(found["value"].iloc[0])


def pooled_pct(rows: pd.DataFrame) -> float:
    """Return a share of several counties together [%], from numerators and denominators; NaN if there is nothing to count.

    Examples
    --------
    >>> pooled_pct(pd.DataFrame({"numerator": [30, 20], "denominator": [100, 400]}))
    10.0
    """
    whole = rows["denominator"].sum()
    return float(100 * rows["numerator"].sum() / whole) if whole else float("nan")
