"""Frequent interruptions (method 11): each rule at its edge, worked by hand."""

import numpy as np
import pandas as pd
import pytest
from indicator_study import BOTH, CITY, COUNTIES, LEDGERS, LONG, PARAMS, POOLED, WHOLE, lishi, sheet

from ge_analysis.indicators.city import city_results
from ge_analysis.indicators.county import county_results
from ge_analysis.indicators.frequent import frequency, interruption_marks
from ge_analysis.indicators.long_table import select, value


def ledger(*starts: str, hours: float = 1, **columns: object) -> pd.DataFrame:
    """Outages of one feeder, each a separate event, of 40 customers and one hour by default."""
    started = pd.DatetimeIndex(starts)
    table = pd.DataFrame({"event_id": [f"e{number}" for number in range(len(starts))], "started": started})
    columns = {"feeder": "北关线", "kind": "fault", "customers": 40, "restored": started + pd.Timedelta(hours=hours)} | columns
    return table.assign(**columns)


def marks(outages: pd.DataFrame, **options: object) -> list[str]:
    return interruption_marks(outages, **options).tolist()


def counts(outages: pd.DataFrame, period: int = 2020) -> dict[str, int]:
    return frequency(outages, interruption_marks(outages), period).loc["北关线"].to_dict()


def monthly(number: int, kind: str = "fault") -> pd.DataFrame:
    """Outages on the first of every second month, at least 60 days apart: no two within 60 consecutive ones."""
    return ledger(*[f"2020-{month:02d}-01 08:00" for month in [1, 3, 5, 7, 9, 11][:number]], kind=kind)


def test_exactly_five_in_the_year_are_not_frequent_but_a_warning():
    assert counts(monthly(5)) == {"year": 5, "window": 1, "scheduled": 0, "state": 1}


def test_six_in_the_year_are_frequent():
    assert counts(monthly(6))["state"] == 2


@pytest.mark.parametrize(("number", "state"), [(3, 0), (4, 1)])
def test_the_warning_begins_with_four_in_the_year(number, state):
    assert counts(monthly(number))["state"] == state


def test_exactly_three_scheduled_ones_are_not_frequent_and_four_are():
    assert counts(monthly(3, "scheduled")) == {"year": 3, "window": 1, "scheduled": 3, "state": 0}
    assert counts(monthly(4, "scheduled"))["state"] == 2


def test_exactly_three_within_60_days_are_not_frequent():
    # 1 January is the first of 60 days, 29 February the last of them
    three = ledger("2020-01-01 08:00", "2020-02-01", "2020-02-29")
    assert counts(three) == {"year": 3, "window": 3, "scheduled": 0, "state": 0}


@pytest.mark.parametrize(("last", "window", "state"), [("2020-02-29 23:59", 4, 2), ("2020-03-01 00:00", 3, 1)])
def test_a_window_is_of_60_consecutive_days(last, window, state):
    four = ledger("2020-01-01 08:00", "2020-01-20", "2020-02-10", last)
    assert counts(four) == {"year": 4, "window": window, "scheduled": 0, "state": state}


def test_a_window_reaches_back_before_the_year_and_is_judged_where_it_ends():
    winter = ledger("2019-12-01", "2019-12-15", "2019-12-30", "2020-01-01")
    assert counts(winter, 2020) == {"year": 1, "window": 4, "scheduled": 0, "state": 2}
    # 2019 has three of them, all in its last 50 days: not frequent, but a warning
    assert counts(winter, 2019) == {"year": 3, "window": 3, "scheduled": 0, "state": 1}


def test_what_starts_before_the_year_is_counted_in_the_year_before_only():
    night = ledger("2019-12-31 23:00", hours=3)
    assert [counts(night, year)["year"] for year in (2019, 2020)] == [1, 0]


def test_merging_goes_across_the_edge_of_the_year():
    assert marks(ledger("2019-12-31 22:00", "2020-01-01 03:00")) == ["counted", "merged"]


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        (["08:00", "14:00"], ["counted", "merged"]),  # exactly 6 h
        (["08:00", "14:01"], ["counted", "counted"]),
        # measured from the last one that counts: 13:00 is merged into 08:00, so that 15:00 is free of it
        (["08:00", "13:00", "15:00"], ["counted", "merged", "counted"]),
        (["08:00", "13:00", "15:00", "20:59", "21:01"], ["counted", "merged", "counted", "merged", "counted"]),
        (["21:01", "15:00", "08:00"], ["counted", "counted", "counted"]),  # the order of the rows is no matter
    ],
)
def test_interruptions_within_six_hours_are_one(starts, expected):
    assert marks(ledger(*[f"2020-05-01 {start}" for start in starts])) == expected


def test_uncounted_interruptions_merge_nothing():
    # the first is too short; the second therefore counts, and the third is merged into the second
    table = ledger("2020-05-01 08:00", "2020-05-01 09:00", "2020-05-01 14:30")
    table.loc[0, "restored"] = pd.Timestamp("2020-05-01 08:04:59")
    assert marks(table) == ["short", "counted", "merged"]


@pytest.mark.parametrize(("minutes", "mark"), [(0, "short"), (4.99, "short"), (5, "counted")])
def test_interruptions_under_five_minutes_do_not_count(minutes, mark):
    assert marks(ledger("2020-05-01 08:00", hours=minutes / 60)) == [mark]


def test_an_order_of_a_single_customer_does_not_count():
    alone = ledger("2020-05-01 08:00", "2020-06-01 08:00", customers=[1, 2])
    assert marks(alone) == ["single_order", "counted"]
    # an order of two that come back one after the other is none of a single customer
    steps = ledger("2020-05-01 08:00", "2020-05-01 08:00", customers=1, event_id="e")
    assert marks(steps) == ["counted", "same_event"]


def test_a_major_event_day_is_the_day_of_the_start():
    table = ledger("2020-05-01 23:59", "2020-05-02 12:00", "2020-05-03 00:00")
    assert marks(table, major_event_days=pd.DatetimeIndex(["2020-05-02"])) == ["counted", "major_event_day", "counted"]


def test_steps_of_one_event_are_one_interruption_of_each_feeder():
    # the second step is 9 h after the first: still the same event
    table = ledger(
        "2020-05-01 08:00", "2020-05-01 17:00", "2020-05-01 17:00", event_id="e", feeder=["北关线", "北关线", "凤山线"]
    )
    assert marks(table) == ["counted", "same_event", "counted"]


def test_a_short_first_step_leaves_the_longer_one_to_count():
    table = ledger("2020-05-01 08:00", "2020-05-01 08:00", event_id="e")
    table.loc[0, "restored"] = pd.Timestamp("2020-05-01 08:02")
    assert marks(table) == ["short", "counted"]


def test_feeders_do_not_disturb_each_other():
    table = ledger("2020-05-01 08:00", "2020-05-01 09:00", "2020-05-01 10:00", feeder=["北关线", "凤山线", "北关线"])
    assert marks(table) == ["counted", "counted", "merged"]
    assert frequency(table, interruption_marks(table), 2020)["year"].to_dict() == {"北关线": 1, "凤山线": 1}


def test_feeders_of_one_name_in_two_counties_are_two():
    table = ledger("2020-05-01 08:00", "2020-05-01 09:00", county=["lishi", "wenshui"])
    by = ["county", "feeder"]
    found = frequency(table, interruption_marks(table, by), 2020, by)
    assert found["year"].to_dict() == {("lishi", "北关线"): 1, ("wenshui", "北关线"): 1}


@pytest.mark.parametrize("missing", ["started", "restored"])
def test_a_missing_time_counts_nothing(missing):
    table = ledger("2020-05-01 08:00", "2020-06-01 08:00")
    table.loc[0, missing] = pd.NaT
    assert marks(table) == ["unknown", "counted"]


@pytest.mark.parametrize(
    ("starts", "state"),
    [
        (["2020-11-12", "2020-11-20", "2020-12-01"], 1),  # 12 November is the first of the last 50 days
        (["2020-11-11", "2020-11-20", "2020-12-01"], 0),
        (["2020-12-02", "2020-12-31"], 1),  # 2 December is the first of the last 30 days
        (["2020-12-01", "2020-12-31"], 0),
    ],
)
def test_the_last_days_of_the_year_warn(starts, state):
    assert counts(ledger(*starts))["state"] == state


def test_interruptions_after_the_year_are_not_judged():
    late = ledger("2020-12-01", "2020-12-20", "2021-01-01", "2021-01-10")
    assert counts(late) == {"year": 2, "window": 2, "scheduled": 0, "state": 0}


def test_an_empty_ledger_has_no_feeder():
    empty = ledger("2020-05-01").iloc[:0]
    assert frequency(empty, interruption_marks(empty), 2020).empty


def test_many_rows_are_marked_as_a_loop_marks_them():
    """Chains of any length, against a loop over the sorted starts."""
    rng = np.random.default_rng(1)
    started = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 60 * 24 * 20, 600), unit="min")
    table = ledger(*started.astype(str), feeder=rng.choice(["北关线", "凤山线", "城南线"], 600))
    expected, last = {}, {}
    for at in table.sort_values(["feeder", "started"], kind="stable").index:
        feeder, start = table.loc[at, "feeder"], table.loc[at, "started"]
        near = feeder in last and start - last[feeder] <= pd.Timedelta(hours=6)
        expected[at] = "merged" if near else "counted"
        last[feeder] = last[feeder] if near else start
    assert interruption_marks(table).to_dict() == expected


def listed(*pairs: tuple[str, str]) -> pd.DataFrame:
    return sheet("event_id customer_id", *pairs)


def steps(*starts: str, prefix: str = "a", **columns: object) -> pd.DataFrame:
    """Outages of one feeder with every column of the ledger."""
    events = [f"{prefix}{number}" for number in range(len(starts))]
    table = ledger(*starts, **columns).assign(event_id=events, area_type="town", cause="natural", external=False)
    source = {"county": "lishi", "source_file": "x.xlsx", "source_sheet": "s", "source_row": range(2, 2 + len(table))}
    return table.assign(announced_at=pd.NaT, notice=None, **source)


def six(feeder: str, prefix: str) -> pd.DataFrame:
    """Six outages of one feeder on the first of every second month."""
    return steps(*[f"2020-{month:02d}-01 08:00" for month in (1, 3, 5, 7, 9, 11)], feeder=feeder, prefix=prefix)


@pytest.mark.parametrize(
    ("starts", "year", "window"),
    [
        # 1 June and 30 July are the first and last of 60 consecutive days, 31 July is not among them
        (["2020-03-01", "2020-06-01", "2020-06-20", "2020-07-10", "2020-07-30", "2020-12-01"], 6, 4),
        (["2020-03-01", "2020-06-01", "2020-06-20", "2020-07-10", "2020-07-31"], 5, 3),
        # the window reaches back before the year; what starts there is not of the year
        (["2019-12-01", "2019-12-10", "2019-12-20", "2020-01-15"], 1, 4),
    ],
)
def test_the_fullest_window_and_the_year_of_a_feeder(starts, year, window):
    kinds = ["scheduled", *["fault"] * (len(starts) - 2), "scheduled"]
    found = lishi(outages=steps(*starts, kind=kinds))
    scheduled = sum(start.startswith("2020") for start in (starts[0], starts[-1]))
    for item, expected in {"year": year, "window": window, "scheduled": scheduled}.items():
        assert value(found, "feeder_interruptions", item=item, by="feeder", group="北关线") == expected


def test_feeders_are_judged_by_their_own_interruptions_where_no_customer_is_known():
    found = lishi(outages=six("北关线", "a"))
    assert value(found, "frequent_feeders") == 1
    assert value(found, "frequent_feeder_pct") == 50  # of two feeders
    assert value(found, "feeder_interruptions", item="year", by="feeder", group="北关线") == 6
    assert value(found, "feeder_state", by="feeder", group="北关线") == 2
    missing = select(found, "frequent_customers").iloc[0]
    assert np.isnan(missing["value"]) and missing["reason"] == "no list of interrupted customers (停电用户明细)"


@pytest.mark.parametrize(("customers", "frequent"), [(["u1"], 0), (["u1", "u2"], 1)])
def test_two_frequent_customers_make_a_feeder_frequent_where_customers_are_known(customers, frequent):
    pairs = [(f"a{number}", customer) for number in range(6) for customer in customers]
    found = lishi(outages=six("北关线", "a"), interrupted_customers=listed(*pairs))
    assert value(found, "frequent_customers") == len(customers)
    assert value(found, "frequent_feeders") == frequent
    assert value(found, "warned_feeders") == 1 - frequent  # by its own interruptions it would be frequent


def test_a_customer_belongs_to_the_feeder_on_which_it_was_interrupted_most_often():
    outages = pd.concat([steps("2020-02-15 08:00", feeder="凤山线", prefix="b"), six("北关线", "a")], ignore_index=True)
    pairs = [(event, customer) for customer in ("u1", "u2") for event in outages["event_id"]]
    found = lishi(outages=outages, interrupted_customers=listed(*pairs))
    assert value(found, "feeder_state", by="feeder", group="北关线") == 2
    assert value(found, "feeder_interruptions", item="year", by="feeder", group="北关线") == 6
    assert value(found, "frequent_feeders") == 1


def test_what_the_state_of_a_feeder_quotes():
    # the last 50 days of 2020 begin on 12 November, the last 30 on 2 December; the other feeder's are not quoted
    own = steps("2020-11-11", "2020-11-12", "2020-12-01", "2020-12-02")
    outages = pd.concat([own, steps("2020-12-20", "2020-11-20", feeder="凤山线", prefix="b")], ignore_index=True)
    pairs = [*((event, "u1") for event in own["event_id"]), ("b0", "u2")]
    tables = LEDGERS["lishi"] | {"outages": outages, "interrupted_customers": listed(*pairs)}
    found = county_results(tables, PARAMS, "lishi", CITY["index_items"], CITY["previous_indicators"])
    assert value(found.indicators, "feeder_interruptions", item="window", by="feeder", group="北关线") == 4
    of_state = found.quoted[found.quoted["indicator"] == "feeder_state"].groupby("role", observed=True)["quoted"].sum()
    assert of_state.to_dict() == {"last_50_days": 3, "last_30_days": 1, "customers_of_feeder": 1}


def test_an_event_in_steps_of_one_customer_each_is_no_order_of_a_single_one():
    first = six("北关线", "a").assign(customers=1)
    found = lishi(
        outages=pd.concat([first, first.assign(restored=first["restored"] + pd.Timedelta(hours=1))], ignore_index=True),
        interrupted_customers=listed(*[(f"a{number}", "u1") for number in range(6)]),
    )
    assert value(found, "frequent_customers") == 1
    assert value(found, "interruption_rows", item="single_order") == 0


def test_events_and_feeders_of_the_city_are_those_of_each_county():
    # the third event of the one county and the first and third of the other are three, of which the first is a single order
    single = six("北关线", "a").assign(customers=[500, 500, 1, 500, 500, 500])
    both = pd.concat([single, six("北关线", "a").assign(customers=500, county="wenshui")], ignore_index=True)
    found = city_results(POOLED | {"outages": both}, LONG, CITY, BOTH).indicators
    assert value(found, "interruption_rows", item="single_order") == 1
    assert value(found, "frequent_feeders") == 1  # the single order leaves five
    assert "feeder_state" not in set(found["indicator"])


def test_shares_are_of_the_customers_served():
    # 50 customers served; u1 six times, u2 three times, u3 once; one of u1's took 9 h, u2's longest 4 h exactly.
    # the others of u3 and u4 are of the year before and not longer than 3 minutes
    outages = six("北关线", "a")
    outages.loc[0, "restored"] = outages.loc[0, "started"] + pd.Timedelta(hours=9)
    outages.loc[1, "restored"] = outages.loc[1, "started"] + pd.Timedelta(hours=4)
    others = [steps("2019-12-01 08:00", prefix="b", hours=9), steps("2020-12-01 08:00", prefix="c", hours=3 / 60)]
    outages = pd.concat([outages, *others], ignore_index=True)
    pairs = [(f"a{number}", "u1") for number in range(6)] + [(f"a{number}", "u2") for number in (1, 2, 3)]
    customers = listed(*pairs, *[(event, "u3") for event in ("a5", "b0", "c0")], ("c0", "u4"))
    pooled = POOLED | {"outages": outages, "interrupted_customers": customers}  # the other county lists no customers
    for found in (
        lishi(outages=outages, interrupted_customers=customers),
        city_results(pooled, LONG, CITY, BOTH).indicators,
    ):
        assert value(found, "frequent_customer_pct") == 2
        assert value(found, "warned_customers") == 0
        assert [value(found, "cemi_pct", item=least) for least in ("1", "3", "6")] == [6, 4, 2]
        assert [value(found, "celid_pct", item=limit) for limit in ("4", "8", "12")] == [2, 2, 0]


def test_what_begins_on_a_major_event_day_does_not_count():
    # daily SAIDI before the year: 1 h on twelve days, 10 h on one, so that T_MED is 5.89 h (worked out in the rules' tests)
    days = [f"{year}-0{month}-01 08:00" for year in (2016, 2017, 2018) for month in (3, 5, 7, 9)] + ["2020-03-01 08:00"]
    long = steps("2019-07-01 08:00", "2020-05-01 08:00", prefix="b", hours=10, customers=50)
    found = lishi(outages=pd.concat([steps(*days, customers=50), long], ignore_index=True))
    assert [value(found, "interruption_rows", item=mark) for mark in ("counted", "major_event_day")] == [1, 1]


def test_a_list_of_customers_without_any_outage_left():
    found = lishi(outages=six("北关线", "a").iloc[:0], interrupted_customers=listed(("a0", "u1"), ("a1", "u1")))
    assert [value(found, name) for name in ("frequent_customers", "warned_customers", "frequent_feeders")] == [0, 0, 0]
    assert value(found, "cemi_pct", item="1") == 0


def test_each_row_of_the_ledger_is_marked():
    outages = six("北关线", "a")
    outages.loc[1, "restored"] = outages.loc[1, "started"] + pd.Timedelta(minutes=4)
    outages.loc[2, "customers"] = 1
    outages.loc[3, "restored"] = pd.NaT
    found = lishi(outages=outages)
    marks = ("counted", "short", "single_order", "unknown", "merged")
    assert [value(found, "interruption_rows", item=mark) for mark in marks] == [3, 1, 1, 1, 0]


def test_values_of_the_city_add_up_over_the_counties():
    names = ("frequent_feeders", "warned_feeders", "feeders")
    dims = {"feeders": {"area": "all"}}
    for name in names:
        parts = [value(COUNTIES[county].indicators, name, **dims.get(name, {})) for county in COUNTIES]
        assert value(WHOLE.indicators, name, **dims.get(name, {})) == sum(parts)
