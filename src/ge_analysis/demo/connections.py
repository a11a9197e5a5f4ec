"""Synthetic connection cases (业扩报装)."""

import numpy as np
import pandas as pd

from ge_analysis.demo.calibration import Unit, texts

CLASSES = {"residential": 0.31, "lv_business": 0.41, "hv_single": 0.24, "hv_double": 0.04}
CAPACITIES_KVA = {
    "residential": (8, 10, 12, 16, 20),
    "lv_business": (15, 20, 30, 40, 60, 80, 100, 120, 140, 160),
    "hv_single": (200, 250, 315, 400, 400, 500, 630, 800, 1000),
    "hv_double": (800, 1000, 1250, 1600, 2000),
}
MICRO_SHARE = {"residential": 0.0, "lv_business": 0.8, "hv_single": 0.2, "hv_double": 0.0}
FREE_KVA = {"urban": 160, "rural": 100}  # no investment by micro enterprises
NEAR_SHARE = {"urban": 0.55, "rural": 0.08}  # high voltage with a public line nearby
WORKS_DAYS = {("urban", True): (20, 25), ("urban", False): (38, 50), ("rural", True): (21, 26), ("rural", False): (48, 57)}
LINE_M = {("urban", True): (80, 600), ("urban", False): (400, 1200), ("rural", True): (200, 700), ("rural", False): (900, 2200)}
RED_LINE_SHARE = 0.3  # of high voltage with a public line nearby
YUAN_PER_M, YUAN_PER_KVA = 330, 150  # paid by a customer who builds the line


def connections(unit: Unit) -> pd.DataFrame:
    """Return 业扩报装: low voltage takes about two days, high voltage depends on the distance to the next public line."""
    rng, count = unit.rng("connections"), unit.calibration.connections
    cases = _requests(unit, rng, count)
    high = cases["customer_class"].str.startswith("hv_")
    cases = _stages(cases, high, rng)
    cases = _money(cases, high, rng)
    unfinished = cases["energised"] >= pd.Timestamp(unit.params.year.survey_period.end)
    later = ["works_finished", "accepted", "contract_signed", "energised"]
    cases.loc[unfinished, later] = pd.NaT
    return _people(unit, cases, rng)


def _requests(unit: Unit, rng: np.random.Generator, count: int) -> pd.DataFrame:
    """Draw the requests: who applies for what, where and when."""
    window = unit.params.year.survey_period
    span = (window.end - window.start).days - 4
    kind = rng.choice(list(CLASSES), count, p=list(CLASSES.values()))
    urban_rural = rng.choice(["urban", "rural"], count, p=[0.56, 0.44])
    capacity = np.array([rng.choice(CAPACITIES_KVA[value]) for value in kind], dtype=float)
    high = np.char.startswith(kind, "hv_")
    near = np.where(high, rng.random(count) < np.vectorize(NEAR_SHARE.get)(urban_rural), True)
    industry = np.array([rng.choice(texts().industries[area]) for area in urban_rural])
    return pd.DataFrame(
        {
            "application_id": [f"{unit.county.code}{window.start.year}{serial:05d}" for serial in range(1, count + 1)],
            "urban_rural": urban_rural,
            "customer_class": kind,
            "micro": rng.random(count) < np.vectorize(MICRO_SHARE.get)(kind),
            "industry": np.where(kind == "residential", "居民生活", industry),
            "voltage": np.select([high, capacity <= 12], ["10kV", "220V"], "380V"),
            "capacity_kva": capacity,
            "channel": rng.choice(["online", "hall", "service_centre"], count, p=[0.22, 0.63, 0.15]),
            "applied": pd.Timestamp(window.start) + pd.to_timedelta(np.sort(rng.integers(0, span, count)), unit="D"),
            "public_line_near": np.where(near, "near", "none"),
        }
    )


def _stages(cases: pd.DataFrame, high: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the dates of the stages of each case."""
    count = len(cases)
    near = cases["public_line_near"] == "near"
    works = np.array([rng.integers(*WORKS_DAYS[key]) for key in zip(cases["urban_rural"], near, strict=True)])
    days = np.busday_offset(cases["applied"].to_numpy("datetime64[D]"), rng.integers(2, 5, count), roll="forward")
    reply = pd.Series(days, cases.index).astype(cases["applied"].dtype)
    started = reply + pd.to_timedelta(rng.integers(1, 3, count), unit="D")
    finished = started + pd.to_timedelta(works, unit="D")
    done = finished + pd.to_timedelta(rng.integers(2, 5, count), unit="D")
    same_week = cases["applied"] + pd.to_timedelta(rng.choice([1, 2, 3], count, p=[0.58, 0.32, 0.1]), unit="D")
    important = cases["customer_class"] == "hv_double"
    return cases.assign(
        plan_replied=reply.where(high, cases["applied"]),
        design_reviewed=(reply + pd.Timedelta(days=1)).where(important),
        midway_checked=(reply + pd.Timedelta(days=8)).where(important),
        permit_days=pd.Series(rng.integers(2, 8, count), cases.index).where(high & (cases["urban_rural"] == "urban")),
        works_started=started.where(high),
        works_finished=finished.where(high),
        accepted=done.where(high),
        contract_signed=done.where(high),
        energised=done.where(high, same_week),
    )


def _money(cases: pd.DataFrame, high: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """Draw line length, who builds it, and what the customer pays."""
    count = len(cases)
    near = cases["public_line_near"] == "near"
    long_line = np.array([rng.integers(*LINE_M[key]) for key in zip(cases["urban_rural"], near, strict=True)])
    line = np.where(high, long_line, rng.integers(8, 150, count))
    utility_built = high & near & (rng.random(count) < RED_LINE_SHARE)
    own_line = (line * YUAN_PER_M + cases["capacity_kva"] * YUAN_PER_KVA) * rng.uniform(0.85, 1.15, count)
    above_free = cases["micro"] & (cases["capacity_kva"] > cases["urban_rural"].map(FREE_KVA))
    low_cost = np.where(above_free, line * 60.0, 0.0)
    cost = np.where(high, own_line.mask(utility_built, 0.0), low_cost)
    return cases.assign(
        line_m=line.astype(float),
        investment_boundary=np.select([~high, utility_built], ["meter_box", "red_line"], "grid_point"),
        customer_cost_yuan=cost.round(-2),
        deposit_yuan=0.0,
    )


def _people(unit: Unit, cases: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add names, phones and addresses (all invented), managers, and the call-back."""
    count = len(cases)
    serial = np.arange(1, count + 1)
    two = rng.random(count) < 0.35
    manager = rng.integers(1, 7, count)
    called = cases["energised"].notna() & (rng.random(count) < (0.72 if unit.by_hand else 1.0))
    return cases.assign(
        customer_name=[f"合成用户{number:04d}" for number in serial],
        phone=[f"100{int(unit.county.code[-4:]):04d}{number:04d}" for number in serial],
        address=[f"合成路{number}号" for number in serial],
        project_manager=pd.Series([f"项目经理{number}（合成）" for number in manager]).where(two),
        customer_manager=pd.Series([f"客户经理{number}（合成）" for number in manager]).where(two | (manager > 2)),
        called_back=(cases["energised"] + pd.to_timedelta(rng.integers(1, 6, count), unit="D")).where(called),
        callback_score=pd.Series(rng.choice([4, 5], count, p=[0.3, 0.7])).where(called),
    )
