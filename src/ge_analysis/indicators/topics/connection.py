"""Connections of the two standard cases: procedures, time and cost (method 4)."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from ge_analysis.indicators import connection
from ge_analysis.indicators.results import Tally, median_weights
from ge_analysis.settings.method import StandardCase
from ge_analysis.settings.parameters import Params

NO_CASE = "no comparable case completed in the period"
NOT_USUAL = "fewer than half of the cases undergo this stage"
CALENDARS: dict[connection.Calendar, tuple[str, str]] = {
    "calendar": ("stage_days", "time_days"),
    "working": ("stage_working_days", "time_working_days"),
}
SPLITS = ("urban_rural", "public_line_near", "investment_boundary", "customer_class")


def compute(tables: Mapping[str, pd.DataFrame], params: Params, county: str) -> Tally:
    """Count procedures, times and costs of one place, by voltage, and by the splits of each.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical table connections.
    params : Params
        Survey period, income, rates and the method's cases.
    county : str
        Slug, or "city".
    """
    tally = Tally(tables, county, params.year.survey_period)
    connections = tables["connections"]
    for voltage, case in params.method.connection.cases.items():
        facts = _facts(connections, params, case)
        comparable = facts.comparable
        _of_cases(tally, facts, comparable, voltage=voltage)
        for stage, days in facts.days["calendar"].items():
            undergone = days.notna().to_numpy()
            _add(tally, "stage_undergone_pct", comparable, undergone, comparable, voltage=voltage, item=str(stage))
        for by in SPLITS:
            for group in sorted(connections.loc[comparable, by].dropna().unique()):
                of_group = comparable & (connections[by] == group).to_numpy(dtype=bool)
                _of_cases(tally, facts, of_group, voltage=voltage, by=by, group=group)
    return tally


class Cases(NamedTuple):
    """What is known of each row of the ledger; missing for cases that are not comparable."""

    comparable: np.ndarray
    interactions: np.ndarray
    cost: np.ndarray
    days: dict[connection.Calendar, pd.DataFrame]
    elapsed: np.ndarray


def _facts(connections: pd.DataFrame, params: Params, case: StandardCase) -> Cases:
    """Work out the interactions, days by calendar and stage, and cost of the cases of one voltage."""
    method, year = params.method.connection, params.year
    cases = connection.comparable_cases(connections, case, year.survey_period)
    counts = connection.interactions(cases, method=method).notna().sum(axis=1)
    cost = connection.case_cost(cases, year.income, *year.rates, method=method)
    days = {calendar: connection.stage_days(cases, calendar, method=method).reindex(connections.index) for calendar in CALENDARS}
    return Cases(
        connections.index.isin(cases.index),
        counts.reindex(connections.index).to_numpy(),
        cost.reindex(connections.index).to_numpy(),
        days,
        connection.elapsed_days(days["calendar"]).to_numpy(),
    )


def _of_cases(tally: Tally, facts: Cases, cases: np.ndarray, **dims: str) -> None:
    """Count procedures, times and cost of some comparable cases."""
    usual = facts.interactions == connection.most_frequent(pd.Series(facts.interactions[cases]))
    _add(tally, "procedures", cases, facts.interactions * usual, usual, **dims)
    for calendar, (of_stage, total) in CALENDARS.items():
        usual_stages = connection.usual_stages(facts.days[calendar][cases])
        for stage, all_days in zip(map(str, facts.days[calendar]), facts.days[calendar].to_numpy().T, strict=True):
            if stage not in usual_stages:
                tally.explain(of_stage, NOT_USUAL if cases.any() else NO_CASE, item=stage, **dims)
                continue
            days = np.where(cases, all_days, np.nan)
            weights = median_weights(days)
            middle = np.where(weights > 0, weights * days, 0)
            _add(tally, of_stage, ~np.isnan(days), middle, weights, item=stage, **dims)
            tally.add(total, "connections", cases, middle, counts=stage == usual_stages[0], **dims)
        tally.explain(total, NO_CASE, **dims)
    elapsed = np.where(cases, facts.elapsed, np.nan)
    tally.median("elapsed_days", "connections", cases, elapsed, NO_CASE, **dims)
    longest = elapsed == np.fmax.reduce(elapsed, initial=0)
    _add(tally, "longest_days", cases, np.where(longest, elapsed, 0), longest, **dims)
    tally.median("cost_pct_income", "connections", cases, facts.cost / 100, NO_CASE, **dims)


def _add(tally: Tally, indicator: str, cases: np.ndarray, numerator: np.ndarray, denominator: np.ndarray, **dims: str) -> None:
    tally.add(indicator, "connections", cases, numerator, denominator, **dims)
    tally.explain(indicator, NO_CASE, **dims)
