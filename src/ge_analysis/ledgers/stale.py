"""What the tables of a place are made from, and so whether they are stale; loads nothing that reads workbooks."""

import json
import time
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pydantic import TypeAdapter

from ge_analysis.errors import GeError
from ge_analysis.files import cannot_read, digest_bytes, write_json
from ge_analysis.model import Model
from ge_analysis.params import Params, read_yaml
from ge_analysis.paths import DEMO_MARK, Paths
from ge_analysis.stamps import STAMP, code_digest
from ge_analysis.stamps import why_stale as stamp_why_stale

CITY = "city"
_SETTLED_NS = 2_000_000_000  # a file changed less than this before it was hashed is hashed again
_IGNORED_FILES = {DEMO_MARK, ".DS_Store", "Thumbs.db", "desktop.ini"}
_LOCK = "~$"  # what Excel and WPS write beside an open workbook


def places(params: Params) -> tuple[str, ...]:
    """Return the places that send ledgers: every county's slug, then "city"."""
    return (*(unit.slug for unit in params.counties), CITY)


def why_stale(paths: Paths, params: Params, place: str) -> list[str]:
    """Say in a few words why a place's tables must be made again; an empty list where they are up to date."""
    if paths.tables_only and (paths.tables(place) / STAMP).is_file():
        return []
    return stamp_why_stale(paths.tables(place), inputs(paths, params, place))


def inputs(paths: Paths, params: Params, place: str) -> dict[str, str]:
    """Name and hash of everything that a place's tables are made from."""
    known = [(unit.slug, unit.name, unit.code) for unit in params.counties]
    used = (paths.year, params.ledgers, params.year, known, params.study.city)
    found = {
        "workbooks": _raw_digest(paths, place),
        "parameters": digest_bytes(repr(used).encode()),
        "corrections": _corrections(paths.corrections, params, place),
        "code": code_digest("ledgers", "registry.yml"),
        "libraries": _libraries(),
    }
    return found if place == CITY else found | {"city workbooks": _raw_digest(paths, CITY)}


def _corrections(path: Path, params: Params, place: str) -> str:
    """Hash the corrections of one place; an entry that names no known place, a mistake that reading tells, counts for all."""
    entries = read_yaml(path, list[dict] | None) if path.exists() else None
    others = set(places(params)) - {place}
    return digest_bytes(repr([entry for entry in entries or () if entry.get("county") not in others]).encode())


def raw_files(folder: Path) -> list[Path]:
    """Return the files below a raw folder in the order of their names, without what the system leaves there."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in files if path.name not in _IGNORED_FILES and not path.name.startswith(_LOCK))


@cache
def _libraries() -> str:
    return " ".join(f"{name} {version(name)}" for name in ("pandas", "pyarrow", "python-calamine"))


class _Hashed(Model):
    """The hash of a raw file, by what the file was known then, and when it was taken [ns]."""

    seen: tuple[int, ...]
    taken: int
    hash: str


_RECORD = TypeAdapter(dict[str, _Hashed])


def _raw_digest(paths: Paths, place: str) -> str:
    """Hash the raw files of a place. A file whose size, times and inode stand as recorded is not read again."""
    folder, record = paths.raw / place, paths.processed / "hashes" / f"{place}.json"
    before = _recorded(record)
    names = {path.relative_to(folder).as_posix(): path for path in raw_files(folder)}
    # A file may bear a person's name, so the record knows it by the hash of that.
    now = {(key := digest_bytes(name.encode())): _hashed(path, before.get(key)) for name, path in names.items()}
    if now != before:
        with suppress(GeError):  # the record only saves time
            write_json(record, {name: entry.model_dump() for name, entry in now.items()})
    return digest_bytes(json.dumps([[name, entry.hash] for name, entry in now.items()]).encode())


def _recorded(record: Path) -> dict[str, _Hashed]:
    """Return what the last look at the raw files left; nothing where it is missing or damaged."""
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
