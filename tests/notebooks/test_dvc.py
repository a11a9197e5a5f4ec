"""DVC's three steps and `ge build` leave the same files, and DVC finds nothing to do after either."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from runner_study import hashes

from ge_analysis import demo
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
def under_dvc(tmp_path, small_project) -> Study:
    root = small_project(tmp_path / "study", ("linxian", "wenshui"))
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copytree(ROOT / ".dvc", root / ".dvc", ignore=shutil.ignore_patterns("tmp", "cache"))
    for name in ("dvc.yaml", ".dvcignore"):
        shutil.copy(ROOT / name, root)
    study = Study.open(2021, root)
    demo.write(study.paths, study.params)
    return study


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
    counties = under_dvc.paths.root / "params" / "counties.yml"
    counties.write_text(counties.read_text(encoding="utf-8").replace("grid: local", "grid: state"), encoding="utf-8")
    assert "changed deps" in dvc(under_dvc, "status")
    call(under_dvc, "ge", "build")
    assert CLEAN in dvc(under_dvc, "status")
