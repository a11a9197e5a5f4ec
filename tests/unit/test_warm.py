"""The warm process: what it does if the calling process is gone, and how it reports an error."""

import io
import os
import select
import sys
import tempfile
from multiprocessing import Pipe
from pathlib import Path

import pytest

from ge_analysis.runner import warm
from ge_analysis.runner.pool import Pool, Task


def test_nothing_is_forked_after_the_caller_has_ended(monkeypatch):
    read, write = os.pipe()
    os.close(write)
    answers = io.BytesIO()
    with os.fdopen(read) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert not warm._answer(abs, [1, 2], 1, answers)
    assert answers.getvalue() == b""


@pytest.mark.parametrize("debug", ["", "1"])
def test_the_traceback_of_an_unexpected_error_is_for_debugging(monkeypatch, capsys, debug):
    monkeypatch.setenv("GE_DEBUG", debug)
    monkeypatch.setattr(warm.signal, "signal", lambda *_: None)
    receiver, sender = Pipe(duplex=False)
    warm._work(int, "x", sender)
    assert receiver.recv().startswith("ValueError: invalid literal")
    assert ("Traceback" in capsys.readouterr().err) == bool(debug)


def test_a_folder_too_long_for_sockets_is_not_used(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/" + "a" * 67)
    assert warm._scratch_base() == "/" + "a" * 67
    monkeypatch.setattr(tempfile, "tempdir", "/" + "文" * 30)
    assert warm._scratch_base() == "/tmp"


LOADS = """\
import os
import sys

def rehearse():
    with open(os.environ["GE_TEST_BEGUN"], "w") as begun:
        begun.write("loading")
    sys.stdin.buffer.peek()  # until the asking process has ended
"""


def test_an_unused_process_leaves_no_folder_and_is_not_waited_for(monkeypatch, tmp_path):
    os.mkfifo(begun := tmp_path / "begun")
    (tmp_path / "loads.py").write_text(LOADS)
    monkeypatch.setenv("GE_TEST_BEGUN", str(begun))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are too long for sockets
        folder = Path(name)
        monkeypatch.setenv("TMPDIR", name)
        with Pool(Task("math:sqrt", "loads:rehearse")) as pool, os.fdopen(os.open(begun, os.O_RDONLY | os.O_NONBLOCK)) as loading:
            process = pool.start()
            assert select.select([loading], [], [], 300)[0]
            assert list(folder.iterdir())
        assert process.returncode == 0
        assert not list(folder.iterdir())


def test_values_and_errors_come_back_under_the_number_of_their_argument():
    with Pool(Task("math:sqrt", "gc:collect")) as pool:
        pool.start()  # a second start starts nothing
        started = pool._process
        ended = {number: value for number, state, value in pool.run([4, -1, 9], parallel=2) if state == "ended"}
        assert list(pool.run([16], parallel=1)) == [(0, "started", None), (0, "ended", 4)]
        assert pool._process is started
    assert ended == {0: 2, 1: "ValueError: math domain error", 2: 3}
