"""Random valid outage tables, written in every accepted layout, are read back with the same values."""

from dataclasses import replace
from datetime import datetime, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_books import PARAMS

from ge_analysis.ledgers.cells import Context, read_column
from ge_analysis.ledgers.contract import contract
from ge_analysis.ledgers.corrections import Corrections
from ge_analysis.ledgers.reading import read_place
from ge_analysis.ledgers.workbook import Sheet

OUTAGES = contract("停电事件")
NAMES = ["event_id", "feeder", "area_type", "kind", "cause", "started", "restored", "customers"]
DAYS = st.datetimes(datetime(2020, 1, 1), datetime(2020, 12, 31)).map(lambda moment: moment.replace(second=0, microsecond=0))


@st.composite
def steps(draw):
    started = draw(DAYS)
    return [
        draw(st.from_regex(r"[A-Z]{1,3}-[0-9]{1,6}", fullmatch=True)),
        draw(st.sampled_from(["城关517线", "10kV南坡线", "Ⅱ回"])).replace("Ⅱ", "II"),
        *(draw(st.sampled_from(list(OUTAGES[name].labels))) for name in NAMES[2:5]),
        started,
        started + timedelta(minutes=draw(st.integers(0, 7 * 24 * 60))),
        draw(st.integers(1, 10**6)),
    ]


def cell(name, value, how):
    """Write one value in one of the accepted ways."""
    if OUTAGES[name].codes:
        return OUTAGES[name].labels[value] if how % 2 else f" {OUTAGES[name].labels[value]}　"
    if isinstance(value, datetime):
        zero = datetime(1899, 12, 30)
        written = [value, value.strftime("%Y/%m/%d %H:%M"), value.strftime("%Y.%m.%d %H:%M:%S"),
                   value.strftime("%Y年%m月%d日%H时%M分"), value.strftime("%Y%m%d%H%M"), (value - zero) / timedelta(days=1)]
        return written[how % len(written)]
    if isinstance(value, int):
        return [float(value), str(value), f"{value:,}", f"{value}户", full_width(str(value))][how % 5]
    return [value, full_width(value), f" {value} "][how % 3]


def full_width(text):
    return "".join(chr(ord(letter) + 0xFEE0) if letter.isascii() and letter.isalnum() else letter for letter in text)


LAYOUTS = {
    "plain": (0, 0, False), "title": (2, 0, False), "shifted": (3, 2, False), "two-row header": (0, 0, True), "all": (2, 1, True),
}


def lay_out(rows, how, layout):
    """Return the sheet that holds the rows in one layout."""
    above, left, two_rows = LAYOUTS[layout]
    width = len(NAMES) + left
    headers = [OUTAGES[name].header for name in NAMES]
    blank = [""] * left
    lines = [["临县停电统计表"] + [""] * (width - 1)] * min(above, 1) + [[""] * width] * max(above - 1, 0)
    merged = []
    if two_rows:
        top = len(lines)
        lines.append(blank + [*headers[:5], "停电", "", headers[7]])
        lines.append(blank + [""] * 5 + ["起始时间", "终止时间", ""])
        merged = [((top, left + at), (top + 1, left + at)) for at in (0, 1, 2, 3, 4, 7)] + [((top, left + 5), (top, left + 6))]
    else:
        lines.append(blank + headers)
    first = len(lines) + 1
    lines += [blank + [cell(name, value, how + at + turn) for at, (name, value) in enumerate(zip(NAMES, row, strict=True))]
              for turn, row in enumerate(rows)]
    lines.append(blank + ["合计"] + [""] * 6 + [float(sum(row[-1] for row in rows))])
    lines += [[""] * width, ["注：系统导出"] + [""] * (width - 1)]
    return Sheet("停电事件", lines, merged), first


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(steps(), min_size=1, max_size=6), how=st.integers(0, 29), layout=st.sampled_from(list(LAYOUTS)))
def test_values_come_back(rows, how, layout, tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.getbasetemp() / "round-trip"
    folder.mkdir(exist_ok=True)
    (folder / "a.xlsx").touch()
    sheet, first = lay_out(rows, how, layout)
    monkeypatch.setattr("ge_analysis.ledgers.workbook.read", lambda path, limits: [sheet])
    reading = read_place(folder, "linxian", PARAMS, 2021, Corrections())
    assert {found.rule for found in reading.findings} == {"missing_sheet", "missing_optional_sheet"}
    read = reading.tables["outages"]
    assert read[NAMES].values.tolist() == rows             # a Timestamp equals its datetime
    assert read["source_row"].tolist() == [first + at for at in range(len(rows))]


@given(moment=DAYS)
@settings(max_examples=30, deadline=None)
@pytest.mark.parametrize("epoch", [datetime(1899, 12, 30), datetime(1904, 1, 1)])
def test_serials_of_both_epochs(moment, epoch):
    context = replace(Context({}), epoch_1904=epoch.year == 1904)
    values, faults = read_column([(moment - epoch) / timedelta(days=1)], OUTAGES["started"], context)
    assert (values[0], faults) == (pd.Timestamp(moment), {})
