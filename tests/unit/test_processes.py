"""Calls shared out among processes give the same results and errors as calls one after the other, and leave no process."""

import multiprocessing
import os
import subprocess
import sys
import threading
import time

import pytest

from ge_analysis.errors import GeError
from ge_analysis.storage import processes
from ge_analysis.storage.processes import side_by_side

forking = pytest.mark.skipif(not processes.CAN_FORK, reason="this system cannot fork")


@pytest.fixture(autouse=True)
def two_processors(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    yield
    assert not multiprocessing.active_children()


def where(number):
    return number, os.getpid()


@forking
def test_results_are_in_order_wherever_they_come_from():
    numbers, places = zip(*side_by_side(where, [(number,) for number in range(5)]), strict=True)
    assert numbers == (0, 1, 2, 3, 4)
    assert [place == os.getpid() for place in places] == [True, False, True, False, True] and len(set(places)) == 2


def test_nothing_to_do():
    assert side_by_side(where, []) == []


def test_a_process_with_threads_does_all_by_itself():
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        assert side_by_side(where, [(1,), (2,)]) == [(1, os.getpid()), (2, os.getpid())]
    finally:
        ended.set()
        thread.join()


@forking
def test_what_a_killed_process_has_not_done_is_done_here():
    here = os.getpid()
    assert side_by_side(lambda number: number if os.getpid() == here else os._exit(9), [(1,), (2,)]) == [1, 2]


@pytest.mark.parametrize("refused", [1, 2])
def test_an_error_is_the_same_as_without_processes(refused):
    def function(number):
        if number == refused:
            raise GeError("too much", "take less")
        return number

    with pytest.raises(GeError, match="too much; take less"):
        side_by_side(function, [(1,), (2,)])


@forking
def test_an_interrupt_ends_the_other_processes_at_once():
    def function(number):
        if number == 1:
            raise KeyboardInterrupt
        time.sleep(600)

    with pytest.raises(KeyboardInterrupt):
        side_by_side(function, [(1,), (2,)])


PROGRAM = """
import os, signal, sys, time
from multiprocessing import get_context
from ge_analysis.storage.processes import handle, signals_held

def end(number):
    os.kill(os.getpid(), number)

def work():
    handle({{signal.SIGTERM: lambda *_: sys.exit(7)}})
    time.sleep(600)

os.register_at_fork({hook})
signal.signal(signal.SIGTERM, lambda *_: sys.exit(8))  # that of the first process
signal.signal(signal.SIGINT, lambda *_: sys.exit(9))
process = get_context("fork").Process(target=work, daemon=True)
with signals_held():
    process.start()
process.join()
sys.exit(process.exitcode)
"""


@forking
@pytest.mark.parametrize(
    ("hook", "code"),
    [
        ("after_in_child=lambda: end(signal.SIGTERM)", 7),
        ("before=lambda: end(signal.SIGTERM)", 8),
        ("after_in_parent=lambda: end(signal.SIGINT)", 9),
    ],
)
def test_a_signal_during_a_fork_ends_the_process_without_a_traceback(hook, code):
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(hook=hook)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, "")
