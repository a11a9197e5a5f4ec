"""Indicators that figures and tables print as they are: counts of rows, prices, money, and changes, worked by hand."""

import pandas as pd
import pytest
from hand_study import PARAMS
from indicator_study import COUNTIES, LEDGERS, WHOLE, lishi, sheet

from ge_analysis.indicators.long_table import value
from ge_analysis.indicators.topics import convenience, price

LISHI = COUNTIES["lishi"].indicators


def test_hours_by_month_and_kind():
    july = {"by": "month", "group": "2020-07"}
    assert value(LISHI, "monthly_hour_customers", kind="scheduled", **july) == 20  # 2 h × 10
    assert value(LISHI, "monthly_hour_customers", kind="fault", **july) == 160  # 8 h × 20
    assert value(LISHI, "monthly_hour_customers", kind="fault", by="month", group="2020-08") == 0


def test_durations_belong_to_the_span_that_they_end():
    steps = LISHI[LISHI["indicator"] == "outage_steps"].set_index(["kind", "group"])["value"]
    counted = steps[steps > 0]
    assert counted.to_dict() == {("scheduled", "to_2_h"): 1, ("fault", "to_8_h"): 1}  # the third lasts 3 minutes


def test_each_limit_of_the_durations_belongs_to_the_span_below_it():
    limits = pd.to_timedelta([0.5, 1, 2, 4, 8, 12, 24], unit="h")
    lasting = [*limits, *(limits + pd.Timedelta(minutes=1))]
    start = pd.Timestamp("2020-05-01")
    rows = [(f"e{number}", "rural", "fault", "natural", start, start + hours, 1, False) for number, hours in enumerate(lasting)]
    outages = sheet("event_id area_type kind cause started restored customers external", *rows)
    found = lishi(outages=outages.assign(announced_at=pd.NaT, notice=None))
    steps = found[(found["indicator"] == "outage_steps") & (found["kind"] == "fault")]
    assert steps["value"].tolist() == [1, 2, 2, 2, 2, 2, 2, 1]


def test_changes_on_the_published_values():
    assert value(LISHI, "saidi_hours_before", area="rural") == 20
    assert round(value(LISHI, "saidi_change_pct", area="rural"), 9) == -20  # 8 h × 20 / 10 = 16
    assert round(value(LISHI, "saifi_change_pct", area="rural"), 9) == -80  # 20 / 10 = 2
    assert pd.isna(value(LISHI, "saidi_change_pct", area="town"))


def test_changes_of_customers_and_of_the_published_rate_and_last_years_score():
    published = [("customers_served", "rural", 8.0), ("asai_pct", "rural", 99.5), ("score", "all", 80.0), ("saifi", "all", 3.0)]
    rows = [("lishi", *line, 2019, None) for line in published]
    found = lishi(previous=sheet("place indicator area value value_year excluded", *rows))
    assert value(found, "customers_served_change_pct", area="rural") == 25  # 10 after 8
    assert value(found, "asai_published_change_points", area="rural") == pytest.approx(100 * (1 - 16 / 8784) - 99.5)
    assert value(found, "score_before") == 80


def test_rows_and_respondents():
    assert value(LISHI, "ledger_rows", item="outages") == 3 and value(WHOLE.indicators, "ledger_rows", item="outages") == 6
    assert value(LISHI, "survey_respondents") == 5
    assert value(WHOLE.indicators, "survey_respondents", by="industry", group="采矿业") == 8


def test_groups_of_respondents_come_as_their_first_answers_do():
    counts = WHOLE.indicators[WHOLE.indicators["indicator"] == "survey_respondents"]
    assert list(zip(counts["by"], counts["group"], strict=True)) == [
        ("", ""),
        *(("respondent_class", "business"), ("industry", "采矿业"), ("urban_rural", "urban"), ("meter_type", "card")),
        ("grid", "local"),
        ("industry", "建筑业"),  # the fifth answer
        ("grid", "state"),  # of the second county
    ]


def test_items_of_a_checklist_count_once_and_counties_that_meet_them():
    assert [value(WHOLE.indicators, "checklist_items", item=item) for item in ("billing", "call_back")] == [2, 1]
    met = {"item": "billing", "by": "check_item"}
    assert [value(WHOLE.indicators, "checklist_item_met", group=item, **met) for item in "ab"] == [2, 0]


def test_a_county_meets_an_item_where_all_its_rows_say_so_and_counts_once():
    columns = "aspect item result"
    yes, no = ("billing", "a", "yes"), ("billing", "a", "no")
    checks = pd.concat(
        [
            sheet(columns, yes, yes, county="lishi"),
            sheet(columns, yes, no, county="wenshui"),
            sheet(columns, no, county="linxian"),
        ]
    )
    tables = LEDGERS["lishi"] | {"convenience": checks.reset_index(drop=True)}
    table = pd.DataFrame(
        [(line[1], line[7], line[8]) for line in convenience.compute(tables, PARAMS, "city").lines()],
        columns=["indicator", "group", "value"],
    )
    assert table.loc[table["indicator"] == "checklist_item_met", "value"].tolist() == [1]


def test_prices_in_force_and_money():
    dims = {"voltage": "1_10kv", "kind": "business", "by": "grid", "group": "state"}
    assert value(WHOLE.indicators, "tariff_yuan_per_kwh", item="energy", **dims) == 0.5
    assert value(WHOLE.indicators, "benchmark_score", by="economy", group="阿联酋") == 100  # the best in all four
    network = {"item": "network", "kind": "added"}
    of_2022 = {"by": "plan_year", "group": "2022"}
    amounts = [value(WHOLE.indicators, "investment_wan_yuan", area=area, **network) for area in ("state", "city", "all")]
    assert amounts == [457, 50, 507]
    assert value(WHOLE.indicators, "investment_wan_yuan", area="all", **network, **of_2022) == 500


def test_money_by_programme_funding_and_grid():
    plan = sheet(
        "programme grid funding plan_year amount_wan_yuan",
        ("network", "state", "added", 2022, 100.0),
        ("network", "local", "added", 2022, 20.0),
        ("network", "state", "planned", 2022, 3.0),
        ("automation", "state", "added", 2023, 5.0),
        county="city",
    )
    lines = price.investment({"investment_plan": plan}, PARAMS).lines()
    # item, kind, area, and the value of all years
    assert {(line[5], line[4], line[2]): line[8] for line in lines if not line[6]} == {
        ("network", "added", "state"): 100,
        ("network", "added", "local"): 20,
        ("network", "added", "all"): 120,
        ("network", "planned", "state"): 3,
        ("network", "planned", "all"): 3,
        ("automation", "added", "state"): 5,
        ("automation", "added", "all"): 5,
    }


def test_a_price_that_the_tariff_lacks_is_no_row():
    tariffs = sheet(
        "grid category tariff_voltage energy_price peak_price flat_price valley_price "
        "funds_price capacity_price demand_price valid_from",
        ("state", "industry", "1_10kv", 0.45, None, None, None, 0.02, 24.0, 36.5, pd.Timestamp("2020-01-01")),
        county="city",
        **dict.fromkeys(["peak_price", "flat_price", "valley_price"], float),
    )
    lines = [(line[1], line[5], line[8]) for line in price.bills({"tariffs": tariffs}, PARAMS).lines()]
    assert [line for line in lines if line[0].startswith("tariff_")] == [
        ("tariff_yuan_per_kwh", "energy", 0.45),
        ("tariff_yuan_per_kwh", "funds", 0.02),
        ("tariff_yuan_per_kva_month", "", 24.0),
        ("tariff_yuan_per_kw_month", "", 36.5),
    ]
    # 120 960 kWh; the capacity of 504 kW is cheaper than its demand
    assert {line[:2]: line[2] for line in lines if line[0].startswith("bill_")} == pytest.approx(
        {
            ("bill_yuan", "energy"): 0.45 * 120_960,
            ("bill_yuan", "funds"): 0.02 * 120_960,
            ("bill_yuan", "capacity"): 24 * 504,
            ("bill_yuan", ""): 68_947.2,
            ("bill_yuan_per_kwh", ""): 0.57,
        }
    )


def test_shares_of_what_is_done_everywhere_are_whole():
    # in the ledgers themselves each is a half, which the share of what is not done would be too
    sheets = LEDGERS["lishi"]
    found = lishi(
        feeders=sheets["feeders"].assign(open_capacity_kva=400.0, interconnected=True),
        complaints=sheets["complaints"].assign(call_back_done=True, record_mode="system"),
        hall_visits=sheets["hall_visits"].assign(policy_posted=True),
        connections=sheets["connections"].assign(project_manager="p1", customer_manager="c1", urban_rural="urban"),
        outages=sheets["outages"].assign(announced_at=pd.Timestamp("2020-06-30"), notice="短信"),
    )
    shares = ("capacity_published_pct", "call_back_pct", "record_system_pct", "policy_posted_pct", "two_managers_pct")
    assert [value(found, name) for name in (*shares, "notice_in_time_pct", "notice_sms_pct")] == [100] * 7
    assert value(found, "feeder_interconnected_pct", area="all") == 100


def test_what_is_left_blank_was_not_done():
    sheets = LEDGERS["lishi"]
    found = lishi(
        complaints=sheets["complaints"].assign(call_back_done=pd.array([True, None, True, True], dtype="boolean")),
        hall_visits=sheets["hall_visits"].assign(policy_posted=pd.array([True, None], dtype="boolean")),
    )
    assert [value(found, name) for name in ("call_back_pct", "policy_posted_pct")] == [50, 50]
