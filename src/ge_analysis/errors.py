"""The one class of errors that a user can cause and mend."""


class GeError(Exception):
    """What went wrong, where, and what to do: one line, shown without a traceback.

    Parameters
    ----------
    what : str
        The fault, naming its place (file, sheet, county, line).
    todo : str
        What the user does about it.

    Examples
    --------
    >>> print(GeError("no workbooks for 2021 in data/raw/2021", "run `ge demo`"))
    no workbooks for 2021 in data/raw/2021; run `ge demo`
    """

    def __init__(self, what: str, todo: str = ""):
        super().__init__("; ".join(" ".join(part.split()) for part in (what, todo) if part))

    def _render_traceback_(self) -> list[str]:
        # IPython asks this: in a notebook, too, a user's error is one line.
        return [f"GeError: {self}"]


class DiskFullError(GeError):
    """A disk has no room left: nothing else that is tried would be written either."""


def counted(number: int, what: str) -> str:
    """Return a number with the singular or plural of what it counts.

    Examples
    --------
    >>> counted(1, "error"), counted(2, "error")
    ('1 error', '2 errors')
    """
    return f"{number} {what}{'' if number == 1 else 's'}"
