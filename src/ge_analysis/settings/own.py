"""What a study adds to the package's columns, sheets, codes and indicators: files below `params/<year>/own/`.

A process works on one study, so these additions hold for the whole process, like the package's own vocabulary.
"""

from pathlib import Path

from ge_analysis.errors import GeError
from ge_analysis.language import _

_folder: Path | None = None


def use(folder: Path) -> None:
    """Use what a study adds, if it has such a folder.

    Raises
    ------
    GeError
        If this process already uses what another study or another year adds, or if the folder holds what nothing reads.
    """
    global _folder
    if not folder.is_dir():
        return
    for path in sorted(folder.glob("[!.]*")):
        if path.name not in ("registry.yml", "contracts"):
            raise GeError(_("{path} is not read", path=path), _("call it registry.yml or contracts/TABLE.yml"))
    if _folder not in (None, folder):
        raise GeError(
            _("this process works with {folder} already", folder=_folder), _("start another for {parent}", parent=folder.parent)
        )
    _folder = folder


def folder() -> Path | None:
    """Return the folder of what this process's study adds; None if it adds nothing."""
    return _folder
