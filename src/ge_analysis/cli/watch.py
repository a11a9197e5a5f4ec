"""`ge watch`: bring the report up to date at every change, the page first."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, NoReturn
from zipfile import is_zipfile

from ge_analysis.cli.app import JobsOption, YearOption, alone, app, collect, open_collected, open_study, out, require_data, warn
from ge_analysis.errors import GeError
from ge_analysis.language import _

if TYPE_CHECKING:
    from ge_analysis.runner.pool import Pools
    from ge_analysis.storage.paths import Paths
    from ge_analysis.study import Study

LOOK_SECONDS = 60  # between looks at shared storage
QUIET_MS = 200  # until the watcher reports that nothing has changed
MOST_NAMED = 3
# Prefixes of the files that Excel, WPS and LibreOffice (`.~lock.台账.xlsx#`) keep beside a workbook while it is open.
MARKS = ("~$", ".~")
MADE = ("_build", "_output", ".ipynb_checkpoints")


@app.command()
def watch(year: YearOption = None, jobs: JobsOption = None) -> None:
    """Do all of it at every change, report.html first, until Ctrl-C."""
    from watchfiles import watch as watched

    from ge_analysis.report.build import load_ahead
    from ge_analysis.runner.pool import pools

    study = open_collected(year)
    require_data(study)
    paths = study.paths
    try:
        with pools() as warm:
            for pool in warm:
                pool.start()
            load_ahead()
            out.print(_("watching {folder}; Ctrl-C ends it", folder=paths.root), markup=False)
            seen = watched(*_folders(paths), watch_filter=_matters, rust_timeout=QUIET_MS, yield_on_timeout=True)
            batches = ({Path(name) for _change, name in batch} for batch in seen)
            for changed in rounds(paths, followed(study, batches)):
                if any(path.is_relative_to(paths.root / "params") for path in changed) and _can_be_opened(year):
                    break
                _update(year, _named(changed, paths.root), jobs, warm)
    except KeyboardInterrupt:
        return
    _begin_anew()


def followed(study: "Study", batches: Iterable[set[Path]], seconds: float = LOOK_SECONDS) -> Iterator[set[Path]]:
    """Pass changes on, and every so often look at shared storage; what is copied from there is among the next changes.

    While it cannot be read, that is said once.
    """
    looked, said = monotonic(), ""
    for batch in batches:
        if monotonic() - looked >= seconds:
            try:
                collect(study)
                said = ""
            except GeError as error:
                if str(error) != said:
                    warn(said := str(error))
            looked = monotonic()
        yield batch


def _folders(paths: "Paths") -> list[Path]:
    """Return the folders of the report's inputs; a study need not have all of them."""
    root = paths.root
    found = [paths.raw, paths.corrections.parent, paths.notebooks, paths.own_indicators, root / "params", paths.report]
    return [folder for folder in found if folder.is_dir()]


def _matters(_change: object, name: str) -> bool:
    """Whether a changed path is an input, not something made or temporary."""
    path = Path(name)
    return not (set(path.parts) & set(MADE) or path.name.startswith(".") or path.name.endswith(("~", ".tmp")))


def rounds(paths: "Paths", batches: Iterable[set[Path]]) -> Iterator[set[Path]]:
    """Collect changes until no workbook is open or half written.

    Parameters
    ----------
    paths : Paths
        Where the year's workbooks are.
    batches : iterable of set of Path
        Changes since the previous batch, possibly none.

    Yields
    ------
    set of Path
        Changes since the previous round; the first, empty, is for what was stale at the start.
    """
    changed: set[Path] | None = set()
    said: set[Path] = set()
    for batch in batches:
        if files := {path for path in batch if not path.name.startswith(MARKS)}:
            changed = (changed or set()) | files
        if changed is None:
            continue
        busy = worked_on(paths.raw)
        for path in sorted(busy - said):
            line = _("waiting for {file}, which is open elsewhere or half written", file=path.relative_to(paths.root).as_posix())
            out.print(line, markup=False)
        said |= busy
        if not busy:
            yield changed
            changed, said = None, set()


def worked_on(raw: Path) -> set[Path]:
    """Return the workbooks below a folder that another program has open or has not finished writing.

    A workbook is a zip archive, whose directory is written last.
    """
    from ge_analysis.ledgers.stale import raw_folder

    marks = (path for mark in MARKS for path in raw.glob(f"*/**/{mark}*"))
    opened = {path.with_name(path.name[2:].removeprefix("lock.").removesuffix("#")) for path in marks}
    return opened.union(path for path in raw_folder(raw).files if path.suffix.lower() in (".xlsx", ".xlsm") and _is_half(path))


def _is_half(path: Path) -> bool:
    with suppress(OSError), path.open("rb") as file:  # moved away, or an issue that reading will report
        return file.read(2) in (b"", b"PK") and not is_zipfile(file)
    return False


def _named(changed: set[Path], root: Path) -> str:
    """Name the first changed files and count the rest."""
    names = [path.relative_to(root).as_posix() for path in sorted(changed)]
    shown = _(", ").join(names[:MOST_NAMED]) or _("at the start")
    return _("{names} and {number} more", names=shown, number=len(names) - MOST_NAMED) if len(names) > MOST_NAMED else shown


def _update(year: int | None, named: str, jobs: int | None, warm: "Pools") -> None:
    """Bring everything up to date; print one line on the changes and the time taken, and one for each failure."""
    from ge_analysis.report.build import render
    from ge_analysis.runner.run import run

    begun = perf_counter()
    failures: list[object] = []
    out.print(f"{named}: ", end="", markup=False)
    try:
        study = open_study(year)
        with alone(study):
            pass  # a run refuses to start beside another
        failures += run(study, None, jobs, warm=warm)
        render(study, ["html"])
        out.print(_("html after {seconds} s", seconds=f"{perf_counter() - begun:.1f}"), end="")
        render(study)
        out.print(_(", docx and pdf after {seconds} s", seconds=f"{perf_counter() - begun:.1f}"))
    except GeError as error:
        out.print()
        failures.append(error)
    for failure in failures:
        warn(str(failure))


def _can_be_opened(year: int | None) -> bool:
    """Whether the parameters are valid; if not, the next update says why."""
    with suppress(GeError):
        return bool(open_study(year))
    return False


def _begin_anew() -> NoReturn:
    """Run the command again in a new process: this one caches what it has read from the parameters."""
    command = [sys.executable, *sys.orig_argv[1:]]
    if os.name == "posix":
        os.execv(sys.executable, command)
    sys.exit(subprocess.call(command))
