"""The command `ge`: raw → tables → indicators → notebooks → report.

Commands import what they need when they run, so that `ge --help` and a build with nothing to do start at once.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from ge_analysis.cli import completion
from ge_analysis.cli.app import (
    CountiesArgument,
    JobsOption,
    JsonOption,
    YearOption,
    app,
    each_once,
    names_of,
    open_collected,
    open_study,
    out,
    print_json,
    print_paths,
    require_data,
    say_waiting,
    warn,
)
from ge_analysis.language import N_, _, by_word, counted
from ge_analysis.report.formats import Format
from ge_analysis.storage.files import scratch
from ge_analysis.storage.paths import shipped

if TYPE_CHECKING:
    from ge_analysis.runner.distributed import Cluster
    from ge_analysis.runner.run import Event
    from ge_analysis.study import Study


WITHOUT = N_("the report is made without {places}, which failed")
WITHOUT_CITY = N_(
    "the city failed: without it there is no report, and without its tables no index, score or comparison of a county"
)
EDIT = "{state}  {kind}  {where}  {text}"
KEPT = N_("{edits} made by hand: {numbers}")
SHOWN = 40  # characters of an edited paragraph; the list beside the file has all of it


class Kernel(StrEnum):
    """Where the notebooks' kernels come from."""

    WARM = "warm"
    STOCK = "stock"


class Executor(StrEnum):
    """Who reads the workbooks, runs the notebooks and makes the briefs."""

    LOCAL = "local"
    DASK = "dask"


class Engine(StrEnum):
    """What turns the chapters into the report."""

    QUARTO = "quarto"
    EMBEDDED = "embedded"


ExecutorOption = Annotated[
    Executor | None, typer.Option("--executor", help="Processes of this machine, or dask workers; dask with --scheduler.")
]
SchedulerOption = Annotated[str | None, typer.Option("--scheduler", help="Address of a dask scheduler: tcp://…")]


@app.command()
def run(
    counties: CountiesArgument = None,
    year: YearOption = None,
    jobs: JobsOption = None,
    kernel: Annotated[
        Kernel, typer.Option("--kernel", help="Kernels forked from a warm process, or ordinary ones.")
    ] = Kernel.WARM,
    executor: ExecutorOption = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Run the stale counties' notebooks, then the city's."""
    study = open_collected(year)
    slugs = each_once(lambda name: study.county(name).slug, counties)
    with _cluster(study, executor, scheduler) as cluster:
        fine = _run(study, slugs, jobs, kernel=str(kernel), cluster=cluster)
    if not fine:
        raise typer.Exit(1)


@contextmanager
def _cluster(study: "Study", executor: Executor | None, scheduler: str | None) -> "Iterator[Cluster | None]":
    """Give the dask workers that the options ask for; None if they ask for none."""
    if executor == Executor.LOCAL and scheduler:
        raise typer.BadParameter(_("only dask has a scheduler: leave out --executor local or --scheduler"))
    if not scheduler and executor != Executor.DASK:
        yield None
        return
    from ge_analysis.runner.distributed import Cluster

    with Cluster(study, scheduler) as cluster:
        yield cluster


def _run(
    study: "Study", slugs: list[str] | None, jobs: int | None, meanwhile: Callable[[], None] = lambda: None, **how: Any
) -> bool:
    """Run the notebooks, calling `meanwhile` at each event; print one line per failure; return whether all succeeded."""
    from ge_analysis.cli.console import progress
    from ge_analysis.runner.run import kept
    from ge_analysis.runner.run import run as run_notebooks

    require_data(study)
    made: dict[str, int] = {}
    with progress(out, names_of(study)) as show:

        def on_progress(event: "Event") -> None:
            meanwhile()
            show(event)
            if event.state == "done":
                made[event.step] = made.get(event.step, 0) + 1

        failures = run_notebooks(study, slugs, jobs, on_progress=on_progress, **how)
    out.print(
        _("made: {steps}", steps=_(", ").join(f"{_(step)} {number}" for step, number in made.items()))
        if made
        else _("no results to make")
    )
    for failure in failures:
        for line in (str(failure), *(f"  {line}" for line in kept(study, failure.place))):
            out.print(line, markup=False, style="red")
    if any(failure.place == "city" for failure in failures):
        out.print(_(WITHOUT_CITY), markup=False, style="red")
    return not failures


@app.command()
def report(
    year: YearOption = None,
    formats: Annotated[list[Format] | None, typer.Option("--format", help="One format; all three by default.")] = None,
    engine: Annotated[
        Engine | None, typer.Option("--engine", help="Quarto if it is installed, else the embedded engine, by default.")
    ] = None,
    county: Annotated[
        str | None,
        typer.Option(
            "--county",
            metavar="COUNTY",
            autocompletion=completion.counties,
            help="Only this county's brief: slug, Chinese name or code.",
        ),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", metavar="EDITED", exists=True, dir_okay=False, help="Carry the edits of this Word file over."),
    ] = None,
    executor: ExecutorOption = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Assemble the report, and the counties' briefs, from finished results."""
    study = open_study(year)
    slug = study.county(county).slug if county else None
    _warn_of_stale_results(study)
    with _cluster(study, executor, scheduler) as cluster:
        if not keep:
            _report(study, formats, engine, slug, cluster)
            return
        with scratch() as folder:  # it may be the file that is about to be rewritten
            edited = Path(shutil.copy(keep, folder))
            _report(study, [*formats, Format.DOCX] if formats else None, engine, slug, cluster)
            _keep(study, edited, slug)


def _keep(study: "Study", edited: Path, county: str | None) -> None:
    """Carry the edits over and list them."""
    from ge_analysis.report.build import keep

    target, edits = keep(study, edited, county)
    for edit in edits:
        line = EDIT.format(state=edit.state, kind=edit.kind, where=edit.where, text=(edit.edited or edit.before)[:SHOWN])
        out.print(line, markup=False, highlight=False)
    numbers = {state: sum(edit.state == state for edit in edits) for state in {edit.state for edit in edits}}
    out.print(_(KEPT, edits=counted(len(edits), "edit"), numbers="，".join(f"{s} {n}" for s, n in sorted(numbers.items()))))
    print_paths([target, target.with_suffix(".csv")])


def _warn_of_stale_results(study: "Study") -> None:
    from ge_analysis.runner.run import failed
    from ge_analysis.runner.run import status as steps

    missing = failed(study)
    stale = dict.fromkeys(place for step, place, why in steps(study) if why and place not in missing)
    if stale:
        warn(_("made from stale results of {places}; `ge build` brings them up to date", places=_(", ").join(stale)))
    if missing:
        warn(_without(missing))


def _without(failed: list[str]) -> str:
    what = _(WITHOUT_CITY) if "city" in failed else _(WITHOUT, places=_(", ").join(failed))
    return _("{what}; correct what `ge status` shows first, then `ge build`", what=what)


def _report(
    study: "Study",
    formats: list[Format] | None = None,
    engine: Engine | None = None,
    county: str | None = None,
    cluster: "Cluster | None" = None,
) -> None:
    from ge_analysis.cli.console import progress
    from ge_analysis.report.build import render
    from ge_analysis.runner.run import Event

    with progress(out) as show:
        paths = render(
            study,
            [str(each) for each in formats or Format],
            engine and str(engine),
            county,
            lambda name, done, total: show(Event("report", name, "done", done, total)),
            lambda: say_waiting(study),
            cluster.submit if cluster else None,
        )
    out.print(_("report:"))
    if county:
        print_paths(paths)
        return
    briefs = [path for path in paths if path.parent.name == "counties"]
    print_paths([path for path in paths if path not in briefs])
    if briefs:
        out.print(
            _("briefs of the counties: {files} in {folder}", files=counted(len(briefs), "file"), folder=briefs[0].parent),
            markup=False,
        )


@app.command()
def build(
    year: YearOption = None,
    jobs: JobsOption = None,
    executor: ExecutorOption = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Do everything from raw files to report, but only what is stale."""
    from ge_analysis.ledgers.contract import contracts
    from ge_analysis.ledgers.words import words
    from ge_analysis.report.build import load_ahead
    from ge_analysis.runner.dvc import record

    study = open_collected(year)
    contracts()  # report mistakes in them before processes start
    words()
    with _cluster(study, executor, scheduler) as cluster:
        fine = _run(study, None, jobs, meanwhile=load_ahead, cluster=cluster)
        _report(study, cluster=cluster)
    if not fine:
        raise typer.Exit(1)
    record(study)


@app.command()
def status(year: YearOption = None, as_json: JsonOption = False) -> None:
    """Show what is stale, and why."""
    from ge_analysis.report.build import why as why_report
    from ge_analysis.runner.run import failed, stale_before
    from ge_analysis.runner.run import status as step_status
    from ge_analysis.starting.own_files import own_files

    study = open_collected(year)
    steps, missing = step_status(study), failed(study)
    waiting = len({row.place for row in steps if row.why}.difference(missing))
    rows = [*steps, ("report", study.params.study.city, [*why_report(study), *stale_before(waiting)])]
    if as_json:
        print_json([{"step": step, "place": place, "stale": why} for step, place, why in rows])
        return
    table = Table(_("step"), _("place"), _("stale because"))
    for step, group in groupby(rows, key=itemgetter(0)):
        fresh = 0
        for _step, place, why in group:
            fresh += not why
            reasons = _("; ").join(why[:3])
            if len(why) > 3:  # --json lists all of them
                reasons = _("{reasons} and {number} more", reasons=reasons, number=len(why) - 3)
            if why:
                table.add_row(_(step), place, reasons)
        if fresh:
            table.add_row(_(step), _("{number} up to date", number=fresh), "")
    out.print(table)
    for own in own_files(study.paths.root):
        line = _("{file} is the study's own; it is the same as the package's", file=own.name)
        if own.differs:
            line = _("{file} is the study's own; it differs from the package's", file=own.name)
        if own.moved_on:
            line = _("{line}, which has changed since it was copied", line=line)
        out.print(line, markup=False)
    if missing:
        out.print(_without(missing), markup=False)


@app.command()
def lab(year: YearOption = None) -> None:
    """Open JupyterLab on the notebooks; a study without its own gets the package's."""
    from ge_analysis.cli.lab import call
    from ge_analysis.starting.own_files import copy

    study = open_study(year)
    if study.paths.root != shipped() and copy(study.paths.root, "notebooks"):
        out.print(_("the package's notebooks were copied to {folder}", folder=study.paths.notebooks), markup=False)
    raise typer.Exit(call(study.paths.notebooks))


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Check fonts, Quarto, versions and write access."""
    from ge_analysis.cli.doctor import checks

    results = checks(Path.cwd())
    if as_json:
        print_json([check._asdict() for check in results])
    else:
        table = Table(_("check"), "", _("found"))
        for check in results:
            table.add_row(by_word(check.name), _("ok") if check.ok else _("MISSING"), check.found)
        out.print(table)
    if not all(check.ok for check in results):
        raise typer.Exit(1)
