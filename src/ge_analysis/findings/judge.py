"""The rules of `params/<year>/findings.yml` applied to the long indicator table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd

from ge_analysis.findings.naming import named
from ge_analysis.findings.targets import target_of
from ge_analysis.indicators.arrays import without_noise
from ge_analysis.indicators.results import DIMENSIONS
from ge_analysis.settings.parameters import County, Params
from ge_analysis.settings.registry import printed, registry
from ge_analysis.settings.rules import LATER_YEARS, OPERATORS, Condition, Rule, Wording, later_year, number

CITY = "city"
R = TypeVar("R", bound=Rule)


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
    """A problem, the measure that answers it, who is responsible, by when, and how progress is measured."""

    measure: str
    responsible: str
    due: str
    progress: str


def problems(indicators: pd.DataFrame, params: Params) -> list[Problem]:
    """Return the problems that the indicators show, in the order of the rules.

    Parameters
    ----------
    indicators : DataFrame
        Long table of one county or of several, with or without the city.
    params : Params
        Rules, counties, targets, and the numbers to which the rules refer.
    """
    return [
        Problem(
            **vars(finding),
            measure=_worded(rule.measure, words, params),
            responsible=_worded(rule.responsible, words, params),
            due=_worded(rule.due, words, params),
            progress=_worded(rule.progress, words, params),
        )
        for rule, finding, words in _matches(params.findings.problems, indicators, params)
    ]


def practices(indicators: pd.DataFrame, params: Params) -> list[Finding]:
    """Return the good practice that the indicators show, in the order of the rules; counties are not ranked.

    Parameters
    ----------
    indicators : DataFrame
        Long table of one county or of several, with or without the city.
    params : Params
        Rules, counties, targets, and the numbers to which the rules refer.
    """
    return [finding for _, finding, _ in _matches(params.findings.practices, indicators, params)]


Table = dict[tuple[str, ...], dict[str, float]]  # indicator and dimensions -> county -> value


def _by_key(indicators: pd.DataFrame) -> Table:
    """Index the long table by its keys."""
    table: Table = {}
    columns = (indicators[name].tolist() for name in ("county", "value", "indicator", *DIMENSIONS))  # to iterate texts is slow
    for county, value, *key in zip(*columns, strict=True):
        table.setdefault(tuple(key), {})[county] = value
    return table


def _matches(rules: Iterable[R], indicators: pd.DataFrame, params: Params) -> Iterator[tuple[R, Finding, dict[str, str]]]:
    """Yield each rule that holds somewhere, with what it found and the words that its texts may use."""
    table = _by_key(indicators)
    for rule in rules:
        counties = _counties(rule, table, params)
        if counties:
            words = _words(rule.when[0], counties, table, params)
            slugs = tuple(unit.slug for unit in counties)
            yield rule, Finding(rule.id, rule.topic, rule.title, _worded(rule.text, words, params), slugs), words


def _counties(rule: Rule, table: Table, params: Params) -> list[County]:
    """Return the counties in which all conditions of a rule hold; the city itself for a rule of the city."""
    present = _values(rule.when[0], table)
    counties = [unit for unit in params.counties if unit.slug in present and rule.grid in (None, unit.grid)]
    if rule.place == CITY:
        counties = [County.model_construct(slug=CITY, name=params.study.city, code="", grid="")] if CITY in present else []
    for condition in rule.when:
        values = _values(condition, table)
        counties = [
            unit for unit in counties if _holds(condition, values.get(unit.slug, np.nan), _limit(condition, unit, params))
        ]
    return counties


def _worded(text: str, words: dict[str, str], params: Params) -> str:
    """Fill in what a rule's text names; a number of the method is written as in its file."""
    wording = Wording(text)
    return wording.substitute(words | {name: f"{number(params.method, name):g}" for name in wording.parameters()})


def _values(condition: Condition, table: Table) -> dict[str, float]:
    return table.get((condition.indicator, *(condition.dims.get(name, "") for name in DIMENSIONS)), {})


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
    names = named(counties, known, params, params.county_noun)
    concerned = {unit.grid for unit in counties}
    return {
        **{name: str(later_year(params.study_year, name)) for name in LATER_YEARS},
        "companies": "、".join(grid.company for grid in params.grids if grid.code in concerned or concerned == {""}),
        "counties": names,
        "count": str(len(counties)),
        "values": _listed({unit.name: _with_unit(condition, values[unit.slug]) for unit in counties}, names),
        "range": _range(condition, [values[unit.slug] for unit in counties]),
        "threshold": "" if condition.limit is None else f"{condition.limit:g}",
        "limit": _range(condition, [_limit(condition, unit, params) for unit in counties]),
        "city": _with_unit(condition, values.get(CITY, np.nan)),
    }


def _listed(shown: dict[str, str], names: str) -> str:
    """List the counties' printed values; each with its county's name, unless the text before names them one by one."""
    if len(shown) > 1 and len(set(shown.values())) == 1:
        return f"均为{next(iter(shown.values()))}"
    values = shown.values() if names == "、".join(shown) else [f"{name}{value}" for name, value in shown.items()]
    return ("分别为" if len(shown) > 1 else "为") + "、".join(values)


def _with_unit(condition: Condition, value: float) -> str:
    return printed(condition.indicator, value) + registry().indicators[condition.indicator].unit


def _range(condition: Condition, values: list[float]) -> str:
    """Print the span of the values with the unit, or the one value that they all are printed as."""
    known = sorted(value for value in values if not np.isnan(value))
    if not known:
        return printed(condition.indicator, np.nan)
    unit = registry().indicators[condition.indicator].unit
    ends = dict.fromkeys(printed(condition.indicator, value) for value in (known[0], known[-1]))
    return ("%至" if unit == "%" else "至").join(ends) + unit  # GB/T 15835—2011: 15%～30%, not 15～30%
