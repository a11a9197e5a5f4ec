"""The warm process: it has loaded what its function needs, and forks a worker for each call.

`python -m ge_analysis.runner.warm FUNCTION REHEARSAL` reads pickled `(arguments, jobs)` from stdin and writes pickled `(number of
the argument, "started" or "ended", what the function returned)` to stdout, until stdin ends. An error is returned as
one line of text. Systems that cannot fork spawn the workers: slower, but with the same results.
"""

import gc
import os
import pickle
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pkgutil import resolve_name
from typing import Any, BinaryIO, cast

from ge_analysis.errors import DiskFullError, GeError
from ge_analysis.language import _
from ge_analysis.storage.files import FREE_SPACE, FULL_DISK, cannot_use, scratch
from ge_analysis.storage.processes import CAN_FORK, handle, signals_held

# A socket's path may have 107 bytes on Linux and 103 on macOS; this many are left before "/ge-12345678/kernel-1234567-ipc-5".
SOCKET_FOLDER_BYTES = 68
BACKEND = "module://matplotlib_inline.backend_inline"


def main() -> None:
    """Answer calls until stdin ends."""
    function, rehearsal = sys.argv[1:]
    signal.signal(signal.SIGTERM, _leave)  # even before the first call, the folder is removed
    # Answers go to the real stdout, without anything that a library prints.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        _serve(function, rehearsal, answers)
    except OSError as error:
        with suppress(OSError):  # the calling process is gone
            _send(cannot_use(error), answers)
    sys.stderr.flush()
    os._exit(0)  # nothing is left to clean up, and unloading the libraries takes time


def _serve(function: str, rehearsal: str, answers: BinaryIO) -> None:
    """Load and rehearse in a folder for temporary files, then answer calls until stdin ends."""
    with scratch(_scratch_base()) as folder:
        # Keep the user's IPython profile, start-up files and temporary folders out of the run.
        own = str(folder)
        os.environ |= {"TMPDIR": own, "IPYTHONDIR": own, "JUPYTER_RUNTIME_DIR": own, "MPLBACKEND": BACKEND}
        tempfile.tempdir = own
        if CAN_FORK:
            warm_up(resolve_name(rehearsal))
        while True:
            try:
                arguments, jobs = pickle.load(sys.stdin.buffer)
            except EOFError:
                break
            if not _answer(resolve_name(function), arguments, jobs, answers):
                break
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # do not interrupt the removal


def _leave(*_: object) -> None:
    """End this process, once: a second signal would interrupt the removal of its folder."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit()


def _scratch_base() -> str:
    """Return the system's folder for temporary files; /tmp if its path is too long for a kernel's sockets."""
    usual = tempfile.gettempdir()
    return "/tmp" if os.name == "posix" and len(os.fsencode(usual)) > SOCKET_FOLDER_BYTES else usual


def warm_up(rehearse: Callable[[], None]) -> None:
    """Load and rehearse, then exempt everything from garbage collection, so that forks share it."""
    gc.disable()
    rehearse()
    gc.freeze()
    gc.enable()


def _answer(function: Callable[[Any], object], arguments: list[Any], jobs: int, answers: BinaryIO) -> bool:
    """Call the function on each argument, `jobs` at a time; return False if the calling process is gone."""
    context = get_context("fork") if CAN_FORK else get_context("spawn")
    todo = list(enumerate(arguments))[::-1]
    running: dict[Connection, tuple[int, BaseProcess]] = {}
    caller = [sys.stdin.fileno()] if os.name == "posix" else []
    try:
        while todo or running:
            if wait(caller, 0):  # fork nothing more for a process that has ended
                return False
            while todo and len(running) < jobs:
                number, argument = todo.pop()
                receiver, sender = context.Pipe(duplex=False)
                worker: BaseProcess = context.Process(target=_work, args=(function, argument, sender))
                with signals_held():
                    worker.start()
                    running[receiver] = number, worker
                sender.close()
                _send((number, "started", None), answers)
            for ready in wait([*running, *caller]):
                if ready in caller:  # the calling process sends nothing while it waits, so it has ended
                    return False
                receiver = cast(Connection, ready)
                number, worker = running.pop(receiver)
                _send((number, "ended", _result(receiver, worker)), answers)
        return True
    finally:
        for _, worker in running.values():
            worker.terminate()
        for _, worker in running.values():
            worker.join(5)
            worker.kill()


def _send(answer: tuple[int, str, object] | GeError, answers: BinaryIO) -> None:
    pickle.dump(answer, answers)
    answers.flush()


def _result(receiver: Connection, worker: BaseProcess) -> object:
    try:
        result = receiver.recv()
        worker.join()
    except EOFError:
        worker.join()
        result = f"its process ended with code {worker.exitcode}; perhaps memory ran out: run with fewer --jobs"
    return result


def _work(function: Callable[[Any], object], argument: object, sender: Connection) -> None:
    """Send back what the function returns, or the error in one line."""
    handle({signal.SIGTERM: lambda *_: sys.exit(1)})  # so that the worker ends its kernel, too
    try:
        sender.send(function(argument))
    except Exception as error:  # the calling process reports it like any other failure and continues
        if os.environ.get("GE_DEBUG") and not isinstance(error, GeError):
            traceback.print_exc()
        sender.send(_in_one_line(error))


def _in_one_line(error: Exception) -> DiskFullError | str:
    """Return an error in one line; a full disk, which ends the run, as itself."""
    if isinstance(error, OSError):
        error = cannot_use(error)
    if isinstance(error, DiskFullError):
        return error
    if FULL_DISK in str(error):
        return DiskFullError(str(error), _(FREE_SPACE))
    return str(error) if isinstance(error, GeError) else f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    main()
