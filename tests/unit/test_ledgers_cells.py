"""Single cells: what is read as a number or a moment, and what is rather a fault than a guess."""

from datetime import date, datetime

import pytest

from ge_analysis.ledgers.cells import Context, read_column
from ge_analysis.ledgers.contract import contract


def read(sheet, name, value):
    """Value of one cell, or the rule it breaks."""
    values, faults = read_column([value], contract(sheet)[name], Context({}))
    return faults[0].rule if faults else values[0]


@pytest.mark.parametrize(
    ("sheet", "name", "value"),
    [
        ("线路", "year_built", "2012-05"),
        ("线路", "year_built", "2012.05.01"),
        ("业扩报装", "callback_score", "5-4"),
        ("业扩报装", "callback_score", "4+1"),
        ("业扩报装", "permit_days", "3-5天"),
        ("业扩报装", "permit_days", "3天-5天"),
        ("业扩报装", "capacity_kva", "630kVA+400kVA"),
        ("停电事件", "customers", "1200,300"),
        ("停电事件", "customers", "1,20"),
        ("停电事件", "customers", "1,200,30"),
    ],
)
def test_several_numbers_are_no_number(sheet, name, value):
    assert read(sheet, name, value) == "not_a_number"


@pytest.mark.parametrize(
    ("sheet", "name", "value", "expected"),
    [
        ("业扩报装", "permit_days", "3天12小时", 3.5),
        ("业扩报装", "line_m", "1千米200米", 1200),
        ("业扩报装", "customer_cost_yuan", "-5", -5),
        ("业扩报装", "customer_cost_yuan", "￥1,234,567.5元", 1_234_567.5),
        ("业扩报装", "customer_cost_yuan", "5.2千元", 5200),
        ("投资计划", "amount_wan_yuan", "3百万元", 300),
        ("停电事件", "customers", "12,300户", 12_300),
        ("停电事件", "customers", "0.0029万户", 29),  # in binary 28.999…
        ("业扩报装", "customer_cost_yuan", 1e15, 1e15),
        ("业扩报装", "callback_score", "5分", 5),
    ],
)
def test_one_number_with_its_units(sheet, name, value, expected):
    assert read(sheet, name, value) == expected


@pytest.mark.parametrize("value", [1.1e15, -1.1e15, "6222021234567890123", "1e999", float("inf"), float("nan")])
def test_a_number_beyond_what_excel_keeps_is_no_amount(value):
    assert read("业扩报装", "customer_cost_yuan", value) == "not_a_number"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("202003051430", datetime(2020, 3, 5, 14, 30)),
        ("2020年3月5日14时30分15秒", datetime(2020, 3, 5, 14, 30, 15)),
        ("2020-03-05 24:00", datetime(2020, 3, 6)),
        ("2020-03-05 24:30", "not_a_date"),
        ("2020-03-05 24:00:01", "not_a_date"),
        ("2020-03-05 25:00", "not_a_date"),
        ("2020-03-05 08:60", "not_a_date"),
        ("2020-03-05 08:30:60", "not_a_date"),
    ],
)
def test_a_moment_within_a_day(value, expected):
    assert read("停电事件", "started", value) == expected


@pytest.mark.parametrize("value", [2020.1, 2020.01, 2020.12])
def test_a_month_typed_as_a_decimal_number_is_none(value):
    """Excel shows 2020.10 as 2020.1: nobody can tell October from January."""
    assert read("计量与交费", "month", value) == "not_a_date"


@pytest.mark.parametrize("value", ["2020.10", 202010, 202010.0, 44105, datetime(2020, 10, 31)])
def test_a_month_otherwise(value):
    assert read("计量与交费", "month", value) == datetime(2020, 10, 1)


@pytest.mark.parametrize(
    "value", [datetime(1900, 1, 5), date(1900, 1, 5), "1900-01-05", "2202年1月1日", datetime(2119, 1, 12), 99_999]
)
def test_a_day_that_nobody_means_is_none(value):
    assert read("业扩报装", "applied", value) == "not_a_date"


@pytest.mark.parametrize("value", [datetime(1954, 10, 3), date(1954, 10, 3), "1954/10/3", 20_000])
def test_the_first_day_that_is_one(value):
    assert read("业扩报装", "applied", value) == datetime(1954, 10, 3)


def test_a_day_beyond_hides_no_other():
    values, faults = read_column(
        [datetime(1900, 1, 1), datetime(2020, 3, 5), "2020-3-6"], contract("业扩报装")["applied"], Context({})
    )
    assert list(faults) == [0]
    assert values[1:].tolist() == [datetime(2020, 3, 5), datetime(2020, 3, 6)]
