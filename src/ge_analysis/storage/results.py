"""The folder of finished results of one county or of the city: what the report reads of it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ge_analysis.storage.files import read_whole

if TYPE_CHECKING:
    import pandas as pd

FAILURE, FAILED_NOTEBOOK = "failure.json", "failed.ipynb"  # beside the last good results, which they leave as they are


def indicators(folder: Path) -> "pd.DataFrame":
    """Return the long indicator table of a finished folder.

    Raises
    ------
    GeError
        Where the file is missing, damaged or cannot be read.
    """
    import pandas as pd

    path = folder / "indicators.parquet"
    with read_whole(path):
        return pd.read_parquet(path)


def failure(folder: Path) -> dict[str, str] | None:
    """Return why the place has no results (keys reason, cell, error, notebook), or None where no failure can be read there."""
    try:
        found = json.loads((folder / FAILURE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.keys() >= {"reason", "cell", "error", "notebook"} else None
