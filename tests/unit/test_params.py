"""The parameter files, their models and their schemas."""

import json
from pathlib import Path

import pytest
from edits import edit

from ge_analysis.errors import GeError
from ge_analysis.handbook import schemas
from ge_analysis.settings import parameters as params
from ge_analysis.settings.rules import number
from ge_analysis.settings.yaml_files import read_yaml

ROOT = Path(__file__).parents[2]


def copy_of_params(folder: Path) -> Path:
    for path in (ROOT / "params").rglob("*.yml"):
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return folder


def test_schemas_are_those_of_the_models(tmp_path):
    schemas.write(tmp_path)
    made = {path.name: json.loads(path.read_text("utf-8")) for path in (tmp_path / "params" / "schema").iterdir()}
    kept = {path.name: json.loads(path.read_text("utf-8")) for path in (ROOT / "params" / "schema").iterdir()}
    assert made == kept


def test_every_parameter_file_names_its_schema():
    for path in (ROOT / "params").rglob("*.yml"):
        schema = path.read_text("utf-8").splitlines()[0].removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / schema).is_file(), path


@pytest.mark.parametrize("path", sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "params").rglob("*.yml")))
def test_a_broken_file_is_named_with_its_line(tmp_path, path):
    broken = copy_of_params(tmp_path) / path
    broken.write_text(broken.read_text("utf-8") + "\n  ]: [\n", "utf-8")
    with pytest.raises(GeError, match=rf"{Path(path).name} line \d+"):
        params.load(tmp_path)


def test_an_unknown_key_is_named(tmp_path):
    file = copy_of_params(tmp_path) / "params/2021/method" / "score.yml"
    file.write_text(file.read_text("utf-8") + "beauty: 3\n", "utf-8")
    with pytest.raises(GeError, match="beauty"):
        params.load(tmp_path)


MISTAKEN = {
    "a key twice": ("../study.yml", "client:", "client: A\nclient:", r"line \d+: not valid YAML \(the key client is given twice"),
    "a county twice": ("counties.yml", "slug: linxian", "slug: lishi", "two counties have the slug lishi"),
    "the city as a county": ("counties.yml", "slug: linxian", "slug: city", "the slug city"),
    "an unknown voltage": ("method/connection.yml", '["10kV"]', '["10KV"]', "voltages"),
    "an unknown customer class": ("method/connection.yml", "lv_business: 5", "lv_busines: 5", "lv_busines"),
    "an unknown column": ("method/connection.yml", "[plan_replied]", "[plan_reply]", "no column 'plan_reply'"),
    "an unknown aspect": ("method/survey.yml", "[connection, payment", "[conection, payment", "aspects"),
    "a word that is everywhere": ("method/survey.yml", "words: [讲解", "words: ['', 讲解", "words"),
}


@pytest.mark.parametrize("case", MISTAKEN)
def test_a_mistake_that_would_silently_change_figures_is_named(case, tmp_path):
    name, right, wrong, reported = MISTAKEN[case]
    file = copy_of_params(tmp_path) / "params/2021" / name
    edit(file, right, wrong)
    with pytest.raises(GeError, match=rf"{file.name}.*{reported}"):
        params.load(tmp_path)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_one_line(opening, tmp_path):
    file = copy_of_params(tmp_path) / "params/2021/counties.yml"
    file.write_text(opening * 100_000, "utf-8")
    with pytest.raises(GeError, match=r"counties\.yml line 1: not valid YAML \(nested deeper than 30 levels\)"):
        params.load(tmp_path)


def test_thirty_levels_are_not_too_deep(tmp_path):
    file = tmp_path / "deep.yml"
    file.write_text("[" * 30 + "]" * 30, "utf-8")
    assert read_yaml(file, list)
    file.write_text("[" * 31 + "]" * 31, "utf-8")
    with pytest.raises(GeError, match="nested deeper"):
        read_yaml(file, list)


def test_a_period_ends_after_its_start():
    assert params.Period(start="2020-02-28", end="2020-03-01").hours == 48  # a leap year
    assert str(params.Period(start="2020-02-28", end="2020-03-01").last) == "2020-02-29"
    for end in ("2020-02-28", "2020-02-27"):
        with pytest.raises(ValueError, match="end must be after start"):
            params.Period(start="2020-02-28", end=end)


def test_a_number_of_the_method_is_found_by_its_dotted_name():
    method = params.standard()
    assert [number(method, f"reliability.band_limits.{index}") for index in range(3)] == [12, 4, 1]
    for name in ("reliability.band_limits.3", "reliability.band_limits.x", "reliability.nothing", "reliability"):
        with pytest.raises(ValueError, match=f"no number '{name}'"):
            number(method, name)


AMBIGUOUS = {
    "a value twice": ("- {indicator: saifi, area: rural, years: {2022: 1}}\n" * 2, "entries 1 and 2 are both targets of saifi"),
    "one county twice": (
        "- {indicator: saifi, area: rural, counties: [lishi, linxian], years: {2022: 1}}\n"
        "- {indicator: saifi, area: rural, years: {2022: 2}}\n"
        "- {indicator: saifi, area: 农村, counties: [linxian], years: {2023: 3}}\n",
        "entries 1 and 3 are both targets of saifi for linxian",
    ),
    "one grid, and all": (
        "- {indicator: saifi, area: rural, grid: local, years: {2022: 1}}\n- {indicator: saifi, area: rural, years: {2022: 2}}\n",
        "entries 1 and 2",
    ),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_two_targets_of_one_county_are_refused(case, tmp_path):
    text, message = AMBIGUOUS[case]
    (copy_of_params(tmp_path) / "params/2021/targets.yml").write_text(text, "utf-8")
    with pytest.raises(GeError, match=rf"targets\.yml line 1.*{message}"):
        params.load(tmp_path)


def test_targets_of_each_grid_or_of_different_counties_are_accepted(tmp_path):
    lines = [
        "- {indicator: saifi, area: rural, grid: local, years: {2022: 1}}",
        "- {indicator: saifi, area: rural, grid: state, years: {2022: 2}}",
        "- {indicator: saifi, area: rural, counties: [lishi], years: {2022: 3}}",
        "- {indicator: saifi, area: urban, counties: [lishi], years: {2022: 4}}",
    ]
    copy_of_params(tmp_path)
    (tmp_path / "params/2021/targets.yml").write_text("\n".join(lines), "utf-8")
    method, grids = params.standard(), params.load(ROOT, 2021).grids
    counties = params.load(ROOT, 2021).counties
    context = {"method": method, "grids": grids, "counties": counties}
    assert len(read_yaml(tmp_path / "params/2021/targets.yml", params.Targets, **context)) == 4


def test_a_missing_file_and_a_missing_year(tmp_path):
    with pytest.raises(GeError, match=r"no parameters for 1999 \(params/ has 2021\); run `ge new-year 1999`"):
        params.load(ROOT, 1999)
    (copy_of_params(tmp_path) / "params/2021/counties.yml").unlink()
    with pytest.raises(GeError, match=r"counties\.yml is missing"):
        params.load(tmp_path)


def test_the_thirteen_units_in_administrative_order():
    counties = params.load(ROOT, 2021).counties
    assert [unit.code for unit in counties] == sorted(unit.code for unit in counties)
    assert len(counties) == 13
    assert {unit.slug for unit in counties if unit.grid == "state"} == {"wenshui", "jiaocheng", "lanxian", "fenyang", "xiaoyi"}
