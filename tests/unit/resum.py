"""Every value recomputed from its rows, by the formulas of method.md written out by hand."""

import math
from collections.abc import Callable
from pathlib import Path
from statistics import NormalDist, mean, stdev

import numpy as np
import pandas as pd
import yaml

from ge_analysis.indicators.results import Results
from ge_analysis.settings.keys import KEYS, OF_KEYS

TARGET_HOURS = {"centre": 2, "city": 5, "town": 9, "rural": 15}
FRONTIERS = {  # worst and best
    "score_procedures": ("procedures", 9, 3),
    "score_time": ("time_days", 248, 18),
    "score_cost": ("cost_pct_income", 8100, 0),
    "score_index": ("reliability_index", 0, 8),
}
ITEMS = ("monitoring", "restoration", "regulator", "deterrent", "tariff")
HOURS_2020, HOURS_2019 = 8784, 8760
B_READY = {  # pillars of 33.33 points, their subcategories and indicators
    "regulation": {
        "oversight": "tariff_approval service_standards outage_penalties",
        "coordination": "joint_construction excavation_limit",
        "safety": "certification inspection liability",
        "environment": "environment_1 environment_2 environment_3 saving_incentives grid_integration self_generation",
    },
    "services": {
        "digital": "online_application e_payment network_database permits_by_utility",
        "monitoring": "indices_published environment_published",
        "information": "requirements_online tariff_notice outage_notice_direct complaint_mechanism",
        "enforcement": "inspections_done independent_complaints",
    },
    "efficiency": {
        "affordability": "connection_cost monthly_bill",
        "time": "connection_time",
        "reliability": "outages_per_month outage_length no_generator",
    },
}
DOUBLE = ("saving_incentives", "grid_integration", "self_generation", "indices_published")
BOTH_NEEDED = ("certification", "inspection", "indices_published")
MOST_PAY_OR_ARE_REACHED = ("e_payment", "outage_notice_direct")


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
            dims = dict(zip(KEYS, key, strict=True))
            if key[1] == "b_ready_points":
                found[key] = b_ready_points(dims, numbers, value_of)
            else:
                found[key] = derived(dims, numbers)
    for key in results.indicators.loc[results.indicators["indicator"] == "benchmark_score", KEYS].itertuples(index=False):
        found[tuple(key)] = benchmark_score(key.group)
    return found


def benchmark_score(economy: str) -> float:
    """Score an economy by what is published of it."""
    file = Path(__file__).parents[2] / "params" / "2021" / "benchmark.yml"
    (of,) = (line for line in yaml.safe_load(file.read_text(encoding="utf-8"))["economies"] if line["name"] == economy)
    of["reliability_index"] = of["index"]
    return mean(derived({"indicator": name}, of) for name in FRONTIERS)


def b_ready_points(key: dict[str, str], of: dict[str, float], value_of: Callable[[tuple], float]) -> float:
    """Points of one part: the sum of its parts, or the share of an indicator in its subcategory."""
    part = key["item"]
    if part == "total" or part in B_READY:
        return sum(of.values())
    for subcategories in B_READY.values():
        if part in subcategories:
            known = [points for points in of.values() if points == points]
            return sum(known) if known else math.nan
        for names in subcategories.values():
            if part in names.split():
                known = [name for name in names.split() if not math.isnan(value_of(tuple((key | {"item": name}).values())))]
                weight = {name: 2 if name in DOUBLE else 1 for name in known}
                score = math.nan if any(role.startswith("b_ready_") for role in of) else yes(part, list(of.values()))
                most = 100 / 3 / len(subcategories)
                return most * weight[part] * score / sum(weight.values()) if score == score else math.nan
    raise AssertionError(part)


def yes(part: str, answers: list[float]) -> float:
    """Whether the question is answered yes, or two of several; none where an unknown answer decides."""
    needs = 2 if part in BOTH_NEEDED else 1
    low, high = (sorted(unknown if a != a else a for a in answers)[-needs] for unknown in (0, 1))
    return low if low == high else math.nan


def feeder_state(of: dict[str, float]) -> float:
    """2 frequent, 1 warned, 0 neither: by the feeder's interruptions, or by its customers where they are listed."""
    frequent = of["in_year"] > 5 or of["in_window"] > 3 or of["in_scheduled"] > 3
    warned = of["in_year"] >= 4 or of.get("last_50_days", 0) >= 3 or of.get("last_30_days", 0) >= 2
    if not math.isnan(of["frequent_customers"]):
        return 2 if of.get("customers_of_feeder", 0) >= 2 else int(frequent or warned)
    return 2 if frequent else int(warned)


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
    if name == "asai_change_points":
        return of["asai_pct"] - asai_before(of)
    if name in ("yearly_saidi_hours", "yearly_saifi"):
        return of["now"]
    if name == "asai_published_change_points":
        return of["now"] - of["before"]
    if name in ("saidi_change_pct", "saifi_change_pct", "customers_served_change_pct"):
        return 100 * (of["now"] - of["before"]) / of["before"]
    if name == "feeder_state":
        return feeder_state(of)
    if name == "b_ready_connection_cost_pct":
        return (of["small"] + of["large"]) / 2
    if name == "b_ready_answer":
        (shown,) = of.values()
        return float(shown >= (50 if key["item"] in MOST_PAY_OR_ARE_REACHED else 1))
    if name == "major_event_base_years":
        years = {role[:4] for role in of if "2015" <= role[:4] < "2020"}
        return len(years) if of["customers_served"] == of["customers_served"] else math.nan
    days = {role: hours / of["customers_served"] for role, hours in of.items() if role[:2] == "20"}
    if name == "major_event_days":
        assert all(hours > of["major_event_threshold_hours"] for hours in days.values())
        return math.nan if math.isnan(of["customers_served"]) else len(days)
    assert name == "major_event_threshold_hours", name
    logs = [math.log(hours) for hours in days.values() if hours > 0]
    return math.exp(mean(logs) + 2.5 * stdev(logs)) if len(logs) > 1 else math.nan


def asai_before(of: dict[str, float]) -> float:
    """ASAI of the year before [%], from the published SAIDI where there is one."""
    if "saidi_hours_before" in of:
        return 100 * (1 - of["saidi_hours_before"] / HOURS_2019)
    return of.get("asai_pct_before", math.nan)


def beijing(of: dict[str, float]) -> float:
    """Beijing's rule on ASAI [%] and its rise on the year before."""
    asai, rise = of["asai_pct"], of["asai_pct"] - asai_before(of)
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
