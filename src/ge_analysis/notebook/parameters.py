"""The check of parameters that the notebooks call."""

import ast
from collections.abc import Sequence

from ge_analysis.errors import GeError
from ge_analysis.language import _

_INJECTED = "# Parameters\n"  # beginning of the cell that papermill adds after the parameters cell


def check_parameters(cells: Sequence[str]) -> None:
    """Refuse a parameter that the notebook does not have; papermill would only warn and run with the default.

    Parameters
    ----------
    cells : sequence of str
        IPython's `In`: the source of the cells run so far, including the parameters cell.

    Raises
    ------
    GeError
        For a parameter that no cell before papermill's assigns.

    Examples
    --------
    >>> check_parameters(["", "year = 2021", "# Parameters\\\\nyear = 2022"])
    """
    first = next((number for number, cell in enumerate(cells) if cell.startswith(_INJECTED)), 0)
    known = {name: None for cell in cells[:first] for name in _assigned(cell)}
    unknown = [name for name in _assigned(cells[first]) if name not in known] if known else []
    if unknown:
        raise GeError(_("the notebook has no parameter '{name}'", name=unknown[0]), _("it has {known}", known=", ".join(known)))


def _assigned(cell: str) -> list[str]:
    """Return the names that a cell assigns by plain assignments; none if it is not Python."""
    try:
        body = ast.parse(cell).body
    except SyntaxError:
        return []
    return [
        target.id
        for statement in body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
        if isinstance(target, ast.Name)
    ]
