"""What measures would change equals what ledgers edited by hand, row by row, give."""

import math

import numpy as np
import pandas as pd
import pytest
from indicator_study import BOTH, CITY, LEDGERS
from pandas.testing import assert_frame_equal, assert_series_equal

from ge_analysis.errors import GeError
from ge_analysis.figures.measures import before_after
from ge_analysis.indicators.city import city_results
from ge_analysis.indicators.county import county_results
from ge_analysis.indicators.results import long_table
from ge_analysis.indicators.topics import frequent, reliability
from ge_analysis.review.what_if import SHOWN, effects, goal, headlines, smallest
from ge_analysis.review.world import TARGETS, World
from ge_analysis.settings.keys import KEYS
from ge_analysis.settings.measures import Measure
from ge_analysis.settings.yaml_files import validated
from ge_analysis.storage import processes

HOUR = pd.Timedelta(hours=1)


def more_outages(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The outages and ten more events, some of two steps, some begun in the year before."""
    random, rows = np.random.default_rng(seed), []
    for number in range(10):
        started = pd.Timestamp("2019-12-20") + int(random.integers(0, 370 * 24)) * HOUR
        kind = ["scheduled", "fault", "shortage"][random.integers(3)]
        for step in range(random.integers(1, 3)):
            row: dict[str, object] = {"feeder": "甲线"}
            row |= {"event_id": f"m{number}", "kind": kind, "started": started, "customers": int(random.integers(1, 30))}
            row["area_type"], row["cause"] = ("town", "rural")[random.integers(2)], "other"
            row["restored"] = started + float(random.integers(1, 700)) / 60 * HOUR + step * HOUR
            row |= {"announced_at": started - 20 * HOUR, "notice": [None, "短信", "张贴"][random.integers(3)], "external": False}
            rows.append(row | {"county": table["county"].iloc[0], "source_file": "m.xlsx", "source_sheet": "s", "source_row": 99})
    return pd.concat([table, pd.DataFrame(rows).astype(table.dtypes.to_dict())], ignore_index=True)


TABLES = {
    name: tables | {"outages": more_outages(tables["outages"], seed)} for seed, (name, tables) in enumerate(LEDGERS.items())
}
WORLD = World(BOTH, TABLES | {"city": CITY})
PLACES = ["lishi", "wenshui"]
ONE = World(BOTH, {"lishi": TABLES["lishi"], "city": CITY}, with_city=False)


def measure(act: str, amount: float | None = None, **more: object) -> Measure:
    return validated({"id": "m", "label": "m", "act": act, "amount": amount, **more}, Measure, "measure")


def is_taken(number: int, pct: float) -> bool:
    """Whether the number-th thing, from 1, is in a share: by its place on a circle cut by the golden ratio."""
    return math.fmod(number * 0.6180339887498949, 1) < pct / 100


def in_2020(row: dict) -> bool:
    return row["restored"] > pd.Timestamp("2020-01-01") and row["started"] < pd.Timestamp("2021-01-01")


def taken_events(rows: list[dict], pct: float) -> set[str]:
    events = list(dict.fromkeys(row["event_id"] for row in rows))
    return {event for number, event in enumerate(events, start=1) if is_taken(number, pct)}


def by_hand(tables: dict, act: str, amount: float) -> dict:
    """One county's tables, edited row by row as a clerk would."""
    sheets = {name: table.to_dict("records") for name, table in tables.items()}
    outages = sheets["outages"]
    scheduled = [row for row in outages if row["kind"] == "scheduled" and in_2020(row)]
    if act == "avoided_pct":
        gone = taken_events([row for row in outages if in_2020(row)], amount)
        sheets["outages"] = [row for row in outages if not (in_2020(row) and row["event_id"] in gone)]
    elif act == "live_line_pct":
        gone = taken_events(scheduled, amount)
        kept = [row for row in outages if not (row in scheduled and row["event_id"] in gone)]
        for event in dict.fromkeys(row["event_id"] for row in scheduled if row["event_id"] in gone):
            steps = [row for row in scheduled if row["event_id"] == event]
            saved = sum((row["restored"] - row["started"]) / HOUR * row["customers"] for row in steps)
            job = {name: steps[0].get(name) for name in ("county", "source_file", "source_sheet", "source_row")}
            sheets["live_line_jobs"].append(job | {"date": steps[0]["started"].normalize(), "saved_hour_customers": saved})
        sheets["outages"] = kept
    elif act == "scheduled_cut_pct":
        for row in scheduled:
            seconds = (row["restored"] - row["started"]).total_seconds() * (1 - amount / 100)
            row["restored"] = row["started"] + pd.Timedelta(seconds=round(seconds))
    elif act == "fault_hours":
        for row in outages:
            if row["kind"] == "fault" and in_2020(row):
                row["restored"] = min(row["restored"], row["started"] + pd.Timedelta(seconds=round(amount * 3600)))
    elif act == "sms_pct":
        without = [row for row in scheduled if "短信" not in str(row["notice"])]
        sent = taken_events(without, amount)
        for row in without:
            row["notice"] = "短信" if row["event_id"] in sent else row["notice"]
    elif act == "utility_built_pct":
        own = [row for row in sheets["connections"] if row["investment_boundary"] == "grid_point"]
        for number, row in enumerate(own, start=1):
            if is_taken(number, amount):
                row |= {"investment_boundary": "red_line", "customer_cost_yuan": 0}
    elif act == "works_days":
        for row in sheets["connections"]:  # here works begin with the plan, and only cases of high voltage have them
            excess = (row["works_finished"] - row["plan_replied"]).days - max(amount, 1)
            if excess > 0:
                row["applied"] += pd.Timedelta(days=math.ceil(excess))
                row["plan_replied"] += pd.Timedelta(days=math.ceil(excess))
    elif act == "smart_meters_pct":
        for row in sheets["metering"]:
            replaced = math.floor(row["card_meters"] * amount / 100)
            row["smart_meters"] += replaced
            row["card_meters"] -= replaced
    elif act == "interconnected_pct":
        radial = [row for row in sheets["feeders"] if not row["interconnected"]]
        for number, row in enumerate(radial, start=1):
            row["interconnected"] = row["interconnected"] or is_taken(number, amount)
    return {
        name: pd.DataFrame(rows, columns=list(tables[name])).astype(tables[name].dtypes.to_dict())
        for name, rows in sheets.items()
    }


ACTS = {
    "avoided_pct": 100,
    "live_line_pct": 100,
    "scheduled_cut_pct": 100,
    "fault_hours": 8,
    "sms_pct": 100,
    "utility_built_pct": 100,
    "works_days": 40,
    "smart_meters_pct": 100,
    "interconnected_pct": 100,
}


def scenario(seed: int, places: list[str]) -> tuple[list[Measure], dict]:
    """Some random measures, and the ledgers edited by hand for them."""
    random, tables, measures = np.random.default_rng(seed), {**{name: TABLES[name] for name in places}, "city": CITY}, []
    for _ in range(random.integers(1, 4)):
        counties = [name for name in places if random.random() < 0.7] or places
        if random.random() < 0.15:
            item = ["restoration", "deterrent"][random.integers(2)]
            measures.append(measure("index_item", item=item, counties=counties))
            items = tables["city"]["index_items"].copy()
            for at in items.index:
                if items.loc[at, "place"] in counties:
                    items.loc[at, item] = 1
            tables["city"] = tables["city"] | {"index_items": items}
            continue
        act = str(random.choice(list(ACTS)))
        amount = round(float(random.uniform(0, ACTS[act])), 1)
        measures.append(measure(act, amount, counties=counties))
        tables |= {name: by_hand(tables[name], act, amount) for name in counties}
    return measures, tables


def rebuilt(tables: dict, places: list[str]) -> pd.Series:
    """All values, computed from scratch; of several places also the city's."""
    city = tables["city"]
    args = BOTH, city["index_items"], city["previous_indicators"]
    long = pd.concat([county_results(tables[name], args[0], name, *args[1:]).indicators for name in places], ignore_index=True)
    if len(places) == 1:
        return values(long)
    pooled = {name: pd.concat([tables[place][name] for place in places], ignore_index=True) for name in tables[places[0]]}
    return values(pd.concat([long, city_results(pooled, long, city, BOTH).indicators]))


def values(table: pd.DataFrame) -> pd.Series:
    return table.set_index(KEYS)["value"]


@pytest.mark.parametrize("seed", range(90))
def test_a_random_scenario_equals_ledgers_edited_by_hand(seed):
    measures, tables = scenario(seed, ["lishi"])
    found = long_table(ONE.recount.counties(ONE.with_measures(measures)), BOTH)
    assert_series_equal(values(found), rebuilt(tables, ["lishi"]), check_exact=False, rtol=1e-12)


@pytest.mark.parametrize("seed", range(90, 100))
def test_a_random_scenario_of_the_city_equals_ledgers_edited_by_hand(seed):
    measures, tables = scenario(seed, PLACES)
    changed = WORLD.with_measures(measures)
    counties = long_table(WORLD.recount.counties(changed), BOTH)
    found = pd.concat([counties, long_table([*WORLD.recount.city(changed, counties)], BOTH)])
    assert_series_equal(values(found), rebuilt(tables, PLACES), check_exact=False, rtol=1e-12)


@pytest.mark.parametrize("seed", range(90, 93))
@pytest.mark.parametrize("world", [ONE, WORLD], ids=["one county", "the city"])
def test_every_value_that_moves_is_listed_and_no_other(world, seed):
    places = [unit.slug for unit in world.units]
    measures, tables = scenario(seed, places)
    table = effects(world, measures)
    of_all = table["measure"] == ("all" if len(measures) > 1 else "m")
    found = table[of_all & (table["indicator"] != TARGETS)].set_index(KEYS)[["before", "after"]]
    both = pd.concat([rebuilt(world.tables, places), rebuilt(tables, places)], axis=1, keys=["before", "after"])
    apart = (both["after"] - both["before"]).abs() > 1e-9 * both["before"].abs().clip(lower=1)
    expected = both[apart | (both["before"].isna() != both["after"].isna())]
    assert len(found) == len(expected)
    assert_frame_equal(found.loc[expected.index], expected, check_exact=False, rtol=1e-12)


def test_the_ledgers_of_the_study_stay_as_they_were():
    before = {name: table.copy() for name, table in TABLES["lishi"].items()}
    ONE.with_measures([measure(act, most / 2) for act, most in ACTS.items()])
    for name, table in before.items():
        pd.testing.assert_frame_equal(TABLES["lishi"][name], table)


PLAIN = World(BOTH, {"lishi": LEDGERS["lishi"], "city": CITY}, with_city=False)  # 8 h of 20 customers of 50, and 2 h of 10


def test_before_and_after_by_hand():
    table = effects(PLAIN, [measure("fault_hours", 4), measure("index_item", item="deterrent").model_copy(update={"id": "i"})])
    found = table[(table["area"] == "all") & table[["kind", "item", "by"]].eq("").all(axis=1)].set_index(["measure", "indicator"])
    assert found.loc[("m", "saidi_hours"), ["before", "after"]].tolist() == [3.6, 2.0]  # 180 and 100 hour·customers
    assert found.loc[("all", "saidi_hours"), "printed_after"] == "2.00"
    index = table[table["indicator"] == "reliability_index"].set_index("measure")
    assert index.loc["i", ["before", "after"]].tolist() == [5, 6]  # band 2 and three items, then four
    assert list(dict.fromkeys(table["measure"])) == ["m", "i", "all"]
    shown = headlines(table)
    assert {"saidi_hours", "reliability_index", "score"} <= set(shown["indicator"]) <= set(SHOWN) and not shown["by"].any()


def test_the_smallest_amount_by_hand():
    # SAIDI is 3.6 h; within 4 h it is 2.0, and each half hour more of the fault's cap adds 0.2 h
    found = smallest(PLAIN, "lishi", goal("saidi_hours area=all=2.5"), [measure("fault_hours", 1), measure("sms_pct", 1)])
    assert found["reached"].tolist() == [True, False]
    assert found.loc[0, ["amount", "before", "after"]].tolist() == [5.0, 3.6, 2.4]
    assert np.isnan(found.loc[1, "amount"]) and found.loc[1, "after"] == 3.6


def test_a_grade_is_lifted_by_the_smallest_cut():
    found = smallest(PLAIN, "lishi", goal("band=3"), [measure("fault_hours", 9)])
    assert found.loc[0, ["amount", "before", "after"]].tolist() == [1.5, 2, 3]  # (30 + 20) / 50 = 1 h


def test_a_search_counts_again_only_the_topic_of_its_goal(monkeypatch):
    counted, compute = [], frequent.compute
    monkeypatch.setattr(frequent, "compute", lambda *given: counted.append(given) or compute(*given))
    ledgers = World(BOTH, {"lishi": LEDGERS["lishi"], "city": CITY}, with_city=False)
    found = smallest(ledgers, "lishi", goal("index=6"), [measure("fault_hours", 9)])
    assert found.loc[0, ["amount", "before", "after"]].tolist() == [1.5, 5, 6]  # the band's step, and three items
    assert len(counted) == 1  # before the search, where nobody knows yet which topic has the index


def test_a_measure_counts_again_only_the_topics_that_read_what_it_changes(monkeypatch):
    counted: dict[str, list[object]] = {"frequent": [], "reliability": []}
    for topic in (frequent, reliability):
        name, compute = topic.__name__.rpartition(".")[2], topic.compute
        monkeypatch.setattr(topic, "compute", lambda *given, n=name, c=compute: counted[n].append(given) or c(*given))
    monkeypatch.setattr(processes, "may_fork", lambda: False)
    ledgers = World(BOTH, {"lishi": TABLES["lishi"], "city": CITY}, with_city=False)
    effects(ledgers, [measure("sms_pct", 100), measure("interconnected_pct", 100)])  # change notices and feeders
    assert (len(counted["frequent"]), len(counted["reliability"])) == (1, 2)


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("band", "'band' is not a goal"),
        ("band=high", "'band=high' is not a goal"),
        ("bnd=1", "unknown indicator 'bnd'"),
        ("saidi_hour area=all=1", "unknown indicator 'saidi_hour'; did you mean saidi_hours?"),
        ("saidi_hours area=urbn=1", "unknown code of area"),
        ("saidi_hours=1", "saidi_hours has no single value without its area"),
        ("saidi_hours urban=1", "is not a goal"),
    ],
)
def test_an_invalid_goal(text, reported):
    with pytest.raises(GeError, match=reported):
        goal(text)


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("band=2", "lishi has already reached reliability_band area=all=2: it is at 2"),
        ("saidi_hours area=centre=1", "lishi has no value of saidi_hours area=centre"),
    ],
)
def test_a_goal_that_needs_nothing_or_has_no_value(text, reported):
    with pytest.raises(GeError, match=reported):
        smallest(PLAIN, "lishi", goal(text), [])


@pytest.mark.parametrize(
    ("entry", "reported"),
    [
        ({"act": "sms_pct", "amount": 101}, "amount 101 is more than 100 %"),
        ({"act": "sms_pct", "amount": -1}, "greater than or equal to 0"),
        ({"act": "sms_pct"}, "sms_pct needs an amount"),
        ({"act": "smspct", "amount": 1}, "measure m: act"),
        ({"act": "index_item", "item": "deterent"}, "did you mean deterrent"),
        ({"act": "index_item", "item": "tariff", "amount": 1}, "leave out amount"),
        ({"act": "fault_hours", "amount": 1, "item": "tariff"}, "only the act index_item has an item"),
    ],
)
def test_an_invalid_measure(entry, reported):
    with pytest.raises(GeError, match=reported) as error:
        validated({"id": "m", "label": "m", **entry}, Measure, "measure m")
    assert "\n" not in str(error.value)


def test_the_figure_has_a_row_for_each_county_that_moves():
    table = effects(WORLD, [measure("fault_hours", 1, counties=["lishi"])])
    axes = before_after(table, BOTH, "m", "saidi_hours", area="all").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["离石区"]
    assert before_after(table, BOTH, "m", "time_days", voltage="high").texts[0].get_text() == "没有变化"
    with pytest.raises(GeError, match="unknown measure 'n'"):
        before_after(table, BOTH, "n", "saidi_hours", area="all")
