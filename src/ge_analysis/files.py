"""Files written whole or not at all, and their hashes."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ge_analysis.errors import GeError


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
        os.replace(temporary, path)
    except OSError as error:
        raise GeError(f"cannot write {path}: {error.strerror or error}", "free the place or close the file, then run again") from error
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give an empty staging folder beside `folder`; put it in the place of `folder` when the block ends well.

    A run killed between the two renames leaves no `folder` at all, which every reader takes as "not made yet".

    Parameters
    ----------
    folder : Path
        The folder to make or to replace.

    Raises
    ------
    GeError
        Where the place cannot be written or the disk is full.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".tmp", dir=folder.parent))
    except OSError as error:
        raise GeError(f"cannot write in {folder.parent}: {error.strerror or error}", "check the folder's rights and the free space") from error
    staging.chmod(0o755)
    try:
        yield staging
        if folder.exists():
            shutil.rmtree(folder)
        staging.rename(folder)
    except OSError as error:
        raise GeError(f"cannot write {folder}: {error.strerror or error}", "free the place, then run again") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with Unix line ends, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


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
