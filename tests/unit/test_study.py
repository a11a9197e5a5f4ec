"""`Study`: its names, and a year without usable counties."""

import json
import shutil

import pandas as pd
import pytest
from hand_study import ROOT

from ge_analysis.errors import GeError
from ge_analysis.study import Study


@pytest.fixture
def study(tmp_path):
    shutil.copytree(ROOT / "params", tmp_path / "params")
    return Study.open(2021, tmp_path)


@pytest.mark.parametrize("name", ["linxian", "临县", "141124", 141124, " 临县 "])
def test_a_county_by_any_of_its_names(study, name):
    assert study.county(name).slug == "linxian"


@pytest.mark.parametrize("name", ["x", None, 1])
def test_no_county(study, name):
    with pytest.raises(GeError, match=f"unknown county '{name}'; known: lishi"):
        study.county(name)


def test_a_year_that_is_no_number(study):
    with pytest.raises(GeError, match="no parameters for '2021' \\(params/ has 2021\\)"):
        Study.open("2021", study.paths.root)


def test_parameters_show_what_they_hold(study):
    assert {"counties    13", "grids       2", "review      large_pct, moderate_pct"} <= set(str(study.params).splitlines())
    assert "<tr><th>counties</th><td>13</td></tr>" in study.params._repr_html_()


def test_nothing_can_be_shown_without_workbooks(study):
    for ask in (study.indicators, study.county_indicators, lambda: study.pooled("outages")):
        with pytest.raises(GeError, match="every county of 2021 has failed or has no usable workbooks; correct what `ge status`"):
            ask()


@pytest.mark.parametrize("city", ["city", "吕梁市", "全市"])
def test_the_city_is_computed_by_either_name(study, city):
    with pytest.raises(GeError, match="every county of 2021 has failed or has no usable workbooks"):
        study.compute(city)


def test_the_kept_results_of_a_city_that_failed_are_not_shown(project, monkeypatch):
    study = Study.open(2021, project)
    folder = study.paths.results("city")
    folder.mkdir(parents=True)
    (folder / "indicators.parquet").write_bytes(b"the last good ones")
    failure = {"reason": "台账有错误，未能读入", "cell": "", "error": "its workbooks have 1 error", "notebook": ""}
    (folder / "failure.json").write_text(json.dumps(failure), encoding="utf-8")
    monkeypatch.setattr(Study, "county_indicators", lambda self: pd.DataFrame())
    with pytest.raises(GeError, match="city has no results: 台账有错误，未能读入; correct what `ge status` shows"):
        study.indicators()
