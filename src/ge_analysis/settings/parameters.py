"""The study's parameters: YAML files under params/, read into typed models.

`params/study.yml` says whom the study measures; all that decides the figures and words of one year is in `params/<year>/`, so
that a year once published can be built again after any later change. A key that no model knows is an error. The JSON Schemas
under params/schema/ are made from the models (`write_schemas`), so an editor completes and checks the YAML.
"""

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, TypeAdapter, ValidationInfo, model_validator

from ge_analysis.errors import GeError
from ge_analysis.settings.method import Method
from ge_analysis.settings.model import Grid, Model, Percent
from ge_analysis.settings.rules import FindingsParams, Target
from ge_analysis.settings.yaml_files import read_yaml
from ge_analysis.storage.files import write_text
from ge_analysis.storage.paths import find_root, shipped


class Period(Model):
    """A half-open span of days: `start` is in it, `end` is not."""

    start: date
    end: date

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end <= self.start:
            raise ValueError("end must be after start")
        return self

    @property
    def last(self) -> date:
        """The last day that is in the period."""
        return self.end - timedelta(days=1)

    @property
    def hours(self) -> int:
        """Hours of the period [h]; 8 784 in 2020."""
        return (self.end - self.start).days * 24


class Sourced(Model):
    """A figure about the city together with where it was published."""

    value: Annotated[float, Field(ge=0)]
    source: str


class Year(Model):
    """Periods of one study year and figures about the city (`params/<year>/year.yml`)."""

    reliability_period: Period
    survey_period: Period
    report_date: date
    statistical_unit: Literal["mv", "lv"]
    duration_floor_minutes: Annotated[float, Field(ge=0)]
    income_per_capita_yuan: Sourced
    lending_rate_pct: Sourced
    deposit_rate_pct: Sourced


class StudyParams(Model):
    """`params/study.yml`."""

    city: str
    client: str
    default_year: int


class County(Model):
    """One unit of the study (`params/<year>/counties.yml`)."""

    slug: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: str
    code: Annotated[str, Field(pattern=r"^\d{6}$")]
    grid: Grid


def _distinct(counties: tuple[County, ...]) -> tuple[County, ...]:
    """Refuse a county that is listed twice: its data would count twice."""
    for name in ("slug", "name", "code"):
        values = [getattr(unit, name) for unit in counties]
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise ValueError(f"two counties have the {name} {twice[0]}")
    if "city" in (unit.slug for unit in counties):
        raise ValueError("the slug city is reserved for the whole city")
    return counties


def _unambiguous(targets: tuple[Target, ...], info: ValidationInfo) -> tuple[Target, ...]:
    """Refuse two targets of one value for one county; one that names the county goes before one for all."""
    for county in info.context["counties"] if info.context else ():
        first: dict[tuple[object, ...], int] = {}
        for number, target in enumerate(targets, start=1):
            value = (target.indicator, *target.dims.items(), bool(target.counties))
            if target.fits(county.slug, county.grid) and first.setdefault(value, number) != number:
                raise ValueError(f"entries {first[value]} and {number} are both targets of {target.indicator} for {county.slug}")
    return targets


Counties = Annotated[tuple[County, ...], Field(min_length=1), AfterValidator(_distinct)]
Targets = Annotated[tuple[Target, ...], AfterValidator(_unambiguous)]


class Economy(Model):
    """One economy of the international comparison (`params/<year>/benchmark.yml`), as published."""

    name: str
    procedures: float
    time_days: float
    cost_pct_income: float
    index: float
    saidi_hours: float
    saifi: float
    rank: int


class Benchmark(Model):
    """`params/<year>/benchmark.yml`."""

    source: str
    economies: tuple[Economy, ...]


class LedgerParams(Model):
    """`params/<year>/ledgers.yml`."""

    max_file_mb: Annotated[float, Field(gt=0)]
    max_unpacked_mb: Annotated[float, Field(gt=0)]
    max_unpack_ratio: Annotated[float, Field(gt=1)]
    max_cells: Annotated[int, Field(gt=0)]
    max_read_mb: Annotated[float, Field(ge=100)]
    max_read_seconds: Annotated[float, Field(gt=0)]
    header_search_rows: Annotated[int, Field(gt=0)]
    max_outage_days: Annotated[float, Field(gt=0)]
    max_year_jump: Annotated[float, Field(gt=1)]


class ReviewParams(Model):
    """`params/<year>/review.yml`."""

    large_pct: Percent
    moderate_pct: Percent


class Params(Model):
    """All parameters of one study year."""

    study: StudyParams
    year: Year
    counties: Counties
    method: Method
    benchmark: Benchmark
    ledgers: LedgerParams
    findings: FindingsParams
    targets: Targets
    review: ReviewParams


def load(root: Path, year: int | None = None) -> Params:
    """Read every file under `root/params` for one study year.

    Parameters
    ----------
    root : Path
        The project's folder.
    year : int, optional
        Study year; the file's `default_year` where left out.

    Raises
    ------
    GeError
        For a missing or broken file, an unknown key, or a year that has no folder.
    """
    study = read_yaml(root / "params" / "study.yml", StudyParams)
    folder = year_folder(root, study.default_year if year is None else year)
    method = _method(folder / "method")
    counties = read_yaml(folder / "counties.yml", Counties)
    targets = read_yaml(folder / "targets.yml", Targets, method=method, counties=counties)
    return Params(
        study=study,
        year=read_yaml(folder / "year.yml", Year),
        counties=counties,
        method=method,
        benchmark=read_yaml(folder / "benchmark.yml", Benchmark),
        ledgers=read_yaml(folder / "ledgers.yml", LedgerParams),
        findings=read_yaml(folder / "findings.yml", FindingsParams, method=method, targets=targets),
        targets=targets,
        review=read_yaml(folder / "review.yml", ReviewParams),
    )


def year_folder(root: Path, year: int) -> Path:
    """Return the folder of one year's parameters.

    Raises
    ------
    GeError
        For a year that has no folder, and for a project in which one folder holds the parameters of all years.
    """
    if year in years(root):
        return root / "params" / str(year)
    if (root / "params" / "counties.yml").is_file():
        raise GeError(
            f"{root / 'params'} is from a version in which the years shared their parameters",
            f"move *.yml but study.yml, and method/, into params/{year}/, and the year's entry of study.yml into year.yml there",
        )
    known = ", ".join(map(str, years(root))) or "none"
    raise GeError(f"there are no parameters for {year!r} (params/ has {known})", f"run `ge new-year {year}`")


def years(root: Path) -> list[int]:
    """Return the years that a project has parameters for, in order."""
    return sorted(int(path.name) for path in (root / "params").glob("[0-9][0-9][0-9][0-9]") if path.is_dir())


def place_slugs() -> dict[str, str]:
    """Return the slug of each place of the current folder's project by slug, Chinese name and code; none outside a project."""
    try:
        return _place_slugs(find_root(Path.cwd()))
    except GeError:
        return {}


@cache
def _place_slugs(root: Path) -> dict[str, str]:
    study = read_yaml(root / "params" / "study.yml", StudyParams)
    units = read_yaml(year_folder(root, study.default_year) / "counties.yml", Counties)
    return {name: unit.slug for unit in units for name in (unit.slug, unit.name, unit.code)} | {"city": "city", study.city: "city"}


@cache
def standard() -> Method:
    """Return the method that the package brings: the default of every public formula.

    Examples
    --------
    >>> standard().score.time_days
    Frontier(best=18.0, worst=248.0)
    """
    root = shipped()
    return _method(year_folder(root, read_yaml(root / "params" / "study.yml", StudyParams).default_year) / "method")


def _method(folder: Path) -> Method:
    """Read every file of the method."""
    return Method(**{name: read_yaml(folder / f"{name}.yml", field.annotation) for name, field in Method.model_fields.items()})


def write_schemas(root: Path) -> None:
    """Write the JSON Schema of every parameter file to `root/params/schema/`."""
    models: dict[str, Any] = {"study": StudyParams, "year": Year, "counties": Counties, "benchmark": Benchmark, "ledgers": LedgerParams}
    models |= {"findings": FindingsParams, "targets": Targets, "review": ReviewParams}
    models |= {name: field.annotation for name, field in Method.model_fields.items()}
    for name, model in models.items():
        schema = json.dumps(TypeAdapter(model).json_schema(), ensure_ascii=False, indent=1) + "\n"
        write_text(root / "params" / "schema" / f"{name}.schema.json", schema)
