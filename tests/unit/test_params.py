"""The parameter files, their models and their schemas."""

import json
from pathlib import Path

import pytest

from ge_analysis.errors import GeError
from ge_analysis.settings import parameters as params

ROOT = Path(__file__).parents[2]


def copy_of_params(folder: Path) -> Path:
    for path in (ROOT / "params").rglob("*.yml"):
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return folder


def test_schemas_are_those_of_the_models(tmp_path):
    params.write_schemas(tmp_path)
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
    file = copy_of_params(tmp_path) / "params" / "method" / "score.yml"
    file.write_text(file.read_text("utf-8") + "beauty: 3\n", "utf-8")
    with pytest.raises(GeError, match="beauty"):
        params.load(tmp_path)


MISTAKEN = {
    "a year twice": ("study.yml", "years:", "years:\n  2021: {}", r"line \d+: not valid YAML \(the key 2021 is given twice"),
    "a county twice": ("counties.yml", "slug: linxian", "slug: lishi", "two counties have the slug lishi"),
    "the city as a county": ("counties.yml", "slug: linxian", "slug: city", "the slug city"),
    "an unknown voltage": ("method/connection.yml", '["10kV"]', '["10KV"]', "voltages"),
    "an unknown customer class": ("method/connection.yml", "lv_business: 5", "lv_busines: 5", "lv_busines"),
    "an unknown column": ("method/connection.yml", "[plan_replied]", "[plan_reply]", "no column 'plan_reply'"),
    "an unknown aspect": ("method/survey.yml", "[connection, payment", "[conection, payment", "aspects"),
    "a word that is everywhere": ("method/survey.yml", "words: [讲解", "words: ['', 讲解", "words"),
}


@pytest.mark.parametrize("case", MISTAKEN)
def test_a_mistake_that_would_change_figures_in_silence_is_named(case, tmp_path):
    name, right, wrong, told = MISTAKEN[case]
    file = copy_of_params(tmp_path) / "params" / name
    text = file.read_text("utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong, 1), "utf-8")
    with pytest.raises(GeError, match=rf"{file.name}.*{told}"):
        params.load(tmp_path)


def test_a_missing_file_and_a_missing_year(tmp_path):
    with pytest.raises(GeError, match="no year 1999"):
        params.load(ROOT, 1999)
    (copy_of_params(tmp_path) / "params" / "counties.yml").unlink()
    with pytest.raises(GeError, match=r"counties\.yml is missing"):
        params.load(tmp_path)


def test_the_thirteen_units_in_administrative_order():
    counties = params.load(ROOT, 2021).counties
    assert [unit.code for unit in counties] == sorted(unit.code for unit in counties)
    assert len(counties) == 13
    assert {unit.slug for unit in counties if unit.grid == "state"} == {"wenshui", "jiaocheng", "lanxian", "fenyang", "xiaoyi"}
