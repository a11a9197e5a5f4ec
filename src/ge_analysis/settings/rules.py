"""Models of a year's `findings.yml` and `targets.yml`: when a value is a problem or good practice, and the targets.

Nothing in these files is run as code: operators and the names that a text may use are fixed lists.
"""

import math
from collections.abc import Callable
from string import Template
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from ge_analysis.errors import GeError, unknown
from ge_analysis.language import N_, _
from ge_analysis.settings.dates import LATER_YEARS, LaterYear, due_date, later_year
from ge_analysis.settings.model import Model
from ge_analysis.settings.registry import DIMENSIONS, CodeOf, indicator, value_codes

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "below": lambda value, limit: value < limit,
    "at_most": lambda value, limit: value <= limit,
    "above": lambda value, limit: value > limit,
    "at_least": lambda value, limit: value >= limit,
    "equals": lambda value, limit: value == limit,
    "missing": lambda value, limit: math.isnan(value),
}
TEXT_NAMES = ("counties", "count", "values", "range", "limit", "threshold", "city", "companies", "client", "noun")
Topic = Literal["connection", "reliability", "index", "price", "convenience", "survey"]


def known_grid(code: str, info: ValidationInfo) -> str:
    """Return a grid's code; raise a ValueError if grids.yml lacks it."""
    known = [grid.code for grid in info.context["grids"]] if info.context and "grids" in info.context else [code]
    if code not in known:
        raise ValueError(str(unknown(N_("grid"), code, known)))
    return code


GridCode = Annotated[str, AfterValidator(known_grid)]


def _known_counties(slugs: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    known = [county.slug for county in info.context["counties"]] if info.context else slugs
    for slug in slugs:
        if slug not in known:
            raise ValueError(str(unknown(N_("county"), slug, known)))
    return slugs


CountySlugs = Annotated[tuple[str, ...], AfterValidator(_known_counties)]


class Wording(Template):
    """A rule's text, with `$limit` and the like, and `${reliability.national_target_cut_pct}` for a number of the method."""

    braceidpattern = r"[a-z_]+(?:\.[a-z0-9_]+)*"

    def parameters(self) -> list[str]:
        """Return the names of the method's numbers in the text."""
        return [name for name in self.get_identifiers() if "." in name]


def number(method: Model, name: str) -> float:
    """Return a number of the method's parameters by its dotted name.

    Raises
    ------
    ValueError
        If there is no such number.
    """
    found: Any = method
    for part in name.split("."):
        if isinstance(found, tuple):
            found = found[int(part)] if part.isdecimal() and int(part) < len(found) else None
        else:
            found = found.get(part) if isinstance(found, dict) else getattr(found, part, None)
    if not isinstance(found, int | float):
        raise ValueError(_("no number '{name}' under params/<year>/method", name=name))
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
            return entry  # the fields' own validation reports what is wrong
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
        """The dimensions given."""
        return {name: getattr(self, name) for name in DIMENSIONS if getattr(self, name)}


def _known_target(value: Value, name: str, info: ValidationInfo) -> None:
    """Raise a ValueError where targets.yml has no target of a value by the later year named."""
    if info.context and "targets" in info.context:
        wanted = later_year(info.context["year"], name)
        same = [each for each in info.context["targets"] if (each.indicator, each.dims) == (value.indicator, value.dims)]
        years = {year for target in same for year in target.years}
        if not any(year <= wanted for year in years):
            known = ", ".join(map(str, sorted(years))) or _("no year")
            raise ValueError(
                _("targets.yml has no target of this value for {wanted} (it has {known})", wanted=wanted, known=known)
            )


class Condition(Value):
    """How a value must compare with a number, a parameter of the method, or a target."""

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
    def _has_target(self, info: ValidationInfo) -> Self:
        if self.target is not None:
            _known_target(self, self.target, info)
        return self

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        given = [name for name in ("limit", "parameter", "target") if getattr(self, name) is not None]
        if len(given) != (self.operator != "missing"):
            raise ValueError(
                _("a condition takes exactly one of limit, parameter and target (none where the operator is missing)")
            )
        return self


class Rule(Model):
    """When something is a problem or good practice, and the text about it."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    topic: Topic
    title: str
    when: Annotated[tuple[Condition, ...], Field(min_length=1)]
    grid: GridCode | None = None
    place: Literal["counties", "city"] = "counties"
    text: str

    @field_validator("text", "start", "cause", "measure", "goal", "responsible", "due", "decision", check_fields=False)
    @classmethod
    def _known_names(cls, text: str, info: ValidationInfo) -> str:
        template = Wording(text)
        parameters = template.parameters()
        if set(template.get_identifiers()).difference(TEXT_NAMES, LATER_YEARS, parameters) or not template.is_valid():
            names = ", ".join(f"${name}" for name in (*TEXT_NAMES, *LATER_YEARS))
            raise ValueError(
                _("the text may use {names} and numbers of the method, as ${{reliability.eligible_limit}}, only", names=names)
            )
        if info.context:
            for name in parameters:
                number(info.context["method"], name)
        return text

    @model_validator(mode="after")
    def _threshold_known(self) -> Self:
        texts = (getattr(self, name, "") for name in ("text", "measure", "goal"))
        known = bool(self.when) and self.when[0].limit is not None
        if not known and any("threshold" in Wording(text).get_identifiers() for text in texts):
            raise ValueError(_("$threshold needs a limit in the first condition"))
        return self


class Check(Model):
    """Items of the checklists: those of one aspect whose names contain one of the words."""

    aspect: Annotated[str, CodeOf("convenience_aspect")]
    words: Annotated[tuple[str, ...], Field(min_length=1)]

    def covers(self, aspect: str, item: str) -> bool:
        """Whether an item of an aspect is among them."""
        return aspect == self.aspect and any(word in item for word in self.words)


class ProblemRule(Rule):
    """A problem with its cause and the measure that answers it.

    It is found if all conditions hold or an item of the checklist is not met or, failing both, if customers ask for a remedy.

    Attributes
    ----------
    check : Check, optional
        Items of the checklist about the same problem.
    demands : tuple of str
        Codes of the survey's demands about the same problem.
    start, goal : str
        Value at the start, and the value to reach.
    decision : str
        What the client is asked to decide; empty if nothing.
    """

    when: tuple[Condition, ...] = ()
    text: str = ""
    check: Check | None = None
    demands: tuple[str, ...] = ()
    cause: str
    measure: str
    responsible: str
    due: str
    start: str = "$range"
    goal: str
    decision: str = ""

    @field_validator("demands")
    @classmethod
    def _known_demands(cls, codes: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        known = [demand.code for demand in info.context["method"].survey.demands] if info.context else codes
        for code in codes:
            if code not in known:
                raise ValueError(str(unknown(N_("demand"), code, known)))
        return codes

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if not (self.when or self.check or self.demands):
            raise ValueError(_("a problem takes `when`, `check` or `demands`; it has none of them"))
        if bool(self.when) != bool(self.text):
            raise ValueError(_("a problem has a `text` where it has `when`, and only there"))
        return self

    @field_validator("due")
    @classmethod
    def _after_the_report(cls, due: str, info: ValidationInfo) -> str:
        if info.context:
            year, reported = info.context["year"], info.context["report_date"]
            text = Template(due).safe_substitute({name: later_year(year, name) for name in LATER_YEARS})
            if due_date(text) <= reported:
                raise ValueError(_("{text} is not after the report's date, {reported}", text=text, reported=reported))
        return due


class Recommendation(Model):
    """A recommendation beyond the measures for single problems, and the problems that it answers."""

    title: str
    text: str
    answers: Annotated[tuple[str, ...], Field(min_length=1)]


def _aim(aim: object, info: ValidationInfo) -> object:
    """Return the number of the method that a target names, such as `reliability.eligible_limit`; other values unchanged."""
    return number(info.context["method"], aim) if isinstance(aim, str) and info.context else aim


Aim = Annotated[float, BeforeValidator(_aim, json_schema_input_type=float | str)]


class Headline(Value):
    """A number of the city that can lead the summary, with its target and its previous value.

    Attributes
    ----------
    target : float or str
        What every county is to reach: a number, the name of one of the method's, or a later year of targets.yml.
    before : str
        An indicator with the same dimensions, or the name of one of the method's numbers; empty if unknown.
    better : {"higher", "lower"}
        Which side of the target is good.
    """

    target: Aim | LaterYear
    before: str = ""
    better: Literal["higher", "lower"] = "higher"

    @model_validator(mode="after")
    def _has_target(self, info: ValidationInfo) -> Self:
        if isinstance(self.target, str):
            _known_target(self, self.target, info)
        return self

    @field_validator("before")
    @classmethod
    def _known_before(cls, name: str, info: ValidationInfo) -> str:
        if name.startswith("connection.base.") and info.context and info.context["method"].connection.base is None:
            return ""  # a study may have no evaluation to compare with
        if "." in name and info.context:
            number(info.context["method"], name)
        elif name:
            indicator(name)
        return name


class FindingsParams(Model):
    """`params/<year>/findings.yml`."""

    problems: tuple[ProblemRule, ...]
    practices: tuple[Rule, ...]
    recommendations: tuple[Recommendation, ...] = ()
    headlines: tuple[Headline, ...] = ()

    @model_validator(mode="after")
    def _known_problems(self) -> Self:
        ids = [rule.id for rule in self.problems]
        for entry in self.recommendations:
            for name in entry.answers:
                if name not in ids:
                    raise ValueError(
                        _(
                            "the recommendation {title} answers no problem: {unknown}",
                            title=entry.title,
                            unknown=unknown(N_("problem"), name, ids),
                        )
                    )
        return self

    @model_validator(mode="after")
    def _every_demand_has_a_measure(self, info: ValidationInfo) -> Self:
        answered = {code for rule in self.problems for code in rule.demands}
        for demand in info.context["method"].survey.demands if info.context else ():
            if demand.code not in answered:
                raise ValueError(
                    _(
                        "no problem has the demand {code} ({label}) of survey.yml: it has no measure",
                        code=demand.code,
                        label=demand.label,
                    )
                )
        return self

    @model_validator(mode="after")
    def _distinct_ids(self) -> Self:
        ids = [rule.id for rule in (*self.problems, *self.practices)]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(_("two rules are called {twice}", twice=", ".join(twice)))
        return self


class Target(Value):
    """What an indicator is to reach by the end of each year, in the counties named or in all others (`targets.yml`)."""

    counties: CountySlugs = ()
    grid: GridCode | None = None
    years: Annotated[dict[int, Aim], Field(min_length=1)]
    better: Literal["higher", "lower"] = "higher"

    def fits(self, slug: str, grid: str) -> bool:
        """Whether the target applies to a county of this slug and grid."""
        return self.grid in (None, grid) and (not self.counties or slug in self.counties)
