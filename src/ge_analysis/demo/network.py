"""Synthetic feeders, customers served, outages and live-line jobs."""

import numpy as np
import pandas as pd

from ge_analysis.demo.calibration import HOUSEHOLDS, Area, Unit, texts

STATIONS = ("东坪", "南坡", "西塬", "北川", "新城", "河湾", "柳沟", "石桥", "杨庄", "青山")
CAUSES = {
    "scheduled": {"planned_maintenance": 0.9, "other": 0.1},
    "fault": {
        "equipment_fault": 0.36,
        "natural": 0.27,
        "external_damage": 0.15,
        "customer": 0.13,
        "upstream_grid": 0.05,
        "other": 0.04,
    },
    "shortage": {"supply_capacity": 1.0},
}
KINDS = {"scheduled": 0.5, "fault": 0.47, "shortage": 0.03}
RELATIVE_HOURS = {"scheduled": 1.4, "fault": 0.65, "shortage": 1.0}  # of an interruption, relative to the mean
MONTH_WEIGHTS = {  # maintenance in spring and autumn, storms in summer
    "scheduled": (3, 3, 10, 13, 13, 8, 6, 6, 12, 13, 9, 4),
    "fault": (6, 5, 6, 7, 9, 13, 17, 15, 8, 5, 4, 5),
    "shortage": (12, 4, 1, 0, 0, 6, 20, 18, 3, 0, 4, 32),
}
STORM_SHARE = 0.4  # of the weather faults, on the county's one storm day
JOB_TYPES = ("带电断引流线", "带电接引流线", "带电更换绝缘子", "带电清除异物", "旁路作业检修")


def customers(unit: Unit) -> pd.DataFrame:
    """Return 用户数: medium-voltage customers (transformer districts and dedicated supplies) and the households behind them."""
    areas = unit.calibration.areas
    rows = [(area, "mv", served.customers) for area, served in areas.items()]
    rows += [(area, "lv", served.customers * HOUSEHOLDS[area]) for area, served in areas.items()]
    served = pd.DataFrame(rows, columns=["area_type", "unit", "customers_served"])
    if unit.calibration.served_at == "middle":
        return served.assign(moment="middle")
    growth = served["customers_served"] // 50
    start = served.assign(moment="start", customers_served=served["customers_served"] - growth)
    return pd.concat(
        [start, served.assign(moment="end", customers_served=served["customers_served"] + growth)], ignore_index=True
    )


def feeders(unit: Unit) -> pd.DataFrame:
    """Return 线路: feeders distributed over the area types like their customers."""
    rng, equipped = unit.rng("feeders"), unit.calibration.feeders
    served = pd.Series({area: target.customers for area, target in unit.calibration.areas.items()})
    share = (served.cumsum() / served.sum() * equipped.count).round().astype(int)
    area = np.repeat(served.index, np.diff(share, prepend=0))
    number = np.arange(equipped.count)
    station = np.array(STATIONS)[number % len(STATIONS)]
    rural = area == "rural"
    rank = rng.permutation(equipped.count) / equipped.count * 100
    automated = rank < equipped.automated_pct
    return pd.DataFrame(
        {
            "feeder": [f"{name}{511 + index // len(STATIONS)}线" for name, index in zip(station, number, strict=True)],
            "substation": [f"{name}变电站" for name in station],
            "area_type": area,
            "length_km": np.where(rural, rng.uniform(9, 42, len(area)), rng.uniform(2, 12, len(area))).round(2),
            "interconnected": rng.permutation(equipped.count) / equipped.count * 100 < equipped.interconnected_pct,
            "automation": np.select([rank < equipped.automated_pct / 3, automated], ["three_remote", "two_remote"], "none"),
            "self_healing": rank < equipped.self_healing_pct,
            "year_built": rng.integers(1992, 2020, len(area)),
            "open_capacity_kva": rng.integers(0, 60, len(area)) * 100,
        }
    )


def outages(unit: Unit, network: pd.DataFrame) -> pd.DataFrame:
    """Return 停电事件 on the feeders of `network`: steps up to each area type's SAIFI, with hours scaled to its SAIDI."""
    rng = unit.rng("outages")
    period = unit.params.year.reliability_period
    storm = pd.Timestamp(period.start) + pd.Timedelta(days=int(rng.integers(165, 225)))
    steps = pd.concat([_area_steps(unit, area, target, storm, rng) for area, target in unit.calibration.areas.items()])
    steps = pd.concat([steps, _uncounted(unit, steps, rng)], ignore_index=True)
    events = steps.drop_duplicates("event").sort_values("started", kind="stable").set_index("event")
    serials = [f"{unit.county.code}-{period.start.year}-{serial:05d}" for serial in range(1, len(events) + 1)]
    name = pd.Series(serials, events.index)
    by_area = network.groupby("area_type")["feeder"]
    feeder = events.groupby("area_type")["area_type"].transform(
        lambda same: rng.choice(by_area.get_group(same.iloc[0]), len(same))
    )
    steps = steps.assign(event_id=steps["event"].map(name), feeder=steps["event"].map(feeder))
    steps["customers"] *= steps["area_type"].map(unit.behind)
    return _announced(unit, steps, rng).sort_values(["event_id", "restored"], ignore_index=True).drop(columns="event")


def interrupted_customers(unit: Unit, network: pd.DataFrame, interruptions: pd.DataFrame) -> pd.DataFrame:
    """Return 停电用户明细: the customers of an area form a ring, in which each feeder has its own segment."""
    rng = unit.rng("interrupted_customers")
    events = interruptions.groupby("event_id", sort=False).agg({"feeder": "first", "area_type": "first", "customers": "sum"})
    parts = []
    for number, (area, target) in enumerate(unit.calibration.areas.items(), 1):
        lines = network.loc[network["area_type"] == area, "feeder"]
        apart = target.customers / len(lines)
        starts = pd.Series(np.arange(len(lines)) * apart, lines)
        own = events[events["area_type"] == area]
        first = (own["feeder"].map(starts).astype(float) + rng.uniform(0, apart, len(own))).astype(int)
        rows = own.index.repeat(own["customers"])
        neighbour = pd.Series(rows).groupby(rows, sort=False).cumcount().to_numpy()
        serial = (first.loc[rows].to_numpy() + neighbour) % target.customers + 1
        parts.append(pd.DataFrame({"event_id": rows, "customer_id": [f"{unit.county.code}{number}{one:05d}" for one in serial]}))
    return pd.concat(parts).sort_values("event_id", kind="stable", ignore_index=True)


def live_line_jobs(unit: Unit, network: pd.DataFrame, interruptions: pd.DataFrame) -> pd.DataFrame:
    """Return 不停电作业: jobs that save the county's share of hour·customers."""
    planned = interruptions.query("kind == 'scheduled'")
    hours = (planned["restored"] - planned["started"]).dt.total_seconds() / 3600 * planned["customers"]
    share = unit.calibration.live_line_pct / 100
    rng, saved = unit.rng("live_line_jobs"), hours.sum() * share / (1 - share)
    areas = unit.calibration.areas
    mean_size = sum(map(unit.served, areas)) / sum(area.customers for area in areas.values())
    count = round(saved / mean_size / 75)
    weight = rng.uniform(0.5, 1.5, count)
    start = pd.Timestamp(unit.params.year.reliability_period.start)
    return pd.DataFrame(
        {
            "job_id": [f"{unit.county.code}-BTD-{serial:03d}" for serial in range(1, count + 1)],
            "date": start + pd.to_timedelta(np.sort(rng.integers(10, 355, count)), unit="D"),
            "feeder": rng.choice(network["feeder"], count),
            "job_type": rng.choice(JOB_TYPES, count),
            "saved_hour_customers": (saved * weight / weight.sum()).round(1),
        }
    )


def _area_steps(unit: Unit, area: str, target: Area, storm: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the interruption steps of one area type; `event` numbers the events within the county."""
    sizes = _sizes_up_to(round(target.saifi * target.customers), max(target.customers // 6, 4), rng)
    kind = rng.choice(list(KINDS), len(sizes), p=list(KINDS.values()))
    events = pd.DataFrame({"size": sizes, "kind": kind, "event": [f"{area}{number}" for number in range(len(sizes))]})
    events["cause"] = events.groupby("kind")["kind"].transform(
        lambda same: rng.choice(list(CAUSES[same.iloc[0]]), len(same), p=list(CAUSES[same.iloc[0]].values()))
    )
    events["started"] = _starts(unit, events, storm, rng)
    events["raw_hours"] = rng.lognormal(0, 0.45, len(events)) * events["kind"].map(RELATIVE_HOURS)
    events["parts"] = np.where(sizes >= 6, 1 + rng.binomial(2, 0.17, len(sizes)), 1)
    steps = events.loc[events.index.repeat(events["parts"])].reset_index(drop=True)
    order = steps.groupby("event", sort=False).cumcount()
    last = order == steps["parts"] - 1
    steps["customers"] = np.where(last, steps["size"] - steps["size"] // steps["parts"] * order, steps["size"] // steps["parts"])
    raw = steps["raw_hours"] * (order + 1) / steps["parts"]
    hours = raw * target.saidi_hours * target.customers / (raw * steps["customers"]).sum()
    floor = unit.params.year.duration_floor_minutes
    minutes = np.maximum((hours * 60).round(), floor + 2 + 2 * order)
    steps["restored"] = steps["started"] + pd.to_timedelta(minutes, unit="min")
    return steps.assign(area_type=area, external=steps["cause"] == "upstream_grid")[
        ["event", "area_type", "kind", "cause", "started", "restored", "customers", "external"]
    ]


def _sizes_up_to(total: int, largest: int, rng: np.random.Generator) -> np.ndarray:
    """Draw numbers of interrupted customers that add up to `total`."""
    sizes: np.ndarray = np.clip(rng.gamma(2.0, 6.5, total + 1).astype(int) + 1, 1, largest)
    count = int(np.searchsorted(sizes.cumsum(), total)) + 1
    sizes = sizes[:count]
    sizes[-1] -= sizes.sum() - total
    return sizes


def _starts(unit: Unit, events: pd.DataFrame, storm: pd.Timestamp, rng: np.random.Generator) -> pd.Series:
    """Draw when the events begin: planned work in the morning, faults at any time, bad weather mostly on one day."""
    period = unit.params.year.reliability_period
    days = pd.date_range(period.start, period.end, inclusive="left")
    day = pd.Series(storm, index=events.index)
    for kind, weights in MONTH_WEIGHTS.items():
        chance = np.array(weights, dtype=float)[days.month - 1]
        chosen = events.index[events["kind"] == kind]
        day[chosen] = rng.choice(days, len(chosen), p=chance / chance.sum())
    stormy = (events["cause"] == "natural") & (rng.random(len(events)) < STORM_SHARE)
    planned = events["kind"] != "fault"
    minute = np.where(planned, rng.integers(12, 20, len(events)) * 30, rng.integers(0, 1380, len(events)))
    return day.mask(stormy, storm) + pd.to_timedelta(minute, unit="min")


def _uncounted(unit: Unit, steps: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return what else real ledgers contain: flickers below the floor, outages until midnight and across the period's edges."""
    period = unit.params.year.reliability_period
    short = steps.loc[steps["kind"] == "fault"].sample(12, random_state=rng)
    floor = int(unit.params.year.duration_floor_minutes)
    short = short.assign(
        event=[f"short{number}" for number in range(len(short))],
        restored=short["started"] + pd.to_timedelta(rng.integers(1, floor + 1, len(short)), unit="min"),
    )
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    midnight = start + pd.Timedelta(days=61)
    edges = short.head(3).assign(
        event=["edge0", "edge1", "edge2"],
        cause="equipment_fault",
        external=False,
        started=[start - pd.Timedelta(hours=3), midnight - pd.Timedelta(minutes=140), end - pd.Timedelta(minutes=95)],
        restored=[start + pd.Timedelta(hours=1), midnight, end + pd.Timedelta(minutes=50)],
    )
    return pd.concat([short, edges])


def _announced(unit: Unit, steps: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add announcement, kind of notice and note, the same for all steps of an event."""
    first = steps.drop_duplicates("event").set_index("event")
    posted = pd.to_timedelta(rng.integers(9, 18, len(first)) - 24 * rng.integers(2, 5, len(first)), unit="h")
    announced = first["kind"] != "fault"
    sms = rng.random(len(first)) * 100 < unit.calibration.sms_pct
    first["announced_at"] = (first["started"].dt.normalize() + posted).where(announced)
    first["notice"] = pd.Series(np.where(sms, "张贴公告、微信群、短信", "张贴公告、微信群"), first.index).where(announced)
    weather = pd.Series(rng.choice(texts().weather, len(first)), first.index)
    first["note"] = weather.where(first["cause"] == "natural")
    return steps.join(first[["announced_at", "notice", "note"]], on="event")
