"""Supply reliability from outages, customers, feeders and live-line jobs (method 1 and 2)."""

from collections import ChainMap
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from ge_analysis.indicators import reliability
from ge_analysis.indicators.arrays import as_floats, ratio, text_array, without_noise
from ge_analysis.indicators.interruptions import Interruptions, interruption_sums, interruptions
from ge_analysis.indicators.periods import inside, span
from ge_analysis.indicators.results import Link, Quoted, Tally
from ge_analysis.settings.parameters import CITY, Params
from ge_analysis.settings.registry import registry

ALL = "all"
NO_CUSTOMERS = "no customers served recorded"
NO_FEEDER = "no feeder recorded"
NO_OUTAGE = "no interruption in the period"
NOTHING_BEFORE = "no comparable value of the year before"
NO_INDICES = "SAIDI or SAIFI is not known"
CHANGES = {
    "saidi_hours": "saidi_change_pct",
    "saifi": "saifi_change_pct",
    "customers_served": "customers_served_change_pct",
    "asai_pct": "asai_published_change_points",
}
SPANS_HOURS = (0.5, 1, 2, 4, 8, 12, 24)  # upper ends of the spans of durations; the last span is open


def compute(tables: Mapping[str, pd.DataFrame], params: Params, county: str, previous: pd.DataFrame) -> Tally:
    """Count reliability of one place by area, kind, cause and month, with network, live-line work, bands and targets.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical tables outages, customers, feeders, live_line_jobs.
    params : Params
        Period, floor, statistical unit and the method's thresholds.
    county : str
        Slug, or "city".
    previous : DataFrame
        Last year's published values: columns place, indicator, area, value.
    """
    known = ChainMap({"previous_indicators": previous}, tables)  # type: ignore[arg-type]  # nothing is put into them
    tally = Tally(known, county, params.year.reliability_period)
    steps = interruptions(tables["outages"], params.year.reliability_period, params.year.duration_floor_minutes)
    served = customers_served(tables["customers"], params)
    _indices(tally, steps, served, params)
    _durations(tally, steps)
    _network(tally, params)
    _live_line(tally, steps)
    _graded(tally, params)
    _before(tally, params, previous)
    _against_target(tally, params)
    return tally


def customers_served(customers: pd.DataFrame, params: Params) -> np.ndarray:
    """Return what each row adds to the customers served: 0 in another statistical unit."""
    return np.where(customers["unit"] == params.year.statistical_unit, as_floats(customers["customers_served"]), 0.0)


def _indices(tally: Tally, steps: Interruptions, served: np.ndarray, params: Params) -> None:
    """Count SAIDI, SAIFI, CAIDI, ASAI and hour·customers of each area, and of the kinds, causes and months."""
    outages, customers = tally.tables["outages"], tally.tables["customers"]
    areas = params.method.reliability.areas
    everyone = customers["area_type"].isin(areas["all"]).to_numpy() & (served > 0)
    targets = customers["area_type"].map(params.method.reliability.national_target_hours).to_numpy(dtype=float)
    left_out = _left_out(tally, steps, served, params)
    for area, types in _areas(params):
        members = customers["area_type"].isin(types).to_numpy() & (served > 0)
        counted = outages["area_type"].isin(types).to_numpy() & (steps.hour_customers != 0)
        if members.any():
            tally.add("customers_served", "customers", members, served, area=area)
            tally.add("national_target_ratio", "outages", counted, steps.hour_customers, 0, area=area)
            tally.add("national_target_ratio", "customers", members, 0, served * targets, counts=False, area=area)
            _hour_customers(tally, steps, counted, area=area)
        for name, excluded in left_out.items():
            dims = {"area": area, "by": "without", "group": name} if name else {"area": area}
            _rates(tally, steps, counted & ~excluded, served, members, **dims)
            asai = reliability.availability(tally.value("saidi_hours", **dims), tally.period.hours)
            tally.note("asai_pct", 100 * asai, None, NO_CUSTOMERS, [tally.link("saidi_hours", **dims)], **dims)
        begun = counted & (steps.customers > 0)
        tally.add("caidi_hours", "outages", counted, steps.hour_customers, steps.customers, counts=begun, area=area)
        tally.explain("caidi_hours", NO_OUTAGE, area=area)
        for indicator in ("customers_served", "hour_customers", "national_target_ratio"):
            tally.explain(indicator, NO_CUSTOMERS, area=area)
    feeders, kinds, causes = (text_array(outages[name]) for name in ("feeder", "kind", "cause"))
    for dimension, column, held in (("kind", "kind", kinds), ("item", "cause", causes)):
        for code in registry().codes[column]:
            counted = held == code
            _rates(tally, steps, counted, served, everyone, area=ALL, **{dimension: code})
            _hour_customers(tally, steps, counted, area=ALL, **{dimension: code})
    for feeder in sorted(set(feeders)) if tally.county != CITY else ():  # two counties may have feeders of one name
        _hour_customers(tally, steps, feeders == feeder, area=ALL, by="feeder", group=feeder)
    start = span(tally.period).start
    months = outages["started"].mask(outages["started"] < start, start).dt.strftime("%Y-%m").to_numpy()
    for month in pd.period_range(tally.period.start, tally.period.last, freq="M").strftime("%Y-%m"):
        _hour_customers(tally, steps, months == month, area=ALL, by="month", group=month)
        for kind in registry().codes["kind"]:
            counted = (months == month) & (kinds == kind) & (steps.hour_customers != 0)
            tally.add("monthly_hour_customers", "outages", counted, steps.hour_customers, kind=kind, by="month", group=month)


def _durations(tally: Tally, steps: Interruptions) -> None:
    """Count the steps of each kind in each span of hours, by their whole length, even beyond the period."""
    outages = tally.tables["outages"]
    hours = (outages["restored"] - outages["started"]).to_numpy() / np.timedelta64(1, "h")
    spans, kinds = np.digitize(hours, SPANS_HOURS, right=True), text_array(outages["kind"])
    for number, code in enumerate(registry().codes["duration"]):
        for kind in registry().codes["kind"]:
            counted = (spans == number) & (kinds == kind) & (steps.hour_customers > 0)
            tally.add("outage_steps", "outages", counted, 1, kind=kind, by="duration", group=code)


def _areas(params: Params) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each area type and each group of them, with the types in it."""
    groups: dict[str, tuple[str, ...]] = {str(name): types for name, types in params.method.reliability.areas.items()}
    for area in registry().codes["area"]:
        yield area, groups.get(area, (area,))


def _rates(tally: Tally, steps: Interruptions, counted: np.ndarray, served: np.ndarray, members: np.ndarray, **dims: str) -> None:
    """Count SAIDI and SAIFI of the steps that count, among the members' customers."""
    for indicator, added in (("saidi_hours", steps.hour_customers), ("saifi", steps.customers)):
        if members.any():
            tally.add(indicator, "outages", counted & (added != 0), added, 0, **dims)
            tally.add(indicator, "customers", members, 0, served, counts=False, **dims)
        tally.explain(indicator, NO_CUSTOMERS, **dims)


def _hour_customers(tally: Tally, steps: Interruptions, counted: np.ndarray, **dims: str) -> None:
    """Count the hour·customers of the steps that count."""
    tally.add("hour_customers", "outages", counted & (steps.hour_customers != 0), steps.hour_customers, **dims)


def _left_out(tally: Tally, steps: Interruptions, served: np.ndarray, params: Params) -> dict[str, np.ndarray]:
    """Return the steps that each of the indices -1, -2, -3 and the one without major event days leaves out."""
    outages = tally.tables["outages"]
    days = major_event_days(outages, served, params)
    unknown = "fewer than two days with an interruption" if served.any() else NO_CUSTOMERS
    customers = tally.link("customers_served", area=ALL)
    of: list[Link | Quoted] = [customers, Quoted(days.of_row, "outages", days.counted, days.hour_customers)]
    tally.note("major_event_threshold_hours", days.threshold, None, unknown, of)
    tally.note("major_event_base_years", days.years if served.any() else np.nan, None, NO_CUSTOMERS, of)
    of_period = days.major[days.major >= span(tally.period).start]
    major = outages["started"].dt.normalize().isin(of_period).to_numpy()
    of = [tally.link("major_event_threshold_hours"), customers, Quoted(days.of_row, "outages", major, days.hour_customers)]
    tally.note("major_event_days", len(of_period) if served.any() else np.nan, None, NO_CUSTOMERS, of)
    return {
        "": np.zeros(len(outages), dtype=bool),
        "external": outages["external"].fillna(False).to_numpy(dtype=bool),
        "shortage": (outages["kind"] == "shortage").to_numpy(dtype=bool),
        "major_event_days": major,
    }


class Days(NamedTuple):
    """The days behind the threshold of major event days, by row of the ledger, and the threshold.

    Parameters
    ----------
    counted, of_row, hour_customers : ndarray, shape (n,)
        Which rows of the ledger count for T_MED, the day of each, and its hour·customers.
    threshold : float
        T_MED [h].
    major : DatetimeIndex
        The major event days of the ledger.
    years : int
        Years before the period behind T_MED; 0 if T_MED is taken from the period itself.
    """

    counted: np.ndarray
    of_row: np.ndarray
    hour_customers: np.ndarray
    threshold: float
    major: pd.DatetimeIndex
    years: int


def major_event_days(outages: pd.DataFrame, served: np.ndarray, params: Params) -> Days:
    """Return T_MED [h] and the major event days of the ledger.

    T_MED is taken from up to five years before the period if the ledger has two days with interruptions there, otherwise from
    the period itself (0 years). An interruption counts wholly on the day on which it starts.
    """
    method, (start, end) = params.method.reliability, span(params.year.reliability_period)
    first, floor = start - pd.DateOffset(years=method.major_event_years), params.year.duration_floor_minutes
    known = inside(outages["started"], (first, end)).to_numpy()
    begun = outages[known]
    whole = (first, max(end, begun["restored"].max()) if len(begun) else end)
    days = pd.DataFrame({"day": begun["started"].dt.normalize(), **begun[["started", "restored", "customers"]]})
    daily = interruption_sums(days, whole, ["day"], floor)
    saidi = ratio(daily["hour_customers"], served.sum())
    before = saidi[saidi.index < start]
    enough = (before > 0).sum() > 1
    threshold = reliability.major_event_threshold(before if enough else saidi[saidi.index >= start], method=method)
    above = saidi > threshold * (1 + 1e-9)  # exp(ln(x)) is slightly off; equal days must not become major ones
    major = pd.DatetimeIndex(saidi.index[above])
    of_base = (outages["started"] < start).to_numpy() == enough
    of_row = outages["started"].to_numpy().astype("datetime64[D]").astype(str)
    hour_customers = interruptions(outages, whole, floor).hour_customers
    years = before.index.year.nunique() if enough else 0
    return Days(known & of_base, of_row, hour_customers, threshold, major, years)


def _network(tally: Tally, params: Params) -> None:
    """Count the feeders of each area, and those that are interconnected, automated and self-healing."""
    feeders = tally.tables["feeders"]
    flags = {
        "feeders": (1, np.nan),
        "feeder_interconnected_pct": (feeders["interconnected"].to_numpy(dtype=float), 1),
        "feeder_automated_pct": ((feeders["automation"] != "none").to_numpy(dtype=float), 1),
        "feeder_self_healing_pct": (feeders["self_healing"].to_numpy(dtype=float), 1),
    }
    for area, types in _areas(params):
        rows = feeders["area_type"].isin(types).to_numpy()
        for indicator, (numerator, denominator) in flags.items():
            if rows.any():
                tally.add(indicator, "feeders", rows, numerator, denominator, area=area)
            tally.explain(indicator, NO_FEEDER, area=area)


def _live_line(tally: Tally, steps: Interruptions) -> None:
    """Count live-line jobs, and their rate: hour·customers saved, over those plus the scheduled ones."""
    jobs, outages = tally.tables["live_line_jobs"], tally.tables["outages"]
    done = inside(jobs["date"], tally.period).to_numpy()
    scheduled = (outages["kind"] == "scheduled").to_numpy(dtype=bool) & (steps.hour_customers != 0)
    saved = jobs["saved_hour_customers"].to_numpy(dtype=float)
    tally.add("live_line_jobs", "live_line_jobs", done, 1)
    tally.add("live_line_rate_pct", "live_line_jobs", done, saved, saved)
    tally.add("live_line_rate_pct", "outages", scheduled, 0, steps.hour_customers, counts=False)
    tally.explain("live_line_rate_pct", "neither live-line work nor a scheduled outage in the period")


def _graded(tally: Tally, params: Params) -> None:
    """Note the World Bank band of each group of areas."""
    for area in params.method.reliability.areas:
        saidi, saifi = tally.value("saidi_hours", area=area), tally.value("saifi", area=area)
        tally.note(
            "reliability_band",
            reliability.reliability_band(saidi, saifi, method=params.method.reliability),
            reason=NO_INDICES,
            of=[tally.link("saidi_hours", area=area), tally.link("saifi", area=area)],
            area=area,
        )


def _before(tally: Tally, params: Params, previous: pd.DataFrame) -> None:
    """Count what was published the year before, and note the change since."""
    places, indicators, areas = (text_array(previous[name]) for name in ("place", "indicator", "area"))
    own, values = places == tally.county, as_floats(previous["value"])
    for area, _ in _areas(params):
        for indicator, change in CHANGES.items():
            before = f"{indicator}_before"
            _published(tally, indicator, own & (indicators == indicator) & (areas == area), values, area=area)
            last, now = (tally.value(name, area=area) for name in (before, indicator))
            reason = NO_CUSTOMERS if np.isnan(now) else NOTHING_BEFORE
            moved = 100 * (ratio(now, last) - 1) if change.endswith("_pct") else now - last
            of = [tally.link(indicator, "now", area=area), tally.link(before, "before", area=area)]
            tally.note(change, moved, None, reason, of, area=area)
    _published(tally, "score", own & (indicators == "score") & (areas == ALL), values)  # without a voltage, so it has no change


def _published(tally: Tally, indicator: str, rows: np.ndarray, values: np.ndarray, **dims: str) -> None:
    """Count one of last year's published values."""
    if rows.any():
        tally.add(f"{indicator}_before", "previous_indicators", rows, values, **dims)
    tally.explain(f"{indicator}_before", NOTHING_BEFORE, **dims)


def _against_target(tally: Tally, params: Params) -> None:
    """Note the cut from the year before, and whether each area type meets the national target by hours or by its cut."""
    method = params.method.reliability
    for area, _ in _areas(params):
        saidi, before = (tally.value(name, area=area) for name in ("saidi_hours", "saidi_hours_before"))
        cut = without_noise(100 * (1 - ratio(saidi, before)))
        of = [tally.link("saidi_hours", area=area), tally.link("saidi_hours_before", "before", area=area)]
        tally.note("saidi_cut_pct", cut, None, NO_CUSTOMERS if np.isnan(saidi) else NOTHING_BEFORE, of, area=area)
        if area in method.national_target_hours:
            met = float(without_noise(saidi) <= method.national_target_hours[area] or cut >= method.national_target_cut_pct)
            parts = [tally.link(name, area=area) for name in ("saidi_hours", "saidi_cut_pct")]
            tally.note("national_target_met", np.nan if np.isnan(saidi) else met, None, NO_CUSTOMERS, parts, area=area)
