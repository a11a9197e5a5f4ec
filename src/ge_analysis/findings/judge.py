"""The rules of `params/<year>/findings.yml` applied to the long indicator table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ge_analysis.findings.naming import named
from ge_analysis.findings.targets import target_of
from ge_analysis.indicators.arrays import without_noise
from ge_analysis.settings.dates import LATER_YEARS, later_year
from ge_analysis.settings.keys import DIMENSIONS
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.places import CITY, County
from ge_analysis.settings.registry import MISSING, printed, registry
from ge_analysis.settings.rules import (
    OPERATORS,
    TEXT_NAMES,
    Condition,
    ProblemRule,
    Rule,
    Value,
    Wording,
    number,
)

MOST_LISTED = 15  # values in one sentence; of more, the range is given
ITEM_MET = "checklist_item_met"
SERVED = ("customers_served", *("all" if name == "area" else "" for name in DIMENSIONS))
ASPECT, GROUP = (1 + DIMENSIONS.index(name) for name in ("item", "group"))  # positions in a key of the table


@dataclass(frozen=True)
class Finding:
    """What a rule found.

    Attributes
    ----------
    rule, topic, title : str
        Id, topic and heading of the rule.
    text : str
        What was found, with its numbers.
    counties : tuple of str
        Slugs of the counties concerned, in administrative order.
    """

    rule: str
    topic: str
    title: str
    text: str
    counties: tuple[str, ...]


@dataclass(frozen=True)
class Problem(Finding):
    """A problem, its cause, and the measure that answers it.

    Attributes
    ----------
    aspect : str
        Aspect of convenience whose checklist shows the problem; empty for other problems.
    demands : tuple of str
        Codes of the customers' demands that it answers.
    measured : bool
        Whether values show it, rather than only a checklist or customers.
    cause, measure, responsible, due : str
        Why it exists, what is to be done, by whom and by when.
    start, goal : str
        Value at the start, and the value to reach.
    decision : str
        What the client is asked to decide; may be empty.
    weight : float
        Distance from the limit (0 to 1) times customers, over the counties concerned.
    """

    aspect: str
    demands: tuple[str, ...]
    measured: bool
    cause: str
    measure: str
    responsible: str
    due: str
    start: str
    goal: str
    decision: str
    weight: float


WORDED = ("cause", "measure", "responsible", "due", "start", "goal", "decision")


def problems(indicators: pd.DataFrame, params: Params) -> list[Problem]:
    """Return the problems that the indicators show, in the order of the rules.

    A rule's conditions and the items of its checklist count alike; customers' demands count only if both show nothing.

    Parameters
    ----------
    indicators : DataFrame
        Long table of one county or of several, with or without the city.
    params : Params
        Rules, counties, targets, and the numbers to which the rules refer.
    """
    table = _by_key(indicators)
    served = table.get(SERVED, {})
    found = []
    for rule in params.findings.problems:
        seen = _seen(rule, table, params)
        if seen is None:
            continue
        counties, measured, text, words, distances = seen
        found.append(
            Problem(
                rule.id,
                rule.topic,
                rule.title,
                text,
                tuple(unit.slug for unit in counties),
                aspect=rule.check.aspect if rule.check else "",
                demands=rule.demands,
                measured=measured,
                weight=sum(distances[unit.slug] * served.get(unit.slug, 0) for unit in counties),
                **{name: _worded(getattr(rule, name), words, params) for name in WORDED},
            )
        )
    return found


Seen = tuple[list[County], bool, str, dict[str, str], dict[str, float]]  # counties, whether measured, text, words, distances


def _seen(rule: ProblemRule, table: "Table", params: Params) -> Seen | None:
    """Return where a problem is seen and its text; None if it is not seen."""
    measured = _counties(rule, table, params) if rule.when else []
    if measured:
        condition = rule.when[0]
        words = _words(condition, measured, table, params)
        values = _values(condition, table)
        distances = {unit.slug: _distance(condition, values[unit.slug], _limit(condition, unit, params)) for unit in measured}
        unmet, _ = _checked(rule, table, params)
        text = _worded(rule.text, words, params)
        everywhere = [unit for unit in params.counties if unit in measured or unit in unmet] or measured
        distances = {unit.slug: 1.0 for unit in everywhere} | distances
        return everywhere, True, text, words | {"companies": _companies(everywhere, params)}, distances
    unmet, items = _checked(rule, table, params)
    if unmet:
        words = _unmeasured(rule, unmet, params) | {"range": "核查未达要求"}
        text = f"{words['counties']}核查未达要求：{'、'.join(items)}。"
        return unmet, False, text, words, {unit.slug: 1.0 for unit in unmet}
    voiced, labels = _voiced(rule, table, params)
    if voiced:
        words = _unmeasured(rule, voiced, params) | {"range": "用户提出诉求"}
        text = f"{words['counties']}的受访者提出：{'、'.join(labels)}。"
        return voiced, False, text, words, {unit.slug: 0.0 for unit in voiced}  # a demand has no distance
    return None


def _checked(rule: ProblemRule, table: "Table", params: Params) -> tuple[list[County], list[str]]:
    """Return the counties that do not meet an item of a rule's checklist, and those items."""
    slugs: set[str] = set()
    items: list[str] = []
    for key, values in table.items():
        if rule.check and key[0] == ITEM_MET and rule.check.covers(key[ASPECT], key[GROUP]):
            unmet = {slug for slug, value in values.items() if value == 0 and slug != CITY}
            items += [key[GROUP]] if unmet else []
            slugs |= unmet
    return [unit for unit in params.counties if unit.slug in slugs], items


def _voiced(rule: ProblemRule, table: "Table", params: Params) -> tuple[list[County], list[str]]:
    """Return the counties whose customers voice a demand of a rule, or else the city, and the labels of the demands."""
    labels = {demand.code: demand.label for demand in params.method.survey.demands}
    said = {code: {slug for slug, count in _values(_demand(code), table).items() if count > 0} for code in rule.demands}
    counties = [unit for unit in (*params.counties, _city(params)) if any(unit.slug in slugs for slugs in said.values())]
    counties = [unit for unit in counties if unit.slug != CITY] or counties
    return counties, [labels[code] for code, slugs in said.items() if slugs]


def _demand(code: str) -> Value:
    return Value.model_construct(indicator="demand_count", item=code)


def _distance(condition: Condition, value: float, limit: float) -> float:
    """Return how far a value is from the limit that it breaks: 0 to 1, and 1 if there is nothing in between."""
    if condition.operator in ("equals", "missing") or not limit:
        return 1.0
    return min(1.0, abs(value - limit) / abs(limit))


def practices(indicators: pd.DataFrame, params: Params) -> list[Finding]:
    """Return the good practice that the indicators show, in the order of the rules; counties are not ranked.

    Parameters
    ----------
    indicators : DataFrame
        Long table of one county or of several, with or without the city.
    params : Params
        Rules, counties, targets, and the numbers to which the rules refer.
    """
    table = _by_key(indicators)
    found = []
    for rule in params.findings.practices:
        counties = _counties(rule, table, params)
        if counties:
            words = _words(rule.when[0], counties, table, params)
            slugs = tuple(unit.slug for unit in counties)
            found.append(Finding(rule.id, rule.topic, rule.title, _worded(rule.text, words, params), slugs))
    return found


Table = dict[tuple[str, ...], dict[str, float]]  # indicator and dimensions -> county -> value


def _by_key(indicators: pd.DataFrame) -> Table:
    """Index the long table by its keys."""
    table: Table = {}
    columns = (
        indicators[name].tolist() for name in ("county", "value", "indicator", *DIMENSIONS)
    )  # string columns iterate slowly
    for county, value, *key in zip(*columns, strict=True):
        table.setdefault(tuple(key), {})[county] = value
    return table


def _counties(rule: Rule, table: Table, params: Params) -> list[County]:
    """Return the counties in which all conditions of a rule hold; the city itself for a rule about the city."""
    present = _values(rule.when[0], table)
    counties = [unit for unit in params.counties if unit.slug in present and rule.grid in (None, unit.grid)]
    if rule.place == CITY:
        counties = [_city(params)] if CITY in present else []
    for condition in rule.when:
        values = _values(condition, table)
        counties = [
            unit for unit in counties if _holds(condition, values.get(unit.slug, np.nan), _limit(condition, unit, params))
        ]
    return counties


def _city(params: Params) -> County:
    return County.model_construct(slug=CITY, name=params.study.city, code="", grid="")


def _worded(text: str, words: dict[str, str], params: Params) -> str:
    """Fill in the names in a rule's text; numbers of the method are written as in their files."""
    wording = Wording(text)
    return wording.substitute(words | {name: f"{number(params.method, name):g}" for name in wording.parameters()})


def _values(wanted: Value, table: Table) -> dict[str, float]:
    return table.get((wanted.indicator, *(wanted.dims.get(name, "") for name in DIMENSIONS)), {})


def _limit(condition: Condition, county: County, params: Params) -> float:
    """Return the number that a county's value is compared with."""
    if condition.parameter:
        return number(params.method, condition.parameter)
    if condition.target:
        return target_of(params, condition, county, later_year(params.study_year, condition.target))
    return np.nan if condition.limit is None else condition.limit


def _holds(condition: Condition, value: float, limit: float) -> bool:
    return OPERATORS[condition.operator](without_noise(value), limit)


def _words(condition: Condition, counties: list[County], table: Table, params: Params) -> dict[str, str]:
    """Return the values of the names that a rule's text may use."""
    values = _values(condition, table)
    known = [unit for unit in params.counties if unit in counties or not np.isnan(values.get(unit.slug, np.nan))]
    words = _named_words(counties, known, params)
    shown = {unit.name: _with_unit(condition, values[unit.slug]) for unit in counties}
    span = _range(condition, [values[unit.slug] for unit in counties])
    return words | {
        "values": f"为{span}" if len(counties) > MOST_LISTED else _listed(shown, words["counties"]),
        "range": span,
        "threshold": _threshold(condition),
        "limit": _range(condition, [_limit(condition, unit, params) for unit in counties]),
        "city": _with_unit(condition, values.get(CITY, np.nan)),
    }


def _named_words(counties: list[County], known: Sequence[County], params: Params) -> dict[str, str]:
    """Return the values of the names that need no value of an indicator."""
    return {
        **{name: str(later_year(params.study_year, name)) for name in LATER_YEARS},
        "companies": _companies(counties, params),
        "counties": named(counties, known, params),
        "count": str(len(counties)),
        "client": params.study.client,
        "noun": params.county_noun,
    }


def _companies(counties: list[County], params: Params) -> str:
    """Name the grid companies of some counties; all for the city."""
    concerned = {unit.grid for unit in counties}
    return "、".join(grid.company for grid in params.grids if grid.code in concerned or concerned == {""})


def _unmeasured(rule: ProblemRule, counties: list[County], params: Params) -> dict[str, str]:
    """Return the values of the names for a problem that no value shows: its texts may name the limit but no value."""
    words = dict.fromkeys(TEXT_NAMES, MISSING) | _named_words(counties, params.counties, params)
    if rule.when:
        limits = [_limit(rule.when[0], unit, params) for unit in counties]
        words |= {"limit": _range(rule.when[0], limits), "threshold": _threshold(rule.when[0])}
    return words


def _threshold(condition: Condition) -> str:
    return "" if condition.limit is None else f"{condition.limit:g}"


def _listed(shown: dict[str, str], names: str) -> str:
    """List the counties' printed values, each with its county's name unless the text has just named the counties one by one."""
    if len(shown) > 1 and len(set(shown.values())) == 1:
        return f"均为{next(iter(shown.values()))}"
    values = shown.values() if names == "、".join(shown) else [f"{name}{value}" for name, value in shown.items()]
    return ("分别为" if len(shown) > 1 else "为") + "、".join(values)


def _with_unit(condition: Condition, value: float) -> str:
    return printed(condition.indicator, value) + registry().indicators[condition.indicator].unit


def _range(condition: Condition, values: list[float]) -> str:
    """Print the range of the values with the unit, or the single value if all print the same."""
    known = sorted(value for value in values if not np.isnan(value))
    if not known:
        return printed(condition.indicator, np.nan)
    unit = registry().indicators[condition.indicator].unit
    ends = dict.fromkeys(printed(condition.indicator, value) for value in (known[0], known[-1]))
    return ("%～" if unit == "%" else "～").join(ends) + unit  # GB/T 15835—2011: 15%～30%, not 15～30%
