"""`docs/chapters.md`: the names that the report's chapters may use, made from their docstrings."""

import re
from collections.abc import Callable, Iterable, Iterator
from inspect import Parameter, Signature, getdoc, signature
from typing import Any

from pydantic import BaseModel

from ge_analysis.findings.judge import Finding, Problem
from ge_analysis.report import context, markup
from ge_analysis.report.book import Book
from ge_analysis.report.facts import Facts
from ge_analysis.report.register import Register
from ge_analysis.settings.parameters import Period, Sourced, Year
from ge_analysis.settings.places import County, Grid
from ge_analysis.settings.registry import Entry
from ge_analysis.settings.rules import Recommendation

OBJECTS = context.OBJECTS | context.WITH_REGISTER | {"register": Register}
HELD = (County, Grid, Period, Year, Sourced, Finding, Problem, Recommendation, Entry)
OPENING = """<!-- Made by `make docs`; edit the docstrings instead. -->

# Names in chapters

What a chapter (`report/chapters/NN-name.qmd.j2`) may use. These names and attributes are kept: a study's own chapters work
with later versions of the package, and the changelog announces exceptions. Anything else may change without notice.
The package's `report/chapters/README.md` has the most used ones in Chinese.

Indicators and codes (`area`, `voltage` …) are in the [glossary](glossary.md); both may be written in Chinese, too. `place` is
a county, its slug, name or code, or `"city"`. A misspelt name is an error with chapter, line and the nearest name. Numbers that
a chapter prints with `num`, `cases` or `share` can be traced to their rows; `value`, `known` and `n` are for comparisons.
"""
_SECTION = re.compile(r"\n\n(\w+)\n-+\n")


def page() -> str:
    """Return the text of the page.

    Examples
    --------
    >>> page().splitlines()[2]
    '# Names in chapters'
    """
    facts = {name: getattr(Facts, name) for name in context.FIGURES}
    book = {name: getattr(Book, name) for name in ("figure", "table", "ref")}
    parts = [OPENING, "## Values\n", *_table("name", ((name, what) for name, (what, _) in context.VALUES.items()))]
    parts += ["\n## Figures of the study\n", *_calls(facts)]
    parts += ["\n## Figures and tables\n", *_calls(book, _attributes(Book, "book."))]
    parts += ["\nFurther arguments of `figure` and `table`:\n", *_layout(markup.figure), *_layout(markup.table)]
    parts += ["\n## Wording\n", *_calls(context.WORDS)]
    for name, made in OBJECTS.items():
        calls = {f"{name}.{each}": method for each, method in _methods(made)}
        parts += [f"\n## `{name}`\n", f"{_summary(made)}\n", *_calls(calls, _attributes(made, f"{name}."))]
    parts += ["\n## What objects hold\n", *_table("object", ((held.__name__, _holds(held)) for held in HELD)), ""]
    return "\n".join(parts)


def _table(head: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f"| {head} | |"
    yield "|---|---|"
    for name, what in rows:
        yield f"| `{name}` | {what.replace('|', chr(92) + '|')} |"


def _calls(calls: dict[str, Callable[..., object]], more: Iterable[tuple[str, str]] = ()) -> Iterator[str]:
    return _table("call", [*more, *((f"{name}{_arguments(called)}", _summary(called)) for name, called in calls.items())])


def _arguments(called: Callable[..., object]) -> str:
    """Return the arguments of a call, as they are written; "" for a property."""
    if isinstance(called, property):
        return ""
    given = [each.replace(annotation=Parameter.empty) for each in signature(called).parameters.values() if each.name != "self"]
    return str(signature(called).replace(parameters=given, return_annotation=Signature.empty))


def _methods(made: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties of a class, in source order."""
    yield from (
        (name, each) for name, each in vars(made).items() if name[0] != "_" and (callable(each) or isinstance(each, property))
    )


def _summary(thing: object) -> str:
    """Return what a docstring says before its first section."""
    return " ".join(_SECTION.split(getdoc(thing) or "")[0].split())


def _sections(thing: object) -> dict[str, list[tuple[str, str]]]:
    """Return the entries of each section of a docstring: their names, and what is said of them."""
    pieces = _SECTION.split(getdoc(thing) or "")
    found = {}
    for title, body in zip(pieces[1::2], pieces[2::2], strict=True):
        lines = re.findall(r"^(\w[\w, ]*?) : .*\n((?: .*\n?)+)", body, re.MULTILINE)
        found[title] = [(name, " ".join(text.split())) for name, text in lines]
    return found


def _attributes(made: type, owner: str = "") -> list[tuple[str, str]]:
    """Return the attributes in a docstring, each after its owner's name and a dot, and what is said of them."""
    said = _sections(made).get("Attributes", [])
    return [("`, `".join(f"{owner}{name}" for name in names.split(", ")), text) for names, text in said]


def _layout(set_by: Callable[..., object]) -> Iterator[str]:
    """Yield the optional arguments of a figure or table."""
    optional = {name for name, each in signature(set_by).parameters.items() if each.default is not Parameter.empty}
    for names, text in _sections(set_by)["Parameters"]:
        shown = [name for name in names.split(", ") if name in optional]
        if shown:
            yield f"* `{set_by.__name__}`: {', '.join(f'`{name}`' for name in shown)} — {text}"


def _holds(held: type) -> str:
    """Return the attributes of an object, with what is said of them."""
    said = [each for base in reversed(held.__mro__) for each in _attributes(base)]
    if issubclass(held, BaseModel):
        said += [(name, "") for name in held.model_fields]
        said += [(name, _summary(each)) for name, each in _methods(held) if isinstance(each, property)]
    return "; ".join(f"`{name}`" + (f": {text.rstrip('.')}" if text else "") for name, text in said)
