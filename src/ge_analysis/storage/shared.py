"""Raw data on shared storage: a copy in the study is brought up to date, and everything else works with the copy."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.storage.files import FULL, digest_bytes, locked, whole_file, write_json

RECORD = ".fetched.json"  # in the copy: the state of each file on the shared storage when it was copied
_STATES = TypeAdapter(dict[str, str])
_PASSWORD = re.compile(r"//[^/@]*@")


def fetch(address: str, folder: Path) -> None:
    """Make a folder the copy of one on shared storage: copy what is new or changed, remove what is gone there.

    Parameters
    ----------
    address : str
        Any that fsspec understands: s3://…, sftp://…, file:///…
    folder : Path
        The copy; it may hold nothing else but hidden files.

    Raises
    ------
    GeError
        If fsspec or what it needs for the address is missing, the address cannot be read, holds nothing or names a file outside
        the folder, or the folder holds other files or cannot be written.

    Examples
    --------
    >>> fetch("s3://bureau/ledgers/2021", Path("data/raw/2021"))               # doctest: +SKIP
    """
    with locked(folder):
        with _readable(address):
            system, root = _opened(address)
            states = _states(system, root, folder)
        known = _known(folder)
        if others := sorted(_files(folder) - known.keys()):
            raise GeError(
                _("{file} is not from {address}", file=folder / others[0], address=_shown(address)),
                _("move it away, or take raw_address out of params/study.yml"),
            )
        for name in known.keys() - states.keys():
            (folder / name).unlink(missing_ok=True)
            with suppress(OSError):  # other files are left in it
                (folder / name).parent.rmdir()
        stale = [name for name, state in states.items() if known.get(name) != state or not (folder / name).is_file()]
        if stale:  # noted first, so that the next command knows where the files of a killed one are from
            write_json(folder / RECORD, states | dict.fromkeys(stale, ""))
        for name in stale:
            with whole_file(folder / name) as temporary, _readable(address):
                system.get_file(f"{root}/{name}", str(temporary))
        if known != states:
            write_json(folder / RECORD, states)


@contextmanager
def _readable(address: str) -> Iterator[None]:
    """Turn whatever the library of a storage raises into one clear error."""
    try:
        yield
    except ImportError as error:
        todo = _(
            'install all of requirements-all.lock as the README says, or run `pip install -e ".[distributed]"` in the project'
        )
        raise GeError(f"{_shown(address)}: {error}", todo) from None
    except Exception as error:  # every storage has its own
        if isinstance(error, OSError) and error.errno in FULL:  # of this machine's disk
            raise
        what = _("cannot read {path}: {reason}", path=_shown(address), reason=" ".join(str(error).split()))
        raise GeError(what, _("correct raw_address in params/study.yml, or the connection")) from error


def _opened(address: str) -> tuple[Any, str]:
    """Return the storage, which has no types, and the path of the folder on it."""
    from fsspec.core import url_to_fs  # optional

    system, root = url_to_fs(address)
    system.invalidate_cache()
    return system, root.rstrip("/")


def _states(system: Any, root: str, folder: Path) -> dict[str, str]:
    """Return a hash of what the storage says of each file below a path: size, times, version."""
    found = {path.removeprefix(f"{root}/"): details for path, details in system.find(root, detail=True).items()}
    if not found:
        raise FileNotFoundError(_("no file in it"))
    for name in found:
        if not (folder / name).resolve().is_relative_to(folder.resolve()):
            raise ValueError(_("a name in it leads out of the folder: {name}", name=name))
    return {name: digest_bytes(repr(sorted(details.items())).encode()) for name, details in sorted(found.items())}


def _known(folder: Path) -> dict[str, str]:
    try:
        return _STATES.validate_json((folder / RECORD).read_bytes())
    except (OSError, ValueError):  # none yet, or damaged
        return {}


def _files(folder: Path) -> set[str]:
    """Return the files of the copy that are not hidden."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts)}


def _shown(address: str) -> str:
    """Return an address without user and password."""
    return _PASSWORD.sub("//", address)
