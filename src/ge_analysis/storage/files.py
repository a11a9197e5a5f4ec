"""Files written whole or not at all, and their hashes."""

import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from secrets import token_hex

import yaml
from filelock import FileLock, Timeout

from ge_analysis.errors import DiskFullError, GeError, UnreadableError
from ge_analysis.language import N_, _

# The safe loader, in C where PyYAML was built with it: every process of a run reads YAML.
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

WORKPLACE = ".ge"
_LOCK = ".lock"
REMAKE = N_("run `ge build`")
FREE_SPACE = N_("free some space on its disk, then run again")
_FULL = {errno.ENOSPC, errno.EDQUOT}
FULL_DISK = os.strerror(errno.ENOSPC)  # what libraries and other programs say of it


def cannot_write(path: Path, error: OSError) -> GeError:
    """Return the error for a file or folder that cannot be written."""
    error = _first_of(error)
    if error.errno in _FULL:
        return DiskFullError(_("cannot write {path}: {reason}", path=path, reason=error.strerror), _(FREE_SPACE))
    return GeError(
        _("cannot write {path}: {reason}", path=path, reason=error.strerror or error),
        _("check its rights and the free space, then run again"),
    )


def _first_of(error: OSError) -> OSError:
    """Return the first of the errors, kept as text, that copying a folder collects; any other error as it is."""
    if not isinstance(error, shutil.Error):
        return error
    why = str(error.args[0][0][-1])
    found = re.match(r"\[Errno (\d+)\] ([^:]+)", why)
    return OSError(int(found[1]), found[2]) if found else OSError(why)


def cannot_use(error: OSError) -> GeError:
    """Return the error for anything else that the system refuses."""
    where = f"{error.filename}: " if error.filename else ""
    if error.errno in _FULL:
        return DiskFullError(f"{where}{error.strerror}", _(FREE_SPACE))
    return GeError(f"{where}{error.strerror or error}", _("check its rights and the free space, then run again"))


def cannot_read(path: Path, error: OSError) -> GeError:
    """Return the error for a file that cannot be read."""
    return UnreadableError(
        _("cannot read {path}: {reason}", path=path, reason=error.strerror or error),
        _("close it in other programs, or check its rights"),
    )


@contextmanager
def read_whole(path: Path) -> Iterator[None]:
    """Make one clear error of whatever reading a made file raises that is damaged, closed, or just being replaced.

    Parameters
    ----------
    path : Path
        The file that the block reads.

    Raises
    ------
    GeError
        Where the block does not end well.
    """
    try:
        yield
    except FileNotFoundError:
        raise GeError(
            _("{path} is gone: perhaps another command is replacing it", path=path), _("run again when that has ended")
        ) from None
    except OSError as error:
        if error.errno:
            raise cannot_read(path, error) from error
        raise GeError(_("{path} is damaged", path=path), _(REMAKE)) from error
    except (ValueError, LookupError, TypeError, NotImplementedError) as error:  # Arrow has a class for each
        raise GeError(_("{path} is damaged", path=path), _(REMAKE)) from error


@contextmanager
def unfinished(place: Path) -> Iterator[Path]:
    """Give a new folder in `place` and remove it when the block ends; what a killed process left there is removed first.

    Parameters
    ----------
    place : Path
        The folder to make it in, which is created.
    """
    place.mkdir(parents=True, exist_ok=True)
    _clear(place)
    folder = place / f"ge-{token_hex(4)}"
    lock = folder.with_suffix(_LOCK)
    with FileLock(lock):  # held for as long as this process lives
        try:
            folder.mkdir(mode=0o700)
            yield folder
        finally:
            _remove(folder, lock)
            if place.name == WORKPLACE:
                with suppress(OSError):  # a project's holds locks and stays; beside a file outside any project nothing does
                    place.rmdir()


def scratch(place: str | Path | None = None) -> AbstractContextManager[Path]:
    """Give an `unfinished` folder for temporary files, in the system's folder for them where no other is given."""
    return unfinished(Path(place or tempfile.gettempdir()))


def _clear(place: Path) -> None:
    """Remove the unfinished folders of processes that are gone: nobody holds their locks."""
    for lock in place.glob(f"ge-*{_LOCK}"):
        with suppress(Timeout, OSError), FileLock(lock, timeout=0):  # OSError: another user's
            _remove(lock.with_suffix(""), lock)


def _remove(folder: Path, lock: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # Windows removes no file that is open
        lock.unlink()


def workplace(path: Path) -> Path:
    """Return the folder that holds what is unfinished and the locks: `.ge` in the project's folder.

    Where `path` is on another disk than the project, from which nothing can be renamed to it, this is the topmost of its
    folders on that disk; outside of any project, the folder of `path`.
    """
    above = path.absolute().parents
    root = next((folder for folder in above if (folder / "params" / "study.yml").is_file()), above[0])
    folders = [folder for folder in above[: above.index(root) + 1] if folder.exists()]
    disk = folders[0].stat().st_dev if folders else None
    same = list(takewhile(lambda folder: folder.stat().st_dev == disk, folders))
    return (same[-1] if same else root) / WORKPLACE


def locked(path: Path, waiting: Callable[[], None] | None = None) -> AbstractContextManager[object]:
    """Let one process at a time work at `path`; give what ends that at the end of a `with` block.

    Parameters
    ----------
    path : Path
        The file or folder that is worked at; the lock itself is in its `workplace`.
    waiting : callable, optional
        Called where another process works there, before it is waited for; it may raise instead.

    Raises
    ------
    GeError
        Where the lock cannot be written.
    """
    folder = workplace(path)
    lock = FileLock(folder / f"{digest_bytes(os.fsencode(path.absolute()))}{_LOCK}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return lock.acquire(timeout=0)
        except Timeout:
            if waiting:
                waiting()
            return lock.acquire()
    except OSError as error:
        raise cannot_write(path.parent, error) from error


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary name for `path`, elsewhere on its disk; rename it to `path` only when the block ends well.

    Parameters
    ----------
    path : Path
        The file to make; its folder is created.

    Raises
    ------
    GeError
        Where the folder cannot be written or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished(workplace(path)) as folder:
            temporary = folder / path.name
            yield temporary
            temporary.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give an empty staging folder, elsewhere on the disk; let it replace `folder` when the block ends well.

    One process at a time makes the folder. A run killed between the two renames leaves no `folder` at all, which every
    reader takes as "not made yet".

    Parameters
    ----------
    folder : Path
        The folder to make or to replace.

    Raises
    ------
    GeError
        Where the folder cannot be written or the disk is full.
    """
    with locked(folder):
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with unfinished(workplace(folder)) as temporary:
                staging = temporary / folder.name
                staging.mkdir()
                yield staging
                if folder.exists():
                    folder.rename(temporary / "old")
                staging.rename(folder)
        except OSError as error:
            raise cannot_write(folder, error) from error


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with Unix line ends, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")


def write_json(path: Path, content: object) -> None:
    """Write JSON that a person can read and that is the same for the same content."""
    write_text(path, json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def digest_bytes(content: bytes) -> str:
    """Return the hash under which this project knows the content."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def files_below(folder: Path) -> list[Path]:
    """Return all files below a folder but what Python compiled.

    A folder that cannot be read is an error, where `Path.rglob` finds nothing in it.
    """

    def refuse(error: OSError) -> None:
        raise cannot_read(Path(error.filename), error) from error

    return [
        Path(parent) / name
        for parent, _, names in os.walk(folder, onerror=refuse)
        if Path(parent).name != "__pycache__"
        for name in names
    ]


def digest_files(paths: Iterable[Path], base: Path) -> str:
    """Hash the names (relative to `base`) and contents of files, in the order of their names.

    Parameters
    ----------
    paths : iterable of Path
        Files below `base`.
    base : Path
        The folder from which the names count.
    """
    parts = hashlib.blake2b(digest_size=16)
    for name, path in sorted((path.relative_to(base).as_posix(), path) for path in paths):
        try:
            parts.update(f"{name}\0{digest_bytes(path.read_bytes())}\n".encode())
        except FileNotFoundError:  # gone since it was listed
            continue
        except OSError as error:
            raise cannot_read(path, error) from error
    return parts.hexdigest()
