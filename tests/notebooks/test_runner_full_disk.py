"""A disk without room: one line that says so and what to do; what was finished before stays as it was."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from runner_study import COUNTY, hashes, replace_cell, results, write_notebook

GE = (sys.executable, "-c", "from ge_analysis.cli import main; main()")
TOLD = "No space left on device; free some space on its disk, then run again"


@pytest.fixture
def small_disk():
    """The function that mounts a disk of so many bytes at a folder, with what lies there, and fills it."""
    mounted = []

    def mount(folder: Path, room: int) -> None:
        kept = shutil.copytree(folder, folder.with_name(f"{folder.name}.kept")) if folder.exists() else None
        folder.mkdir(parents=True, exist_ok=True)
        size = room + sum(path.stat().st_size + 8192 for path in folder.rglob("*"))
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


@pytest.fixture(scope="module")
def made(tmp_path_factory, small_project) -> Path:
    """A study that is built; not to be changed."""
    root = small_project(tmp_path_factory.mktemp("full") / "study", ("linxian", "wenshui"))
    assert not ge(root, "demo").returncode
    assert not ge(root, "build").returncode
    return root


@pytest.mark.disk
@pytest.mark.parametrize(
    ("folder", "command", "room"),
    [
        ("data/processed", "build", 100_000),
        ("data/processed", "build", 1_000_000),
        ("report/_build", "build", 100_000),
        ("report/_output", "build", 100_000),
        ("checks", "check", 4096),
    ],
)
def test_a_full_disk_is_reported_in_one_line(made, tmp_path, small_disk, folder, command, room):
    root = shutil.copytree(made, tmp_path / "study")
    output = hashes(root / "report" / "_output" / "2021")
    for path in (*(root / "data" / "processed").rglob("stamp.json"), *(root / "report").rglob("stamp.json")):
        path.unlink()
    (root / "report" / "chapters" / "99-new.qmd.j2").write_text("# 新的一章\n\n文字。\n", encoding="utf-8")
    small_disk(root / folder, room)
    done = ge(root, command)
    reported = done.stderr.splitlines()
    assert done.returncode == 1, done.stdout + done.stderr
    assert len(reported) == 1, done.stdout + done.stderr
    assert reported[0].endswith(TOLD), reported
    assert hashes(root / "report" / "_output" / "2021") == output


SPACE = 20_000_000
FILLING = {
    "data/processed": f"Path(results, 'large').write_bytes(bytes({SPACE}))",
    "tmp": f"from tempfile import TemporaryFile\nwith TemporaryFile() as file:\n    file.write(bytes({SPACE}))",
}


@pytest.mark.disk
@pytest.mark.parametrize("folder", FILLING)
def test_a_disk_that_a_cell_fills_is_no_fault_of_the_cell(finished, temporary, small_disk, folder):
    root, before = finished.paths.root, results(finished)
    write_notebook(root / "notebooks" / "county.ipynb", replace_cell(COUNTY, 5, FILLING[folder]))
    small_disk(root / folder if folder == "data/processed" else temporary, SPACE // 4)
    done = ge(root, "run", TMPDIR=str(temporary))
    assert done.returncode == 1, done.stdout
    (reported,) = done.stderr.splitlines()
    assert re.fullmatch(rf"ge: the notebook of \w+ met a full disk: .*{TOLD}", reported)
    assert results(finished) == before
    assert not list(temporary.iterdir())


@pytest.mark.disk
@pytest.mark.parametrize(("pages", "where"), [(2, "ge-"), (4, r"/(report\.typ|defaults\.yml|ge-[^/]+):")])
def test_a_folder_for_temporary_files_that_fills_up_is_reported_by_name(made, tmp_path, temporary, small_disk, pages, where):
    root = shutil.copytree(made, tmp_path / "study")
    output = hashes(root / "report" / "_output" / "2021")
    for path in (*(root / "data" / "processed").rglob("stamp.json"), *(root / "report").rglob("stamp.json")):
        path.unlink()
    (root / "report" / "chapters" / "99-new.qmd.j2").write_text("# 新的一章\n\n文字。\n", encoding="utf-8")
    small_disk(temporary, pages * os.sysconf("SC_PAGE_SIZE"))
    done = ge(root, "build", TMPDIR=str(temporary))
    assert done.returncode == 1, done.stdout
    assert len(done.stderr.splitlines()) == 1, done.stderr
    (reported,) = done.stderr.splitlines()
    assert reported.startswith(f"ge: cannot write {temporary}")
    assert re.search(where, reported)  # documents are laid out at once: any of them may be the first without room
    assert reported.endswith(TOLD)
    assert not list(temporary.iterdir())
    assert {name for name, content in hashes(root / "report" / "_output" / "2021").items() if name not in output} == set()


@pytest.mark.disk
def test_a_full_folder_for_temporary_files_is_not_used(made, tmp_path, small_disk):
    root = shutil.copytree(made, tmp_path / "study")
    for path in (root / "data" / "processed").rglob("stamp.json"):
        path.unlink()
    full = tmp_path / "tmp"
    small_disk(full, 4096)
    (full / "filler").write_bytes(bytes(4096))
    done = ge(root, "build", TMPDIR=str(full))
    assert not done.returncode, done.stderr
    assert [path.name for path in full.iterdir()] == ["filler"]
