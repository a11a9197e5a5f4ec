"""Every change has causes that add up to it: by hand, and for 200 random edits of ledgers, parameters and corrections."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest
from indicator_study import BOTH, CITY, COUNTIES, LEDGERS, POOLED, WHOLE

from ge_analysis.errors import GeError
from ge_analysis.indicators.city import city_results
from ge_analysis.indicators.county import county_results
from ge_analysis.indicators.long_table import all_dimensions
from ge_analysis.indicators.results import Tally, Topic
from ge_analysis.ledgers.contract import contracts
from ge_analysis.review.differences import Differences, differences
from ge_analysis.review.pages import change_table, row_table, write_page, write_workbook
from ge_analysis.review.published import State
from ge_analysis.settings.keys import KEYS

PLACES = ("lishi", "wenshui")
THEN = State(
    "then",
    2021,
    "1.0",
    BOTH,
    LEDGERS | {"city": CITY},
    pd.concat([*(COUNTIES[name].indicators for name in PLACES), WHOLE.indicators], ignore_index=True),
    {name: [] for name in (*PLACES, "city")},
)


def computed(state: State, topics: Sequence[Topic] = ()) -> State:
    """The state with the values of its tables and parameters, computed from scratch."""
    city, names = state.tables["city"], [name for name in PLACES if name in state.tables]
    long = pd.concat(
        [
            county_results(
                state.tables[name], state.params, name, city["index_items"], city["previous_indicators"], topics
            ).indicators
            for name in names
        ],
        ignore_index=True,
    )
    pooled = {sheet: pd.concat([state.tables[name][sheet] for name in names], ignore_index=True) for sheet in POOLED}
    whole = city_results(pooled, long, city, state.params, topics).indicators
    return replace(state, name="now", indicators=pd.concat([long, whole], ignore_index=True))


def with_table(state: State, place: str, name: str, table: pd.DataFrame) -> State:
    return replace(state, tables=state.tables | {place: state.tables[place] | {name: table}})


def parts(found: Differences, county: str, indicator: str, **dims: str) -> list[tuple[str, float]]:
    """Kinds and parts of one value, largest first."""
    key = (county, indicator, *all_dimensions(dims).values())
    return [(cause.kind, pytest.approx(part, nan_ok=True)) for cause, part in found.by_value[key]]


def outage(county: str, **cells: object) -> pd.DataFrame:
    """Outages of a county with one more: the first, with other cells and in the row below the last."""
    table = LEDGERS[county]["outages"]
    more = table.iloc[[0]].assign(event_id="z", source_row=9, **cells)
    return pd.concat([table, more], ignore_index=True)


def test_nothing_changed():
    found = differences(THEN, replace(THEN, name="now"))
    assert found.changes.empty and found.parts.empty
    assert [cause.kind for cause in found.causes] == ["tool"]


def test_an_outage_more_and_customers_changed():
    customers = LEDGERS["lishi"]["customers"]
    now = with_table(THEN, "lishi", "outages", outage("lishi", area_type="rural", customers=20))  # 2 h · 20
    now = computed(with_table(now, "lishi", "customers", customers.assign(customers_served=[40, 20, 9])))
    found = differences(THEN, now)
    # (160 + 40) / 10 is 4 h more than 160 / 10, and 200 / 20 is 10 h less than that
    assert parts(found, "lishi", "saidi_hours", area="rural") == [("changed", -10), ("added", 4)]
    change = found.changes.set_index(KEYS).loc[("lishi", "saidi_hours", *all_dimensions({"area": "rural"}).values())]
    assert (change["then"], change["now"], change["grade"]) == (16, 10, "large")
    assert found.changes["county"].isin(["lishi", "city"]).all()
    rows = row_table(found)
    assert rows["本次所填"].str.contains("事件编号 z").sum() == 1
    assert rows.loc[rows["原因"] == "改动的行", ["上次所填", "本次所填"]].values.tolist() == [["用户数 10", "用户数 20"]]


def test_a_parameter_and_a_row_removed():
    params = BOTH.model_copy(update={"year": BOTH.year.model_copy(update={"duration_floor_minutes": 130})})
    fewer = LEDGERS["lishi"]["outages"].drop(index=1).reset_index(drop=True)
    found = differences(THEN, computed(replace(with_table(THEN, "lishi", "outages", fewer), params=params)))
    # the 2 h of event a no longer count (20 of 50 customers), then event b goes (160)
    assert parts(found, "lishi", "saidi_hours", area="all") == [("removed", -3.2), ("parameter", -0.4)]


def test_a_correction_is_kept_apart_from_other_changes():
    outages = LEDGERS["lishi"]["outages"]
    now = with_table(THEN, "lishi", "outages", outages.assign(customers=[20, 30, 500]))
    entry = {"sheet": "停电事件", "workbook": "lishi.xlsx", "cell": "H3", "action": "override"}
    found = differences(THEN, computed(replace(now, corrections=THEN.corrections | {"lishi": [entry]})))
    assert parts(found, "lishi", "hour_customers", area="all") == [("correction", 80), ("changed", 20)]


def test_a_county_that_is_missing_now():
    now = replace(THEN, tables={name: THEN.tables[name] for name in ("lishi", "city")}, missing={"wenshui": "no workbooks"})
    found = differences(THEN, computed(now))
    assert {cause.kind for of in found.by_value.values() for cause, _ in of} == {"counties"}
    assert parts(found, "city", "customers_served", area="all") == [("counties", -50)]
    assert parts(found, "wenshui", "customers_served", area="all") == [("counties", math.nan)]


def test_another_version_of_the_tool():
    before = THEN.indicators.assign(value=THEN.indicators["value"].where(THEN.indicators["indicator"] != "saifi", 1.0))
    found = differences(replace(THEN, indicators=before), computed(THEN))
    assert set(found.changes["indicator"]) == {"saifi"}
    assert parts(found, "lishi", "saifi", area="all") == [("tool", -0.4)]


def test_another_year():
    later = with_table(THEN, "lishi", "outages", outage("lishi"))
    found = differences(THEN, computed(replace(later, year=2022)))
    assert parts(found, "lishi", "hour_customers", area="all") == [("year", 20)]


def test_rows_in_another_order_are_the_same_rows():
    mixed = LEDGERS["lishi"]["outages"].iloc[::-1].reset_index(drop=True).assign(source_row=[12, 13, 14])
    assert differences(THEN, computed(with_table(THEN, "lishi", "outages", mixed))).changes.empty


def test_results_that_do_not_follow_from_their_ledgers():
    with pytest.raises(GeError, match="the results of 2021 are not those of its ledgers; run `ge build`"):
        differences(THEN, replace(with_table(THEN, "lishi", "outages", outage("lishi")), name="now"))


EDITED = [(name, table) for name in PLACES for table in LEDGERS[name]] + [("city", name) for name in CITY]
METHOD = [
    ("reliability", "national_target_cut_pct"),
    ("reliability", "eligible_limit"),
    ("connection", "stage_minimum_days"),
    ("survey", "confidence_pct"),
    ("convenience", "notice_hours"),
]


def edited(state: State, random: np.random.Generator) -> tuple[State, str]:
    """The state with one random edit, and its kind."""
    kind = random.choice(["removed", "added", "changed", "correction", "parameter"])
    if kind == "parameter":
        file, name = METHOD[random.integers(len(METHOD))]
        model = getattr(state.params.method, file)
        model = model.model_copy(update={name: getattr(model, name) * random.uniform(0.5, 0.9)})
        return replace(
            state, params=state.params.model_copy(update={"method": state.params.method.model_copy(update={file: model})})
        ), kind
    place, name = EDITED[random.integers(len(EDITED))]
    table = state.tables[place][name]
    if table.empty:
        return state, kind
    at = int(random.integers(len(table)))
    if kind == "removed":
        return with_table(state, place, name, table.drop(index=at).reset_index(drop=True)), kind
    if kind == "added" and place != "city":  # two rows of one key, which the checks of the city's sheets refuse
        more = table.iloc[[at]].assign(source_row=int(random.integers(100, 10_000)))
        return with_table(state, place, name, pd.concat([table, more], ignore_index=True)), kind
    kind = "correction" if kind == "correction" else "changed"
    numbers = [column for column in table.select_dtypes("number") if column not in ("source_row", *contracts()[name].key)]
    if not numbers:
        return state, kind
    column = numbers[random.integers(len(numbers))]
    now = table.assign(**{column: table[column].where(table.index != at, table[column].max() - random.integers(0, 3))})
    state = with_table(state, place, name, now)
    if kind == "correction":
        row = table.iloc[at]
        entry = {
            "sheet": contracts()[name].sheet,
            "workbook": row["source_file"],
            "cell": f"B{row['source_row']}",
            "number": random.random(),
        }
        state = replace(state, corrections=state.corrections | {place: [*state.corrections[place], entry]})
    return state, kind


@pytest.mark.parametrize("seed", range(5))
def test_parts_add_up_after_random_edits(seed):
    random, now, kinds = np.random.default_rng(seed), THEN, {"tool"}
    for _ in range(40):
        now, kind = edited(now, random)
        kinds.add(kind)
    now = computed(now)
    found = differences(THEN, now)
    if {"removed", "added"} <= kinds:
        kinds.add("changed")  # of a table without a key, one row that goes and one that comes are one that was changed
    assert {cause.kind for of in found.by_value.values() for cause, _ in of} <= kinds
    then, after = (state.indicators.set_index(KEYS)["value"] for state in (THEN, now))
    then, after = then.align(after)
    moved = then.index[(then.isna() != after.isna()) | ((after - then).abs() > 1e-9 * np.maximum(1, then.abs()))]
    assert set(found.changes[KEYS].itertuples(index=False, name=None)) == set(moved)
    for key in moved:
        assert found.by_value[key], key  # a change with no cause is an error of ours
        total, change = sum(part for _, part in found.by_value[key]), after[key] - then[key]
        assert math.isclose(total, change, rel_tol=1e-9, abs_tol=1e-9) or math.isnan(total) and math.isnan(change), key


def test_a_change_that_is_not_printed_is_not_listed():
    short = outage("lishi", customers=1, restored=pd.Timestamp("2020-07-01 08:04"))
    found = differences(THEN, computed(with_table(THEN, "lishi", "outages", short)))
    of_all = found.changes[
        (found.changes["county"] == "lishi") & (found.changes["area"] == "all") & (found.changes["kind"] == "")
    ]
    listed = of_all[of_all["by"].eq("") & of_all["item"].eq("")].set_index("indicator")[["printed_then", "printed_now"]]
    assert listed.loc["saidi_hours"].tolist() == ["3.60", "3.60"]  # 4 minutes of one of 50 customers
    assert listed.loc["saifi"].tolist() == ["0.60", "0.62"]
    shown = change_table(found)["数值"]
    assert "lishi saifi area=all" in set(shown) and "lishi saidi_hours area=all" not in set(shown)


def test_a_change_says_where_the_report_prints_it():
    now = computed(with_table(THEN, "lishi", "outages", outage("lishi")))
    key = {"county": "lishi", "indicator": "saidi_hours", **all_dimensions({"area": "all"})}
    places = [("附表 2-1", "chapters/91.qmd"), ("附表 2-1", "chapters/91.qmd"), ("", "chapters/31.qmd")]
    numbers = pd.DataFrame([{"text": "3.60", "caption": caption, "chapter": chapter, **key} for caption, chapter in places])
    table = change_table(differences(replace(THEN, numbers=numbers.iloc[:2]), replace(now, numbers=numbers.iloc[2:])))
    shown = table.set_index("数值")["报告中的位置"]
    assert shown["lishi saidi_hours area=all"] == "附表 2-1；chapters/31.qmd" and shown["lishi saifi area=all"] == ""


def own(tables, params, place) -> Tally:
    """A study's own topic: the steps of each outage ledger."""
    tally = Tally(tables, place, params.year.reliability_period)
    tally.add("feeders", "outages", np.ones(len(tables["outages"]), dtype=bool), 1, area="town", by="own")
    return tally


def test_a_studys_own_values_have_causes_too():
    later = with_table(THEN, "lishi", "outages", outage("lishi"))
    then, now = (replace(computed(state, [own]), own=[own]) for state in (THEN, later))
    assert parts(differences(then, now), "city", "feeders", area="town", by="own") == [("added", 1)]


def test_a_page_and_a_workbook_for_review(tmp_path):
    found = differences(THEN, computed(with_table(THEN, "lishi", "outages", outage("lishi"))))
    write_page(found, "比较", tmp_path / "diff.html")
    write_workbook(found, tmp_path / "diff.xlsx")
    page = (tmp_path / "diff.html").read_text(encoding="utf-8")
    assert "审阅意见" in page and "新增的行 lishi lishi.xlsx" in page
    book = openpyxl.load_workbook(tmp_path / "diff.xlsx")
    assert [cell.value for cell in book["变化"][1]] == list(change_table(found))
    assert book["变化"].max_row == len(found.printed) + 1
    assert book["台账行"]["A2"].value == "新增的行"
