"""B-READY of the city: answers from the checklist and the ledgers, figures, and the points of the study's edition (method 12)."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from ge_analysis.indicators.b_ready import answered, scored
from ge_analysis.indicators.connection import comparable_cases
from ge_analysis.indicators.cost import case_cost
from ge_analysis.indicators.periods import inside
from ge_analysis.indicators.price import monthly_bill, tariffs_in_force
from ge_analysis.indicators.results import Link, Tally
from ge_analysis.indicators.score import distance_to_frontier
from ge_analysis.settings.method import BReadyIndicator
from ge_analysis.settings.parameters import Params

NO_ANSWER = "neither the checklist (B-READY核查) nor a ledger answers it"
NO_PERCENTILES = "the parameters have no percentiles to score the figure by"
INCOMPLETE = "one of the parts is missing"
NOTHING_BEFORE = "no value of the city in the year before was reported"
NO_CASE = "no comparable case completed in the period"
NO_TARIFF = "no tariff of this category and voltage"
TOO_FEW = "fewer answers of firms than an estimate needs"


def compute(
    tables: Mapping[str, pd.DataFrame], city_tables: Mapping[str, pd.DataFrame], params: Params, others: list[Tally]
) -> Tally:
    """Count the answers, the figures and the points of the city.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical tables connections and survey of all counties.
    city_tables : mapping of str to DataFrame
        Canonical tables b_ready, previous_indicators and tariffs.
    params : Params
        The schemes, the survey period and the income per capita.
    others : list of Tally
        What the other topics counted for the city; it answers some questions.
    """
    tally = Tally({**tables, **city_tables}, "city", params.year.survey_period)
    _published(tally)
    _figures(tally, params)
    scores: dict[str, float] = {}
    for subcategories in params.method.b_ready.scheme.pillars.values():
        for indicators in subcategories.values():
            for name, indicator in indicators.items():
                scores[name] = _score(tally, name, indicator, params, [*others, tally])
    of = _made_of(tally, params)
    for part, points in scored(scores, method=params.method.b_ready).items():
        figure = _figure_of(part, params)
        missing = NO_PERCENTILES if figure and not np.isnan(tally.value(figure)) else NO_ANSWER if part in scores else INCOMPLETE
        tally.note("b_ready_points", points, reason=missing, of=of[part], item=part)
    return tally


def _made_of(tally: Tally, params: Params) -> dict[str, list[Link]]:
    """Return what each part of the edition follows from: an indicator from answers or a figure, others from their parts."""
    pillars = params.method.b_ready.scheme.pillars
    of: dict[str, list[Link]] = {}

    def whole(part: str, parts: Iterable[str]) -> None:
        of[part] = [tally.link("b_ready_points", inner, item=inner) for inner in parts]

    whole("total", pillars)
    for pillar, subcategories in pillars.items():
        whole(pillar, subcategories)
        for subcategory, indicators in subcategories.items():
            whole(subcategory, indicators)
            for name, indicator in indicators.items():
                answers = [tally.link("b_ready_answer", question, item=question) for question in indicator.questions]
                of[name] = [tally.link(indicator.figure)] if indicator.figure else answers
    return of


def _published(tally: Tally) -> None:
    """Count last year's published indices of the city that have a source."""
    before = tally.tables["previous_indicators"]
    of_city = before["place"] == "city"
    own = of_city & (before["area"] == "all") & before["value_source"].notna()
    for indicator in ("saidi_hours", "saifi"):
        rows = (own & (before["indicator"] == indicator)).to_numpy(dtype=bool)
        tally.add("published_before", "previous_indicators", rows, 1, item=indicator)
        if not of_city.any():  # not reported at all, which is not the same as not published
            tally.note("published_before", np.nan, 0, NOTHING_BEFORE, item=indicator)


def _score(tally: Tally, name: str, indicator: BReadyIndicator, params: Params, others: list[Tally]) -> float:
    """Return the score of an indicator, 0 to 1, and count the answers to its questions."""
    method = params.method.b_ready
    if indicator.figure:
        frontier = method.percentiles.get(name)
        value = tally.value(indicator.figure)
        return float(distance_to_frontier(value, frontier.worst, frontier.best)) / 100 if frontier else np.nan
    return answered([_answer(tally, question, params, others) for question in indicator.questions], indicator.needs)


def _answer(tally: Tally, question: str, params: Params, others: list[Tally]) -> float:
    """Return the answer to a question: the median of the checklist's answers, else what a ledger shows."""
    checklist = tally.tables["b_ready"]
    rows = (checklist["item"] == question).to_numpy(dtype=bool)
    if rows.any():
        tally.median("b_ready_answer", "b_ready", rows, checklist["answer"].to_numpy(dtype=float), NO_ANSWER, item=question)
    else:
        answer, of = _derived(question, params, others)
        tally.note("b_ready_answer", answer, 0, NO_ANSWER, of, item=question)
    return tally.value("b_ready_answer", item=question)


def _derived(question: str, params: Params, others: list[Tally]) -> tuple[float, list[Link]]:
    """Return the answer of a ledger (1 yes, 0 no, NaN if none has one) and the value behind it."""
    if rule := params.method.b_ready.derived.get(question):
        for other in others:
            value = other.value(rule.indicator, item=rule.item)
            if not np.isnan(value):
                return float(value >= rule.at_least), [other.link(rule.indicator, item=rule.item)]
    return np.nan, []


def _figure_of(part: str, params: Params) -> str | None:
    """Return the figure behind an indicator; None for any other part."""
    for subcategories in params.method.b_ready.scheme.pillars.values():
        for indicators in subcategories.values():
            if part in indicators:
                return indicators[part].figure
    return None


def _figures(tally: Tally, params: Params) -> None:
    """Count the figures of the third pillar."""
    method, year, tables = params.method.b_ready, params.year, tally.tables
    connections = tables["connections"]
    costs = case_cost(connections, year.income, *year.rates, method=params.method.connection).to_numpy() / 100
    for size, case in method.cases.items():
        rows = connections.index.isin(comparable_cases(connections, case, tally.period).index)
        tally.median("b_ready_connection_cost_pct", "connections", rows, costs, NO_CASE, item=size)
    both = [tally.value("b_ready_connection_cost_pct", item=size) for size in method.cases]
    of = [tally.link("b_ready_connection_cost_pct", size, item=size) for size in method.cases]
    tally.note("b_ready_connection_cost_pct", sum(both) / len(both), None, NO_CASE, of)
    firms = inside(connections["energised"], tally.period) & (connections["customer_class"] != "residential")
    days = (connections["energised"] - connections["applied"]).to_numpy() / np.timedelta64(1, "D")
    tally.median("b_ready_time_days", "connections", firms.to_numpy(dtype=bool), days, NO_CASE)
    _bill(tally, params)
    answers = tables["survey"]
    asked = (answers["respondent_class"] != "resident").to_numpy(dtype=bool)
    for name, column in {
        "b_ready_outages_per_month": answers["outages_per_month"],
        "b_ready_outage_hours": answers["typical_outage_hours"],
        "b_ready_no_generator_pct": 1 - answers["generator"].astype("Float64"),
    }.items():
        values = column.to_numpy(dtype=float, na_value=np.nan)
        tally.add(name, "survey", asked & ~np.isnan(values), values, 1)
        n = tally.sums(name)[2]
        if n < method.survey_answers:
            tally.note(name, np.nan, n, TOO_FEW)


def _bill(tally: Tally, params: Params) -> None:
    """Count the bill of the standard month, averaged over the grids."""
    case = params.method.b_ready.bill
    tariffs = tally.tables["tariffs"]
    in_force = tariffs_in_force(tariffs, params.year.report_date)
    wanted = in_force[(in_force["category"] == case.category) & (in_force["tariff_voltage"] == case.voltage)]
    bills = monthly_bill(wanted, case.kwh, case.kva, case.kw, method=params.method.price)
    amounts = pd.Series(bills.total, wanted.index).reindex(tariffs.index)
    tally.add("b_ready_bill_pct", "tariffs", amounts.notna().to_numpy(), amounts.to_numpy(dtype=float), params.year.income)
    tally.explain("b_ready_bill_pct", NO_TARIFF)
