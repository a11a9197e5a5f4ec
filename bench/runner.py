"""The runner against papermill and nbconvert, a plain script, its own cold build, and DVC.

python -m bench.runner
"""

import os
import shutil
import sys
import tempfile
from itertools import chain
from pathlib import Path

import openpyxl

from bench._sides import GE, call, copy_project, keep, listen, profiled, row
from ge_analysis.storage.stamps import STAMP
from ge_analysis.study import Study

PAPERMILL_LOOP = """
import subprocess, sys, papermill
from pathlib import Path
for place in sys.argv[1:]:
    name, parameters = ("city", {}) if place == "city" else ("county", {"county": place})
    folder = Path("data/processed/2021", *(["city"] if place == "city" else ["counties", place])).resolve()
    folder.mkdir(parents=True)
    parameters["results"] = str(folder)
    papermill.execute_notebook(f"notebooks/{name}.ipynb", folder / f"{name}.ipynb", parameters, progress_bar=False)
    nbconvert = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", "--log-level", "ERROR"]
    subprocess.run([*nbconvert, folder / f"{name}.ipynb"], check=True)
    print("city" if place == "city" else "counties", place, "done", sep=": ", flush=True)
"""

# Both run in processes that are forked, one a place, from one in which everything is loaded and rehearsed.
# It prints the time and the processor time of all of them.
WARM = """
import json, os, resource, sys, time
from multiprocessing import get_context
from pathlib import Path
os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline" if sys.argv[1] == "notebook" else "agg"
from ge_analysis.runner.rehearsal import of_notebooks
from ge_analysis.runner.warm import warm_up
warm_up(of_notebooks)
import papermill
from ge_analysis.storage.files import whole_folder
from ge_analysis.runner import kernels
from ge_analysis.runner.execute import _run_cells
notebooks = Path("notebooks").resolve()

def as_notebook(place, folder):
    kernels.fork_ahead()
    _run_cells(notebooks / "county.ipynb", {"year": 2021, "county": place, "results": "."}, folder)

def as_script(place, folder):
    os.chdir(folder)
    notebook = json.loads((notebooks / ("city.ipynb" if place == "city" else "county.ipynb")).read_text())
    sources = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    sources.insert(1, f'year, county, results = 2021, "{place}", "."')
    names = {"In": ["", *sources], "display": print}
    for source in sources:
        exec(compile(source, "cell", "exec"), names)

run = as_notebook if sys.argv[1] == "notebook" else as_script
begun = time.perf_counter()
for place in sys.argv[2:]:
    with whole_folder(Path("data/processed/2021/warm", place).resolve()) as folder:
        process = get_context("fork").Process(target=run, args=(place, folder))
        process.start()
        process.join()
        assert process.exitcode == 0
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.perf_counter() - begun, used.ru_utime + used.ru_stime)
"""


def clear(study: Study) -> None:
    """Remove everything that was made."""
    shutil.rmtree(study.paths.processed, ignore_errors=True)
    shutil.rmtree(study.paths.report_output, ignore_errors=True)


def files(study: Study) -> dict[str, bytes]:
    """Return the files of tables and results by their names; of notebooks and pages, whose wrapping differs, no content."""
    base = study.paths.processed
    found = (path for name in ("tables", "counties", "city") for path in (base / name).rglob("*") if path.is_file())
    return {
        path.relative_to(base).as_posix(): b"" if path.suffix in {".ipynb", ".html"} else path.read_bytes()
        for path in found
        if path.name != STAMP  # by which a run knows its own work; the other side has nothing of the kind
    }


def cold_run(study: Study) -> list[dict]:
    """a: all counties and the city from raw workbooks to the same files, and against the processor time of the bare cells."""
    places = [*(county.slug for county in study.counties), "city"]
    clear(study)
    other = listen(study, sys.executable, "-c", PAPERMILL_LOOP, *places)
    theirs = files(study)
    clear(study)
    ours = listen(study, *GE, "run")
    mine = files(study)
    differing = sorted(name for name in mine | theirs if mine.get(name) != theirs.get(name))
    if differing:
        raise RuntimeError(f"the two sides made different files: {', '.join(differing)}")
    cold = profiled("a cold run against papermill and nbconvert, one place after the other", ours, other, 1 / 8)
    floor = warm(study, "script", *places)[1] / (os.cpu_count() or 1)
    return [
        cold | {"files": sorted(mine)},
        row("a cold run against the processor time of its bare cells, shared by the cores", ours[-1][0], floor, 1.5),
    ]


def warm(study: Study, how: str, *places: str) -> tuple[float, float]:
    """Run places as a "notebook" or as a "script", each in a warm process; return their time and processor time [s]."""
    seconds, processor = call(study, sys.executable, "-c", WARM, how, *places)[1].splitlines()[-1].split()
    return float(seconds), float(processor)


def notebook_against_script(study: Study) -> dict:
    """b: the counties' notebooks against their cells as a script, both in warm processes; the time of one."""
    places = [county.slug for county in study.counties]
    ours, other = (warm(study, how, *places)[0] / len(places) for how in ("notebook", "script"))
    return row("b a notebook against its cells as a script in a warm process", ours, other, 1.4)


def change_one_outage(study: Study) -> None:
    """Add a customer to one outage in the workbook of one county."""
    for path in sorted((study.paths.raw / "linxian").glob("*.xlsx")):
        workbook = openpyxl.load_workbook(path)
        for sheet in workbook:
            for heading in chain.from_iterable(sheet.iter_rows(max_row=8)):
                if heading.value in {"停电用户数", "停电户数", "影响户数"}:
                    cell = sheet.cell(heading.row + 3, heading.column)
                    cell.value = int(str(cell.value).replace(",", "")) + 1
                    workbook.save(path)
                    return
    raise RuntimeError("no outages found in the workbooks of linxian")


def one_changed_county(study: Study) -> list[dict]:
    """c and d: a build after one correction against the cold one, and a build with nothing to do against loading DVC."""
    clear(study)
    cold = listen(study, *GE, "build")
    change_one_outage(study)
    changed = listen(study, *GE, "build")
    nothing, dvc = (
        min(call(study, *command)[0] for _ in range(3)) for command in ((*GE, "build"), (sys.executable, "-c", "import dvc.repo"))
    )
    return [
        profiled("c a build after one changed outage against the cold build", changed, cold, 1 / 4),
        row("d a build with nothing to do against `import dvc.repo`", nothing, dvc, max(3, 1.5 / dvc)),
    ]


def main() -> None:
    """Measure a to d on one study."""
    with tempfile.TemporaryDirectory() as name:
        study = copy_project(Path(name) / "study")
        keep("runner", [*cold_run(study), notebook_against_script(study), *one_changed_county(study)])


if __name__ == "__main__":
    main()
