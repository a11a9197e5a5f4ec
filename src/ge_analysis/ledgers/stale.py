"""What the tables of a place are made from, and so whether they are stale; loads nothing that reads workbooks."""

import json
import os
import time
from contextlib import suppress
from errno import EACCES
from fnmatch import fnmatch
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter

from ge_analysis.errors import GeError, UnreadableError
from ge_analysis.settings.model import Model
from ge_analysis.settings.places import CITY
from ge_analysis.settings.study_year import StudyYear
from ge_analysis.settings.yaml_files import read_yaml
from ge_analysis.storage.files import cannot_read, digest_bytes, write_json
from ge_analysis.storage.paths import DEMO_MARK, Paths
from ge_analysis.storage.stamps import STAMP, code_digest, outputs_of, own_digest
from ge_analysis.storage.stamps import why_stale as stamp_why_stale

# Code that works with finished tables, or with none.
OTHER_CODE = (
    *("figures", "findings", "indicators", "notebook", "report", "review", "runner"),
    *("storage/fonts.py", "study.py"),
)
_SETTLED_NS = 2_000_000_000  # a file that changed this shortly before it was hashed is hashed again
# What systems and programs leave beside files, in upper or lower case: ~$ and .~ are locks, ._ macOS resource forks.
_LEFT_BEHIND = (DEMO_MARK, ".ds_store", "thumbs.db", "desktop.ini", "._*", ".~*", "~$*", "*.tmp")
_LEFT_FOLDERS = {"__macosx", "$recycle.bin", "@eadir", ".trashes", ".temporaryitems", ".ipynb_checkpoints"}


def why_stale(study: StudyYear, place: str) -> list[str]:
    """Return the reasons why a place's tables must be made again; an empty list if they are up to date.

    An unreadable raw folder or file is such a reason; reading then makes it an issue, and other places are not affected.
    """
    if study.paths.tables_only and (study.paths.tables(place) / STAMP).is_file():
        return []
    try:
        return stamp_why_stale(study.paths.tables(place), inputs(study, place))
    except UnreadableError as error:
        return [str(error)]


def content(study: StudyYear, place: str) -> str:
    """Hash a place's tables or, if they are not up to date, what they would be made from."""
    if not why_stale(study, place):
        return outputs_of(study.paths.tables(place))
    try:
        return digest_bytes(repr(inputs(study, place)).encode())
    except UnreadableError as error:
        return str(error)


def inputs(study: StudyYear, place: str) -> dict[str, str]:
    """Return name and hash of everything that a place's tables are made from."""
    known = [(unit.slug, unit.name, unit.code) for unit in study.counties]
    used = (study.year, study.params.ledgers, study.params.year, known, study.params.grids, study.params.study.city)
    found = {
        "workbooks": raw_digest(study.paths, place),
        "parameters": digest_bytes(repr(used).encode()),
        "corrections": _corrections(study, place),
        **workings(),
    }
    if own := own_digest(study.paths.own_vocabulary):
        found["own columns and sheets"] = own
    return found if place == CITY else found | {"city workbooks": _city_digest(study.paths)}


def _city_digest(paths: Paths) -> str:
    """Hash the city's raw files; if they cannot be read, a county is processed without them."""
    try:
        return raw_digest(paths, CITY)
    except UnreadableError:
        return "unreadable"


def _corrections(study: StudyYear, place: str) -> str:
    """Hash the corrections of one place; an entry with an unknown place, which reading reports, counts for all."""
    path = study.paths.corrections
    entries = read_yaml(path, list[dict[str, object]] | None) if path.exists() else None
    others = set(study.places) - {place}
    return digest_bytes(repr([entry for entry in entries or () if entry.get("county") not in others]).encode())


class RawFolder(NamedTuple):
    """The contents of a raw folder, without what systems and programs leave there.

    Parameters
    ----------
    files : list of Path
        Sorted.
    unreadable : dict of Path to str
        Folders that cannot be read, and why.
    outward : list of Path
        Symbolic links that lead out of the year's raw data; those to files are among `files`, folders are not followed.
    """

    files: list[Path]
    unreadable: dict[Path, str]
    outward: list[Path]


def raw_folder(folder: Path) -> RawFolder:
    """Walk a place's raw folder, which may be missing."""
    files, links, unreadable = [], [], {}

    def note(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            unreadable[Path(error.filename)] = error.strerror or str(error)

    for parent, folders, names in os.walk(folder, onerror=note):
        folders[:] = [name for name in folders if name.lower() not in _LEFT_FOLDERS]
        names = [name for name in names if not any(fnmatch(name.lower(), left) for left in _LEFT_BEHIND)]
        links += [path for name in (*folders, *names) if (path := Path(parent, name)).is_symlink()]
        files += [path for name in names if _is_file(path := Path(parent, name))]
    inside = folder.parent.resolve()
    outward = [link for link in links if not link.resolve().is_relative_to(inside)]
    return RawFolder(sorted(files), unreadable, sorted(outward))


def _is_file(path: Path) -> bool:
    """Whether a path is a file; if the system cannot say, it counts as one, so that reading it shows why."""
    try:
        return path.is_file()
    except OSError:
        return True


def shown_name(path: Path, folder: Path) -> str:
    """Return a path below a folder in readable form; names in GBK bytes (from zip files made on Chinese Windows) are decoded.

    Examples
    --------
    >>> shown_name(Path("a", os.fsdecode("停电.xlsx".encode("gbk"))), Path("a"))
    '停电.xlsx'
    """
    return "/".join(_decoded(os.fsencode(part)) for part in path.relative_to(folder).parts)


def _decoded(name: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            return name.decode(encoding)
    return name.decode("utf-8", "replace")


@cache
def workings() -> dict[str, str]:
    """Return name and version of what all tables are made with."""
    libraries = " ".join(f"{name} {version(name)}" for name in ("pandas", "pyarrow", "python-calamine"))
    return {"code": code_digest(*OTHER_CODE), "libraries": libraries}


class _Hashed(Model):
    """The hash of a raw file, the state of the file then, and when the hash was taken [ns]."""

    seen: tuple[int, ...]
    taken: int
    hash: str


_RECORD = TypeAdapter(dict[str, _Hashed])


def raw_digest(paths: Paths, place: str) -> str:
    """Hash the raw files of a place. A file whose size, times and inode are as recorded is not read again."""
    folder, record = paths.raw / place, paths.processed / "hashes" / f"{place}.json"
    before = _recorded(record)
    found = raw_folder(folder)
    for path, reason in found.unreadable.items():
        raise cannot_read(path, OSError(EACCES, reason))
    # A file may be called after a person, so the record has only the hash of its name.
    names = {digest_bytes(os.fsencode(path.relative_to(folder))): path for path in found.files}
    now = {name: _hashed(path, before.get(name)) for name, path in names.items()}
    if now != before:
        with suppress(GeError):  # the record only saves time
            write_json(record, {name: entry.model_dump() for name, entry in now.items()})
    return digest_bytes(json.dumps([[name, entry.hash] for name, entry in now.items()]).encode())


def _recorded(record: Path) -> dict[str, _Hashed]:
    """Return the record of the last hashing; empty if it is missing or damaged."""
    try:
        return _RECORD.validate_json(record.read_bytes())
    except (OSError, ValueError):
        return {}


def _hashed(path: Path, before: _Hashed | None) -> _Hashed:
    try:
        stat = path.stat()
        seen = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
        if before and before.seen == seen and max(stat.st_mtime_ns, stat.st_ctime_ns) + _SETTLED_NS < before.taken:
            return before
        return _Hashed(seen=seen, taken=time.time_ns(), hash=digest_bytes(path.read_bytes()))
    except OSError as error:
        raise cannot_read(path, error) from error
