"""Measurements of `make bench` run, at a size that says nothing: they call the package as nothing else here does."""

import importlib
from pathlib import Path

import pytest

from ge_analysis.study import Study

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("name", "size"), [("ledgers", 100), ("indices", 1000), ("frequent", 1000)])
def test_a_small_measurement_runs(name, size, monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    module = importlib.import_module(f"bench.{name}")
    kept = []
    monkeypatch.setattr(module, "keep", lambda name, rows: kept.extend(rows))
    module.main(size)
    assert kept and all(each["ours_s"] > 0 and each["other_s"] > 0 for each in kept)


def test_the_study_of_many_counties_is_a_study(tmp_path, ingested, monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    counties = importlib.import_module("bench.counties")
    many = counties.multiply(Study.open(2021, ingested), tmp_path / "many", 2)
    assert [unit.slug for unit in many.counties] == ["wenshui", "wenshui_1", "linxian", "linxian_1"]
    assert len(many.table("linxian_1", "停电事件")) == len(many.table("linxian", "停电事件")) > 0
