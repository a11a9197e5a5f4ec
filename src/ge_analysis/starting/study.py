"""A new study: its parameters, folders and README, without anything from the study that the package was made with."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from jinja2 import Environment, PackageLoader, StrictUndefined

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.settings import parameters
from ge_analysis.starting.answers import Answers
from ge_analysis.starting.yaml_edits import edited, flow
from ge_analysis.storage.files import files_below, whole_folder
from ge_analysis.storage.paths import shipped

EMPTY_FOLDERS = ("data/raw", "data/processed", "data/corrections", "data/published", "notebooks", "report/chapters")
FILES = {"README.md": "README.md.j2", "environment.yml": "environment.yml.j2", ".gitignore": "gitignore"}
OF_A_CITY = {"year.yml", "grids.yml", "counties.yml"}  # which no other study can take over
YEARLY_FIGURES = ("income_per_capita_yuan", "lending_rate_pct", "deposit_rate_pct")


def write_study(folder: Path, answers: Answers, version: str) -> list[str]:
    """Make a study in a new or empty folder, all of it or nothing.

    Parameters
    ----------
    folder : Path
        The study's folder.
    answers : Answers
        City, counties, grids and periods.
    version : str
        Version of the package, for the environment file.

    Returns
    -------
    list of str
        What is left to fill in or check, by file and key.

    Raises
    ------
    GeError
        If the folder is not empty or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise GeError(_("{folder} is not empty", folder=folder), _("name a new folder"))
    with whole_folder(folder) as staging:
        for name in EMPTY_FOLDERS:
            (staging / name).mkdir(parents=True)
            (staging / name / ".gitkeep").touch()
        _write_parameters(staging / "params", answers)
        texts = Environment(
            loader=PackageLoader("ge_analysis.starting", "files"), undefined=StrictUndefined, keep_trailing_newline=True
        )
        for name, template in FILES.items():
            text = texts.get_template(template).render(answers=answers, units=answers.units(), version=version)
            (staging / name).write_text(text, encoding="utf-8", newline="\n")
        parameters.load(staging)  # refuse now what would be refused later
    year = f"params/{answers.year}"
    return [
        *(f"{year}/year.yml: {name}" for name in YEARLY_FIGURES),
        _(
            "{file}: targets of {province} and {city} (those there are the national ones)",
            file=f"{year}/targets.yml",
            province=answers.province,
            city=answers.city,
        ),
        _("{file}: base (an earlier evaluation to compare with; left out for now)", file=f"{year}/method/connection.yml"),
        _(
            "{file}: time_of_use (peak and valley hours of {province})",
            file=f"{year}/method/price.yml",
            province=answers.province,
        ),
        _("{file}: commitments (what the grid companies promised)", file=f"{year}/method/connection.yml"),
    ]


def add_parameters(root: Path) -> list[str]:
    """Add the package's parameter files that the years of a study lack, as one made by an earlier version does.

    Parameters
    ----------
    root : Path
        The study's folder.

    Returns
    -------
    list of str
        Names of the files added.
    """
    added = []
    for year in parameters.years(root):
        with TemporaryDirectory() as temporary:
            _write_defaults(provided := Path(temporary, "year"), year)
            for path in sorted(files_below(provided)):
                target = root / "params" / str(year) / path.relative_to(provided)
                if path.name not in OF_A_CITY and not target.exists():
                    target.parent.mkdir(exist_ok=True)
                    shutil.copyfile(path, target)
                    added.append(target.relative_to(root).as_posix())
    return added


def _write_defaults(folder: Path, year: int) -> None:
    """Write the package's parameters for a year, without what holds in some of its counties only."""
    shutil.copytree(parameters.year_folder(shipped(), parameters.default_year(shipped())), folder)
    with edited(folder / "targets.yml") as targets:
        moved = year - parameters.default_year(shipped())
        targets[:] = [target for target in targets if not {"counties", "grid"} & target.keys()]
        for target in targets:
            target["years"] = flow({until + moved: aim for until, aim in target["years"].items()})
    with edited(folder / "measures.yml") as measures:
        measures[:] = [measure for measure in measures if not {"counties", "grid"} & measure.keys()]
    with edited(folder / "method" / "connection.yml") as connection:
        del connection["base"]


def _write_parameters(folder: Path, answers: Answers) -> None:
    year = folder / str(answers.year)
    _write_defaults(year, answers.year)
    shutil.copytree(shipped() / "params" / "schema", folder / "schema")
    with edited(shipped() / "params" / "study.yml", folder / "study.yml") as study:
        study |= {"city": answers.city, "province": answers.province, "client": answers.client, "default_year": answers.year}
    with edited(year / "year.yml") as content:
        for name in ("reliability_period", "survey_period"):
            content[name].update(getattr(answers, name).model_dump())
        content |= {"report_date": answers.report_date, "statistical_unit": answers.statistical_unit}
        content |= dict.fromkeys(YEARLY_FIGURES)
    with edited(year / "grids.yml") as grids:
        grids[:] = [grid.model_dump(mode="json", exclude_defaults=True) for grid in answers.grids]
    with edited(year / "counties.yml") as counties:
        counties[:] = [flow(unit.model_dump()) for unit in answers.units()]
