"""Files and folders appear whole or not at all."""

import errno
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ge_analysis.errors import DiskFullError, GeError
from ge_analysis.storage.files import cannot_write, digest_files, one_command, whole_file, whole_folder, workplace, write_json


def visible(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def left(folder):
    return list(folder.glob("ge-*"))


def test_a_file_keeps_its_old_content_where_the_writer_fails(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), whole_file(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert visible(tmp_path) == ["a.txt"]


def test_a_folder_keeps_its_old_content_where_the_writer_fails(tmp_path):
    folder = tmp_path / "made"
    with whole_folder(folder) as staging:
        (staging / "a").write_text("old")
    with pytest.raises(RuntimeError), whole_folder(folder) as staging:
        (staging / "a").write_text("half")
        raise RuntimeError
    assert (folder / "a").read_text() == "old"
    assert visible(tmp_path) == ["made"]


def test_a_folder_is_replaced_with_all_its_files(tmp_path):
    for name in ("a", "b"):
        with whole_folder(tmp_path / "made") as staging:
            (staging / name).write_text(name)
    assert visible(tmp_path / "made") == ["b"]


def test_leftovers_of_a_killed_writer_are_cleared_by_the_next(tmp_path):
    program = (
        "import os, sys, signal; from pathlib import Path; from ge_analysis.storage.files import whole_folder\n"
        "with whole_folder(Path(sys.argv[1])) as staging:\n"
        "    (staging / 'half').write_text('x'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path / "made")], check=False)
    assert killed.returncode == -9
    assert len(left(tmp_path)) == 2  # the folder and its lock
    with whole_file(tmp_path / "another") as temporary:
        assert set(left(tmp_path)) == {temporary.parent, temporary.parent.with_suffix(".lock")}
        temporary.touch()
    assert visible(tmp_path) == ["another"]


def test_leftovers_in_either_folder_are_cleared_by_a_command_with_nothing_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    study, path = tmp_path / "study", tmp_path / "study" / "data"
    (study / "params").mkdir(parents=True)
    (study / "params" / "study.yml").touch()
    for place in (tmp_path / "temporary", study / ".ge"):
        (place / "ge-12345678").mkdir(parents=True)
        (place / "ge-12345678.lock").touch()
    with one_command(path, waiting=pytest.fail):
        pass
    assert not [*tmp_path.rglob("ge-*")]


def test_unfinished_files_of_a_running_process_are_kept(tmp_path):
    with whole_folder(tmp_path / "made") as staging:
        (staging / "half").touch()
        with whole_file(tmp_path / "another") as temporary:
            temporary.touch()
        assert (staging / "half").exists()
    assert visible(tmp_path) == ["another", "made"]


def test_writers_outside_a_project_do_not_remove_each_others_folder(tmp_path):
    def write(number):
        for again in range(200):
            with whole_file(tmp_path / f"{number}.txt") as temporary:
                temporary.write_text(str(again))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert {path.read_text() for path in tmp_path.glob("*.txt")} == {"199"}
    assert not left(tmp_path)


def test_unfinished_files_of_a_project_are_in_one_folder(tmp_path):
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "study.yml").touch()
    output = tmp_path / "report" / "_output"
    with whole_file(output / "2021" / "counties" / "linxian.docx") as temporary:
        assert temporary.parents[1] == tmp_path / ".ge"
        assert [path for path in output.rglob("*") if path.is_file()] == []
        temporary.touch()


def test_on_another_disk_unfinished_files_are_on_that_disk(tmp_path, monkeypatch):
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "study.yml").touch()
    mounted = tmp_path / "data" / "processed"
    (mounted / "2021").mkdir(parents=True)
    stat = Path.stat

    def two_disks(path, **how):
        found = stat(path, **how)
        on_the_other = path == mounted or mounted in path.parents
        return type("Stat", (), {"st_dev": 2 if on_the_other else 1, "st_mode": found.st_mode})()

    monkeypatch.setattr(Path, "stat", two_disks)
    assert workplace(mounted / "2021" / "city") == mounted / ".ge"
    assert workplace(tmp_path / "data" / "x") == tmp_path / ".ge"


def test_a_folder_that_cannot_be_copied_is_reported_by_its_first_file():
    full = "[Errno 28] No space left on device: 'b'"
    error = cannot_write(Path("made"), shutil.Error([("a", "b", full), ("c", "d", full)]))
    assert isinstance(error, DiskFullError)
    assert str(error).startswith("cannot write made: No space left on device; free some space")


def test_a_full_disk_is_reported_as_one():
    error = cannot_write(Path("a"), OSError(errno.ENOSPC, "No space left on device"))
    assert isinstance(error, DiskFullError)
    assert str(error) == "cannot write a: No space left on device; free some space on its disk, then run again"


def test_two_writers_of_a_folder_take_turns(tmp_path):
    inside, most = 0, 0

    def write(number):
        nonlocal inside, most
        with whole_folder(tmp_path / "made") as staging:
            inside += 1
            most = max(most, inside)
            (staging / str(number)).touch()
            inside -= 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert len(visible(tmp_path / "made")) == 1


@pytest.mark.parametrize("writer", [whole_file, whole_folder])
def test_an_unwritable_folder_is_a_user_error(tmp_path, writer):
    (tmp_path / "file").touch()
    with (
        pytest.raises(GeError, match=r"cannot write .*; check its rights and the free space"),
        writer(tmp_path / "file" / "made"),
    ):
        pass


def test_json_is_the_same_for_the_same_content(tmp_path):
    write_json(tmp_path / "a", {"b": "临县", "a": 1})
    write_json(tmp_path / "b", {"a": 1, "b": "临县"})
    assert (tmp_path / "a").read_text(encoding="utf-8") == '{\n "a": 1,\n "b": "临县"\n}\n'
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_hash_of_files_depends_on_names_and_contents_not_on_order(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    paths = [tmp_path / "a", tmp_path / "b"]
    before = digest_files(paths, tmp_path)
    assert digest_files(paths[::-1], tmp_path) == before
    (tmp_path / "a").write_text("b")
    changed = digest_files(paths, tmp_path)
    assert changed != before
    (tmp_path / "b").rename(tmp_path / "c")
    assert digest_files([tmp_path / "a", tmp_path / "c"], tmp_path) not in {before, changed}
