"""Every public formula gives, for whatever pandas holds its input in, what it gives for plain data, or a clear error."""

import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from indicator_study import BOTH, CITY, COUNTIES, LEDGERS, LONG, PARAMS, POOLED, WHOLE

from ge_analysis.errors import GeError
from ge_analysis.indicators import connection, incentives, price, reliability, results, score, survey, topics
from ge_analysis.indicators.arrays import plain as plain_table
from ge_analysis.indicators.city import city_results
from ge_analysis.indicators.county import county_results
from ge_analysis.indicators.interruptions import interruption_sums
from ge_analysis.settings.parameters import standard

DAY = pd.Timestamp("2020-05-01 08:00")
OUTAGES = pd.DataFrame(
    {
        "kind": ["fault", "fault", "scheduled"],
        "started": [DAY, DAY + pd.Timedelta(days=1), DAY + pd.Timedelta(days=2)],
        "restored": [DAY + pd.Timedelta(hours=1), DAY + pd.Timedelta(days=2), DAY + pd.Timedelta(days=3)],
        "customers": [5, 7, 9],
    }
)
CASES = LEDGERS["lishi"]["connections"].iloc[1:].reset_index(drop=True)
RESALE = pd.DataFrame(
    {
        "county": ["b", "b", "b", "a"],
        "entity": ["x", "x", "x", "x"],
        "month": pd.to_datetime(["2021-01-01", "2021-02-01", "2021-03-01", "2021-04-01"]),
        "price": [0.69, 0.69, 0.6, 0.69],
        "base_price": [0.7] * 4,
        "catalogue_price": [0.6] * 4,
        "catalogue_cut": [0.1] * 4,
    }
)
ANSWERS = pd.DataFrame(
    {
        "county": ["a", "a", "b"],
        "respondent_class": ["resident"] * 3,
        "industry": ["采矿业", None, "采矿业"],
        "payment": [5.0, 4.0, 2.0],
        "demands": ["更换智能电表", None, None],
        "comments": [None, "停电前请通知", "停电前请通知"],
    }
)
TARIFFS = pd.DataFrame({"energy_price": [0.5, 0.6], "funds_price": [0.03, None], "capacity_price": [24.0, 24.0]})
NUMBERS = pd.DataFrame({"a": [1.0, 2, 9], "b": [0.5, 3, 1], "c": [98.0, 99.5, 99.9], "d": [99.0, 99.4, 99.8]})

FRAMES = {  # formulas of a table
    "interruption_indices": (OUTAGES, lambda t: reliability.interruption_indices(t, 100, 2020)),
    "interruption_sums": (OUTAGES, lambda t: interruption_sums(t, 2020, ["kind"])),
    "comparable_cases": (CASES, lambda t: len(connection.comparable_cases(t, standard().connection.cases["high"], 2021))),
    "procedure_count": (CASES, connection.procedure_count),
    "connection_time": (CASES, connection.connection_time),
    "connection_time working": (CASES, lambda t: connection.connection_time(t, "working")),
    "elapsed_time": (CASES, connection.elapsed_time),
    "connection_cost": (CASES, lambda t: connection.connection_cost(t, 20_000, 0.05)),
    "monthly_bill": (TARIFFS, lambda t: price.monthly_bill(t, 120_960, 504)),
    "resale_calendar": (RESALE, lambda t: price.resale_calendar(t)[["code", "check"]]),
    "aspect_summary": (ANSWERS, lambda t: survey.aspect_summary(t, "county")),
    "coded_demands": (ANSWERS, survey.coded_demands),
    "quotes": (ANSWERS, survey.quotes),
}
COLUMNS = {  # formulas of columns of numbers
    "major_event_threshold": lambda t: reliability.major_event_threshold(t["a"]),
    "reliability_band": lambda t: reliability.reliability_band(t["a"], t["b"]),
    "eligible": lambda t: reliability.eligible(t["a"], t["b"]),
    "reliability_index": lambda t: reliability.reliability_index(t["a"], t["b"], t["b"]),
    "distance_to_frontier": lambda t: score.distance_to_frontier(t["a"], t["b"], t["c"]),
    "getting_electricity_score": lambda t: score.getting_electricity_score(t["a"], t["b"], t["c"], t["d"]),
    "weighted_score": lambda t: score.weighted_score(t["a"], t["b"]),
    "rank": lambda t: score.rank(t["a"]),
    "resale_code": lambda t: price.resale_code(t["a"], t["b"], t["c"], t["d"]),
    "beijing": lambda t: incentives.beijing(t["c"], t["d"]),
    "guangzhou": lambda t: incentives.guangzhou(t["b"]),
    "wilson_interval": lambda t: survey.wilson_interval(t["a"], t["c"]),
    "share_difference": lambda t: survey.share_difference(t["a"], t["c"], t["b"], t["d"]),
    "deposit_cost": lambda t: connection.deposit_cost(t["a"], 0.05),
}
FORMULAS = FRAMES | {name: (NUMBERS, formula) for name, formula in COLUMNS.items()}


def arrow(table: pd.DataFrame) -> pd.DataFrame:
    return table.convert_dtypes(dtype_backend="pyarrow")


def read_only(table: pd.DataFrame) -> pd.DataFrame:
    arrays = {name: table[name].to_numpy(copy=True) for name in table}
    for array in arrays.values():
        array.flags.writeable = False
    return pd.DataFrame(arrays, index=table.index, copy=False)


KINDS = {
    "arrow": arrow,
    "categorical": lambda table: table.astype("category"),
    "nullable": lambda table: table.convert_dtypes(),
    "object": lambda table: table.astype(object),
    "read-only": read_only,
    "repeated index": lambda table: table.set_axis([7] * len(table)),
    "unsorted index": lambda table: table.set_axis(range(len(table), 0, -1)),
}


def plain(result: object) -> list:
    """Return a result's values, whatever holds them and under whatever labels, missing ones as None."""
    if isinstance(result, pd.DataFrame | pd.Series):
        result = (
            [*result.columns, *result.reset_index().iloc[:, 1:].to_numpy().ravel()] if result.ndim == 2 else result.to_numpy()
        )
    if isinstance(result, tuple):
        return [value for part in result for value in plain(part)]
    return [None if pd.isna(value) else value for value in np.ravel(np.asarray(result, dtype=object))]


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FORMULAS)
def test_results_do_not_depend_on_what_holds_the_input(name, kind):
    table, formula = FORMULAS[name]
    assert plain(formula(KINDS[kind](table))) == plain(formula(table))


@pytest.mark.parametrize("name", FORMULAS)
def test_rows_in_another_order_give_the_same_for_each(name):
    table, formula = FORMULAS[name]
    there, back = formula(table), formula(table.iloc[::-1])
    if name in ("quotes", "aspect_summary", "interruption_sums") or not isinstance(there, pd.DataFrame | pd.Series):
        assert sorted(map(str, plain(there))) == sorted(map(str, plain(back)))
    else:
        assert plain(back.sort_index()) == plain(there)


@pytest.mark.parametrize("dtype", [object, "float64", "category", pd.ArrowDtype(pa.null()), "Int64", "str"])
@pytest.mark.parametrize("column", ["demands", "comments", "payment", "industry"])
def test_answers_that_nobody_gave(column, dtype):
    blank = ANSWERS.assign(**{column: pd.Series([None] * 3, dtype=dtype)})
    for formula in (survey.coded_demands, survey.quotes, lambda t: survey.aspect_summary(t, "county")):
        assert plain(formula(blank)) == plain(formula(ANSWERS.assign(**{column: None})))
    assert not survey.coded_demands(blank.assign(demands=None, comments=None)).to_numpy().any()


@pytest.mark.parametrize("name", FORMULAS)
def test_an_empty_table_is_accepted(name):
    table, formula = FORMULAS[name]
    for empty in (table.iloc[:0], table.iloc[:0].astype(object), arrow(table).iloc[:0]):
        result = formula(empty)
        if not isinstance(result, pd.DataFrame | pd.Series | np.ndarray | tuple):
            assert result == 0 or np.isnan(result)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("name", FORMULAS)
def test_infinite_numbers_raise_no_warning(name, sign):
    table, formula = FORMULAS[name]
    numbers = table.select_dtypes("number").dropna(axis=1, how="all").columns
    formula(table.assign(**dict.fromkeys(numbers, sign * np.inf)))
    formula(table.assign(**{column: [sign * np.inf, *table[column].iloc[1:]] for column in numbers}))


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC"])
@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("interruption_indices", "started"),
        ("interruption_indices", "restored"),
        ("interruption_sums", "started"),
        ("comparable_cases", "energised"),
        ("procedure_count", "plan_replied"),
        ("connection_time", "applied"),
        ("connection_time working", "energised"),
        ("elapsed_time", "works_finished"),
        ("resale_calendar", "month"),
    ],
)
def test_times_with_a_zone_are_refused(name, column, zone):
    table, formula = FRAMES[name]
    times = table[column].dt.tz_localize(zone)
    for held in (times, times.astype(object), times.astype("category"), times.astype(pd.ArrowDtype(pa.timestamp("us", zone)))):
        with pytest.raises(GeError, match=f"column {column}.*without a time zone"):
            formula(table.assign(**{column: held}))
    with pytest.raises(GeError, match="mixed|Mixed"):
        mixed = [str(times.iloc[0]), *table[column].astype("str").iloc[1:]]
        formula(table.assign(**{column: mixed}))


def test_numbers_are_refused_as_times():
    with pytest.raises(GeError, match="column started holds int64"):
        reliability.interruption_indices(OUTAGES.assign(started=1), 100, 2020)


def test_a_period_with_a_zone_is_refused():
    with pytest.raises(GeError, match="has a time zone"):
        reliability.interruption_indices(
            OUTAGES, 100, (pd.Timestamp("2020-01-01", tz="UTC"), pd.Timestamp("2021-01-01", tz="UTC"))
        )


@pytest.mark.parametrize("index", [[0, 0, 0, 0], [3, 2, 1, 0]])
def test_the_second_red_month_is_checked_whatever_the_index(index):
    assert price.resale_calendar(RESALE.set_axis(index))["check"].tolist() == [False, True, False, False]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "unsorted index"])
def test_results_of_a_county_do_not_depend_on_what_holds_its_tables(kind):
    tables = {name: KINDS[kind](table) for name, table in LEDGERS["lishi"].items()}
    city = (KINDS[kind](CITY[name]) for name in ("index_items", "previous_indicators"))
    found = county_results(tables, PARAMS, "lishi", *city)
    pd.testing.assert_frame_equal(found.indicators, COUNTIES["lishi"].indicators)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "unsorted index"])
def test_results_of_the_city_do_not_depend_on_what_holds_its_tables(kind):
    tables = {name: KINDS[kind](table) for name, table in POOLED.items()}
    found = city_results(tables, LONG, {name: KINDS[kind](table) for name, table in CITY.items()}, BOTH)
    pd.testing.assert_frame_equal(found.indicators, WHOLE.indicators)


class Recorded(dict):
    """Tables that record which of them are read."""

    def __init__(self, tables):
        super().__init__(tables)
        self.read = set()

    def __getitem__(self, name):
        self.read.add(name)
        return super().__getitem__(name)


def supply_and_scores(tables) -> list[results.Tally]:
    before = topics.years.last_year(CITY["previous_indicators"], PARAMS)
    supply = topics.reliability.compute(tables, PARAMS, "lishi", before)
    connections = topics.connection.compute(tables, PARAMS, "lishi")
    scores = topics.scores.compute(CITY, PARAMS, supply, connections)
    return [supply, connections, scores, topics.incentives.compute(supply, PARAMS, before)]


OTHER_TOPICS = (
    topics.promises.compute,
    topics.price.resale,
    topics.convenience.compute,
    topics.convenience.notices,
    topics.survey.compute,
    topics.frequent.compute,
)
TOPICS = [
    supply_and_scores,
    *(lambda tables, compute=compute: [compute(tables, PARAMS, "lishi")] for compute in OTHER_TOPICS),
]
HELD = {name: plain_table(table) for name, table in LEDGERS["lishi"].items()}
OURS = {"county", "source_file", "source_sheet", "source_row"}  # never blank
LEDGER_COLUMNS = [(name, column) for name, table in LEDGERS["lishi"].items() for column in table if column not in OURS]


@pytest.fixture(scope="module")
def readers() -> dict[str, list]:
    """Topics that read each ledger: a blank column of it can stop no others."""
    found = {name: [] for name in LEDGERS["lishi"]}
    for topic in TOPICS:
        tables = Recorded(HELD)
        topic(tables)
        for name in tables.read:
            found[name].append(topic)
    return found


@pytest.mark.parametrize("dtype", [object, pd.ArrowDtype(pa.null())])
@pytest.mark.parametrize(("name", "column"), LEDGER_COLUMNS)
def test_a_column_without_any_value_stops_no_county(readers, name, column, dtype):
    table = LEDGERS["lishi"][name]
    blank = plain_table(table.assign(**{column: pd.Series([None] * len(table), dtype=dtype)}))
    assert readers[name]
    results.assembled([tally for topic in readers[name] for tally in topic(HELD | {name: blank})], PARAMS)


def test_a_place_without_any_outage_is_eligible():
    assert reliability.eligible(0, 0) is True
    assert reliability.eligible([0, 1, -1], [1, 0, 0]).tolist() == [True, True, False]
    assert reliability.reliability_index(0, 0, [1, 1, 1, 0, 1]) == 7


def test_a_month_without_a_cut_is_red_by_its_markup_alone():
    assert price.resale_code([0.9, 0.6], 0.7, 0.6, 0).tolist() == ["red", None]


def test_scores_with_labels_are_weighted_by_a_plain_list():
    scores = pd.Series([90, 60], index=["b", "a"])
    assert score.weighted_score(scores, [2, 1]) == 80
    assert score.weighted_score(scores, pd.Series([2, 1], index=["a", "b"])) == 70
    assert score.weighted_score([90, 60], pd.Series([2, 1], index=["a", "b"])) == 80


def test_the_worst_score_has_no_sign():
    assert not np.signbit(score.distance_to_frontier([248, 300], 248, 18)).any()
    assert not np.signbit(score.distance_to_frontier(3, 3, 9))


def test_unknown_and_low_rates_of_a_deposit():
    assert np.isnan(connection.deposit_cost(1000, None))
    assert np.isnan(connection.deposit_cost(1000, 0.05, None))
    assert np.isnan(connection.deposit_cost(1000, None, bond_fee_yuan=20))
    assert np.isnan(connection.deposit_cost(-1, 0.05))
    assert connection.deposit_cost(0, None) == 0  # no deposit costs nothing at any rate
    assert connection.deposit_cost(1000, 0.01, 0.02) == 0
    assert connection.deposit_cost(None, 0.05, pays_first_bill=True) == 0
    assert connection.deposit_cost([1000, 1000], 0.10, bond_fee_yuan=[20, None]).tolist() == [100, pytest.approx(379.0787)]
