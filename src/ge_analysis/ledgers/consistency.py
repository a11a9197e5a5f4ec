"""Second pass: ranges, keys, and what rows and sheets must be to each other, on typed tables: no bad cell hides another."""

from collections.abc import Callable

import pandas as pd

from ge_analysis.ledgers.cells import shown
from ge_analysis.ledgers.contract import Column, contracts
from ge_analysis.ledgers.reading import ROW, Reading
from ge_analysis.registry import label


def check(reading: Reading, previous: pd.DataFrame) -> None:
    """Run every rule of the second pass on a place's tables and add the findings to the reading.

    Parameters
    ----------
    reading : Reading
        Typed tables of one place.
    previous : DataFrame
        Canonical table of last year's published indicators; may be empty.
    """
    for table, frame in reading.tables.items():
        for column in contracts()[table].fields:
            _limits(reading, table, frame, column)
            _order(reading, table, frame, column)
            _references(reading, table, frame, column)
        _duplicates(reading, table, frame)
    if "outages" in reading.tables:
        outages = reading.tables["outages"]
        for rule in (_too_long, _overlaps, _outside_period):
            rule(reading, outages)
        if "customers" in reading.tables:
            served = _served(reading)
            _above_served(reading, outages, served)
            _jumps(reading, outages, served, previous)


def _each(
    reading: Reading, rule: str, rows: pd.DataFrame, column: str, fill: Callable[[pd.Series], dict[str, object]]
) -> None:
    """Add one finding a row, with the value found in the column."""
    for _, row in rows.iterrows():
        reading.find_in_row(rule, row, column, _shown(row[column]), **fill(row))


def _shown(value: object) -> str:
    return "" if pd.isna(value) else shown(value.to_pydatetime() if isinstance(value, pd.Timestamp) else value)


def _limits(reading: Reading, table: str, frame: pd.DataFrame, column: Column) -> None:
    broken = pd.Series(False, index=frame.index)
    said = []
    for limit, words, beyond in (
        (column.minimum, "不小于", pd.Series.lt), (column.maximum, "不大于", pd.Series.gt), (column.above, "大于", pd.Series.le)
    ):
        if limit is not None:
            broken |= beyond(frame[column.name], limit).fillna(False).astype(bool)
            said.append(f"{words}{limit:g}")
    _each(reading, "out_of_range", frame[broken], column.name, lambda row: {"range": "且".join(said)})


def _order(reading: Reading, table: str, frame: pd.DataFrame, column: Column) -> None:
    """Tell each moment that lies before an earlier stage; once a cell, with the first stage it contradicts."""
    told = pd.Series(False, index=frame.index)
    rule = "restored_before_started" if column.name == "restored" else "order"
    for before in column.after:
        broken = (frame[column.name] < frame[before]) & ~told
        told |= broken
        name = contracts()[table][before].label
        _each(reading, rule, frame[broken], column.name, lambda row, before=before, name=name: {
            "before": name, "moment": _shown(row[before])
        })


def _references(reading: Reading, table: str, frame: pd.DataFrame, column: Column) -> None:
    if column.refers_to not in reading.tables:
        return
    values = frame[column.name]
    lost = frame[values.notna() & ~values.isin(reading.tables[column.refers_to][column.name])]
    _each(reading, "unknown_feeder", lost, column.name, lambda row: {})


def _duplicates(reading: Reading, table: str, frame: pd.DataFrame) -> None:
    contract = contracts()[table]
    key = list(contract.key)
    known = frame[[name for name in key if contract[name].required]].notna().all(axis=1)
    repeated = frame[known & frame.duplicated(key)]
    if repeated.empty:
        return
    first = frame[known].groupby(key, dropna=False)[ROW].transform("first")
    names = "、".join(contract[name].label for name in key)
    _each(reading, "duplicate", repeated, key[0], lambda row: {"row": first[row.name], "key": names})


def _too_long(reading: Reading, outages: pd.DataFrame) -> None:
    days = reading.params.ledgers.max_outage_days
    long = outages[outages["restored"] - outages["started"] > pd.Timedelta(days=days)]
    _each(reading, "too_long", long, "restored", lambda row: {"days": f"{days:g}"})


def _overlaps(reading: Reading, outages: pd.DataFrame) -> None:
    """Steps of one event on one feeder either start together (restored batch by batch) or follow one another."""
    known = outages.dropna(subset=["event_id", "feeder", "started", "restored"])
    group = ["event_id", "feeder", "area_type"]
    steps = known[known.duplicated(group, keep=False)].sort_values([*group, "started"], kind="stable")
    if steps.empty:
        return
    ends = steps.groupby(group, dropna=False)["restored"].cummax()
    same = steps[group].fillna("").eq(steps[group].fillna("").shift()).all(axis=1)
    inside = same & (steps["started"] < ends.shift()) & (steps["started"] > steps["started"].shift())
    before = steps[ROW].shift()
    _each(reading, "overlap", steps[inside], "started", lambda row: {"row": int(before[row.name])})


def _outside_period(reading: Reading, outages: pd.DataFrame) -> None:
    """Find a table none of whose outages lies in the year studied. Outages of earlier years may stand beside them."""
    period = reading.params.year.reliability_period
    started = outages["started"].dropna()
    inside = (started >= pd.Timestamp(period.start)) & (started < pd.Timestamp(period.end))
    if len(started) and not inside.any():
        row = outages.loc[started.index[0]]
        span = f"可靠性统计期自{period.start}起"
        reading.find_in_row("other_year", row, "started", _shown(row["started"]), year=period.end.year, period=span)


def _served(reading: Reading) -> pd.Series:
    """Customers served by area type, in the study's statistical unit."""
    customers = reading.tables["customers"]
    own = customers[customers["unit"] == reading.params.year.statistical_unit].dropna(subset=["area_type", "customers_served"])
    return own.groupby("area_type")["customers_served"].mean()


def _above_served(reading: Reading, outages: pd.DataFrame, served: pd.Series) -> None:
    unit = label("statistical_unit", reading.params.year.statistical_unit)
    known = outages.dropna(subset=["event_id", "area_type", "customers"])
    unserved = known[~known["area_type"].isin(served.index)].drop_duplicates("area_type")
    _each(reading, "area_not_served", unserved, "area_type", lambda row: {
        "area": label("area_type", row["area_type"]), "unit": unit
    })
    events = known.groupby(["event_id", "area_type"])["customers"]
    total, largest = events.transform("sum"), events.transform("idxmax")
    limit = known["area_type"].map(served)
    above = known[(total > limit) & (largest == known.index)]
    _each(reading, "above_served", above, "customers", lambda row: {
        "area": label("area_type", row["area_type"]), "unit": unit,
        "customers": int(total[row.name]), "served": f"{limit[row.name]:g}",
    })


def _jumps(reading: Reading, outages: pd.DataFrame, served: pd.Series, previous: pd.DataFrame) -> None:
    """Tell where the year's outage hours or customers lie far from what was published last year."""
    total = served.sum()
    if previous.empty or not total:
        return
    period = reading.params.year.reliability_period
    started = outages["started"].clip(pd.Timestamp(period.start), pd.Timestamp(period.end))
    restored = outages["restored"].clip(pd.Timestamp(period.start), pd.Timestamp(period.end))
    hours = ((restored - started) / pd.Timedelta(hours=1) * outages["customers"].astype("Float64")).sum() / total
    for indicator, value, table, column in (
        ("saidi_hours", hours, "outages", "restored"), ("customers_served", total, "customers", "customers_served")
    ):
        of_place = (previous["place"] == reading.place) & (previous["indicator"] == indicator) & (previous["area"] == "all")
        for last in previous.loc[of_place, "value"]:
            ratio = max(value, last) / min(value, last) if min(value, last) > 0 else 1
            if ratio > reading.params.ledgers.max_year_jump:
                row = reading.tables[table].iloc[0]
                name = label("published_indicator", indicator)
                reading.find_in_row("jump", row, column, f"{name} {value:.2f}", previous=f"{last:g}")
