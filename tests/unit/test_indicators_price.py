"""Bills, resale codes and incentive rules by hand (method 5 and 8)."""

import numpy as np
import pandas as pd
import pytest

from ge_analysis.indicators.incentives import beijing, guangzhou
from ge_analysis.indicators.price import monthly_bill, resale_calendar, resale_code, tariffs_in_force
from ge_analysis.settings.parameters import standard

KWH, KW = 120_960, 504


def test_bill_with_one_price():
    bill = monthly_bill({"energy_price": 0.5, "funds_price": 0.05}, KWH, KW)
    assert (bill.energy, bill.funds, bill.capacity, bill.total) == (60_480, 6_048, 0, 66_528)
    assert bill.per_kwh == pytest.approx(0.55)
    assert np.isnan(bill.peak)


def test_bill_by_time_of_use():
    # 9 to 17 o'clock: two of eight hours are peak, six flat; the single price is not used
    bill = monthly_bill({"energy_price": 9.9, "peak_price": 0.8, "flat_price": 0.5, "valley_price": 0.2}, KWH, KW)
    assert (bill.peak, bill.flat, bill.valley) == (30_240 * 0.8, 90_720 * 0.5, 0)
    assert bill.total == bill.energy == 24_192 + 45_360


def test_bill_of_a_case_that_works_into_the_valley():
    # 14 to 24 o'clock: of ten hours five are peak (18 to 23), one is valley (23 to 24), four are flat
    method = standard().price
    late = method.model_copy(update={"case": method.case.model_copy(update={"from_hour": 14, "to_hour": 24})})
    bill = monthly_bill({"peak_price": 0.8, "flat_price": 0.5, "valley_price": 0.2}, KWH, KW, method=late)
    assert (bill.peak, bill.flat, bill.valley) == pytest.approx((60_480 * 0.8, 48_384 * 0.5, 12_096 * 0.2))
    assert bill.energy == pytest.approx(48_384 + 24_192 + 2_419.2)


def test_the_cheaper_of_capacity_and_demand():
    prices = {"energy_price": 0.5, "capacity_price": 24, "demand_price": 36}
    assert monthly_bill(prices, KWH, KW).capacity == 24 * 504
    assert monthly_bill(prices, KWH, kva=1000, kw=504).capacity == 36 * 504
    assert monthly_bill({"energy_price": 0.5, "demand_price": 36}, KWH, KW).capacity == 36 * 504


def test_bills_of_a_table_and_missing_prices():
    tariffs = pd.DataFrame({"energy_price": [0.5, np.nan], "funds_price": [np.nan, 0.05]}, index=["a", "b"])
    bill = monthly_bill(tariffs, KWH, KW)
    assert bill.total["a"] == 60_480
    assert np.isnan(bill.total["b"])
    assert np.isnan(monthly_bill({"energy_price": 0.5}, 0, KW).per_kwh)


@pytest.mark.parametrize(
    ("price", "code"),
    [
        (0.600, "green"),
        (0.605, "green"),
        (0.6051, "yellow"),
        (0.650, "yellow"),
        (0.6501, "red"),
        (0.70, "red"),
        (0.72, "red"),
        (0.50, "green"),
    ],
)
def test_colours_by_pass_through(price, code):
    # base 0.70, cut 0.10: limits of 95 % and 50 % are at 0.605 and 0.650
    assert resale_code(price, 0.70, 0.70, 0.10) == code


@pytest.mark.parametrize("index", [[0, 1, 2, 3, 4], [7] * 5, [4, 3, 2, 1, 0]])
def test_the_last_tariff_of_each_kind_that_has_begun_is_in_force(index):
    rows = [
        ("state", "business", "1_10kv", "2021-11-20", 0.5),
        ("state", "business", "1_10kv", "2020-01-01", 0.6),
        ("state", "business", "1_10kv", "2021-11-21", 0.4),  # from the day after
        ("state", "business", "below_1kv", "2020-01-01", 0.7),
        ("state", "business", "below_1kv", "2020-01-01", 0.8),  # of two from the same day the later row
    ]
    columns = ["grid", "category", "tariff_voltage", "valid_from", "energy_price"]
    tariffs = pd.DataFrame(rows, columns=columns, index=index)
    assert tariffs_in_force(tariffs, "2021-11-20")["energy_price"].tolist() == [0.5, 0.8]
    assert tariffs_in_force(tariffs.assign(grid=["state", "local", "state", "state", "local"]), "2021-11-20").shape == (4, 5)
    assert tariffs_in_force(tariffs, "2019-12-31").empty


def test_a_high_markup_is_red_whatever_is_passed_through():
    assert resale_code(0.90, 1.00, 0.60, 0.10) == "red"  # the whole cut passed on, but half above the catalogue
    assert resale_code(0.66, 0.76, 0.60, 0.10) == "green"  # markup of exactly 10 %


def test_no_colour_without_a_cut_or_a_price():
    assert resale_code(0.60, 0.60, 0.60, 0) is None
    assert resale_code(0.60, 0.65, 0.60, 0) is None  # cheaper, though the catalogue stayed the same
    assert resale_code(np.nan, 0.70, 0.60, 0.10) is None
    assert resale_code(0, 0.70, 0.60, 0.10) is None
    assert resale_code(0.60, 0.70, np.nan, 0.10) is None
    assert resale_code(0.60, 0.70, 0, 0.10) is None
    assert resale_code(0.65, 0.60, 0.65, -0.05) is None  # a rise that is passed on in full is no cut
    assert resale_code([None, 0.6], 0.70, 0.60, 0.10).tolist() == [None, "green"]


def calendar_of(*colours: str, first: str = "2021-01-01", entity: str = "a") -> pd.DataFrame:
    prices = {"g": 0.60, "y": 0.64, "r": 0.69}
    months = pd.date_range(first, periods=len(colours), freq="MS")
    return pd.DataFrame(
        {
            "entity": entity,
            "month": months,
            "price": [prices[colour] for colour in colours],
            "base_price": 0.7,
            "catalogue_price": 0.6825,
            "catalogue_cut": 0.1,
        }
    )


@pytest.mark.parametrize(
    ("colours", "checks"),
    [
        ("rr", "01"),
        ("rgr", "000"),
        ("yyy", "001"),
        ("yyyy", "0011"),
        ("yyryy", "00000"),
        ("yrry", "0010"),
        ("rrr", "011"),
        ("ggg", "000"),
    ],
)
def test_months_running(colours, checks):
    assert resale_calendar(calendar_of(*colours))["check"].tolist() == [check == "1" for check in checks]


def test_a_run_goes_on_over_the_new_year():
    assert resale_calendar(calendar_of("r", "r", first="2020-12-01"))["check"].tolist() == [False, True]


def test_a_missing_month_and_another_entity_break_the_run():
    gap = pd.concat([calendar_of("r"), calendar_of("r", first="2021-03-01")], ignore_index=True)
    assert not resale_calendar(gap)["check"].any()
    others = pd.concat([calendar_of("r"), calendar_of("r", first="2021-02-01", entity="b")], ignore_index=True)
    assert not resale_calendar(others)["check"].any()
    counties = pd.concat(
        [calendar_of("r").assign(county="x"), calendar_of("r", first="2021-02-01").assign(county="y")], ignore_index=True
    )
    assert not resale_calendar(counties)["check"].any()
    shuffled = calendar_of("r", "r", "g").iloc[[1, 2, 0]]
    assert resale_calendar(shuffled)["check"].tolist() == [True, False, False]
    assert resale_calendar(gap.iloc[:0]).empty


@pytest.mark.parametrize(
    ("asai", "change", "amount"),
    [
        (99.9, 0.0021, 100),
        (99.9, 0.002, 0),
        (99.9, 0, 0),
        (99.9, -0.002, 0),
        (99.9, -0.0021, -5),
        (99.9, -0.004, -5),
        (99.9, -0.0041, -20),
        (99.9, -0.006, -20),
        (99.9, -0.0061, -50),
        (99, 0.01, 100),
        (98.999, 0.5, -50),
        (98, None, -50),
    ],
)
def test_beijing(asai, change, amount):
    assert beijing(asai, None if change is None else asai - change) == amount


def test_beijing_unknown():
    assert np.isnan(beijing(99.9, None))
    assert np.isnan(beijing(None, 99.9))
    assert np.isnan(beijing([-0.1, 100.1], 99.9)).all()


@pytest.mark.parametrize(
    ("saidi", "amount"),
    [
        (0, 100),
        (0.5, 100),
        (0.5001, 50),
        (0.8, 50),
        (0.8001, 10),
        (0.9999, 10),
        (1, 0),
        (1.0001, -10),
        (1.2, -10),
        (1.2001, -50),
        (1.5, -50),
        (1.5001, -100),
        (36, -100),
    ],
)
def test_guangzhou(saidi, amount):
    assert guangzhou(saidi) == amount


def test_rounding_errors_of_sums_do_not_break_a_limit():
    assert 1.1 + 0.1 > 1.2 and guangzhou(1.1 + 0.1) == -10
    assert 100 * (1 - 0.01 - 1e-16) < 99 and beijing(100 * (1 - 0.01 - 1e-16), 98) == 100


def test_guangzhou_unknown():
    assert np.isnan(guangzhou([None, -1])).all()
