"""What the measurements have in common: commands that are timed, rows of the table, where the time goes."""

import cProfile
import pstats
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ge_analysis import demo
from ge_analysis.storage.files import write_json
from ge_analysis.study import Study

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"
GE = (sys.executable, "-c", "from ge_analysis.cli import main; main()")
STEPS = ("tables", "counties", "city", "report")  # with which the plain lines of a run begin


def copy_project(root: Path) -> Study:
    """Copy what is committed, and make the demonstration workbooks."""
    ignored = shutil.ignore_patterns(".ipynb_checkpoints", "_build", "_output")
    for name in ("notebooks", "params", "report"):
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    for name in ("raw", "processed", "corrections"):
        (root / "data" / name).mkdir(parents=True)
    study = Study.open(2021, root)
    demo.write(study)
    return study


def listen(study: Study, *command: str) -> list[tuple[float, str]]:
    """Run a command in the study; return its lines, each with its moment [s], and an empty one for its end."""
    begun = time.perf_counter()
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(command, cwd=study.paths.root, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        lines = [(time.perf_counter() - begun, line) for line in process.stdout]
        if process.wait():
            errors.seek(0)
            raise RuntimeError(f"{command[-1]}: {''.join(line for _, line in lines)}{errors.read()}")
    return [*lines, (time.perf_counter() - begun, "")]


def call(study: Study, *command: str) -> tuple[float, str]:
    """Run a command in the study; return its time [s] and what it printed."""
    lines = listen(study, *command)
    return lines[-1][0], "".join(line for _, line in lines)


def row(what: str, ours: float, other: float, limit: float | None) -> dict:
    """One line of the table; `limit` is the ratio that is asked for."""
    return {"what": what, "ours_s": round(ours, 3), "other_s": round(other, 3), "ratio": round(ours / other, 3), "limit": limit}


def profiled(what: str, ours: list[tuple[float, str]], other: list[tuple[float, str]], limit: float) -> dict:
    """One line of the table, with where the time of both sides went."""
    return row(what, ours[-1][0], other[-1][0], limit) | {"profile": {"ours": profile(ours), "other side": profile(other)}}


def profile(lines: list[tuple[float, str]]) -> list[tuple[str, float]]:
    """Say where the time of a run went [s]: `start` until its first place is done, then each step, then the `end`."""
    named = [(moment, line.split(":")[0]) for moment, line in lines]
    ends = {"start": lines[0][0]} | {step: moment for moment, step in named if step in STEPS} | {"end": lines[-1][0]}
    return [(name, round(end - begun, 2)) for (name, end), begun in zip(ends.items(), [0, *ends.values()], strict=False)]


def hottest(work: Callable[[], object]) -> list[tuple[str, float]]:
    """Say in which functions the time of some work goes [s], the six longest, each without what it calls."""
    profiler = cProfile.Profile()
    profiler.runcall(work)
    found = pstats.Stats(profiler).get_stats_profile().func_profiles
    longest = sorted(found, key=lambda name: -found[name].tottime)[:6]
    return [(name, round(found[name].tottime, 2)) for name in longest]


def keep(name: str, rows: list[dict]) -> None:
    """Write what a module measured, and print it."""
    write_json(RESULTS / f"{name}.json", rows)
    for each in rows:
        print(each)
