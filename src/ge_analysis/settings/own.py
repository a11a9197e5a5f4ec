"""What a study adds to the package's columns, sheets, codes and indicators: files below `params/<year>/own/`.

A process works on one study, so what it adds is known to the whole process, as the package's own vocabulary is.
"""

from pathlib import Path

from ge_analysis.errors import GeError
from ge_analysis.language import _

_folder: Path | None = None


def use(folder: Path) -> None:
    """Take up what a study adds; nothing where it has no such folder.

    Raises
    ------
    GeError
        Where this process has taken up what another study, or another of its years, adds.
    """
    global _folder
    if not folder.is_dir():
        return
    if _folder not in (None, folder):
        raise GeError(
            _("this process works with {folder} already", folder=_folder), _("start another for {parent}", parent=folder.parent)
        )
    _folder = folder


def folder() -> Path | None:
    """Return the folder of what the study of this process adds; None where it adds nothing."""
    return _folder
