"""DVC's three steps and `ge build` leave the same files, and DVC finds nothing to do after either."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from runner_study import hashes

from ge_analysis.errors import GeError
from ge_analysis.runner import dvc as dvc_record
from ge_analysis.study import Study

ROOT = Path(__file__).parent.parent.parent
CLEAN = "Data and pipelines are up to date."


def call(study, *command: str) -> str:
    """Run a command with this Python's `ge` first on the path."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=study.paths.root, env=environment, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stdout + done.stderr
    return done.stdout


def dvc(study, *arguments: str) -> str:
    return call(study, sys.executable, "-m", "dvc", *arguments)


@pytest.fixture
def under_dvc(tmp_path, short_root) -> Study:
    """A finished study that DVC does not know yet."""
    root = shutil.copytree(short_root, tmp_path / "study")
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copytree(ROOT / ".dvc", root / ".dvc", ignore=shutil.ignore_patterns("tmp", "cache"))
    for name in ("dvc.yaml", ".dvcignore"):
        shutil.copy(ROOT / name, root)
    return Study.open(2021, root)


def made(study) -> dict[str, str]:
    folders = (study.paths.processed / "tables", study.paths.processed / "counties", study.paths.results("city"))
    return {
        f"{folder.name}/{name}": found
        for folder in (*folders, study.paths.report_output)
        for name, found in hashes(folder).items()
    }


def test_build_and_repro_leave_the_same_files_and_a_clean_status(under_dvc):
    call(under_dvc, "ge", "build")
    built = made(under_dvc)
    assert CLEAN in dvc(under_dvc, "status")
    call(under_dvc, "ge", "build")
    assert CLEAN in dvc(under_dvc, "status")
    shutil.rmtree(under_dvc.paths.processed)
    shutil.rmtree(under_dvc.paths.report_output)
    (under_dvc.paths.root / "dvc.lock").unlink()
    dvc(under_dvc, "repro")
    assert made(under_dvc) == built
    assert CLEAN in dvc(under_dvc, "status")
    benchmark = under_dvc.paths.root / "params/2021/benchmark.yml"
    benchmark.write_text(benchmark.read_text(encoding="utf-8").replace("rank: 12}", "rank: 13}"), encoding="utf-8")
    assert "changed deps" in dvc(under_dvc, "status")
    call(under_dvc, "ge", "build")
    assert CLEAN in dvc(under_dvc, "status")


@pytest.fixture
def bare(tmp_path) -> Study:
    """A study under DVC that has its parameters only."""
    for name in (".dvc", "params", "data"):
        (tmp_path / name).mkdir()
    for path in (ROOT / "params").rglob("*.yml"):
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(exist_ok=True)
        shutil.copy(path, target)
    shutil.copy(ROOT / ".dvc" / "config", tmp_path / ".dvc")
    return Study.open(2021, tmp_path)


def wait_for_the_next_moment(folder: Path) -> None:
    """Wait for the next tick of the file system's clock, so that two files differ in time."""
    mark = folder / "mark"
    mark.touch()
    moment = mark.stat().st_mtime_ns
    while mark.stat().st_mtime_ns == moment:
        mark.touch()


def test_a_file_from_the_future_is_recorded_once_and_hides_no_later_change(bare, monkeypatch, tmp_path_factory):
    root, calls, elsewhere = bare.paths.root, [], tmp_path_factory.mktemp("elsewhere")

    def run(*_, **__):
        calls.append("commit")
        (root / dvc_record.LOCK).touch()
        return subprocess.CompletedProcess([], 0)

    monkeypatch.setattr(dvc_record.subprocess, "run", run)
    ahead = root / "data" / "a.xlsx"
    ahead.touch()
    os.utime(ahead, (time.time() + 1e6, time.time() + 1e6))
    for _ in range(3):
        wait_for_the_next_moment(elsewhere)
        dvc_record.record(bare)
    assert len(calls) == 1
    wait_for_the_next_moment(elsewhere)
    ahead.write_text("b")
    os.utime(ahead, (time.time() + 1e6, time.time() + 1e6))
    dvc_record.record(bare)
    assert len(calls) == 2


def test_a_record_that_dvc_cannot_make_is_one_line(bare):
    (bare.paths.root / "dvc.yaml").write_text("stages: {a: 3}")
    with pytest.raises(GeError, match=r"the report is made, but DVC could not record it: .*dvc.yaml.*; correct dvc.yaml"):
        dvc_record.record(bare)
