"""Cost of a connection to the customer, including the cost of a deposit (method 4)."""

import numpy as np
import pandas as pd

from ge_analysis.indicators.arrays import Numbers, Values, as_floats, elementwise
from ge_analysis.settings.method import ConnectionParams
from ge_analysis.settings.parameters import standard


def deposit_cost(
    deposit_yuan: Values,
    lending_rate: Values,
    deposit_rate: Values = 0.0,
    *,
    bond_fee_yuan: Values = None,
    pays_first_bill: bool = False,
    method: ConnectionParams | None = None,
) -> Numbers:
    """Return what a deposit costs the customer.

    D·(1 − 1/(1+r)^5), with r the lending rate less the rate paid on the deposit; 5 × the annual fee if a bond is
    accepted; the lower of the two if both exist; 0 if the deposit pays the first bill.

    Parameters
    ----------
    deposit_yuan : float or array-like
        Deposit D [yuan]; none if missing.
    lending_rate, deposit_rate : float
        Annual rates [1, not %].
    bond_fee_yuan : float or array-like, optional
        Annual fee of a bond instead of the deposit [yuan].
    pays_first_bill : bool
        Whether the deposit is set off against the first bill.
    method : ConnectionParams, optional
        The years; those of `params/<year>/method/connection.yml` if omitted.

    Returns
    -------
    float, array or Series
        Cost [yuan]; 0 where the deposit earns at least the lending rate; NaN where a deposit is held and a rate is
        missing, or the deposit is negative.

    References
    ----------
    Method 4; World Bank, Doing Business 2020.

    Examples
    --------
    >>> round(deposit_cost(10_000, lending_rate=0.05), 2)          # 10 000·(1 − 1/1.05^5)
    2164.74
    >>> deposit_cost(10_000, 0.05, bond_fee_yuan=300)
    1500.0
    """
    years = (method or standard().connection).deposit_years
    return _deposit_cost(deposit_yuan, lending_rate, deposit_rate, bond_fee_yuan, pays_first_bill=pays_first_bill, years=years)


@elementwise
def _deposit_cost(
    deposit: Values, lending_rate: Values, deposit_rate: Values, bond_fee: Values, *, pays_first_bill: bool, years: float
) -> Numbers:
    held = np.where(np.isnan(deposit) | pays_first_bill, 0, deposit)
    lost_share = 1 - 1 / (1 + np.maximum(lending_rate - deposit_rate, 0)) ** years
    lost_interest = np.select([held == 0, held > 0], [0, held * lost_share], default=np.nan)
    return np.where(np.isnan(bond_fee), lost_interest, np.minimum(lost_interest, years * bond_fee))


def case_cost(
    cases: pd.DataFrame,
    income_per_capita: float,
    lending_rate: float,
    deposit_rate: float = 0.0,
    *,
    method: ConnectionParams | None = None,
) -> pd.Series:
    """Return what each case cost the customer, including the interest lost on the deposit.

    Parameters
    ----------
    cases, income_per_capita, lending_rate, deposit_rate, method
        As in `connection_cost`.

    Returns
    -------
    Series of float, shape (n,)
        [% of income per capita]; NaN where the cost is missing or negative, or there is no income.

    References
    ----------
    Method 4.

    Examples
    --------
    >>> case_cost(pd.DataFrame({"customer_cost_yuan": [0, 30_000]}), income_per_capita=20_000, lending_rate=0.0385).tolist()
    [0.0, 150.0]
    """
    method = method or standard().connection
    deposit = cases["deposit_yuan"] if "deposit_yuan" in cases else pd.Series(0.0, index=cases.index)
    paid = pd.Series(as_floats(cases["customer_cost_yuan"]), index=cases.index)
    cost: pd.Series = paid.where(paid >= 0) + deposit_cost(deposit, lending_rate, deposit_rate, method=method)
    return 100 * cost / income_per_capita if income_per_capita > 0 else cost * np.nan


def connection_cost(
    cases: pd.DataFrame,
    income_per_capita: float,
    lending_rate: float,
    deposit_rate: float = 0.0,
    *,
    method: ConnectionParams | None = None,
) -> float:
    """Return the cost of a connection: the median over the cases of all that the customer paid.

    Parameters
    ----------
    cases : DataFrame, shape (n, ...)
        Comparable cases: columns customer_cost_yuan [yuan, without VAT] and, if there are deposits, deposit_yuan [yuan].
    income_per_capita : float
        Annual income per capita of the place [yuan].
    lending_rate, deposit_rate : float
        Annual rates [1, not %]: what the customer could earn, and what the utility pays on the deposit.
    method : ConnectionParams, optional
        The years of the deposit; those of `params/<year>/method/connection.yml` if omitted.

    Returns
    -------
    float
        Cost [% of income per capita]; NaN where there is no case or no income.

    References
    ----------
    Method 4.

    Examples
    --------
    >>> cases = pd.DataFrame({"customer_cost_yuan": [0, 100_000, 200_000]})
    >>> round(connection_cost(cases, income_per_capita=20_000, lending_rate=0.0385), 6)
    500.0
    """
    return float(case_cost(cases, income_per_capita, lending_rate, deposit_rate, method=method).median())
