"""What a finished folder was made from, so that only what is stale is made again."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

from ge_analysis.errors import GeError
from ge_analysis.language import N_, _, by_word
from ge_analysis.storage.files import cannot_read, cannot_use, digest_files, files_below, write_json
from ge_analysis.storage.results import FAILED_NOTEBOOK, FAILURE

STAMP = "stamp.json"
BY_HAND = N_("its files were changed by hand")


def _digest(folder: Path) -> str:
    return digest_files((path for path in folder.rglob("*") if path.is_file() and not _is_by_the_way(path, folder)), folder)


def _is_by_the_way(path: Path, folder: Path) -> bool:
    """Whether a file says nothing of the folder's state: stamp, failure, or what Quarto makes where it is run by hand."""
    parts = path.relative_to(folder).parts
    rendered = path.suffix in {".docx", ".html", ".pdf"} and path.with_suffix(".qmd").is_file()
    return path.name in {STAMP, FAILURE, FAILED_NOTEBOOK, ".gitignore"} or ".quarto" in parts or rendered


def write_stamp(folder: Path, inputs: Mapping[str, str]) -> None:
    """Write the stamp of a finished folder; the last file that goes into it.

    Parameters
    ----------
    folder : Path
        Folder (usually a staging folder) that holds all its files already.
    inputs : mapping of str to str
        Name of each input, as a person knows it ("table outages", "notebook", "code"), and its hash.
    """
    write_json(folder / STAMP, {"inputs": dict(inputs), "outputs": _digest(folder)})


def why_stale(folder: Path, inputs: Mapping[str, str]) -> list[str]:
    """Say in a few words why a folder must be made again; an empty list where it is up to date.

    Parameters
    ----------
    folder : Path
        A folder that `write_stamp` finished, or one that is not there.
    inputs : mapping of str to str
        Name and hash of everything the folder would be made from now.
    """
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
        before, outputs = dict(stamp["inputs"]), stamp["outputs"]
    except PermissionError as error:
        return [str(cannot_read(folder / STAMP, error))]
    except (OSError, ValueError, KeyError, TypeError):
        return [_("not made yet")]
    reasons = [_("{input} changed", input=by_word(name)) for name in inputs if name in before and before[name] != inputs[name]]
    reasons += [_("{input} is new", input=by_word(name)) for name in inputs if name not in before]
    reasons += [_("{input} is gone", input=by_word(name)) for name in before if name not in inputs]
    return reasons or _why_changed(folder, outputs)


def _why_changed(folder: Path, outputs: str) -> list[str]:
    """Say why a finished folder's files are not what was finished; nothing where they are."""
    try:
        return [] if _digest(folder) == outputs else [_(BY_HAND)]
    except GeError as error:
        return [str(error)]
    except OSError as error:  # just being replaced
        return [str(cannot_use(error))]


def edited(folder: Path) -> bool:
    """Whether files of a finished folder were changed, added or removed since it was made; all of them can be read."""
    made = outputs_of(folder)
    return bool(made) and _why_changed(folder, made) == [_(BY_HAND)]


def outputs_of(folder: Path) -> str:
    """Return the hash of a finished folder's files, as its stamp has it; "" where the folder is not finished."""
    try:
        return str(json.loads((folder / STAMP).read_text(encoding="utf-8"))["outputs"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def made_at(folder: Path) -> str:
    """Say of a finished folder when it was made and by what hash it is known; "" where the folder is not finished."""
    outputs = outputs_of(folder)
    return f"{datetime.fromtimestamp((folder / STAMP).stat().st_mtime):%Y-%m-%d %H:%M}, {outputs[:8]}" if outputs else ""


def own_digest(*folders: Path) -> str:
    """Hash the files that a study has in folders of its own, which need not be there."""
    there = [folder for folder in folders if folder.is_dir()]
    return " ".join(
        digest_files([path for path in files_below(folder) if "__pycache__" not in path.parts], folder) for folder in there
    )


# Code that shapes nothing that is made, whatever that is. A new module counts until it is named.
WITHOUT_EFFECT = frozenset(
    {"cli", "demo", "handbook", "language.py", "locale", "starting", "ledgers/check.py", "ledgers/template.py"}
)


@cache
def code_digest(*without: str) -> str:
    """Hash all code and data of the package but what has no effect.

    Parameters
    ----------
    *without : str
        Names below `src/ge_analysis` ("report", "runner/pool.py") without effect on what the hash is for, besides
        `WITHOUT_EFFECT`.
    """
    base, left_out = Path(str(files("ge_analysis"))), WITHOUT_EFFECT.union(without)
    found = [path for path in base.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    names = {path: path.relative_to(base) for path in found}
    return digest_files(
        (path for path, name in names.items() if not any(name.is_relative_to(other) for other in left_out)),
        base,
    )
