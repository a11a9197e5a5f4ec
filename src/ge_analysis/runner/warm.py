"""The warm process: has everything loaded, and forks a worker for each call (`python -m ge_analysis.runner.warm`).

It reads pickled `(name of a function, arguments, jobs)` from stdin and writes pickled `(number of the argument, "started" or
"ended", what the function returned)` to stdout, until stdin ends. An error is returned as its one line of text. Where a
system cannot fork, the workers are spawned: slower, the same results.
"""

import gc
import os
import pickle
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pkgutil import iter_modules, resolve_name
from typing import BinaryIO

from ge_analysis.errors import GeError
from ge_analysis.runner.kernels import CAN_FORK

# What papermill, the kernels and the notebooks import: the longest part of a run that starts cold. The notebooks' matplotlib
# backend is not among it: it ties itself to the kernel in the moment in which it is imported.
MODULES = (
    "ge_analysis.ledgers.consistency",
    "ge_analysis.notebook",
    "ge_analysis.runner.execute",
    "ge_analysis.runner.rehearsal",
    "ge_analysis.study",
    "ge_analysis.tables",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "matplotlib.pyplot",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "seaborn",
)
# A socket's path may have 107 bytes on Linux and 103 on macOS: so many are left before "/ge-12345678/kernel-1234567-ipc-5".
SOCKET_FOLDER_BYTES = 68
BACKEND = "module://matplotlib_inline.backend_inline"
# Packages of which the notebooks import one module or another.
PACKAGES = ("ge_analysis.figures", "ge_analysis.findings")


def main() -> None:
    """Answer calls until stdin ends."""
    # The answers go to the real stdout; anything a library prints must not get between them.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory(prefix="ge-", dir=_scratch_base(), ignore_cleanup_errors=True) as scratch:
        # Nobody's IPython profile, start-up files or temporary folders take part in a run.
        os.environ |= {"TMPDIR": scratch, "IPYTHONDIR": scratch, "JUPYTER_RUNTIME_DIR": scratch, "MPLBACKEND": BACKEND}
        tempfile.tempdir = scratch
        if CAN_FORK:
            warm_up()
        while True:
            try:
                name, arguments, jobs = pickle.load(sys.stdin.buffer)
            except EOFError:
                break
            if not _answer(resolve_name(name), arguments, jobs, answers):
                break
    sys.stderr.flush()
    os._exit(0)  # nothing is left to be cleaned up, and unloading the libraries takes time


def _scratch_base() -> str:
    """Return the system's folder for temporary files; /tmp where its path is too long for a kernel's sockets."""
    usual = tempfile.gettempdir()
    return "/tmp" if os.name == "posix" and len(os.fsencode(usual)) > SOCKET_FOLDER_BYTES else usual


def warm_up() -> None:
    """Import what the notebooks import, and use it once."""
    gc.disable()
    # jsonschema would build this grammar, which takes two seconds, for a kind of address that no notebook's schema has.
    sys.modules["rfc3987_syntax"] = None
    import_module("jsonschema")
    del sys.modules["rfc3987_syntax"]
    for name in MODULES:
        import_module(name)
    for name in PACKAGES:
        for module in iter_modules(import_module(name).__path__, f"{name}."):
            import_module(module.name)
    # Imported outside of a kernel, pandas would fit wide tables to a terminal.
    import_module("pandas").set_option("display.max_columns", 20)
    resolve_name("ge_analysis.runner.rehearsal:rehearse")()
    gc.freeze()
    gc.enable()


def _answer(function: Callable, arguments: list, jobs: int, answers: BinaryIO) -> bool:
    """Call the function on each argument, `jobs` at a time; return False where the asking process is gone."""
    context = get_context("fork" if CAN_FORK else "spawn")
    todo = list(enumerate(arguments))[::-1]
    running = {}
    caller = [sys.stdin.fileno()] if os.name == "posix" else []
    try:
        while todo or running:
            if wait(caller, 0):  # forks nothing more for a process that has ended
                return False
            while todo and len(running) < jobs:
                number, argument = todo.pop()
                receiver, sender = context.Pipe(duplex=False)
                worker = context.Process(target=_work, args=(function, argument, sender))
                worker.start()
                sender.close()
                running[receiver] = number, worker
                _send((number, "started", None), answers)
            for ready in wait([*running, *caller]):
                if ready in caller:  # the asking process sends nothing while it waits: it has ended
                    return False
                number, worker = running.pop(ready)
                _send((number, "ended", _result(ready, worker)), answers)
        return True
    finally:
        for _, worker in running.values():
            worker.terminate()
        for _, worker in running.values():
            worker.join(5)
            worker.kill()


def _send(answer: tuple, answers: BinaryIO) -> None:
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


def _work(function: Callable, argument: object, sender: Connection) -> None:
    """Send back what the function returns, or the error in one line."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the worker takes its kernel along
    try:
        sender.send(function(argument))
    except GeError as error:
        sender.send(str(error))
    except Exception as error:  # the asking process tells it like any other failure, and goes on
        if os.environ.get("GE_DEBUG"):
            traceback.print_exc()
        sender.send(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
