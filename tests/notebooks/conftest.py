"""Studies of two counties whose notebooks do little."""

import shutil
from pathlib import Path

import pytest
from runner_study import CITY, COUNTY, write_notebook

from ge_analysis import demo
from ge_analysis.ledgers import ingest, stale
from ge_analysis.study import Study


@pytest.fixture(scope="session")
def ingested(tmp_path_factory, small_project) -> Path:
    """A study with tables but without results; not to be changed."""
    root = small_project(tmp_path_factory.mktemp("runner") / "study", ("linxian", "wenshui"))
    write_notebook(root / "notebooks" / "county.ipynb", COUNTY)
    write_notebook(root / "notebooks" / "city.ipynb", CITY)
    study = Study.open(2021, root)
    demo.write(study.paths, study.params)
    ingest.ingest(study.paths, study.params, stale.places(study.params))
    return root


@pytest.fixture
def study(tmp_path, ingested) -> Study:
    """A study of its own, with tables but without results."""
    return Study.open(2021, shutil.copytree(ingested, tmp_path / "study"))
