"""The asking side of a warm process: calls a function on many arguments, each in a process of its own."""

import pickle
import subprocess
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import IO, Any, NamedTuple, Protocol, Self, cast

from ge_analysis.errors import GeError
from ge_analysis.language import _


class Task(NamedTuple):
    """What a warm process does.

    Parameters
    ----------
    function : str
        "package.module:name" of a function of one argument; argument and value must be picklable.
    rehearsal : str
        "package.module:name" of what loads all that the function needs.
    """

    function: str
    rehearsal: str


READ = Task("ge_analysis.runner.read:read", "ge_analysis.runner.rehearsal:of_reading")
EXECUTE = Task("ge_analysis.runner.execute:execute", "ge_analysis.runner.rehearsal:of_notebooks")


class Workers(Protocol):
    """What does a task with many arguments: a `Pool`, or a dask cluster."""

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
        questions.close()  # the warm process, busy or not, then ends its workers and itself
        if not self._asked:
            self._process.terminate()  # it need not load the rest
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
        answers.close()

    def start(self) -> subprocess.Popen[bytes]:
        """Start the process, where that has not happened yet: before the first call, so that it loads while others work."""
        if not self._process:
            # A session of its own: Ctrl-C reaches this process only, which then ends the others in order.
            # Without frozen modules, as the official kernel starts: its debugger asks for that.
            command = [sys.executable, "-X", "frozen_modules=off", "-m", "ge_analysis.runner.warm", *self._task]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        return self._process

    def run(self, arguments: list[Any], parallel: int) -> Iterator[tuple[int, str, Any]]:
        """Call the task's function on each argument, in any order.

        Parameters
        ----------
        arguments : list
        parallel : int
            Calls at a time.

        Yields
        ------
        number of the argument, "started", None
        number of the argument, "ended", what the function returned
            The text of the error where it raised a GeError or its process was killed.

        Raises
        ------
        GeError
            Where the warm process itself is killed, or meets a full disk or a folder that it may not use.
        """
        process = self.start()
        questions, answers = _pipes(process)
        self._asked = True
        try:
            pickle.dump((arguments, parallel), questions)
            questions.flush()
            for _answer in range(2 * len(arguments)):
                answer = pickle.load(answers)
                if isinstance(answer, GeError):
                    raise answer
                yield answer
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            what = _("the process that starts the notebooks ended with code {code}", code=process.wait())
            raise GeError(what, _("free some memory, then run again")) from None


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """Return what a process that was started with both pipes reads from, and what it writes to."""
    return cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
