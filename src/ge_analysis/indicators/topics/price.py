"""Bills of the standard month, and resale prices (method 5)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ge_analysis.indicators.periods import inside
from ge_analysis.indicators.price import monthly_bill, resale_calendar, tariffs_in_force
from ge_analysis.indicators.results import Tally
from ge_analysis.settings.parameters import Params

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
    """Count the bill of the standard month for each grid, category and voltage, from the tariff in force.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The city's canonical table tariffs.
    params : Params
        The standard month, and the day of the report on which the tariff is in force.
    """
    tally = Tally(tables, "city", params.year.survey_period)
    case, tariffs = params.method.price.case, tables["tariffs"]
    in_force = tariffs_in_force(tariffs, params.year.report_date)
    bills_of = monthly_bill(in_force, case.kwh, case.kw, case.kw, method=params.method.price)
    amounts = pd.DataFrame(bills_of._asdict())
    for row, grid, category, voltage in in_force[["grid", "category", "tariff_voltage"]].itertuples():
        rows, bill = tariffs.index == row, amounts.loc[row]
        dims = {"by": "grid", "group": grid, "kind": category, "voltage": voltage}
        for component in COMPONENTS:
            if not np.isnan(bill[component]):
                tally.add("bill_yuan", "tariffs", rows, bill[component], item=component, **dims)
        tally.add("bill_yuan", "tariffs", rows, bill["total"], **dims)
        tally.add("bill_yuan_per_kwh", "tariffs", rows, bill["total"], case.kwh, **dims)
    return tally
