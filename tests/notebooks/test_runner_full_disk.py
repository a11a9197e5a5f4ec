"""A disk without room: one line that says so and what to do; what was finished before stays as it was."""

import os
import re
import shutil
import subprocess
from math import ceil
from pathlib import Path

import pytest
from runner_study import COUNTY, GE, hashes, replace_cell, results, write_notebook

TOLD = "No space left on device; free some space on its disk, then run again"


@pytest.fixture
def small_disk():
    """The function that mounts a disk of a given size over a folder, keeps the folder's files, and fills it."""
    mounted = []

    def mount(folder: Path, room: int) -> None:
        kept = shutil.copytree(folder, folder.with_name(f"{folder.name}.kept")) if folder.exists() else None
        folder.mkdir(parents=True, exist_ok=True)
        page = os.sysconf("SC_PAGE_SIZE")
        size = room + page * sum(ceil(path.stat().st_size / page) for path in folder.rglob("*"))
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        if not shutil.which("mount") or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("may not mount a disk here")
        mounted.append(folder)
        if kept:
            shutil.copytree(kept, folder, dirs_exist_ok=True)

    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


def ge(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*GE, *arguments], cwd=root, env=os.environ | environment, capture_output=True, encoding="utf-8", check=False
    )


@pytest.fixture
def root(short_root, tmp_path) -> Path:
    """A finished study of its own, with a chapter that is not in its report yet."""
    root = shutil.copytree(short_root, tmp_path / "study")
    (root / "report" / "chapters" / "99-new.qmd.j2").write_text("# 新的一章\n\n文字。\n", encoding="utf-8")
    return root


def assert_full(done: subprocess.CompletedProcess, begin: str = "ge: ") -> str:
    """Check that a command ends in one line about a full disk, and return it."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stdout + done.stderr
    (reported,) = done.stderr.splitlines()
    assert reported.startswith(begin)
    assert reported.endswith(TOLD)
    return reported


@pytest.mark.disk
@pytest.mark.parametrize(
    ("folder", "room"),
    [("data/processed", 100_000), ("data/processed", 500_000), ("report/_build", 50_000), ("report/_output", 10_000)],
)
def test_a_full_disk_is_reported_in_one_line(root, small_disk, folder, room):
    output = hashes(root / "report" / "_output" / "2021")
    if folder == "data/processed":
        for path in (root / folder).rglob("stamp.json"):
            path.unlink()
    small_disk(root / folder, room)
    assert_full(ge(root, "build"))
    assert hashes(root / "report" / "_output" / "2021") == output


@pytest.mark.disk
def test_a_disk_without_room_for_marked_copies_is_reported_in_one_line(finished, small_disk):
    small_disk(finished.paths.root / "checks", 4096)
    assert_full(ge(finished.paths.root, "check"))


SPACE = 20_000_000
FILLING = {
    "data/processed": f"Path(results, 'large').write_bytes(bytes({SPACE}))",
    "tmp": f"from tempfile import TemporaryFile\nwith TemporaryFile() as file:\n    file.write(bytes({SPACE}))",
}


@pytest.mark.disk
@pytest.mark.parametrize("folder", FILLING)
def test_a_disk_filled_by_a_cell_is_not_reported_as_the_cells_error(finished, temporary, small_disk, folder):
    root, before = finished.paths.root, results(finished)
    write_notebook(root / "notebooks" / "county.ipynb", replace_cell(COUNTY, 5, FILLING[folder]))
    small_disk(root / folder if folder == "data/processed" else temporary, SPACE // 4)
    reported = assert_full(ge(root, "run", TMPDIR=str(temporary)))
    assert re.match(r"ge: the notebook of \w+ met a full disk: ", reported)
    assert results(finished) == before
    assert not list(temporary.iterdir())


@pytest.mark.disk
def test_a_folder_for_temporary_files_that_is_too_small_for_a_run_is_reported_by_name(finished, temporary, small_disk):
    for path in finished.paths.processed.glob("c*/**/stamp.json"):
        path.unlink()
    before = results(finished)
    small_disk(temporary, 2 * os.sysconf("SC_PAGE_SIZE"))
    assert_full(ge(finished.paths.root, "run", TMPDIR=str(temporary)), f"ge: cannot write {temporary}/ge-")
    assert not list(temporary.iterdir())
    for old, new in zip(before, results(finished), strict=True):
        assert old.items() <= new.items()


@pytest.mark.disk
def test_a_folder_for_temporary_files_that_is_too_small_for_a_report_is_reported_by_name(root, temporary, small_disk):
    output = hashes(root / "report" / "_output" / "2021")
    small_disk(temporary, 4 * os.sysconf("SC_PAGE_SIZE"))
    reported = assert_full(ge(root, "build", TMPDIR=str(temporary)), f"ge: cannot write {temporary}")
    # documents are laid out at once: any of them may be the first without room
    assert re.search(r"/(report\.typ|defaults\.yml|ge-[^/]+):", reported)
    assert not list(temporary.iterdir())
    assert {name for name, content in hashes(root / "report" / "_output" / "2021").items() if name not in output} == set()


@pytest.mark.disk
def test_a_full_temporary_folder_is_not_used(finished, tmp_path, small_disk):
    for path in finished.paths.processed.glob("c*/**/stamp.json"):
        path.unlink()
    before = results(finished)
    full = tmp_path / "tmp"
    small_disk(full, 4096)
    (full / "filler").write_bytes(bytes(4096))
    done = ge(finished.paths.root, "run", TMPDIR=str(full))
    assert not done.returncode, done.stderr
    assert [path.name for path in full.iterdir()] == ["filler"]
    assert {name for each in results(finished) for name in each} - {name for each in before for name in each} == {"stamp.json"}
