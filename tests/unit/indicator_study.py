"""A study of two counties whose ledgers are small enough to be worked by hand."""

from pathlib import Path

import numpy as np
import pandas as pd

from ge_analysis.indicators.city import city_results
from ge_analysis.indicators.county import county_results
from ge_analysis.settings import parameters as params

PARAMS = params.load(Path(__file__).parents[2], 2021)
ASPECTS = list(PARAMS.method.survey.aspects)


def sheet(columns: str, *rows: tuple, county: str = "lishi", **types: str) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=columns.split()).astype(types)
    if "event_id" in table and "feeder" not in table:
        table["feeder"] = "甲线"
    return table.assign(county=county, source_file=f"{county}.xlsx", source_sheet="s", source_row=range(2, len(table) + 2))


def ledgers(county: str, town: int, rural: int, fault_hours: int) -> dict[str, pd.DataFrame]:
    """A few rows of every sheet."""
    day = pd.Timestamp("2020-07-01 08:00")
    hours = pd.Timedelta(hours=1)
    outages = sheet(
        "event_id feeder area_type kind cause started restored customers external announced_at notice",
        (
            "a",
            "甲线",
            "town",
            "scheduled",
            "planned_maintenance",
            day,
            day + 2 * hours,
            10,
            False,
            day - 30 * hours,
            "短信、张贴",
        ),
        ("b", "乙线", "rural", "fault", "natural", day, day + fault_hours * hours, 20, True, pd.NaT, None),
        # exactly 3 minutes: does not count as an interruption, but was scheduled and announced late
        ("c", "乙线", "rural", "scheduled", "planned_maintenance", day, day + hours / 20, 500, False, day - 10 * hours, "微信"),
        county=county,
        external="boolean",
        notice="str",
    ).assign(feeder="北关线")
    survey = pd.DataFrame(
        {
            "respondent_class": ["business"] * 5,
            "meter_type": ["card"] * 5,
            "industry": ["采矿业"] * 4 + ["建筑业"],
            "urban_rural": ["urban"] * 5,
            **{aspect: pd.array([5, 4, 4, 2, None], dtype="Int64") for aspect in ASPECTS},
            "payment": pd.array([5, 4, 4, 2, 5], dtype="Int64"),
            "outages_per_month": [1.0, 0, 2, 1, 1],
            "typical_outage_hours": [1.0, np.nan, 2, 3, 2],
            "generator": pd.array([True, False, False, False, None], dtype="boolean"),
            "demands": ["更换智能电表", "更换智能电表；电价变动提前告知", None, None, None],
            "comments": [None, None, "停电前请通知", None, None],
        }
    )
    tickets = sheet(
        "ticket_kind received arrived call_back_done record_mode",
        ("complaint", day, day + hours / 4, True, "system"),
        ("complaint", day, pd.NaT, False, "manual"),
        ("repair", day, day + hours / 2, False, "system"),
        ("repair", day, day + hours, False, "system"),
        county=county,
        call_back_done="boolean",
    )
    resold = [(f"2021-0{month}-01", 0.69, 0.70, 0.68, 0.10) for month in (1, 2)]
    return {
        "outages": outages,
        "customers": sheet(
            "area_type unit customers_served", ("town", "mv", town), ("rural", "mv", rural), ("rural", "lv", 9), county=county
        ),
        "connections": cases(county),
        "feeders": sheet(
            "feeder area_type interconnected automation self_healing open_capacity_kva",
            ("北关线", "town", True, "two_remote", False, 400),
            ("凤山线", "rural", False, "none", False, None),
            county=county,
        ),
        "interrupted_customers": sheet("event_id customer_id", county=county),
        "live_line_jobs": sheet("date saved_hour_customers", (day.normalize(), 60.0), county=county),
        "survey": survey.assign(county=county, source_file="x.xlsx", source_sheet="s", source_row=range(2, 7)),
        "metering": sheet(
            "month smart_meters card_meters online_payments offline_payments e_invoices paper_invoices",
            (pd.Timestamp("2021-08-01"), 50, 50, 10, 30, 1, 6),
            (pd.Timestamp("2021-09-01"), 60, 40, 30, 30, 4, 5),
            county=county,
        ),
        "complaints": tickets.assign(
            received=tickets["received"] + pd.Timedelta(days=200), arrived=tickets["arrived"] + pd.Timedelta(days=200)
        ),
        "resale": sheet(
            "entity month price base_price catalogue_price catalogue_cut",
            *[("a", pd.Timestamp(day), *rest) for day, *rest in resold],
            county=county,
        ),
        "convenience": sheet(
            "aspect item result", ("billing", "a", "yes"), ("billing", "b", "part"), ("call_back", "a", "no"), county=county
        ),
        "hall_visits": sheet(
            "knowledge guidance service_image policy_posted",
            (3, 2, 5, True),
            (4, 3, 5, False),
            county=county,
            policy_posted="boolean",
        ),
    }


def cases(county: str) -> pd.DataFrame:
    """One case of low voltage and two of high voltage."""
    applied = pd.Series(pd.to_datetime(["2021-03-01", "2021-03-01", "2021-04-01"]))

    def after(*days) -> pd.Series:
        return applied + pd.to_timedelta(pd.Series(days, dtype="float"), unit="D")

    table = pd.DataFrame(
        {
            "voltage": ["380V", "10kV", "10kV"],
            "capacity_kva": [100.0, 400, 500],
            "customer_class": ["lv_business", "hv_single", "hv_single"],
            "micro": pd.array([True, False, False], dtype="boolean"),
            "channel": "hall",
            "urban_rural": ["urban", "urban", "rural"],
            "public_line_near": ["near", "near", "none"],
            "investment_boundary": ["meter_box", "grid_point", "grid_point"],
            "applied": applied,
            "plan_replied": after(0, 4, 12),
            "works_finished": after(None, 24, 44),
            "energised": after(2, 26, 50),
            "customer_cost_yuan": [0.0, 19776.0, 59328.0],
            "permit_days": [np.nan, 5, 8],
            "project_manager": ["p1", "p1", None],
            "customer_manager": ["c1", "c1", "c1"],
            "called_back": after(5, None, None),
        }
    )
    blank = ["deposit_yuan", "works_started", "design_reviewed", "midway_checked", "accepted", "contract_signed"]
    table = table.reindex(columns=[*table, *blank])
    return table.assign(county=county, source_file="x.xlsx", source_sheet="s", source_row=range(2, 5))


TARIFF = (
    *("grid", "category", "tariff_voltage", "energy_price", "peak_price", "flat_price", "valley_price"),
    *("capacity_price", "demand_price", "funds_price", "valid_from"),
)
CITY = {
    "index_items": sheet(
        "place monitoring restoration regulator deterrent tariff minimum_outage_minutes",
        ("lishi", 1, 0, 1, 0, 1, 3.0),
        ("wenshui", 1, 1, 1, 0, 1, np.nan),
        ("city", 1, 0, 1, 0, 1, 3.0),
        county="city",
    ),
    "previous_indicators": sheet(
        "place indicator area value value_year excluded value_source",
        ("lishi", "saidi_hours", "rural", 20.0, 2019, None, "公报"),
        ("lishi", "saidi_hours", "rural", 26.0, 2018, None, "公报"),
        ("lishi", "saidi_hours", "rural", 12.5, 2018, "major_event_days", "公报"),
        ("lishi", "saifi", "rural", 10.0, 2019, None, "公报"),
        ("wenshui", "saidi_hours", "rural", 10.0, 2019, None, "公报"),
        ("city", "asai_pct", "all", 99.9, 2019, None, "公报"),
        county="city",
        value_year="Int64",
    ),
    "b_ready": sheet("item expert answer evidence", ("joint_construction", None, True, None), county="city", answer="boolean"),
    "tariffs": sheet(
        "grid category tariff_voltage energy_price funds_price valid_from",
        ("state", "business", "1_10kv", 0.6, 0.02, pd.Timestamp("2020-01-01")),
        ("state", "business", "1_10kv", 0.5, 0.02, pd.Timestamp("2021-11-20")),
        ("state", "business", "1_10kv", 0.4, 0.02, pd.Timestamp("2022-01-01")),  # not yet in force on the day of the report
        county="city",
    ).reindex(columns=[*TARIFF, "county", "source_file", "source_sheet", "source_row"]),
    "investment_plan": sheet(
        "programme grid funding plan_year amount_wan_yuan",
        ("network", "state", "added", 2022, 450.0),
        ("network", None, "added", 2022, 50.0),
        ("network", "state", "added", None, 7.0),
        county="city",
        plan_year="Int64",
    ),
}
LEDGERS = {"lishi": ledgers("lishi", 40, 10, 8), "wenshui": ledgers("wenshui", 30, 20, 2)}
COUNTIES = {
    name: county_results(tables, PARAMS, name, CITY["index_items"], CITY["previous_indicators"])
    for name, tables in LEDGERS.items()
}
LONG = pd.concat([results.indicators for results in COUNTIES.values()], ignore_index=True)
POOLED = {name: pd.concat([tables[name] for tables in LEDGERS.values()], ignore_index=True) for name in LEDGERS["lishi"]}
BOTH = PARAMS.model_copy(update={"counties": tuple(unit for unit in PARAMS.counties if unit.slug in LEDGERS)})
WHOLE = city_results(POOLED, LONG, CITY, BOTH)


def lishi(params=PARAMS, items=CITY["index_items"], previous=CITY["previous_indicators"], **tables) -> pd.DataFrame:
    """Indicators of one county, some of whose ledgers are others."""
    return county_results(LEDGERS["lishi"] | tables, params, "lishi", items, previous).indicators


def rural_outages(*steps: tuple, **columns: object) -> pd.DataFrame:
    """Outages of rural areas from (start, hours, customers)."""
    rows = [(f"e{number}", pd.Timestamp(start), customers) for number, (start, _, customers) in enumerate(steps)]
    table = sheet("event_id started customers", *rows)
    restored = table["started"] + pd.to_timedelta([hours for _, hours, _ in steps], unit="h")
    blank = {"feeder": "北关线", "kind": "fault", "cause": "natural", "external": False, "announced_at": pd.NaT, "notice": None}
    return table.assign(area_type="rural", restored=restored, **blank | columns)
