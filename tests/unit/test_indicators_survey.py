"""Intervals against published figures, aspects and demands by hand (method 7)."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ge_analysis.indicators.survey import aspect_summary, coded_demands, quotes, share_difference, wilson_interval


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),  # Newcombe 1998, table I
    ],
)
def test_published_wilson_intervals(k, n, low, high):
    assert [round(side, 4) for side in wilson_interval(k, n)] == [low, high]


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        # Newcombe 1998 (comparison of two proportions), table II, method 10
        ((56, 70, 48, 80), (0.2000, 0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.6000, 0.1705, 0.8090)),
        ((5, 56, 0, 29), (0.0893, -0.0381, 0.1926)),
        ((10, 10, 0, 10), (1.0000, 0.6075, 1.0000)),
    ],
)
def test_published_differences(groups, expected):
    assert [round(side, 4) for side in share_difference(*groups)] == list(expected)


def test_both_groups_intervals_have_the_confidence_that_is_asked_for():
    # 70 % of 10 and 30 % of 10 at 90 %: each side is what the groups' own intervals of 90 % leave
    one, two = wilson_interval(7, 10, 90), wilson_interval(3, 10, 90)
    low, high = np.hypot(0.7 - one.low, two.high - 0.3), np.hypot(one.high - 0.7, 0.3 - two.low)
    assert share_difference(7, 10, 3, 10, 90) == pytest.approx((0.4, 0.4 - low, 0.4 + high))


def test_undefined_intervals():
    assert np.isnan(wilson_interval(0, 0)).all()
    assert np.isnan(wilson_interval(5, 4)).all()
    assert np.isnan(wilson_interval(None, 4)).all()
    assert np.isnan(share_difference(1, 2, 0, 0)).all()


@given(st.integers(0, 300), st.integers(1, 300))
def test_interval_holds_the_share(k, n):
    k = min(k, n)
    low, high = wilson_interval(k, n)
    assert 0 <= low <= k / n + 1e-12
    assert k / n - 1e-12 <= high <= 1
    mirrored = wilson_interval(n - k, n)
    assert mirrored.low == pytest.approx(1 - high)


RESPONSES = pd.DataFrame(
    {
        "county": ["lishi"] * 6 + ["wenshui"],
        "payment": pd.array([5, 5, 4, 3, 1, None, 5], dtype="Int64"),
        "respondent_class": "business",
        "industry": "畜牧业",
        "demands": ["减少停电时间和次数；更换智能电表", "电价变动提前告知", None, "", "停电提前通知到位", "不需要", ""],
        "comments": [None, "停电前逐户短信通知", "等公用线路延伸", None, None, "停电前逐户短信通知", ""],
    }
)


def test_aspects_by_group_with_small_groups_hidden():
    summary = aspect_summary(RESPONSES, by="county").set_index(["county", "aspect"])
    lishi, wenshui = summary.loc["lishi", "payment"], summary.loc["wenshui", "payment"]
    assert (lishi["n"], lishi["mean"], lishi["top2"], lishi["share"]) == (5, 3.6, 3, 0.6)
    assert (wenshui["n"], wenshui["mean"]) == (1, 5)
    assert wenshui[["share", "low", "high"]].isna().all()
    asked_nobody = summary.loc["lishi", "invoicing"]
    assert asked_nobody["n"] == 0
    assert np.isnan(asked_nobody["mean"])


def test_no_responses():
    summary = aspect_summary(RESPONSES.iloc[:0])
    assert (summary["n"] == 0).all()
    assert coded_demands(RESPONSES.iloc[:0]).empty
    assert quotes(RESPONSES.iloc[:0]).empty


def test_demands_are_coded_by_their_words():
    coded = coded_demands(RESPONSES)
    voiced = [sorted(coded.columns[row]) for row in coded.to_numpy()]
    assert voiced == [
        ["smart_meter", "stable_supply"],
        ["outage_notice", "tariff_notice"],
        ["public_line"],
        [],
        ["outage_notice"],
        ["outage_notice"],
        [],
    ]


def test_words_are_words_and_no_patterns():
    method = aspect_summary.__globals__["standard"]().survey
    dotted = method.model_copy(update={"demands": (method.demands[0].model_copy(update={"words": ("a.c(",)}),)})
    texts = pd.DataFrame({"demands": ["abc(", "a.c("], "comments": None})
    assert coded_demands(texts, method=dotted)["stable_supply"].tolist() == [False, True]


def test_the_same_words_appear_once_per_county():
    assert quotes(RESPONSES.assign(comments="停电前逐户短信通知"))["county"].tolist() == ["lishi", "wenshui"]


def test_quotes_give_place_and_trade_only():
    said = quotes(RESPONSES)
    assert list(said.columns) == ["code", "aspect", "county", "respondent_class", "industry", "quote"]
    assert said[["code", "quote"]].values.tolist() == [
        ["outage_notice", "停电前逐户短信通知"],
        ["public_line", "等公用线路延伸"],
    ]
