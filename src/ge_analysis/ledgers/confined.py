"""Call a function in a process of its own, with limits: whatever a file makes a library do, only that process dies.

The process is forked, which costs next to nothing. Where this process may not fork, a new one is started, which takes about a
second: `python -m ge_analysis.ledgers.confined` reads the pickled call from stdin and writes pickled messages to stdout.
"""

import math
import os
import pickle
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import Enum
from io import BytesIO
from math import ceil
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import psutil

from ge_analysis.errors import GeError
from ge_analysis.settings.parameters import LedgerParams
from ge_analysis.storage.processes import handle, may_fork, signals_held

if sys.platform != "win32":
    import resource

_OWN_PAGES = Path("/proc/self/statm")
_NO_MEMORY = 3  # exit code
_STEP, _RETURNED, _REFUSED, _RAISED, _ENDED = "step", "returned", "refused", "raised", "ended"
Begin = Callable[[str], None]  # called with the name of each step, which restarts the time limit
Message = tuple[str, Any]
Result = TypeVar("Result")


class Ending(Enum):
    """What ended a call."""

    TIME = "time"
    PROCESS = "process"  # too large, or an abort inside a library
    PROGRAM = "program"  # an exception, which means a bug in this package


class Stopped(Exception):  # noqa: N818 - not an error of the program
    """A call that ended without an answer.

    Parameters
    ----------
    step : str
        The last step that it began; "" before the first.
    reason : str
        What ended it, in Chinese.
    cause : Ending
        The same, for the program.
    """

    def __init__(self, step: str, reason: str, cause: Ending):
        super().__init__(step, reason, cause)
        self.step, self.reason, self.cause = step, reason, cause


def confined(limits: LedgerParams, function: Callable[..., Result], *arguments: object) -> Result:
    """Return `function(begin, *arguments)`, called in a process of its own.

    Parameters
    ----------
    limits : LedgerParams
        Time for each step, and memory beyond what this process uses.
    function : callable
        A function of a module. It calls `begin` with a name at the start of each step.
    *arguments
        Its arguments; picklable, like its result.

    Raises
    ------
    GeError
        If the function raises one.
    Stopped
        If the call ends in any other way: too long, too large, an abort inside a library, or an exception.
    """
    start = _forked if may_fork() else _spawned
    messages, step = start(limits, function, arguments), ""
    while True:
        kind, content = next(messages)
        if kind == _STEP:
            step = content
        elif kind == _RETURNED:
            result: Result = content
            return result
        elif kind == _REFUSED:
            raise content
        elif kind == _RAISED:
            raise Stopped(step, content, Ending.PROGRAM)
        else:
            raise _ended(step, content, limits)


def _ended(step: str, code: int | None, limits: LedgerParams) -> Stopped:
    """Return what the exit code of a process without an answer means; None means that it was still running."""
    if code is None or (sys.platform != "win32" and -code == signal.SIGXCPU):
        return Stopped(step, f"用时超过{limits.max_read_seconds:g}秒", Ending.TIME)
    if code == _NO_MEMORY:
        return Stopped(step, f"内存超过{limits.max_read_mb:g} MB", Ending.PROCESS)
    return Stopped(step, f"读取程序中断（{signal.Signals(-code).name if code < 0 else code}）", Ending.PROCESS)


def _forked(limits: LedgerParams, function: Callable[..., object], arguments: tuple[object, ...]) -> Iterator[Message]:
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(sender.send, limits, function, arguments), daemon=True)
    with signals_held():
        process.start()
    sender.close()
    watch = _Watch(process.pid, math.inf)  # the system ends it when a step takes too long
    try:
        while True:
            if receiver.poll(limits.max_read_seconds):
                yield receiver.recv()
            elif watch.is_over():
                yield _ENDED, None
    except EOFError:
        process.join()
        yield _ENDED, process.exitcode
    finally:
        process.kill()
        process.join()
        receiver.close()


def _spawned(limits: LedgerParams, function: Callable[..., object], arguments: tuple[object, ...]) -> Iterator[Message]:
    """Yield the messages once the process has ended: not every system can wait for a pipe."""
    process = subprocess.Popen([sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    watch, killed = _Watch(process.pid, math.inf if sys.platform != "win32" else limits.max_read_seconds), False
    given: bytes | None = pickle.dumps((limits, function, arguments))
    while True:
        try:
            written, _ = process.communicate(given, limits.max_read_seconds)
            break
        except subprocess.TimeoutExpired:
            given = None  # it has it
            if watch.is_over():
                process.kill()
                killed = True
    code = None if killed else process.returncode
    messages = BytesIO(written)
    with suppress(EOFError, pickle.UnpicklingError):  # a killed process may have sent half a message
        while True:
            yield pickle.load(messages)
    yield _ENDED, code


class _Watch:
    """Tells, looked at every so often, when a process has used up its time or waits for what does not come.

    How long it takes by the clock says nothing: the machine may be busy with other work.

    Parameters
    ----------
    process : int
        Its number.
    most : float
        Time of the processor that it may use [s].
    """

    def __init__(self, process: int | None, most: float) -> None:
        self._process, self._most, self._used = psutil.Process(process), most, 0.0

    def is_over(self) -> bool:
        """Whether it has used more than it may, or nothing since the last look."""
        try:
            times = self._process.cpu_times()
        except psutil.NoSuchProcess:  # it has just ended, and says so itself
            return False
        before, self._used = self._used, times.user + times.system
        return self._used > self._most or self._used == before


def _work(
    send: Callable[[Message], None], limits: LedgerParams, function: Callable[..., object], arguments: tuple[object, ...]
) -> None:
    """Make the call within the limits and send its outcome."""
    handle(dict.fromkeys((signal.SIGTERM, signal.SIGINT), signal.SIG_DFL))
    debug = os.environ.get("GE_DEBUG")
    os.environ["RUST_BACKTRACE"] = "0"  # the fast reader's backtrace takes longer than reading most workbooks
    if not debug:  # libraries write to stderr when they abort
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        # A kernel's own streams would talk to threads that the fork lacks.
        sys.stdout = sys.stderr = os.fdopen(2, "w", closefd=False)

    def begin(step: str) -> None:
        _allow_time(limits.max_read_seconds)
        send((_STEP, step))

    try:
        _allow_memory(limits.max_read_mb)
        begin("")
        send((_RETURNED, function(begin, *arguments)))
    except MemoryError:
        os._exit(_NO_MEMORY)  # there may be no memory left for a message
    except GeError as error:
        send((_REFUSED, error))
    except BaseException as error:  # the fast reader's PanicException is not an Exception
        if debug:
            traceback.print_exc()
        send((_RAISED, f"{type(error).__name__}：{error}".partition("\n")[0][:80]))


def _allow_memory(megabytes: float) -> None:
    if sys.platform != "win32" and _OWN_PAGES.exists():  # other systems do not enforce the limit
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        own = int(_OWN_PAGES.read_text().split()[0]) * resource.getpagesize()
        _limit(resource.RLIMIT_AS, own + int(megabytes * 2**20))


def _allow_time(seconds: float) -> None:
    """Give the process this much more processor time."""
    if sys.platform != "win32":
        _limit(resource.RLIMIT_CPU, ceil(time.process_time() + seconds))


def _limit(what: int, value: int) -> None:
    assert sys.platform != "win32"
    _, most = resource.getrlimit(what)
    resource.setrlimit(what, (value if most == resource.RLIM_INFINITY else min(value, most), most))


def _main() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def send(message: Message) -> None:
        pickle.dump(message, answers)
        answers.flush()

    _work(send, *pickle.load(sys.stdin.buffer))
    os._exit(0)  # unloading the libraries takes time


if __name__ == "__main__":
    _main()
