"""The public names, those of docs/reference.md: `help()` of each has an example."""

import inspect
import pkgutil
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLACES = re.findall(r"^::: ([\w.]+)$", (ROOT / "docs/reference.md").read_text(encoding="utf-8"), re.MULTILINE)


def functions(place: str) -> dict[str, object]:
    """The public functions of a module, or methods of a class."""
    owner = pkgutil.resolve_name(place)
    own = owner.__name__ if inspect.ismodule(owner) else owner.__module__
    members = inspect.getmembers(owner, lambda one: inspect.isfunction(one) or inspect.ismethod(one))
    return {name: one for name, one in members if not name.startswith("_") and one.__module__ == own}


@pytest.mark.parametrize("place", PLACES)
def test_help_has_an_example(place):
    found = functions(place)
    assert found
    assert [name for name, one in found.items() if ">>> " not in (inspect.getdoc(one) or "")] == []
