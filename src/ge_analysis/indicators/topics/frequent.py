"""Frequent interruptions of feeders, and of customers if they are known (method 11)."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from ge_analysis.indicators.arrays import Column, groups_of
from ge_analysis.indicators.frequent import FREQUENT, MARKS, NO_DAY, WARNED, frequency, interruption_marks
from ge_analysis.indicators.periods import inside
from ge_analysis.indicators.results import Link, Quoted, Tally
from ge_analysis.indicators.topics.reliability import NO_FEEDER, customers_served, major_event_days_of_counties
from ge_analysis.settings.parameters import Params

NO_LIST = "no list of interrupted customers (停电用户明细)"
CUSTOMERS = "interrupted_customers"
BY = ["county", "feeder"]
UNREAD = {"outages": "notice", "feeders": "interconnected"}


class Judged(NamedTuple):
    """Some outages judged by the rules: the mark of each row, counts and state of each feeder or customer.

    `rows` has the line of its feeder or customer in `table`, `days` the major event days of each county.
    """

    rows: pd.DataFrame
    marks: pd.Series
    table: pd.DataFrame
    days: Mapping[str, pd.DatetimeIndex]


class Listed(NamedTuple):
    """What the list of customers says, by its rows.

    Attributes
    ----------
    first : ndarray of bool
        The first row of each customer.
    state, times, longest : ndarray
        Of the row's customer: its state, its interruptions and the longest of them [h] in the period.
    homes : ndarray of str
        The feeder of each frequently interrupted customer at its first row; "" in all other rows.
    """

    first: np.ndarray
    state: np.ndarray
    times: np.ndarray
    longest: np.ndarray
    homes: np.ndarray


def judged_feeders(tables: Mapping[str, pd.DataFrame], params: Params) -> Judged:
    """Judge the outages of one county or of several by feeder; each county has its own major event days.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical tables outages and customers.
    params : Params
        Period and the method's thresholds.
    """
    outages = tables["outages"]
    feeders = outages["feeder"].astype("str").where(outages["feeder"].notna(), "")  # steps of no feeder are those of one
    days = major_event_days_of_counties(outages, tables["customers"], params)
    return _judged(outages.assign(feeder=feeders), days, params, BY)


def _judged(rows: pd.DataFrame, days: Mapping[str, pd.DatetimeIndex], params: Params, by: list[str]) -> Judged:
    method, period = params.method.frequent, params.year.reliability_period
    line, labels = groups_of(rows, by)
    county, counties = pd.factorize(rows["county"])
    event = pd.factorize(rows["event_id"])[0] * len(counties) + county  # two counties may have events of one name
    steps = rows[["started", "restored", "customers", "kind"]].assign(line=line, event_id=event)  # no texts, which are slower
    day = rows["started"].dt.normalize()
    major = np.zeros(len(rows), dtype=bool)
    for number, name in enumerate(counties):
        major |= (county == number) & day.isin(days.get(name, NO_DAY)).to_numpy()  # a county without outages has none
    marks = interruption_marks(steps, ["line"], major, method=method)
    table = frequency(steps, marks, period, ["line"], method=method)
    return Judged(rows.assign(line=line), marks, table.set_axis(labels), days)


def compute(tables: Mapping[str, pd.DataFrame], params: Params, county: str) -> Tally:
    """Count frequently interrupted feeders, and customers in the counties that list them.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical tables outages, customers, feeders, interrupted_customers.
    params : Params
        Period, floor, statistical unit and the method's thresholds.
    county : str
        Slug, or "city", which has no values of single feeders.
    """
    tally = Tally(tables, county, params.year.reliability_period)
    feeders = judged_feeders(tables, params)
    within = inside(feeders.rows["started"], tally.period).to_numpy()
    marks = feeders.marks.cat.codes.to_numpy()
    for code, mark in enumerate(MARKS):
        tally.add("interruption_rows", "outages", within & (marks == code), 1, item=mark)
    listed = _listed(tables, feeders.days, params)
    state = _states(feeders, tables[CUSTOMERS]["county"], listed.homes, params)
    _feeders(tally, state)
    if county != "city":
        _each_feeder(tally, feeders, listed.homes, state, params)
    _customers(tally, listed, params)
    return tally


def _listed(tables: Mapping[str, pd.DataFrame], days: Mapping[str, pd.DatetimeIndex], params: Params) -> Listed:
    """Judge the interruptions of the customers listed."""
    if tables[CUSTOMERS].empty:
        return Listed(*np.empty((5, 0)))
    rows, _, table, _ = _judged(_of_customers(tables), days, params, ["county", "customer_id"])
    line, year = rows["line"].to_numpy(), params.year
    first, state = ~rows["line"].duplicated().to_numpy(), table["state"].to_numpy()[line]
    hours = (rows["restored"] - rows["started"]).to_numpy() / np.timedelta64(1, "h")
    counts = inside(rows["started"], year.reliability_period).to_numpy() & (hours > year.duration_floor_minutes / 60)
    mine = pd.DataFrame({"times": counts, "longest": np.where(counts, hours, 0.0)}).groupby(line)
    times, longest = mine["times"].transform("sum").to_numpy(), mine["longest"].transform("max").to_numpy()
    homes = rows["line"].map(_homes(rows)).where(first & (state == FREQUENT), "").to_numpy(dtype=object)
    return Listed(first, state, times, longest, homes)


def _of_customers(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of the list of customers with their event, from its first step to its last."""
    listed, outages = tables[CUSTOMERS][["county", "event_id", "customer_id"]], tables["outages"]
    steps = outages[outages["event_id"].isin(listed["event_id"].unique()).to_numpy(dtype=bool)]
    events = steps.groupby(["county", "event_id"], sort=False).agg(
        started=("started", "min"),
        restored=("restored", "max"),
        customers=("customers", "sum"),
        kind=("kind", "first"),
        feeder=("feeder", "first"),
    )
    return listed.join(events, on=["county", "event_id"]).astype({"started": "datetime64[us]", "restored": "datetime64[us]"})


def _homes(rows: pd.DataFrame) -> pd.Series:
    """Return the feeder of each customer, by its line: the one on which it was interrupted most often."""
    often = rows.groupby(["line", "feeder"]).size().sort_values(ascending=False, kind="stable").reset_index()
    return often.drop_duplicates("line").set_index("line")["feeder"]


def _states(feeders: Judged, listed: pd.Series, homes: np.ndarray, params: Params) -> pd.Series:
    """Return the state of each feeder: from its customers in the counties that list them, else from its own interruptions."""
    own = feeders.table["state"]
    if listed.empty:
        return own
    number = pd.DataFrame({"county": listed, "feeder": homes}).groupby(BY).size().reindex(own.index, fill_value=0)
    known = own.index.get_level_values("county").isin(listed.unique())
    by_customers = own.clip(upper=WARNED).mask(number >= params.method.frequent.feeder_customers, FREQUENT)
    return own.mask(known, by_customers)


def _feeders(tally: Tally, state: pd.Series) -> None:
    """Count the feeders of the ledger that are frequently interrupted, or about to be."""
    ledger = tally.tables["feeders"]
    found = state.reindex(pd.MultiIndex.from_frame(ledger[BY])).to_numpy()
    every = np.ones(len(ledger), dtype=bool)
    tally.add("frequent_feeders", "feeders", found == FREQUENT, 1)
    tally.add("warned_feeders", "feeders", found == WARNED, 1)
    tally.add("frequent_feeder_pct", "feeders", every, found == FREQUENT, 1)
    if ledger.empty:
        for indicator in ("frequent_feeders", "warned_feeders", "frequent_feeder_pct"):
            tally.note(indicator, np.nan, 0, NO_FEEDER)


def _each_feeder(tally: Tally, feeders: Judged, homes: np.ndarray, state: pd.Series, params: Params) -> None:
    """Count the interruptions of each feeder that is frequently interrupted, or about to be, and note its state."""
    method, last = params.method.frequent, np.datetime64(tally.period.last)
    day = feeders.rows["started"].to_numpy().astype("datetime64[D]")
    counted = (feeders.marks == "counted").to_numpy(dtype=bool)
    within = inside(feeders.rows["started"], tally.period).to_numpy()
    scheduled = (feeders.rows["kind"] == "scheduled").to_numpy(dtype=bool)
    lately = {recent.days: day > last - recent.days for recent in method.warning.recent}
    line, at_home = feeders.rows["line"].to_numpy(), Column(pd.Series(homes, dtype=object))
    names, states = state.index.get_level_values("feeder").tolist(), state.to_numpy()
    for number in np.flatnonzero(states >= WARNED).tolist():
        own, dims = counted & (line == number), {"by": "feeder", "group": names[number]}
        in_period, fullest = own & within, _fullest_window(day, own, within, method.window_days)
        tally.add("feeder_interruptions", "outages", in_period, 1, item="year", **dims)
        tally.add("feeder_interruptions", "outages", in_period & scheduled, 1, item="scheduled", **dims)
        tally.add("feeder_interruptions", "outages", fullest, 1, item="window", **dims)
        of: list[Link | Quoted] = [
            tally.link("feeder_interruptions", f"in_{item}", item=item, **dims) for item in ("year", "window", "scheduled")
        ]
        of += [Quoted(f"last_{days}_days", "outages", in_period & late, 1) for days, late in lately.items()]
        of += [tally.link("frequent_customers"), Quoted("customers_of_feeder", CUSTOMERS, at_home.among(names[number]), 1)]
        tally.note("feeder_state", states[number], None, "", of, **dims)


def _fullest_window(day: np.ndarray, own: np.ndarray, within: np.ndarray, length: int) -> np.ndarray:
    """Mark the most interruptions within the given days, the last of them in the period; of several windows, the earliest."""
    lasts, every = np.sort(day[own & within]), np.sort(day[own])
    if not len(lasts):
        return np.zeros(len(own), dtype=bool)
    held = np.searchsorted(every, lasts, "right") - np.searchsorted(every, lasts - length, "right")
    last = lasts[held.argmax()]
    fullest: np.ndarray = own & (day > last - length) & (day <= last)
    return fullest


def _customers(tally: Tally, listed: Listed, params: Params) -> None:
    """Count the customers that are frequently interrupted, and the shares CEMI and CELID of all customers served."""
    method, served = params.method.frequent, tally.tables["customers"]
    first, state = listed.first.astype(bool), listed.state
    shares = {("frequent_customer_pct", ""): state == FREQUENT}
    shares |= {("cemi_pct", f"{least}"): listed.times >= least for least in method.cemi_from}
    shares |= {("celid_pct", f"{limit:g}"): listed.longest > limit for limit in method.celid_hours}
    whole = customers_served(served, params)
    of_lists = served["county"].isin(tally.tables[CUSTOMERS]["county"].unique()).to_numpy() & (whole > 0)
    tally.add("frequent_customers", CUSTOMERS, first & (state == FREQUENT), 1)
    tally.add("warned_customers", CUSTOMERS, first & (state == WARNED), 1)
    for (indicator, item), members in shares.items():
        tally.add(indicator, CUSTOMERS, first & members, 1, 0, item=item)
        tally.add(indicator, "customers", of_lists, 0, whole, counts=False, item=item)
        tally.explain(indicator, NO_LIST, item=item)
    if not len(first):
        for indicator in ("frequent_customers", "warned_customers"):
            tally.note(indicator, np.nan, 0, NO_LIST)
