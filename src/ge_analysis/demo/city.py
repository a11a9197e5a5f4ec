"""Synthetic city-wide sheets: tariffs, index items, last year's figures, investment, documents."""

from typing import Literal

import pandas as pd

from ge_analysis.demo.calibration import Unit
from ge_analysis.settings.method import FieldName
from ge_analysis.settings.model import Model

PRICES = ["energy_price", "peak_price", "flat_price", "valley_price"]
Row = dict[FieldName, object]
PlanRow = dict[FieldName | Literal["grid_number", "years_ahead"], object]


class CitySheets(Model):
    """`city.yml`: rows of the city-wide sheets, and the surcharge of each further grid on the energy prices [yuan/kWh]."""

    tariffs: tuple[Row, ...]
    further_grid_surcharge: float
    investment_plan: tuple[PlanRow, ...]
    policies: tuple[Row, ...]
    actions: tuple[PlanRow, ...] = ()
    b_ready: tuple[Row, ...] = ()


def tariffs(units: list[Unit]) -> pd.DataFrame:
    """Return 电价表 of every grid, valid from the first day of the survey window."""
    content, params = units[0].read("city.yml", CitySheets), units[0].params
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
    """Return 指数核查: SCADA monitoring everywhere, SCADA switching except by hand-operated grids, no deterrent."""
    rows = [(unit.county.slug, int(not unit.by_hand), "调度自动化系统记录") for unit in units]
    rows.append(("city", 0, f"各{units[0].params.county_noun}核查汇总"))
    items = pd.DataFrame(rows, columns=["place", "restoration", "evidence"])
    floor = units[0].params.year.duration_floor_minutes
    return items.assign(monitoring=1, regulator=1, deterrent=0, tariff=1, minimum_outage_minutes=floor)


def b_ready(units: list[Unit]) -> pd.DataFrame:
    """Return B-READY核查; omitted questions are answered by the ledgers, or not at all."""
    rows = pd.DataFrame(units[0].read("city.yml", CitySheets).b_ready, columns=["item", "expert", "answer", "evidence"])
    return rows.assign(checked_on=pd.Timestamp(units[0].params.year.survey_period.last), answer=rows["answer"].astype("boolean"))


def previous_indicators(units: list[Unit], years: int = 2) -> pd.DataFrame:
    """Return 上年指标 of so many years, the study's own included, which is not in it."""
    if years == 2:
        return _published(units)
    last = units[0].params.year.reliability_period.start.year - 1
    tables = [_published(units, back).assign(value_year=last - back) for back in range(years - 1)]
    return pd.concat([each for table in tables for each in (table, _without_major_event_days(table))], ignore_index=True)


def _published(units: list[Unit], back: int = 0) -> pd.DataFrame:
    """Return the values of last year, or of so many years before: SAIDI before the calibrated cut, SAIFI and customers."""
    grown = {unit.county.slug: unit.rng("years").uniform(0.97, 1.13, back).prod() for unit in units}
    rows = [
        (
            unit.county.slug,
            area,
            unit.served(area),
            target.saidi_hours / (1 - target.cut_pct / 100) * grown[unit.county.slug],
            target.saifi * 1.04 * grown[unit.county.slug],
        )
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
    pooled["customers_served"] = (pooled["customers_served"] / 1.02 ** (back + 1)).round()
    long = pd.Series(pooled.rename_axis(columns="indicator").stack(), name="value").reset_index()
    return long.assign(value_source="合成演示的上年公布值")


def _without_major_event_days(published: pd.DataFrame) -> pd.DataFrame:
    """Return what SAIDI and SAIFI would have been without their major event days."""
    rates = published[published["indicator"] != "customers_served"]
    share = rates["indicator"].map({"saidi_hours": 0.91, "saifi": 0.97})
    return rates.assign(value=(rates["value"] * share).round(4), excluded="major_event_days")


def investment_plan(units: list[Unit]) -> pd.DataFrame:
    """Return 投资计划 (method 8) of the grids in the study, for the years after it."""
    plan = pd.DataFrame(_rows(units[0], "investment_plan"))
    grids = dict(enumerate((grid.code for grid in units[0].params.grids), start=1))
    plan = plan[plan["grid_number"].isna() | plan["grid_number"].isin(grids)]
    return plan.assign(grid=plan["grid_number"].map(grids), plan_year=units[0].params.study_year + plan["years_ahead"])


def policies(units: list[Unit]) -> pd.DataFrame:
    """Return 政策文件 issued up to the report's date."""
    documents = pd.DataFrame(_rows(units[0], "policies"))
    issued = pd.Series([pd.Timestamp(day) for day in documents["issued"]], dtype="datetime64[us]")
    return documents.assign(issued=issued)[issued <= pd.Timestamp(units[0].params.year.report_date)]


def actions(units: list[Unit]) -> pd.DataFrame:
    """Return 整改进展; none in a city without."""
    done = pd.DataFrame(_rows(units[0], "actions"), columns=["theme", "action", "grid_number", "done_on", "effect"])
    grids = dict(enumerate((grid.code for grid in units[0].params.grids), start=1))
    return done.assign(grid=done["grid_number"].map(grids), done_on=pd.to_datetime(done["done_on"]))


def _rows(unit: Unit, sheet: str) -> list[Row]:
    """Return the rows of a city-wide sheet with the study's names and years in their texts."""
    study, year = unit.params.study, unit.params.study_year
    names: dict[str, object] = {"city": study.city, "province": study.province, "year": year, "before": year - 1}
    names |= {"first": year + 1, "third": year + 3}
    rows = getattr(unit.read("city.yml", CitySheets), sheet)
    return [{key: cell.format(**names) if isinstance(cell, str) else cell for key, cell in row.items()} for row in rows]
