"""DVC's record of the three steps, kept up to date by `ge build` as by `dvc repro`."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.study import Study

LOCK = "dvc.lock"
WATCHED = ("data", "notebooks", "params", "report", "src", "dvc.yaml")


def record(study: Study) -> None:
    """Record in DVC that all steps are up to date, if a file that it watches is newer than its record.

    Do nothing if DVC is not installed, the project does not use it, or `dvc.yaml` does not name the year.
    Loading DVC takes longer than a build with nothing to do.

    Raises
    ------
    GeError
        If DVC cannot record.
    """
    root = study.paths.root
    lock = root / LOCK
    if study.year != study.params.study.default_year or not (root / ".dvc").is_dir() or not find_spec("dvc"):
        return
    if lock.is_file() and lock.stat().st_mtime_ns > max(_times(root), default=0):
        return
    command = [sys.executable, "-m", "dvc", "commit", "--force"]
    done = subprocess.run(command, cwd=root, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or [
            _("it ended with code {code}", code=done.returncode)
        ]
        reason = next((line for line in lines if line.startswith("ERROR")), lines[0])
        raise GeError(
            _("the report is made, but DVC could not record it: {reason}", reason=reason),
            _("correct dvc.yaml, or remove {lock}", lock=LOCK),
        )
    os.utime(lock)


def _times(root: Path) -> Iterator[int]:
    """Return when each watched file was written or copied here, and when each folder gained or lost a file [ns].

    Times in the future, from a machine whose clock is ahead, are ignored: no record would ever be newer.
    """
    now = time.time_ns()
    for name in WATCHED:
        path = root / name
        for each in (path, *path.rglob("*")):
            if each.exists() and each.suffix != ".pyc":
                stat = each.stat()
                yield from (at for at in (stat.st_mtime_ns, stat.st_ctime_ns) if at <= now)
