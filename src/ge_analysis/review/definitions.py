"""How indicators follow from other values, and which parameters affect them; read from `definitions.yml`."""

from functools import cache, reduce
from pathlib import Path
from typing import NamedTuple

from ge_analysis.settings.model import Model
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.yaml_files import read_yaml


class Definition(Model):
    """What some indicators have in common.

    Attributes
    ----------
    indicators : tuple of str
        Their names in the registry.
    formula : str
        How a value follows from others; "" if it is the sum of its rows.
    parameters : tuple of str
        The parameters that affect it, by their paths in `Params`: year.survey_period.
    """

    indicators: tuple[str, ...]
    formula: str = ""
    parameters: tuple[str, ...] = ()


class Parameter(NamedTuple):
    """A parameter that affected a value: its file below params/, its key there ("" for the whole file) and its value."""

    file: str
    key: str
    value: object


@cache
def definition(indicator: str) -> Definition:
    """Return the definition of an indicator of the registry; one that is not listed is the sum of its rows.

    Examples
    --------
    >>> definition("score").formula
    '({score_procedures} + {score_time} + {score_cost} + {score_index}) ÷ 4'
    """
    return _definitions().get(indicator, Definition(indicators=(indicator,)))


@cache
def _definitions() -> dict[str, Definition]:
    found = read_yaml(Path(__file__).with_name("definitions.yml"), tuple[Definition, ...])
    return {name: each for each in found for name in each.indicators}


def parameter(params: Params, year: int, path: str) -> Parameter:
    """Return a parameter by its path in `Params`, with the file and key in which to change it.

    Examples
    --------
    >>> from ge_analysis import Study
    >>> parameter(Study.open(2021).params, 2021, "method.score.index.best")
    Parameter(file='2021/method/score.yml', key='index.best', value=8.0)
    """
    steps = path.split(".")
    value = reduce(getattr, steps, params)
    if steps[0] == "study":
        return Parameter("study.yml", ".".join(steps[1:]), value)
    file = steps[: 2 if steps[0] == "method" and len(steps) > 1 else 1]
    return Parameter(f"{year}/{'/'.join(file)}.yml", ".".join(steps[len(file) :]), value)
