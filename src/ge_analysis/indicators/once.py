"""What a place's ledgers give, computed again only as far as the ledgers differ."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ParamSpec, Protocol, TypeVar

import pandas as pd

P = ParamSpec("P")
T = TypeVar("T")


class Caller(Protocol):
    """Calls a function, or returns what it returned before."""

    def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a function returns for some arguments."""


def called(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function."""
    return function(*args, **kwargs)


class Once:
    """Calls a function only if it was not yet called with the same arguments.

    Arguments are the same if they are the same objects; of a mapping, if the tables that the function read are equal.

    Examples
    --------
    >>> tables, once, counted = {"feeders": pd.DataFrame(), "outages": pd.DataFrame()}, Once(), []
    >>> def count(tables):
    ...     counted.append(len(tables["feeders"]))
    ...     return counted[-1]
    >>> once(count, tables), once(count, tables | {"outages": pd.DataFrame()}), counted
    (0, 0, [0])
    """

    def __init__(self) -> None:
        self._answers: dict[Callable[..., object], list[tuple[list[object], Any]]] = defaultdict(list)

    def __call__(self, function: Callable[P, T], *args: P.args, **_: P.kwargs) -> T:
        """Return what a function returns for some arguments, all of them positional."""
        for given, answer in self._answers[function]:
            if len(given) == len(args) and all(map(_same, given, args)):
                return answer  # type: ignore[no-any-return]  # it was returned by the same function
        given = [_Read(arg) if isinstance(arg, Mapping) else arg for arg in args]
        answer = function(*given)  # type: ignore[call-arg, arg-type]  # ParamSpec cannot say that there are no keywords
        self._answers[function].append((given, answer))
        return answer


class _Read(Mapping[str, pd.DataFrame]):
    """Tables, and which of them were read."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]):
        self._tables = tables
        self.read: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        self.read[name] = self._tables[name]
        return self.read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def _same(given: object, arg: Any) -> bool:
    if isinstance(given, _Read):
        return all(table is arg[name] or table.equals(arg[name]) for name, table in given.read.items())
    return given is arg
