"""DVC's record of the three steps, kept true by `ge build` as well as by `dvc repro`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ge_analysis.study import Study

LOCK = "dvc.lock"
WATCHED = ("data", "notebooks", "params", "report", "src", "dvc.yaml")


def record(study: Study) -> None:
    """Tell DVC that all steps are up to date, where a file that it watches is newer than its record.

    Does nothing in a project that is not under DVC, and for a year that `dvc.yaml` does not name. Loading DVC takes longer
    than a build that finds nothing to do.
    """
    root = study.paths.root
    lock = root / LOCK
    if not (root / ".dvc").is_dir() or study.year != study.params.study.default_year:
        return
    if lock.is_file() and lock.stat().st_mtime_ns > max(_times(root)):
        return
    subprocess.run([sys.executable, "-m", "dvc", "commit", "--force", "--quiet"], cwd=root, check=True)
    os.utime(lock)


def _times(root: Path) -> Iterator[int]:
    """Return when each watched file was written, and when each folder gained or lost one [ns]."""
    for name in WATCHED:
        path = root / name
        yield from (each.stat().st_mtime_ns for each in (path, *path.rglob("*")) if each.exists() and each.suffix != ".pyc")
