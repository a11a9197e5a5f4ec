"""Models of `findings.yml` and `targets.yml` of a year: when a value is a problem or good practice, and the targets.

Nothing in those files is evaluated as code: operators and the names that a text may use are closed lists.
"""

import math
import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date
from string import Template
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from ge_analysis.errors import GeError, unknown
from ge_analysis.settings.model import Model
from ge_analysis.settings.registry import DIMENSIONS, value_codes

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "below": lambda value, limit: value < limit,
    "at_most": lambda value, limit: value <= limit,
    "above": lambda value, limit: value > limit,
    "at_least": lambda value, limit: value >= limit,
    "equals": lambda value, limit: value == limit,
    "missing": lambda value, limit: math.isnan(value),
}
TEXT_NAMES = ("counties", "count", "values", "range", "limit", "threshold", "city", "companies")
LATER_YEARS = ("first_year", "second_year", "third_year")  # after the study's
LaterYear = Literal["first_year", "second_year", "third_year"]
Topic = Literal["connection", "reliability", "index", "price", "convenience", "survey"]


def later_year(year: int, name: str) -> int:
    """Return the year that a rule names relative to the study's.

    Examples
    --------
    >>> later_year(2021, "second_year")
    2023
    """
    return year + 1 + LATER_YEARS.index(name)


def known_grid(code: str, info: ValidationInfo) -> str:
    """Return a grid's code; raise a ValueError for one that grids.yml does not have."""
    known = [grid.code for grid in info.context["grids"]] if info.context and "grids" in info.context else [code]
    if code not in known:
        raise ValueError(str(unknown("grid", code, known)))
    return code


GridCode = Annotated[str, AfterValidator(known_grid)]


def _known_counties(slugs: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    known = [county.slug for county in info.context["counties"]] if info.context else slugs
    for slug in slugs:
        if slug not in known:
            raise ValueError(str(unknown("county", slug, known)))
    return slugs


CountySlugs = Annotated[tuple[str, ...], AfterValidator(_known_counties)]


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
        known = {}
        if info.context:
            known["demand"] = [demand.code for demand in info.context["method"].survey.demands]
            known["grid"] = [grid.code for grid in info.context["grids"]]
        try:
            return entry | value_codes(entry["indicator"], dims, known)
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
    target: LaterYear | None = None

    @field_validator("parameter")
    @classmethod
    def _known_parameter(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name and info.context:
            number(info.context["method"], name)
        return name

    @model_validator(mode="after")
    def _known_target(self, info: ValidationInfo) -> Self:
        if self.target is not None and info.context and "targets" in info.context:
            wanted = later_year(info.context["year"], self.target)
            same = [each for each in info.context["targets"] if (each.indicator, each.dims) == (self.indicator, self.dims)]
            years = {year for target in same for year in target.years}
            if wanted not in years:
                known = ", ".join(map(str, sorted(years))) or "no year"
                raise ValueError(f"targets.yml has no target of this value for {wanted} (it has {known})")
        return self

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        given = [name for name in ("limit", "parameter", "target") if getattr(self, name) is not None]
        if len(given) != (self.operator != "missing"):
            raise ValueError("a condition takes exactly one of limit, parameter and target (none where the operator is missing)")
        return self


class Rule(Model):
    """When something is a problem or good practice, and the text that reports it."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    topic: Topic
    title: str
    when: Annotated[tuple[Condition, ...], Field(min_length=1)]
    grid: GridCode | None = None
    place: Literal["counties", "city"] = "counties"
    text: str

    @field_validator("text", "measure", "progress", "responsible", "due", check_fields=False)
    @classmethod
    def _known_names(cls, text: str, info: ValidationInfo) -> str:
        template = Wording(text)
        parameters = template.parameters()
        if set(template.get_identifiers()).difference(TEXT_NAMES, LATER_YEARS, parameters) or not template.is_valid():
            names = ", ".join(f"${name}" for name in (*TEXT_NAMES, *LATER_YEARS))
            raise ValueError(f"the text may use {names} and numbers of the method, as ${{reliability.eligible_limit}}, only")
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


_END = re.compile(r"(\d{4})年(?:(\d{1,2})月)?底")


def due_date(text: str) -> date:
    """Return the day by which a measure is due: the last of a year (2022年底) or of a month (2022年6月底).

    Raises
    ------
    ValueError
        For other words.

    Examples
    --------
    >>> due_date("2022年底"), due_date("2024年2月底")
    (datetime.date(2022, 12, 31), datetime.date(2024, 2, 29))
    """
    found = _END.fullmatch(text)
    if not found or not 1 <= int(found[2] or 12) <= 12:
        raise ValueError(f"'{text}' is no due date; write $first_year年底 or $first_year年6月底")
    year, month = int(found[1]), int(found[2] or 12)
    return date(year, month, monthrange(year, month)[1])


class ProblemRule(Rule):
    """A problem with the measure that answers it."""

    measure: str
    responsible: str
    due: str
    progress: str

    @field_validator("due")
    @classmethod
    def _after_the_report(cls, due: str, info: ValidationInfo) -> str:
        if info.context:
            year, reported = info.context["year"], info.context["report_date"]
            text = Template(due).safe_substitute({name: later_year(year, name) for name in LATER_YEARS})
            if due_date(text) <= reported:
                raise ValueError(f"{text} is not after the report's date, {reported}")
        return due


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
    """What an indicator is to reach by the end of each year, in the counties named or in all others (`targets.yml`)."""

    counties: CountySlugs = ()
    grid: GridCode | None = None
    years: Annotated[dict[int, Aim], Field(min_length=1)]
    better: Literal["higher", "lower"] = "higher"

    def fits(self, slug: str, grid: str) -> bool:
        """Whether the target is for a county of this slug and grid."""
        return self.grid in (None, grid) and (not self.counties or slug in self.counties)
