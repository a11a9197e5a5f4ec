"""Notebooks that do little, for the runner's tests, and what compares two runs."""

import hashlib
from pathlib import Path

import nbformat

from ge_analysis.study import Study

PLACES = ("linxian", "wenshui", "city")

BEGIN = """\
from pathlib import Path
import matplotlib.pyplot as plt
import pandas as pd
from ge_analysis import Study
from ge_analysis.notebook import check_parameters
check_parameters(In)
study = Study.open(year)"""

DRAW = """\
figure, axes = plt.subplots()
axes.plot(made["value"])
plt.show()"""

SAVE = """\
if results:
    made.to_parquet(Path(results) / "indicators.parquet")
    figure.savefig(Path(results) / "hours.png")"""

COUNTY = [
    ("markdown", "# 分县"),
    ("parameters", 'year = 2021\ncounty = "linxian"\nresults = ""'),
    ("code", BEGIN),
    ("markdown", "## 停电"),
    ("code", 'made = study.table(county, "outages")[["customers"]].rename(columns={"customers": "value"})\nmade.describe()'),
    ("code", DRAW),
    ("markdown", "## 保存"),
    ("code", SAVE),
]
CITY = [
    ("markdown", "# 全市"),
    ("parameters", 'year = 2021\nresults = ""'),
    ("code", BEGIN),
    (
        "code",
        "files = [study.paths.results(county.slug) / 'indicators.parquet' for county in study.counties]\n"
        "made = pd.concat([pd.read_parquet(file) for file in files if file.exists()])\nmade.describe()",
    ),
    ("code", DRAW),
    ("code", SAVE),
]


def write_notebook(path: Path, cells: list[tuple[str, str]]) -> None:
    """Write a notebook of (kind, source) cells; "parameters" is a code cell with that tag."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    for number, (kind, source) in enumerate(cells):
        cell = nbformat.v4.new_markdown_cell(source) if kind == "markdown" else nbformat.v4.new_code_cell(source)
        cell.id = f"cell-{number}"
        if kind == "parameters":
            cell.metadata["tags"] = ["parameters"]
        notebook.cells.append(cell)
    nbformat.write(notebook, path)


def replace_cell(cells: list[tuple[str, str]], number: int, source: str) -> list[tuple[str, str]]:
    """Return the cells with another source in one of them."""
    return [(kind, source if at == number else old) for at, (kind, old) in enumerate(cells)]


def hashes(folder: Path) -> dict[str, str]:
    """Hash every file below a folder, hidden ones (locks) left out."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(".")]
    return {path.relative_to(folder).as_posix(): hashlib.md5(path.read_bytes()).hexdigest() for path in files}


def results(study: Study) -> list[dict[str, str]]:
    """Hash the results of all places."""
    return [hashes(study.paths.results(place)) for place in PLACES]
