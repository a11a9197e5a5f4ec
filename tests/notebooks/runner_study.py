"""Notebooks that do little, for the runner's tests, and how two runs are compared."""

import functools
import hashlib
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil

from ge_analysis.study import Study

GE = (sys.executable, "-c", "from ge_analysis.cli import main; main()")
PLACES = ("linxian", "wenshui", "city")

BEGIN = """\
from pathlib import Path
import matplotlib.pyplot as plt
import pandas as pd
from ge_analysis import Study
from ge_analysis.notebook.parameters import check_parameters
check_parameters(In)
study = Study.open(year)
pd.DataFrame("宽" * 30, range(2), list("abcdefghi"))  # a table that a terminal would not show whole"""

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
        "files = [study.paths.results(county.slug) / 'indicators.parquet' for county in study.present]\n"
        "made = pd.concat([pd.read_parquet(file) for file in files if file.exists()])\nmade.describe()",
    ),
    ("code", DRAW),
    ("code", SAVE),
]

SHORT = {  # notebooks that compute everything but draw one figure
    "county": """\
from ge_analysis import Study
from ge_analysis.figures import outages
from ge_analysis.findings import problems
from ge_analysis.notebook import saving
from ge_analysis.notebook.parameters import check_parameters
check_parameters(In)
study = Study.open(year)
computed = study.compute(county)
figures = {"monthly_hours": outages.monthly_hours(computed.indicators, study.params, county)}
saving.save(results, computed, figures, problems(computed.indicators, study.params))""",
    "city": """\
import pandas as pd
from ge_analysis import Study
from ge_analysis.figures import reliability
from ge_analysis.findings import problems
from ge_analysis.notebook import saving
from ge_analysis.notebook.parameters import check_parameters
check_parameters(In)
study = Study.open(year)
counties, computed = study.county_indicators(), study.compute("city")
figures = {"reliability": reliability.counties(counties, study.params)}
saving.save(results, computed, figures, problems(pd.concat([counties, computed.indicators]), study.params))""",
}
CHAPTER = """\
# 停电 {#tingdian}

全市户均停电{{ num("saidi_hours", area="all") }}小时，见{{ ref("图 1-1") }}。

{{ figure("图 1-1", "各县停电时间", "figures/reliability", alt="各县停电时间的横条图。") }}
"""
BRIEF = """\
户均停电{{ num("saidi_hours", county, area="all") }}小时。

{{ figure("图 1-1", "各月停电时户数", "figures/" ~ county.slug ~ "/monthly_hours", alt="各月停电时户数的柱状图。") }}
"""


def shorten(root: Path) -> None:
    """Leave one figure in each notebook of a project, and one chapter in its report."""
    for name, source in SHORT.items():
        old = nbformat.read(root / "notebooks" / f"{name}.ipynb", as_version=4)
        (parameters,) = (cell.source for cell in old.cells if "parameters" in cell.metadata.get("tags", ()))
        write_notebook(root / "notebooks" / f"{name}.ipynb", [("parameters", parameters), ("code", source)])
    chapters = root / "report" / "chapters"
    for path in chapters.glob("[0-9]*.j2"):
        path.write_text("", encoding="utf-8")  # a missing one would be the package's
    (chapters / "20-system.qmd.j2").write_text(CHAPTER, encoding="utf-8")
    (chapters / "county-brief.qmd.j2").write_text(BRIEF, encoding="utf-8")


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


def ge(root: Path, *arguments: str, code: int = 0, **environment: str) -> str:
    """Run a command in a folder, check its exit code, and return what it prints."""
    result = subprocess.run(
        [*GE, *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "utf-8", "COLUMNS": "200"} | environment,
    )
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout + result.stderr


def hashes(folder: Path) -> dict[str, str]:
    """Hash every file below a folder but locks."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".lock"]
    return {path.relative_to(folder).as_posix(): hashlib.md5(path.read_bytes()).hexdigest() for path in files}


def results(study: Study) -> list[dict[str, str]]:
    """Hash the results of all places."""
    return [hashes(study.paths.results(place)) for place in PLACES]


PROGRAM = """\
import sys
from ge_analysis.runner.run import run
from ge_analysis.study import Study
how = dict(argument.split("=") for argument in sys.argv[2:])
for failure in run(Study.open(2021, sys.argv[1]), jobs=2, **how, on_progress=lambda event: print(*event[:3], flush=True)):
    print(failure)
"""


class Program:
    """`run`, or another program, in a separate process; knows all its descendants."""

    def __init__(
        self,
        study,
        *how: str,
        program: str = PROGRAM,
        interruptible: bool = False,
        environment: dict[str, str] | None = None,
        **options,
    ):
        self.mark = uuid.uuid4().hex
        environment = os.environ | {"GE_TEST_MARK": self.mark, "PYTHONUNBUFFERED": "1"} | (environment or {})
        command = [sys.executable, "-c", program, str(study.paths.root), *how]
        if interruptible:  # whoever runs the tests in the background has this signal ignored
            restore = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
            options |= {"start_new_session": True, "preexec_fn": restore}
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
        )

    def wait_for(self, line: str) -> None:
        assert any(found.startswith(line) for found in self.process.stdout)

    def interrupt(self) -> None:
        """Do as a terminal does with Ctrl-C."""
        os.killpg(self.process.pid, signal.SIGINT)

    def alive(self) -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            try:
                if process.environ().get("GE_TEST_MARK") == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    yield process
            except psutil.Error:
                continue

    def wait_until_all_are_gone(self) -> None:
        while left := list(self.alive()):  # one that ends may still start another
            _, alive = psutil.wait_procs(left, timeout=600)  # so that a fault fails instead of hanging
            assert not alive
