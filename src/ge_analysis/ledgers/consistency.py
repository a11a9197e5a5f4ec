"""Second pass, on typed tables: ranges, keys, and consistency between rows and sheets; no bad cell hides another."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd

from ge_analysis.ledgers import schema
from ge_analysis.ledgers.cells import shown
from ge_analysis.ledgers.contract import Column, Contract, contracts
from ge_analysis.ledgers.personal import quotable
from ge_analysis.ledgers.reading import SOURCE, Reading
from ge_analysis.settings.registry import label, registry

_YEARS_BEFORE = 10  # a ledger may also hold earlier years, for the threshold of major event days
_UNKNOWN = {"feeders": "unknown_feeder", "outages": "unknown_event"}  # rule for a value that is not in the table
Fill = Callable[[Any], dict[str, object]]  # row → values of the rule's advice


def check(reading: Reading, previous: pd.DataFrame) -> None:
    """Run every rule of the second pass on a place's tables and add the issues to the reading.

    Parameters
    ----------
    reading : Reading
        Typed tables of one place.
    previous : DataFrame
        Canonical table of last year's published indicators; may be empty.
    """
    if "previous_indicators" in reading.tables:
        _published_years(reading)
    for table, frame in reading.tables.items():
        contract = contracts()[table]
        _contract_rules(reading, contract, frame)
        _implausible(reading, contract, frame)
        for column in contract.fields:
            if column.after:
                _order(reading, contract, frame, column)
            _references(reading, frame, column)
    if "b_ready" in reading.tables:
        _answers(reading, reading.tables["b_ready"])
    if "connections" in reading.tables:
        report_year = reading.study.params.year.report_date.year
        _far_from_study(reading, reading.tables["connections"], "energised", date(report_year, 12, 31))
    if "outages" in reading.tables:
        outages = reading.tables["outages"]
        for rule in (_no_duration, _too_long, _overlaps, _outside_period):
            rule(reading, outages)
        _far_from_study(reading, outages, "started", reading.study.params.year.reliability_period.last)
        if "customers" in reading.tables:
            served = _served(reading)
            _above_served(reading, outages, served)
            _jumps(reading, outages, served, previous)


def _published_years(reading: Reading) -> None:
    """Let blank years of 上年指标 be last year, so that a value cannot be there twice; find years that are no earlier ones."""
    table, year = reading.tables["previous_indicators"], reading.study.params.year.reliability_period.start.year
    table["value_year"] = table["value_year"].fillna(year - 1)
    _each(reading, "not_earlier", table, table["value_year"] >= year, "value_year", year=year)


def _each(
    reading: Reading, rule: str, frame: pd.DataFrame, broken: pd.Series, name: str, fill: Fill | None = None, /, **filled: object
) -> None:
    """Add one issue for each row that breaks a rule, with the value found in the column.

    The rule's advice is filled in with `filled` and with what `fill` returns for the row.
    """
    for at in broken.index[broken]:
        row = frame.loc[at]
        column = reading.sources[row[SOURCE]].layout.contract[name]
        found = quotable(_as_sent(row[name], column), column)
        reading.find_in_row(rule, row, name, found, **filled | (fill(row) if fill else {}))


def _as_sent(value: Any, column: Column) -> object:
    """Return a typed value as its sender wrote it."""
    if pd.isna(value):
        return ""
    if column.labels:
        return column.labels[str(int(value)) if column.type in ("yesno", "flag") else value]
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def _contract_rules(reading: Reading, contract: Contract, frame: pd.DataFrame) -> None:
    """Find cells out of range and rows with repeated keys."""
    for check, broken in schema.breaches(contract.table, frame).items():
        if check == schema.KEY:
            _duplicates(reading, contract, frame, broken)
        else:
            _each(reading, "out_of_range", frame, broken, check, range="且".join(contract[check].limits))


def _duplicates(reading: Reading, contract: Contract, frame: pd.DataFrame, broken: pd.Series) -> None:
    key = list(contract.key)
    first = frame.index.to_series().groupby([frame[name] for name in key], dropna=False).transform("first")
    names = "、".join(contract[name].label for name in key)
    _each(
        reading,
        "duplicate",
        frame,
        broken,
        key[0],
        lambda row: {"row": reading.row_beside(row, frame.loc[first.loc[row.name]]), "key": names},
    )


def _implausible(reading: Reading, contract: Contract, frame: pd.DataFrame) -> None:
    """Find values that an indicator cannot have, such as a share where a percentage belongs."""
    for column in contract.fields:
        for code, (low, high) in column.plausible.items():
            value, indicator = frame[column.name], registry().indicators[code]
            broken = (frame[column.unit_of] == code) & value.notna() & ~value.between(low, high)
            share = broken & (indicator.unit == "%") & value.between(0, 1, inclusive="right")
            filled = {"indicator": indicator.label, "low": f"{low:g}", "high": f"{high:g}", "unit": indicator.unit}
            for rule, found in (("share", share), ("implausible", broken & ~share)):
                _each(reading, rule, frame, found, column.name, **filled)


def _order(reading: Reading, contract: Contract, frame: pd.DataFrame, column: Column) -> None:
    """Find each time that precedes an earlier stage; once per cell, with the first stage that it contradicts."""
    seen = pd.Series(False, index=frame.index)
    for before in column.after:
        broken = (frame[column.name] < frame[before]) & ~seen
        seen |= broken
        _before(reading, frame, broken, column, contract[before])


def _before(reading: Reading, frame: pd.DataFrame, broken: pd.Series, column: Column, earlier: Column) -> None:
    rule = "restored_before_started" if column.name == "restored" else "order"

    def moment(row: pd.Series) -> dict[str, object]:
        return {"moment": shown(row[earlier.name].to_pydatetime())}

    _each(reading, rule, frame, broken, column.name, moment, before=earlier.label)


def _references(reading: Reading, frame: pd.DataFrame, column: Column) -> None:
    if column.refers_to in reading.tables:
        values = frame[column.name]
        lost = values.notna() & ~values.isin(reading.tables[column.refers_to][column.name])
        _each(reading, _UNKNOWN[column.refers_to], frame, lost, column.name)


def _answers(reading: Reading, checklist: pd.DataFrame) -> None:
    """Find answers of B-READY核查 that differ from another expert's, or from what a sheet of the city says."""
    first = checklist.groupby("item")["answer"].transform("first")
    other = checklist["answer"].notna() & (checklist["answer"] != first)
    _each(reading, "answers_differ", checklist, other & ~checklist["item"].where(other).duplicated(), "answer")
    for question, (sheet, said) in _answered_elsewhere(reading).items():
        broken = (checklist["item"] == question) & checklist["answer"].notna() & (checklist["answer"] != said)
        _each(reading, "contradicted", checklist, broken, "answer", sheet=sheet, said="是" if said else "否")


def _answered_elsewhere(reading: Reading) -> dict[str, tuple[str, bool]]:
    """Return the questions that other sheets of the city answer: the sheet, and yes or no."""
    found = {}
    for question, rule in reading.study.params.method.b_ready.derived.items():
        if rule.indicator == "index_item" and "index_items" in reading.tables:
            items = reading.tables["index_items"]
            for value in items.loc[items["place"] == "city", rule.item].dropna():
                found[question] = (contracts()["index_items"].sheet, bool(value >= rule.at_least))
        if rule.indicator == "published_before" and "previous_indicators" in reading.tables:
            table, year = reading.tables["previous_indicators"], reading.study.params.year.reliability_period.start.year - 1
            of_value = (table["place"] == "city") & (table["area"] == "all") & (table["indicator"] == rule.item)
            published = of_value & (table["value_year"] == year) & table["excluded"].isna() & table["value_source"].notna()
            if (table["place"] == "city").any():
                found[question] = (contracts()["previous_indicators"].sheet, bool(published.any()))
    return found


def _no_duration(reading: Reading, outages: pd.DataFrame) -> None:
    """Find outages that end when they begin: often only the day was typed."""
    _each(reading, "no_duration", outages, outages["restored"] == outages["started"], "restored")


def _too_long(reading: Reading, outages: pd.DataFrame) -> None:
    days = reading.study.params.ledgers.max_outage_days
    long = outages["restored"] - outages["started"] > pd.Timedelta(days=days)
    _each(reading, "too_long", outages, long, "restored", days=f"{days:g}")


def _overlaps(reading: Reading, outages: pd.DataFrame) -> None:
    """Steps of one event on one feeder either start together (restored batch by batch) or follow one another."""
    group = ["event_id", "feeder", "area_type"]
    known = outages.dropna(subset=[*group, "started", "restored"])
    steps = known[known.duplicated(group, keep=False)].sort_values([*group, "started"], kind="stable")
    if steps.empty:
        return
    same = steps[group].eq(steps[group].shift()).all(axis=1)
    restored = steps.groupby(group)["restored"].cummax().shift()
    inside = same & (steps["started"] < restored) & (steps["started"] > steps["started"].shift())
    before = steps.index.to_series().shift()
    _each(
        reading,
        "overlap",
        steps,
        inside,
        "started",
        lambda row: {"row": reading.row_beside(row, steps.loc[before.loc[row.name]])},
    )


def _outside_period(reading: Reading, outages: pd.DataFrame) -> None:
    """Find a table without any outage in the year studied. The ledger may also hold earlier years."""
    period = reading.study.params.year.reliability_period
    started = outages["started"].dropna()
    if len(started) and not started.between(pd.Timestamp(period.start), pd.Timestamp(period.end), inclusive="left").any():
        span = f"可靠性统计期自{period.start}起"
        first = outages.index.to_series() == started.index[0]
        _each(reading, "other_year", outages, first, "started", year=period.end.year, period=span)


def _far_from_study(reading: Reading, frame: pd.DataFrame, name: str, latest: date) -> None:
    """Find rows whose main day is after `latest` or long before the study: often a mistyped year."""
    start = reading.study.params.year.reliability_period.start
    first, end = pd.Timestamp(start) - pd.DateOffset(years=_YEARS_BEFORE), pd.Timestamp(latest) + pd.Timedelta(days=1)
    far = frame[name].notna() & ~frame[name].between(first, end, inclusive="left")
    _each(reading, "far_date", frame, far, name, first=first.date(), last=latest)


def _served(reading: Reading) -> pd.Series:
    """Customers served by area type, in the study's statistical unit."""
    customers = reading.tables["customers"]
    of_unit = customers["unit"] == reading.study.params.year.statistical_unit
    own = customers[of_unit].dropna(subset=["area_type", "customers_served"])
    return own.groupby("area_type")["customers_served"].mean()


def _above_served(reading: Reading, outages: pd.DataFrame, served: pd.Series) -> None:
    unit = label("statistical_unit", reading.study.params.year.statistical_unit)
    known = outages.dropna(subset=["event_id", "area_type", "customers"])
    unserved = ~known["area_type"].isin(served.index) & ~known["area_type"].duplicated()
    _each(
        reading,
        "area_not_served",
        known,
        unserved,
        "area_type",
        lambda row: {"area": label("area_type", row["area_type"]), "unit": unit},
    )
    events = known.groupby(["event_id", "area_type"])["customers"]
    total, largest = events.transform("sum"), events.transform("idxmax")
    limit = known["area_type"].map(served)
    above = (total > limit) & (largest == known.index)
    _each(
        reading,
        "above_served",
        known,
        above,
        "customers",
        lambda row: {
            "area": label("area_type", row["area_type"]),
            "unit": unit,
            "customers": int(total.loc[row.name]),
            "served": f"{limit.loc[row.name]:g}",
        },
    )


def _jumps(reading: Reading, outages: pd.DataFrame, served: pd.Series, previous: pd.DataFrame) -> None:
    """Find outage hours or customers that are far from what was published last year."""
    total = served.sum()
    if previous.empty or not total:
        return
    period = reading.study.params.year.reliability_period
    previous = previous[(previous["value_year"] == period.start.year - 1) & previous["excluded"].isna()]
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    clipped = outages[["started", "restored"]].clip(start, end)
    started, restored = clipped["started"], clipped["restored"]
    hours = ((restored - started).dt.total_seconds() / 3600 * outages["customers"].astype("Float64")).sum() / total
    for indicator, value, table, column in (
        ("saidi_hours", hours, "outages", "restored"),
        ("customers_served", total, "customers", "customers_served"),
    ):
        of_place = (previous["place"] == reading.place) & (previous["indicator"] == indicator) & (previous["area"] == "all")
        for last in previous.loc[of_place, "value"]:
            ratio = max(value, last) / min(value, last) if min(value, last) > 0 else 1
            if ratio > reading.study.params.ledgers.max_year_jump:
                row = reading.tables[table].iloc[0]
                name = label("published_indicator", indicator)
                reading.find_in_row("jump", row, column, f"{name} {value:.2f}", previous=f"{last:g}")
