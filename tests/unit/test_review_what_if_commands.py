"""`ge whatif` and `study.what_if`: what a user can get wrong is one clear line."""

import pytest
import typer
from test_cli import ge, one_line

from ge_analysis.cli import review
from ge_analysis.errors import GeError
from ge_analysis.review import what_if
from ge_analysis.settings import parameters
from ge_analysis.study import Study


@pytest.mark.parametrize(
    ("arguments", "reported"),
    [
        (("live_lin",), "unknown measure 'live_lin'; did you mean live_line?"),
        (("--for", "临"), "unknown county '临'; did you mean 临县?"),
        (("--for", "临县"), "linxian has no results: 没有报送台账; correct what `ge status` shows first"),
        ((), "every county of 2021 has failed or has no usable workbooks"),
    ],
)
def test_impossible_questions(project, arguments, reported):
    assert reported in one_line(ge(project, "whatif", *arguments))


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("- {id: a, label: a, act: sms_pct, amount: 100.5}", "amount 100.5 is more than 100 %"),
        ("- {id: a, label: a, act: sms_pct, amount: 1, counties: [linxain]}", "unknown county 'linxain'; did you mean linxian?"),
        ("- {id: a, label: a, act: sms_pct, amount: 1, grid: lokal}", "unknown grid 'lokal'; did you mean local?"),
        ("- {id: a, label: a, act: fly_pct, amount: 1}", "measures.yml line 1: 0.act"),
        (
            "- {id: a, label: a, act: sms_pct, amount: 1}\n- {id: a, label: b, act: sms_pct, amount: 2}",
            "two measures are called a",
        ),
    ],
)
def test_a_broken_measure_is_reported_with_its_file(project, text, reported):
    (project / "params/2021/measures.yml").write_text(text, encoding="utf-8")
    line = one_line(ge(project, "whatif"))
    assert "measures.yml line" in line and reported in line


@pytest.mark.parametrize(
    ("given", "reported"),
    [
        ({"act": "sms_pct", "amount": 120}, "amount 120 is more than 100 %"),
        ({"act": "sms_pct", "amount": 10, "counties": ["临川"]}, "unknown county '临川'"),
        ({"act": "sms_pct", "amount": 10, "counties": ["临县"]}, "linxian has no results"),
        ({"act": "sms_pct", "amount": 10, "grid": "lokal"}, "unknown grid 'lokal'"),
        ({"amount": 10}, "measure None"),
    ],
)
def test_an_impossible_measure_in_a_notebook(project, given, reported):
    with pytest.raises(GeError, match=reported):
        what_if.known(Study.open(2021, project), [given])


def test_a_goal_without_a_county():
    with pytest.raises(typer.BadParameter, match="--reach needs a county"):
        review.whatif(reach="band=1")


def test_the_packages_measures_fit_any_study():
    measures = parameters.load(parameters.shipped()).measures
    assert measures and not any(measure.counties or measure.grid for measure in measures)
