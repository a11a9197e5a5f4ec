"""The folder of finished results of one county or of the city: what the report reads of it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ge_analysis.storage.files import read_whole

if TYPE_CHECKING:
    import pandas as pd

FAILURE, FAILED_NOTEBOOK = "failure.json", "failed.ipynb"  # beside the last good results, which they leave as they are


def saved(folder: Path, name: str = "indicators", indicator: str = "") -> "pd.DataFrame":
    """Return a table of a finished folder: its long indicator table, or what is behind it.

    Parameters
    ----------
    folder : Path
        Results of one place.
    name : {"indicators", "rows", "links", "quoted"}
        As `ge_analysis.indicators.results.Results` has them.
    indicator : str
        The only one to read; all where left out.

    Raises
    ------
    GeError
        Where the file is missing, damaged or cannot be read.
    """
    import pandas as pd

    path = folder / f"{name}.parquet"
    with read_whole(path):
        return pd.read_parquet(path, filters=[("indicator", "==", indicator)] if indicator else None)


def failure(folder: Path) -> dict[str, str] | None:
    """Return why the place has no results (keys reason, cell, error, notebook), or None where no failure can be read there."""
    try:
        found = json.loads((folder / FAILURE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.keys() >= {"reason", "cell", "error", "notebook"} else None
