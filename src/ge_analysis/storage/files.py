"""Files written whole or not at all, and their hashes."""

import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from secrets import token_hex

import yaml
from filelock import FileLock, Timeout

from ge_analysis.errors import DiskFullError, GeError, UnreadableError
from ge_analysis.language import N_, _

# The safe loader, in C if PyYAML was built with it: every process of a run reads YAML.
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

WORKPLACE = ".ge"
_LOCK = ".lock"
REMAKE = N_("run `ge build`")
FREE_SPACE = N_("free some space on its disk, then run again")
FULL = {errno.ENOSPC, errno.EDQUOT}
FULL_DISK = os.strerror(errno.ENOSPC)  # as libraries and other programs report it


SYSTEM = (  # the words of the system where it has none of its own language
    N_("Device or resource busy"),
    N_("Directory not empty"),
    N_("Disk quota exceeded"),
    N_("File exists"),
    N_("File name too long"),
    N_("Input/output error"),
    N_("Is a directory"),
    N_("No space left on device"),
    N_("No such file or directory"),
    N_("Not a directory"),
    N_("Operation not permitted"),
    N_("Permission denied"),
    N_("Read-only file system"),
    N_("Too many open files"),
)


def _reason(error: OSError) -> str:
    """Say in the language of the terminal why the system refused, if it is one of the usual reasons."""
    return _(error.strerror) if error.strerror else str(error)


def cannot_write(path: Path, error: OSError) -> GeError:
    """Return the error for a file or folder that cannot be written."""
    error = _first_of(error)
    if error.errno in FULL:
        return DiskFullError(_("cannot write {path}: {reason}", path=path, reason=_reason(error)), _(FREE_SPACE))
    return GeError(
        _("cannot write {path}: {reason}", path=path, reason=_reason(error)),
        _("check its rights and the free space, then run again"),
    )


def _first_of(error: OSError) -> OSError:
    """Return the first of the errors that copying a folder collected as text; any other error as it is."""
    if not isinstance(error, shutil.Error):
        return error
    why = str(error.args[0][0][-1])
    found = re.match(r"\[Errno (\d+)\] ([^:]+)", why)
    return OSError(int(found[1]), found[2]) if found else OSError(why)


def cannot_use(error: OSError) -> GeError:
    """Return the error for any other refusal of the system."""
    where = f"{error.filename}: " if error.filename else ""
    if error.errno in FULL:
        return DiskFullError(f"{where}{_reason(error)}", _(FREE_SPACE))
    return GeError(f"{where}{_reason(error)}", _("check its rights and the free space, then run again"))


def cannot_read(path: Path, error: OSError) -> GeError:
    """Return the error for a file that cannot be read."""
    return UnreadableError(
        _("cannot read {path}: {reason}", path=path, reason=_reason(error)),
        _("close it in other programs, or check its rights"),
    )


@contextmanager
def read_whole(path: Path) -> Iterator[None]:
    """Turn whatever reading a damaged, closed or just replaced result raises into one clear error.

    Parameters
    ----------
    path : Path
        The file that the block reads.

    Raises
    ------
    GeError
        If the block fails.
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
    except (ValueError, LookupError, TypeError, NotImplementedError) as error:  # Arrow raises all of these
        raise GeError(_("{path} is damaged", path=path), _(REMAKE)) from error


@contextmanager
def unfinished(parent: Path) -> Iterator[Path]:
    """Yield a new folder inside a folder and remove it when the block ends; first remove what killed processes left there.

    Parameters
    ----------
    parent : Path
        The folder to create it in, which is created too.
    """
    parent.mkdir(parents=True, exist_ok=True)
    _clear(parent)
    folder = parent / f"ge-{token_hex(4)}"
    lock = folder.with_suffix(_LOCK)
    with FileLock(lock):  # held until this process ends
        try:
            folder.mkdir(mode=0o700)
            yield folder
        finally:
            _remove(folder, lock)


@contextmanager
def scratch(parent: str | Path | None = None) -> Iterator[Path]:
    """Yield an `unfinished` folder for temporary files, by default in the system's folder for them."""
    place = Path(parent or tempfile.gettempdir())
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(unfinished(place))
        except OSError as error:  # not of the file that whoever asked is writing
            raise cannot_write(Path(error.filename or place), error) from error
        yield folder


def _clear(place: Path) -> None:
    """Remove the unfinished folders of processes that are gone, whose locks nobody holds."""
    for lock in place.glob(f"ge-*{_LOCK}"):
        with suppress(Timeout, OSError), FileLock(lock, timeout=0):  # OSError: another user's
            _remove(lock.with_suffix(""), lock)


def _remove(folder: Path, lock: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # Windows does not remove open files
        lock.unlink()


def workplace(path: Path) -> Path:
    """Return the folder for unfinished work and locks: `.ge` in the project's folder.

    If `path` is on another disk than the project, where a rename cannot reach it, this is its topmost folder on that disk;
    outside any project, it is the folder of `path` itself.
    """
    above = path.absolute().parents
    root = next((folder for folder in above if (folder / "params" / "study.yml").is_file()), None)
    if not root:
        return above[0]
    folders = [folder for folder in above[: above.index(root) + 1] if folder.exists()]
    disk = folders[0].stat().st_dev if folders else None
    same = list(takewhile(lambda folder: folder.stat().st_dev == disk, folders))
    return (same[-1] if same else root) / WORKPLACE


def locked(path: Path, waiting: Callable[[], None] | None = None) -> AbstractContextManager[object]:
    """Let one process at a time work on `path`, until the end of a `with` block.

    Parameters
    ----------
    path : Path
        The file or folder to work on; the lock itself is in its `workplace`.
    waiting : callable, optional
        Called before waiting for another process; it may raise instead.

    Raises
    ------
    GeError
        If the lock cannot be written.
    """
    folder = workplace(path)
    lock = FileLock(folder / f".{digest_bytes(os.fsencode(path.absolute()))}{_LOCK}")
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
def one_command(processed: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Let one command at a time work on a year's results, and remove what killed ones left, even if there is nothing to do.

    Parameters
    ----------
    processed : Path
        Folder of the year's results.
    waiting : callable
        Called before waiting for another command; it may raise instead.

    Raises
    ------
    GeError
        If the folder cannot be written.
    """
    with locked(processed, waiting):
        try:
            yield
        finally:  # not before: the workers of a killed command take a moment to end
            for place in (workplace(processed), Path(tempfile.gettempdir())):
                _clear(place)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path on the same disk; rename it to `path` only if the block succeeds.

    Parameters
    ----------
    path : Path
        The file to write; its folder is created.

    Raises
    ------
    GeError
        If the folder cannot be written or the disk is full.
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
    """Yield an empty staging folder on the same disk; let it replace `folder` only if the block succeeds.

    One process at a time writes the folder. A run killed between the two renames leaves no `folder` at all, which readers
    take as "not made yet".

    Parameters
    ----------
    folder : Path
        The folder to create or replace.

    Raises
    ------
    GeError
        If the folder cannot be written or the disk is full.
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
    """Write UTF-8 text with Unix line endings, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")


def write_json(path: Path, content: object) -> None:
    """Write readable JSON, the same bytes for the same content."""
    write_text(path, json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def digest_bytes(content: bytes) -> str:
    """Hash bytes, as everywhere in this project."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def files_below(folder: Path) -> list[Path]:
    """Return all files below a folder except those that Python compiled.

    A folder that cannot be read is an error; `Path.rglob` would silently find nothing in it.
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
        The folder that the names are relative to.
    """
    parts = hashlib.blake2b(digest_size=16)
    for name, path in sorted((path.relative_to(base).as_posix(), path) for path in paths):
        try:
            parts.update(f"{name}\0{digest_bytes(path.read_bytes())}\n".encode())
        except FileNotFoundError:  # removed since it was listed
            continue
        except OSError as error:
            raise cannot_read(path, error) from error
    return parts.hexdigest()
