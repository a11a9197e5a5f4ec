"""The calling side of a warm process: calls a function on many arguments, each in a process of its own."""

import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import IO, Any, NamedTuple, Protocol, Self, cast

from ge_analysis.errors import GeError
from ge_analysis.language import _


class Task(NamedTuple):
    """What a warm process does.

    Parameters
    ----------
    function : str
        "package.module:name" of a function of one argument; argument and result must be picklable.
    rehearsal : str
        "package.module:name" of a function that loads everything needed.
    """

    function: str
    rehearsal: str


READ = Task("ge_analysis.runner.read:read", "ge_analysis.runner.rehearsal:of_reading")
EXECUTE = Task("ge_analysis.runner.execute:execute", "ge_analysis.runner.rehearsal:of_notebooks")


class Workers(Protocol):
    """What runs a task on many arguments: a `Pool` or a dask cluster."""

    def run(self, arguments: list[Any], parallel: int) -> Iterator[tuple[int, str, Any]]:
        """Call the task's function on each argument, in any order; see `Pool.run`."""


class Pool:
    """A warm process that forks workers for one task; it ends with the `with` block.

    Parameters
    ----------
    task : Task

    Examples
    --------
    >>> with Pool(EXECUTE) as pool:                                             # doctest: +SKIP
    ...     for number, state, failure in pool.run(jobs, parallel=2): ...
    """

    _process: subprocess.Popen[bytes] | None = None
    _asked = False

    def __init__(self, task: Task):
        self._task = task

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if not self._process:
            return
        questions, answers = _pipes(self._process)
        with suppress(BrokenPipeError):  # of a call that a killed process has not read
            questions.close()  # makes the warm process, busy or not, end its workers and itself
        if not self._asked:
            self._process.terminate()  # no need to load the rest
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
        answers.close()
        self._process, self._asked = None, False

    def start(self) -> subprocess.Popen[bytes]:
        """Start the process if it is not running: ahead of the first call, it can load while others work."""
        if not self._process:
            # A session of its own: Ctrl-C reaches only this process, which then ends the others in order.
            # Without frozen modules, like the official kernel, whose debugger needs that.
            command = [sys.executable, "-X", "frozen_modules=off", "-m", "ge_analysis.runner.warm", *self._task]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        return self._process

    def run(self, arguments: list[Any], parallel: int) -> Iterator[tuple[int, str, Any]]:
        """Call the task's function on each argument, in any order.

        Parameters
        ----------
        arguments : list
        parallel : int
            Number of calls at a time.

        Yields
        ------
        number of the argument, "started", None
        number of the argument, "ended", what the function returned
            Or the error as text, if it raised a GeError or its process was killed.

        Raises
        ------
        GeError
            If the warm process itself is killed, or meets a full disk or a folder that it may not use.
        """
        process = self.start()
        questions, answers = _pipes(process)
        self._asked = True
        left = 2 * len(arguments)
        try:
            pickle.dump((arguments, parallel), questions)
            questions.flush()
            while left:
                answer = pickle.load(answers)
                if isinstance(answer, GeError):
                    raise answer
                left -= 1
                yield answer
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            what = _("the process that starts the notebooks ended with code {code}", code=process.wait())
            raise GeError(what, _("free some memory, then run again")) from None
        finally:
            if left:  # the next call must not mistake these answers for its own
                self.__exit__(None, None, None)


class Pools(NamedTuple):
    """The warm processes of a run."""

    readers: Pool
    notebooks: Pool


@contextmanager
def pools() -> Iterator[Pools]:
    """Give the warm processes of one run or of several, which end with the `with` block."""
    with Pool(READ) as readers, Pool(EXECUTE) as notebooks:
        yield Pools(readers, notebooks)


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """Return the stdin and stdout of a process started with both pipes."""
    return cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
