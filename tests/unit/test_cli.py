"""User errors are one clear line and exit code 1 (2 for wrong usage), without a traceback."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest
import typer

from ge_analysis.cli import commands as cli
from ge_analysis.cli import doctor
from ge_analysis.runner.jobs import Failure, fail
from ge_analysis.runner.run import Status
from ge_analysis.study import Study


def ge(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", "from ge_analysis.cli import main; main()", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "utf-8", "COLUMNS": "200"},
    )


def one_line(result: subprocess.CompletedProcess) -> str:
    assert result.returncode == 1, result.stdout + result.stderr
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("ge: ")
    return lines[0]


def files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@pytest.mark.parametrize("command", ["run", "ingest", "build"])
def test_no_data_for_the_year_names_the_folder_and_the_way_out(project, command):
    before = files(project)
    line = one_line(ge(project, command))
    assert str(project / "data" / "raw" / "2021") in line
    assert "ge demo" in line
    assert files(project) == before


def test_a_year_that_the_study_does_not_know(project):
    line = one_line(ge(project, "status", "--year", "2030"))
    assert "params/" in line and "2030" in line and "2021" in line


def test_an_unknown_county_is_reported_with_the_nearest_name(project):
    assert "unknown county 'linxain'; did you mean linxian?" in one_line(ge(project, "run", "linxain"))


def test_outside_of_a_project(tmp_path):
    assert "params/study.yml" in one_line(ge(tmp_path, "status"))


@pytest.mark.parametrize(
    ("file", "text", "reported"),
    [
        ("../study.yml", "city: [吕梁市", "study.yml line"),
        ("method/score.yml", "procedures: {best: 3}", "score.yml line 1: procedures.worst"),
        ("method/score.yml", "spelled_wrong: 1", "score.yml"),
        ("counties.yml", "- {slug: Lin Xian, name: 临县, code: '141124', grid: local}", "counties.yml line 1: 0.slug"),
    ],
)
def test_a_broken_params_file_is_reported_by_file_and_key(project, file, text, reported):
    (project / "params/2021" / file).write_text(text, encoding="utf-8")
    assert reported in one_line(ge(project, "status"))


def test_a_missing_params_file(project):
    (project / "params/2021/counties.yml").unlink()
    assert "counties.yml is missing" in one_line(ge(project, "status"))


def test_wrong_usage_exits_with_2(project):
    assert ge(project, "run", "--jobs", "0").returncode == 2
    assert ge(project, "nonsense").returncode == 2


def test_debug_shows_the_traceback(project):
    result = ge(project, "--debug", "run", "linxain")
    assert result.returncode == 1
    assert "Traceback" in result.stderr


def test_an_invalid_workbook_stops_its_county_and_leaves_nothing(project):
    folder = project / "data" / "raw" / "2021" / "linxian"
    folder.mkdir(parents=True)
    (folder / "停电台账.xlsx").write_bytes(b"this is no workbook")
    result = ge(project, "ingest", "linxian")
    assert result.returncode == 1
    assert "停电台账.xlsx" in result.stdout
    assert "Traceback" not in result.stderr
    assert not list((project / "data" / "processed").rglob("*.parquet"))


def test_doctor_approves_this_machine(project):
    result = ge(project, "doctor", "--json")
    assert result.returncode == 0, result.stdout
    assert '"fonts", "ok": true' in result.stdout


@pytest.fixture
def called(project, monkeypatch) -> Callable:
    """The function that calls a command in this process, with workbooks that are none, and returns which counties it ran."""
    for name in ("linxian", "linxain", "taiyuan", "文水县", "peixun", "city", ".hidden"):
        (project / "data" / "raw" / "2021" / name).mkdir(parents=True)
        (project / "data" / "raw" / "2021" / name / "说明.txt").touch()
    ran = []
    monkeypatch.chdir(project)
    monkeypatch.setattr(cli, "_run", lambda study, slugs, *_, **__: ran.append(slugs) or True)
    monkeypatch.setattr(cli, "_report", lambda *_, **__: None)

    def call(*arguments: str) -> list:
        with contextlib.suppress(typer.Exit):
            cli.app(list(arguments), standalone_mode=False)
        return ran

    return call


@pytest.mark.parametrize("command", ["check", "ingest"])
@pytest.mark.parametrize("city", ["city", "吕梁市"])
def test_the_city_is_checked_and_ingested_by_its_name(called, capsys, command, city):
    called(command, city, "city", "--json")
    found = json.loads(capsys.readouterr().out)
    assert [(each["county"], each["rule"]) for each in found] == [("city", "missing_workbook"), ("city", "not_read")]
    assert "data/raw/<年份>/city/" in found[0]["todo"]


def test_a_county_named_three_times_is_run_once(called):
    assert called("run", "linxian", "临县", "141124", "wenshui") == [["linxian", "wenshui"]]


@pytest.mark.parametrize("command", ["check", "run", "build", "status"])
def test_a_raw_folder_of_no_county_is_reported_once(called, capsys, command):
    called(command)
    lines = [line for line in capsys.readouterr().err.splitlines() if "is not read" in line]
    assert [line.split("data/raw/2021/")[1].split()[0] for line in lines] == ["linxain", "taiyuan", "文水县"]
    assert "did you mean linxian?" in lines[0] and "did you mean wenshui?" in lines[2]
    assert "did you mean" not in lines[1]


def test_training_data_makes_no_study_synthetic(project):
    result = ge(project, "demo", "--faults")
    assert result.stdout.split()[-1] == str(project / "data" / "raw" / "2021" / "peixun")
    assert not Study.open(2021, project).synthetic
    (project / "data" / "raw" / "2021" / "linxian").mkdir()
    (project / "data" / "raw" / "2021" / "linxian" / ".demo.json").write_text("{}")
    assert Study.open(2021, project).synthetic


def test_a_failed_county_must_be_corrected_first(called, capsys):
    failure = Failure("linxian", "台账有错误，未能读入", "", "its workbooks have 1 error", "")
    fail(Study.open(2021).paths.results("linxian"), failure)
    called("status")
    reported = capsys.readouterr().out
    assert "made without linxian, which failed; correct what `ge status` shows first" in reported
    assert "2 places it needs are stale" in " ".join(reported.split())  # wenshui and the city's tables
    called("report")
    stale, failed = capsys.readouterr().err.splitlines()
    assert "made from stale results of wenshui, city; `ge build`" in stale
    assert "made without linxian, which failed" in failed


def test_the_version_is_printed(project):
    assert ge(project, "--version").stdout == f"ge {version('ge_analysis')}\n"


def test_a_report_made_from_stale_results_is_stale(called, capsys, monkeypatch):
    monkeypatch.setattr("ge_analysis.report.build.why", lambda study: [])
    called("status", "--json")
    assert json.loads(capsys.readouterr().out)[-1]["stale"] == ["3 places it needs are stale"]


def test_status_shows_one_line_per_step_that_is_up_to_date(called, capsys, monkeypatch):
    rows = [Status("tables", place, []) for place in ("linxian", "wenshui", "city")] + [
        Status("city", "city", ["notebook changed"])
    ]
    monkeypatch.setattr("ge_analysis.runner.run.status", lambda study: rows)
    monkeypatch.setattr("ge_analysis.report.build.why", lambda study: [])
    called("status")
    lines = capsys.readouterr().out.splitlines()
    (fresh,) = [line.split() for line in lines if "up to date" in line]
    assert fresh == ["│", "tables", "│", "3", "up", "to", "date", "│", "│"]
    assert any("notebook changed" in line for line in lines)


def test_status_gives_three_reasons_and_how_many_more(called, capsys, monkeypatch):
    why = [f"results of {slug} changed" for slug in "abcde"]
    monkeypatch.setattr("ge_analysis.report.build.why", lambda study: why)
    called("status")
    reported = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "results of a changed; results of b changed; results of c changed and 3 more" in reported
    called("status", "--json")
    assert json.loads(capsys.readouterr().out)[-1]["stale"] == [*why, "3 places it needs are stale"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--executor", "local", "--scheduler", "tcp://127.0.0.1:9"),
    ],
)
def test_wrong_options_are_refused(called, arguments):
    with pytest.raises(typer.BadParameter):
        called(*arguments)


def test_doctor_tries_every_folder_that_commands_write_to(project, monkeypatch):
    tried = []
    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", lambda dir: tried.append(dir) or contextlib.nullcontext())
    assert all(check.ok for check in doctor.checks(project))
    data = project / "data"
    assert tried == [project, data / "raw", data / "processed", data, project, project / "report"]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk"])
def test_a_console_with_another_encoding_stops_nothing(encoding, project):
    folder = project / "data" / "raw" / "2021" / "linxian"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "台账𠮷.xlsx").write_bytes(b"no workbook")
    command = [sys.executable, "-c", "from ge_analysis.cli import main; main()", "check", "linxian"]
    done = subprocess.run(command, cwd=project, capture_output=True, env=os.environ | {"PYTHONIOENCODING": encoding})
    assert done.returncode == 1
    assert "Traceback" not in done.stderr.decode(encoding)
    assert ".xlsx" in done.stdout.decode(encoding)


@pytest.mark.parametrize(
    ("arguments", "reported"),
    [
        (("临县", "saidi_hour"), "unknown indicator 'saidi_hour'; did you mean saidi_hours?"),
        (("linxain", "saidi_hours"), "unknown county 'linxain'; did you mean linxian?"),
        (("36.2", "--county", "临县"), "no printed numbers in"),
        (("附表 2-1", "临县"), "no printed numbers in"),
    ],
)
def test_a_question_that_cannot_be_answered(project, arguments, reported):
    results = project / "data" / "processed" / "2021" / "counties" / "linxian"
    results.mkdir(parents=True)
    pd.DataFrame(columns=["county", "indicator", "item", "by", "group"]).to_parquet(results / "indicators.parquet")
    assert reported in one_line(ge(project, "trace", *arguments))
