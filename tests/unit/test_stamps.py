"""A stamp says of a finished folder what it was made from."""

import pytest

from ge_analysis.storage.stamps import STAMP, why_stale, write_stamp

INPUTS = {"notebook": "1", "code": "2"}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "a.svg").write_text("x")
    write_stamp(tmp_path, INPUTS)
    return tmp_path


def test_the_same_inputs_are_not_stale(folder):
    assert why_stale(folder, INPUTS) == []


@pytest.mark.parametrize(
    ("inputs", "why"),
    [
        ({"notebook": "1", "code": "3"}, ["code changed"]),
        ({"notebook": "1", "code": "2", "table outages": "4"}, ["table outages is new"]),
        ({"notebook": "1"}, ["code is gone"]),
    ],
)
def test_each_difference_is_named(folder, inputs, why):
    assert why_stale(folder, inputs) == why


def test_a_changed_or_lost_file_is_noticed(folder):
    (folder / "figures" / "a.svg").write_text("y")
    assert why_stale(folder, INPUTS) == ["its files were changed by hand"]
    (folder / "figures" / "a.svg").unlink()
    assert why_stale(folder, INPUTS) == ["its files were changed by hand"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"inputs": 1}', '{"inputs": {}}'])
def test_a_broken_stamp_counts_as_none(folder, text):
    (folder / STAMP).write_text(text)
    assert why_stale(folder, INPUTS) == ["not made yet"]
