"""Scores and ranks against Doing Business 2020 (method 3) and hand calculations."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ge_analysis.indicators.reliability import reliability_band, reliability_index
from ge_analysis.indicators.score import distance_to_frontier, getting_electricity_score, rank, weighted_score

PUBLISHED = pd.DataFrame(
    [
        # economy, procedures, days, cost %, index, SAIDI, SAIFI, band, items m r g d t, score, rank
        ("United Arab Emirates", 2, 7, 0, 8, 0.25, 0.24, 3, "11111", 100.00, 1),
        ("Korea", 3, 13, 34.3, 8, 0.04, 0.05, 3, "11111", 99.89, 2),
        ("Germany", 3, 28, 37.0, 8, 0.25, 0.30, 3, "11111", 98.80, 5),
        ("Russia", 2, 40.7, 5.0, 8, 0.18, 0.05, 3, "11111", 97.52, 7),
        ("China", 2, 32, 0, 7, 0.90, 0.19, 3, "11101", 95.35, 12),
        ("Japan", 2.35, 80.9, 0, 8, 0.04, 0.02, 3, "11111", 93.16, 14),
        ("Lithuania", 3, 82, 33.6, 8, 0.40, 0.40, 3, "11111", 92.94, 15),
        ("India", 3.47, 52.85, 28.6, 6.47, 3.72, 2.38, 1.47, "11111", 89.38, 22),
        ("Costa Rica", 5, 39, 158.0, 8, 0.54, 0.21, 3, "11111", 88.90, 25),
        ("Indonesia", 4, 32.24, 233.8, 6, 2.82, 2.18, 2, "11110", 87.31, 33),
        ("Qatar", 4, 44, 9.2, 5, 0.07, 0.04, 3, "11000", 83.60, 49),
        ("Kenya", 3, 97, 615.4, 5, 12.00, 6.90, 1, "11101", 80.14, 70),
        ("Bahamas", 5, 67, 87.1, 5, 6.47, 6.27, 1, "11101", 76.70, 81),
        ("Ukraine", 5, 267, 353.2, 7, 2.71, 1.57, 2, "11111", 62.45, 128),
        ("Lao PDR", 7, 87, 705.2, 3, 3.96, 22.70, 0, "11001", 58.03, 144),
        ("Guyana", 8, 82, 423.8, 0, 113, 106, 0, "10111", 45.90, 170),
    ],
    columns=["economy", "procedures", "days", "cost", "index", "saidi", "saifi", "band", "items", "score", "rank"],
).set_index("economy")


@pytest.mark.parametrize("economy", PUBLISHED.index)
def test_published_score(economy):
    row = PUBLISHED.loc[economy]
    assert round(getting_electricity_score(row["procedures"], row["days"], row["cost"], row["index"]), 2) == row["score"]


def test_published_order():
    scores = getting_electricity_score(PUBLISHED["procedures"], PUBLISHED["days"], PUBLISHED["cost"], PUBLISHED["index"])
    assert list(rank(scores)) == list(range(1, 17)) == list(PUBLISHED["rank"].rank())
    assert rank(scores)["Guyana"] == 16


@pytest.mark.parametrize("economy", PUBLISHED.index.drop("India"))  # India is the mean of two cities
def test_published_band_and_index(economy):
    row = PUBLISHED.loc[economy]
    assert reliability_band(row["saidi"], row["saifi"]) == row["band"]
    assert reliability_index(row["saidi"], row["saifi"], [int(item) for item in row["items"]]) == row["index"]


def test_kinds_of_input_come_back():
    assert isinstance(getting_electricity_score(3, 28, 37.0, 8), float)
    assert isinstance(getting_electricity_score([3], [28], [37.0], [8]), np.ndarray)
    series = pd.Series([28, pd.NA], index=["a", "b"], dtype="Int64")
    scores = getting_electricity_score(3, series, 37.0, 8)
    assert list(scores.index) == ["a", "b"]
    assert np.isnan(scores["b"])


def test_columns_are_matched_by_their_labels():
    # a: the best of both, (100 + 100 + 100 + 100) / 4; b: the worst, (0 + 0 + 100 + 100) / 4
    procedures, days = pd.Series({"a": 3.0, "b": 9.0}), pd.Series({"b": 248.0, "a": 18.0})
    assert getting_electricity_score(procedures, days, 0, 8).to_dict() == {"a": 100, "b": 50}


def test_distance_is_clamped_and_works_both_ways():
    np.testing.assert_allclose(distance_to_frontier([2, 3, 6, 9, 12], worst=9, best=3), [100, 100, 50, 0, 0])
    np.testing.assert_allclose(distance_to_frontier([0, 5, 8], worst=0, best=8), [0, 62.5, 100])
    assert np.isnan(distance_to_frontier(1, 5, 5))
    assert not np.signbit(distance_to_frontier([0], worst=0, best=8)).any()  # printed as 0, not as −0


def test_counties_are_scored_before_they_are_weighted():
    # times of 18 and 478 days with equal customers: scores 100 and 0 (clamped) weigh to 50; the mean time 248 would score 0
    scores = distance_to_frontier([18, 478], worst=248, best=18)
    assert weighted_score(scores, [1, 1]) == 50
    assert distance_to_frontier((18 + 478) / 2, worst=248, best=18) == 0


def test_weights_leave_out_what_is_unknown():
    assert weighted_score([90, np.nan, 60], [2, 5, 1]) == 80  # (90·2 + 60·1) / 3
    assert weighted_score([90, 60, 30], [2, 1, 0]) == 80
    assert weighted_score([90, 60, 30], [2, 1, -1]) == 80
    assert np.isnan(weighted_score([], []))
    assert np.isnan(weighted_score([50], [0]))
    assert weighted_score(pd.Series({"a": 90.0, "b": 60.0}), pd.Series({"b": 1, "a": 2})) == 80


def test_ties_share_the_smaller_rank():
    assert rank([50, 90, 90, 10]).tolist() == [3, 1, 1, 4]
    assert rank([0.1 + 0.2, 0.3]).tolist() == [1, 1]
    assert rank([50.001, 50.002]).tolist() == [2, 1]


values = st.floats(0, 1e5)


@given(values, values, values, st.floats(0, 8))
def test_score_within_bounds(procedures, days, cost, index):
    assert 0 <= getting_electricity_score(procedures, days, cost, index) <= 100


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(1, 10_000)), min_size=2, max_size=13), st.data())
def test_weighted_parts_give_the_whole(counties, data):
    scores, customers = np.array(counties).T
    cut = data.draw(st.integers(1, len(counties) - 1))
    parts = [weighted_score(scores[part], customers[part]) for part in (slice(cut), slice(cut, None))]
    weights = [customers[:cut].sum(), customers[cut:].sum()]
    assert weighted_score(parts, weights) == pytest.approx(weighted_score(scores, customers))
