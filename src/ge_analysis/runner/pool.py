"""The asking side of the warm process: calls a function on many arguments, each in a process of its own."""

import pickle
import subprocess
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Protocol, Self

from ge_analysis.errors import GeError


class Workers(Protocol):
    """What calls a function on many arguments: a `Pool`, or a dask cluster."""

    def run(self, function: str, arguments: list, parallel: int) -> Iterator[tuple[int, str, object]]:
        """Call a function of one argument on each argument, in any order; see `Pool.run`."""


class Pool:
    """A warm process that forks workers; it starts with the first call and ends with the `with` block.

    Examples
    --------
    >>> with Pool() as pool:                                                    # doctest: +SKIP
    ...     for number, state, result in pool.run("math:sqrt", [4, 9], parallel=2): ...
    """

    _process: subprocess.Popen | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if not self._process:
            return
        self._process.stdin.close()  # tells the warm process, busy or not, to end its workers and itself
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._process.stdout.close()

    def run(self, function: str, arguments: list, parallel: int) -> Iterator[tuple[int, str, object]]:
        """Call a function of one argument on each argument, in any order.

        Parameters
        ----------
        function : str
            "package.module:name" of a function of one argument; argument and value must be picklable.
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
            Where the warm process itself is killed.
        """
        if not self._process:
            # A session of its own: Ctrl-C reaches this process only, which then ends the others in order.
            # Without frozen modules, as the official kernel starts: its debugger asks for that.
            command = [sys.executable, "-X", "frozen_modules=off", "-m", "ge_analysis.runner.warm"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        try:
            pickle.dump((function, arguments, parallel), self._process.stdin)
            self._process.stdin.flush()
            for _ in range(2 * len(arguments)):
                yield pickle.load(self._process.stdout)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            what = f"the process that starts the notebooks ended with code {self._process.wait()}"
            raise GeError(what, "free some memory, then run again") from None
