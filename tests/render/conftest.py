"""The sample project, rendered once for all tests of the engines."""

import shutil
import sys
from pathlib import Path

import pytest
from sample_project import HERE, REPORT, record_numbers

from ge_analysis.report.render import equip, render_project
from ge_analysis.report.source import engine_version


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the sample project that a test may change."""
    build = tmp_path / "build"
    shutil.copytree(HERE / "sample", build)
    record_numbers(build)
    equip([REPORT], build)
    return build


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the sample's finished files, made by the embedded engine."""
    build, output = tmp_path_factory.mktemp("sample") / "build", tmp_path_factory.mktemp("output")
    shutil.copytree(HERE / "sample", build)
    record_numbers(build)
    equip([REPORT], build)
    render_project(build, output, engine="embedded")
    return output


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A command that behaves as observed of Quarto, in its place."""
    script = tmp_path / "quarto"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{HERE / "stand_in.py"}" "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("QUARTO_PATH", str(script))
    engine_version.cache_clear()
    return script
