"""Synthetic ledgers of the service: meters and payments, tickets, resale, checklists, visits to service halls."""

import numpy as np
import pandas as pd

from ge_analysis.demo.calibration import Unit, texts
from ge_analysis.settings.method import FieldName
from ge_analysis.settings.model import Model

RESALE_KINDS = {  # share of the catalogue price cut that is passed on, month by month
    "购物广场": (1.0,),
    "写字楼": (1.0, 1.0, 0.75),
    "物流园": (0.7,),
    "商住小区": (0.1, 0.1, 0.6, 1.0),
    "农贸市场": (0.0, 0.05),
}
CATALOGUE_YUAN, CUT_YUAN = 0.5362, 0.05
Answer = dict[FieldName, str | None]


class ChecklistItem(Model):
    """One item of `convenience.yml`: what was found everywhere, and differences of one grid (`grid_2`) or county."""

    item: str
    found: Answer
    differs: dict[str, Answer] = {}


def metering(unit: Unit) -> pd.DataFrame:
    """Return 计量与交费: card meters slowly replaced; no e-invoice."""
    rng, areas = unit.rng("metering"), unit.calibration.areas.values()
    meters = sum(area.customers for area in areas) * 62
    months = _months(unit)
    cards = (meters * unit.calibration.card_meters_pct / 100 * np.linspace(1, 0.94, len(months))).astype(int)
    online = ((meters - cards) * rng.uniform(0.78, 0.86, len(months))).astype(int)
    return pd.DataFrame(
        {
            "month": months,
            "smart_meters": meters - cards,
            "card_meters": cards,
            "online_payments": online,
            "offline_payments": (meters * rng.uniform(0.1, 0.14, len(months))).astype(int) + cards // 2,
            "e_invoices": 0,
            "paper_invoices": (meters * rng.uniform(0.012, 0.018, len(months))).astype(int),
        }
    )


def complaints(unit: Unit) -> pd.DataFrame:
    """Return 投诉回访: repairs begin within an hour; on paper, and not always with a call back, where work is done by hand."""
    rng, window = unit.rng("complaints"), unit.params.year.survey_period
    count = unit.calibration.connections // 2
    minutes = np.sort(rng.integers(0, (window.end - window.start).days * 1440 - 4320, count))
    received = pd.Series(pd.Timestamp(window.start) + pd.to_timedelta(minutes, unit="min"))
    kind = pd.Series(rng.choice(["repair", "enquiry", "complaint"], count, p=[0.55, 0.3, 0.15]))
    arrived = received + pd.to_timedelta(rng.integers(30, 60, count), unit="min")
    repaired = arrived + pd.to_timedelta(rng.integers(20, 200, count), unit="min")
    answered = received + pd.to_timedelta(rng.integers(10, 2800, count), unit="min")
    called = (kind.groupby(kind).cumcount() % 3 > 0) | (not unit.by_hand)
    return pd.DataFrame(
        {
            "ticket_id": [f"GD{unit.county.code}{serial:04d}" for serial in range(1, count + 1)],
            "ticket_kind": kind,
            "received": received,
            "arrived": arrived.where(kind == "repair"),
            "closed": repaired.where(kind == "repair", answered),
            "call_back_done": called,
            "satisfaction": pd.Series(rng.choice([4, 5], count, p=[0.25, 0.75])).where(called),
            "record_mode": "manual" if unit.by_hand else "system",
        }
    )


def resale(unit: Unit) -> pd.DataFrame:
    """Return 转供电: entities that pass on the cut of the catalogue price wholly, in part, or hardly at all.

    Which of them a county has, and in which month their turns begin, differs between counties.
    """
    months = [month for month in _months(unit) if month.year == unit.params.year.survey_period.end.year]
    rng = unit.rng("resale")
    rows = []
    kept = sorted(rng.choice(len(RESALE_KINDS), rng.integers(2, len(RESALE_KINDS) + 1), replace=False))
    for name, passed_on in [list(RESALE_KINDS.items())[kind] for kind in kept]:
        first = rng.integers(len(passed_on))
        base = round(CATALOGUE_YUAN + CUT_YUAN + rng.uniform(0.005, 0.02), 4)
        for number, month in enumerate(months):
            share = passed_on[(first + number) % len(passed_on)]
            rows.append((f"合成{name}", month, round(base - share * CUT_YUAN, 4), base, CATALOGUE_YUAN, CUT_YUAN))
    return pd.DataFrame(rows, columns=["entity", "month", "price", "base_price", "catalogue_price", "catalogue_cut"])


def convenience(unit: Unit) -> pd.DataFrame:
    """Return 便利度核查: the checklist of `convenience.yml` with the answers of the county's grid and the county itself."""
    day = pd.Timestamp(unit.params.year.survey_period.end) + pd.Timedelta(days=14 + len(unit.county.slug))
    rows = []
    for aspect, items in unit.read("convenience.yml", dict[str, tuple[ChecklistItem, ...]]).items():
        for item in items:
            found = item.found | item.differs.get(f"grid_{unit.grid_number}", {}) | item.differs.get(unit.profile, {})
            rows.append({"aspect": aspect, "item": item.item, "checked_on": day} | found)
    return pd.DataFrame(rows, columns=["aspect", "item", "result", "evidence", "problem", "checked_on", "highlight"])


def hall_visits(unit: Unit) -> pd.DataFrame:
    """Return 营业厅走访: friendly staff with patchy knowledge who give little guidance."""
    rng = unit.rng("hall_visits")
    sites = ("城区供电营业厅", "政务大厅供电窗口", "乡镇供电所营业厅")
    day = pd.Timestamp(unit.params.year.survey_period.end) + pd.to_timedelta(10 + np.arange(len(sites)), unit="D")
    return pd.DataFrame(
        {
            "site": sites,
            "visited_on": day,
            "knowledge": rng.integers(2, 5, len(sites)),
            "guidance": rng.integers(2, 4, len(sites)),
            "service_image": rng.integers(3, 5, len(sites)),
            "policy_posted": True,
            "record": rng.choice(texts().visits, len(sites)),
        }
    )


def _months(unit: Unit) -> pd.DatetimeIndex:
    window = unit.params.year.survey_period
    return pd.date_range(window.start, window.end, freq="MS", inclusive="left")
