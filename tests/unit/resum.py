"""Every value once more from what is behind it, by the formulas of method.md written out by hand."""

import math
from collections.abc import Callable
from statistics import NormalDist, mean, stdev

import numpy as np
import pandas as pd

from ge_analysis.indicators.results import KEYS, OF_KEYS, Results

TARGET_HOURS = {"centre": 2, "city": 5, "town": 9, "rural": 15}
FRONTIERS = {  # worst and best
    "score_procedures": ("procedures", 9, 3),
    "score_time": ("time_days", 248, 18),
    "score_cost": ("cost_pct_income", 8100, 0),
    "score_index": ("reliability_index", 0, 8),
}
ITEMS = ("monitoring", "restoration", "regulator", "deterrent", "tariff")
HOURS_2020, HOURS_2019 = 8784, 8760


def remade(results: Results, value_of: Callable[[tuple], float]) -> dict[tuple, float]:
    """Return the values that rows, links and quoted figures give, by their keys."""
    unit = results.indicators.drop_duplicates("indicator").set_index("indicator")["unit"]
    sums = results.rows.groupby(KEYS, observed=True)[["numerator", "denominator"]].sum(min_count=1)
    sums = {key: (100 if unit[key[1]] == "%" else 1, *numbers) for key, *numbers in sums.itertuples()}
    found = {key: scale * top / below if below == below else top for key, (scale, top, below) in sums.items() if below != 0}
    links: dict[tuple, list[tuple[str, tuple]]] = {}
    for line in results.links.itertuples(index=False):
        links.setdefault(tuple(line[: len(KEYS)]), []).append((line.role, tuple(line[-len(OF_KEYS) :])))
    quoted: dict[tuple, dict[str, float]] = {}
    for key, number in results.quoted.groupby([*KEYS, "role"], observed=True)["quoted"].sum().items():
        quoted.setdefault(key[:-1], {})[key[-1]] = number
    for key, of in links.items():
        if of[0][1][0] != key[0]:
            found[key] = weighted(of, value_of)
        elif key[1].startswith("survey_"):
            found[key] = from_shares(key, [sums.get(other, (100, 0, 0)) for _, other in of])
        else:
            numbers = {role: value_of(other) for role, other in of} | quoted.get(key, {})
            found[key] = derived(dict(zip(KEYS, key, strict=True)), numbers)
    return found


def weighted(of: list[tuple[str, tuple]], value_of: Callable[[tuple], float]) -> float:
    """Weight the counties' scores by their customers."""
    customers = {key[0]: value_of(key) for role, key in of if role == "customers_served"}
    scores = {key[0]: value_of(key) for role, key in of if role != "customers_served"}
    known = [name for name in scores if scores[name] == scores[name] and customers.get(name, 0) > 0]
    return sum(scores[name] * customers[name] for name in known) / sum(customers[name] for name in known)


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    z = NormalDist().inv_cdf(0.975)
    centre, half = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)


def from_shares(key: tuple, sums: list[tuple[float, float, float]]) -> float:
    """Interval of a share, or a difference of two shares with Newcombe's interval [%]; none of fewer than five answers."""
    if any(n < 5 for _, _, n in sums):
        return math.nan
    shares = [(k / n, *wilson(k / n, n)) for _, k, n in sums]
    if len(shares) == 1:
        return 100 * shares[0][1 if key[1].endswith("low") else 2]
    (p1, low1, high1), (p2, low2, high2) = shares
    sides = {"low": -math.hypot(p1 - low1, high2 - p2), "high": math.hypot(high1 - p1, p2 - low2)}
    return 100 * (p1 - p2 + sides.get(key[1].rpartition("_")[2], 0))


def derived(key: dict[str, str], of: dict[str, float]) -> float:
    """One value from the values and figures that it follows from."""
    name, saidi, saifi = key["indicator"], of.get("saidi_hours", math.nan), of.get("saifi", math.nan)
    if name in FRONTIERS:
        part, worst, best = FRONTIERS[name]
        return float(np.clip(100 * (worst - of[part]) / (worst - best), 0, 100))
    if name == "score":
        return mean(of[part] for part in FRONTIERS)
    if name == "asai_pct":
        return 100 * (1 - saidi / HOURS_2020)
    if name == "saidi_cut_pct":
        return 100 * (1 - saidi / of.get("before", math.nan))
    if name == "national_target_met":
        return math.nan if math.isnan(saidi) else float(saidi <= TARGET_HOURS[key["area"]] or of["saidi_cut_pct"] >= 8)
    if name == "reliability_band":
        return sum(saidi <= limit and saifi <= limit for limit in (12, 4, 1)) if saidi == saidi else math.nan
    if name == "reliability_eligible":
        kept = saidi <= 100 and saifi <= 100 and not of.get("minimum_outage_minutes", 0) > 5
        return float(kept) if saidi == saidi else math.nan
    if name == "reliability_index":
        return (of["reliability_band"] + sum(of[item] for item in ITEMS)) * of["reliability_eligible"]
    if name == "incentive_wan_yuan":
        return guangzhou(saidi) if key["item"] == "guangzhou" else beijing(of)
    days = {role: hours / of["customers_served"] for role, hours in of.items() if role[:2] == "20"}
    if name == "major_event_days":
        assert all(hours > of["major_event_threshold_hours"] for hours in days.values())
        return math.nan if math.isnan(of["customers_served"]) else len(days)
    assert name == "major_event_threshold_hours", name
    logs = [math.log(hours) for hours in days.values() if hours > 0]
    return math.exp(mean(logs) + 2.5 * stdev(logs)) if len(logs) > 1 else math.nan


def beijing(of: dict[str, float]) -> float:
    """Beijing's rule on ASAI [%] and its rise on the year before."""
    before = of.get("asai_pct_before", math.nan)
    if "saidi_hours_before" in of:
        before = 100 * (1 - of["saidi_hours_before"] / HOURS_2019)
    asai, rise = of["asai_pct"], of["asai_pct"] - before
    if math.isnan(rise):
        return math.nan
    steps = ((-0.002, 0), (-0.004, -5), (-0.006, -20))
    return -50 if asai < 99 else 100 if rise > 0.002 else next((yuan for least, yuan in steps if rise >= least), -50)


def guangzhou(saidi: float) -> float:
    """Guangzhou's rule on SAIDI [h]."""
    steps = ((0.5, 100), (0.8, 50), (1, 10), (1.2, -10), (1.5, -50), (math.inf, -100))
    return next((yuan for most, yuan in steps if saidi <= most), math.nan)


def missing_or_wrong(table: pd.DataFrame, found: dict[tuple, float]) -> list[tuple]:
    """Return the keys whose value is not what was found, or was not found."""
    wrong = []
    for line in table.itertuples(index=False):
        key, value = tuple(line[: len(KEYS)]), line.value
        again = found.get(key, math.nan if line.reason else 0.0)  # a value of no row at all: none, or a sum of nothing
        if not (math.isclose(again, value, rel_tol=1e-9, abs_tol=1e-9) or math.isnan(again + value) and line.reason):
            wrong.append((key, value, again))
    return wrong
