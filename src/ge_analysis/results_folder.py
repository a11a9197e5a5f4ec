"""The folder of finished results of one county or of the city: what the notebooks save and the report reads."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ge_analysis.errors import GeError
from ge_analysis.files import whole_file, write_json

if TYPE_CHECKING:
    import pandas as pd

    from ge_analysis.indicators.results import Results

FAILURE = "failure.json"


def save(folder: str, results: "Results", figures: "Mapping[str, object]", problems: list) -> None:
    """Save what a notebook computed; do nothing where `folder` is empty, as in JupyterLab.

    Parameters
    ----------
    folder : str
        The notebook's parameter `results`.
    results : Results
        Indicators and the ledger rows behind them.
    figures : mapping of str to object
        File name without ending, and the drawing: any matplotlib figure, axes, or a grid of seaborn.
    problems : list of Problem
        What the rules of `params/findings.yml` found.
    """
    if not folder:
        return
    from ge_analysis.figures import picture  # loads matplotlib, which a build with nothing to do does not need

    place = Path(folder)
    for name in ("indicators", "rows"):
        with whole_file(place / f"{name}.parquet") as temporary:
            getattr(results, name).to_parquet(temporary, index=False)
    write_json(place / "findings.json", [asdict(problem) for problem in problems])
    picture.save(figures, place / "figures")


def indicators(folder: Path) -> "pd.DataFrame":
    """Return the long indicator table of a finished folder.

    Raises
    ------
    GeError
        Where the file is damaged.
    """
    import pandas as pd

    path = folder / "indicators.parquet"
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError):
        raise GeError(f"{path} is damaged", "run `ge build`") from None


def failure(folder: Path) -> dict | None:
    """Return why the place has no results (keys reason, cell, error, notebook), or None where no failure can be read there."""
    try:
        found = json.loads((folder / FAILURE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.keys() >= {"reason", "cell", "error", "notebook"} else None
