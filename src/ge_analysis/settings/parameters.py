"""The study's parameters: YAML files under params/, read into typed models.

`params/study.yml` says what the study measures; everything that decides a year's figures and words is in `params/<year>/`, so
that a published year can be rebuilt after any later change. Unknown keys are errors. The JSON Schemas under params/schema/ are
made from the models (`handbook.schemas`), so that editors can complete and check the YAML.
"""

import math
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from ge_analysis.errors import GeError, unknown
from ge_analysis.language import N_, _
from ge_analysis.settings import own
from ge_analysis.settings.measures import Measures
from ge_analysis.settings.method import Method
from ge_analysis.settings.model import Model, Overview, Percent
from ge_analysis.settings.places import Counties, County, Grid, Grids, noun_of, slugs_of_places
from ge_analysis.settings.rules import FindingsParams, Target, Value
from ge_analysis.settings.yaml_files import read_yaml
from ge_analysis.storage.paths import find_root, shipped


class Period(Model):
    """A half-open span of days, from `start` to the day before `end`."""

    start: date
    end: date

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end <= self.start:
            raise ValueError(_("end must be after start"))
        return self

    @property
    def last(self) -> date:
        """The last day of the period."""
        return self.end - timedelta(days=1)

    @property
    def hours(self) -> int:
        """Hours of the period [h]; 8 784 in 2020."""
        return (self.end - self.start).days * 24


class Sourced(Model):
    """A figure about the city and where it was published."""

    value: Annotated[float, Field(ge=0)]
    source: str


NAMES = "names.yml"
MOST_BRIEFS = 30  # in one report


class Year(Model):
    """Periods of one study year and figures about the city (`params/<year>/year.yml`)."""

    reliability_period: Period
    survey_period: Period
    report_date: date
    statistical_unit: Literal["mv", "lv"]
    duration_floor_minutes: Annotated[float, Field(ge=0)]
    income_per_capita_yuan: Sourced | None = None
    lending_rate_pct: Sourced | None = None
    deposit_rate_pct: Sourced | None = None
    briefs_in_report: bool | None = None  # left out: while there are not more than MOST_BRIEFS counties

    @property
    def income(self) -> float:
        """Income per capita [yuan]; NaN if unknown."""
        return _value(self.income_per_capita_yuan)

    @property
    def rates(self) -> tuple[float, float]:
        """Lending rate and deposit rate [1, not %]; NaN if unknown."""
        return _value(self.lending_rate_pct) / 100, _value(self.deposit_rate_pct) / 100


def _value(given: Sourced | None) -> float:
    return math.nan if given is None else given.value


class Names(Model):
    """Names of the study as they were in a year that was handed over or is over (`params/<year>/names.yml`)."""

    city: str
    province: str
    client: str


class StudyParams(Names):
    """`params/study.yml`."""

    # These shape no result: a finished year stays as it is when another is added, or its workbooks are moved.
    default_year: Annotated[int, Field(exclude=True)]
    raw_address: Annotated[str | None, Field(exclude=True)] = None  # of shared storage that holds <year>/<county>/*.xlsx


def _unambiguous(targets: tuple[Target, ...], info: ValidationInfo) -> tuple[Target, ...]:
    """Refuse two targets of one value for one county; one that names the county takes precedence over one for all."""
    for county in info.context["counties"] if info.context else ():
        first: dict[tuple[object, ...], int] = {}
        for number, target in enumerate(targets, start=1):
            value = (target.indicator, *target.dims.items(), bool(target.counties))
            if target.fits(county.slug, county.grid) and first.setdefault(value, number) != number:
                raise ValueError(
                    _(
                        "entries {first} and {number} are both targets of {indicator} for {slug}",
                        first=first[value],
                        number=number,
                        indicator=target.indicator,
                        slug=county.slug,
                    )
                )
    return targets


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


class Params(Overview):
    """All parameters of one study year."""

    own_folder: Annotated[Path, Field(exclude=True)]
    study_year: int
    study: StudyParams
    year: Year
    grids: Grids
    counties: Counties
    method: Method
    benchmark: Benchmark
    ledgers: LedgerParams
    findings: FindingsParams
    targets: Targets
    review: ReviewParams
    measures: Measures

    def __setstate__(self, state: dict[Any, Any]) -> None:
        """Make a process that receives the parameters use what the study adds."""
        super().__setstate__(state)
        own.use(self.own_folder)

    def grid(self, code: str) -> Grid:
        """Return the grid with a code; raise a GeError for one that the study does not have."""
        found = {grid.code: grid for grid in self.grids}
        if code not in found:
            raise unknown(N_("grid"), code, found)
        return found[code]

    def target(self, wanted: Value, county: County) -> Target | None:
        """Return the target for a county's value, preferably one that names the county."""
        same = [target for target in self.targets if (target.indicator, target.dims) == (wanted.indicator, wanted.dims)]
        fitting = [target for target in same if target.fits(county.slug, county.grid)]
        return max(fitting, key=lambda target: bool(target.counties), default=None)

    @property
    def briefs_in_report(self) -> bool:
        """Whether the report holds the counties' briefs, which are documents of their own in any case."""
        asked = self.year.briefs_in_report
        return len(self.counties) <= MOST_BRIEFS if asked is None else asked

    @property
    def county_noun(self) -> str:
        """Collective name of all units of the study."""
        return noun_of(self.counties)


def load(root: Path, year: int | None = None) -> Params:
    """Read every file under `root/params` for one study year.

    Parameters
    ----------
    root : Path
        The project's folder.
    year : int, optional
        Study year; defaults to the file's `default_year`.

    Raises
    ------
    GeError
        For a missing or broken file, an unknown key, or a year that has no folder.
    """
    study = read_yaml(root / "params" / "study.yml", StudyParams)
    year = study.default_year if year is None else year
    folder = year_folder(root, year)
    if (folder / NAMES).exists():
        study = study.model_copy(update=dict(read_yaml(folder / NAMES, Names)))
    own.use(folder / "own")
    method = _method(folder / "method")
    grids = read_yaml(folder / "grids.yml", Grids)
    counties = read_yaml(folder / "counties.yml", Counties, grids=grids)
    targets = _provided(folder / "targets.yml", Targets, method=method, grids=grids, counties=counties)
    of_year = read_yaml(folder / "year.yml", Year)
    findings = _provided(
        folder / "findings.yml",
        FindingsParams,
        method=method,
        grids=grids,
        targets=targets,
        year=year,
        report_date=of_year.report_date,
    )
    return Params(
        own_folder=folder / "own",
        study_year=year,
        study=study,
        year=of_year,
        grids=grids,
        counties=counties,
        method=method,
        benchmark=_provided(folder / "benchmark.yml", Benchmark),
        ledgers=_provided(folder / "ledgers.yml", LedgerParams),
        findings=findings,
        targets=targets,
        review=_provided(folder / "review.yml", ReviewParams),
        measures=_provided(folder / "measures.yml", Measures, grids=grids, counties=counties),
    )


def _provided(path: Path, model: Any, **context: Any) -> Any:
    """Read a file of which the package has one that fits any study; a study made by an earlier version may lack it."""
    if not path.exists():
        raise GeError(_("{path} is missing", path=path), _("`ge init . --with parameters` adds the package's"))
    return read_yaml(path, model, **context)


def default_year(root: Path) -> int:
    """Return the year that a project works on by default."""
    return read_yaml(root / "params" / "study.yml", StudyParams).default_year


def year_folder(root: Path, year: int) -> Path:
    """Return the folder of one year's parameters.

    Raises
    ------
    GeError
        For a year without a folder, or for a project whose years still share one folder.
    """
    if year in years(root):
        return root / "params" / str(year)
    if (root / "params" / "counties.yml").is_file():
        raise GeError(
            _("{path} is from a version in which the years shared their parameters", path=root / "params"),
            _(
                "move *.yml but study.yml, and method/, into params/{year}/, and the year's entry of study.yml to year.yml there",
                year=year,
            ),
        )
    known = ", ".join(map(str, years(root))) or _("none")
    raise GeError(
        _("there are no parameters for {year!r} (params/ has {known})", year=year, known=known),
        _("run `ge new-year {year}`", year=year),
    )


def years(root: Path) -> list[int]:
    """Return the years that a project has parameters for, in order."""
    return sorted(int(path.name) for path in (root / "params").glob("[0-9][0-9][0-9][0-9]") if path.is_dir())


def place_slugs() -> dict[str, str]:
    """Map what the places of the current project may be called to their slugs; empty outside a project."""
    try:
        return _place_slugs(find_root(Path.cwd()))
    except GeError:
        return {}


@cache
def _place_slugs(root: Path) -> dict[str, str]:
    study = read_yaml(root / "params" / "study.yml", StudyParams)
    units = read_yaml(year_folder(root, study.default_year) / "counties.yml", Counties)
    return slugs_of_places(units, study.city)


@cache
def standard() -> Method:
    """Return the package's method, the default of every public formula.

    Examples
    --------
    >>> standard().score.time_days
    Frontier(best=18.0, worst=248.0)
    """
    root = shipped()
    return _method(year_folder(root, default_year(root)) / "method")


def _method(folder: Path) -> Method:
    """Read every file of the method."""
    return Method(**{name: _provided(folder / f"{name}.yml", field.annotation) for name, field in Method.model_fields.items()})
