"""Processes forked from this one, which share its memory and cost next to nothing."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing import current_process, get_context
from multiprocessing.connection import Connection
from typing import Any, Self, TypeVar

Result = TypeVar("Result")

# On macOS, forking is not safe once system libraries are loaded.
CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"
_TO_END = {signal.SIGINT, signal.SIGTERM}


def may_fork() -> bool:
    """Whether this process may fork.

    The process of a warm kernel may not have children. In a process with threads, such as a JupyterLab kernel, a fork copies
    their locks but not the threads that would release them.
    """
    return CAN_FORK and not current_process().daemon and threading.active_count() == 1


@contextmanager
def signals_held() -> Iterator[None]:
    """Hold back signals to end while this process forks, and in the fork until `handle`.

    A library's hook that is called at a fork would swallow what a handler raises: the signal would be lost, with a traceback.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _TO_END)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def handle(handlers: Mapping[signal.Signals, Any]) -> None:
    """Set a new process's own handlers of signals, and let in those held back since the fork."""
    for number, handler in handlers.items():
        signal.signal(number, handler)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _TO_END)


@contextmanager
def without_collector() -> Iterator[None]:
    """Look for no garbage for a while: where much is kept, that takes a quarter of the time and copies what forks share."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def side_by_side(function: Callable[..., Result], arguments: Sequence[tuple[Any, ...]]) -> list[Result]:
    """Call a function with each of some arguments, on all processors if this process may fork.

    Parameters
    ----------
    function : callable
        It may use whatever this process holds in memory. Its results are picklable.
    arguments : sequence of tuple
        Shared out in turn: of two processes, one has the first, third, fifth …

    Returns
    -------
    list
        The results, in order.

    Examples
    --------
    >>> side_by_side(pow, [(2, 3), (3, 2), (2, 5)])
    [8, 9, 32]
    """
    number = min(os.cpu_count() or 1, len(arguments)) if may_fork() else 1
    own, *shares = [arguments[first::number] for first in range(number)] or [arguments]
    with ExitStack() as stack:
        others = [stack.enter_context(_Share(function, share)) for share in shares]
        done = [_called(function, own), *(other.results() for other in others)]
    return [done[at % number][at // number] for at in range(len(arguments))]


def _called(function: Callable[..., Result], arguments: Sequence[tuple[Any, ...]]) -> list[Result]:
    return [function(*given) for given in arguments]


class _Share:
    """Calls of a function in a process of their own, which ends with the `with` block."""

    def __init__(self, function: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]):
        self._call = partial(_called, function, arguments)

    def __enter__(self) -> Self:
        context = get_context("fork")
        self._receiver, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=self._work, args=(sender,), daemon=True)
        with signals_held():
            self._process.start()
        sender.close()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()
        self._receiver.close()

    def results(self) -> list[Any]:
        """Return what the function returned; if the process has failed, call it here, where its error surfaces."""
        try:
            found: list[Any] = self._receiver.recv()
        except (EOFError, OSError):  # without an answer, or within one
            found = self._call()
        return found

    def _work(self, sender: Connection) -> None:
        try:
            handle({signal.SIGINT: signal.SIG_DFL})  # Ctrl-C ends it without a word
            self._receiver.close()  # so that it ends, too, if nobody is left to read
            sender.send(self._call())
        finally:
            os._exit(0)  # without the words of an error, which the caller meets itself
