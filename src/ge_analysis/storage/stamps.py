"""What a finished folder was made from, so that only stale folders are made again."""

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
    """Whether a file does not count: the stamp, a failure, or what Quarto leaves when it is run by hand."""
    parts = path.relative_to(folder).parts
    rendered = path.suffix in {".docx", ".html", ".pdf"} and path.with_suffix(".qmd").is_file()
    return path.name in {STAMP, FAILURE, FAILED_NOTEBOOK, ".gitignore"} or ".quarto" in parts or rendered


def write_stamp(folder: Path, inputs: Mapping[str, str]) -> None:
    """Write the stamp of a finished folder: the last file that goes into it.

    Parameters
    ----------
    folder : Path
        Folder (usually a staging folder) that already holds all its files.
    inputs : mapping of str to str
        Readable name of each input ("table outages", "notebook", "code"), and its hash.
    """
    write_json(folder / STAMP, {"inputs": dict(inputs), "outputs": _digest(folder)})


def why_stale(folder: Path, inputs: Mapping[str, str]) -> list[str]:
    """Return the reasons why a folder must be made again; an empty list if it is up to date.

    Parameters
    ----------
    folder : Path
        A folder finished by `write_stamp`, or a missing one.
    inputs : mapping of str to str
        Name and hash of everything that the folder would be made from now.
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
    """Return why a finished folder's files differ from those that were finished; an empty list if they do not."""
    try:
        return [] if _digest(folder) == outputs else [_(BY_HAND)]
    except GeError as error:
        return [str(error)]
    except OSError as error:  # being replaced right now
        return [str(cannot_use(error))]


def edited(folder: Path) -> bool:
    """Whether files of a finished folder were changed, added or removed by hand."""
    made = outputs_of(folder)
    return bool(made) and _why_changed(folder, made) == [_(BY_HAND)]


def outputs_of(folder: Path) -> str:
    """Return the hash of a finished folder's files from its stamp; "" if the folder is not finished."""
    try:
        return str(json.loads((folder / STAMP).read_text(encoding="utf-8"))["outputs"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def made_at(folder: Path) -> str:
    """Return when a finished folder was made, and its hash; "" if the folder is not finished."""
    outputs = outputs_of(folder)
    return f"{datetime.fromtimestamp((folder / STAMP).stat().st_mtime):%Y-%m-%d %H:%M}, {outputs[:8]}" if outputs else ""


def own_digest(*folders: Path) -> str:
    """Hash the files in a study's own folders, which need not exist."""
    there = [folder for folder in folders if folder.is_dir()]
    return " ".join(
        digest_files([path for path in files_below(folder) if "__pycache__" not in path.parts], folder) for folder in there
    )


# Code that affects no result at all. A new module counts until it is listed.
WITHOUT_EFFECT = frozenset(
    {"cli", "demo", "handbook", "language.py", "locale", "starting", "ledgers/check.py", "ledgers/template.py"}
)


@cache
def code_digest(*without: str) -> str:
    """Hash all code and data of the package that can affect a result.

    Parameters
    ----------
    *without : str
        Names below `src/ge_analysis` ("report", "runner/pool.py") that do not affect this result, besides
        `WITHOUT_EFFECT`.
    """
    base, left_out = Path(str(files("ge_analysis"))), WITHOUT_EFFECT.union(without)
    found = [path for path in base.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    names = {path: path.relative_to(base) for path in found}
    return digest_files(
        (path for path, name in names.items() if left_out.isdisjoint(each.as_posix() for each in (name, *name.parents))),
        base,
    )
