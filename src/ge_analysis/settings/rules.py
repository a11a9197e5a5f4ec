"""Models of `params/<year>/findings.yml` and `params/<year>/targets.yml`: when a value is a problem or good practice, and the targets.

Nothing in those files is evaluated as code: operators and the names that a text may use are closed lists.
"""

import math
from collections.abc import Callable
from string import Template
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from ge_analysis.errors import GeError, unknown
from ge_analysis.settings.model import Grid, Model
from ge_analysis.settings.registry import DIMENSIONS, value_codes

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "below": lambda value, limit: value < limit,
    "at_most": lambda value, limit: value <= limit,
    "above": lambda value, limit: value > limit,
    "at_least": lambda value, limit: value >= limit,
    "equals": lambda value, limit: value == limit,
    "missing": lambda value, limit: math.isnan(value),
}
TEXT_NAMES = ("counties", "count", "values", "range", "limit", "threshold", "city")
Topic = Literal["connection", "reliability", "index", "price", "convenience", "survey"]


class Wording(Template):
    """A rule's text: `$limit` and the like, and `${reliability.national_target_cut_pct}` for a number of the method."""

    braceidpattern = r"[a-z_]+(?:\.[a-z0-9_]+)*"

    def parameters(self) -> list[str]:
        """Return the names of the method's numbers that the text holds."""
        return [name for name in self.get_identifiers() if "." in name]


def number(method: Model, name: str) -> float:
    """Return a number of the method's parameters by its dotted name.

    Raises
    ------
    ValueError
        Where there is no such number.
    """
    found: Any = method
    for part in name.split("."):
        if isinstance(found, tuple):
            found = found[int(part)] if part.isdecimal() and int(part) < len(found) else None
        else:
            found = found.get(part) if isinstance(found, dict) else getattr(found, part, None)
    if not isinstance(found, int | float):
        raise ValueError(f"no number '{name}' under params/<year>/method")
    return float(found)


class Value(Model):
    """A reference to one value of the long indicator table."""

    indicator: str
    area: str = ""
    voltage: str = ""
    kind: str = ""
    item: str = ""
    by: str = ""
    group: str = ""

    @model_validator(mode="before")
    @classmethod
    def _known(cls, entry: object, info: ValidationInfo) -> object:
        if not isinstance(entry, dict) or not isinstance(entry.get("indicator"), str):
            return entry  # the fields' own checks say what is wrong
        dims = {name: entry[name] for name in DIMENSIONS if name in entry}
        demands = [demand.code for demand in info.context["method"].survey.demands] if info.context else []
        try:
            return entry | value_codes(entry["indicator"], dims, {"demand": demands})
        except GeError as error:
            raise ValueError(str(error)) from None

    @property
    def dims(self) -> dict[str, str]:
        """The dimensions that are named."""
        return {name: getattr(self, name) for name in DIMENSIONS if getattr(self, name)}


class Condition(Value):
    """How a value must compare with a number, a number of the method's parameters, or a target."""

    operator: Literal["below", "at_most", "above", "at_least", "equals", "missing"]
    limit: float | None = None
    parameter: Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_0-9]+)+$")] | None = None
    target_year: int | None = None

    @field_validator("parameter")
    @classmethod
    def _known_parameter(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name and info.context:
            number(info.context["method"], name)
        return name

    @model_validator(mode="after")
    def _known_target(self, info: ValidationInfo) -> Self:
        if self.target_year is not None and info.context and "targets" in info.context:
            same = [each for each in info.context["targets"] if (each.indicator, each.dims) == (self.indicator, self.dims)]
            years = {year for target in same for year in target.years}
            if self.target_year not in years:
                known = ", ".join(map(str, sorted(years))) or "no year"
                raise ValueError(f"targets.yml has no target of this value for {self.target_year} (it has {known})")
        return self

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        given = [name for name in ("limit", "parameter", "target_year") if getattr(self, name) is not None]
        if len(given) != (self.operator != "missing"):
            raise ValueError(
                "a condition takes exactly one of limit, parameter and target_year (none where the operator is missing)"
            )
        return self


class Rule(Model):
    """When something is a problem or good practice, and the text that reports it."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    topic: Topic
    title: str
    when: Annotated[tuple[Condition, ...], Field(min_length=1)]
    grid: Grid | None = None
    place: Literal["counties", "city"] = "counties"
    text: str

    @field_validator("text", "measure", "progress", check_fields=False)
    @classmethod
    def _known_names(cls, text: str, info: ValidationInfo) -> str:
        template = Wording(text)
        parameters = template.parameters()
        if set(template.get_identifiers()) - set(TEXT_NAMES) - set(parameters) or not template.is_valid():
            names = ", ".join(f"${name}" for name in TEXT_NAMES)
            raise ValueError(f"the text may use {names} and numbers of params/<year>/method, as ${{reliability.eligible_limit}}, only")
        if info.context:
            for name in parameters:
                number(info.context["method"], name)
        return text

    @model_validator(mode="after")
    def _threshold_known(self) -> Self:
        texts = (getattr(self, name, "") for name in ("text", "measure", "progress"))
        if self.when[0].limit is None and any("threshold" in Wording(text).get_identifiers() for text in texts):
            raise ValueError("$threshold needs a limit in the first condition")
        return self


class ProblemRule(Rule):
    """A problem with the measure that answers it."""

    measure: str
    responsible: str
    due: str
    progress: str


class FindingsParams(Model):
    """`params/<year>/findings.yml`."""

    problems: tuple[ProblemRule, ...]
    practices: tuple[Rule, ...]

    @model_validator(mode="after")
    def _distinct_ids(self) -> Self:
        ids = [rule.id for rule in (*self.problems, *self.practices)]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"two rules are called {', '.join(twice)}")
        return self


def _aim(aim: object, info: ValidationInfo) -> object:
    """Return the number of the method that a target names, as `reliability.eligible_limit`; other values as they are."""
    return number(info.context["method"], aim) if isinstance(aim, str) and info.context else aim


Aim = Annotated[float, BeforeValidator(_aim, json_schema_input_type=float | str)]


class Target(Value):
    """What an indicator is to reach by the end of each year, in the counties named or in all others (`params/<year>/targets.yml`)."""

    counties: tuple[str, ...] = ()
    grid: Grid | None = None
    years: Annotated[dict[int, Aim], Field(min_length=1)]
    better: Literal["higher", "lower"] = "higher"

    @field_validator("counties")
    @classmethod
    def _known_counties(cls, slugs: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        known = [county.slug for county in info.context["counties"]] if info.context else slugs
        for slug in slugs:
            if slug not in known:
                raise ValueError(str(unknown("county", slug, known)))
        return slugs

    def fits(self, slug: str, grid: str) -> bool:
        """Whether the target is for a county of this slug and grid."""
        return self.grid in (None, grid) and (not self.counties or slug in self.counties)
