"""A saved table of indicators that can be read but is none: one clear line, and a run makes it again."""

import shutil

import pandas as pd
import pytest
from runner_study import COUNTY, replace_cell, write_notebook

from ge_analysis.errors import GeError
from ge_analysis.runner.run import status
from ge_analysis.study import Study

SAVED = """\
study.compute(county).indicators.to_parquet(Path(results) / "indicators.parquet")
figure.savefig(Path(results) / "hours.png")"""


@pytest.fixture(scope="module")
def saved_root(tmp_path_factory, ingested, run):
    """A study whose counties save the long table; not to be changed."""
    root = shutil.copytree(ingested, tmp_path_factory.mktemp("saved") / "study")
    write_notebook(root / "notebooks" / "county.ipynb", replace_cell(COUNTY, 7, SAVED))
    assert not run(Study.open(2021, root), ["linxian", "wenshui"])
    return root


@pytest.fixture
def saved(saved_root, tmp_path):
    return Study.open(2021, shutil.copytree(saved_root, tmp_path / "study"))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda table: table.drop(columns="unit"), "it has no column unit"),
        (lambda table: table.iloc[:, :0], "it has no column county"),
        (lambda table: table.assign(value="1"), "its column value is of another type"),
        (lambda table: table.assign(area=1), "its column area is of another type"),
        (lambda table: table.assign(county="lishi"), "it is of another place"),
        (lambda table: table.head(0), "it is of another place"),
        (lambda table: table.assign(period="2016-01-01/2016-12-31"), "it is of another year"),
    ],
)
def test_an_invalid_table_is_one_line_and_made_again(saved, change, why, run):
    path = saved.paths.results("linxian") / "indicators.parquet"
    good = path.read_bytes()
    change(pd.read_parquet(path)).to_parquet(path)
    with pytest.raises(GeError, match=f"indicators.parquet cannot be used: {why}; run `ge build`, or correct"):
        Study.open(2021, saved.paths.root).county_indicators()
    assert ["its files were changed by hand"] in [row.why for row in status(saved)]
    assert not run(saved, ["linxian"])
    assert path.read_bytes() == good
    assert set(Study.open(2021, saved.paths.root).county_indicators()["county"]) == {"linxian", "wenshui"}
