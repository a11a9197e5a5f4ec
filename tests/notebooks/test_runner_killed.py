"""A run that is interrupted, killed or unable to write leaves no process, and nothing that a later run takes for finished."""

import resource
import shutil
import signal
from contextlib import suppress

import psutil
import pytest
from runner_study import Program, results

from ge_analysis.runner.run import run
from ge_analysis.study import Study


def left_over(study) -> list[str]:
    hidden = [path for path in study.paths.processed.rglob(".*") if path.is_file()]
    return [*hidden, *(study.paths.root / ".ge").glob("ge-*")]


KILLED_AT = (
    "tables linxian started",
    "tables city done",
    "counties linxian started",
    "counties wenshui done",
    "city city started",
)


def make_stale(study, line: str) -> None:
    """Make a step of a place stale, whatever an earlier run has finished of it."""
    step, place, _ = line.split()
    folder = study.paths.tables(place) if step == "tables" else study.paths.results(place)
    (folder / "stamp.json").unlink(missing_ok=True)


@pytest.mark.parametrize("victim", ["asking process", "all processes"])
def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bytes(study, finished_root, victim):
    programs = []
    for line in KILLED_AT:
        make_stale(study, line)
        program = Program(study)
        program.wait_for(line)
        for process in list(program.alive()) if victim == "all processes" else [program.process]:
            with suppress(psutil.NoSuchProcess):  # one may just have ended by itself
                process.kill()
        program.process.communicate()
        programs.append(program)
    assert not run(study)
    assert results(study) == results(Study.open(2021, finished_root))
    assert not left_over(study)
    for program in programs:
        program.wait_until_all_are_gone()


def test_an_interrupted_run_leaves_no_process(study):
    program = Program(study, interruptible=True)
    program.wait_for("counties linxian started")
    program.interrupt()
    _, errors = program.process.communicate()
    assert program.process.returncode == -signal.SIGINT
    assert errors.strip().splitlines()[-1] == "KeyboardInterrupt"
    assert not list(program.alive())
    assert not left_over(study)


def test_a_full_disk_is_one_line_for_each_place_and_keeps_earlier_results(finished):
    before = results(finished)
    city = finished.paths.notebooks / "city.ipynb"
    city.write_text(city.read_text(encoding="utf-8").replace("# 全市", "# 吕梁"), encoding="utf-8")
    small = 8000
    program = Program(finished, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (small, small)))
    output, errors = program.process.communicate()
    assert "city: cannot write" in output, errors
    assert "check its rights and the free space" in output
    assert results(finished)[:2] == before[:2]
    assert not run(finished)


def test_an_output_folder_that_cannot_be_written_is_one_clear_line(study):
    shutil.rmtree(study.paths.processed)
    study.paths.processed.write_text("in the way")
    program = Program(study)
    _, errors = program.process.communicate()
    assert f"GeError: cannot write {study.paths.processed}" in errors.splitlines()[-1]
