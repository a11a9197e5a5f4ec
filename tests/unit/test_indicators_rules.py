"""One rule of the method at a time: a county's results after one of its ledgers, or a parameter, was changed."""

import numpy as np
import pandas as pd
import pytest
from indicator_study import (
    BOTH,
    CITY,
    COUNTIES,
    LEDGERS,
    LONG,
    PARAMS,
    POOLED,
    WHOLE,
    cases,
    ledgers,
    lishi,
    rural_outages,
    sheet,
)

from ge_analysis.indicators.city import city_results
from ge_analysis.indicators.long_table import select, value
from ge_analysis.indicators.topics import price


@pytest.mark.parametrize(
    ("indicator", "dims", "n"),
    [
        # the step of exactly 3 minutes is none, and the rows of customers only divide
        ("saidi_hours", {"area": "all"}, 2),
        ("saifi", {"area": "rural"}, 1),
        ("caidi_hours", {"area": "all"}, 2),
        ("hour_customers", {"area": "all"}, 2),
        ("national_target_ratio", {"area": "all"}, 2),
        ("live_line_jobs", {}, 1),
        ("live_line_rate_pct", {}, 1),
        ("procedures", {"voltage": "high"}, 2),
        ("time_days", {"voltage": "high"}, 2),
        ("time_working_days", {"voltage": "low"}, 1),
        ("cost_pct_income", {"voltage": "high"}, 2),
        ("survey_mean", {"item": "connection"}, 4),
        ("survey_top2_share", {"item": "payment"}, 5),
        ("survey_top2_low", {"item": "payment"}, 5),
    ],
)
def test_cases_behind_a_value_are_counted(indicator, dims, n):
    assert select(COUNTIES["lishi"].indicators, indicator, **dims)["n"].iloc[0] == n


def test_a_missing_share_says_of_how_many_rows():
    bills = LEDGERS["lishi"]["metering"].assign(e_invoices=0, paper_invoices=0)
    row = select(lishi(metering=bills), "e_invoice_pct").iloc[0]
    assert np.isnan(row["value"]) and row["n"] == 2


@pytest.mark.parametrize(("indicator", "period"), [("saifi", "2020-01-01/2020-12-31"), ("procedures", "2020-10-01/2021-09-30")])
def test_the_period_of_a_value_names_its_last_day(indicator, period):
    rows = LONG[LONG["indicator"] == indicator]
    assert set(rows["period"]) == {period}


def test_the_floor_of_the_study_decides_what_an_interruption_is():
    outages = rural_outages(("2020-05-01 08:00", 4 / 60, 50), ("2020-06-01 08:00", 6 / 60, 50))
    year = PARAMS.year.model_copy(update={"duration_floor_minutes": 5})
    assert value(lishi(outages=outages), "saifi", area="all") == 2
    assert value(lishi(PARAMS.model_copy(update={"year": year}), outages=outages), "saifi", area="all") == 1


def test_hours_of_an_outage_from_before_the_period_belong_to_its_first_month():
    # 3 of 5 h · 20 customers, and 1 h · 1 customer of the only interruption of the period
    found = lishi(outages=rural_outages(("2019-12-31 22:00", 5, 20), ("2020-02-01 08:00", 1, 1)))
    assert value(found, "hour_customers", area="all", by="month", group="2020-01") == 60
    assert value(found, "hour_customers", area="all") == 61
    caidi = select(found, "caidi_hours", area="all").iloc[0]
    assert (caidi["value"], caidi["n"]) == (61, 1)
    assert value(found, "major_event_base_years") == 0  # one day of the year before is too few


def test_an_outage_counts_as_external_only_where_the_ledger_says_so():
    outages = rural_outages(("2020-05-01 08:00", 1, 50), external=pd.array([None], dtype="boolean"))
    assert value(lishi(outages=outages), "saidi_hours", area="all", by="without", group="external") == 1


def test_hours_equal_to_the_national_target_meet_it():
    found = lishi(outages=rural_outages(("2020-05-01 00:00", 15, 10)), previous=CITY["previous_indicators"].iloc[:0])
    assert value(found, "saidi_hours", area="rural") == 15
    assert value(found, "national_target_met", area="rural") == 1


@pytest.mark.parametrize(("minutes", "index"), [(5, 5), (6, 0)])
def test_a_place_that_records_only_long_outages_is_not_eligible(minutes, index):
    found = lishi(items=CITY["index_items"].assign(minimum_outage_minutes=minutes))
    assert value(found, "reliability_eligible") == (index > 0)
    assert value(found, "reliability_index") == index


def test_a_place_whose_outages_are_known_lacks_only_its_check():
    row = select(lishi(items=CITY["index_items"].iloc[1:]), "reliability_index").iloc[0]
    assert np.isnan(row["value"]) and row["reason"] == "no index check recorded for this place"


def test_scores_of_the_city_weigh_by_customers():
    served = (LONG["indicator"] == "customers_served") & (LONG["area"] == "all")
    more = LONG.assign(value=LONG["value"].mask(served & (LONG["county"] == "lishi"), 150))
    found = city_results(POOLED, more, CITY, BOTH).indicators
    assert value(found, "reliability_index") == (5 * 150 + 6 * 50) / 200
    assert value(found, "score_index") == (62.5 * 150 + 75 * 50) / 200
    one = city_results(POOLED, LONG.assign(value=LONG["value"].mask(served & (LONG["county"] == "lishi"))), CITY, BOTH).indicators
    assert value(one, "reliability_index") == 6
    assert select(one, "reliability_index")["n"].iloc[0] == 1
    small = LONG.assign(value=LONG["value"].mask(served & (LONG["county"] == "lishi"), 1))
    row = select(city_results(POOLED, small, CITY, BOTH).indicators, "reliability_index").iloc[0]
    assert (row["value"], row["n"]) == (pytest.approx((5 * 1 + 6 * 50) / 51), 2)


def test_cost_holds_the_lost_interest_on_the_deposit():
    # half of 100 % and 300 % of 19 776 yuan, and the deposit at 3.85 % less 0.35 %
    found = lishi(connections=cases("lishi").assign(deposit_yuan=10_000))
    expected = 200 + 100 * 10_000 * (1 - 1 / 1.035**5) / 19_776
    assert value(found, "cost_pct_income", voltage="high") == pytest.approx(expected)


def test_a_stage_that_half_of_the_cases_undergo():
    # one of two designs was reviewed, six days after the plan; its works took 14 days instead of 20
    found = lishi(connections=cases("lishi").assign(design_reviewed=pd.to_datetime([None, "2021-03-11", None])))
    reviewed = select(found, "stage_days", voltage="high", item="design_review").iloc[0]
    assert (reviewed["value"], reviewed["n"]) == (6, 1)
    total = select(found, "time_days", voltage="high").iloc[0]
    assert (total["value"], total["n"]) == (1 + (3 + 11) / 2 + 6 + (14 + 32) / 2 + (2 + 6) / 2, 2)
    assert value(found, "procedures", voltage="high") == 4  # 4 and 5 are equally frequent
    assert value(found, "procedures", voltage="high", by="public_line_near", group="near") == 5


def test_a_case_that_does_not_say_its_group_is_in_none():
    found = lishi(connections=cases("lishi").assign(urban_rural=["urban", "urban", None]))
    split = found[(found["indicator"] == "time_days") & (found["voltage"] == "high") & (found["by"] == "urban_rural")]
    assert set(split["group"]) == {"urban"}


def test_groups_of_cases_come_in_one_order_whatever_that_of_the_rows():
    for table in (cases("lishi"), cases("lishi").iloc[::-1].reset_index(drop=True)):
        found = lishi(connections=table)
        split = found[(found["indicator"] == "time_days") & (found["voltage"] == "high") & (found["by"] == "urban_rural")]
        assert split["group"].tolist() == ["rural", "urban"]


def test_cases_of_one_group_are_counted_together_and_once():
    found = lishi(connections=cases("lishi").assign(urban_rural="urban"))
    row = select(found, "time_days", voltage="high", by="urban_rural", group="urban").iloc[0]
    assert (row["value"], row["n"]) == (1 + (3 + 11) / 2 + (20 + 32) / 2 + (2 + 6) / 2, 2)


def test_elapsed_days_are_given_with_the_sum_of_medians():
    # 26 and 50 days; the review moves days from the works of the first case into a separate stage
    table = cases("lishi").assign(design_reviewed=pd.to_datetime([None, "2021-03-11", None]))
    found = lishi(connections=table)
    for name, days in {"elapsed_days": (26 + 50) / 2, "longest_days": 50}.items():
        row = select(found, name, voltage="high").iloc[0]
        assert (row["value"], row["n"]) == (days, 2)
    unknown = pd.concat([table, table.tail(1).assign(applied=pd.NaT)], ignore_index=True)
    assert value(lishi(connections=unknown), "longest_days", voltage="high") == 50
    none = lishi(connections=cases("lishi").iloc[:0])
    assert np.isnan([value(none, name, voltage="high") for name in ("elapsed_days", "longest_days")]).all()


def test_boundaries_and_permits_are_those_of_comparable_cases():
    # 800 kVA is comparable, 801 kVA is not, and neither is 35 kV
    table = cases("lishi").assign(
        voltage=["35kV", "10kV", "10kV"],
        capacity_kva=[400, 800, 801],
        investment_boundary=["red_line", "red_line", "grid_point"],
        permit_days=[1, 5, 8],
    )
    found = lishi(connections=table)
    for name, dims, expected in (("permit_days", {}, 5), ("investment_boundary_pct", {"item": "red_line"}, 100)):
        row = select(found, name, voltage="high", **dims).iloc[0]
        assert (row["value"], row["n"]) == (expected, 1)


DAYS = {
    "outages": ["started", "restored", "announced_at"],
    "connections": ["applied", "plan_replied", "works_finished", "energised", "called_back"],
    "live_line_jobs": ["date"],
    "metering": ["month"],
    "complaints": ["received", "arrived"],
    "resale": ["month"],
}


@pytest.mark.parametrize("name", DAYS)
def test_rows_of_other_years_change_nothing(name):
    table = LEDGERS["lishi"][name]
    others = [table.assign(**{day: table[day] + pd.DateOffset(years=years) for day in DAYS[name]}) for years in (-7, 7)]
    if name == "outages":
        others = [other.assign(event_id=other["event_id"] + str(number)) for number, other in enumerate(others)]
    again = lishi(**{name: pd.concat([table, *others], ignore_index=True)})
    before = COUNTIES["lishi"].indicators
    of_all_years = before["indicator"] == "ledger_rows"
    pd.testing.assert_frame_equal(again[~of_all_years], before[~of_all_years])


@pytest.mark.parametrize("day", ["2020-09-30", "2021-10-01"])
def test_cases_completed_on_the_day_before_and_after_the_period_count_nowhere(day):
    found = lishi(connections=cases("lishi").assign(energised=pd.Timestamp(day), investment_boundary="red_line"))
    names = ["permit_days", "red_line_pct", "felt_procedures", "handling_kept_pct", "zero_investment_kept_pct"]
    names += ["plan_reply_kept_pct", "investment_boundary_pct", "connection_call_back_pct", "two_managers_pct"]
    assert found.loc[found["indicator"].isin(names), "value"].isna().all()


def test_each_entity_of_a_month_is_counted_once_by_its_colour():
    prices = {"a": 0.69, "b": 0.70, "c": 0.60}  # 10 %, nothing and all of the cut are passed through
    month = pd.Timestamp("2021-03-01")
    resale = [(entity, month, price, 0.70, 0.68, 0.10) for entity, price in prices.items()]
    found = lishi(resale=sheet("entity month price base_price catalogue_price catalogue_cut", *resale))
    counted = {
        code: value(found, "resale_entities", item=code, by="month", group="2021-03") for code in ("red", "yellow", "green")
    }
    assert counted == {"red": 2, "yellow": 0, "green": 1}


def test_an_entity_that_stays_red_is_checked_once():
    months = [("a", pd.Timestamp(f"2021-0{month}-01"), 0.69, 0.70, 0.68, 0.10) for month in (1, 2, 3, 4)]
    resale = sheet("entity month price base_price catalogue_price catalogue_cut", *months)
    assert value(lishi(resale=resale), "resale_checks") == 1


@pytest.mark.parametrize("index", [[7] * 4, [3, 1, 0, 2]])
def test_each_county_and_entity_that_stays_red_is_checked_once_whatever_the_index(index):
    months = [("a", pd.Timestamp(f"2021-0{month}-01"), 0.69, 0.70, 0.68, 0.10) for month in (1, 2)]
    resale = sheet("entity month price base_price catalogue_price catalogue_cut", *months, *months)
    resale = resale.assign(county=["lishi", "lishi", "wenshui", "wenshui"]).set_axis(index)
    tally = price.resale({"resale": resale}, PARAMS, "city")
    assert tally.value("resale_checks") == 2
    assert [part.positions.tolist() for part in tally.parts if part.key[0] == "resale_checks"] == [[1, 3]]


def test_the_tariff_in_force_on_the_day_of_the_report():
    # the rows are in no order, and the price of the day itself is in force; another voltage has its own bill
    tariffs = CITY["tariffs"].iloc[::-1].assign(valid_from=pd.to_datetime(["2021-12-21", "2021-12-20", "2020-01-01"]))
    tariffs = pd.concat([tariffs, tariffs.assign(tariff_voltage="below_1kv", energy_price=0.7)], ignore_index=True)
    found = city_results(POOLED, LONG, CITY | {"tariffs": tariffs}, BOTH).indicators
    dims = {"by": "grid", "group": "state", "kind": "business"}
    assert value(found, "bill_yuan_per_kwh", voltage="1_10kv", **dims) == pytest.approx(0.52)
    assert value(found, "bill_yuan_per_kwh", voltage="below_1kv", **dims) == pytest.approx(0.72)
    assert select(found, "bill_yuan", voltage="1_10kv", item="peak", **dims).empty  # it has no time of use


def test_meters_of_the_city_are_those_of_each_countys_last_month():
    metering = POOLED["metering"]
    late = (metering["county"] == "lishi") & (metering["month"] == pd.Timestamp("2021-09-01"))
    found = city_results(POOLED | {"metering": metering[~late].reset_index(drop=True)}, LONG, CITY, BOTH).indicators
    assert value(found, "card_meters") == 50 + 40  # August of the one, September of the other
    assert value(found, "smart_meter_pct") == 100 * (50 + 60) / 200


def test_events_of_two_counties_are_two_though_their_numbers_are_the_same():
    assert select(WHOLE.indicators, "notice_sms_pct")["n"].iloc[0] == 4


def test_a_scheduled_outage_is_announced_before_its_first_step():
    # the later step comes first in the ledger; it starts 26 h after the announcement, the first one 24 h
    outages = rural_outages(("2020-05-02 10:00", 1, 10), ("2020-05-02 08:00", 1, 10), ("2020-06-02 08:00", 1, 10))
    announced = pd.to_datetime(["2020-05-01 08:00", "2020-05-01 08:00", "2020-06-02 07:00"])
    kind = ["scheduled", "scheduled", "fault"]
    found = lishi(outages=outages.assign(event_id=["a", "a", "b"], announced_at=announced, kind=kind))
    assert [value(found, name) for name in ("notice_lead_hours", "notice_in_time_pct")] == [24, 100]


def test_years_are_those_published_and_this_years_with_and_without_major_event_days():
    # 8 h of 20 customers of 10 in the ledger: 16 h and 2 interruptions each; one day alone makes no major event day
    found = lishi()
    yearly = found[found["indicator"].str.startswith("yearly_")]
    table = yearly.set_index(["indicator", "area", "item", "group"])["value"].to_dict()
    assert table == {
        ("yearly_saidi_hours", "rural", "", "2018"): 26,
        ("yearly_saidi_hours", "rural", "", "2019"): 20,
        ("yearly_saidi_hours", "rural", "", "2020"): 16,
        ("yearly_saidi_hours", "rural", "major_event_days", "2018"): 12.5,
        ("yearly_saidi_hours", "rural", "major_event_days", "2020"): 16,
        ("yearly_saifi", "rural", "", "2019"): 10,
        ("yearly_saifi", "rural", "", "2020"): 2,
    }
    assert value(found, "saidi_hours_before", area="rural") == 20


def test_last_years_rate_is_worked_out_from_last_years_hours():
    # the same 80 h are 0.0025 points less of the 8 784 h of 2020 than of the 8 760 h of 2019: above 0.002, a reward;
    # the published rate, which would be a fall, is the coarser figure
    columns = "place indicator area value value_year excluded"
    rows = [("lishi", "saidi_hours", "rural", 80.0, 2019, None), ("lishi", "asai_pct", "rural", 99.99, 2019, None)]
    outages = rural_outages(("2020-05-01 08:00", 80, 10))
    now, before = 100 - 100 * 80 / 8784, 100 - 100 * 80 / 8760
    for previous, amount, change in ((rows, 100, now - before), (rows[1:], -50, now - 99.99)):
        found = lishi(outages=outages, previous=sheet(columns, *previous))
        assert value(found, "incentive_wan_yuan", item="beijing", area="rural") == amount
        assert value(found, "asai_change_points", area="rural") == pytest.approx(change)


@pytest.mark.parametrize(
    ("confidence", "sides"),
    [
        (95, [37.55, 96.38]),  # 4 of 5, z = 1.96: (4 + 1.9207 ± 1.96·√(4·1/5 + 0.9604)) / (5 + 3.8415)
        (90, [43.53, 95.40]),  # z = 1.6449: (4 + 1.3528 ± 1.6449·√(4·1/5 + 0.6764)) / (5 + 2.7055)
    ],
)
def test_satisfied_share_with_its_interval(confidence, sides):
    survey = PARAMS.method.survey.model_copy(update={"confidence_pct": confidence})
    found = lishi(PARAMS.model_copy(update={"method": PARAMS.method.model_copy(update={"survey": survey})}))
    assert [value(found, f"survey_top2_{side}", item="payment") for side in ("low", "high")] == pytest.approx(sides, abs=0.01)


def test_neutral_answers_are_those_just_below_the_satisfied_ones():
    answers = LEDGERS["lishi"]["survey"].assign(payment=pd.array([5, 3, 3, 2, 4], dtype="Int64"))
    assert value(lishi(survey=answers), "survey_neutral_share", item="payment") == 40
    few = select(lishi(survey=answers.head(4)), "survey_neutral_share", item="payment").iloc[0]
    assert np.isnan(few["value"]) and (few["n"], few["reason"]) == (4, "fewer answers than are shown")


def test_grids_are_compared_state_less_local():
    survey = POOLED["survey"]
    survey = survey.assign(payment=survey["payment"].mask(survey["county"] == "wenshui", 5))  # of the state grid
    found = city_results(POOLED | {"survey": survey}, LONG, CITY, BOTH).indicators
    row = select(found, "survey_grid_difference", item="payment", by="grid", group="local").iloc[0]
    assert (row["value"], row["n"]) == (pytest.approx(100 - 80), 10)
    links = WHOLE.links[(WHOLE.links["indicator"] == "survey_grid_difference") & (WHOLE.links["item"] == "payment")]
    assert links["of_group"].tolist() == ["state", "local"]
    few = select(found, "survey_grid_difference", item="connection", by="grid", group="local").iloc[0]
    assert np.isnan(few["value"]) and few["n"] == 8  # four answers of each grid


def test_scheduled_outage_in_steps_is_announced_once():
    # one outage restored in two steps, announced 23 h ahead by WeChat; another announced 24 h ahead by SMS
    day, hours = pd.Timestamp("2020-07-02 08:00"), pd.Timedelta(hours=1)
    steps = [
        ("a", day + 2 * hours, day - 23 * hours, "微信"),
        ("a", day + hours, day - 23 * hours, "微信"),
        ("b", day + hours, day - 24 * hours, "短信"),
    ]
    outages = sheet("event_id restored announced_at notice", *steps)
    outages = outages.assign(
        area_type="rural",
        kind="scheduled",
        cause="planned_maintenance",
        started=day,
        customers=10,
        external=False,
        feeder="北关线",
    )
    found = lishi(outages=outages)
    assert [value(found, name) for name in ("notice_sms_pct", "notice_in_time_pct", "notice_lead_hours")] == [50, 50, 23.5]
    assert select(found, "notice_sms_pct")["n"].iloc[0] == 2


def test_a_cut_of_exactly_8_percent_meets_the_national_target():
    # 23 h, above the 15 h of rural areas, after 25 h; in binary 100·(1 − 23/25) is 7.999999999999996
    found = lishi(previous=CITY["previous_indicators"].assign(value=25.0), **ledgers("lishi", 40, 20, 23))
    assert value(found, "saidi_hours", county="lishi", area="rural") == 23
    assert value(found, "national_target_met", county="lishi", area="rural") == 1


def test_four_respondents_are_too_few_for_a_share():
    found = lishi(survey=LEDGERS["lishi"]["survey"].head(4))
    assert value(found, "demand_count", item="smart_meter") == 2
    assert set(found.loc[found["indicator"] == "demand_count", "by"]) == {""}  # demands are split by grid only
    share = select(found, "demand_share_pct", item="smart_meter").iloc[0]
    assert np.isnan(share["value"])
    assert (share["n"], share["reason"]) == (4, "fewer answers than are shown")
