"""What a notebook saves of its results, for the city's notebook and the report."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from ge_analysis.figures import picture
from ge_analysis.findings import Problem
from ge_analysis.indicators.results import Results
from ge_analysis.storage.files import whole_file, write_json


def save(folder: str, results: Results, figures: Mapping[str, object], problems: list[Problem]) -> None:
    """Save what a notebook computed; do nothing if `folder` is empty, as it is in JupyterLab.

    Parameters
    ----------
    folder : str
        The notebook's parameter `results`.
    results : Results
        Indicators, and what is behind them.
    figures : mapping of str to object
        File name without suffix → drawing: a matplotlib figure, axes, or a seaborn grid.
    problems : list of Problem
        What the rules of `params/<year>/findings.yml` found.
    """
    if not folder:
        return
    target = Path(folder)
    for name in ("indicators", "rows", "links", "quoted"):
        with whole_file(target / f"{name}.parquet") as temporary:
            getattr(results, name).to_parquet(temporary, index=False)
    write_json(target / "findings.json", [asdict(problem) for problem in problems])
    picture.save(figures, target / "figures")
