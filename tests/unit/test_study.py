"""`Study`: its names, and a year in which no county can be shown."""

import shutil

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


def test_nothing_can_be_shown_without_workbooks(study):
    for ask in (study.indicators, study.county_indicators, lambda: study.pooled("outages")):
        with pytest.raises(GeError, match="no county of 2021 has usable workbooks; run `ge check`"):
            ask()


@pytest.mark.parametrize("city", ["city", "吕梁市"])
def test_the_city_is_computed_by_either_name(study, city):
    with pytest.raises(GeError, match="city: 1 error in its workbooks, first: 缺少工作簿"):
        study.compute(city)
