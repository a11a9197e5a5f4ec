"""Studies of two counties: finished by the real notebooks, and by some that do little."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from runner_study import CITY, COUNTY, ge, shorten, write_notebook

from ge_analysis import demo
from ge_analysis.ledgers import ingest
from ge_analysis.runner import run as runner
from ge_analysis.runner.jobs import Failure
from ge_analysis.runner.pool import pools
from ge_analysis.study import Study


def build(root: Path) -> None:
    """Make the demonstration data of a project, and its report."""
    for command in ("demo", "build"):
        ge(root, command)


@pytest.fixture(scope="session")
def built_root(once, small_project) -> Path:
    """A study built by the real notebooks; not to be changed."""
    return once("built", lambda root: build(small_project(root, ("linxian", "wenshui"))))


@pytest.fixture(scope="session")
def short_root(once, small_project) -> Path:
    """A built study of the same counties, with one figure in each notebook and one chapter; not to be changed."""

    def make(root: Path) -> None:
        shorten(small_project(root, ("linxian", "wenshui")))
        build(root)

    return once("short", make)


@pytest.fixture(scope="session")
def run() -> Iterator[Callable[..., list[Failure]]]:
    """The runner's `run`; one warm process serves all tests."""
    with pools() as warm:
        yield partial(runner.run, warm=warm)


@pytest.fixture(scope="session")
def ingested(tmp_path_factory, small_project) -> Path:
    """A study with tables but without results; not to be changed."""
    root = small_project(tmp_path_factory.mktemp("runner") / "study", ("linxian", "wenshui"))
    write_notebook(root / "notebooks" / "county.ipynb", COUNTY)
    write_notebook(root / "notebooks" / "city.ipynb", CITY)
    study = Study.open(2021, root)
    demo.write(study)
    ingest.ingest(study, study.places)
    return root


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for temporary files whose name is short, as the paths of a kernel's sockets must be."""
    folder = Path(tempfile.mkdtemp(dir="/tmp", prefix="t"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def study(tmp_path, ingested) -> Study:
    """A fresh study, with tables but without results."""
    return Study.open(2021, shutil.copytree(ingested, tmp_path / "study"))


@pytest.fixture(scope="session")
def finished_root(tmp_path_factory, ingested, run) -> Path:
    """A study with results; not to be changed."""
    root = shutil.copytree(ingested, tmp_path_factory.mktemp("finished") / "study")
    assert not run(Study.open(2021, root))
    return root


@pytest.fixture
def finished(tmp_path, finished_root) -> Study:
    """A fresh study, with results."""
    return Study.open(2021, shutil.copytree(finished_root, tmp_path / "study"))
