"""The results folder of one county or the city, as the report reads it."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ge_analysis.storage.files import read_whole

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

_MANY_ROWS = 1_000_000  # of which reading single columns costs next to nothing
FAILURE, FAILED_NOTEBOOK = "failure.json", "failed.ipynb"  # beside the last good results, which stay as they are


def saved(folder: Path, name: str = "indicators") -> "pa.Table":
    """Return a table of a results folder: the long indicator table, or what is behind it.

    Parameters
    ----------
    folder : Path
        Results of one place.
    name : {"indicators", "rows", "links", "quoted"}
        As in `ge_analysis.indicators.results.Results`.

    Raises
    ------
    GeError
        If the file is missing, damaged or unreadable.
    """
    with _opened(folder, name) as file:
        return file.read()


def columns(folder: Path, name: str, wanted: Sequence[str]) -> "Iterator[pa.ChunkedArray[Any]]":
    """Yield columns of a table of a results folder, one after the other: all of a large table need not fit into memory."""
    with _opened(folder, name) as file:
        small = file.read([*wanted]) if file.metadata.num_rows < _MANY_ROWS else None
        for column in wanted:
            yield (file.read([column]) if small is None else small)[column]


@contextmanager
def _opened(folder: Path, name: str) -> "Iterator[ParquetFile]":
    from pyarrow.parquet import ParquetFile  # `pandas.read_parquet` takes longer, looking for a dataset of many files

    path = folder / f"{name}.parquet"
    with read_whole(path), ParquetFile(path) as file:
        yield file


def failure(folder: Path) -> dict[str, str] | None:
    """Return why the place has no results (keys reason, cell, error, notebook), or None if no failure is recorded."""
    try:
        found = json.loads((folder / FAILURE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.keys() >= {"reason", "cell", "error", "notebook"} else None
