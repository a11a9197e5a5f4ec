"""What a measure does to the ledgers, as if they were edited by hand (method 14).

A share of outages, cases or feeders is spread evenly over the rows that could change, and a larger share includes the smaller
one, so that the same amount always takes the same rows, and more of a measure never does less.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from ge_analysis.indicators import connection
from ge_analysis.indicators.periods import moments, span
from ge_analysis.settings.measures import Measure
from ge_analysis.settings.parameters import Params

Tables = Mapping[str, pd.DataFrame]
_GOLDEN = (5**0.5 - 1) / 2
_BEFORE_WORKS = ["applied", "plan_replied", "design_reviewed", "midway_checked"]


def changed(measure: Measure, tables: Tables, params: Params) -> Tables:
    """Return one county's tables as they would be with a measure; unaffected tables are the same objects.

    Parameters
    ----------
    measure : Measure
        Any measure but an index item, which the city records.
    tables : mapping of str to DataFrame
        The county's canonical tables.
    params : Params
        Reliability period, and the method's connection cases and words for SMS.

    References
    ----------
    Method 14.
    """
    return {**tables, **_ACTS[measure.act](tables, measure.amount or 0.0, params)}


def with_item(index_items: pd.DataFrame, item: str, places: set[str]) -> pd.DataFrame:
    """Return the city's table of the index check with one item fulfilled in some places."""
    return index_items.assign(**{item: index_items[item].mask(index_items["place"].isin(places), 1)})


def taken(count: int, pct: float) -> np.ndarray:
    """Mark the things, out of `count`, that belong to a share: spread evenly, and including those of any smaller share.

    Examples
    --------
    >>> taken(4, 50).tolist(), taken(4, 75).tolist()
    ([False, True, False, True], [True, True, False, True])
    """
    places: np.ndarray = np.arange(1, count + 1) * _GOLDEN % 1
    return places < pct / 100


def _taken_rows(rows: np.ndarray, pct: float) -> np.ndarray:
    """Return the marked rows that belong to a share of them."""
    chosen = rows.copy()
    chosen[rows] = taken(int(rows.sum()), pct)
    return chosen


def _taken_events(outages: pd.DataFrame, rows: np.ndarray, pct: float) -> np.ndarray:
    """Return the marked rows whose events belong to a share of the events: all steps of an event go together."""
    events, names = pd.factorize(outages["event_id"].where(rows))
    chosen: np.ndarray = rows & np.append(taken(len(names), pct), False)[events]  # −1, no event, takes the False
    return chosen


def _of_period(outages: pd.DataFrame, params: Params, *kinds: str) -> np.ndarray:
    """Mark the rows of some kinds that reach into the reliability period; earlier years stay as they were."""
    start, end = span(params.year.reliability_period)
    within = (outages["restored"] > start) & (outages["started"] < end)
    return (within & outages["kind"].isin(kinds)).to_numpy(dtype=bool)


def _without(outages: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    return outages[~rows].reset_index(drop=True)


def _avoided(tables: Tables, pct: float, params: Params) -> Tables:
    """Remove a share of the outages of all kinds."""
    outages = tables["outages"]
    every = _of_period(outages, params, "scheduled", "fault", "shortage")
    return {"outages": _without(outages, _taken_events(outages, every, pct))}


def _live_line(tables: Tables, pct: float, params: Params) -> Tables:
    """Do a share of the scheduled outages as live-line jobs: each outage becomes a job that saved its hour·customers."""
    outages, jobs = tables["outages"], tables["live_line_jobs"]
    rows = _taken_events(outages, _of_period(outages, params, "scheduled"), pct)
    gone = outages[rows]
    hours = (gone["restored"] - gone["started"]).dt.total_seconds() / 3600
    made = gone.assign(
        job_id=gone["event_id"],
        date=gone["started"].dt.normalize(),
        job_type="",
        saved_hour_customers=hours * gone["customers"],
    )
    sums = made.groupby("event_id")["saved_hour_customers"].transform("sum")
    made = made.assign(saved_hour_customers=sums).drop_duplicates("event_id").reindex(columns=jobs.columns)
    more = pd.concat([jobs, made.astype(jobs.dtypes.to_dict())], ignore_index=True) if len(made) else jobs
    return {"outages": _without(outages, rows), "live_line_jobs": more}


def _shorter_scheduled(tables: Tables, pct: float, params: Params) -> Tables:
    """Shorten each step of the scheduled outages, to the second."""
    outages = tables["outages"]
    length = outages["restored"] - outages["started"]
    left = (length * (1 - pct / 100)).dt.round("s")
    return {"outages": _restored_after(outages, left, _of_period(outages, params, "scheduled"))}


def _faster(tables: Tables, hours: float, params: Params) -> Tables:
    """Cap the duration of the restoration steps of faults."""
    outages = tables["outages"]
    length, cap = outages["restored"] - outages["started"], pd.Timedelta(hours=hours).round("s")
    left = length.mask(length > cap, cap)
    return {"outages": _restored_after(outages, left, _of_period(outages, params, "fault"))}


def _restored_after(outages: pd.DataFrame, length: pd.Series, rows: np.ndarray) -> pd.DataFrame:
    """Set the duration of the marked rows, in the precision of the ledger."""
    restored = outages["restored"].where(~rows, outages["started"] + length)
    return outages.assign(restored=restored.astype(outages["restored"].dtype))


def _utility_builds(tables: Tables, pct: float, params: Params) -> Tables:
    """Let the utility build and pay for the line in a share of the cases in which the customer does."""
    cases, utility = tables["connections"], params.method.connection.utility_builds
    rows = _taken_rows(~cases["investment_boundary"].isin(utility).to_numpy(dtype=bool), pct)
    return {
        "connections": cases.assign(
            investment_boundary=cases["investment_boundary"].mask(rows, utility[0]),
            customer_cost_yuan=cases["customer_cost_yuan"].mask(rows, 0),
        )
    }


def _shorter_works(tables: Tables, days: float, params: Params) -> Tables:
    """Cap the days of external works. What comes before them is moved back, so that each case ends on the same day:

    a case that ended earlier could leave the survey period, and another year's case would have taken its place.
    """
    cases, method = tables["connections"], params.method.connection
    excess = pd.Series(0.0, index=cases.index)
    for case in method.cases.values():
        works = connection.stage_days(cases[cases["voltage"].isin(case.voltages)], method=method)["works"]
        excess.update((works - max(days, method.stage_minimum_days)).clip(lower=0))
    later = pd.to_timedelta(np.ceil(excess), unit="D")  # dates are whole days; the works last no longer than the cap
    moved = {name: moments(cases[name]) + later for name in _BEFORE_WORKS}
    latest, begun = pd.DataFrame(moved).max(axis=1), moments(cases["works_started"])
    return {"connections": cases.assign(**moved, works_started=begun.mask(begun < latest, latest))}


def _sms(tables: Tables, pct: float, params: Params) -> Tables:
    """Send a share of the notices of scheduled outages by SMS as well."""
    outages, words = tables["outages"], params.method.convenience.sms_words
    sent = outages["notice"].fillna("").str.contains("|".join(words)).to_numpy(dtype=bool)
    rows = _taken_events(outages, _of_period(outages, params, "scheduled") & ~sent, pct)
    return {"outages": outages.assign(notice=outages["notice"].mask(rows, words[0]))}


def _smart_meters(tables: Tables, pct: float, params: Params) -> Tables:
    """Replace a share of the card meters of each month, whole meters only."""
    metering = tables["metering"]
    replaced = np.floor(metering["card_meters"] * (pct / 100)).astype(metering["card_meters"].dtype)
    return {
        "metering": metering.assign(
            smart_meters=metering["smart_meters"] + replaced, card_meters=metering["card_meters"] - replaced
        )
    }


def _interconnected(tables: Tables, pct: float, params: Params) -> Tables:
    """Interconnect a share of the feeders that are not interconnected."""
    feeders = tables["feeders"]
    rows = _taken_rows(~feeders["interconnected"].fillna(False).to_numpy(dtype=bool), pct)
    return {"feeders": feeders.assign(interconnected=feeders["interconnected"].mask(rows, True))}


_ACTS: dict[str, Callable[[Tables, float, Params], Tables]] = {
    "avoided_pct": _avoided,
    "live_line_pct": _live_line,
    "scheduled_cut_pct": _shorter_scheduled,
    "fault_hours": _faster,
    "utility_built_pct": _utility_builds,
    "works_days": _shorter_works,
    "sms_pct": _sms,
    "smart_meters_pct": _smart_meters,
    "interconnected_pct": _interconnected,
}
