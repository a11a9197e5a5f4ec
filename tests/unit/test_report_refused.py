"""A mistake in a chapter, or a result that is missing, is refused: with its place, and without a half-written project."""

import re
import shutil

import pandas as pd
import pytest
from hand_study import ROOT, make, whole
from test_report_project import written

from ge_analysis.errors import GeError


@pytest.mark.parametrize("wrong", ["{{ scor }}", "{% if %}"])
def test_a_mistake_in_a_years_own_chapter_is_reported_with_its_folder(tmp_path, wrong):
    study = make(tmp_path, whole(tmp_path))
    own = study.paths.report / "chapters" / "2021" / "34-score.qmd.j2"
    own.parent.mkdir()
    own.write_text(wrong, encoding="utf-8")
    with pytest.raises(GeError, match=r"^2021/34-score\.qmd\.j2 line 1: "):
        written(study)


def test_a_mistyped_name_is_an_error_with_chapter_and_line_and_leaves_the_old_project(tmp_path):
    study = make(tmp_path, whole(tmp_path))
    build = written(study)
    before = {path: path.read_bytes() for path in build.rglob("*") if path.is_file()}
    chapter = study.paths.report / "chapters" / "34-score.qmd.j2"
    lines = (ROOT / "report" / "chapters" / chapter.name).read_text(encoding="utf-8").splitlines()
    for wrong, said in (
        ("{{ labl }}", "unknown name 'labl'; did you mean label?"),
        ("{{ num('scor') }}", "unknown indicator 'scor'; did you mean score?"),
        ("{{ num('score', areas='urban') }}", "unknown dimension 'areas'; did you mean area?"),
        ("{% if %}", "Expected an expression"),
        ("{{ 1 / 0 }}", "division by zero"),
    ):
        chapter.write_text("\n".join([*lines[:2], wrong, *lines[2:]]), encoding="utf-8")
        with pytest.raises(GeError, match=rf"34-score\.qmd\.j2 line 3: .*{re.escape(said)}"):
            written(study)
    assert {path: path.read_bytes() for path in build.rglob("*") if path.is_file()} == before
    assert not list(build.parent.glob(".*.tmp"))


def test_a_reference_to_nothing_is_an_error(tmp_path):
    study = make(tmp_path, whole(tmp_path))
    (study.paths.report / "chapters" / "95-more.qmd.j2").write_text("见{{ ref('图 9-9') }}。\n", encoding="utf-8")
    with pytest.raises(GeError, match=r"^95-more\.qmd\.j2 line 1: refers to 图 9-9, which no chapter sets"):
        written(study)


def test_a_figure_that_was_not_drawn_is_named(tmp_path):
    study = make(tmp_path, whole(tmp_path))
    (study.paths.results("city") / "figures" / "grades.svg").unlink()
    with pytest.raises(GeError, match=r"31-reliability\.qmd\.j2 line \d+: .*grades\.svg"):
        written(study)


def test_results_that_were_not_made_are_named(tmp_path):
    study = make(tmp_path, whole(tmp_path))
    shutil.rmtree(study.paths.results("jiaokou"))
    with pytest.raises(GeError, match="jiaokou.*ge run"):
        written(study)


def test_an_item_of_the_checklists_without_a_measure_is_refused(tmp_path):
    check = {"aspect": "billing", "item": "窗口排队时间", "result": "no", "checked_on": pd.Timestamp("2021-06-01")}
    study = make(tmp_path, whole(tmp_path, canonical={("lishi", "convenience"): [check | {"problem": "排队久"}]}))
    with pytest.raises(GeError, match=r"the item '窗口排队时间' \(交费开票\) .* has no measure; cover it by `check`"):
        written(study)
    assert not study.paths.report_build.exists()


@pytest.mark.parametrize(
    ("chapter", "message"),
    [
        ("50-measures", r"problems without a measure: .*\d+ 高压接电时间偏长"),
        ("31-reliability", r"measures whose problem no chapter mentions: .*线路联络率低"),
    ],
)
def test_a_problem_without_a_measure_and_a_measure_without_a_problem_are_refused(tmp_path, chapter, message):
    study = make(tmp_path, whole(tmp_path))
    own = study.paths.report / "chapters" / "2021"
    own.mkdir()
    for path in ROOT.glob("report/chapters/*.j2"):  # no other chapter refers to what is left out
        text = re.sub(r"\{\{ ref\(\"(?:表 5-1|图 3-[1-5])\"\) \}\}", "表", path.read_text(encoding="utf-8"))
        (own / path.name).write_text(text, encoding="utf-8")
    (own / f"{chapter}.qmd.j2").write_text("# 略 {#lve}\n", encoding="utf-8")
    with pytest.raises(GeError, match=message):
        written(study)
