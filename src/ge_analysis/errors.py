"""The one class of errors that users can cause and correct."""

from collections.abc import Iterable
from difflib import get_close_matches

from ge_analysis.language import _


class GeError(Exception):
    """What went wrong, where, and what to do: one line, shown without a traceback.

    Parameters
    ----------
    what : str
        The fault and where it is (file, sheet, county, line).
    todo : str
        What to do about it.

    Examples
    --------
    >>> print(GeError("no workbooks for 2021 in data/raw/2021", "run `ge demo`"))
    no workbooks for 2021 in data/raw/2021; run `ge demo`
    """

    def __init__(self, what: str, todo: str = ""):
        super().__init__(_("; ").join(" ".join(part.split()) for part in (what, todo) if part))

    def _render_traceback_(self) -> list[str]:
        # IPython asks this: in a notebook, too, a user's error is one line.
        return [f"GeError: {self}"]


class DiskFullError(GeError):
    """A disk is full, so nothing else can be written either."""


class UnreadableError(GeError):
    """A file or folder that the system refuses to read; whatever does not need it goes on."""


def nearest(name: object, known: Iterable[str], cutoff: float = 0.5) -> str:
    """Return the known name closest to a mistyped one; "" if none is close.

    Examples
    --------
    >>> nearest("urbn", ["urban", "rural"]), nearest("?", ["urban", "rural"])
    ('urban', '')
    """
    return next(iter(get_close_matches(str(name), list(known), n=1, cutoff=cutoff)), "")


def unknown(what: str, name: object, known: Iterable[str]) -> GeError:
    """Return the error for an unknown name: it suggests the nearest known one, or lists them all.

    Examples
    --------
    >>> print(unknown("code of area", "urbn", ["urban", "rural"]))
    unknown code of area 'urbn'; did you mean urban?
    >>> print(unknown("code of area", "x", ["urban", "rural"]))
    unknown code of area 'x'; known: urban, rural
    """
    known = list(known)
    near = nearest(name, known)
    todo = _("did you mean {name}?", name=near) if near else _("known: {known}", known=_(", ").join(known) or _("none"))
    return GeError(_("unknown {what} '{name}'", what=_(what), name=name), todo)
