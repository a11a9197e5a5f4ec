"""What the runner leaves: the same results however they were made, and nothing half done."""

import json
import os
import re
import shutil

import nbformat
import pandas as pd
import pytest
from runner_study import CITY, COUNTY, PLACES, hashes, replace_cell, results, write_notebook

from ge_analysis.errors import GeError
from ge_analysis.indicators.topics.scores import NO_CHECK
from ge_analysis.ledgers.stale import why_stale as why_tables
from ge_analysis.runner.run import status
from ge_analysis.settings.parameters import load
from ge_analysis.storage.files import locked
from ge_analysis.storage.results import failure as failed_before
from ge_analysis.study import Study

KEPT = (
    r"its last good results \(20\d\d-\d\d-\d\d \d\d:\d\d, [0-9a-f]{{8}}\) are kept in "
    r"data/processed/2021/counties/{}, but not used"
)


def stale(study) -> dict[str, list[str]]:
    return {row.place: row.why for row in status(study) if row.step != "tables" and row.why}


def executed(run, study, place):
    """Return the places that a run started."""
    events = []
    failures = run(study, on_progress=events.append)
    assert not failures
    return [event.place for event in events if event.state == "started" and event.step in place]


def test_a_run_makes_everything_once(study, run):
    assert set(stale(study)) == {"linxian", "wenshui", "city"}
    assert sorted(executed(run, study, {"counties"})) == ["linxian", "wenshui"]
    assert executed(run, study, {"counties", "city"}) == []
    for place in ("linxian", "wenshui", "city"):
        name = "city" if place == "city" else "county"
        assert {path.name for path in study.paths.results(place).iterdir()} == {
            f"{name}.ipynb",
            f"{name}.html",
            "indicators.parquet",
            "hours.png",
            "stamp.json",
        }
    assert stale(study) == {}
    assert executed(run, study, {"tables", "counties", "city"}) == []


def test_executed_notebooks_hold_no_time_and_no_path_of_this_machine(finished):
    text = (finished.paths.results("linxian") / "county.ipynb").read_text(encoding="utf-8")
    assert 'county = \\"linxian\\"' in text
    assert str(finished.paths.root) not in text
    assert "start_time" not in text
    assert "iopub" not in text


def test_html_loads_nothing_from_the_network(finished):
    page = (finished.paths.results("linxian") / "county.html").read_text(encoding="utf-8")
    assert "停电" in page
    assert "<script src" not in page
    assert 'import("http' not in page
    assert "data:image/png" in page


@pytest.mark.parametrize("kernel", ["warm", "stock"])
def test_another_folder_and_either_kernel_give_the_same_bytes(study, tmp_path, kernel, run):
    other = Study.open(2021, shutil.copytree(study.paths.root, tmp_path / "elsewhere" / "deeper"))
    run(study, jobs=1)
    run(other, jobs=2, kernel=kernel)
    assert results(study) == results(other)


def test_a_failing_county_stops_no_other_and_its_cell_is_named(finished, run):
    folder = finished.paths.results("wenshui")
    good = hashes(folder)
    failing = replace_cell(COUNTY, 5, 'if county == "wenshui":\n    raise ValueError("no such feeder")\n' + COUNTY[5][1])
    write_notebook(finished.paths.notebooks / "county.ipynb", failing)
    (failure,) = run(finished)
    where = "notebooks/county.ipynb cell [4] line 2"
    see = "see data/processed/2021/counties/wenshui/failed.ipynb"
    assert str(failure) == f"wenshui: 停电: {where}: ValueError: no such feeder ({see})"
    left = hashes(folder)
    assert json.loads((folder / "failure.json").read_text(encoding="utf-8"))["cell"] == "停电"
    notebook = nbformat.read(folder / "failed.ipynb", as_version=4)
    assert left.pop("failure.json") and left.pop("failed.ipynb")
    assert left == good
    assert [output.output_type for cell in notebook.cells for output in cell.get("outputs", [])][-1] == "error"
    linxian, city = (pd.read_parquet(finished.paths.results(place) / "indicators.parquet") for place in ("linxian", "city"))
    assert len(city) == len(linxian)
    failed, kept = stale(finished).pop("wenshui")
    assert failed == f"failed: {where}: ValueError: no such feeder"
    assert re.fullmatch(KEPT.format("wenshui"), kept)
    write_notebook(finished.paths.notebooks / "county.ipynb", COUNTY)
    assert not run(finished)
    assert hashes(folder) == good


def test_a_user_error_in_a_notebook_is_one_line(study, run):
    write_notebook(study.paths.notebooks / "county.ipynb", replace_cell(COUNTY, 4, 'study.table("lixian", "outages")'))
    failure = run(study, ["linxian"])[0]
    assert failure.error == "notebooks/county.ipynb cell [3]: unknown county 'lixian'; did you mean linxian?"
    notebook = nbformat.read(study.paths.root / failure.notebook, as_version=4)
    (error,) = [output for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    assert len(error.traceback) == 1


def test_a_killed_kernel_fails_its_county_only(study, run):
    kill = replace_cell(COUNTY, 5, 'import os\nif county == "linxian":\n    os.kill(os.getpid(), 9)\n' + COUNTY[5][1])
    write_notebook(study.paths.notebooks / "county.ipynb", kill)
    (failure,) = run(study)
    assert (failure.place, failure.cell) == ("linxian", "停电")
    assert failure.error.startswith("notebooks/county.ipynb cell [4]: the kernel died")


def test_a_killed_worker_fails_its_county_only(study, run):
    kill = replace_cell(COUNTY, 5, 'import os\nif county == "linxian":\n    os.kill(os.getppid(), 9)\n' + COUNTY[5][1])
    write_notebook(study.paths.notebooks / "county.ipynb", kill)
    (failure,) = run(study)
    assert failure.place == "linxian"
    assert "ended with code -9" in failure.error
    assert (study.paths.results("wenshui") / "stamp.json").is_file()


def test_workbooks_with_errors_fail_their_county_only(study, run):
    (workbook, *_) = (study.paths.raw / "wenshui").rglob("*.xlsx")
    workbook.write_bytes(b"not a workbook")
    (failure,) = run(study)
    assert failure.place == "wenshui"
    assert "`ge check wenshui`" in failure.error
    assert {path.name for path in study.paths.results("wenshui").iterdir()} == {"failure.json"}
    assert (study.paths.results("city") / "stamp.json").is_file()


def test_a_faulty_delivery_keeps_the_last_good_results(finished, run):
    folder, tables = finished.paths.results("wenshui"), finished.paths.tables("wenshui")
    good, good_tables = hashes(folder), hashes(tables)
    (workbook, *_) = (finished.paths.raw / "wenshui").rglob("*.xlsx")
    content = workbook.read_bytes()
    workbook.write_bytes(b"not a workbook")
    (failure,) = run(finished)
    assert failure.place == "wenshui"
    left = hashes(folder)
    assert left.pop("failure.json")
    assert left == good
    assert hashes(tables) == good_tables
    linxian, city = (pd.read_parquet(finished.paths.results(place) / "indicators.parquet") for place in ("linxian", "city"))
    assert len(city) == len(linxian)  # old results are not used
    now = Study.open(2021, finished.paths.root)
    assert now.missing.keys() == {"wenshui"}
    assert set(now.pooled("outages")["county"]) == {"linxian"}  # nor are old tables
    with pytest.raises(GeError, match="wenshui: .* in its workbooks"):
        now.table("wenshui", "outages")
    failed, kept, tables_too = stale(now).pop("wenshui")
    assert failed.startswith("failed: ")
    assert re.fullmatch(KEPT.format("wenshui"), kept)
    assert tables_too == "its tables are stale"
    workbook.write_bytes(content)
    assert not run(finished)
    assert hashes(folder) == good


def test_a_faulty_city_stops_no_county(finished, run):
    before = [hashes(finished.paths.results(place)) for place in PLACES]
    kept = hashes(finished.paths.tables("city"))
    for book in (finished.paths.raw / "city").rglob("*.xlsx"):
        book.rename(book.with_suffix(".good"))
        book.write_bytes(b"not a workbook")
    (failure,) = run(finished)
    assert failure.place == "city"
    assert hashes(finished.paths.tables("city")) == kept
    for slug in ("linxian", "wenshui"):
        assert not why_tables(finished, slug)
        assert not failed_before(finished.paths.results(slug))
    computed = Study.open(2021, finished.paths.root).compute("linxian").indicators.set_index("indicator")
    assert computed.loc["saidi_hours", "value"].notna().any()
    assert set(computed.loc["index_item", "reason"]) == {NO_CHECK}  # the kept tables of the city are not read
    for book in (finished.paths.raw / "city").rglob("*.good"):
        book.replace(book.with_suffix(".xlsx"))
    assert not run(finished)
    assert [hashes(finished.paths.results(place)) for place in PLACES] == before


def test_a_changed_county_entry_makes_that_county_and_the_city_stale(finished):
    path = finished.paths.root / "params/2021/counties.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("grid: local", "grid: state"), encoding="utf-8")
    changed = Study(load(finished.paths.root, 2021), finished.paths)
    found = stale(changed)
    assert set(found) == {"linxian", "city"}
    assert "parameters county entry changed" in found["linxian"]


def test_a_changed_threshold_makes_all_counties_stale(finished):
    path = finished.paths.root / "params/2021/method" / "reliability.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("eligible_limit: 100", "eligible_limit: 99"), encoding="utf-8")
    found = stale(Study(load(finished.paths.root, 2021), finished.paths))
    assert set(found) == {"linxian", "wenshui", "city"}
    assert found["wenshui"] == ["parameters method/reliability changed"]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [("benchmark.yml", "rank: 12", "rank: 13"), ("../study.yml", "client: ", "client: 新"), ("ledgers.yml", "_mb: ", "_mb: 1")],
)
def test_parameters_of_the_report_or_the_reading_run_no_notebook(finished, file, old, new, run):
    path = finished.paths.root / "params/2021" / file
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new), encoding="utf-8")
    assert executed(run, Study(load(finished.paths.root, 2021), finished.paths), {"counties", "city"}) == []


def test_touched_files_and_notebook_outputs_make_nothing_stale(finished):
    for path in (*finished.paths.raw.rglob("*.xlsx"), *finished.paths.root.rglob("*.yml")):
        os.utime(path, (1, 1))
    shutil.copy(finished.paths.results("linxian") / "county.ipynb", finished.paths.root / "copy.ipynb")
    notebook = nbformat.read(finished.paths.notebooks / "county.ipynb", as_version=4)
    notebook.cells[2].outputs = [nbformat.v4.new_output("stream", text="run in JupyterLab")]
    notebook.cells[2].execution_count = 7
    nbformat.write(notebook, finished.paths.notebooks / "county.ipynb")
    assert stale(finished) == {}


def test_a_changed_cell_and_a_lost_figure_are_named(finished):
    (finished.paths.results("wenshui") / "hours.png").unlink()
    write_notebook(finished.paths.notebooks / "city.ipynb", replace_cell(CITY, 0, "# 吕梁市"))
    assert stale(finished) == {
        "wenshui": ["its files were changed by hand"],
        "city": ["notebook changed", "1 place it needs is stale"],
    }


def test_a_parameter_that_the_notebook_lacks_is_refused(study, run):
    mistyped = replace_cell(COUNTY, 1, 'year = 2021\ncounti = "linxian"\nresults = ""')
    write_notebook(study.paths.notebooks / "county.ipynb", mistyped)
    failures = run(study, ["linxian"])
    assert "has no parameter 'county'" in failures[0].error
    assert "counti" in failures[0].error


def test_two_runs_at_the_same_time_are_refused(study, run):
    with locked(study.paths.processed), pytest.raises(GeError, match="another run is working"):
        run(study)


@pytest.mark.parametrize(
    ("save", "why"),
    [
        ("os.replace(saved, notebook)", "county.ipynb was saved after this run had begun; run again"),  # as JupyterLab does
        ("open(notebook, 'w').close()", "county.ipynb is missing or not a notebook"),  # as editors do, which then write
    ],
)
def test_a_notebook_saved_during_a_run_is_one_line_and_no_mixed_results(study, tmp_path, save, why, run):
    notebook, saved = study.paths.notebooks / "county.ipynb", tmp_path / "saved.ipynb"
    edit = f"import os\nnotebook, saved = {str(notebook)!r}, {str(saved)!r}\nif os.path.exists(saved):\n    {save}\n"
    write_notebook(notebook, replace_cell(COUNTY, 5, edit + COUNTY[5][1]))
    write_notebook(saved, replace_cell(COUNTY, 0, "# 另一个"))
    (failure,) = run(study, ["linxian", "wenshui"], jobs=1)
    assert failure.place == "wenshui"
    assert why in failure.error
    shutil.copy(saved, notebook) if saved.exists() else None
    saved.unlink(missing_ok=True)
    assert "notebook changed" in stale(study)["linxian"]
    assert not run(study)
    assert stale(study) == {}
