"""The results folder of one county or the city, as the report reads it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ge_analysis.storage.files import read_whole

if TYPE_CHECKING:
    import pyarrow as pa

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
    from pyarrow.parquet import ParquetFile  # `pandas.read_parquet` takes longer, looking for a dataset of many files

    path = folder / f"{name}.parquet"
    with read_whole(path), ParquetFile(path) as file:
        return file.read()


def failure(folder: Path) -> dict[str, str] | None:
    """Return why the place has no results (keys reason, cell, error, notebook), or None if no failure is recorded."""
    try:
        found = json.loads((folder / FAILURE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.keys() >= {"reason", "cell", "error", "notebook"} else None
