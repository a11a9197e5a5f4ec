"""Python files that a study adds to the package."""

from collections.abc import Callable
from functools import wraps
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from traceback import extract_tb
from typing import Any

from ge_analysis.errors import GeError
from ge_analysis.language import _


def own_functions(folder: Path, name: str, returns: type) -> list[Callable[..., Any]]:
    """Return the function of a given name from each Python file in a folder, in the order of the file names.

    Parameters
    ----------
    folder : Path
        Need not exist. Files whose names begin with an underscore are skipped: the others may import them.
    name : str
        Name of the function.
    returns : type
        What it has to return.

    Returns
    -------
    list of callable
        An error that one of them raises, or another type that it returns, becomes a GeError that names the file.

    Raises
    ------
    GeError
        For a file that cannot be loaded, or lacks the function.
    """
    return [_function(path, name, returns) for path in sorted(folder.glob("[!_]*.py"))]


def _function(path: Path, name: str, returns: type) -> Callable[..., Any]:
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise GeError(_("{path} cannot be loaded", path=path), _("call it like a Python module"))
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # the study's code may raise anything
        raise _named(path, error) from error
    function = getattr(module, name, None)
    if not callable(function):
        raise GeError(_("{path} has no function {name}", path=path, name=name), _("docs/your-own.md shows one"))

    @wraps(function)
    def called(*arguments: Any) -> Any:
        try:
            found = function(*arguments)
        except Exception as error:
            raise _named(path, error) from error
        if not isinstance(found, returns):
            given, wanted = type(found).__name__, returns.__name__
            raise GeError(
                _("{path}: {name} returns {given}, not {wanted}", path=path, name=name, given=given, wanted=wanted),
                _("docs/your-own.md shows one"),
            )
        return found

    return called


def _named(path: Path, error: Exception) -> GeError:
    """Return an error in one of the study's files as a GeError that names the file and the line."""
    lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == str(path)]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    where = _("{path} line {line}", path=path, line=line) if line else str(path)
    return GeError(
        f"{where}: {error if isinstance(error, GeError) else f'{type(error).__name__}: {error}'}", _("correct the file")
    )
