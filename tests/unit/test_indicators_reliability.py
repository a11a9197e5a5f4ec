"""Interruption indices, band and index against the worked facts of the method and against hand calculations."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ge_analysis.errors import GeError
from ge_analysis.indicators import interruptions
from ge_analysis.indicators.interruptions import interruption_sums
from ge_analysis.indicators.reliability import (
    eligible,
    interruption_indices,
    major_event_threshold,
    reliability_band,
    reliability_index,
)
from ge_analysis.settings.parameters import Period

YEAR = ("2020-01-01", "2021-01-01")


def ledger(*steps) -> pd.DataFrame:
    """Rows of (event, start, end, customers)."""
    table = pd.DataFrame(steps, columns=["event_id", "started", "restored", "customers"])
    return table.assign(
        started=pd.to_datetime(table["started"], format="mixed"), restored=pd.to_datetime(table["restored"], format="mixed")
    )


def test_worked_circuits():
    steps = [(200, 8.1667), (600, 71.3167), (25, 30.2333), (90, 267.1833), (700, 120), (1500, 10), (100, 40)]
    start = pd.Timestamp("2020-06-01")
    table = ledger(*[(f"e{k}", start, start + pd.Timedelta(minutes=minutes), n) for k, (n, minutes) in enumerate(steps)])
    indices = interruption_indices(table, 2000, YEAR)
    assert indices.saifi == 1.6075  # 3 215 / 2 000
    assert indices.saidi_hours * 60 == pytest.approx(86.113, abs=5e-4)
    assert indices.caidi_hours * 60 == pytest.approx(53.57, abs=5e-3)
    assert indices.asai == pytest.approx(1 - 86.113 / 60 / 8784, abs=1e-8)


def test_restoration_steps_sum_in_saidi_and_partition_in_saifi():
    # 100 customers lose supply at 8; 60 are back at 9, 40 at 11: 60·1 + 40·3 = 180 h·customers, 100 interruptions
    table = ledger(("a", "2020-05-01 08:00", "2020-05-01 09:00", 60), ("a", "2020-05-01 08:00", "2020-05-01 11:00", 40))
    assert interruption_indices(table, 200, YEAR)[:3] == (0.9, 0.5, 1.8)


def test_outage_across_new_year_is_clipped_and_counted_where_it_starts():
    table = ledger(("a", "2020-12-31 22:00", "2021-01-01 03:00", 10))
    assert interruption_indices(table, 10, YEAR)[:2] == (2, 1)
    after = interruption_indices(table, 10, 2021)
    assert (after.saidi_hours, after.saifi) == (3, 0)
    assert np.isnan(after.caidi_hours)


def test_an_outage_at_midnight_of_new_year_belongs_to_the_new_year_alone():
    table = ledger(("a", "2021-01-01 00:00", "2021-01-01 02:00", 10))
    assert interruption_indices(table, 10, 2020)[:2] == (0, 0)
    assert interruption_indices(table, 10, 2021)[:2] == (2, 1)


def test_floor_is_judged_on_the_whole_interruption():
    table = ledger(("a", "2020-12-31 23:59", "2021-01-01 00:10", 60))  # 11 min, of which 1 min is in 2020
    assert interruption_indices(table, 1, YEAR)[:2] == (1, 60)


@pytest.mark.parametrize(("floor", "counted"), [(3, [0, 1, 1]), (5, [0, 0, 1]), (0, [1, 1, 1])])
def test_only_longer_than_the_floor_counts(floor, counted):
    for minutes, expected in zip((3, 5, 6), counted, strict=True):
        table = ledger(("a", "2020-05-01 08:00", f"2020-05-01 08:0{minutes}", 1))
        assert interruption_indices(table, 1, YEAR, floor_minutes=floor).saifi == expected


@pytest.mark.parametrize("period", [2020, YEAR, Period(start="2020-01-01", end="2021-01-01"), pd.Period("2020", "Y")])
def test_forms_of_the_period(period):
    table = ledger(("a", "2020-12-31 20:00", "2021-01-01 04:00", 1))
    assert interruption_indices(table, 1, period).saidi_hours == 4


@pytest.mark.parametrize("end", ["2020-01-01", "2021-01-01"])
def test_a_period_backwards_or_without_length(end):
    with pytest.raises(GeError, match="does not run forwards"):
        interruption_indices(ledger(), 1, ("2021-01-01", end))


def test_no_outage_is_zero_and_caidi_undefined():
    indices = interruption_indices(ledger(), 100, YEAR)
    assert (indices.saidi_hours, indices.saifi, indices.asai) == (0, 0, 1)
    assert np.isnan(indices.caidi_hours)


@pytest.mark.parametrize("customers", [0, -5, np.nan, None])
def test_no_customers_makes_everything_missing(customers):
    table = ledger(("a", "2020-05-01 08:00", "2020-05-01 09:00", 60))
    assert np.isnan(interruption_indices(table, customers, YEAR)).all()


@pytest.mark.parametrize(
    "step",
    [
        ("b", "2020-05-01 08:00", None, 1),
        ("b", None, "2020-05-01 08:00", 1),
        ("b", "2020-05-02", "2020-05-01", 1),
        ("b", "2020-05-01 08:00", "2020-05-01 09:00", np.nan),
        ("b", "2020-05-01 08:00", "2020-05-01 09:00", -1),
        ("b", "2020-05-01 08:00", "2020-05-01 09:00", np.inf),
    ],
)
def test_an_unknown_step_makes_an_unknown_sum(step):
    table = ledger(("a", "2020-05-01 08:00", "2020-05-01 09:00", 60), step)
    assert np.isnan(interruption_indices(table, 100, YEAR)[:2]).all()


moments = st.integers(0, 366 * 24 * 60)
steps_of_a_year = st.lists(st.tuples(moments, st.integers(0, 3000), st.integers(0, 500)), max_size=12)


def drawn(steps) -> pd.DataFrame:
    start = pd.Timestamp("2020-01-01")
    return ledger(
        *[
            (f"e{k}", start + pd.Timedelta(minutes=at), start + pd.Timedelta(minutes=at + long), n)
            for k, (at, long, n) in enumerate(steps)
        ]
    )


@given(steps_of_a_year, st.randoms())
def test_order_of_rows_does_not_matter(steps, random):
    shuffled = random.sample(steps, len(steps))
    np.testing.assert_allclose(interruption_indices(drawn(steps), 1000, YEAR), interruption_indices(drawn(shuffled), 1000, YEAR))


@given(steps_of_a_year, st.integers(0, 500))
def test_splitting_a_step_among_its_customers_changes_nothing(steps, first):
    table = drawn(steps)
    part = table.assign(customers=np.minimum(table["customers"], first))
    rest = table.assign(customers=table["customers"] - part["customers"])
    np.testing.assert_allclose(interruption_indices(pd.concat([part, rest]), 1000, YEAR), interruption_indices(table, 1000, YEAR))


@given(steps_of_a_year, st.integers(2, 50))
def test_scaling_all_customers_changes_no_rate(steps, factor):
    table = drawn(steps)
    scaled = table.assign(customers=table["customers"] * factor)
    np.testing.assert_allclose(interruption_indices(scaled, 1000 * factor, YEAR), interruption_indices(table, 1000, YEAR))


@given(steps_of_a_year, st.tuples(moments, st.integers(0, 3000), st.integers(0, 500)))
def test_more_outage_never_lowers_saidi(steps, another):
    before, after = (interruption_indices(drawn(part), 1000, YEAR) for part in (steps, [*steps, another]))
    assert after.saidi_hours >= before.saidi_hours * (1 - 1e-12)  # another row may change the order of the additions
    assert after.saifi >= before.saifi


@given(steps_of_a_year, moments)
def test_two_periods_add_up_to_the_whole(steps, minute):
    middle = pd.Timestamp("2020-01-01") + pd.Timedelta(minutes=minute + 1)
    parts = [interruption_indices(drawn(steps), 1000, period) for period in (("2019-12-31", middle), (middle, "2022-01-01"))]
    whole = interruption_indices(drawn(steps), 1000, ("2019-12-31", "2022-01-01"))
    assert sum(part.saidi_hours for part in parts) == pytest.approx(whole.saidi_hours)
    assert sum(part.saifi for part in parts) == pytest.approx(whole.saifi)


@given(steps_of_a_year, st.data())
def test_grouped_sums_are_those_of_each_group_alone(steps, data):
    table = drawn(steps)
    table["kind"] = [data.draw(st.sampled_from(["fault", "scheduled"])) for _ in steps]
    table["area"] = pd.Categorical([data.draw(st.sampled_from(["town", "rural"])) for _ in steps], categories=["town", "rural"])
    sums = interruption_sums(table, YEAR, ["area", "kind"])
    for (area, kind), group in sums.iterrows():
        alone = interruption_indices(table[(table["area"] == area) & (table["kind"] == kind)], 1, YEAR)
        assert group["hour_customers"] == pytest.approx(alone.saidi_hours)
        assert group["customers"] == pytest.approx(alone.saifi)
    assert sums["hour_customers"].sum() == pytest.approx(interruption_indices(table, 1, YEAR).saidi_hours)


def test_sums_of_a_group_without_a_part_in_the_period_are_zero():
    # two minutes are below the floor; the step of 2019 reaches into 2020 by one hour, and was begun before
    steps = ledger(("a", "2020-05-01 08:00", "2020-05-01 08:02", 7), ("b", "2019-12-31 20:00", "2020-01-01 01:00", 4))
    sums = interruption_sums(steps.assign(kind=["fault", "scheduled"]), YEAR, ["kind"])
    assert sums.loc["fault"].tolist() == [0, 0, 0]
    assert sums.loc["scheduled"].tolist() == [4, 0, 1]


def test_groups_without_a_step_have_no_sums():
    steps = ledger(("a", "2020-05-01 08:00", "2020-05-01 09:00", 7), ("b", "2020-05-02 08:00", "2020-05-02 10:00", 4))
    sums = interruption_sums(steps.assign(area=["town", "rural"], kind=["fault", "scheduled"]), YEAR, ["area", "kind"])
    assert sums["hour_customers"].to_dict() == {("rural", "scheduled"): 8, ("town", "fault"): 7}


def test_sums_over_many_blocks_of_rows_are_those_of_one(monkeypatch):
    monkeypatch.setattr(interruptions, "_BLOCK", 2)
    hours = [1, 2, 3, 4, 5]
    steps = ledger(*[(f"e{n}", "2020-05-01 08:00", f"2020-05-01 {8 + n:02}:00", 10) for n in hours])
    sums = interruption_sums(steps.assign(kind=["a", "b", "b", "a", "b"]), YEAR, ["kind"])
    assert sums["hour_customers"].to_dict() == {"a": 50, "b": 100}  # 10·(1 + 4), 10·(2 + 3 + 5)


def test_a_step_of_no_group_is_an_error_and_not_lost():
    steps = ledger(("a", "2020-05-01 08:00", "2020-05-01 09:00", 7))
    with pytest.raises(ValueError, match="a step has no kind"):
        interruption_sums(steps.assign(kind=None), YEAR, ["kind"])


def test_major_event_threshold_by_hand():
    # ln: 0, 1, 2 -> mean 1, sample deviation 1 -> exp(3.5) = 33.1155
    assert major_event_threshold([1, np.e, np.e**2, 0, np.nan]) == pytest.approx(33.11545)
    assert major_event_threshold([1, np.e**2]) == pytest.approx(np.exp(1 + 2.5 * np.sqrt(2)))  # two days are enough
    assert np.isnan(major_event_threshold([3]))
    assert np.isnan(major_event_threshold([]))


@pytest.mark.parametrize(
    ("saidi", "saifi", "band"),
    [
        (12.00, 1, 1),
        (1, 12.00, 1),
        (3.99, 14.87, 0),
        (1.00, 1.72, 2),
        (3.96, 22.7, 0),
        (1, 1, 3),
        (4, 4, 2),
        (0, 0, 3),
        (12.01, 0, 0),
    ],
)
def test_edges_of_the_band(saidi, saifi, band):
    assert reliability_band(saidi, saifi) == band


def test_band_grades_unrounded_values():
    assert reliability_band(1.0004, 0.5) == 2


@pytest.mark.parametrize(("outages", "minutes"), [(5, 144), (9, 80), (10, 72)])
def test_outages_that_add_up_to_a_limit_keep_it(outages, minutes):
    # 12 h each, of two groups of seven customers; in binary the sums are 12.000000000000002
    start = pd.Timestamp("2020-06-01 08:00")
    steps = [("E", start, start + pd.Timedelta(minutes=minutes), 7)] * 2 * outages
    saidi, saifi, *_ = interruption_indices(ledger(*steps), 14, YEAR)
    assert reliability_band(saidi, saifi) == 1


@pytest.mark.parametrize("pair", [(np.nan, 1), (1, None), (-1, 1)])
def test_band_of_unknown_values_is_missing(pair):
    assert np.isnan(reliability_band(*pair))


def test_eligibility_edges():
    np.testing.assert_array_equal(eligible([100.00, 113, 1, 1, np.nan, 1], [1, 1, 100, 100.01, 1, None]), [1, 0, 1, 0, 0, 0])
    assert eligible(100 * (1 + 1e-15), 1) and not eligible(100.0001, 1)
    np.testing.assert_array_equal(eligible(1, 1, [5, 6, np.nan]), [True, False, True])
    assert not eligible(-1, 1) and not eligible(1, -1)


def test_index_is_zero_where_not_eligible_and_missing_where_an_item_is():
    assert reliability_index(None, 1, [1, 1, 1, 1, 1]) == 0
    assert reliability_index(1, 1, [1, 1, 1, 1, 1], min_outage_minutes=6) == 0
    assert np.isnan(reliability_index(1, 1, [1, 1, None, 1, 1]))
    assert reliability_index(113, 1, [1, 1, None, 1, 1]) == 0
    assert np.isnan(reliability_index([1], [1], pd.DataFrame([[1, 1, None, 1, 1]]))).all()


def test_forms_of_the_items():
    saidi, saifi = pd.Series([0.9, 113, 2], index=list("xyz")), pd.Series([0.19, 106, 2], index=list("xyz"))
    rows = [[1, 1, 1, 0, 1], [1, 0, 1, 1, 1], [0.5, 1, 1, 0.47, 1]]
    frame = pd.DataFrame(rows, index=list("xyz"), columns=list("mrgdt"))
    expected = [7, 0, 2 + 3.97]  # bands 3, 0, 2
    for items in (
        frame,
        np.array(rows),
        rows,
        frame.to_dict("series"),
        dict(zip("mrgdt", np.array(rows).T, strict=True)),
        frame.sum(axis=1),
    ):
        result = reliability_index(saidi, saifi, items)
        assert list(result.index) == ["x", "y", "z"]
        np.testing.assert_allclose(result, expected)
    assert reliability_index(0.9, 0.19, {"m": 1, "r": 1, "g": 1, "d": 0, "t": 1}) == 7
    np.testing.assert_allclose(reliability_index([0.9, 2], [0.19, 2], [1, 1, 1, 0, 1]), [7, 6])
    np.testing.assert_allclose(reliability_index([1] * 5, [1] * 5, [5, 4, 3, 2, 1]), [8, 7, 6, 5, 4])  # five places' sums


finite = st.floats(0, 200)


@given(finite, finite, finite)
def test_band_never_grows_with_more_outage(saidi, saifi, more):
    assert reliability_band(saidi + more, saifi) <= reliability_band(saidi, saifi)
    assert reliability_band(saidi, saifi + more) <= reliability_band(saidi, saifi)


@given(finite, finite, finite, st.lists(st.sampled_from([0, 1]), min_size=5, max_size=5))
def test_index_lies_within_bounds_and_never_grows_with_more_outage(saidi, saifi, more, items):
    index = reliability_index(saidi, saifi, items)
    assert 0 <= index <= 8
    assert reliability_index(saidi + more, saifi, items) <= index
