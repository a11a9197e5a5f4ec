"""Files and folders appear whole or not at all."""

import subprocess
import sys
import threading

import pytest

from ge_analysis.errors import GeError
from ge_analysis.files import digest_files, whole_file, whole_folder, write_json


def visible(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


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


def test_what_a_killed_writer_left_is_cleared_by_the_next(tmp_path):
    program = (
        "import os, sys, signal; from pathlib import Path; from ge_analysis.files import whole_folder\n"
        "with whole_folder(Path(sys.argv[1])) as staging:\n"
        "    (staging / 'half').write_text('x'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path / "made")], check=False)
    assert killed.returncode == -9
    assert visible(tmp_path) == [".made.new"]
    with whole_folder(tmp_path / "made") as staging:
        assert not list(staging.iterdir())
        (staging / "whole").touch()
    assert visible(tmp_path) == ["made"]
    assert visible(tmp_path / "made") == ["whole"]


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
def test_a_place_that_cannot_be_written_is_a_user_error(tmp_path, writer):
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


def test_the_hash_of_files_knows_names_and_contents_but_not_the_order(tmp_path):
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
