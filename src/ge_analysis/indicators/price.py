"""Price: the bill of a standard month, and the resale price code (method 5). Observed only; not part of any score."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from ge_analysis.indicators.arrays import Numbers, Values, as_floats, elementwise, without_noise
from ge_analysis.indicators.periods import moments
from ge_analysis.settings.method import PriceParams, ResaleLimits
from ge_analysis.settings.parameters import standard


class MonthlyBill(NamedTuple):
    """Components of a bill [yuan]: peak, flat and valley are parts of energy; total and price per kWh [yuan/kWh] come last."""

    energy: Numbers
    peak: Numbers
    flat: Numbers
    valley: Numbers
    funds: Numbers
    capacity: Numbers
    total: Numbers
    per_kwh: Numbers


def monthly_bill(
    tariff: Mapping[str, Numbers] | pd.Series | pd.DataFrame,
    kwh: float,
    kva: float,
    kw: float | None = None,
    *,
    method: PriceParams | None = None,
) -> MonthlyBill:
    """Return the bill of one month by its components.

    energy = kWh · price, or Σ kWh · price over peak, flat and valley if the tariff has all three;
    funds = kWh · funds price;  capacity = the cheaper of kVA · capacity price and kW · demand price

    Parameters
    ----------
    tariff : mapping, Series or DataFrame
        energy_price and, if the tariff has them, funds_price, peak_price, flat_price, valley_price [yuan/kWh],
        capacity_price [yuan/kVA·month], demand_price [yuan/kW·month]; one tariff, or one per row.
    kwh : float
        Energy of the month [kWh].
    kva : float
        Capacity of the connection [kVA].
    kw : float, optional
        Highest demand [kW]; by default kva at a power factor of 1.
    method : PriceParams, optional
        Hours of use and of the time-of-use periods; those of `params/<year>/method/price.yml` if omitted.

    Returns
    -------
    MonthlyBill of float or Series
        [yuan], per_kwh [yuan/kWh]; peak, flat and valley are NaN if the tariff has no time of use; other missing
        components are 0; a missing energy price makes energy and total NaN.

    References
    ----------
    Method 5; standard case 120 960 kWh.

    Examples
    --------
    >>> bill = monthly_bill({"energy_price": 0.5, "funds_price": 0.03, "capacity_price": 24, "demand_price": 36}, 120_960, 504)
    >>> round(bill.energy), round(bill.funds, 1), round(bill.capacity), round(bill.total, 1)
    (60480, 3628.8, 12096, 76204.8)
    """
    method = method or standard().price
    names = ("energy_price", "peak_price", "flat_price", "valley_price", "funds_price", "capacity_price", "demand_price")
    tariff = tariff.reindex(columns=names) if isinstance(tariff, pd.DataFrame) else tariff
    prices = [tariff.get(name, np.nan) for name in names]
    shares = time_of_use_shares(method)
    peak, flat, valley = (_product(price, kwh * share) for price, share in zip(prices[1:4], shares, strict=True))
    energy = _energy(_product(prices[0], kwh), peak, flat, valley)
    funds = _or_zero(_product(prices[4], kwh))
    capacity = _or_zero(_cheaper(_product(prices[5], kva), _product(prices[6], kva if kw is None else kw)))
    total = energy + funds + capacity
    return MonthlyBill(energy, peak, flat, valley, funds, capacity, total, total / kwh if kwh > 0 else total * np.nan)


@elementwise
def _product(price: Values, amount: Values) -> Numbers:
    return price * amount


@elementwise
def _energy(single: Values, peak: Values, flat: Values, valley: Values) -> Numbers:
    split = peak + flat + valley
    return np.where(np.isnan(split), single, split)


@elementwise
def _cheaper(one: Values, other: Values) -> Numbers:
    return np.fmin(one, other)


@elementwise
def _or_zero(amount: Values) -> Numbers:
    return np.where(np.isnan(amount), 0, amount)


def tariffs_in_force(tariffs: pd.DataFrame, day: date | str) -> pd.DataFrame:
    """Return the tariff of each grid, category and voltage in force on a day: the latest one valid by then.

    Parameters
    ----------
    tariffs : DataFrame, shape (n, ...)
        Columns grid, category, tariff_voltage and valid_from (date).
    day : date, timestamp or text
        The day itself counts.

    Returns
    -------
    DataFrame
        The rows in force, in their order; of two from the same day, the later row.

    References
    ----------
    Method 5.

    Examples
    --------
    >>> tariffs = pd.DataFrame({"grid": "state", "category": "business", "tariff_voltage": "10kV",
    ...                         "valid_from": ["2019-07-01", "2020-12-01", "2022-01-01"]})
    >>> tariffs_in_force(tariffs, "2021-11-30")["valid_from"].tolist()
    ['2020-12-01']
    """
    since = moments(tariffs["valid_from"]).reset_index(drop=True)
    begun = since[since <= pd.Timestamp(day)].sort_values(kind="stable").index
    latest = tariffs.iloc[begun].assign(row=begun).drop_duplicates(["grid", "category", "tariff_voltage"], keep="last")
    return tariffs.iloc[sorted(latest["row"])]


def time_of_use_shares(method: PriceParams) -> tuple[float, float, float]:
    """Return the shares of peak, flat and valley in the standard hours of use.

    Parameters
    ----------
    method : PriceParams
        The hours of use and the province's peak and valley hours (`params/<year>/method/price.yml`).

    Returns
    -------
    tuple of float
        Peak, flat, valley [0–1]; together 1.

    References
    ----------
    Method 5.

    Examples
    --------
    >>> time_of_use_shares(standard().price)         # 9 to 17 o'clock: peak until 11, then flat
    (0.25, 0.75, 0.0)
    """
    used = (method.case.from_hour, method.case.to_hour)
    peak, valley = (_overlap(used, method.time_of_use[name]) / (used[1] - used[0]) for name in ("peak", "valley"))
    return peak, 1 - peak - valley, valley


def _overlap(used: tuple[float, float], spans: Iterable[tuple[float, float]]) -> float:
    return sum(max(0.0, min(used[1], end) - max(used[0], start)) for start, end in spans)


def resale_code(
    price: Values, base_price: Values, catalogue_price: Values, catalogue_cut: Values, *, method: ResaleLimits | None = None
) -> Numbers:
    """Return the colour of a resale price.

    pass-through = (price of last December − price now) / cut of the catalogue price over the same span

    Parameters
    ----------
    price, base_price : float or array-like
        Price that the resale entity charges now, and charged last December [yuan/kWh].
    catalogue_price, catalogue_cut : float or array-like
        Catalogue price now, and its cut since last December [yuan/kWh].
    method : ResaleLimits, optional
        Limits of the colours; those of `params/<year>/method/price.yml` if omitted.

    Returns
    -------
    str, array or Series
        "green" (full), "yellow" (part) or "red" (little or no pass-through); always red if the markup over the catalogue
        price exceeds its limit; None if a price is missing, or there was no cut to pass through and the markup is within
        its limit.

    References
    ----------
    Method 5.

    Examples
    --------
    >>> resale_code([0.60, 0.65, 0.69, 0.9], 0.70, 0.60, 0.10).tolist()      # 100 %, 50 %, 10 %, and a markup of half
    ['green', 'yellow', 'red', 'red']
    """
    return _code(price, base_price, catalogue_price, catalogue_cut, limits=method or standard().price.resale)


@elementwise
def _code(price: Values, base_price: Values, catalogue_price: Values, catalogue_cut: Values, *, limits: ResaleLimits) -> Numbers:
    passed = without_noise((base_price - price) / np.where(catalogue_cut > 0, catalogue_cut, np.nan))
    markup = without_noise(price / np.where(catalogue_price > 0, catalogue_price, np.nan) - 1)
    known = (price > 0) & ~np.isnan(markup)
    cases = [
        known & (markup > limits.markup_limit),
        known & (passed >= limits.green_from),
        known & (passed >= limits.yellow_from),
        known & (passed < limits.yellow_from),
    ]
    return np.select(cases, np.array(["red", "green", "yellow", "red"], dtype=object), default=None)  # type: ignore[call-overload]  # numpy takes any default


def resale_calendar(resale: pd.DataFrame, *, method: ResaleLimits | None = None) -> pd.DataFrame:
    """Return the colour of each entity and month, and whether it is to be checked on site.

    Parameters
    ----------
    resale : DataFrame, shape (n, ...)
        Columns entity, month (first day), price, base_price, catalogue_price, catalogue_cut [yuan/kWh]; more columns that
        distinguish entities (county) are allowed.
    method : ResaleLimits, optional
        Limits and numbers of consecutive months; those of `params/<year>/method/price.yml` if omitted.

    Returns
    -------
    DataFrame, shape (n, ...), in the rows' order
        The columns of `resale` with code and check (True from the second consecutive month of red, or the third of yellow).

    References
    ----------
    Method 5.

    Examples
    --------
    >>> months = pd.date_range("2021-01-01", periods=3, freq="MS")
    >>> resale = pd.DataFrame({"entity": "a", "month": months, "price": [0.69, 0.69, 0.6], "base_price": 0.7,
    ...                        "catalogue_price": 0.6, "catalogue_cut": 0.1})
    >>> resale_calendar(resale)[["code", "check"]].values.tolist()
    [['red', False], ['red', True], ['green', False]]
    """
    limits = method or standard().price.resale
    prices = [as_floats(resale[name]) for name in ("price", "base_price", "catalogue_price", "catalogue_cut")]
    code = resale_code(*prices, method=limits)
    whose = [pd.factorize(resale[name])[0] for name in ("county", "entity") if name in resale]
    months = moments(resale["month"])
    number = (months.dt.year * 12 + months.dt.month).to_numpy(dtype=float)
    order = np.lexsort([number, *whose[::-1]])
    ordered = pd.DataFrame({"code": code, **{f"whose {number}": codes for number, codes in enumerate(whose)}}).iloc[order]
    goes_on = (ordered == ordered.shift()).all(axis=1) & (np.diff(number[order], prepend=np.nan) == 1)
    running = goes_on.groupby((~goes_on).cumsum()).cumsum() + 1
    needed = ordered["code"].map({"red": limits.red_months, "yellow": limits.yellow_months}).astype(float)
    return resale.assign(code=code, check=(running >= needed).sort_index().to_numpy())
