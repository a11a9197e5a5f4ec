"""County and city results from ledgers small enough to be worked by hand, and the rows behind each value."""

import numpy as np
import pandas as pd
import pytest
from indicator_study import BOTH, CITY, COUNTIES, LEDGERS, LONG, PARAMS, POOLED, WHOLE, lishi

from ge_analysis.errors import GeError
from ge_analysis.indicators.city import city_results
from ge_analysis.indicators.county import county_results
from ge_analysis.indicators.long_table import INDICATOR_COLUMNS, positions, select, value
from ge_analysis.indicators.results import ROW_COLUMNS, median_weights
from ge_analysis.settings import parameters
from ge_analysis.settings.keys import DIMENSIONS, KEYS
from ge_analysis.settings.parameters import standard
from ge_analysis.settings.registry import registry


@pytest.mark.parametrize(
    ("indicator", "dims", "expected"),
    [
        ("saidi_hours", {"area": "town"}, 0.5),  # 2 h · 10 / 40
        ("saidi_hours", {"area": "rural"}, 16),  # 8 h · 20 / 10
        ("saidi_hours", {"area": "urban"}, 0.5),
        ("saidi_hours", {"area": "all"}, 3.6),  # (20 + 160) / 50
        ("saidi_hours", {"area": "all", "kind": "fault"}, 3.2),
        ("saidi_hours", {"area": "all", "kind": "shortage"}, 0),
        ("saidi_hours", {"area": "all", "item": "natural"}, 3.2),
        ("saidi_hours", {"area": "all", "by": "without", "group": "external"}, 0.4),
        ("saidi_hours", {"area": "all", "by": "without", "group": "shortage"}, 3.6),
        ("saifi", {"area": "all"}, 0.6),  # (10 + 20) / 50
        ("caidi_hours", {"area": "all"}, 6),  # 180 / 30
        ("asai_pct", {"area": "all"}, 100 * (1 - 3.6 / 8784)),
        ("hour_customers", {"area": "all"}, 180),
        ("hour_customers", {"area": "all", "kind": "fault"}, 160),
        ("hour_customers", {"area": "all", "item": "planned_maintenance"}, 20),
        ("hour_customers", {"area": "all", "by": "feeder", "group": "北关线"}, 180),
        ("hour_customers", {"area": "all", "by": "month", "group": "2020-07"}, 180),
        ("hour_customers", {"area": "all", "by": "month", "group": "2020-08"}, 0),
        ("customers_served", {"area": "all"}, 50),
        ("national_target_ratio", {"area": "all"}, 180 / (40 * 9 + 10 * 15)),
        ("national_target_met", {"area": "town"}, 1),
        ("national_target_met", {"area": "rural"}, 1),  # 16 > 15 h, but cut from 20 by 20 %
        ("saidi_cut_pct", {"area": "rural"}, 20),
        ("reliability_band", {"area": "urban"}, 3),
        ("reliability_band", {"area": "rural"}, 0),
        ("reliability_band", {"area": "all"}, 2),
        ("major_event_base_years", {}, 0),  # taken from the period itself, which has one day with an interruption
        ("major_event_days", {}, 0),
        ("feeder_interconnected_pct", {"area": "all"}, 50),
        ("feeder_automated_pct", {"area": "rural"}, 0),
        ("feeder_automated_pct", {"area": "town"}, 100),
        ("feeder_self_healing_pct", {"area": "town"}, 0),
        ("feeders", {"area": "urban"}, 1),
        ("live_line_rate_pct", {}, 75),  # 60 / (60 + 20)
        ("index_item", {"item": "restoration"}, 0),
        ("reliability_index", {}, 5),  # 2 + 3
        ("procedures", {"voltage": "low"}, 2),
        ("procedures", {"voltage": "high"}, 4),
        ("time_days", {"voltage": "low"}, 2),
        # plan 4 and 12 days of which the application takes the first, works 20 and 32, energising 2 and 6
        ("stage_days", {"voltage": "high", "item": "application"}, 1),
        ("stage_days", {"voltage": "high", "item": "plan"}, 7),
        ("stage_days", {"voltage": "high", "item": "works"}, 26),
        ("stage_days", {"voltage": "high", "item": "energising"}, 4),
        ("stage_undergone_pct", {"voltage": "high", "item": "plan"}, 100),
        ("stage_undergone_pct", {"voltage": "high", "item": "design_review"}, 0),
        ("time_days", {"voltage": "high"}, 38),
        ("time_days", {"voltage": "high", "by": "public_line_near", "group": "near"}, 26),
        ("time_days", {"voltage": "high", "by": "urban_rural", "group": "rural"}, 50),
        ("cost_pct_income", {"voltage": "high"}, 200),  # (100 % + 300 %) / 2 of 19 776 yuan
        ("score_procedures", {"voltage": "high"}, 100 * 5 / 6),
        ("score_time", {"voltage": "high"}, 100 * 210 / 230),
        ("score_cost", {"voltage": "high"}, 100 * 7900 / 8100),
        ("score_index", {}, 62.5),
        ("score", {"voltage": "low"}, (100 + 100 + 100 + 62.5) / 4),
        ("investment_boundary_pct", {"voltage": "high", "item": "grid_point"}, 100),
        ("permit_days", {"voltage": "high"}, 6.5),
        ("red_line_pct", {}, 50),
        # working days to the plan: 4 of 1 to 5 March; 7 of 1 to 13 April, of which 3 to 5 April are holidays
        ("plan_reply_kept_pct", {}, 50),
        # ... and from the end of the works to the meter: 26 March (27 is a Saturday); 17 to 21 May: 4 + 1 and 7 + 5
        ("handling_days", {"by": "customer_class", "group": "hv_single"}, 8.5),
        ("handling_kept_pct", {}, 100),
        ("zero_investment_kept_pct", {}, 100),
        ("incentive_wan_yuan", {"item": "guangzhou", "area": "urban"}, 100),
        ("incentive_wan_yuan", {"item": "beijing", "area": "rural"}, 100),
        ("resale_entities", {"item": "red", "by": "month", "group": "2021-02"}, 1),
        ("resale_entities", {"item": "green", "by": "month", "group": "2021-02"}, 0),
        ("resale_checks", {}, 1),
        ("checklist_items", {"item": "billing"}, 2),
        ("checklist_met_pct", {"item": "billing"}, 50),
        ("checklist_results", {"item": "billing", "by": "result", "group": "part"}, 1),
        ("card_meters", {}, 40),
        ("smart_meter_pct", {}, 60),
        ("online_payment_pct", {}, 40),
        ("e_invoice_pct", {}, 100 * 5 / 16),
        ("call_back_pct", {}, 50),
        ("record_system_pct", {}, 75),
        ("repair_arrival_minutes", {}, 45),
        ("connection_call_back_pct", {}, 100 / 3),
        ("two_managers_pct", {}, 50),
        ("capacity_published_pct", {}, 50),
        ("hall_score", {"item": "guidance"}, 2.5),
        ("policy_posted_pct", {}, 50),
        ("notice_lead_hours", {}, 20),
        ("notice_in_time_pct", {}, 50),
        ("notice_sms_pct", {}, 50),
        ("demand_count", {"item": "smart_meter"}, 2),
        ("demand_share_pct", {"item": "outage_notice"}, 20),
        ("survey_mean", {"item": "payment"}, 4),  # (5 + 4 + 4 + 2 + 5) / 5
        ("survey_mean", {"item": "payment", "by": "industry", "group": "采矿业"}, 3.75),  # without the 5 of 建筑业
        ("survey_top2_share", {"item": "payment"}, 80),
        ("survey_top2_share", {"item": "payment", "by": "meter_type", "group": "card"}, 80),
    ],
)
def test_county_by_hand(indicator, dims, expected):
    assert value(COUNTIES["lishi"].indicators, indicator, **dims) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("indicator", "dims", "reason"),
    [
        ("saidi_hours", {"area": "centre"}, "no customers served"),
        ("caidi_hours", {"area": "city"}, "no interruption"),
        ("major_event_threshold_hours", {}, "fewer than two days with an interruption"),
        *((name, {"area": "town"}, "no comparable value of the year before") for name in ("saidi_cut_pct", "saidi_change_pct")),
        *(
            (name, {"area": "centre"}, "no customers served")
            for name in ("saidi_cut_pct", "saidi_change_pct", "national_target_met")
        ),
        ("incentive_wan_yuan", {"item": "beijing", "area": "all"}, "the year before is not known"),
        ("felt_procedures", {"voltage": "high"}, "no case whose line the utility built"),
        ("stage_days", {"voltage": "high", "item": "design_review"}, "fewer than half"),
        ("survey_top2_share", {"item": "connection"}, "fewer answers"),  # 4 answers
        ("survey_top2_share", {"item": "payment", "by": "industry", "group": "建筑业"}, "fewer answers"),
        ("survey_mean", {"item": "connection", "by": "industry", "group": "建筑业"}, "no answer"),
        ("survey_top2_share", {"item": "connection", "by": "industry", "group": "建筑业"}, "no answer"),
    ],
)
def test_missing_values_say_why(indicator, dims, reason):
    row = select(COUNTIES["lishi"].indicators, indicator, **dims).iloc[0]
    assert np.isnan(row["value"])
    assert reason in row["reason"]


@pytest.mark.parametrize(
    ("indicator", "dims", "expected"),
    [
        ("saidi_hours", {"area": "all"}, (180 + 60) / 100),  # pooled rows over pooled customers
        ("customers_served", {"area": "all"}, 100),
        ("live_line_rate_pct", {}, 75),
        ("reliability_index", {}, (5 + 6) / 2),  # 50 customers each; wenshui: SAIDI 1.2, band 2, 4 items
        ("score_index", {}, (62.5 + 75) / 2),
        ("index_item", {"item": "restoration"}, 0),
        ("survey_mean", {"item": "payment", "by": "grid", "group": "state"}, 4),
        ("survey_grid_difference", {"item": "payment", "by": "grid", "group": "local"}, 0),
        ("bill_yuan", {"by": "grid", "group": "state", "kind": "business", "voltage": "1_10kv", "item": "funds"}, 2419.2),
        ("bill_yuan", {"by": "grid", "group": "state", "kind": "business", "voltage": "1_10kv"}, 62899.2),
        ("bill_yuan_per_kwh", {"by": "grid", "group": "state", "kind": "business", "voltage": "1_10kv"}, 0.52),
        ("card_meters", {}, 80),
        ("resale_checks", {}, 2),
        ("demand_share_pct", {"item": "smart_meter", "by": "grid", "group": "local"}, 40),
        ("demand_count", {"item": "smart_meter", "by": "grid", "group": "local"}, 2),
        ("incentive_wan_yuan", {"item": "beijing", "area": "all"}, 100),
    ],
)
def test_city_by_hand(indicator, dims, expected):
    assert value(WHOLE.indicators, indicator, county="city", **dims) == pytest.approx(expected)


def test_a_study_counts_by_its_own_method_never_by_the_packages(monkeypatch):
    standard.cache_clear()
    monkeypatch.setattr(parameters, "shipped", None)
    with pytest.raises(TypeError):
        standard()
    lishi()
    city_results(POOLED, LONG, CITY, BOTH)


def test_city_without_some_counties_is_not_compared_with_last_years_city():
    part = city_results(POOLED, LONG, CITY, PARAMS).indicators  # two of the study's thirteen
    row = select(part, "incentive_wan_yuan", county="city", item="beijing", area="all").iloc[0]
    assert np.isnan(row["value"]) and row["reason"] == "ASAI of this year or of the year before is not known"


@pytest.mark.parametrize("results", [*COUNTIES.values(), WHOLE], ids=["lishi", "wenshui", "city"])
def test_rows_add_up_to_their_values(results):
    sums = results.rows.groupby(KEYS, observed=True)[["numerator", "denominator"]].sum(min_count=1).reset_index()
    table = results.indicators.merge(sums.astype(dict.fromkeys(KEYS, "str")), on=KEYS, how="inner", suffixes=("", "_of_rows"))
    table = table[table["value"].notna()]
    assert len(table) > 100
    scale = table["unit"].map({"%": 100}).fillna(1)
    made = (scale * table["numerator_of_rows"] / table["denominator_of_rows"]).fillna(table["numerator_of_rows"])
    np.testing.assert_allclose(made, table["value"])


def test_only_derived_values_have_no_rows():
    table = COUNTIES["lishi"].indicators.merge(
        COUNTIES["lishi"].rows[KEYS].drop_duplicates().astype("str"), on=KEYS, how="left", indicator=True
    )
    alone = set(table.loc[(table["_merge"] == "left_only") & (table["value"] != 0), "indicator"][table["value"].notna()])
    assert alone == {
        "asai_pct",
        "asai_change_points",
        "saidi_cut_pct",
        *("saidi_change_pct", "saifi_change_pct"),
        *("yearly_saidi_hours", "yearly_saifi"),
        "national_target_met",
        "reliability_band",
        "reliability_eligible",
        "reliability_index",
        "score",
        "score_procedures",
        "score_time",
        "score_cost",
        "score_index",
        "survey_top2_low",
        "survey_top2_high",
        "incentive_wan_yuan",
    }


@pytest.mark.parametrize("indicator", ["saidi_hours", "saifi", "customers_served", "national_target_ratio"])
def test_outages_among_no_customers_are_behind_no_rate(indicator):
    row = select(lishi(customers=LEDGERS["lishi"]["customers"].iloc[:0]), indicator, area="all").iloc[0]
    assert np.isnan(row["value"]) and (row["n"], row["reason"]) == (0, "no customers served recorded")


def test_feeders_of_one_name_are_not_added_up_over_the_counties():
    of_feeders = WHOLE.indicators["by"] == "feeder"
    assert "hour_customers" not in set(WHOLE.indicators.loc[of_feeders, "indicator"])


def test_whether_a_place_is_eligible_quotes_its_own_shortest_outage():
    of_places = {
        name: results.quoted[results.quoted["indicator"] == "reliability_eligible"] for name, results in COUNTIES.items()
    }
    assert of_places["lishi"][["role", "source_row", "quoted"]].values.tolist() == [["minimum_outage_minutes", 2, 3]]
    assert of_places["wenshui"].empty  # it has recorded none


def test_a_single_customer_is_served():
    found = lishi(customers=LEDGERS["lishi"]["customers"].assign(customers_served=[40, 1, 9]))
    assert [value(found, "customers_served", area=area) for area in ("rural", "all")] == [1, 41]
    assert value(found, "saidi_hours", area="all", kind="fault") == pytest.approx(160 / 41)


def test_rows_name_their_source():
    rows = select(COUNTIES["lishi"].rows, "saidi_hours", area="rural")
    steps = rows[rows["table"] == "outages"]
    assert steps[["place", "source_file", "source_row", "numerator"]].values.tolist() == [["lishi", "lishi.xlsx", 3, 160]]
    assert rows.loc[rows["table"] == "customers", ["source_row", "denominator"]].values.tolist() == [[3, 10]]
    of_faults = select(COUNTIES["lishi"].rows, "saidi_hours", area="all", kind="fault")
    assert of_faults.loc[of_faults["table"] == "customers", "source_row"].tolist() == [2, 3]  # the third is of another unit
    tables = LEDGERS["lishi"] | {"customers": LEDGERS["lishi"]["customers"].assign(source_file="n.xlsx", source_row=[7, 8, 9])}
    rows = county_results(tables, PARAMS, "lishi", CITY["index_items"], CITY["previous_indicators"]).rows
    sources = select(rows, "saidi_hours", area="rural")[["table", "source_file", "source_row"]].values.tolist()
    assert sources == [["outages", "lishi.xlsx", 3], ["customers", "n.xlsx", 8]]


def test_table_keeps_its_form():
    assert list(LONG.columns) == INDICATOR_COLUMNS
    assert list(WHOLE.rows.columns) == ROW_COLUMNS
    assert not LONG.duplicated(KEYS).any()
    assert set(LONG["indicator"]) <= set(registry().indicators)
    assert (LONG["reason"].ne("") == LONG["value"].isna()).all()


OF_NOTHING = {  # what is missing where no ledger has a row, and why
    "ASAI of this year or of the year before is not known": "asai_change_points incentive_wan_yuan",
    "SAIDI is not known": "incentive_wan_yuan",
    "SAIDI or SAIFI is not known": "reliability_band reliability_eligible reliability_index",
    "no customers served recorded": "saidi_hours saifi asai_pct hour_customers customers_served saidi_cut_pct "
    "national_target_met national_target_ratio saidi_change_pct saifi_change_pct customers_served_change_pct "
    "asai_published_change_points major_event_threshold_hours major_event_base_years major_event_days",
    "no interruption in the period": "caidi_hours",
    "no comparable value of the year before": "saidi_hours_before saifi_before customers_served_before asai_pct_before "
    "score_before",
    "neither live-line work nor a scheduled outage in the period": "live_line_rate_pct",
    "no feeder recorded": "feeders feeder_interconnected_pct feeder_automated_pct feeder_self_healing_pct frequent_feeders "
    "warned_feeders frequent_feeder_pct",
    "no list of interrupted customers (停电用户明细)": "frequent_customers warned_customers cemi_pct celid_pct "
    "frequent_customer_pct",
    "no index check recorded for this place": "index_item",
    "one of the parts is missing": "score score_procedures score_time score_cost score_index",
    "no comparable case completed in the period": "procedures time_days time_working_days elapsed_days longest_days "
    "stage_days stage_working_days stage_undergone_pct cost_pct_income",
    "no case that the promise covers was completed in the period": "plan_reply_kept_pct handling_kept_pct handling_days "
    "permit_days red_line_pct investment_boundary_pct zero_investment_kept_pct",
    "no case whose line the utility built": "felt_procedures",
    "no resale price recorded in the period": "resale_checks",
    "nothing recorded in the period": "checklist_met_pct card_meters smart_meter_pct online_payment_pct e_invoice_pct "
    "call_back_pct record_system_pct repair_arrival_minutes hall_score policy_posted_pct connection_call_back_pct "
    "two_managers_pct capacity_published_pct notice_lead_hours notice_in_time_pct notice_sms_pct",
    "no answer to this aspect": "survey_mean survey_top2_share survey_top2_low survey_top2_high survey_neutral_share",
    "no answers to the questionnaire": "demand_count demand_share_pct",
}


def test_empty_ledgers_give_missing_values_with_reasons():
    empty = {name: table.iloc[:0] for name, table in LEDGERS["lishi"].items()}
    results = county_results(empty, PARAMS, "lishi", CITY["index_items"].iloc[:0], CITY["previous_indicators"].iloc[:0])
    known = results.indicators[results.indicators["value"].notna()]
    hours, counts = {"hour_customers", "monthly_hour_customers"}, {"live_line_jobs", "outage_steps", "survey_respondents"}
    assert set(known["indicator"]) == hours | counts | {"ledger_rows", "interruption_rows"}
    assert (known["value"] == 0).all()
    missing = results.indicators[results.indicators["value"].isna()]
    assert missing.groupby("reason")["indicator"].agg(set).to_dict() == {why: set(of.split()) for why, of in OF_NOTHING.items()}
    assert missing["n"].fillna(0).eq(0).all()
    assert results.rows.empty


def test_splitting_and_shuffling_rows_changes_no_value():
    outages = LEDGERS["lishi"]["outages"]
    half = outages.assign(customers=outages["customers"] / 2)
    again = lishi(outages=pd.concat([half, half.iloc[::-1]], ignore_index=True))
    of_rows = again["indicator"].isin(["ledger_rows", "outage_steps", "interruption_rows"])  # these count the rows themselves
    np.testing.assert_allclose(again["value"][~of_rows], COUNTIES["lishi"].indicators["value"][~of_rows])


def test_unknown_names_are_refused():
    with pytest.raises(GeError, match="unknown dimension 'colour'"):
        select(LONG, "saidi_hours", colour="red")
    with pytest.raises(GeError, match="2 values of saidi_hours"):
        value(LONG, "saidi_hours", area="all")


@pytest.mark.parametrize(
    ("values", "weights"), [([3.0, 1, 2], [0, 0, 1]), ([4.0, 1, 2, 3], [0, 0, 0.5, 0.5]), ([np.nan], [0]), ([], [])]
)
def test_median_weights(values, weights):
    assert median_weights(np.array(values)).tolist() == weights


def test_rows_of_a_value_are_found_wherever_they_are():
    areas = ["urban", "rural", "rural", "urban", "town", "urban"]
    rows = pd.DataFrame(dict.fromkeys(KEYS, "") | {"indicator": "saifi", "area": areas})
    urban, rural, none = (("", "saifi", area, "", "", "", "", "") for area in ("urban", "rural", "city"))
    found = {key: at.tolist() for key, at in positions(rows, [rural, none, urban])}
    assert found == {rural: [1, 2], urban: [0, 3, 5]}


def test_dimensions_are_those_of_the_registry_keys():
    assert KEYS[2:] == DIMENSIONS


def test_results_show_how_much_they_hold():
    results = county_results(LEDGERS["lishi"], PARAMS, "lishi", CITY["index_items"], CITY["previous_indicators"])
    first, *held = [line.split()[:2] for line in repr(results).splitlines()]
    assert first == ["rows", "columns"]
    assert held == [[name, str(len(getattr(results, name)))] for name in ("indicators", "rows", "links", "quoted")]
    assert all(f"<th>{name}</th>" in results._repr_html_() for name in ("indicators", "quoted"))
