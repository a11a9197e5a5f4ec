"""Procedures, days, cost and promises by hand (method 4)."""

import chinese_calendar
import numpy as np
import pandas as pd
import pytest

from ge_analysis.errors import GeError
from ge_analysis.indicators.connection import (
    comparable_cases,
    connection_cost,
    connection_time,
    deposit_cost,
    elapsed_time,
    procedure_count,
    stage_days,
)
from ge_analysis.indicators.working_days import working_day_number
from ge_analysis.settings.parameters import standard

METHOD = standard().connection


def case(voltage: str = "10kV", boundary: str = "grid_point", channel: str = "hall", **days: int) -> dict:
    """One case: stage columns as days after Monday 1 March 2021."""
    dates = {name: pd.Timestamp("2021-03-01") + pd.Timedelta(days=day) for name, day in days.items()}
    return {"voltage": voltage, "investment_boundary": boundary, "channel": channel, **dates}


HIGH = {
    "applied": 0,
    "plan_replied": 4,
    "works_started": 6,
    "works_finished": 24,
    "accepted": 26,
    "contract_signed": 26,
    "energised": 26,
}


def cases(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("row", "count"),
    [
        (case("380V", "meter_box", applied=0, plan_replied=0, energised=2), 2),  # 申请, 装表接电
        (case(**HIGH), 4),  # 申请受理, 方案答复, 外部工程, 装表接电
        (case(boundary="red_line", **HIGH), 3),  # works and meter by one party, nothing between
        (case(boundary="red_line", **HIGH | {"accepted": 25}), 4),  # acceptance on a separate day comes between
        (case(**HIGH | {"design_reviewed": 5}), 5),
        (case(**HIGH | {"design_reviewed": 5, "midway_checked": 15}), 6),
    ],
)
def test_procedures_of_one_case(row, count):
    assert procedure_count(cases(row)) == count


def test_the_count_that_most_cases_show():
    reviewed = case(**HIGH | {"design_reviewed": 5})
    assert procedure_count(cases(case(**HIGH), case(**HIGH), reviewed)) == 4
    assert procedure_count(cases(case(**HIGH), reviewed, reviewed)) == 5
    assert procedure_count(cases(case(**HIGH), reviewed)) == 4  # a tie: the smaller
    assert np.isnan(procedure_count(cases(case(**HIGH)).iloc[:0]))


def test_calendar_days_of_the_stages():
    days = stage_days(cases(case(**HIGH))).loc[0].dropna()
    assert days.to_dict() == {"application": 1, "plan": 3, "works": 20, "energising": 2}
    assert connection_time(cases(case(**HIGH))) == 26  # from the first day to the last


def test_total_is_the_sum_of_medians_not_the_median_of_totals():
    slow_plan = case(**HIGH | {"plan_replied": 14, "works_finished": 24})
    slow_works = case(**HIGH | {"works_finished": 44, "accepted": 46, "contract_signed": 46, "energised": 46})
    # plan 3, 13, 3 -> 3; works 20, 10, 40 -> 20; energising 2, 2, 2 -> 2; application 1
    assert connection_time(cases(case(**HIGH), slow_plan, slow_works)) == 26


def test_works_that_the_utility_builds_last_as_long_as_they_lasted():
    """Method 4: 1/3/53/56 days twice, built by the customer, and 1/3/23/26 days twice, built by the utility."""
    long = {"applied": 0, "plan_replied": 3, "works_finished": 53, "energised": 56}
    short = long | {"works_finished": 23, "energised": 26}
    four = cases(*[case(**long)] * 2, *[case(boundary="red_line", **short)] * 2)
    days = stage_days(four)
    assert days.median().dropna().to_dict() == {"application": 1, "plan": 2, "works": 35, "energising": 3}
    assert connection_time(four) == elapsed_time(four) == 41
    assert connection_time(four.iloc[2:]) == 26
    assert procedure_count(four.iloc[:2]) == 4
    assert procedure_count(four.iloc[2:]) == 3  # the works count with the meter, their 20 days count all the same


def test_stages_that_differ_can_lift_the_sum_of_medians_above_the_longest_case():
    # 1 + 3 + 10 + (10 + 20) / 2 + 2 days, though both cases took 26
    reviewed = case(**HIGH | {"design_reviewed": 14})
    two = cases(case(**HIGH), reviewed)
    assert connection_time(two) == 31
    assert elapsed_time(two) == 26
    assert np.isnan(elapsed_time(two.iloc[:0]))


def test_elapsed_working_days():
    # Friday 5 to Monday 8 March 2021: the application takes the Friday, the meter the Monday
    low = pd.DataFrame({"voltage": ["220V"], "channel": ["hall"], "applied": ["2021-03-05"], "energised": ["2021-03-08"]})
    assert (elapsed_time(low), elapsed_time(low, "working")) == (3, 2)


def test_every_stage_takes_a_day_and_none_starts_with_another():
    at_once = case("380V", "meter_box", applied=0, plan_replied=0, energised=0)
    assert connection_time(cases(at_once)) == 2
    same_day = case(**dict.fromkeys(HIGH, 0))
    assert connection_time(cases(same_day)) == 4


def test_half_days_online_only_where_switched_on():
    online = case("380V", "meter_box", "online", applied=0, plan_replied=0, energised=0)
    assert connection_time(cases(online)) == 2
    switched = METHOD.model_copy(update={"halve_online_stages": True})
    assert connection_time(cases(online), method=switched) == 1
    assert connection_time(cases(case("380V", "meter_box", applied=0, plan_replied=0, energised=0)), method=switched) == 2


def test_a_stage_that_few_undergo_is_no_part_of_the_total():
    reviewed = case(**HIGH | {"design_reviewed": 5})
    assert connection_time(cases(case(**HIGH), case(**HIGH), reviewed)) == 26


def test_working_days_around_the_national_holiday():
    # 29 September 2021 (Wednesday) to 11 October (Monday): 30 September, then the make-up days 8 (Friday) and 9 (Saturday), 11
    days = pd.Series(pd.to_datetime(["2021-09-29", "2021-09-30", "2021-10-08", "2021-10-09", "2021-10-11"]))
    assert (working_day_number(days) - working_day_number(days)[0]).tolist() == [0, 1, 2, 3, 4]
    low = pd.DataFrame(
        {"voltage": ["220V"], "applied": ["2021-09-29"], "energised": ["2021-10-09"], "investment_boundary": ["meter_box"]}
    )
    assert connection_time(low, calendar="working") == 3
    assert connection_time(low) == 10


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2020-01-19", True),
        ("2020-01-31", False),
        ("2020-02-03", True),
        ("2021-02-07", True),
        ("2021-02-20", True),
        ("2021-05-05", False),
        ("2021-09-26", True),
        ("2022-01-29", True),
        ("2022-01-31", False),
    ],
)
def test_state_holidays_and_make_up_days(day, working):
    before, after = working_day_number(pd.Series(pd.to_datetime([pd.Timestamp(day) - pd.Timedelta(days=1), pd.Timestamp(day)])))
    assert (after - before) == working


@pytest.mark.parametrize("year", [1999, max(chinese_calendar.holidays).year + 1, 2090])
def test_a_year_without_holidays_is_a_clear_error(year):
    with pytest.raises(GeError, match=f"no table of Chinese holidays for {year}"):
        working_day_number(pd.Series([pd.Timestamp(year, 1, 1)]))


def test_missing_days_have_no_number():
    assert working_day_number(pd.Series([pd.NaT, pd.NaT], dtype="datetime64[us]")).isna().all()


def test_lost_interest_on_a_deposit():
    assert deposit_cost(1000, lending_rate=0.10) == pytest.approx(1000 * (1 - 1 / 1.61051))  # 1.1^5 = 1.61051
    assert deposit_cost(1000, 0.10, deposit_rate=0.10) == 0
    assert deposit_cost(1000, 0.10, bond_fee_yuan=20) == 100  # 5 · 20 is the lower
    assert deposit_cost(1000, 0.10, bond_fee_yuan=1000) == pytest.approx(379.0787)
    assert deposit_cost(1000, 0.10, pays_first_bill=True) == 0
    assert deposit_cost(None, 0.10) == 0


def test_cost_is_the_median_with_the_deposit():
    paid = pd.DataFrame({"customer_cost_yuan": [0, 10_000, 50_000], "deposit_yuan": [np.nan, 10_000, 0]})
    expected = 100 * (10_000 + 10_000 * (1 - 1 / 1.05**5)) / 20_000
    assert connection_cost(paid, 20_000, lending_rate=0.06, deposit_rate=0.01) == pytest.approx(expected)
    assert np.isnan(connection_cost(paid, 0, 0.05))
    assert np.isnan(connection_cost(paid.iloc[:0], 20_000, 0.05))
    assert np.isnan(connection_cost(pd.DataFrame({"customer_cost_yuan": [-1]}), 20_000, 0.05))


def test_cases_are_compared_by_voltage_capacity_and_completion():
    ledger = pd.DataFrame(
        {
            "voltage": ["380V", "380V", "10kV", "380V", "380V"],
            "capacity_kva": [160, 161, 140, 140, 10],
            "energised": pd.to_datetime(["2021-03-01", "2021-03-01", "2021-03-01", "2021-10-01", "2020-10-01"]),
        }
    )
    assert list(comparable_cases(ledger, METHOD.cases["low"], ("2020-10-01", "2021-10-01")).index) == [0, 4]


def test_mixed_voltages_belong_to_no_one_case():
    with pytest.raises(GeError, match="belong to no one standard case"):
        procedure_count(cases(case("380V", **HIGH), case("10kV", **HIGH)))


def test_working_days_of_cases_that_run_into_the_next_year():
    # application Mon 28 Dec; plan Tue 29 – Wed 30; works Thu 31, then 1–3 Jan off: 4–8, 11–15, 18–20; meter 21, 22, 25
    days = {"applied": "2020-12-28", "plan_replied": "2020-12-30", "works_finished": "2021-01-20", "energised": "2021-01-25"}
    one = pd.DataFrame([{"voltage": "10kV", "investment_boundary": "grid_point", "channel": "hall", **days}])
    assert stage_days(one, "working").iloc[0].dropna().tolist() == [1, 1, 14, 3]
    assert connection_time(one, "working") == 19


def test_contract_before_the_works_does_not_part_works_and_meter():
    # the utility builds and sets the meter; the contract was signed before it began: nothing comes between
    signed = {**HIGH, "accepted": 26, "contract_signed": 5}
    assert procedure_count(cases(case(boundary="red_line", **signed))) == 3
    assert procedure_count(cases(case(boundary="red_line", **{**signed, "contract_signed": 25}))) == 4
    on_the_last_day = {**signed, "contract_signed": HIGH["works_finished"]}  # of the works, two days before the meter
    assert procedure_count(cases(case(boundary="red_line", **on_the_last_day))) == 4


def test_deposit_that_pays_the_first_bill_costs_nothing_for_each_case():
    costs = deposit_cost(pd.Series([1000.0, 0.0]), 0.05, pays_first_bill=True)
    assert costs.tolist() == [0, 0]
