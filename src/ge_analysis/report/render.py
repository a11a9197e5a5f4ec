"""From a Quarto project to finished files."""

import os
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.report import data, embedded, quarto
from ge_analysis.report.elsewhere import Submit, receive, submit_brief
from ge_analysis.report.fonts import link_fonts
from ge_analysis.report.formats import Format
from ge_analysis.report.pdf import PageLayout
from ge_analysis.report.source import Source, default_engine, documents

COMPILED = "__pycache__"  # pip adds it to installed filters
ENGINES = {"embedded": embedded.render, "quarto": quarto.render}


def equip(sources: Iterable[Path], build: Path) -> None:
    """Copy `_quarto.yml`, filters, styles and fonts into a build folder, which completes the Quarto project.

    Parameters
    ----------
    sources : iterable of Path
        Folders to copy from; files of a later one replace those of the same name.
    build : Path
        The build folder.
    """
    build.mkdir(parents=True, exist_ok=True)
    for name in ("filters", "styles"):
        shutil.rmtree(build / name, ignore_errors=True)
    for source in sources:
        if (source / "_quarto.yml").is_file():
            shutil.copyfile(source / "_quarto.yml", build / "_quarto.yml")
        for name in ("filters", "styles"):
            if (source / name).is_dir():
                shutil.copytree(source / name, build / name, ignore=shutil.ignore_patterns(COMPILED), dirs_exist_ok=True)
    link_fonts(build / "fonts")


def render_project(
    build: Path,
    output: Path,
    formats: Iterable[str] = Format,
    engine: str | None = None,
    only: Iterable[str] | None = None,
    on_progress: Callable[[str, int, int], None] = lambda name, done, total: None,
    submit: Submit | None = None,
) -> list[Path]:
    """Render the documents of a project in parallel; briefs only as docx and pdf.

    Parameters
    ----------
    build : Path
        The project: `_quarto.yml`, `report.qmd`, `chapters/`, `figures/`, `counties/*.qmd`.
    output : Path
        Folder of the finished files: `report.docx`, `counties/linxian.pdf` …
    formats : iterable of {"docx", "pdf", "html"}, optional
        Formats to make; defaults to all.
    engine : {"quarto", "embedded"}, optional
        Defaults to Quarto if it is installed, else the embedded engine.
    only : iterable of str, optional
        Names of the documents ("report", "counties/linxian"); defaults to all.
    on_progress : callable
        Called with the name of each finished file, the number of finished files, and the total.
    submit : callable, optional
        Calls a function with arguments in another process, like `Executor.submit`, and gets the briefs to render; by default,
        they are rendered by threads of this one.

    Returns
    -------
    list of Path
        The files made.

    Raises
    ------
    GeError
        For the first error in any document, or an unknown engine.
    """
    engine = engine or default_engine()
    if engine not in ENGINES:
        raise GeError(_("unknown engine '{engine}'", engine=engine), _("known: {engines}", engines=", ".join(ENGINES)))
    names = set(formats)
    asked = [form for form in Format if form in names]
    sources = [Source(build, build / f"{name}.qmd") for name in (documents(build) if only is None else only)]
    wanted = {
        output / source.path.relative_to(build).with_suffix(f".{form}"): (source, form)
        for source in sources
        for form in asked
        if form.has_brief or not source.brief
    }
    with ThreadPoolExecutor(os.cpu_count()) as pool, ThreadPoolExecutor(1 if engine == "quarto" else os.cpu_count()) as writers:
        of_brief = [form for form in asked if form.has_brief]
        sent = {
            submit_brief(submit, build, source.name, of_brief, engine)
            for source in sources
            if submit and source.brief and of_brief
        }
        here = {target: job for target, job in wanted.items() if not (submit and job[0].brief)}
        layouts = {
            source.path: pool.submit(embedded.lay_out, source)
            for source in dict.fromkeys(source for source, form in here.values() if form.needs_layout)
        }
        running: list[Future[Any]] = [
            writers.submit(_render, engine, source, form, target, layouts.get(source.path))
            for target, (source, form) in sorted(here.items(), key=lambda job: job[1][1].order)
        ]
        done = 0
        try:
            for job in as_completed([*running, *sent]):
                for path in receive(job.result(), output) if job in sent else job.result():
                    done += 1
                    on_progress(path.relative_to(output).as_posix(), done, len(wanted))
        finally:
            for each in (pool, writers):
                each.shutdown(cancel_futures=True)
    return list(wanted)


def _render(engine: str, source: Source, form: Format, target: Path, layout: Future[PageLayout] | None) -> list[Path]:
    ENGINES[engine](source, form, target, layout)
    if form == "html":
        data.write(target, source)
    return [target]
