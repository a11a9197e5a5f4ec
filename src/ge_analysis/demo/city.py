"""Synthetic city-wide sheets: tariffs, index items, last year's figures, investment, documents."""

from functools import cache

import pandas as pd

from ge_analysis.demo.calibration import Unit, packaged
from ge_analysis.settings.method import FieldName
from ge_analysis.settings.model import Model

PRICES = ["energy_price", "peak_price", "flat_price", "valley_price"]
Row = dict[FieldName, object]


class CitySheets(Model):
    """`city.yml`: rows of the city-wide sheets, and what each further grid adds to the energy prices [yuan/kWh]."""

    tariffs: tuple[Row, ...]
    further_grid_surcharge: float
    investment_plan: tuple[Row, ...]
    policies: tuple[Row, ...]
    b_ready: tuple[Row, ...]


@cache
def city_sheets() -> CitySheets:
    """Return the content of the city-wide sheets; the file is read once."""
    return packaged("city.yml", CitySheets)


def tariffs(units: list[Unit]) -> pd.DataFrame:
    """Return 电价表 of every grid, valid from the first day of the survey window."""
    content, params = city_sheets(), units[0].params
    first = pd.DataFrame(content.tariffs)
    dearer = [number * content.further_grid_surcharge for number in range(len(params.grids))]
    every = pd.concat(
        [
            first.assign(grid=grid.code, **{name: (first[name] + more).round(4) for name in PRICES})
            for grid, more in zip(params.grids, dearer, strict=True)
        ],
        ignore_index=True,
    )
    return every.assign(valid_from=pd.Timestamp(params.year.survey_period.start), tariff_source="合成演示电价")


def index_items(units: list[Unit]) -> pd.DataFrame:
    """Return 指数核查: faults seen by SCADA everywhere, switched by it in the state grid only, no deterrent, tariffs online."""
    rows = [(unit.county.slug, int(not unit.local), "调度自动化系统记录") for unit in units]
    rows.append(("city", 0, "各县（市、区）核查汇总"))
    items = pd.DataFrame(rows, columns=["place", "restoration", "evidence"])
    floor = units[0].params.year.duration_floor_minutes
    return items.assign(monitoring=1, regulator=1, deterrent=0, tariff=1, minimum_outage_minutes=floor)


def b_ready(units: list[Unit]) -> pd.DataFrame:
    """Return B-READY核查; what is left out is answered by the ledgers, or by no one."""
    rows = pd.DataFrame(city_sheets().b_ready)
    return rows.assign(checked_on=pd.Timestamp(units[0].params.year.survey_period.last), answer=rows["answer"].astype("boolean"))


def previous_indicators(units: list[Unit]) -> pd.DataFrame:
    """Return 上年指标: SAIDI before the calibrated cut, SAIFI and customers, by county and for the city."""
    rows = [
        (unit.county.slug, area, target.customers, target.saidi_hours / (1 - target.cut_pct / 100), target.saifi * 1.04)
        for unit in units
        for area, target in unit.calibration.areas.items()
    ]
    by_type = pd.DataFrame(rows, columns=["place", "area", "customers_served", "saidi_hours", "saifi"])
    everywhere = pd.concat([by_type, by_type.assign(place="city")])
    urban = everywhere.query("area != 'rural'").assign(area="urban")
    total = everywhere.assign(area="all")
    pooled = pd.concat([everywhere, urban, total])
    for rate in ("saidi_hours", "saifi"):
        pooled[rate] *= pooled["customers_served"]
    pooled = pooled.groupby(["place", "area"], sort=False).sum()
    for rate in ("saidi_hours", "saifi"):
        pooled[rate] = (pooled[rate] / pooled["customers_served"]).round(4)
    pooled["customers_served"] = (pooled["customers_served"] / 1.02).round()
    long = pd.Series(pooled.rename_axis(columns="indicator").stack(), name="value").reset_index()
    return long.assign(value_source="合成演示的上年公布值")


def investment_plan(units: list[Unit]) -> pd.DataFrame:
    """Return 投资计划 (method 8) of the grids that the study has."""
    plan = pd.DataFrame(city_sheets().investment_plan)
    return plan[plan["grid"].isna() | plan["grid"].isin([grid.code for grid in units[0].params.grids])]


def policies(units: list[Unit]) -> pd.DataFrame:
    """Return 政策文件."""
    return pd.DataFrame(city_sheets().policies).astype({"issued": "datetime64[us]"})
