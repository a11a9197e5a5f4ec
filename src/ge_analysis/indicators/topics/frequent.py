"""Frequent interruptions of feeders, and of customers if they are known (method 11)."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from ge_analysis.indicators.frequent import FREQUENT, MARKS, WARNED, frequency, interruption_marks
from ge_analysis.indicators.periods import inside
from ge_analysis.indicators.results import Link, Quoted, Tally
from ge_analysis.indicators.topics.reliability import NO_FEEDER, customers_served, major_event_days
from ge_analysis.settings.parameters import Params

NO_LIST = "no list of interrupted customers (停电用户明细)"
CUSTOMERS = "interrupted_customers"
BY = ["county", "feeder"]


class Judged(NamedTuple):
    """Some outages judged by the rules: the mark of each row, counts and state of each feeder or customer.

    `days` has the major event days of each county.
    """

    rows: pd.DataFrame
    marks: pd.Series
    table: pd.DataFrame
    days: Mapping[str, pd.DatetimeIndex]


def judged_feeders(tables: Mapping[str, pd.DataFrame], params: Params) -> Judged:
    """Judge the outages of one county or of several by feeder; each county has its own major event days.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical tables outages and customers.
    params : Params
        Period and the method's thresholds.
    """
    outages, served = tables["outages"], tables["customers"]
    rows = pd.Series(np.arange(len(outages)), index=outages.index).astype("str")
    events = outages["event_id"].astype("str").where(outages["event_id"].notna(), rows)  # without an event, a row is one
    feeders = outages["feeder"].astype("str").where(outages["feeder"].notna(), "")
    days = {
        str(county): major_event_days(part, customers_served(served[served["county"] == county], params), params).major
        for county, part in outages.groupby("county", sort=False)
    }
    return _judged(outages.assign(event_id=events, feeder=feeders), days, params, BY)


def _judged(rows: pd.DataFrame, days: Mapping[str, pd.DatetimeIndex], params: Params, by: list[str]) -> Judged:
    method, period = params.method.frequent, params.year.reliability_period
    marks = pd.Series(pd.Categorical([None] * len(rows), list(MARKS)), index=rows.index)
    for county, part in rows.groupby("county", sort=False):
        marks[part.index] = interruption_marks(part, by, days[str(county)], method=method)
    return Judged(rows, marks, frequency(rows, marks, period, by, method=method), days)


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
    for mark in MARKS:
        tally.add("interruption_rows", "outages", within & (feeders.marks == mark).to_numpy(dtype=bool), 1, item=mark)
    customers = _judged(_of_customers(tables), feeders.days, params, ["county", "customer_id"])
    homes = _frequent_homes(customers)
    state = _states(feeders, customers, homes, params)
    _feeders(tally, state)
    if county != "city":
        _each_feeder(tally, feeders, homes, state, params)
    _customers(tally, customers, params)
    return tally


def _of_customers(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of the list of customers with their event, from its first step to its last."""
    steps = tables["outages"].groupby(["county", "event_id"], sort=False)
    events = steps.agg(
        started=("started", "min"),
        restored=("restored", "max"),
        customers=("customers", "sum"),
        kind=("kind", "first"),
        feeder=("feeder", "first"),
    )
    listed = tables[CUSTOMERS][["county", "event_id", "customer_id"]]
    return listed.join(events, on=["county", "event_id"]).astype({"started": "datetime64[us]", "restored": "datetime64[us]"})


def _frequent_homes(customers: Judged) -> np.ndarray:
    """Return the feeder of each frequently interrupted customer at its first row in the list; "" in all other rows.

    A customer belongs to the feeder on which it was interrupted most often.
    """
    rows, who = customers.rows, ["county", "customer_id"]
    often = rows.groupby([*who, "feeder"]).size().sort_values(ascending=False, kind="stable").reset_index()
    home = often.drop_duplicates(who).set_index(who)["feeder"]
    keys = pd.MultiIndex.from_frame(rows[who])
    frequent = (customers.table["state"].reindex(keys) == FREQUENT).to_numpy() & ~keys.duplicated()
    homes: np.ndarray = home.reindex(keys).where(frequent, "").to_numpy(dtype=object)
    return homes


def _states(feeders: Judged, customers: Judged, homes: np.ndarray, params: Params) -> pd.Series:
    """Return the state of each feeder: from its customers in the counties that list them, else from its own interruptions."""
    own = feeders.table["state"]
    rows = customers.rows
    if rows.empty:
        return own
    number = rows.assign(feeder=homes).groupby(BY).size().reindex(own.index, fill_value=0)
    listed = own.index.get_level_values("county").isin(rows["county"].unique())
    by_customers = own.clip(upper=WARNED).mask(number >= params.method.frequent.feeder_customers, FREQUENT)
    return own.mask(listed, by_customers)


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
    names = feeders.rows["feeder"].to_numpy()
    for feeder, value in state[state >= WARNED].droplevel("county").items():
        own, dims = counted & (names == feeder), {"by": "feeder", "group": str(feeder)}
        tally.add("feeder_interruptions", "outages", own & within, 1, item="year", **dims)
        tally.add("feeder_interruptions", "outages", own & within & scheduled, 1, item="scheduled", **dims)
        tally.add(
            "feeder_interruptions", "outages", _fullest_window(day, own, within, method.window_days), 1, item="window", **dims
        )
        of: list[Link | Quoted] = [
            tally.link("feeder_interruptions", f"in_{item}", item=item, **dims) for item in ("year", "window", "scheduled")
        ]
        of += [
            Quoted(f"last_{recent.days}_days", "outages", own & within & (day > last - recent.days), 1)
            for recent in method.warning.recent
        ]
        of += [tally.link("frequent_customers"), Quoted("customers_of_feeder", CUSTOMERS, homes == feeder, 1)]
        tally.note("feeder_state", value, None, "", of, **dims)


def _fullest_window(day: np.ndarray, own: np.ndarray, within: np.ndarray, length: int) -> np.ndarray:
    """Mark the most interruptions within the given days, the last of them in the period; of several windows, the earliest."""
    lasts, every = np.sort(day[own & within]), np.sort(day[own])
    if not len(lasts):
        return np.zeros(len(own), dtype=bool)
    held = np.searchsorted(every, lasts, "right") - np.searchsorted(every, lasts - length, "right")
    last = lasts[held.argmax()]
    fullest: np.ndarray = own & (day > last - length) & (day <= last)
    return fullest


def _customers(tally: Tally, customers: Judged, params: Params) -> None:
    """Count the customers that are frequently interrupted, and the shares CEMI and CELID of all customers served."""
    method, rows, served = params.method.frequent, customers.rows, tally.tables["customers"]
    who = pd.MultiIndex.from_frame(rows[["county", "customer_id"]])
    first = ~who.duplicated()
    hours = (rows["restored"] - rows["started"]).to_numpy() / np.timedelta64(1, "h")
    counts = inside(rows["started"], tally.period).to_numpy() & (hours > params.year.duration_floor_minutes / 60)
    mine = pd.DataFrame({"times": counts, "longest": np.where(counts, hours, 0.0)}).groupby(who.to_flat_index())
    times, longest = mine["times"].transform("sum").to_numpy(), mine["longest"].transform("max").to_numpy()
    state = customers.table["state"].reindex(who).to_numpy()
    shares = {("frequent_customer_pct", ""): state == FREQUENT}
    shares |= {("cemi_pct", f"{least}"): times >= least for least in method.cemi_from}
    shares |= {("celid_pct", f"{limit:g}"): longest > limit for limit in method.celid_hours}
    whole = customers_served(served, params)
    listed = served["county"].isin(rows["county"].unique()).to_numpy() & (whole > 0)
    tally.add("frequent_customers", CUSTOMERS, first & (state == FREQUENT), 1)
    tally.add("warned_customers", CUSTOMERS, first & (state == WARNED), 1)
    for (indicator, item), members in shares.items():
        tally.add(indicator, CUSTOMERS, first & members, 1, 0, item=item)
        tally.add(indicator, "customers", listed, 0, whole, counts=False, item=item)
        tally.explain(indicator, NO_LIST, item=item)
    if rows.empty:
        for indicator in ("frequent_customers", "warned_customers"):
            tally.note(indicator, np.nan, 0, NO_LIST)
