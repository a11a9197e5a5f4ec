"""`ge init` and `ge new-year`: a study of another city, and the next year of a study."""

import sys
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from ge_analysis.cli.app import app, out
from ge_analysis.errors import GeError
from ge_analysis.language import _, counted
from ge_analysis.settings.yaml_files import read_yaml, validated
from ge_analysis.storage.paths import find_root

GRID, COUNTY = "代码:简称:公司:电价表", "名称:代码[:电网代码]"
NEEDED = {"city", "province", "year", "counties"}  # which have no default


class StatisticalUnit(StrEnum):
    """The statistical unit."""

    MV = "mv"
    LV = "lv"


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder; a study's own with --with.")],
    answers: Annotated[Path | None, typer.Option("--from", help="YAML file with the answers instead of options.")] = None,
    city: Annotated[str | None, typer.Option("--city", help="City, as 宁州市.")] = None,
    province: Annotated[str | None, typer.Option("--province", help="Province, as 宁江省.")] = None,
    year: Annotated[int | None, typer.Option("--year", help="Study year.")] = None,
    client: Annotated[str | None, typer.Option("--client", help="Who the report is for; the city's 能源局 by default.")] = None,
    unit: Annotated[StatisticalUnit | None, typer.Option("--unit", help="Statistical unit; mv by default.")] = None,
    grids: Annotated[list[str] | None, typer.Option("--grid", help="代码:简称:公司:电价表; 国网 by default. Repeatable.")] = None,
    counties: Annotated[list[str] | None, typer.Option("--county", help="名称:代码[:电网代码]. Repeatable.")] = None,
    outages: Annotated[str | None, typer.Option("--reliability-period", help="Days of the outages, FIRST:END.")] = None,
    survey: Annotated[str | None, typer.Option("--survey-period", help="Days of survey and connections, FIRST:END.")] = None,
    parts: Annotated[
        str | None,
        typer.Option("--with", help="Copy notebooks, chapters or styles (comma-separated), or missing parameters."),
    ] = None,
) -> None:
    """Make a study of a city, asking for what is not given."""
    if not (parts and (folder / "params" / "study.yml").is_file()):
        given = {"city": city, "province": province, "year": year, "client": client, "grids": grids, "counties": counties}
        given |= {"statistical_unit": unit and unit.value, "reliability_period": outages, "survey_period": survey}
        _make(folder, {name: value for name, value in given.items() if value}, answers)
    for part in filter(None, map(str.strip, (parts or "").split(","))):
        _copy(folder, part)


@app.command("new-year")
def new_year(year: Annotated[int, typer.Argument(metavar="YEAR", min=2000, max=2100)]) -> None:
    """Make the parameters of the next year from the last, and carry its results over."""
    from ge_analysis.settings.parameters import years
    from ge_analysis.starting.year import write_year
    from ge_analysis.study import Study

    root = find_root(Path.cwd())
    earlier = [each for each in years(root) if each < year]
    if not earlier:
        raise GeError(_("{root} has no year before {year}", root=root, year=year), _("name a later year"))
    todo = write_year(Study.open(earlier[-1], root), year)
    out.print(
        _(
            "params/{year} made from params/{earlier}; {year} is the default year now. To fill in or look at:",
            year=year,
            earlier=earlier[-1],
        )
    )
    _print(todo)


def _make(folder: Path, given: dict[str, Any], file: Path | None) -> None:
    from ge_analysis.starting.answers import Answers
    from ge_analysis.starting.study import write_study

    if file:
        if given:
            raise typer.BadParameter(_("--from holds all answers: leave out the other options"))
        answers = read_yaml(file, Answers)
    else:
        answers = validated(_asked(given), Answers, _("the answers"))
    todo = write_study(folder, answers, version("ge_analysis"))
    out.print(
        _("{folder}: a study of {city}, {year}. To fill in or look at:", folder=folder, city=answers.city, year=answers.year),
        markup=False,
    )
    _print(todo)


def _asked(given: dict[str, Any]) -> dict[str, Any]:
    """Ask for the other answers on a terminal if a needed one is missing; elsewhere the models refuse what is missing."""
    if given.keys() >= NEEDED or not sys.stdin.isatty():
        return given
    from ge_analysis.starting.answers import defaults

    asked = dict(given)
    for name, words in (("city", _("City (宁州市)")), ("province", _("Province (宁江省)"))):
        if name not in asked:
            asked[name] = typer.prompt(words)
    if "year" not in asked:
        asked["year"] = _year()
    usual = defaults(asked["city"], asked["province"], asked["year"])
    for name, words in (
        ("client", _("Who the report is for")),
        ("statistical_unit", _("Statistical unit: mv or lv")),
        ("reliability_period", _("Days of the outages, FIRST:END; END is not in it")),
        ("survey_period", _("Days of survey and connections, FIRST:END; END is not in it")),
    ):
        if name not in asked:
            asked[name] = typer.prompt(words, default=usual[name])
    if "grids" not in asked:
        (company,) = usual["grids"]
        out.print(_("If no grid company is named, it is {company}.", company=company), markup=False)
        asked["grids"] = _lines(_("Grid companies, one a line as {grid}; an empty line ends the list.", grid=GRID)) or [company]
    if "counties" not in asked:
        asked["counties"] = _lines(_("Counties, one a line as {county}; an empty line ends the list.", county=COUNTY))
    return asked


def _year() -> int:
    """Ask for the year until it is one."""
    while not (typed := typer.prompt(_("Study year"))).isdecimal():
        out.print(_("{typed} is not a year", typed=typed), markup=False)
    return int(typed)


def _lines(words: str) -> list[str]:
    """Ask for a list, one entry a line."""
    out.print(words, markup=False)
    return list(iter(lambda: typer.prompt("", default="", prompt_suffix="> ", show_default=False), ""))


def _copy(root: Path, part: str) -> None:
    from ge_analysis.starting.own_files import PARTS, copy
    from ge_analysis.starting.study import add_parameters

    if part == "parameters":
        added = add_parameters(root)
        out.print(_("parameters: {files} added", files=counted(len(added), "file")))
        _print(added)
    elif part in PARTS:
        files = counted(len(copy(root, part)), "file")
        out.print(_("{part}: {files} copied; they take precedence over the package's", part=part, files=files))
    else:
        raise typer.BadParameter(_("--with takes {parts}", parts=", ".join((*PARTS, "parameters"))))


def _print(lines: list[str]) -> None:
    for line in lines:
        out.print(f"  {line}", markup=False)
