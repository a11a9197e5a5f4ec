"""What was promised to those who ask for a connection: time limits, no investment, the red line (method 4)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ge_analysis.indicators import connection
from ge_analysis.indicators.arrays import as_floats
from ge_analysis.indicators.periods import inside
from ge_analysis.indicators.results import Tally
from ge_analysis.settings.method import Commitments
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.registry import registry

NO_CASE = "no case that the promise covers was completed in the period"


def compute(tables: Mapping[str, pd.DataFrame], params: Params, county: str) -> Tally:
    """Count how far the promises were kept in the cases completed in the period.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical table connections.
    params : Params
        Survey period and the promises.
    county : str
        Slug, or "city".
    """
    tally = Tally(tables, county, params.year.survey_period)
    cases, method = tables["connections"], params.method.connection
    done = inside(cases["energised"], tally.period).to_numpy()
    for voltage, case in method.cases.items():
        comparable = cases.index.isin(connection.comparable_cases(cases, case, tally.period).index)
        for boundary in registry().codes["investment_boundary"]:
            _share(
                tally,
                "investment_boundary_pct",
                comparable,
                cases["investment_boundary"] == boundary,
                voltage=voltage,
                item=boundary,
            )
        tally.median(
            "permit_days", "connections", comparable, cases["permit_days"].to_numpy(dtype=float), NO_CASE, voltage=voltage
        )
    high = done & cases["voltage"].isin(method.cases["high"].voltages).to_numpy()
    built = cases["investment_boundary"].isin(method.utility_builds)
    _share(tally, "red_line_pct", done & (cases["urban_rural"] == "urban").to_numpy(dtype=bool), built)
    _felt(tally, high & built.to_numpy(), params)
    _handling(tally, done, params)
    _zero_investment(tally, done, method.commitments)
    return tally


def _felt(tally: Tally, cases: np.ndarray, params: Params) -> None:
    """Count the interactions that the customer notices if the utility builds the line."""
    method, connections = params.method.connection, tally.tables["connections"]
    felt = connection.interactions(connections[cases], method=method)[list(method.felt_procedures)].notna().sum(axis=1)
    counts = felt.reindex(connections.index).to_numpy(dtype=float)
    usual = counts == connection.most_frequent(felt)
    tally.add("felt_procedures", "connections", cases, counts * usual, usual, voltage="high")
    tally.explain("felt_procedures", "no case whose line the utility built", voltage="high")


def _handling(tally: Tally, done: np.ndarray, params: Params) -> None:
    """Count the utility's own handling days by customer class, and how often plan and handling kept their limits.

    External works are not handling, whoever does them: they are a stage of their own, which is left out. The promise covers
    every voltage: customers above low voltage go through the stages of the high-voltage case.
    """
    method, cases = params.method.connection, tally.tables["connections"]
    promised = method.commitments
    days = pd.Series(np.nan, index=cases.index)
    reply = pd.Series(np.nan, index=cases.index)
    low = cases["voltage"].isin(method.cases["low"].voltages).to_numpy()
    for name, case in method.cases.items():
        of_case = low if name == "low" else ~low
        some = cases[done & of_case].assign(voltage=case.voltages[0])
        stages = connection.stage_days(some, promised.calendar, method=method)
        days.update(stages[[stage for stage in promised.handled_stages if stage in stages]].sum(axis=1, min_count=1))
        if "plan" in stages:
            reply.update(stages[["application", "plan"]].sum(axis=1, min_count=2))
    limits = cases["customer_class"].map(promised.handling_days).astype(float)
    covered = (days.notna() & limits.notna()).to_numpy()
    _share(tally, "plan_reply_kept_pct", reply.notna().to_numpy(), reply <= promised.plan_reply_days)
    _share(tally, "handling_kept_pct", covered, days <= limits)
    for customers in promised.handling_days:
        of_class = covered & (cases["customer_class"] == customers).to_numpy(dtype=bool)
        _share(tally, "handling_kept_pct", of_class, days <= limits, by="customer_class", group=customers)
        tally.median("handling_days", "connections", of_class, days.to_numpy(), NO_CASE, by="customer_class", group=customers)


def _zero_investment(tally: Tally, done: np.ndarray, promised: Commitments) -> None:
    """Count the micro enterprises up to the year's capacity that paid nothing."""
    cases = tally.tables["connections"]
    year = cases["energised"].dt.year
    limit = pd.Series(np.nan, index=cases.index)
    for first, limits in sorted(promised.zero_investment_kva.items()):
        limit = limit.mask(year >= first, cases["urban_rural"].map(limits).astype(float))
    low = cases["customer_class"] == "lv_business"
    covered = done & (low & cases["micro"].fillna(False).astype(bool) & (as_floats(cases["capacity_kva"]) <= limit)).to_numpy(
        dtype=bool
    )
    _share(tally, "zero_investment_kept_pct", covered, cases["customer_cost_yuan"] == 0)


def _share(tally: Tally, indicator: str, rows: np.ndarray, kept: pd.Series, **dims: str) -> None:
    tally.add(indicator, "connections", rows, kept.to_numpy(dtype=float), 1, **dims)
    tally.explain(indicator, NO_CASE, **dims)
