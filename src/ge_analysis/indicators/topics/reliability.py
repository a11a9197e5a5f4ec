"""Supply reliability from outages, customers, feeders and live-line jobs (method 1 and 2)."""

from collections import ChainMap
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from ge_analysis.indicators import reliability
from ge_analysis.indicators.arrays import Column, as_floats, ratio, without_noise
from ge_analysis.indicators.interruptions import Interruptions, interruption_sums, interruptions
from ge_analysis.indicators.periods import inside, span
from ge_analysis.indicators.results import Link, Quoted, Tally
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.places import CITY
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
UNREAD = {"outages": "notice"}
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
    of_steps, of_customers = Column(outages["area_type"]), Column(customers["area_type"])
    everyone = of_customers.among(*params.method.reliability.areas["all"]) & (served > 0)
    targets = customers["area_type"].map(params.method.reliability.national_target_hours).to_numpy(dtype=float)
    left_out = _left_out(tally, steps, served, params)
    for area, types in _areas(params):
        members = of_customers.among(*types) & (served > 0)
        counted = of_steps.among(*types) & (steps.hour_customers != 0)
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
        begun = steps.customers > 0
        tally.add("caidi_hours", "outages", counted, steps.hour_customers, steps.customers, counts=begun, area=area)
        tally.explain("caidi_hours", NO_OUTAGE, area=area)
        for indicator in ("customers_served", "hour_customers", "national_target_ratio"):
            tally.explain(indicator, NO_CUSTOMERS, area=area)
    feeders, kinds, causes = (Column(outages[name]) for name in ("feeder", "kind", "cause"))
    for dimension, column, held in (("kind", "kind", kinds), ("item", "cause", causes)):
        for code in registry().codes[column]:
            counted = held.among(code)
            _rates(tally, steps, counted, served, everyone, area=ALL, **{dimension: code})
            _hour_customers(tally, steps, counted, area=ALL, **{dimension: code})
    for feeder in sorted(feeders.labels) if tally.county != CITY else ():  # two counties may have feeders of one name
        _hour_customers(tally, steps, feeders.among(feeder), area=ALL, by="feeder", group=feeder)
    start = span(tally.period).start
    months = outages["started"].mask(outages["started"] < start, start).to_numpy().astype("datetime64[M]")
    of_kinds = {kind: kinds.among(kind) & (steps.hour_customers != 0) for kind in registry().codes["kind"]}
    for month in pd.period_range(tally.period.start, tally.period.last, freq="M").strftime("%Y-%m"):
        of_month = months == np.datetime64(month)
        _hour_customers(tally, steps, of_month, area=ALL, by="month", group=month)
        for kind, of_kind in of_kinds.items():
            counted = of_month & of_kind
            tally.add("monthly_hour_customers", "outages", counted, steps.hour_customers, kind=kind, by="month", group=month)


def _durations(tally: Tally, steps: Interruptions) -> None:
    """Count the steps of each kind in each span of hours, by their whole length, even beyond the period."""
    outages = tally.tables["outages"]
    hours = (outages["restored"] - outages["started"]).to_numpy() / np.timedelta64(1, "h")
    spans, kinds = np.digitize(hours, SPANS_HOURS, right=True), Column(outages["kind"])
    of_kinds = {kind: kinds.among(kind) & (steps.hour_customers > 0) for kind in registry().codes["kind"]}
    for number, code in enumerate(registry().codes["duration"]):
        for kind, of_kind in of_kinds.items():
            counted = (spans == number) & of_kind
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
    steps, whole, known = _whole_steps(outages, params)
    floor, start = params.year.duration_floor_minutes, span(params.year.reliability_period).start
    saidi = ratio(interruption_sums(steps, whole, ["day"], floor)["hour_customers"], served.sum())
    threshold, years = _threshold(saidi, params)
    of_base = (outages["started"] < start).to_numpy() == (years > 0)
    every, place = np.unique(outages["started"].to_numpy().astype("datetime64[D]"), return_inverse=True)
    hour_customers = interruptions(outages, whole, floor).hour_customers
    return Days(known & of_base, every.astype(str)[place], hour_customers, threshold, _above(saidi, threshold), years)


def major_event_days_of_counties(outages: pd.DataFrame, customers: pd.DataFrame, params: Params) -> dict[str, pd.DatetimeIndex]:
    """Return each county's own major event days, by its slug."""
    steps, whole, _ = _whole_steps(outages, params)
    daily = interruption_sums(steps, whole, ["county", "day"], params.year.duration_floor_minutes)["hour_customers"]
    served = pd.Series(customers_served(customers, params), customers.index).groupby(customers["county"]).sum()
    found = {}
    for county in outages["county"].unique():
        saidi = ratio(daily[daily.index.get_level_values("county") == county].droplevel("county"), served.get(county, 0.0))
        found[str(county)] = _above(saidi, _threshold(saidi, params)[0])
    return found


def _whole_steps(outages: pd.DataFrame, params: Params) -> tuple[pd.DataFrame, tuple[pd.Timestamp, pd.Timestamp], np.ndarray]:
    """Return the steps of the period and of the years before it with their days, a span that holds them, and their rows."""
    start, end = span(params.year.reliability_period)
    first = start - pd.DateOffset(years=params.method.reliability.major_event_years)
    known = inside(outages["started"], (first, end)).to_numpy()
    steps = outages.loc[known, ["county", "started", "restored", "customers"]]
    steps = steps.assign(day=steps["started"].dt.normalize())
    return steps, (first, max(end, steps["restored"].max())), known


def _threshold(saidi: pd.Series, params: Params) -> tuple[float, int]:
    """Return T_MED [h] of daily SAIDI [h], and the years behind it."""
    start = span(params.year.reliability_period).start
    before = saidi[saidi.index < start]
    enough = (before > 0).sum() > 1
    base = before if enough else saidi[saidi.index >= start]
    threshold = reliability.major_event_threshold(base, method=params.method.reliability)
    return threshold, pd.DatetimeIndex(before.index).year.nunique() if enough else 0


def _above(saidi: pd.Series, threshold: float) -> pd.DatetimeIndex:
    """Return the days above the threshold."""
    above = saidi > threshold * (1 + 1e-9)  # exp(ln(x)) is slightly off; equal days must not become major ones
    return pd.DatetimeIndex(saidi.index[above])


def _network(tally: Tally, params: Params) -> None:
    """Count the feeders of each area, and those that are interconnected, automated and self-healing."""
    feeders = tally.tables["feeders"]
    areas = Column(feeders["area_type"])
    flags = {
        "feeders": (1, np.nan),
        "feeder_interconnected_pct": (feeders["interconnected"].to_numpy(dtype=float), 1),
        "feeder_automated_pct": ((feeders["automation"] != "none").to_numpy(dtype=float), 1),
        "feeder_self_healing_pct": (feeders["self_healing"].to_numpy(dtype=float), 1),
    }
    for area, types in _areas(params):
        rows = areas.among(*types)
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
    places, indicators, areas = (Column(previous[name]) for name in ("place", "indicator", "area"))
    own, values = places.among(tally.county), as_floats(previous["value"])
    for area, _ in _areas(params):
        for indicator, change in CHANGES.items():
            before = f"{indicator}_before"
            _published(tally, indicator, own & indicators.among(indicator) & areas.among(area), values, area=area)
            last, now = (tally.value(name, area=area) for name in (before, indicator))
            reason = NO_CUSTOMERS if np.isnan(now) else NOTHING_BEFORE
            moved = 100 * (ratio(now, last) - 1) if change.endswith("_pct") else now - last
            of = [tally.link(indicator, "now", area=area), tally.link(before, "before", area=area)]
            tally.note(change, moved, None, reason, of, area=area)
    # without a voltage, so it has no change
    _published(tally, "score", own & indicators.among("score") & areas.among(ALL), values)


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
