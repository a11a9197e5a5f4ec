"""A build folder that is edited by hand: what counts as a change, and what happens to it."""

import subprocess
from types import SimpleNamespace

import pypandoc
import pytest

from ge_analysis.report import build as builder
from ge_analysis.report.source import engine_version, made_from
from ge_analysis.storage.stamps import edited, why_stale, write_stamp

INPUTS = {"chapters": "1"}


@pytest.fixture
def stamped(project):
    """The sample project as `ge report` leaves it."""
    write_stamp(project, INPUTS)
    return project


def test_files_left_by_quarto_are_no_change_by_hand(stamped, stand_in):
    for name in ("report", "counties/linxian"):
        subprocess.run([stand_in, "render", stamped / f"{name}.qmd", "--to", "html"], check=True)
    assert (stamped / ".quarto").is_dir()
    assert (stamped / "report.html").is_file()
    assert not edited(stamped)
    assert why_stale(stamped, INPUTS) == []


def test_chapter_changed_by_hand_is_kept_and_said(stamped, monkeypatch, capsys):
    def write_project(study, folder):
        (folder / "report.qmd").write_text("new", encoding="utf-8")

    monkeypatch.setattr("ge_analysis.report.project.write_project", write_project)
    monkeypatch.setattr("ge_analysis.report.render.equip", lambda report, folder: None)
    monkeypatch.setattr(builder, "_inputs", lambda study: INPUTS)
    study = SimpleNamespace(paths=SimpleNamespace(report_sources=[]))
    for number in (1, 2):
        (stamped / "report.qmd").write_text(f"mine {number}", encoding="utf-8")
        builder._write(study, stamped)
        kept = stamped.with_name(f"build.by-hand-{number}")
        assert (kept / "report.qmd").read_text(encoding="utf-8") == f"mine {number}"
        said = capsys.readouterr().err
        assert said == f"ge: {stamped} was changed by hand; it is kept as {kept.name}, and rewritten from report/chapters\n"
        assert (stamped / "report.qmd").read_text(encoding="utf-8") == "new"
    builder._write(study, stamped)
    assert capsys.readouterr().err == ""
    assert not stamped.with_name("build.by-hand-3").exists()


def test_documents_are_stale_under_another_version_of_quarto(project, stand_in, monkeypatch):
    before = {engine: made_from(project, "report", engine) for engine in ("quarto", "embedded")}
    monkeypatch.setenv("STAND_IN_VERSION", "1.10.18")
    engine_version.cache_clear()
    assert made_from(project, "report", "quarto") != before["quarto"]
    assert made_from(project, "report", "embedded") == before["embedded"]


def test_hyphens_are_escaped_for_every_version_of_pandoc(project, tmp_path):
    seen = tmp_path / "seen.lua"
    seen.write_text('function Str(str) assert(not str.text:find("%-%-"), "left to Pandoc: " .. str.text) end', encoding="utf-8")
    filters = [str(project / "filters" / "report.lua"), str(seen)]
    command = [
        pypandoc.get_pandoc_path(),
        "--from",
        "markdown-smart",
        "--to",
        "typst",
        *(f"--lua-filter={one}" for one in filters),
    ]
    run = subprocess.run(command, input="甲--乙 --- --5".encode(), capture_output=True, check=False)
    assert (run.returncode, run.stderr) == (0, b"")
    assert run.stdout.decode().removeprefix("#contents\n") == "甲\\-\\-乙 \\-\\-\\- \\-\\-5\n"


def test_finished_file_changed_by_hand_is_set_aside_and_said(tmp_path, capsys):
    path, other = tmp_path / "report.docx", tmp_path / "report.pdf"
    for each in (path, other):
        each.write_bytes(b"as made")
    made = {each.name: builder._made_from("source", each) for each in (path, other)}
    for number in (1, 2):
        path.write_bytes(b"edited %d" % number)
        builder._set_aside(tmp_path, path, made)
        assert (tmp_path / f"report.by-hand-{number}.docx").read_bytes() == b"edited %d" % number
        assert f"it is now report.by-hand-{number}.docx" in capsys.readouterr().err
    builder._set_aside(tmp_path, other, made)
    assert other.read_bytes() == b"as made"
