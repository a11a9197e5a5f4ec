"""The package's notebooks and chapters that a study has made its own, and whether the package's have changed since."""

import json
import shutil
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.storage.files import digest_bytes, files_below, write_json
from ge_analysis.storage.paths import shipped

RECORD = "params/copied.json"  # file → hash of the package's file when it was copied
PARTS = {
    "notebooks": ("notebooks",),
    "chapters": ("report/chapters",),
    "styles": ("report/styles", "report/filters", "report/_quarto.yml"),
}


class OwnFile(NamedTuple):
    """A file that takes precedence over the package's.

    Attributes
    ----------
    name : str
        Its path below the study's folder.
    differs : bool
        Whether it differs from the package's present file of that name.
    moved_on : bool
        Whether the package's file has changed since it was copied.
    """

    name: str
    differs: bool
    moved_on: bool


def copy(root: Path, part: str) -> list[str]:
    """Copy some of the package's files into a study, where they can be changed; existing files stay.

    Parameters
    ----------
    root : Path
        The study's folder.
    part : {"notebooks", "chapters", "styles"}
        What to copy.

    Returns
    -------
    list of str
        Names of the files copied.
    """
    copied = {}
    for name, source in _provided(PARTS[part]).items():
        target = root / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            copied[name] = digest_bytes(source.read_bytes())
    if copied:
        write_json(root / RECORD, _record(root) | copied)
    return list(copied)


def own_files(root: Path) -> list[OwnFile]:
    """Return the study's own files that take precedence over the package's; none in a checkout, which is both."""
    if root == shipped():
        return []
    copied, found = _record(root), []
    for name, source in _provided([path for paths in PARTS.values() for path in paths]).items():
        if (root / name).is_file():
            now = digest_bytes(source.read_bytes())
            found.append(OwnFile(name, digest_bytes((root / name).read_bytes()) != now, copied.get(name, now) != now))
    return found


def _provided(names: "tuple[str, ...] | list[str]") -> dict[str, Path]:
    """Return the package's files below some folders, by their names in a study."""
    base = shipped()
    paths = [path for name in names for path in (files_below(base / name) if (base / name).is_dir() else [base / name])]
    return {path.relative_to(base).as_posix(): path for path in paths if ".ipynb_checkpoints" not in path.parts}


def _record(root: Path) -> dict[str, str]:
    path = root / RECORD
    if not path.is_file():
        return {}
    try:
        return TypeAdapter(dict[str, str]).validate_python(json.loads(path.read_text(encoding="utf-8")))
    except ValueError:
        raise GeError(
            _("{path} is damaged", path=path), _("remove it: only the notes on newer versions of your files are lost")
        ) from None
