"""Bring the report up to date: the Quarto project if it is stale, then the stale documents.

Writing and rendering are imported only if something is stale: importing takes longer than finding nothing to do.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from itertools import count
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.ledgers.stale import content
from ge_analysis.report.formats import Format
from ge_analysis.report.source import OTHER_CODE, default_engine, documents, made_from
from ge_analysis.storage.files import cannot_read, digest_bytes, digest_files, files_below, one_command, whole_folder, write_json
from ge_analysis.storage.results import failure
from ge_analysis.storage.stamps import code_digest, edited, outputs_of, own_digest, why_stale, write_stamp
from ge_analysis.study import Study

if TYPE_CHECKING:
    from ge_analysis.report.elsewhere import Submit
    from ge_analysis.report.kept import Edit

MADE = ".made.json"  # beside the finished files: what each was made from
SET_ASIDE = "ge: {path} was changed by hand; it is now {aside.name}, and `ge report --keep {aside}` carries the edits over\n"


def render(
    study: Study,
    formats: Iterable[str] = Format,
    engine: str | None = None,
    county: str | None = None,
    on_progress: Callable[[str, int, int], None] = lambda name, done, total: None,
    waiting: Callable[[], None] = lambda: None,
    submit: "Submit | None" = None,
) -> list[Path]:
    """Make the stale ones of the report and the briefs; return all that were asked for.

    Parameters
    ----------
    study : Study
        A study whose counties and city have been run.
    formats : iterable of {"docx", "pdf", "html"}, optional
        Formats to make; defaults to all.
    engine : {"quarto", "embedded"}, optional
        Defaults to Quarto if it is installed, else the embedded engine.
    county : str, optional
        Slug: only this county's brief.
    on_progress : callable
        Called with the name of each finished file, the number of finished files, and the total.
    waiting : callable
        Called before waiting for another process that works on the same results or report.
    submit : callable, optional
        Gives the briefs to other processes; see `render_project`.

    Raises
    ------
    GeError
        If results are missing, a chapter has a mistake or a file cannot be written.
    """
    if county in study.missing:
        raise GeError(
            _("{place} has no results: {reason}", place=study.county(county).name, reason=study.missing[county]),
            _("correct it, then `ge run {county}`", county=county),
        )
    with one_command(study.paths.processed, waiting):
        return _render(study, formats, engine or default_engine(), county, on_progress, submit)


def _render(
    study: Study,
    formats: Iterable[str],
    engine: str,
    county: str | None,
    on_progress: Callable[[str, int, int], None],
    submit: "Submit | None",
) -> list[Path]:
    build, output = study.paths.report_build, study.paths.report_output
    if _why_project(study):
        _write(study, build)
    files = {name: _files(output, name, formats) for name in ([f"counties/{county}"] if county else documents(build))}
    made, sources = _made(output), {name: made_from(build, name, engine) for name in files}
    stale = [name for name in files if not all(_fresh(made, output, path, sources[name]) for path in files[name])]
    if stale:
        from ge_analysis.report.render import render_project

        for path in [path for name in stale for path in files[name]]:
            _set_aside(output, path, made)
        render_project(build, output, formats, engine, stale, on_progress, submit)
        for name in stale:
            for path in files[name]:
                made[_key(output, path)] = _made_from(sources[name], path)
        write_json(output / MADE, made)
    return [path for paths in files.values() for path in paths]


def keep(study: Study, edited: Path, county: str | None = None) -> tuple[Path, list["Edit"]]:
    """Carry edits made by hand in a Word file over to the one built now.

    Parameters
    ----------
    study : Study
        A study whose report has been rendered.
    edited : Path
        The edited file, built from the same study earlier.
    county : str, optional
        Slug of the county whose brief it is; defaults to the report.

    Returns
    -------
    path and list of Edit
        The file written beside the one built now, and all edits.

    Raises
    ------
    GeError
        If the edited file is not a Word file of this program.
    """
    from ge_analysis.report import kept

    built = study.paths.report_output / (f"counties/{county}.docx" if county else "report.docx")
    target = built.with_suffix(".kept.docx")
    return target, kept.keep(edited, built, target)


def _set_aside(output: Path, path: Path, made: dict[str, str]) -> None:
    """Rename a finished file that was changed by hand, and warn, before it is rewritten."""
    try:
        changed = not made[_key(output, path)].endswith(digest_bytes(path.read_bytes()))
    except (KeyError, OSError):  # not made here, gone, or unreadable: it is made again
        return
    if not changed:
        return
    aside = next(name for number in count(1) if not (name := path.with_stem(f"{path.stem}.by-hand-{number}")).exists())
    path.replace(aside)
    sys.stderr.write(SET_ASIDE.format(path=path, aside=aside))


def why(study: Study) -> list[str]:
    """Return the reasons why the report must be remade; an empty list if it is up to date."""
    project, output = _why_project(study), study.paths.report_output
    if project:
        return project
    build, made, engine = study.paths.report_build, _made(output), default_engine()
    return [
        _why_file(output, path)
        for name in documents(build)
        for path in _files(output, name, Format)
        if not _fresh(made, output, path, made_from(build, name, engine))
    ]


def _why_file(output: Path, path: Path) -> str:
    try:
        path.open("rb").close()
    except PermissionError as error:
        return str(cannot_read(path, error))
    except OSError:
        pass
    return _("{file} is missing or was made from something else", file=_key(output, path))


@cache
def load_ahead() -> None:
    """Import writing and rendering once, in the background, while the notebooks run."""
    Thread(target=_load).start()


def _load() -> None:
    with suppress(Exception):  # the next import raises it again
        from ge_analysis.report import project, render  # noqa: F401
        from ge_analysis.storage import fonts

        fonts.glyphs()


def _write(study: Study, build: Path) -> None:
    from ge_analysis.report.project import write_project
    from ge_analysis.report.render import equip

    inputs = _inputs(study)
    if edited(build):
        _keep(build)
    with whole_folder(build) as staging:
        write_project(study, staging)
        equip(study.paths.report_sources, staging)
        write_stamp(staging, inputs)


def _keep(build: Path) -> None:
    """Keep a copy of a project that was edited by hand, and warn, before it is rewritten."""
    taken = {path.name for path in build.parent.glob(f"{build.name}.by-hand-*")}
    kept = next(name for number in count(1) if (name := f"{build.name}.by-hand-{number}") not in taken)
    with whole_folder(build.with_name(kept)) as staging:
        shutil.copytree(build, staging, symlinks=True, dirs_exist_ok=True)
    moved = _("{folder} was changed by hand; it is kept as {kept}, and rewritten from report/chapters", folder=build, kept=kept)
    sys.stderr.write(f"ge: {moved}\n")


def _why_project(study: Study) -> list[str]:
    return why_stale(study.paths.report_build, _inputs(study))


def _inputs(study: Study) -> dict[str, str]:
    """Return name and hash of everything that the Quarto project is made from."""
    paths = study.paths
    return {
        **{f"results of {place}": _results(paths.results(place)) for place in study.places},
        **{f"tables of {place}": content(study, place) for place in study.places},
        "year before": _handed_over(study.before),
        "parameters": digest_bytes(f"{study.params.model_dump_json()}{own_digest(paths.own_vocabulary)}".encode()),
        "chapters and styles": " ".join(_sources_digest(folder) for folder in paths.report_sources),
        "code": code_digest(*OTHER_CODE),
    }


def _handed_over(before: Study | None) -> str:
    """Hash what the year before handed over: the published states, and the results, which count where there are none."""
    if not before:
        return ""
    states = sorted(folder.name for folder in before.paths.published.glob("[0-9]*"))
    return " ".join([*states, *(_results(before.paths.results(place)) for place in before.places)])


def _sources_digest(folder: Path) -> str:
    """Hash the chapters, filters and styles of one folder."""
    found = [
        path
        for name in ("chapters", "filters", "styles", "pictures")
        if (folder / name).is_dir()
        for path in files_below(folder / name)
    ]
    return digest_files([*found, *folder.glob("_quarto.yml")], folder)


def _results(folder: Path) -> str:
    """Hash the results of one place; a place that failed is represented by its failure."""
    failed = failure(folder)
    return digest_bytes(json.dumps(failed, sort_keys=True).encode()) if failed else outputs_of(folder)


def _files(output: Path, name: str, formats: Iterable[str]) -> list[Path]:
    files = [output / f"{name}.{form}" for form in Format if form in formats and (name == "report" or form.has_brief)]
    return [*files, output / "report-data.xlsx"] if output / "report.html" in files else files


def _key(output: Path, path: Path) -> str:
    return path.relative_to(output).as_posix()


def _made(output: Path) -> dict[str, str]:
    """Return what each finished file was made from; empty if the record is missing or damaged."""
    try:
        return TypeAdapter(dict[str, str]).validate_json((output / MADE).read_bytes())
    except (OSError, ValueError):
        return {}


def _made_from(source: str, path: Path) -> str:
    return f"{source} {digest_bytes(path.read_bytes())}"


def _fresh(made: dict[str, str], output: Path, path: Path, source: str) -> bool:
    """Whether a finished file was made from this source and is unchanged since."""
    with suppress(OSError):  # an unreadable file is made again
        return path.is_file() and made.get(_key(output, path)) == _made_from(source, path)
    return False
