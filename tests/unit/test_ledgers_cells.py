"""Single cells: what is read as a number or a time, and what is an issue rather than a guess."""

from datetime import date, datetime

import pytest

from ge_analysis.ledgers.cells import Context, read_column
from ge_analysis.ledgers.contract import contract


def read(sheet, name, value):
    """Value of one cell, or the rule it breaks."""
    values, faults = read_column([value], contract(sheet)[name], Context({}, {}))
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
        ("业扩报装", "permit_days", "3天-5小时"),
        ("业扩报装", "capacity_kva", "630kVA+400kVA"),
        ("停电事件", "customers", "1200,300"),
        ("停电事件", "customers", "1,20"),
        ("停电事件", "customers", "1,200,30"),
        ("停电事件", "customers", "20\n10"),
        ("停电事件", "customers", "20 10"),
        ("停电事件", "customers", "20 300"),  # 20 and 300, or 20300: ambiguous
        ("停电事件", "customers", "20，\n300"),
        ("停电事件", "customers", "20\u00a010"),
        ("停电事件", "customers", "5²"),
        ("停电事件", "customers", "5①"),
        ("停电事件", "customers", "20户\n10户"),
        ("业扩报装", "customer_cost_yuan", "5200\n300"),
        ("业扩报装", "customer_cost_yuan", "5200\r\n300"),
        ("业扩报装", "customer_cost_yuan", "5200  300"),
        ("业扩报装", "customer_cost_yuan", "5200　　300"),
        ("业扩报装", "customer_cost_yuan", "5200元300元"),
        ("业扩报装", "customer_cost_yuan", "5200/300"),
        ("业扩报装", "customer_cost_yuan", "5200、300"),
        ("业扩报装", "customer_cost_yuan", "20+10"),
        ("业扩报装", "customer_cost_yuan", "约20"),
        ("业扩报装", "customer_cost_yuan", "20-30"),
        ("业扩报装", "customer_cost_yuan", "20～30"),
        ("业扩报装", "customer_cost_yuan", "≥5"),
        ("业扩报装", "customer_cost_yuan", "20. 10"),
        ("业扩报装", "permit_days", "12小时3天"),
    ],
)
def test_several_numbers_are_refused(sheet, name, value):
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
        ("业扩报装", "customer_cost_yuan", "5\u00a0200\u202f300 元", 5_200_300),
        ("业扩报装", "customer_cost_yuan", "¥ 5,200 元", 5200),
        ("业扩报装", "permit_days", "3 天\n12 小时", 3.5),
        ("停电事件", "customers", "\u200e2\u200b0\ufeff\u2800\u1160", 20),
        ("停电事件", "customers", 434.99999999999994, 435),
        ("停电事件", "customers", 435.00000000000006, 435),
        ("业扩报装", "customer_cost_yuan", 0.1 + 0.2, 0.3),
    ],
)
def test_one_number_with_its_units(sheet, name, value, expected):
    assert read(sheet, name, value) == expected


@pytest.mark.parametrize("value", [1.1e15, -1.1e15, "6222021234567890123", "1e999", float("inf"), float("nan")])
def test_a_number_beyond_excels_precision_is_refused(value):
    assert read("业扩报装", "customer_cost_yuan", value) == "not_a_number"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("202003051430", datetime(2020, 3, 5, 14, 30)),
        ("2020年3月5日14时30分15秒", datetime(2020, 3, 5, 14, 30, 15)),
        ("2020–03–05 08:00", datetime(2020, 3, 5, 8)),
        ("2020-03-05 23:59:59", datetime(2020, 3, 5, 23, 59, 59)),
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


@pytest.mark.parametrize("value", ["2020-03-05T08:00:00+08:00", "2020-03-05T00:00:00Z", "2020-03-05 08:00 UTC"])
def test_a_moment_with_a_time_zone_is_refused(value):
    """It is unclear whether its sender meant local time."""
    assert read("停电事件", "started", value) == "not_a_date"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("applied", 44256.99999999999, datetime(2021, 3, 2)),  # day 44256 is 2021-03-01; fifteen digits make it 44257
        ("applied", 44256.5, datetime(2021, 3, 1)),
        ("applied", datetime(2021, 3, 1, 23, 59, 59, 999_999), datetime(2021, 3, 2)),
        ("applied", datetime(2021, 3, 1, 23, 59, 59, 400_000), datetime(2021, 3, 1)),
    ],
)
def test_a_rounding_error_of_a_day(name, value, expected):
    assert read("业扩报装", name, value) == expected


def test_fifteen_digits_of_a_moment():
    assert read("停电事件", "started", 43895.33333333334) == datetime(2020, 3, 5, 8)  # 43895 is 2020-03-05, a third of a day 8:00


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("大风\u200b，ＡＢＣ\u00ad１２　停", "大风，ABC12 停"),
        ("ｚＺ９０ａＡ", "zZ90aA"),
        ("（1）；\ufe0f", "（1）；"),
        (1001.0000000000001, "1001"),
    ],
)
def test_free_text_in_half_width(value, expected):
    """Letters, digits and the space become half width; Chinese punctuation stays."""
    assert read("停电事件", "note", value) == expected


@pytest.mark.parametrize("value", [2020.1, 2020.01, 2020.12])
def test_a_month_typed_as_a_decimal_number_is_refused(value):
    """Excel shows 2020.10 as 2020.1, so that October and January look the same."""
    assert read("计量与交费", "month", value) == "not_a_date"


@pytest.mark.parametrize("value", ["2020.10", 202010, 202010.0, 44105, datetime(2020, 10, 31)])
def test_a_month_otherwise(value):
    assert read("计量与交费", "month", value) == datetime(2020, 10, 1)


def test_a_day_that_does_not_exist_is_no_month():
    assert read("计量与交费", "month", "2020-10-32") == "not_a_date"


@pytest.mark.parametrize(
    "value", [datetime(1900, 1, 5), date(1900, 1, 5), "1900-01-05", "2202年1月1日", datetime(2119, 1, 12), 99_999]
)
def test_an_implausible_day_is_refused(value):
    assert read("业扩报装", "applied", value) == "not_a_date"


@pytest.mark.parametrize("value", [datetime(1954, 10, 3), date(1954, 10, 3), "1954/10/3", 20_000])
def test_the_first_plausible_day(value):
    assert read("业扩报装", "applied", value) == datetime(1954, 10, 3)


def test_the_last_plausible_day():
    assert read("业扩报装", "applied", 80_000) == datetime(2119, 1, 11)


def test_an_impossible_day_hides_no_other():
    values, faults = read_column(
        [datetime(1900, 1, 1), datetime(2020, 3, 5), "2020-3-6"], contract("业扩报装")["applied"], Context({}, {})
    )
    assert list(faults) == [0]
    assert values[1:].tolist() == [datetime(2020, 3, 5), datetime(2020, 3, 6)]


@pytest.mark.parametrize(
    ("sheet", "name", "value", "expected"),
    [
        ("业扩报装", "micro", True, True),
        ("业扩报装", "micro", False, False),
        ("业扩报装", "micro", "否", False),
        ("业扩报装", "micro", "或许", "not_in_list"),
        ("指数核查", "monitoring", "是", 1),
        ("指数核查", "monitoring", "否", 0),
        ("指数核查", "monitoring", 1.0, 1),
        ("停电事件", "event_id", "E 1", "E1"),
        ("停电事件", "event_id", "Ｅ-１", "E-1"),
        ("停电事件", "event_id", 1001.0, "1001"),
        ("停电事件", "note", datetime(2020, 3, 5), "2020-03-05"),
        ("满意度问卷", "demands", "更换电表； 、少停电；", "更换电表；少停电"),
        ("停电事件", "customers", True, "not_a_number"),
        ("业扩报装", "permit_days", "5公里", "unit"),
        ("业扩报装", "permit_days", "5里", "not_a_number"),
        ("业扩报装", "customer_cost_yuan", 0.12345678901, 0.12345678901),
    ],
)
def test_a_cell_of_each_type(sheet, name, value, expected):
    assert read(sheet, name, value) == expected


def test_the_total_of_a_place_is_the_place():
    context = Context({"临县": "linxian", "全市": "city"}, {})
    values, faults = read_column(["临县", "全市小计", "合计", "县全市"], contract("指数核查")["place"], context)
    assert values[:2].tolist() == ["linxian", "city"]
    assert {at: fault.rule for at, fault in faults.items()} == {2: "unknown_place", 3: "unknown_place"}


@pytest.mark.parametrize(("value", "expected"), [(0.0029, 29), (1.5, 15_000), ("0.0029", 29)])
def test_a_number_in_the_unit_of_its_heading(value, expected):
    values, _ = read_column([value], contract("业扩报装")["customer_cost_yuan"], Context({}, {}, factor=10_000))
    assert values[0] == expected


def test_a_unit_that_does_not_fit_is_told_with_the_one_that_does():
    (fault,) = read_column(["5公里"], contract("业扩报装")["permit_days"], Context({}, {}))[1].values()
    assert fault.filled == {"unit": "天"}


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("TD-2", "TD-2"),
        ("TD 2", "TD2"),
        ("ＴＤ２", "TD2"),
        ("TD\u200b2", "TD2"),
        ("TD\x7f2", "TD2"),
        ("TD2\n", "TD2"),
        (2.0, "2"),
        ("", None),
    ],
)
def test_an_identifier_is_read_alike_alone_and_among_plain_ones(written, read_as):
    values, faults = read_column(["TD1", written, "TD1"], contract("停电事件")["event_id"], Context({}, {}))
    assert values.astype(object).where(values.notna(), None).tolist() == ["TD1", read_as, "TD1"]
    assert list(faults) == ([] if read_as else [1])
