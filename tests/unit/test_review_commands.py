"""`ge diff` and `ge publish`: which states are compared, and what cannot be."""

import pandas as pd
import pytest
import typer
from test_cli import ge, one_line

from ge_analysis.cli import review
from ge_analysis.review import pages
from ge_analysis.review.differences import Differences


@pytest.mark.parametrize(
    ("arguments", "reported"),
    [
        (("diff",), "nothing of 2021 is published in"),
        (("diff", "2021-12-20"), "nothing of 2021 is published in"),
        (("diff", "2020", "2021"), "there are no parameters for 2020"),
        (("publish",), "what would be published is stale"),
    ],
)
def test_states_that_cannot_be_compared_or_published(project, arguments, reported):
    assert reported in one_line(ge(project, *arguments))


def test_nothing_published_is_an_empty_list(project):
    result = ge(project, "publish", "--list", "--json")
    assert (result.returncode, result.stdout) == (0, "[]\n")


def test_more_than_two_states():
    with pytest.raises(typer.BadParameter, match="two states at most"):
        review.diff(["a", "b", "c"])


def test_changes_are_listed_place_by_place(monkeypatch, capsys):
    lines = [("linxian saifi", "大"), ("city saifi", "中"), ("linxian score", "小")]
    table = pd.DataFrame([(grade, name, "1", "2", "x") for name, grade in lines], columns=list(review._COLUMNS))
    monkeypatch.setattr(pages, "change_table", lambda found: table)
    grades = pd.DataFrame({"grade": ["large", "moderate", "small"]})
    found = Differences(grades.assign(printed_then="1", printed_now="2"), pd.DataFrame({"cause": []}), [], {}, pd.DataFrame())
    review._changes(found, {"then": "a", "now": "b"}, everything=True)
    names = [word for word in capsys.readouterr().out.split() if word in ("linxian", "city")]
    assert names == ["linxian", "linxian", "city"]
