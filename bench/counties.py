"""The notebooks of more counties, and on dask workers, against those of 13 counties on this machine.

python -m bench.counties
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pandas as pd
import yaml

from bench._sides import copy_project, keep, listen, profile, row
from ge_analysis.ledgers.ingest import ingest
from ge_analysis.study import Study

RUN = """
import sys, time
from contextlib import nullcontext
from pathlib import Path
from ge_analysis.runner.distributed import Cluster
from ge_analysis.runner.run import run
from ge_analysis.study import Study
study = Study.open(2021)
begun = time.perf_counter()
with Cluster(study, sys.argv[1]) if sys.argv[1:] else nullcontext() as cluster:
    failures = run(study, on_progress=lambda event: print(event.step, event.place, sep=": ", flush=True), cluster=cluster)
assert not failures, failures
# not getrusage: that counts the memory of the process that started this one
peak = next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(time.perf_counter() - begun, int(peak) / 1e6)
"""


def multiply(study: Study, root: Path, times: int) -> Study:
    """Make a study, tables only, that repeats every county `times` times under other slugs."""
    for name in ("notebooks", "params"):
        shutil.copytree(study.paths.root / name, root / name)
    made = Study.open(2021, root)
    # the first keeps its slug, by which parameters may name it
    units = [(unit, f"{unit.slug}_{number}" if number else unit.slug) for unit in study.counties for number in range(times)]
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
    """Measure e and f on copies of one study; takes some minutes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study = copy_project(folder / "study")
        ingest(study, study.places)
        keep("counties", [*more_counties(study, folder), *dask_workers(study, folder)])


if __name__ == "__main__":
    main()
