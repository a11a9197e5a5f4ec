"""Files written whole or not at all, and their hashes."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import yaml
from filelock import FileLock, Timeout

from ge_analysis.errors import GeError

# The safe loader, in C where PyYAML was built with it: every process of a run reads YAML.
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def cannot_write(path: Path, error: OSError) -> GeError:
    """Return the error that tells a user why a file or folder cannot be written."""
    return GeError(f"cannot write {path}: {error.strerror or error}", "check its rights and the free space, then run again")


def cannot_read(path: Path, error: OSError) -> GeError:
    """Return the error that tells a user why a file cannot be read."""
    return GeError(f"cannot read {path}: {error.strerror or error}", "close it in other programs, or check its rights")


def locked(path: Path, seconds: float = -1) -> AbstractContextManager:
    """Acquire a lock file, whose folder is created; give what releases it at the end of a `with` block.

    Parameters
    ----------
    path : Path
        The lock file.
    seconds : float, optional
        How long to wait for another process; for ever where left out.

    Raises
    ------
    Timeout
        Where another process holds the lock for so long.
    GeError
        Where the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(path).acquire(timeout=seconds)
    except Timeout:
        raise
    except OSError as error:
        raise cannot_write(path.parent, error) from error


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path`; rename it to `path` only when the block ends well.

    Parameters
    ----------
    path : Path
        The file to make; its folder is created.

    Raises
    ------
    GeError
        Where the folder cannot be written or the disk is full.
    """
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.tmp{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give an empty staging folder beside `folder`; put it in the place of `folder` when the block ends well.

    A lock lets one process at a time make the folder. The next one clears away what a killed process left. A run killed
    between the two renames leaves no `folder` at all, which every reader takes as "not made yet".

    Parameters
    ----------
    folder : Path
        The folder to make or to replace.

    Raises
    ------
    GeError
        Where the place cannot be written or the disk is full.
    """
    staging, old = (folder.with_name(f".{folder.name}.{end}") for end in ("new", "old"))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f".{folder.name}.lock")):
            for left in (staging, old):
                shutil.rmtree(left, ignore_errors=True)
            staging.mkdir()
            try:
                yield staging
                if folder.exists():
                    folder.rename(old)
                staging.rename(folder)
            finally:
                for left in (staging, old):
                    shutil.rmtree(left, ignore_errors=True)
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
        parts.update(f"{name}\0{digest_bytes(path.read_bytes())}\n".encode())
    return parts.hexdigest()
