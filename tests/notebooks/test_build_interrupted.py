"""Builds that run beside other commands, or are killed, end with the same bytes and leave nothing unfinished."""

import os
import re
import select
import shutil
import subprocess
from pathlib import Path

import pypandoc
import pytest
from runner_study import GE, ge, hashes

OUTPUT = "report/_output/2021"


@pytest.fixture
def study(short_root, tmp_path) -> Path:
    """A finished study of its own."""
    return shutil.copytree(short_root, tmp_path / "study")


def test_several_reports_and_a_check_at_once_all_end_well(study):
    before = hashes(study / OUTPUT)
    (study / "report" / "_build" / "2021" / "stamp.json").unlink()
    (study / OUTPUT / "report.docx").unlink()
    (study / OUTPUT / "report.html").unlink()
    pipes = {"cwd": study, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    running = [subprocess.Popen([*GE, *command], **pipes) for command in [["report"]] * 3 + [["check"]]]
    reported = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0, 0], reported
    lines = {line for text in reported for line in text.splitlines()}
    assert all(line.endswith("waiting for it to end") for line in lines), reported
    assert hashes(study / OUTPUT) == before


def test_a_check_beside_a_build_waits_or_is_waited_for(study):
    before = hashes(study / OUTPUT)
    pipes = {"cwd": study, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    running = {name: subprocess.Popen([*GE, name], **pipes) for name in ("build", "check")}
    reported = {name: process.communicate()[1] for name, process in running.items()}
    assert running["check"].returncode == 0, reported
    assert running["build"].returncode == 0 or re.fullmatch(
        "ge: another run is working in .*; wait until it has ended\n", reported["build"]
    )
    assert hashes(study / OUTPUT) == before


KILLED_AT = {  # start of the line that a build prints then, and the folder that it is writing
    "tables: ": "data/processed/2021/tables",
    "counties: ": "data/processed/2021/counties",
    "city: ": "data/processed/2021/city",
    "report: ": "report/_output",
    "report: report.": "report/_output",
}


def test_a_build_that_is_killed_again_and_again_ends_with_the_same_bytes(study, tmp_path, temporary):
    made = [study / folder for folder in dict.fromkeys(KILLED_AT.values())]
    before = [hashes(folder) for folder in made]
    shutil.rmtree(study / "report" / "_build")
    for begin, folder in KILLED_AT.items():
        shutil.rmtree(study / folder)  # whatever the previous build left: how far it came is unknown
        pipes = {"stdout": subprocess.PIPE, "text": True, "encoding": "utf-8"}
        with subprocess.Popen([*GE, "build"], cwd=study, env=os.environ | {"TMPDIR": str(temporary)}, **pipes) as process:
            assert any(line.startswith(begin) for line in process.stdout)
            process.kill()
    ge(study, "build", TMPDIR=str(temporary))
    assert [hashes(folder) for folder in made] == before
    assert not list((study / ".ge").glob("ge-*"))
    assert not list(temporary.iterdir())


# Writes half of the file, reports it, and waits until the other pipe is closed.
PANDOC = """\
#!/bin/sh
for last; do :; done
case "$last" in
  *.{suffix}) exec 3< "{held}"; echo half > "$last"; echo begun > "{begun}"; read line <&3; exit 1 ;;
esac
exec "{pandoc}" "$@"
"""


def test_a_report_that_is_killed_while_it_writes_a_document_leaves_nothing_unfinished(study, tmp_path, temporary):
    before = hashes(study / OUTPUT)
    shutil.rmtree(study / OUTPUT)
    for suffix in ("docx", "typ", "html"):
        kill_while_pandoc_writes(suffix, study, tmp_path, temporary)
        assert hashes(study / OUTPUT).items() <= before.items()  # what is there is whole
    ge(study, "report", TMPDIR=str(temporary))
    assert hashes(study / OUTPUT) == before
    assert not list((study / ".ge").glob("ge-*"))
    assert not list(temporary.iterdir())


def kill_while_pandoc_writes(suffix: str, root: Path, folder: Path, temporary: Path) -> None:
    """Kill a report when Pandoc has written half of a document with this suffix."""
    begun, held, pandoc = (folder / f"{name}-{suffix}" for name in ("begun", "held", "pandoc"))
    for pipe in (begun, held):
        os.mkfifo(pipe)
    pandoc.write_text(PANDOC.format(suffix=suffix, begun=begun, held=held, pandoc=pypandoc.get_pandoc_path()), encoding="utf-8")
    pandoc.chmod(0o755)
    with (
        held.open("r+b", buffering=0),
        begun.open("r+b", buffering=0) as said,
        subprocess.Popen(
            [*GE, "report", "--format", "pdf" if suffix == "typ" else suffix],
            cwd=root,
            stdout=subprocess.DEVNULL,
            env=os.environ | {"TMPDIR": str(temporary), "PYPANDOC_PANDOC": str(pandoc)},
        ) as process,
    ):
        happened, _, _ = select.select([said, os.pidfd_open(process.pid)], [], [])
        assert happened == [said]
        process.kill()
