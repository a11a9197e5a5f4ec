"""Cities of other sizes: few and many counties, one to three grids, missing sheets."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pytest
from hand_study import HandStudy, city_tables, county_figures, figure, make, survey_rows

from ge_analysis.figures import reliability
from ge_analysis.report.book import Book
from ge_analysis.report.project import write_project
from ge_analysis.settings import parameters
from ge_analysis.settings.yaml_files import validated
from ge_analysis.starting.answers import Answers
from ge_analysis.starting.study import write_study
from ge_analysis.storage.paths import Paths

GRIDS = ("state:国网:国网宁州供电公司:宁江电网", "local:水电:宁州水电公司:宁江地方电网", "third:农电:宁州农电公司:宁江农网")
KINDS = "区县市"
SHORT = "东南西北上下左右前后天地山水花"


@dataclass(frozen=True)
class Of2024(HandStudy):
    """A hand-made study of another year."""

    year = 2024


def city(root: Path, count: int = 6, grids: int = 1, unit: str = "mv", kinds: str = KINDS) -> HandStudy:
    """Return a study of a new city in which the counties are of each kind and each grid in turn, and nothing is missing."""
    codes = [grid.split(":")[0] for grid in GRIDS[:grids]]
    counties = [
        f"{SHORT[number % 15]}{'州原'[number // 15]}{kinds[number % len(kinds)]}:9901{number:02d}:{codes[number % grids]}"
        for number in range(count)
    ]
    answers = {"city": "宁州市", "province": "宁江省", "year": 2024, "statistical_unit": unit, "counties": counties}
    write_study(root / "study", validated(answers | {"grids": GRIDS[:grids]}, Answers, "the answers"), "1.0")
    params = parameters.load(root / "study")
    rows = [row for county in params.counties for row in county_figures(county.slug)] + county_figures("city")
    tables = city_tables()
    tables["city", "tariffs"] = [row | {"valid_from": pd.Timestamp("2023-10-01")} for row in tables["city", "tariffs"]]
    tables["city", "tariffs"] = [row for row in tables["city", "tariffs"] if row["grid"] in codes]
    return Of2024(Paths(root / "made", 2024), rows, tables, params=params)


def report(study: HandStudy, root: Path) -> str:
    """Return what the chapters say of a study."""
    write_project(make(root, study), root / "project")
    return "\n".join(path.read_text("utf-8") for path in sorted((root / "project" / "chapters").glob("*.qmd")))


def numbers(text: str, kind: str) -> list[int]:
    """Return the numbers of the tables of one chapter, in the order of the list of tables."""
    return [int(number) for number in re.findall(rf"^- \[{kind}(\d+) ", text, re.MULTILINE)]


def without(study: HandStudy, *indicators: str) -> HandStudy:
    """Return the study without some indicators, and without the tables of missing sheets."""
    return replace(study, rows=[row for row in study.rows if not row["indicator"].startswith(indicators)])


@pytest.mark.parametrize("count", [6, 30])
def test_every_county_has_its_row_and_its_brief(tmp_path, count):
    study = city(tmp_path, count)
    text = report(study, tmp_path)
    for county in study.counties:
        assert re.search(rf"^\| {county.name} \| {county.code} \|", text, re.MULTILINE)
        assert (tmp_path / "project" / "counties" / f"{county.slug}.qmd").is_file()
    assert f"划分为{count}个县（市、区）" in text


@pytest.mark.parametrize(("kinds", "noun"), [("区县市", "县（市、区）"), ("县", "县"), ("区", "区"), ("县市", "县（市）")])
def test_counties_are_called_by_their_kinds(tmp_path, kinds, noun):
    text = report(city(tmp_path, kinds=kinds), tmp_path)
    assert f"2023年各{noun}供电可靠性数据" in text
    assert f"各{noun}一律按行政区划顺序列示" in text
    assert noun == "县（市、区）" or "县（市、区）" not in text


@pytest.mark.parametrize(
    ("grids", "said", "tables"),
    [
        (1, "宁州市执行宁江电网销售电价", 3),
        (2, "分属两个电网企业供电，分别执行宁江电网和宁江地方电网", 4),
        (3, "分属三个电网企业供电，分别执行宁江电网、宁江地方电网和宁江农网", 5),
    ],
)
def test_there_is_a_price_table_a_grid(tmp_path, grids, said, tables):
    study = city(tmp_path, grids=grids)
    text = report(study, tmp_path)
    assert said in text
    assert numbers(text, "表 3-") == [*range(1, tables)]
    assert ("国网供区" in text) == (grids > 1)
    assert ("全部由国网宁州供电公司供电" in text) == (grids == 1)


@pytest.mark.parametrize("grids", [1, 2, 3])
def test_the_legend_names_the_grids_that_have_counties(tmp_path, grids):
    study = city(tmp_path, grids=grids)
    several = study.params.model_copy(update={"counties": study.params.counties[:1]})
    for params, named in ((study.params, grids), (several, 1)):
        drawn = reliability.counties(study.indicators(), params)
        (legend,) = drawn.legends
        labels = [text.get_text() for text in legend.get_texts()]
        assert len(labels) == 2 * named
        assert all(("·" in label) == (grids > 1) for label in labels)


@pytest.mark.parametrize(("unit", "name"), [("mv", "中压用户"), ("lv", "低压用户")])
def test_the_statistical_unit_is_named_at_every_count(tmp_path, unit, name):
    study = city(tmp_path, unit=unit)
    study.rows.extend(figure(county.slug, "customers_served", 5000, area="all") for county in study.counties)
    text = report(study, tmp_path)
    assert text.count(f"{name}5,000户") == 6
    assert f"统计单位为{name}，只计持续" in text


ABSENT = {
    "resale": ("没有取得转供电台账", "转供电费码月历"),
    "survey": ("本年度没有取得有效问卷", "满意度平均分和问卷数", "受访者", "问卷和", "有效问卷 |"),
}


@pytest.mark.parametrize("what", ABSENT)
def test_what_nobody_sent_is_omitted_and_named(tmp_path, what):
    said, *left_out = ABSENT[what]
    text = report(without(city(tmp_path), what), tmp_path)
    assert said in text and [words for words in left_out if words in text] == []


def test_a_city_without_prices_plan_policies_and_last_year_says_so(tmp_path):
    text = report(replace(city(tmp_path), canonical={}), tmp_path)
    for said in ("电价表", "投资计划台账", "上年公布值", "可作基准的评价结果"):
        assert f"没有取得{said}" in text
    assert "没有提供政策文件清单" in text
    assert "投资安排和奖惩" not in text
    assert numbers(text, "表 3-") == [] and numbers(text, "附表 4-") == []
    assert numbers(text, "表 5-") == [1, 2, 3]  # the one after what is left out moves up


def bare(study: HandStudy) -> HandStudy:
    """Return a study to which the city sent nothing, and in which no outage of the first county is known."""
    gone = (study.params.counties[0].slug, "hour_customers")
    rows = [row for row in study.rows if (row["county"], row["indicator"]) != gone]
    return replace(study, rows=rows, canonical={})


@pytest.mark.parametrize(
    ("grids", "less"),
    [
        (3, lambda study: study),
        (2, lambda study: without(study, "survey")),
        (1, lambda study: without(study, "resale", "frequent")),
        (1, bare),
    ],
)
def test_printed_figures_and_tables_are_numbered_without_gaps(tmp_path, grids, less):
    text = report(less(city(tmp_path, grids=grids)), tmp_path)
    series: dict[str, list[int]] = {}
    for kind, number in re.findall(r"\.caption\}\n\n(附?[图表] \d+-)(\d+)\s", text):
        series.setdefault(kind, []).append(int(number))
    assert len(series) > 8
    assert series == {kind: [*range(1, len(found) + 1)] for kind, found in series.items()}


def test_a_column_without_any_figure_is_left_out_and_named(tmp_path):
    study = without(city(tmp_path), "cost_pct_income", "score_cost")
    study = replace(study, rows=[row for row in study.rows if row["indicator"] != "score"])
    text = report(study, tmp_path)
    assert "各行均缺而未列的栏目：低压成本、高压成本、低压得分、高压得分。" in text
    assert "没有取得人均收入，成本不作评价" in text and "的缺" not in text
    assert "没有取得人均收入，接电成本不能折算，本年度不计算全市得分" in text


def test_a_column_of_dashes_is_left_out_without_a_word(tmp_path):
    rows = [["甲", "—", "1", "缺"], ["乙", "—", "缺", "—"]]
    made = Book(tmp_path).table(
        "表 1-1", "题名", ["县", "上年", "本年", "目标"], rows, note="注：“—”为没有公布值。", widths=[1, 2, 3, 4]
    )
    assert "| 县 | 本年 |" in made and "| 乙 | 缺 |" in made
    assert "上年" not in made and "没有公布值" not in made
    assert "各行均缺而未列的栏目：目标。" in made


def test_a_survey_in_some_counties_names_the_others(tmp_path):
    study = city(tmp_path)
    asked = study.counties[:4]
    study = replace(study, canonical=study.canonical | {(unit.slug, "survey"): survey_rows() for unit in asked})
    text = report(study, tmp_path)
    assert f"{'、'.join(unit.name for unit in study.counties[4:])}没有取得有效问卷" in text


def test_measures_name_the_companies_of_the_counties_and_days_after_the_report(tmp_path):
    text = report(city(tmp_path, grids=3), tmp_path)
    assert "国网宁州供电公司、宁州水电公司、宁州农电公司" in text
    dues = [int(year) for year in re.findall(r"(\d{4})年(?:6月)?底", text)]
    assert dues and min(dues) == 2025
