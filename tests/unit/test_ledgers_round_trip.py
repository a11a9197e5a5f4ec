"""Random valid tables of every sheet are read back with the same values from every accepted layout; no cell stops the reader."""

from datetime import datetime, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from ledger_books import PARAMS

from ge_analysis.demo.layout import Sender, SheetStyle
from ge_analysis.demo.workbook import book
from ge_analysis.ledgers.cells import Context, read_column
from ge_analysis.ledgers.contract import Column, Contract, contract, contracts
from ge_analysis.ledgers.corrections import Corrections
from ge_analysis.ledgers.reading import read_place
from ge_analysis.ledgers.words import words
from ge_analysis.storage.paths import Paths
from ge_analysis.study import Study

COUNTIES = {unit.slug: unit.name for unit in PARAMS.counties}
NAMES = {"place": COUNTIES, "grid": {grid.code: grid.name for grid in PARAMS.grids}}
PLACES = {"county": ("linxian", "临县"), "city": ("city", "吕梁市")}
FIRST = datetime(2020, 1, 1)  # of the outage year; later stages follow earlier ones
SMALLEST = 1e-4  # of a measured number
NUMBERS, MOMENTS = ("integer", "number"), ("date", "datetime")


def value(draw, column: Column, row: int, before: dict[str, object]) -> object:
    """One valid value of a column, as the canonical table holds it."""
    if column.type == "place":
        return draw(st.sampled_from([*COUNTIES, "city"]))
    if column.type == "grid":
        return draw(st.sampled_from(list(NAMES["grid"])))
    if column.type == "code":
        return draw(st.sampled_from(list(column.labels)))
    if column.type == "yesno":
        return draw(st.booleans())
    if column.type == "flag":
        return draw(st.integers(0, 1))
    if column.type == "month":
        return datetime(2020, draw(st.integers(1, 12)), 1)
    if column.type in MOMENTS:
        earliest = max((before[name] for name in column.after if before.get(name)), default=FIRST)
        minutes = draw(st.integers(0, 7 * 24 * 60))
        later = earliest + timedelta(minutes=minutes)
        return later if column.type == "datetime" else datetime(later.year, later.month, later.day) + timedelta(days=1)
    if column.type in NUMBERS:
        low = max(column.minimum or 0, column.above or 0)
        if column.type == "integer":
            return draw(st.integers(int(low) + (column.above is not None), int(column.maximum or 10**6)))
        return round(draw(st.floats(low + SMALLEST, column.maximum or 1e6)), 4)
    if column.type == "choices":
        return "；".join(draw(st.lists(st.sampled_from(["减少停电", "更换电表", "提前告知"]), min_size=1, unique=True)))
    text = draw(st.sampled_from(["城关517线", "10kV南坡线", "II回", "A-7", "线上办理"]))
    return f"{text}{row}" if column.identifier else text


@st.composite
def tables(draw, of: Contract):
    """A table of up to five rows; optional cells are blank here and there."""
    rows = []
    for at in range(draw(st.integers(1, 5))):
        row = {}
        for column in of.fields:
            blank = not column.required and draw(st.booleans())
            row[column.name] = None if blank else value(draw, column, at, row)
        rows.append(row)
    dtypes = {column.name: {"int64": "Int64"}.get(column.dtype, column.dtype) for column in of.fields}
    return pd.DataFrame(rows, columns=list(dtypes)).astype(dtypes)


def number_habits(column: Column) -> list[str]:
    """The ways in which a number of a column may be written."""
    known = column.unit in words().units
    return ["plain", "full_width", "computed", *["thousands"] * (column.type == "integer"), *["units"] * known]


@st.composite
def layouts(draw, of: Contract):
    """Any mixture of the habits of senders."""
    habits = {column.name: draw(st.sampled_from(number_habits(column))) for column in of.fields if column.type in NUMBERS}
    written = {habit: tuple(name for name in habits if habits[name] == habit) for habit in set(habits.values())}
    units = {
        column.name: draw(st.sampled_from([unit for unit, factor in words().units[column.unit].items() if factor == 1]))
        for column in of.fields
        if habits.get(column.name) == "units"
    }
    headings = {
        column.name: draw(st.sampled_from([alias.header for alias in column.headings(2021) if not alias.warning]))
        for column in of.fields
    }
    first = draw(st.integers(0, len(of.fields) - 2))
    group = tuple(column.name for column in of.fields[first : first + 2])
    merged = draw(st.sampled_from([column.name for column in of.fields if column.type not in NUMBERS]))
    return SheetStyle(
        titles=draw(st.integers(0, 2)),
        skip=(draw(st.integers(0, 3)), draw(st.integers(0, 2))),
        headings=headings,
        groups=draw(st.sampled_from([{}, {"基本情况": group}])),
        merged=draw(st.sampled_from([(), (merged,)])),
        dates=draw(st.sampled_from(["cells", "serials", "slash", "dot", "chinese", "compact"])),
        units=units,
        full_width=written.get("full_width", ()),
        thousands=written.get("thousands", ()),
        computed=written.get("computed", ()),
        extra=draw(st.sampled_from([{}, {"审核状态": "已审核"}])),
        totals=draw(st.booleans()),
        serial=draw(st.booleans()),
        county_column=of.scope == "county" and draw(st.booleans()),
        hidden=draw(st.booleans()),
        hidden_row=draw(st.booleans()),
    )


@pytest.mark.parametrize("table", list(contracts()))
@settings(max_examples=15, deadline=None, phases=(Phase.generate,), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_values_come_back(table, data, tmp_path):
    of = contract(table)
    place, name = PLACES[of.scope]
    frame, layout = data.draw(tables(of)), data.draw(layouts(of))
    assume(not frame[list(layout.computed)].eq(0).any(axis=None))  # since a formula's 0 may be uncomputed
    sender = Sender(everywhere=layout, system_1904=data.draw(st.booleans()))
    paths = Paths(tmp_path, 2021)
    (paths.raw / place).mkdir(parents=True, exist_ok=True)
    (paths.raw / place / "台账.xlsx").write_bytes(book({table: frame}, sender, name, NAMES))
    reading = read_place(Study(PARAMS, paths), place, Corrections(), lambda workbook: None)
    assert [one for one in reading.issues if one.severity == "error" and one.rule != "missing_sheet"] == []
    written = frame.sort_values(list(layout.merged), kind="stable") if layout.merged else frame
    pd.testing.assert_frame_equal(reading.tables[table][list(frame)], written.reset_index(drop=True), check_exact=True)


CELLS = st.one_of(
    st.text(),
    st.from_regex(r"[-+]?[0-9０-９,.]{1,30}(户|小时|e[0-9]{1,3})?", fullmatch=True),
    st.integers(),
    st.floats(),
    st.booleans(),
    *(st.datetimes(), st.dates(), st.times(), st.timedeltas()),
)
COLUMN_OF_TYPE = {column.type: column for one in contracts().values() for column in one.fields}


@pytest.mark.parametrize("kind", COLUMN_OF_TYPE)
@given(cells=st.lists(CELLS, max_size=6))
def test_every_cell_is_read_or_reported(kind, cells):
    read, faults = read_column(cells, COLUMN_OF_TYPE[kind], Context({}, {}))
    assert len(read) == len(cells)
    assert all(pd.isna(read[at]) for at in faults)
