"""B-READY (method 12): points of the schemes, answers of several experts, missing weights, and a city worked by hand."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from indicator_study import BOTH, CITY, LONG, POOLED, sheet
from pydantic import ValidationError

from ge_analysis.indicators.b_ready import answered, scored, shared_out, worth
from ge_analysis.indicators.city import city_results
from ge_analysis.indicators.long_table import select, value
from ge_analysis.settings.method import BReadyParams
from ge_analysis.settings.parameters import standard

METHOD = standard().b_ready
POINTS = {  # as the handbook prints them, in the order of the parameters
    2026: {
        "oversight": [2.78, 2.78, 2.78],
        "coordination": [4.17, 4.17],
        "safety": [2.78, 2.78, 2.78],
        "environment": [0.93, 0.93, 0.93, 1.85, 1.85, 1.85],
        "digital": [2.08] * 4,
        "monitoring": [5.56, 2.78],
        "information": [2.08] * 4,
        "enforcement": [4.17, 4.17],
    },
    2025: {
        "oversight": [4.17, 4.17],
        "coordination": [4.17, 4.17],
        "safety": [2.78, 2.78, 2.78],
        "environment": [2.08, 2.08, 4.17],
        "digital": [2.08] * 4,
        "monitoring": [5.56, 2.78],
        "information": [1.52, 1.52, 1.52, 1.52, 1.52, 0.76],
        "enforcement": [4.17, 4.17],
    },
}
EFFICIENCY = {"affordability": [5.56, 5.56], "time": [11.11], "reliability": [3.70, 3.70, 3.70]}


@pytest.mark.parametrize("edition", [2025, 2026])
def test_every_indicator_has_the_points_that_the_handbook_prints(edition):
    most = worth(edition)
    found = {
        subcategory: [round(most[name], 2) for name in indicators]
        for subcategories in METHOD.editions[edition].pillars.values()
        for subcategory, indicators in subcategories.items()
    }
    assert found == POINTS[edition] | EFFICIENCY


@pytest.mark.parametrize("edition", [2025, 2026])
def test_subcategories_add_up_to_their_points(edition):
    most = worth(edition)
    for pillar, subcategories in METHOD.editions[edition].pillars.items():
        assert round(most[pillar], 2) == 33.33
        for subcategory, indicators in subcategories.items():
            assert round(most[subcategory], 2) == (11.11 if pillar == "efficiency" else 8.33)
            assert sum(most[name] for name in indicators) == pytest.approx(most[subcategory])


def test_a_study_has_the_points_of_its_own_parameters():
    # 60 points: 20 for each of three pillars, 5 for each of four subcategories of regulation, all of them on the one answer
    own = METHOD.model_copy(update={"points": 60.0})
    assert [worth(2025, method=own)[part] for part in ("regulation", "safety")] == [20, 5]
    assert scored({"liability": 1}, 2025, method=own)["safety"] == 5


def test_2026_has_26_indicators_of_regulation_and_services():
    pillars = METHOD.editions[2026].pillars
    assert sum(len(indicators) for pillar in ("regulation", "services") for indicators in pillars[pillar].values()) == 26


def test_the_roll_up_of_angola_2025():
    # published: pillar I 20.14, III 24.86 = 10.29 + 7.58 + 7.00. Pillar I lacks two indicators of 4.17, one of 2.78 and one
    # of 2.08: 33.33 - 13.19 = 20.14
    lacking = {"tariff_monitoring", "joint_planning", "certification", "environment_provision"}
    scores = {name: 0.0 if name in lacking else 1.0 for name in worth(2025)}
    assert round(scored(scores, 2025)["regulation"], 2) == 20.14
    thirds = {"connection_cost": 10.29, "monthly_bill": 10.29, "connection_time": 7.58}
    thirds |= dict.fromkeys(("outages_per_month", "outage_length", "no_generator"), 7.00)
    third = scored({name: got / 11.11 for name, got in thirds.items()}, 2025)
    assert [round(third[part], 2) for part in ("affordability", "time", "reliability")] == [10.29, 7.58, 7.00]
    assert third["efficiency"] == pytest.approx(24.86, abs=0.015)  # 24.87 of rounded parts


def test_pillar_ii_of_angola_2025_is_reached_with_half_points_alone():
    # published: 16.26, without the answers. An even split of the experts gives half a point; of all scores of 0, ½ and 1
    # only 16.2563 prints so, in several ways: here 1½ of the digital 2.08, the 5.56, 4½ of the 1.52 and the 0.76
    got = {"online_application": 1, "e_payment": 0.5, "reliability_monitoring": 1, "environment_online": 1}
    got |= {
        "requirements_online": 1,
        "tariff_notice": 1,
        "outage_notice_direct": 1,
        "complaint_mechanism": 1,
        "quality_online": 0.5,
    }
    points = scored({name: got.get(name, 0.0) for name in worth(2025)}, 2025)
    assert [round(points[part], 2) for part in ("digital", "monitoring", "information", "enforcement")] == [3.12, 5.56, 7.58, 0]
    assert round(points["services"], 2) == 16.26
    digital, monitoring, information, enforcement = (
        [25 / 12 * count for count in range(5)],
        [25 / 9 * count for count in range(4)],
        [25 / 33 * count for count in range(12)],
        [25 / 6 * count for count in range(3)],
    )
    whole = {round(sum(parts), 2) for parts in itertools.product(digital, monitoring, information, enforcement)}
    assert 16.26 not in whole  # so some answers were split


@pytest.mark.parametrize(
    ("answers", "needs", "score"),
    [
        ([1], 1, 1),
        ([0.5], 1, 0.5),
        ([1, 1, 0], 2, 1),
        ([1, 0, 0], 2, 0),
        ([1, 0.5, 0], 2, 0.5),
        ([1, 1], 2, 1),
        ([1, 0], 2, 0),
        ([0, math.nan], 2, 0),  # whatever the unknown answer is
        ([1, 1, math.nan], 2, 1),
        ([1, 0, math.nan], 2, math.nan),
        ([math.nan], 1, math.nan),
        ([1, math.nan], 1, 1),  # one is enough
    ],
)
def test_so_many_of_the_questions(answers, needs, score):
    assert answered(answers, needs) == score or (math.isnan(score) and math.isnan(answered(answers, needs)))


def test_the_weight_of_a_missing_indicator_is_shared_out_within_its_subcategory():
    # monitoring: 5.56 and 2.78; without the first, the second has all 8.33
    points = scored({"environment_published": 1.0}, 2026)
    assert points["environment_published"] == pytest.approx(25 / 3)
    assert points["monitoring"] == pytest.approx(25 / 3)
    assert math.isnan(points["indices_published"]) and math.isnan(points["digital"]) and math.isnan(points["total"])
    assert all(map(math.isnan, shared_out({"a": math.nan}, {"a": 1}, 8).values()))


def test_an_edition_that_does_not_exist_is_refused():
    with pytest.raises(ValidationError, match="no edition 2024; there are 2026, 2025"):
        BReadyParams.model_validate(METHOD.model_dump() | {"edition": 2024})


def city(*answers: tuple, method: BReadyParams = METHOD, **tables: pd.DataFrame) -> pd.DataFrame:
    """Indicators of the city with these answers (question, expert, answer)."""
    checklist = sheet("item expert answer", *answers, county="city", answer="boolean").assign(evidence="依据")
    params = BOTH.model_copy(update={"method": BOTH.method.model_copy(update={"b_ready": method})})
    return city_results(POOLED, LONG, CITY | {"b_ready": checklist} | tables, params).indicators


@pytest.mark.parametrize(
    ("answers", "median"), [([True], 1), ([True, False], 0.5), ([True, True, False], 1), ([False, False, True, True], 0.5)]
)
def test_several_experts_count_by_their_median(answers, median):
    others = [("joint_construction", "专家0", None), ("joint_planning", "专家0", False)]
    found = city(*[("liability", f"专家{number}", answer) for number, answer in enumerate(answers)], *others)
    assert value(found, "b_ready_answer", item="liability") == median
    # certification and inspection are not answered: liability has the 8.33 points of its subcategory
    assert value(found, "b_ready_points", item="safety") == pytest.approx(median * 25 / 3)


def test_ledgers_answer_what_the_checklist_does_not():
    found = city(("liability", None, True))
    # of the city: deterrent 0, regulator 1, tariff 1
    row = select(found, "b_ready_answer", item="outage_penalties").iloc[0]
    assert (row["value"], row["n"]) == (0, 0)  # of no row of the checklist
    assert value(found, "b_ready_answer", item="service_standards") == 1
    assert value(found, "b_ready_answer", item="tariff_notice") == 1
    # ASAI alone is published for the city
    assert value(found, "b_ready_answer", item="saidi_published") == 0
    # the checklist goes before the ledgers
    assert value(city(("outage_penalties", None, True)), "b_ready_answer", item="outage_penalties") == 1


def test_what_was_published_is_of_all_areas_and_has_a_source():
    columns = "place indicator area value value_year excluded value_source"
    rows = [("saidi_hours", "all", 5.0, "公报"), ("saifi", "urban", 2.0, "公报"), ("saifi", "all", 2.0, None)]
    before = sheet(columns, *[("city", name, area, figure, 2019, None, source) for name, area, figure, source in rows])
    found = city(previous_indicators=before)
    assert [value(found, "published_before", item=item) for item in ("saidi_hours", "saifi")] == [1, 0]


def test_where_nothing_of_the_year_before_was_reported_nobody_knows_what_was_published():
    before = CITY["previous_indicators"]
    found = city(previous_indicators=before[before["place"] != "city"])
    row = select(found, "b_ready_answer", item="saidi_published").iloc[0]
    published = select(found, "published_before", item="saidi_hours").iloc[0]
    assert np.isnan(row["value"]) and np.isnan(published["value"]) and published["n"] == 0


def test_without_a_checklist_there_are_no_points():
    found = city()
    row = select(found, "b_ready_points", item="joint_construction").iloc[0]
    assert np.isnan(row["value"]) and row["reason"] == "neither the checklist (B-READY核查) nor a ledger answers it"
    assert np.isnan(value(found, "b_ready_points", item="regulation"))


def test_figures_are_scored_between_percentiles_only_where_there_are_any():
    # three high- and low-voltage cases of firms in either county: 2, 26 and 50 days, median 26
    found = city()
    assert value(found, "b_ready_time_days") == 26
    row = select(found, "b_ready_points", item="connection_time").iloc[0]
    assert np.isnan(row["value"]) and row["reason"] == "the parameters have no percentiles to score the figure by"
    percentiles = {"connection_time": {"best": 10, "worst": 42, "source": "假设"}}
    scored_city = city(method=BReadyParams.model_validate(METHOD.model_dump() | {"percentiles": percentiles}))
    assert value(scored_city, "b_ready_points", item="time") == pytest.approx(100 / 9 / 2)  # half way from 42 to 10


def test_cost_and_bill_in_percent_of_the_income_per_capita():
    # 19 776 yuan. Small: 0 and 100 % at both ends of the window; large: 300 % at its upper end; the others are neither
    connections = POOLED["connections"].assign(
        voltage=["380V", "380V", "10kV", "10kV", "10kV", "10kV"],
        capacity_kva=[30.0, 100, 60, 400, 500, 315],
        customer_class=["residential", "lv_business", "hv_single"] * 2,
    )
    other = CITY["tariffs"].assign(tariff_voltage="below_1kv", energy_price=0.9)  # of the voltage of small customers
    tariffs = pd.concat([CITY["tariffs"], other], ignore_index=True)
    found = city_results(POOLED | {"connections": connections}, LONG, CITY | {"tariffs": tariffs}, BOTH).indicators
    sizes = {size: value(found, "b_ready_connection_cost_pct", item=size) for size in ("small", "large", "")}
    assert sizes == {"small": 50, "large": 300, "": 175}
    assert value(found, "b_ready_time_days") == 38  # 26 and 50 twice: those of residents are no firms'
    assert value(found, "b_ready_bill_pct") == pytest.approx(100 * 34_560 * (0.5 + 0.02) / 19_776)


def test_an_estimate_of_the_questionnaire_needs_six_answers():
    found = city()
    # ten answers of two counties: 1, 0, 2, 1, 1 outages in a month; eight of 1, 2, 3, 2 h; eight of which two have a generator
    assert value(found, "b_ready_outages_per_month") == 1
    assert value(found, "b_ready_outage_hours") == 2
    assert value(found, "b_ready_no_generator_pct") == 75
    for n, mean in ((6, 1.0), (5, np.nan)):  # 1, 0, 2, 1, 1 and again 1
        again = city_results(POOLED | {"survey": POOLED["survey"].head(n)}, LONG, CITY, BOTH).indicators
        found = select(again, "b_ready_outages_per_month").iloc[0]
        assert (found["value"], found["n"]) == (pytest.approx(mean, nan_ok=True), n)
