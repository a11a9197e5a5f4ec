"""The demonstration study shows every finding of method 10, computed from its workbooks through the public indicators."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ge_analysis.demo.calibration import Unit, of_city
from ge_analysis.demo.layout import Senders
from ge_analysis.demo.tables import county_tables
from ge_analysis.indicators import connection, price, reliability, survey
from ge_analysis.indicators.city import city_results
from ge_analysis.indicators.county import county_results
from ge_analysis.indicators.long_table import all_dimensions, select, value
from ge_analysis.ledgers import ingest
from ge_analysis.ledgers.contract import contracts
from ge_analysis.settings import parameters as params
from ge_analysis.settings.keys import DIMENSIONS, KEYS
from ge_analysis.settings.registry import registry, value_codes
from ge_analysis.study import Study

PARAMS = params.load(Path(__file__).parents[2])
COUNTIES = [unit.slug for unit in PARAMS.counties]
STATE = ["wenshui", "jiaocheng", "lanxian", "xiaoyi", "fenyang"]
LOCAL = ["lishi", "xingxian", "linxian", "liulin", "shilou", "fangshan", "zhongyang", "jiaokou"]


class Recomputed:
    """The demonstration study, ingested: issues of the checks, tables of all counties, indicators of counties and city."""

    def __init__(self, study: Study):
        self.issues = [found for place in study.places for found in ingest.issues(study, place)]
        names = {scope: [name for name, found in contracts().items() if found.scope == scope] for scope in ("county", "city")}
        self.city = city = {name: study.table("city", name) for name in names["city"]}
        by_county = {slug: {name: study.table(slug, name) for name in names["county"]} for slug in COUNTIES}
        counties = pd.concat(
            [
                county_results(tables, PARAMS, slug, city["index_items"], city["previous_indicators"]).indicators
                for slug, tables in by_county.items()
            ]
        )
        self.tables = {
            name: pd.concat([tables[name] for tables in by_county.values()], ignore_index=True) for name in names["county"]
        }
        self.indicators = pd.concat([counties, city_results(self.tables, counties, city, PARAMS).indicators], ignore_index=True)
        self.by_key = self.indicators.set_index(KEYS)["value"].to_dict()

    def values(self, indicator: str, **dims: str) -> pd.Series:
        """Value of one indicator in each county."""
        return pd.Series({slug: value(self.indicators, indicator, county=slug, **dims) for slug in COUNTIES})


@pytest.fixture(scope="module")
def study(demonstration):
    return Recomputed(demonstration)


def test_the_workbooks_pass_with_warnings_only(study):
    assert {issue.severity for issue in study.issues} == {"warning"}


def test_every_value_is_known_by_the_dimensions_that_the_registry_declares(study):
    keys = study.indicators[["indicator", *DIMENSIONS]].drop_duplicates()
    assert set(keys["indicator"]) == set(registry().indicators)
    for indicator, *codes in keys.itertuples(index=False):
        dims = dict(zip(DIMENSIONS, codes, strict=True))
        assert value_codes(indicator, dims) == {name: code for name, code in dims.items() if code}


def same(found: float, published: float) -> None:
    assert found == pytest.approx(published, rel=1e-12, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("place", [*COUNTIES, "city"])
class TestTopicsGiveWhatThePublishedFormulasGive:
    """Each value of each place, against the formula on the same tables."""

    def ledger(self, study, place: str, name: str) -> pd.DataFrame:
        table = study.tables[name]
        return table if place == "city" else table[table["county"] == place]

    def value(self, study, place: str, indicator: str, **dims: str) -> float:
        return study.by_key[place, indicator, *all_dimensions(dims).values()]

    @pytest.mark.parametrize("voltage", ["low", "high"])
    def test_connections(self, study, place, voltage):
        year, method = PARAMS.year, PARAMS.method.connection
        ledger = self.ledger(study, place, "connections")
        cases = connection.comparable_cases(ledger, method.cases[voltage], year.survey_period)
        rates = (year.lending_rate_pct.value / 100, year.deposit_rate_pct.value / 100)
        splits = [{}] + [
            {"by": by, "group": group}
            for by in ("urban_rural", "public_line_near", "investment_boundary", "customer_class")
            for group in cases[by].dropna().unique()
        ]
        for split in splits:
            some = cases[(cases[split["by"]] == split["group"]).to_numpy(dtype=bool)] if split else cases
            published = {
                "procedures": connection.procedure_count(some, method=method),
                "time_days": connection.connection_time(some, method=method),
                "time_working_days": connection.connection_time(some, "working", method=method),
                "elapsed_days": connection.elapsed_time(some, method=method),
                "cost_pct_income": connection.connection_cost(some, year.income_per_capita_yuan.value, *rates, method=method),
            }
            for name, figure in published.items():
                same(self.value(study, place, name, voltage=voltage, **split), figure)

    @pytest.mark.parametrize("area", ["all", "urban", "rural", "centre", "city", "town"])
    def test_interruptions(self, study, place, area):
        year = PARAMS.year
        types = PARAMS.method.reliability.areas.get(area, (area,))
        customers = self.ledger(study, place, "customers")
        members = customers["area_type"].isin(types) & (customers["unit"] == year.statistical_unit)
        outages = self.ledger(study, place, "outages")
        outages = outages[outages["area_type"].isin(types)]
        served = customers.loc[members, "customers_served"].sum()
        indices = reliability.interruption_indices(outages, served, year.reliability_period, year.duration_floor_minutes)
        for name, figure in zip(("saidi_hours", "saifi", "caidi_hours"), indices[:3], strict=True):
            if name != "caidi_hours" or served:
                same(self.value(study, place, name, area=area), figure)
        same(self.value(study, place, "asai_pct", area=area), 100 * indices.asai)

    @pytest.mark.parametrize("by", ["", "respondent_class", "industry", "urban_rural", "meter_type"])
    def test_answers(self, study, place, by):
        summary = survey.aspect_summary(self.ledger(study, place, "survey"), by or None, method=PARAMS.method.survey)
        assert len(summary) >= len(PARAMS.method.survey.aspects)
        for row in summary.to_dict("records"):
            dims = {"item": row["aspect"]} | ({"by": by, "group": row[by]} if by else {})
            same(self.value(study, place, "survey_mean", **dims), row["mean"])
            for name, column in {"share": "share", "low": "low", "high": "high"}.items():
                same(self.value(study, place, f"survey_top2_{name}", **dims), 100 * row[column])

    def test_resale(self, study, place):
        calendar = price.resale_calendar(self.ledger(study, place, "resale"), method=PARAMS.method.price.resale)
        start, end = map(pd.Timestamp, (PARAMS.year.survey_period.start, PARAMS.year.survey_period.end))
        calendar = calendar[(calendar["month"] >= start) & (calendar["month"] < end)]
        for (month, code), rows in calendar.groupby([calendar["month"].dt.strftime("%Y-%m"), "code"]):
            same(self.value(study, place, "resale_entities", item=code, by="month", group=month), len(rows))
        checks = len(calendar[calendar["check"]].drop_duplicates(["county", "entity"])) if len(calendar) else np.nan
        same(self.value(study, place, "resale_checks"), checks)


def test_standard_bills_are_those_of_the_published_formula(study):
    case, tariffs = PARAMS.method.price.case, study.city["tariffs"]
    in_force = price.tariffs_in_force(tariffs, PARAMS.year.report_date)
    assert len(in_force) > 1
    for tariff in in_force.to_dict("records"):
        bill = price.monthly_bill(tariff, case.kwh, case.kw, method=PARAMS.method.price)
        dims = {"by": "grid", "group": tariff["grid"], "kind": tariff["category"], "voltage": tariff["tariff_voltage"]}
        same(value(study.indicators, "bill_yuan", county="city", **dims), bill.total)
        same(value(study.indicators, "bill_yuan_per_kwh", county="city", **dims), bill.per_kwh)
        for item in ("energy", "capacity", "funds"):
            same(value(study.indicators, "bill_yuan", county="city", item=item, **dims), getattr(bill, item))


@pytest.mark.parametrize("county", PARAMS.counties, ids=lambda county: county.slug)
def test_every_layout_is_read_back_to_the_values_drawn(study, county):
    """All columns but those that ingesting changes: personal ones, comments (masked), and customers (averaged)."""
    for name, drawn in county_tables(Unit(county, PARAMS)).items():
        if name == "customers" or drawn.empty:
            continue
        contract, read = contracts()[name], study.tables[name].query("county == @county.slug")
        left_out = {"comments", *of_city(PARAMS.study.city, "senders.yml", Senders).sender(county.slug).layout(name).left_out}
        kept = [
            column.name
            for column in contract.fields
            if column.name in drawn and not column.personal and column.name not in left_out
        ]
        drawn, read = (table.sort_values(list(contract.key), ignore_index=True)[kept] for table in (drawn, read))
        pd.testing.assert_frame_equal(read, drawn.astype(read.dtypes), check_exact=False, rtol=1e-9)


def test_the_grids_are_those_of_the_city():
    assert [unit.slug for unit in PARAMS.counties if unit.grid == "state"] == STATE
    assert [unit.slug for unit in PARAMS.counties if unit.grid == "local"] == LOCAL


def test_jiaokou_is_in_the_best_urban_band_of_all_counties(study):
    band = study.values("reliability_band", area="urban")
    assert (band.drop("jiaokou") < band["jiaokou"]).all()


def test_linxian_and_lanxian_alone_are_far_from_the_national_target(study):
    met = study.indicators.query("indicator == 'national_target_met'").pivot(index="county", columns="area", values="value")
    missed = met.loc[COUNTIES].eq(0).any(axis=1)
    assert list(missed[missed].index) == ["linxian", "lanxian"]
    assert met.loc[["linxian", "lanxian"], ["town", "rural"]].eq(0).all(axis=None)
    ratio = study.values("national_target_ratio", area="all")
    assert (ratio[["linxian", "lanxian"]] > 1.5).all()
    assert (ratio.drop(["linxian", "lanxian"]) < 1.2).all()


def test_live_line_work_in_the_state_grid_only(study):
    jobs = study.values("live_line_jobs")
    assert (jobs[LOCAL] == 0).all()
    assert (jobs[STATE] > 0).all()


def test_low_interconnection_and_automation_just_begun(study):
    assert (study.values("feeder_interconnected_pct", area="all") < 70).all()  # target of the counties for 2022
    assert (study.values("feeder_automated_pct", area="all") < 20).all()
    assert (study.values("feeder_self_healing_pct", area="all") < 30).all()  # target for 2022


@pytest.mark.parametrize("area", ["urban", "rural"])
def test_low_voltage_takes_about_two_days(study, area):
    assert study.values("time_days", voltage="low", by="urban_rural", group=area).between(1.5, 2.5).all()


def test_high_voltage_takes_30_days_near_a_line_45_to_60_without_60_in_rural_areas(study):
    def city(by, group):
        return value(study.indicators, "time_days", county="city", voltage="high", by=by, group=group)

    assert 27 <= city("public_line_near", "near") <= 33
    assert 45 <= city("public_line_near", "none") <= 60
    assert 56 <= city("urban_rural", "rural") <= 64


def test_two_procedures_at_low_and_four_at_high_voltage(study):
    assert value(study.indicators, "procedures", county="city", voltage="low") == 2
    assert value(study.indicators, "procedures", county="city", voltage="high") == 4


def test_plans_are_replied_to_within_five_working_days(study):
    assert (study.values("plan_reply_kept_pct") == 100).all()
    assert (study.values("stage_working_days", voltage="high", item="plan") <= 5).all()


def test_a_line_built_to_the_red_line_is_ready_in_30_working_days_of_which_20_for_the_works(study):
    red_line = {"county": "city", "voltage": "high", "by": "investment_boundary", "group": "red_line"}
    assert value(study.indicators, "time_working_days", **red_line) <= 30
    cases = study.tables["connections"].query("investment_boundary == 'red_line'").dropna(subset=["works_finished"])
    started, finished = (cases[stage].to_numpy("datetime64[D]") for stage in ("works_started", "works_finished"))
    assert (np.busday_count(started, finished) <= 20).all()


def test_card_meters_in_the_local_grid_only_and_no_e_invoice(study):
    cards = study.values("card_meters")
    assert (cards[LOCAL] > 0).all()
    assert (cards[STATE] == 0).all()
    assert (study.values("e_invoice_pct") == 0).all()


def test_special_invoices_in_fangshan_on_some_days_only(study):
    checks = study.tables["convenience"]
    limited = checks[checks["item"].str.contains("专用发票") & checks["result"].eq("no")]
    assert list(limited["county"]) == ["fangshan"]
    assert "22日至25日" in limited["problem"].item()


def test_scheduled_outages_are_announced_a_day_ahead_by_sms_only_in_part(study):
    assert (study.values("notice_in_time_pct") == 100).all()
    by_sms = study.values("notice_sms_pct")
    assert (by_sms < 70).all()
    assert by_sms.eq(0).any()
    assert by_sms.gt(0).any()


def test_call_backs_on_paper_and_not_to_all_in_the_local_grid(study):
    in_system, called = study.values("record_system_pct"), study.values("call_back_pct")
    assert (in_system[LOCAL] == 0).all()
    assert (in_system[STATE] == 100).all()
    assert (called[LOCAL] < 100).all()
    assert (called[STATE] == 100).all()


def test_no_deterrent_anywhere_and_tariffs_online_everywhere(study):
    assert (study.values("index_item", item="deterrent") == 0).all()
    assert (study.values("index_item", item="tariff") == 1).all()


def test_over_100_respondents_all_positive_on_repairs(study):
    repairs = select(study.indicators, "survey_top2_share", county="city", item="repair_visits")
    assert repairs["n"].item() > 100
    assert repairs["value"].item() == 100
    visits = study.tables["complaints"].query("ticket_kind == 'repair'")
    assert (visits["arrived"] - visits["received"] <= pd.Timedelta(minutes=60)).all()


def test_demands_gather_on_stable_supply_and_on_notice(study):
    shares = study.indicators.query("indicator == 'demand_share_pct' and county == 'city' and by == ''").set_index("item")[
        "value"
    ]
    assert set(shares.nlargest(2).index) == {"stable_supply", "outage_notice"}
