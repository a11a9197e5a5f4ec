"""The warm process: what it does where the asking process is gone, and how it tells an error."""

import io
import os
import sys
import tempfile
from multiprocessing import Pipe

import pytest

from ge_analysis.runner import warm


def test_nothing_is_forked_for_a_caller_that_has_ended(monkeypatch):
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
