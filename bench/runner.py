"""The runner against papermill and nbconvert, a plain script, its own cold build, DVC, more counties and dask workers.

python -m bench.runner          the full table
"""

import os
import shutil
import sys
import tempfile
from itertools import chain
from pathlib import Path

import openpyxl
import pandas as pd
import yaml

from bench._sides import GE, call, copy_project, keep, listen, profile, profiled, row
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
    subprocess.run(["jupyter", "nbconvert", "--to", "html", "--log-level", "ERROR", folder / f"{name}.ipynb"], check=True)
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

RUN = """
import sys, time
from pathlib import Path
from ge_analysis.runner.run import run
from ge_analysis.study import Study
study = Study.open(2021)
options = {"scheduler": sys.argv[1]} if sys.argv[1:] else {}
begun = time.perf_counter()
failures = run(study, on_progress=lambda event: print(event.step, event.place, sep=": ", flush=True), **options)
assert not failures, failures
# not getrusage: that counts the memory of the process that started this one
peak = next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(time.perf_counter() - begun, int(peak) / 1e6)
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


def multiply(study: Study, root: Path, times: int) -> Study:
    """Make a study, tables only, that repeats every county `times` times under other slugs."""
    for name in ("notebooks", "params"):
        shutil.copytree(study.paths.root / name, root / name)
    made = Study.open(2021, root)
    units = [(unit, f"{unit.slug}_{number}") for unit in study.counties for number in range(times)]
    entries = [
        {**unit.model_dump(), "slug": slug, "name": f"{unit.name}{slug}", "code": f"{at:06d}"}
        for at, (unit, slug) in enumerate(units)
    ]
    (root / "params/2021/counties.yml").write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")
    for unit, slug in units:
        shutil.copytree(study.paths.tables(unit.slug), made.paths.tables(slug))
        for path in made.paths.tables(slug).glob("*.parquet"):
            pd.read_parquet(path).assign(county=slug).to_parquet(path, index=False)
    shutil.copytree(study.paths.tables("city"), made.paths.tables("city"))
    slugs = pd.DataFrame([(unit.slug, slug) for unit, slug in units], columns=["place", "slug"])
    for path in made.paths.tables("city").glob("*.parquet"):
        table = pd.read_parquet(path)
        if "place" in table:
            copies = table.merge(slugs, on="place", how="left")
            copies.assign(place=copies["slug"].fillna(copies["place"]))[table.columns].to_parquet(path, index=False)
    return Study.open(2021, root)


def run_inside(study: Study, *scheduler: str) -> tuple[float, float, list[tuple[str, float]]]:
    """Run the notebooks without the command; return the time [s], the asking process's peak memory [GB], and the profile."""
    lines = listen(study, sys.executable, "-c", RUN, *scheduler)
    seconds, memory = map(float, lines[-2][1].split())
    return seconds, memory, profile(lines)


def more_counties(study: Study, folder: Path) -> list[dict]:
    """e: time per county and memory of the asking process, with 4 and 16 times the counties."""
    found = {}
    for times in (1, 4, 16):
        many = multiply(study, folder / f"times{times}", times)
        found[times] = run_inside(many)
        shutil.rmtree(many.paths.root)
    rows = []
    few, memory_of_few, profile_of_few = found[1]
    for times in (4, 16):
        seconds, memory, steps = found[times]
        line = row(f"e time per county, {13 * times} against 13 counties", seconds / (13 * times), few / 13, 1)
        line |= {"parent_gb": round(memory, 3), "parent_gb_of_13": round(memory_of_few, 3)}
        rows.append(line | {"profile": {"ours": steps, "other side": profile_of_few}})
    return rows


def dask_workers(study: Study, folder: Path) -> list[dict]:
    """f: the counties on a dask scheduler with one and two workers, against this machine's own processes."""
    from distributed import LocalCluster

    many = multiply(study, folder / "dask", 1)
    local, *_ = run_inside(many)
    rows = []
    for workers in (1, 2):
        with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0") as cluster:
            for stamp in many.paths.processed.glob("c*/**/stamp.json"):
                stamp.unlink()
            seconds, *_ = run_inside(many, cluster.scheduler_address)
        rows.append(row(f"f {workers} dask worker(s) against {os.cpu_count()} local processes", seconds, local, None))
    return rows


def main() -> None:
    """Measure all of it; takes some minutes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study = copy_project(folder / "study")
        measured = [*cold_run(study), notebook_against_script(study), *one_changed_county(study)]
        measured += [*more_counties(study, folder), *dask_workers(study, folder)]
    keep("runner", measured)


if __name__ == "__main__":
    main()
