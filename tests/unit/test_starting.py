"""A study of another city, the next year of a study, and files that a study makes its own."""

import re
import shutil
from datetime import date

import pandas as pd
import pytest
from edits import edit
from hand_study import ROOT, city_tables, figure, make, whole
from typer.testing import CliRunner

from ge_analysis.cli.app import app
from ge_analysis.errors import GeError
from ge_analysis.report.project import write_project
from ge_analysis.settings import parameters
from ge_analysis.settings.yaml_files import validated
from ge_analysis.starting import own_files, year
from ge_analysis.starting.answers import Answers
from ge_analysis.starting.study import write_study
from ge_analysis.starting.year import _published, write_year
from ge_analysis.study import Study

CITY = {"city": "宁州市", "province": "宁江省", "year": 2024, "counties": ["东平区:990102", "石桥县：990122", "清河市:990181"]}
OF_LULIANG = ("吕梁", "山西", "地电", "晋", "离石", "lishi", "linxian", "临县")


def answers(**more):
    return validated(CITY | more, Answers, "the answers")


@pytest.fixture
def study(tmp_path):
    write_study(tmp_path / "study", answers(), "1.0")
    return tmp_path / "study"


def test_defaults_follow_from_the_city_and_the_year(study):
    params = parameters.load(study)
    assert (params.study.client, params.study_year) == ("宁州市能源局", 2024)
    assert [(unit.slug, unit.name, unit.grid) for unit in params.counties] == [
        ("dongping", "东平区", "state"),
        ("shiqiao", "石桥县", "state"),
        ("qinghe", "清河市", "state"),
    ]
    assert [(grid.company, grid.tariff_area) for grid in params.grids] == [("国网宁州供电公司", "宁江电网")]
    assert (params.year.reliability_period.start, params.year.reliability_period.end) == (date(2023, 1, 1), date(2024, 1, 1))
    assert params.year.income_per_capita_yuan is None and params.method.connection.base is None
    assert params.county_noun == "县（市、区）"


def test_nothing_of_another_city_is_in_a_new_study(study):
    for path in study.rglob("*"):
        if path.is_file() and "schema" not in path.parts:
            text = path.read_text(encoding="utf-8")
            assert not [word for word in OF_LULIANG if word in text], path


def test_the_study_says_what_is_still_to_be_filled_in(tmp_path):
    todo = "\n".join(write_study(tmp_path / "study", answers(), "1.0"))
    for name in ("income_per_capita_yuan", "lending_rate_pct", "targets.yml", "base", "time_of_use"):
        assert name in todo


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"counties": ["东平区"]}, "counties.0: a county is given as 名称:代码"),
        ({"counties": ["东平区:990102", "西平县:990102"]}, "two counties have the code 990102"),
        ({"counties": ["东平区:990102:north"]}, "unknown grid 'north'"),
        ({"counties": ["东平区:12"]}, "code"),
        ({"grids": ["国网"]}, "代码:简称:公司:电价表"),
        ({"grids": ["a:国网:A公司:甲", "b:国网:B公司:乙"]}, "国网 names both"),
        ({"year": 1}, "year"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_mistake_in_the_answers_is_named(more, message):
    with pytest.raises(GeError, match=f"the answers: .*{message}"):
        answers(**more)


def test_counties_of_one_sound_are_kept_apart():
    units = answers(counties=["林县:990121", "临县:990122"]).units()
    assert [unit.slug for unit in units] == ["linxian990121", "linxian990122"]


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(GeError, match="is not empty; name a new folder"):
        write_study(tmp_path, answers(), "1.0")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("names", "noun"),
    [
        ("东平区 石桥县 清河市", "县（市、区）"),
        ("石桥县 清河市", "县（市）"),
        ("东平区 石桥县", "县（区）"),
        ("石桥县", "县"),
        ("东平区", "区"),
    ],
)
def test_units_are_called_by_the_kinds_that_are_among_them(names, noun):
    counties = [f"{name}:99010{number}" for number, name in enumerate(names.split())]
    units = answers(counties=counties).units()
    assert parameters.Params.model_construct(counties=units).county_noun == noun


def test_commands_ask_for_nothing_where_all_is_given(tmp_path, monkeypatch):
    options = [f"--county={county}" for county in CITY["counties"]]
    made = CliRunner().invoke(
        app, ["init", str(tmp_path / "study"), "--city", "宁州市", "--province", "宁江省", "--year", "2024", *options]
    )
    assert made.exit_code == 0 and "宁州市, 2024" in made.output
    monkeypatch.chdir(tmp_path / "study")
    made = CliRunner().invoke(app, ["new-year", "2025"])
    assert made.exit_code == 0 and parameters.load(tmp_path / "study").study_year == 2025
    with pytest.raises(GeError, match="no year before 2020"):
        CliRunner().invoke(app, ["new-year", "2020"], catch_exceptions=False)


def test_a_study_without_an_answer_is_refused(tmp_path):
    with pytest.raises(GeError, match="the answers: .*province"):
        CliRunner().invoke(app, ["init", str(tmp_path / "study"), "--city", "宁州市"], catch_exceptions=False)


def test_a_year_is_made_from_the_last(tmp_path):
    shutil.copytree(ROOT / "params", tmp_path / "params")
    before = {path: path.read_bytes() for path in (tmp_path / "params/2021").rglob("*.yml")}
    todo = "\n".join(write_year(Study.open(2021, tmp_path), 2022))
    assert {path: path.read_bytes() for path in before} == before  # a finished year stays as it was
    params = parameters.load(tmp_path)
    assert params.study_year == 2022
    assert str(params.year.report_date) == "2022-12-20"
    assert (params.year.reliability_period.hours, params.year.survey_period.start) == (8760, date(2021, 10, 1))
    assert params.year.income_per_capita_yuan is None and "income_per_capita_yuan (it was 19776)" in todo
    aims = {(target.indicator, target.counties, target.grid): dict(target.years) for target in params.targets}
    assert aims["feeder_interconnected_pct", (), None] == {2023: 100}
    assert aims["feeder_interconnected_pct", ("lishi",), None] == {2023: 100}  # what was due in 2022 stays due
    assert aims["feeder_self_healing_pct", (), None] == {2023: 50, 2024: 80}
    assert aims["live_line_jobs", (), "local"] == {2023: 1}
    assert "# a key that no model" not in (tmp_path / "params/2022/year.yml").read_text("utf-8")
    assert "# only interruptions longer than this count" in (tmp_path / "params/2022/year.yml").read_text("utf-8")
    with pytest.raises(GeError, match="is there already"):
        write_year(Study.open(2021, tmp_path), 2022)
    with pytest.raises(GeError, match="2020 is not after 2021"):
        write_year(Study.open(2021, tmp_path), 2020)


def test_a_year_hands_all_published_years_on(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "params", tmp_path / "params")
    before = Study.open(2021, tmp_path)
    rows = [
        ("city", "saidi_hours", "all", "", "", 26.0),
        ("city", "saidi_hours", "all", "without", "major_event_days", 25.0),
        ("city", "saidi_hours", "all", "without", "shortage", 24.0),
        ("linxian", "saifi", "rural", "", "", 9.5),
    ]
    results = pd.DataFrame(rows, columns=["county", "indicator", "area", "by", "group", "value"])
    results = results.assign(voltage="", kind="", item="")
    columns = ["place", "indicator", "area", "value", "value_year", "excluded", "value_source"]
    earlier = pd.DataFrame([("city", "saidi_hours", "all", 28.0, 2019, None, "公报")], columns=columns)
    monkeypatch.setattr(Study, "table", lambda *_: earlier)
    assert _published(before, results) == [
        ["全市", "系统平均停电时间", "全口径", 26.0, 2020, None, "2021年度结果"],
        ["全市", "系统平均停电时间", "全口径", 25.0, 2020, "扣除重大事件日", "2021年度结果"],
        ["临县", "系统平均停电次数", "农村", 9.5, 2020, None, "2021年度结果"],
        ["全市", "系统平均停电时间", "全口径", 28.0, 2019, None, "公报"],
    ]


def test_a_leap_day_moves_to_the_last_of_february():
    from ge_analysis.starting.year import _later

    assert _later(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert _later(date(2024, 2, 28), 4) == date(2028, 2, 28)


def test_own_files_go_before_the_packages_and_are_named(study, monkeypatch):
    assert own_files.own_files(study) == []
    names = own_files.copy(study, "notebooks")
    assert set(names) == {"notebooks/README.md", *(f"notebooks/{name}.ipynb" for name in ("city", "county", "explore"))}
    assert own_files.copy(study, "notebooks") == []  # what is there stays
    (study / names[0]).write_text("{}", encoding="utf-8")
    own = {file.name: file for file in own_files.own_files(study)}
    assert own.keys() == set(names) and [name for name, file in own.items() if file.differs] == [names[0]]
    assert not any(file.moved_on for file in own.values())
    record = study / own_files.RECORD
    record.write_text(record.read_text("utf-8").replace(record.read_text("utf-8").split('"')[3], "0" * 64), encoding="utf-8")
    assert sum(file.moved_on for file in own_files.own_files(study)) == 1
    record.write_text("[", encoding="utf-8")
    with pytest.raises(GeError, match=r"copied\.json is damaged"):
        own_files.own_files(study)


def test_a_measure_is_due_after_the_report(study):
    path = study / "params/2024/year.yml"
    path.write_text(path.read_text("utf-8").replace("report_date: 2024-12-20", "report_date: 2025-07-01"), encoding="utf-8")
    with pytest.raises(GeError, match=r"findings\.yml line \d+: .*2025年6月底 is not after the report's date, 2025-07-01"):
        parameters.load(study)


def test_a_published_year_keeps_its_bytes_when_the_next_is_added_and_changed(tmp_path):
    shutil.copytree(ROOT / "params", tmp_path / "params")

    def written():
        study = make(tmp_path, whole(tmp_path, canonical=city_tables(), params=parameters.load(tmp_path, 2021)))
        write_project(study, tmp_path / "project")
        return {path: path.read_bytes() for path in (tmp_path / "project").rglob("*") if path.is_file()}

    before, finished = written(), parameters.load(tmp_path, 2021)
    write_year(Study.open(2021, tmp_path), 2022)
    changes = (
        ("2022/method/connection.yml", "high: 30", "high: 10"),
        ("2022/grids.yml", "name: 国网", "name: 省网"),
        ("study.yml", "client: 吕梁市能源局", "client: 吕梁市发展和改革委员会"),
        ("study.yml", "city: 吕梁市", "city: 离石市"),
    )
    for name, old, new in changes:
        edit(tmp_path / "params" / name, old, new)
    now = parameters.load(tmp_path)
    assert (now.grids[0].name, now.study.client, now.study.city) == ("省网", "吕梁市发展和改革委员会", "离石市")
    assert written() == before
    then = parameters.load(tmp_path, 2021)
    assert then.model_dump() == finished.model_dump()  # nothing of it is stale


def test_files_that_an_earlier_version_did_not_have_are_named_and_added(study, monkeypatch):
    targets = study / "params/2024/targets.yml"
    targets.write_text(f"{targets.read_text('utf-8')}# our own\n", encoding="utf-8")
    made = {path: path.read_bytes() for path in (study / "params/2024").rglob("*.yml")}
    lacking = [study / "params/2024" / name for name in ("measures.yml", "method/frequent.yml", "review.yml")]
    for path in lacking:
        path.unlink()
    with pytest.raises(GeError, match=r"frequent\.yml is missing; `ge init \. --with parameters` adds the package's"):
        parameters.load(study)
    monkeypatch.chdir(study)
    said = CliRunner().invoke(app, ["init", ".", "--with", "parameters"])
    assert said.exit_code == 0 and [line for line in said.output.split() if line.startswith("params/")] == [
        path.relative_to(study).as_posix() for path in lacking
    ]
    assert {path: path.read_bytes() for path in (study / "params/2024").rglob("*.yml")} == made


def test_the_texts_of_a_new_study_name_no_year_but_its_own(study):
    texts = (study / "params/2024/findings.yml").read_text("utf-8")
    assert "{first_year}" in texts and not re.search(r"20\d\d", texts)


@pytest.mark.parametrize("known", [("procedures", "time_working_days"), ("procedures", "time_working_days", "cost_pct_income")])
def test_a_base_is_carried_over_whole_or_not_at_all(study, monkeypatch, known):
    results = pd.DataFrame([figure("city", name, 3.0, voltage=voltage) for name in known for voltage in ("low", "high")])
    monkeypatch.setattr(Study, "handed_over", lambda self: results)
    monkeypatch.setattr(year, "_carry_over", lambda before, year, results: [])
    todo = "\n".join(write_year(Study.open(2024, study), 2025))
    base = parameters.load(study).method.connection.base
    assert (base is None) == ("base (a voltage has no case or no cost in 2024)" in todo) == (len(known) == 2)
    assert base is None or (base.year, base.high.working_days, base.low.cost_pct_income) == (2024, 3, 3)


def test_a_file_among_what_a_study_adds_that_nothing_reads_is_named(study):
    (study / "params/2024/own").mkdir()
    (study / "params/2024/own/registri.yml").touch()
    with pytest.raises(GeError, match=r"registri\.yml is not read; call it registry\.yml"):
        parameters.load(study)
