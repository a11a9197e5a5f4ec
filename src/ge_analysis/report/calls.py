"""What a chapter calls: wrong arguments are one line that shows how the call is written, unknown names suggest the nearest."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from inspect import Parameter, Signature, signature
from numbers import Integral, Real
from textwrap import shorten
from types import UnionType
from typing import Any, get_args, get_origin

from jinja2 import StrictUndefined
from jinja2.runtime import Context
from jinja2.utils import missing
from pydantic import BaseModel

from ge_analysis.errors import GeError, unknown
from ge_analysis.language import N_, _

_NUMBERS: dict[object, type] = {float: Real, int: Integral}  # numpy's too


class ChapterContext(Context):
    """The names of a chapter; a call of the package's functions is checked against their annotations."""

    def call(self, called: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a function or method for the template."""
        if isinstance(called, StrictUndefined) or not str(getattr(called, "__module__", "")).startswith("ge_analysis."):
            return super().call(called, *args, **kwargs)
        kwargs = {name: value for name, value in kwargs.items() if not name.startswith("_")}  # without those of Jinja's own
        given = signature(called)
        try:
            bound = given.bind(*args, **kwargs).arguments
        except TypeError as error:
            raise self._refused(called, str(error)) from None
        for parameter, value in _values(given, bound):
            if not _fits(value, parameter.annotation):
                raise self._refused(called, _("{parameter} cannot be {value!r}", parameter=parameter.name, value=value))
        try:
            return called(*args, **kwargs)
        except GeError:
            raise
        except Exception as error:
            raise self._refused(called, str(error)) from error

    def _refused(self, called: Callable[..., Any], why: str) -> GeError:
        """Return the error that shows how a call is written, under the name that the chapter uses."""
        name = next((name for name, known in self.get_all().items() if known is called), called.__name__)
        return GeError(f"{name}(): {why}", _("write {call}", call=f"{name}({', '.join(signature(called).parameters)})"))


def unknown_among(names: Mapping[str, object]) -> type[StrictUndefined]:
    """Return the class of what a chapter with these names misspells: any use of it is an error that suggests the nearest name."""

    class Unknown(StrictUndefined):
        @property
        def _undefined_message(self) -> str:
            owner, name = self._undefined_obj, self._undefined_name
            if owner is missing:
                return str(unknown(N_("name"), name, names))
            if owner is None or not isinstance(name, str):
                return _("{value} has no {name!r}", value=shorten(repr(owner), 60), name=name)
            called = next((f"{known}." for known, value in names.items() if value is owner), "")
            return str(unknown(N_("name"), f"{called}{name}", [f"{called}{each}" for each in attributes(owner)]))

    return Unknown


def attributes(owner: object) -> list[str]:
    """Return the names that a chapter may write after an object and a dot.

    Examples
    --------
    >>> attributes({"value": 1, 2: 3}), attributes(slice(1))
    (['value'], ['indices', 'start', 'step', 'stop'])
    """
    if isinstance(owner, Mapping):
        return [name for name in owner if isinstance(name, str)]
    hidden = dir(BaseModel) if isinstance(owner, BaseModel) else ()
    return [name for name in dir(owner) if not name.startswith("_") and name not in hidden]


def _values(given: Signature, bound: dict[str, Any]) -> Iterator[tuple[Parameter, Any]]:
    """Yield each value that is given, with its parameter."""
    for name, value in bound.items():
        parameter = given.parameters[name]
        many = value if parameter.kind is Parameter.VAR_POSITIONAL else [value]
        many = value.values() if parameter.kind is Parameter.VAR_KEYWORD else many
        yield from ((parameter, each) for each in many)


def _fits(value: object, wanted: Any) -> bool:
    """Whether a value is of the type that an annotation names; a text is no list of its letters.

    Examples
    --------
    >>> _fits(["a"], Sequence[str]), _fits([1], Sequence[str]), _fits("a", Sequence[str]), _fits(1, float)
    (True, False, False, True)
    """
    if wanted in (object, Any, Parameter.empty):
        return True
    kind, parts = get_origin(wanted) or wanted, get_args(wanted)
    if kind is UnionType:
        return any(_fits(value, part) for part in parts)
    if not isinstance(value, _NUMBERS.get(kind, kind)) or (isinstance(value, str) and kind in (Iterable, Sequence)):
        return False
    return not isinstance(value, list | tuple) or len(parts) != 1 or all(_fits(each, parts[0]) for each in value)
