"""Commands around the ledgers: `demo`, `template`, `check` and `ingest`."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ge_analysis.cli.app import (
    JsonOption,
    PlacesArgument,
    YearOption,
    alone,
    app,
    each_once,
    names_of,
    open_collected,
    open_study,
    out,
    print_json,
    print_paths,
    require_data,
)
from ge_analysis.language import _, counted
from ge_analysis.storage.paths import TRAINING_SLUG

if TYPE_CHECKING:
    from ge_analysis.ledgers.issues import Issue
    from ge_analysis.study import Study


DAYS_TO_REPLY = 14  # for a county, unless --until names a day


@app.command()
def demo(
    year: YearOption = None,
    if_missing: Annotated[bool, typer.Option("--if-missing", help="Do nothing if the year has raw data.")] = False,
    faults: Annotated[
        bool, typer.Option("--faults", help="Write one more county folder with faults of every kind, for training.")
    ] = False,
    city: Annotated[
        Path | None, typer.Option("--city", metavar="DIR", help="Make a complete study of an invented city in a new folder.")
    ] = None,
    years: Annotated[
        int, typer.Option("--years", min=2, max=20, help="Years with published values, the study's own included.")
    ] = 2,
) -> None:
    """Write synthetic raw data of the study's counties to data/raw/<year>."""
    from ge_analysis import demo as made
    from ge_analysis.study import Study

    study = Study.open(root=made.write_city(city, version("ge_analysis"))) if city else open_study(year)
    if if_missing and study.paths.has_raw_data:
        out.print(_("data/raw/{year} already holds data: nothing written", year=study.year))
        return
    paths = made.write_faults(study) if faults else made.write(study, years)
    folder = study.paths.raw / TRAINING_SLUG if faults else study.paths.raw
    out.print(
        _(
            "{files} written to {folder}",
            files=counted(len(paths), "synthetic file" if faults else "synthetic workbook"),
            folder=folder,
        ),
        markup=False,
    )


@app.command()
def template(year: YearOption = None) -> None:
    """Write the workbooks to send out to data/templates, one per county and the city, with last year's feeders and customers."""
    from ge_analysis.ledgers import template as blank

    study = open_study(year)
    known = study.master_data()
    out.print(
        _("workbooks to send out:")
        if known
        else _("workbooks to send out, without last year's rows, as last year has no tables:")
    )
    print_paths(blank.write(study.paths.templates, study.params, known))


@app.command()
def check(
    places: PlacesArgument = None,
    overview: Annotated[bool, typer.Option("--overview", help="Show who sent what, round by round, as last checked.")] = False,
    letter: Annotated[bool, typer.Option("--letter", help="Also write a reply to each county.")] = False,
    until: Annotated[
        datetime | None,
        typer.Option("--until", formats=["%Y-%m-%d"], help="Deadline in the replies; in 14 days by default."),
    ] = None,
    year: YearOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the workbooks; write checks/<year>: findings.xlsx and annotated copies."""
    from ge_analysis.demo import training
    from ge_analysis.ledgers.check import check as look

    study = open_collected(year)
    require_data(study)
    if (study.paths.raw / TRAINING_SLUG).is_dir():
        study = study.with_county(training(study.params))
    if overview:
        _overview(study, _places(study, places), as_json)
        return
    with alone(study):
        found = look(study, _places(study, places))
        if letter:
            _letters(study, found, until.date() if until else date.today() + timedelta(days=DAYS_TO_REPLY))
    _issues(study, found, as_json)
    if not as_json:
        out.print(_("all issues, and the marked workbooks: {folder}", folder=study.paths.checks), markup=False)


def _overview(study: "Study", places: list[str], as_json: bool) -> None:
    """Show who sent what."""
    from ge_analysis.ledgers.overview import overview

    lines, names = overview(study, places), names_of(study)
    if as_json:
        print_json([line._asdict() | {"received": line.received and line.received.isoformat()} for line in lines])
        return
    table = Table("县（市、区）", "工作表", "收到", "轮次", "行数", "错误", "提示", "已更正")
    for line in lines:
        turns = ((line.errors_before, line.errors), (line.warnings_before, line.warnings))
        counts = [f"{before} → {now}" if line.round > 1 else str(now) for before, now in turns]
        shown = ["—" if each is None else str(each) for each in (line.received, line.round, line.rows)]
        table.add_row(names[line.place], line.sheet or "（工作簿）", *shown, *counts, str(line.corrected))
    out.print(table)


def _letters(study: "Study", found: "dict[str, list[Issue]]", until: date) -> None:
    """Write a reply to each county, beside its annotated workbooks."""
    from ge_analysis.ledgers import letter

    names = names_of(study)
    for place, issues in found.items():
        letter.write(study.paths.checks / place / letter.NAME, names[place], study.year, issues, until, date.today())


@app.command()
def ingest(places: PlacesArgument = None, year: YearOption = None, as_json: JsonOption = False) -> None:
    """Read the workbooks into typed tables, and report what is wrong with them, cell by cell."""
    from ge_analysis.ledgers.ingest import ingest as read

    study = open_collected(year)
    require_data(study)
    with alone(study):
        found = read(study, _places(study, places))
    _issues(study, found, as_json)


def _places(study: "Study", names: list[str] | None) -> list[str]:
    """Return the named places, or all counties and the city."""
    return each_once(study.place, names) or [*(unit.slug for unit in study.counties), "city"]


def _issues(study: "Study", found: "dict[str, list[Issue]]", as_json: bool) -> None:
    """Print the issues; exit with 1 if one of them is an error."""
    if as_json:
        print_json([asdict(each) for issues in found.values() for each in issues])
    else:
        from ge_analysis.cli.console import issues

        issues(out, found, names_of(study))
    if any(each.severity == "error" for issues in found.values() for each in issues):
        raise typer.Exit(1)
