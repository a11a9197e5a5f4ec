"""The eight aspects of convenience: checklists, related measurements, and visits to service halls (method 6)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ge_analysis.indicators.arrays import Column, Numbers
from ge_analysis.indicators.periods import inside
from ge_analysis.indicators.results import Tally
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.registry import registry

VISIT_SCORES = ("knowledge", "guidance", "service_image")
NO_ROW = "nothing recorded in the period"


def compute(tables: Mapping[str, pd.DataFrame], params: Params, county: str) -> Tally:
    """Count convenience of one place.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical tables convenience, metering, complaints, outages, connections, feeders, hall_visits.
    params : Params
        Periods, and what counts as notice in time and by SMS.
    county : str
        Slug, or "city".

    Returns
    -------
    Tally
        Shares [%], medians and counts, in the units of docs/glossary.md, with the ledger rows behind each.

    References
    ----------
    Method 6.
    """
    tally = Tally(tables, county, params.year.survey_period)
    _checklists(tally)
    _items_met(tally)
    _meters_and_bills(tally)
    _tickets(tally)
    _visits(tally)
    high = tables["connections"]["customer_class"].str.startswith("hv_").to_numpy(dtype=bool)
    done = inside(tables["connections"]["energised"], tally.period).to_numpy()
    named = tables["connections"][["project_manager", "customer_manager"]].notna().all(axis=1).to_numpy()
    _share(tally, "connection_call_back_pct", "connections", done, tables["connections"]["called_back"].notna().to_numpy())
    _share(tally, "two_managers_pct", "connections", done & high, named)
    published = tables["feeders"]["open_capacity_kva"].notna().to_numpy()
    _share(tally, "capacity_published_pct", "feeders", np.ones(len(published), dtype=bool), published)
    return tally


def notices(tables: Mapping[str, pd.DataFrame], params: Params, county: str) -> Tally:
    """Count how long ahead, and how, scheduled outages of the reliability period were announced: each by its first step.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical table outages.
    params : Params
        Reliability period, hours ahead, words that mean SMS.
    county : str
        Slug, or "city".

    Returns
    -------
    Tally
        notice_lead_hours [h], notice_in_time_pct and notice_sms_pct [%], with the ledger rows behind each.

    References
    ----------
    Method 6.
    """
    tally = Tally(tables, county, params.year.reliability_period)
    outages, method = tables["outages"], params.method.convenience
    first_step = ~outages.sort_values("started", kind="stable").duplicated(["county", "event_id"]).reindex(outages.index)
    scheduled = (first_step & (outages["kind"] == "scheduled") & inside(outages["started"], tally.period)).to_numpy(dtype=bool)
    lead = (outages["started"] - outages["announced_at"]).to_numpy() / np.timedelta64(1, "h")
    sms = outages["notice"].fillna("").str.contains("|".join(method.sms_words)).to_numpy(dtype=bool)
    tally.median("notice_lead_hours", "outages", scheduled, lead, NO_ROW)
    _share(tally, "notice_in_time_pct", "outages", scheduled, lead >= method.notice_hours)
    _share(tally, "notice_sms_pct", "outages", scheduled, sms)
    return tally


def _checklists(tally: Tally) -> None:
    """Count the results of the checklist of each aspect."""
    checks = tally.tables["convenience"]
    aspects, results = Column(checks["aspect"]), Column(checks["result"])
    first = ~checks.duplicated(["aspect", "item"]).to_numpy()
    for aspect in registry().codes["convenience_aspect"]:
        rows = aspects.among(aspect)
        _share(tally, "checklist_met_pct", "convenience", rows, results.among("yes"), item=aspect)
        if rows.any():
            tally.add("checklist_items", "convenience", rows & first, 1, item=aspect)
        for result in registry().codes["check_result"]:
            if rows.any():
                tally.add(
                    "checklist_results", "convenience", rows & results.among(result), 1, item=aspect, by="result", group=result
                )


def _items_met(tally: Tally) -> None:
    """Count the counties that meet each item: those whose rows on it all say so, each by its first row."""
    checks = tally.tables["convenience"]
    of_county = ["county", "aspect", "item"]
    wholly = (checks["result"] == "yes").groupby([checks[name] for name in of_county]).transform("all").to_numpy(dtype=bool)
    counted = wholly & ~checks.duplicated(of_county).to_numpy()
    aspects, items = Column(checks["aspect"]), Column(checks["item"])
    for aspect, item in checks[["aspect", "item"]].drop_duplicates().itertuples(index=False):
        rows = counted & aspects.among(aspect) & items.among(item)
        tally.add("checklist_item_met", "convenience", rows, 1, item=aspect, by="check_item", group=item)


def _meters_and_bills(tally: Tally) -> None:
    """Count meters at the end of the period, and payments and invoices during it."""
    metering = tally.tables["metering"]
    within = inside(metering["month"], tally.period).to_numpy()
    months = metering["month"].where(within)
    last = (months == months.groupby(metering["county"]).transform("max")).to_numpy(dtype=bool)
    columns = ("smart_meters", "card_meters", "online_payments", "offline_payments", "e_invoices", "paper_invoices")
    smart, card, online, offline, electronic, paper = (metering[name].to_numpy(dtype=float) for name in columns)
    tally.add("card_meters", "metering", last, card)
    if not last.any():
        tally.note("card_meters", np.nan, 0, NO_ROW)
    _share(tally, "smart_meter_pct", "metering", last, smart, smart + card)
    _share(tally, "online_payment_pct", "metering", within, online, online + offline)
    _share(tally, "e_invoice_pct", "metering", within, electronic, electronic + paper)


def _tickets(tally: Tally) -> None:
    """Count call-backs, records and the time until someone arrives."""
    tickets = tally.tables["complaints"]
    within = inside(tickets["received"], tally.period).to_numpy()
    complaints = within & (tickets["ticket_kind"] == "complaint").to_numpy(dtype=bool)
    repairs = within & (tickets["ticket_kind"] == "repair").to_numpy(dtype=bool)
    minutes = (tickets["arrived"] - tickets["received"]).to_numpy() / np.timedelta64(1, "m")
    _share(tally, "call_back_pct", "complaints", complaints, tickets["call_back_done"].fillna(False).to_numpy(dtype=bool))
    _share(tally, "record_system_pct", "complaints", within, (tickets["record_mode"] == "system").to_numpy(dtype=bool))
    tally.median("repair_arrival_minutes", "complaints", repairs, minutes, NO_ROW)


def _visits(tally: Tally) -> None:
    """Count the scores of visits to service halls, including visits after the period."""
    visits = tally.tables["hall_visits"]
    every = np.ones(len(visits), dtype=bool)
    for item in VISIT_SCORES:
        tally.add("hall_score", "hall_visits", every, visits[item].to_numpy(dtype=float), 1, item=item)
        tally.explain("hall_score", NO_ROW, item=item)
    _share(tally, "policy_posted_pct", "hall_visits", every, visits["policy_posted"].fillna(False).to_numpy(dtype=bool))


def _share(tally: Tally, indicator: str, table: str, rows: np.ndarray, part: np.ndarray, whole: Numbers = 1, **dims: str) -> None:
    """Count a share of rows, or of their numbers."""
    tally.add(indicator, table, rows, part, whole, **dims)
    tally.explain(indicator, NO_ROW, **dims)
