"""Files that cannot be read, written or understood: one clear line, or treated as absent, never a traceback."""

import json
import re
import shutil
import threading
from pathlib import Path

import pandas as pd
import pytest
from ledger_books import PARAMS, save, sheets, study, table

from ge_analysis.cli import app as cli
from ge_analysis.errors import GeError
from ge_analysis.ledgers import finished, ingest, stale
from ge_analysis.report import build
from ge_analysis.report.source import Source
from ge_analysis.runner import notebook_file
from ge_analysis.runner.stale import why as why_results
from ge_analysis.settings import parameters as params
from ge_analysis.storage import results as results_folder
from ge_analysis.storage.files import whole_folder
from ge_analysis.storage.stamps import why_stale as stamps_why_stale
from ge_analysis.storage.stamps import write_stamp
from ge_analysis.study import Study


@pytest.fixture
def refuse(monkeypatch):
    """The function that makes a method of paths fail where the path has one name; root need not mind real rights."""

    def refuse(method: str, name: str) -> None:
        original = getattr(Path, method)

        def refused(self, *arguments, **options):
            if self.name == name:
                raise PermissionError(13, "Permission denied")
            return original(self, *arguments, **options)

        monkeypatch.setattr(Path, method, refused)

    return refuse


def test_a_locked_workbook_makes_its_county_stale_and_stops_no_other(tmp_path, refuse):
    paths = study(tmp_path)
    save(paths.raw / "xingxian" / "锁.xlsx", sheets())
    table(paths, "停电事件")
    refuse("read_bytes", "锁.xlsx")
    refuse("open", "锁.xlsx")
    (why,) = stale.why_stale(Study(PARAMS, paths), "xingxian")
    assert re.fullmatch("cannot read .*锁.xlsx: Permission denied; close it in other programs, or check its rights", why)
    assert stale.why_stale(Study(PARAMS, paths), "linxian") == []
    found = ingest.ingest(Study(PARAMS, paths), ["xingxian", "linxian"])
    assert {one.workbook for one in found["xingxian"] if one.rule == "unreadable"} == {"锁.xlsx"}
    assert not [one for one in found["linxian"] if one.severity == "error"]


def test_a_locked_parameter_file_is_one_line(refuse):
    refuse("read_text", "targets.yml")
    with pytest.raises(GeError, match="cannot read .*targets.yml: Permission denied; close it in other programs"):
        params.load(Path(__file__).parents[2])


def test_tables_that_cannot_be_written_are_one_line(tmp_path, refuse):
    paths = study(tmp_path)
    refuse("mkdir", "tables")
    with pytest.raises(GeError, match="cannot write .*tables: Permission denied"):
        ingest.ingest(Study(PARAMS, paths), ["linxian"])


@pytest.mark.parametrize("record", ["[]", "null", "{", '{"台账.xlsx": {}}', '{"台账.xlsx": {"seen": 1, "taken": "", "hash": 2}}'])
def test_a_damaged_record_of_hashes_counts_as_absent(tmp_path, record):
    paths = study(tmp_path)
    table(paths, "停电事件")
    file = paths.processed / "hashes" / "linxian.json"
    file.write_text(record, encoding="utf-8")
    assert stale.why_stale(Study(PARAMS, paths), "linxian") == []
    (entry,) = json.loads(file.read_text(encoding="utf-8")).values()
    assert set(entry) == {"seen", "taken", "hash"}


def test_an_unwritable_record_of_hashes_is_not_needed(tmp_path):
    paths = study(tmp_path)
    table(paths, "停电事件")
    (paths.processed / "hashes" / "linxian.json").unlink()
    (paths.processed / "hashes" / "city.json").unlink(missing_ok=True)
    shutil.rmtree(paths.processed / "hashes")
    (paths.processed / "hashes").write_text("in the way")
    assert stale.why_stale(Study(PARAMS, paths), "linxian") == []


@pytest.mark.parametrize("text", ["{", "[1]", "{}", ""])
def test_a_damaged_failure_counts_as_absent(tmp_path, text):
    (tmp_path / "failure.json").write_text(text)
    assert results_folder.failure(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"PAR1 and then nothing"])
def test_damaged_results_are_one_line(tmp_path, content):
    (tmp_path / "indicators.parquet").write_bytes(content)
    with pytest.raises(GeError, match="indicators.parquet is damaged; run `ge build`"):
        results_folder.saved(tmp_path)


def test_a_notebook_that_jupyter_is_saving_is_read_when_it_is_whole(tmp_path, monkeypatch):
    path = tmp_path / "county.ipynb"
    path.touch()
    waits = []

    def saved_meanwhile(seconds):
        waits.append(seconds)
        path.write_text('{"cells": []}')

    monkeypatch.setattr(notebook_file.time, "sleep", saved_meanwhile)
    assert notebook_file.notebook_text(path) == '{"cells": []}'
    assert len(waits) == 1


def test_a_quarto_file_that_cannot_be_read_is_one_line(project, refuse):
    refuse("read_bytes", "_quarto.yml")
    with pytest.raises(GeError, match="cannot read .*_quarto.yml: Permission denied; close it in other programs"):
        build.why(Study.open(2021, project))


@pytest.mark.parametrize("text", ["[]", "a: [", "format: {docx: 1}", ""])
def test_a_damaged_quarto_file_is_one_line(tmp_path, text):
    (tmp_path / "_quarto.yml").write_text(text)
    with pytest.raises(GeError, match="_quarto.yml is damaged; restore it from the repository"):
        _ = Source(tmp_path, tmp_path / "report.qmd").settings


def test_a_quarto_file_that_is_a_folder_is_one_line(project):
    (project / "report" / "_quarto.yml").unlink()
    (project / "report" / "_quarto.yml").mkdir()
    with pytest.raises(GeError, match="cannot read .*_quarto.yml: Is a directory"):
        build.why(Study.open(2021, project))


def test_a_report_that_cannot_be_read_is_made_again(tmp_path, refuse):
    path = tmp_path / "report.pdf"
    path.write_bytes(b"%PDF")
    made = {"report.pdf": build._made_from("source", path)}
    assert build._fresh(made, tmp_path, path, "source")
    refuse("read_bytes", "report.pdf")
    assert not build._fresh(made, tmp_path, path, "source")


def test_finished_files_that_cannot_be_read_are_made_again(tmp_path, refuse):
    (tmp_path / "indicators.parquet").touch()
    write_stamp(tmp_path, {})
    assert not stamps_why_stale(tmp_path, {})
    refuse("read_bytes", "indicators.parquet")
    (why,) = stamps_why_stale(tmp_path, {})
    assert why == f"cannot read {tmp_path}/indicators.parquet: Permission denied; close it in other programs, or check its rights"


def test_an_unexpected_system_error_is_one_line(monkeypatch, capsys):
    def refused(**how):
        raise PermissionError(13, "Permission denied", "somewhere")

    monkeypatch.setattr(cli, "app", refused)
    monkeypatch.delenv("GE_DEBUG", raising=False)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == "ge: somewhere: Permission denied; check its rights and the free space, then run again\n"


def test_a_table_that_is_replaced_while_it_is_read_is_the_old_or_the_new_one_or_one_line(tmp_path):
    paths = study(tmp_path)
    table(paths, "停电事件")
    folder, kept = paths.tables("linxian"), tmp_path / "kept"
    shutil.copytree(folder, kept)
    frame = pd.read_parquet(kept / "outages.parquet")
    frame.assign(customers=7).to_parquet(kept / "outages.parquet")
    shutil.copytree(folder, tmp_path / "other")
    sources, done, found = [kept, tmp_path / "other"], threading.Event(), []

    def replace():
        for number in range(100):
            with whole_folder(folder) as staging:
                shutil.copytree(sources[number % 2], staging, dirs_exist_ok=True)
        done.set()

    writer = threading.Thread(target=replace)
    writer.start()
    while not done.is_set():
        try:
            found.append(tuple(finished.read(Study(PARAMS, paths), ["linxian"], "outages")["customers"]))
        except GeError as error:
            assert re.search("is gone: perhaps another command is replacing it; run again when that has ended", str(error))
    writer.join()
    assert set(found) <= {tuple(frame["customers"]), (7,) * len(frame)}


@pytest.mark.parametrize("text", ["[]", '{"cells": 1}', '{"cells": [1]}'])
def test_an_invalid_notebook_is_one_line(tmp_path, text):
    paths = study(tmp_path)
    path = paths.notebooks / "county.ipynb"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(GeError, match="county.ipynb is missing or not a notebook"):
        why_results(Study(PARAMS, paths), "linxian")
