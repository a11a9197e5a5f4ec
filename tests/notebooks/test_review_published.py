"""What was published stays as it was, and can be read again."""

import datetime
import json
import stat

import pandas as pd
import pytest
from edits import edit

from ge_analysis.errors import GeError
from ge_analysis.notebook.saving import save
from ge_analysis.review import published
from ge_analysis.storage.files import files_below, write_json
from ge_analysis.study import Study

DAY = datetime.date(2021, 12, 20)


@pytest.fixture
def computed(finished):
    """A finished study with its indicators, of which its notebooks save little."""
    for place in ("linxian", "wenshui", "city"):
        save(str(finished.paths.results(place)), finished.compute(place), {}, [])
    return finished


@pytest.fixture
def handed_over(computed):
    """A finished study that is published, and its folder."""
    finished = computed
    (finished.paths.report_output).mkdir(parents=True)
    (finished.paths.report_output / "report.docx").write_bytes(b"report")
    number = {"text": "36.20", "number": "附表 2-1", "file": "chapters/91.qmd", "keys": [{"county": "linxian"}]}
    write_json(finished.paths.report_build / "printed.json", [number])
    return finished, published.publish(finished, "draft", DAY)


def test_a_state_holds_what_was_handed_over(handed_over):
    study, folder = handed_over
    assert folder == study.paths.root / "data" / "published" / "2021" / "2021-12-20-draft"
    assert (folder / "report" / "report.docx").read_bytes() == b"report"
    found = published.load(study.paths)
    pd.testing.assert_frame_equal(found.indicators, study.indicators())
    assert found.params.model_dump() == study.params.model_dump()
    for place in ("linxian", "wenshui", "city"):
        for name, table in study.tables(place).items():
            pd.testing.assert_frame_equal(found.tables[place][name], table)
    assert found.numbers.query("text == '36.20'")[["caption", "county"]].values.tolist() == [["附表 2-1", "linxian"]]
    about = json.loads((folder / "published.json").read_text(encoding="utf-8"))
    assert set(about["raw"]) == {"linxian", "wenshui", "city"}
    assert about["raw"]["linxian"]["workbooks"]


def test_a_published_state_is_read_only(handed_over):
    _, folder = handed_over
    for path in (folder, *files_below(folder)):
        assert not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)


def test_a_published_year_keeps_its_names(computed):
    root = computed.paths.root
    names = root / "params" / "study.yml"
    edit(names, "client: 吕梁市能源局", "client: 甲局")
    unfinished = Study.open(2021, root)
    assert unfinished.params.study.client == "甲局"
    published.publish(unfinished, today=DAY)
    edit(names, "client: 甲局", "client: 乙局")
    edit(names, "city: 吕梁市", "city: 离石市")
    assert Study.open(2021, root).params == unfinished.params
    assert published.load(unfinished.paths).params.model_dump() == unfinished.params.model_dump()
    edit(root / "params" / "2021" / "names.yml", "甲局", "丙局")
    published.publish(Study.open(2021, root), "corrected", DAY)
    assert Study.open(2021, root).params.study.client == "丙局"


def test_the_list_and_the_last_state(handed_over):
    study, folder = handed_over
    published.publish(study, "", datetime.date(2021, 12, 24))
    lines = list(published.states(study.paths))
    assert [(line.name, line.counties, line.report_files) for line in lines] == [("2021-12-20-draft", 2, 1), ("2021-12-24", 2, 1)]
    assert published.load(study.paths).name == "2021-12-24"
    assert published.load(study.paths, "2021-12-20-draft").name == "2021-12-20-draft"


def test_a_name_that_is_taken_or_invalid(handed_over):
    study, _ = handed_over
    with pytest.raises(GeError, match="2021-12-20-draft is published already; give this one another name with --name"):
        published.publish(study, "draft", DAY)
    with pytest.raises(GeError, match="'../draft' cannot be part of a folder's name"):
        published.publish(study, "../draft", DAY)


def test_an_unknown_state_is_refused(computed):
    with pytest.raises(GeError, match="nothing of 2021 is published in .*; run `ge publish`"):
        published.load(computed.paths)
    published.publish(computed, "draft", DAY)
    with pytest.raises(GeError, match="did you mean 2021-12-20-draft?"):
        published.load(computed.paths, "2021-12-20-darft")


def writable(folder):
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
    return folder


def test_a_state_that_was_changed_since(handed_over):
    study, folder = handed_over
    (writable(folder) / "corrections.yml").write_text("", encoding="utf-8")
    with pytest.raises(GeError, match="2021-12-20-draft was changed since it was published"):
        published.load(study.paths)


def test_a_state_from_an_older_tool(handed_over):
    study, folder = handed_over
    about = json.loads((folder / "published.json").read_text(encoding="utf-8"))
    write_json(writable(folder) / "published.json", about | {"format": 0, "version": "0.0.1"})
    with pytest.raises(GeError, match="was published by version 0.0.1 in another format"):
        published.load(study.paths)
