"""`ge doctor`: can this machine make the report?"""

import platform
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shutil import disk_usage, which
from typing import NamedTuple

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.settings import parameters as params
from ge_analysis.storage.paths import find_root

PACKAGES = (
    "pandas",
    "papermill",
    "nbconvert",
    "jupyterlab",
    "matplotlib",
    "seaborn",
    "openpyxl",
    "quarto",
    "pypandoc_binary",
    "typst",
)
WRITTEN = (".", "data/raw", "data/processed", "data/templates", "checks", "report")


class Diagnosis(NamedTuple):
    """One line of the doctor's table."""

    name: str
    ok: bool
    found: str


def checks(start: Path) -> list[Diagnosis]:
    """Look at Python, packages, fonts, Quarto, parameters and write access.

    Parameters
    ----------
    start : Path
        A folder in the project.

    Returns
    -------
    list of Diagnosis
        A missing Quarto is not a fault: the embedded engine is used instead.
    """
    root = find_root(start)
    return [*_machine(), *_packages(), _fonts(), _quarto(), _parameters(root), *(_writable(root, name) for name in WRITTEN)]


def _machine() -> Iterator[Diagnosis]:
    yield Diagnosis(
        "Python",
        sys.version_info >= (3, 11),
        _("{version} on {system}", version=platform.python_version(), system=platform.system()),
    )
    yield Diagnosis("encoding", sys.getfilesystemencoding().lower() == "utf-8", sys.getfilesystemencoding())


def _packages() -> Iterator[Diagnosis]:
    for name in PACKAGES:
        try:
            yield Diagnosis(name, True, version(name))
        except PackageNotFoundError:
            yield Diagnosis(name, False, _("not installed; install again from requirements.lock"))


def _fonts() -> Diagnosis:
    from ge_analysis.figures.style import use_style

    try:
        use_style()
    except GeError as error:
        return Diagnosis("fonts", False, str(error))
    return Diagnosis("fonts", True, _("Noto CJK SC from mplfonts"))


def _quarto() -> Diagnosis:
    path = which("quarto")
    return Diagnosis("quarto command", True, path or _("not installed: the embedded engine is used"))


def _parameters(root: Path) -> Diagnosis:
    try:
        loaded = params.load(root)
    except GeError as error:
        return Diagnosis("parameters", False, str(error))
    return Diagnosis(
        "parameters",
        True,
        _("{city} {year}, counties: {count}", city=loaded.study.city, year=loaded.study.default_year, count=len(loaded.counties)),
    )


def _writable(root: Path, name: str) -> Diagnosis:
    """Try to write to a folder or, if it does not exist yet, to its nearest parent."""
    folder = next(found for found in (root / name, *(root / name).parents) if found.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            free = disk_usage(folder).free
    except OSError as error:
        return Diagnosis(f"write {name}/", False, f"{folder}: {error.strerror}")
    return Diagnosis(f"write {name}/", True, _("{free:.0f} GB free", free=free / 1e9))
