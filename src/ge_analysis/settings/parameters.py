"""The study's parameters: YAML files under params/, read into typed models.

Every threshold of the method stands in these files. A key that no model knows is an error. The JSON Schemas under
params/schema/ are made from the models (`write_schemas`), so an editor completes and checks the YAML.
"""

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, TypeAdapter, model_validator

from ge_analysis.errors import GeError, unknown
from ge_analysis.settings.method import Method
from ge_analysis.settings.model import Grid, Model
from ge_analysis.settings.rules import FindingsParams, Target
from ge_analysis.settings.yaml_files import read_yaml
from ge_analysis.storage.files import write_text
from ge_analysis.storage.paths import find_root


class Period(Model):
    """A half-open span of days: `start` is in it, `end` is not."""

    start: date
    end: date

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end <= self.start:
            raise ValueError("end must lie after start")
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
    """What holds for one study year (`params/study.yml`, under `years`)."""

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
    city_slug: str
    client: str
    default_year: int
    years: dict[int, Year]


class County(Model):
    """One unit of the study (`params/counties.yml`)."""

    slug: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: str
    code: Annotated[str, Field(pattern=r"^\d{6}$")]
    grid: Grid


def _distinct(counties: tuple[County, ...]) -> tuple[County, ...]:
    """Refuse a county that stands twice: all that it has would count twice."""
    for name in ("slug", "name", "code"):
        values = [getattr(unit, name) for unit in counties]
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise ValueError(f"two counties have the {name} {twice[0]}")
    if "city" in (unit.slug for unit in counties):
        raise ValueError("the slug city stands for the whole city")
    return counties


Counties = Annotated[tuple[County, ...], Field(min_length=1), AfterValidator(_distinct)]


class Economy(Model):
    """One economy of the international comparison (`params/benchmark.yml`), as published."""

    name: str
    procedures: float
    time_days: float
    cost_pct_income: float
    index: float
    saidi_hours: float
    saifi: float
    rank: int


class Benchmark(Model):
    """`params/benchmark.yml`."""

    source: str
    own_economy: str
    economies: tuple[Economy, ...]

    @model_validator(mode="after")
    def _own_economy_known(self) -> Self:
        names = [economy.name for economy in self.economies]
        if self.own_economy not in names:
            raise ValueError(str(unknown("economy", self.own_economy, names)))
        return self


class LedgerParams(Model):
    """`params/ledgers.yml`."""

    max_file_mb: Annotated[float, Field(gt=0)]
    max_unpacked_mb: Annotated[float, Field(gt=0)]
    max_unpack_ratio: Annotated[float, Field(gt=1)]
    max_cells: Annotated[int, Field(gt=0)]
    max_read_mb: Annotated[float, Field(ge=100)]
    max_read_seconds: Annotated[float, Field(gt=0)]
    header_search_rows: Annotated[int, Field(gt=0)]
    max_outage_days: Annotated[float, Field(gt=0)]
    max_year_jump: Annotated[float, Field(gt=1)]


class Params(Model):
    """All parameters of one study year."""

    study: StudyParams
    year: Year
    counties: Counties
    method: Method
    benchmark: Benchmark
    ledgers: LedgerParams
    findings: FindingsParams
    targets: tuple[Target, ...]


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
        For a missing or broken file, an unknown key, or a year that `study.yml` does not hold.
    """
    folder = root / "params"
    study = read_yaml(folder / "study.yml", StudyParams)
    year = study.default_year if year is None else year
    if year not in study.years:
        known = ", ".join(map(str, study.years))
        raise GeError(f"{folder / 'study.yml'} has no year {year!r}", f"add it under `years` (there are {known})")
    method = _method(folder / "method")
    counties = read_yaml(folder / "counties.yml", Counties)
    targets = read_yaml(folder / "targets.yml", tuple[Target, ...], method=method, counties=[unit.slug for unit in counties])
    return Params(
        study=study,
        year=study.years[year],
        counties=counties,
        method=method,
        benchmark=read_yaml(folder / "benchmark.yml", Benchmark),
        ledgers=read_yaml(folder / "ledgers.yml", LedgerParams),
        findings=read_yaml(folder / "findings.yml", FindingsParams, method=method, targets=targets),
        targets=targets,
    )


def place_slugs() -> dict[str, str]:
    """Return the slug of each place of the current folder's project by slug, Chinese name and code; none outside a project."""
    try:
        return _place_slugs(find_root(Path.cwd()))
    except GeError:
        return {}


@cache
def _place_slugs(root: Path) -> dict[str, str]:
    city = read_yaml(root / "params" / "study.yml", StudyParams).city
    units = read_yaml(root / "params" / "counties.yml", Counties)
    return {name: unit.slug for unit in units for name in (unit.slug, unit.name, unit.code)} | {"city": "city", city: "city"}


@cache
def standard() -> Method:
    """Return the method of the project that this code belongs to: the default of every public formula.

    Examples
    --------
    >>> standard().score.time_days
    Frontier(best=18.0, worst=248.0)
    """
    checkout = Path(__file__).parents[2]
    return _method((checkout if (checkout / "params" / "method").is_dir() else find_root(Path.cwd())) / "params" / "method")


def _method(folder: Path) -> Method:
    """Read every file of the method."""
    return Method(**{name: read_yaml(folder / f"{name}.yml", field.annotation) for name, field in Method.model_fields.items()})


def write_schemas(root: Path) -> None:
    """Write the JSON Schema of every parameter file to `root/params/schema/`."""
    models = {"study": StudyParams, "counties": Counties, "benchmark": Benchmark, "ledgers": LedgerParams}
    models |= {"findings": FindingsParams, "targets": tuple[Target, ...]}
    models |= {name: field.annotation for name, field in Method.model_fields.items()}
    for name, model in models.items():
        schema = json.dumps(TypeAdapter(model).json_schema(), ensure_ascii=False, indent=1) + "\n"
        write_text(root / "params" / "schema" / f"{name}.schema.json", schema)
