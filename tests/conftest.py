"""Small projects of their own for tests: never the one that holds the tests."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import settings

ROOT = Path(__file__).parent.parent

os.environ["LANGUAGE"] = "en"  # what tests expect of messages, whoever runs them

settings.register_profile("project", deadline=None)  # a busy machine is no fault
settings.load_profile("project")


def copy_project(root: Path, slugs: tuple[str, ...]) -> Path:
    """Copy what is committed of a project into `root`, with only the named counties."""
    for name in ("notebooks", "params"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copytree(ROOT / "report", root / "report", ignore=shutil.ignore_patterns("_build", "_output"))
    for name in ("raw", "processed", "corrections"):
        (root / "data" / name).mkdir(parents=True)
    counties = root / "params/2021/counties.yml"
    kept = [unit for unit in yaml.safe_load(counties.read_text(encoding="utf-8")) if unit["slug"] in slugs]
    counties.write_text(yaml.safe_dump(kept, allow_unicode=True), encoding="utf-8")
    targets = root / "params/2021/targets.yml"
    own = yaml.safe_load(targets.read_text(encoding="utf-8"))
    own = [target for target in own if set(target.get("counties", ())) <= set(slugs)]
    targets.write_text(yaml.safe_dump(own, allow_unicode=True), encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def small_project() -> Callable[[Path, tuple[str, ...]], Path]:
    """The function that makes a project without data, for fixtures of any scope."""
    return copy_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of two counties, one a grid, without data."""
    return copy_project(tmp_path / "study", ("linxian", "wenshui"))
