"""Bills of the standard month, and resale prices (method 5)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ge_analysis.indicators.periods import inside
from ge_analysis.indicators.price import monthly_bill, resale_calendar, tariffs_in_force
from ge_analysis.indicators.results import Tally
from ge_analysis.settings.parameters import Params

PRICES = ("energy", "peak", "flat", "valley", "funds")
COMPONENTS = ("energy", "peak", "flat", "valley", "funds", "capacity")
CODES = ("green", "yellow", "red")


def resale(tables: Mapping[str, pd.DataFrame], params: Params, county: str) -> Tally:
    """Count the resale entities of each colour and month, and those to be checked on site.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical table resale.
    params : Params
        Survey period and the limits of the colours.
    county : str
        Slug, or "city".
    """
    tally = Tally(tables, county, params.year.survey_period)
    calendar = resale_calendar(tables["resale"], method=params.method.price.resale)
    within = inside(calendar["month"], tally.period).to_numpy()
    for month in sorted(calendar.loc[within, "month"].dt.strftime("%Y-%m").unique()):
        of_month = within & (calendar["month"].dt.strftime("%Y-%m") == month).to_numpy(dtype=bool)
        for code in CODES:
            tally.add(
                "resale_entities",
                "resale",
                of_month & (calendar["code"] == code).to_numpy(dtype=bool),
                1,
                item=code,
                by="month",
                group=month,
            )
    calendar = calendar.reset_index(drop=True)
    checked = calendar[within & calendar["check"].to_numpy(dtype=bool)].sort_values("month", kind="stable")
    first = calendar.index.isin(checked.drop_duplicates(["county", "entity"]).index)
    tally.add("resale_checks", "resale", first, 1)
    if not within.any():
        tally.note("resale_checks", np.nan, 0, "no resale price recorded in the period")
    return tally


def bills(tables: Mapping[str, pd.DataFrame], params: Params) -> Tally:
    """Count the tariff in force of each grid, category and voltage, and the bill of the standard month under it.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The city's canonical table tariffs.
    params : Params
        The standard month, and the day of the report, on which the tariff must be in force.
    """
    tally = Tally(tables, "city", params.year.survey_period)
    case, tariffs = params.method.price.case, tables["tariffs"]
    in_force = tariffs_in_force(tariffs, params.year.report_date)
    bills_of = monthly_bill(in_force, case.kwh, case.kw, case.kw, method=params.method.price)
    amounts = pd.DataFrame(bills_of._asdict())
    for row, grid, category, voltage in in_force[["grid", "category", "tariff_voltage"]].itertuples():
        rows, bill = tariffs.index == row, amounts.loc[row]
        dims = {"by": "grid", "group": grid, "kind": category, "voltage": voltage}
        _prices(tally, rows, dims)
        for component in COMPONENTS:
            if not np.isnan(bill[component]):
                tally.add("bill_yuan", "tariffs", rows, bill[component], item=component, **dims)
        tally.add("bill_yuan", "tariffs", rows, bill["total"], **dims)
        tally.add("bill_yuan_per_kwh", "tariffs", rows, bill["total"], case.kwh, **dims)
    return tally


def _prices(tally: Tally, rows: np.ndarray, dims: Mapping[str, str]) -> None:
    """Note the prices of one tariff; missing ones are left out."""
    tariffs = tally.tables["tariffs"]
    values = [("tariff_yuan_per_kwh", f"{item}_price", {"item": item}) for item in PRICES]
    values += [("tariff_yuan_per_kva_month", "capacity_price", {}), ("tariff_yuan_per_kw_month", "demand_price", {})]
    for indicator, column, item in values:
        price = tariffs[column].to_numpy(dtype=float)
        if not np.isnan(price[rows]).any():
            tally.add(indicator, "tariffs", rows, price, **item, **dims)


def investment(tables: Mapping[str, pd.DataFrame], params: Params) -> Tally:
    """Count the money of each programme, funding and grid, in total and by year.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The city's canonical table investment_plan; money without a grid is the city's.
    params : Params
        Survey period.
    """
    tally = Tally(tables, "city", params.year.survey_period)
    plan = tables["investment_plan"]
    amounts, grids = plan["amount_wan_yuan"].to_numpy(dtype=float), plan["grid"].fillna("city")
    years = plan["plan_year"].astype("Int64").astype("str").where(plan["plan_year"].notna(), "")
    for programme, funding in plan[["programme", "funding"]].drop_duplicates().itertuples(index=False):
        of_both = ((plan["programme"] == programme) & (plan["funding"] == funding)).to_numpy(dtype=bool)
        for grid in [*grids[of_both].unique(), "all"]:
            members = of_both & ((grids == grid).to_numpy(dtype=bool) | (grid == "all"))
            dims = {"item": programme, "kind": funding, "area": grid}
            tally.add("investment_wan_yuan", "investment_plan", members, amounts, **dims)
            for year in sorted(set(years[members]) - {""}):
                of_year = members & (years == year).to_numpy(dtype=bool)
                tally.add("investment_wan_yuan", "investment_plan", of_year, amounts, by="plan_year", group=year, **dims)
    return tally
