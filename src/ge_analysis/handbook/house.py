"""The house in one picture: which room of the package imports which, drawn from the imports themselves."""

from importlib import import_module

import grimp

PACKAGE = "ge_analysis"
EVERYWHERE = {"errors", "language"}  # imported by every room: no arrows
OUTSIDE = {"handbook"}  # draws the picture


def rooms() -> dict[str, set[str]]:
    """Return each room (a sub-package, or a module beside them) and the rooms that it imports."""
    graph = grimp.build_graph(PACKAGE, exclude_type_checking_imports=True)
    names = graph.find_children(PACKAGE)
    for name in names:
        if graph.find_children(name):
            graph.squash_module(name)
    found = {_short(name): {*map(_short, graph.find_modules_directly_imported_by(name) & names)} for name in sorted(names)}
    left_out = EVERYWHERE | OUTSIDE
    return {name: others - left_out - {name} for name, others in found.items() if name not in left_out}


def essential(imports: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Return the imports that are not implied by chains of others.

    Examples
    --------
    >>> essential({"cli": {"report", "study"}, "report": {"study"}, "study": set()})
    [('cli', 'report'), ('report', 'study')]
    """

    def reached(name: str) -> set[str]:
        return imports[name].union(*(reached(other) for other in imports[name]))

    return [
        (name, other)
        for name, others in imports.items()
        for other in sorted(others)
        if not any(other in reached(between) for between in others)
    ]


def picture() -> str:
    """Return the house as a Mermaid flowchart: an arrow goes from a room to one that it imports."""
    imports = rooms()
    boxes = [f'    {name}["<b>{name}</b><br/>{_purpose(name)}"]' for name in imports]
    arrows = [f"    {name} --> {other}" for name, other in essential(imports)]
    return "\n".join(["```mermaid", "flowchart TD", *boxes, *arrows, "```", ""])


def _short(module: str) -> str:
    return module.removeprefix(f"{PACKAGE}.")


def _purpose(name: str) -> str:
    """Return the first sentence of a room's docstring, without what follows a colon."""
    text = (import_module(f"{PACKAGE}.{name}").__doc__ or "").partition("\n")[0]
    return text.partition(":")[0].rstrip(".").replace("`", "").replace('"', "'")
