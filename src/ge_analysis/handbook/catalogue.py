"""The catalogue of messages: everything that the code can say to a user, and its Chinese."""

import ast
import inspect
from collections.abc import Iterator
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from ge_analysis.language import DOMAIN, LOCALES

CHINESE = "zh"
FOLDER = LOCALES / CHINESE / "LC_MESSAGES"

Message = str | tuple[str, str]  # singular and plural


def messages(code: str) -> Iterator[Message]:
    """Yield the messages of a module: arguments of `_`, `N_` and `counted`, and help of commands and options."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            yield from _said_by(node)
        elif isinstance(node, ast.FunctionDef) and any("app." in ast.unparse(each) for each in node.decorator_list):
            yield inspect.cleandoc(ast.get_docstring(node) or "")


def _said_by(call: ast.Call) -> Iterator[Message]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name in ("_", "N_"):
        yield from _literals(call.args[0])
    elif name == "counted":
        yield from ((what, f"{what}s") for what in _literals(call.args[1]))
    for given in call.keywords:
        if given.arg == "help":
            yield from _literals(given.value)


def _literals(node: ast.expr) -> Iterator[str]:
    """Yield the literals that an argument may be: one, or either of two."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from (*_literals(node.body), *_literals(node.orelse))


def all_messages() -> list[Message]:
    """Return all messages of the package, each once, in the order of the code."""
    files = sorted(LOCALES.parent.rglob("*.py"))
    return list(dict.fromkeys(message for path in files for message in messages(path.read_text(encoding="utf-8"))))


def read() -> Catalog:
    """Read the Chinese catalogue."""
    with (FOLDER / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale=CHINESE, domain=DOMAIN)


def updated(catalogue: Catalog) -> Catalog:
    """Return a catalogue with exactly the present messages of the package; new ones lack their Chinese."""
    wanted = Catalog(creation_date=catalogue.creation_date)
    for message in all_messages():
        wanted.add(message)
    catalogue.update(wanted, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def compiled(catalogue: Catalog) -> bytes:
    """Return a catalogue in the form that gettext reads."""
    content = BytesIO()
    write_mo(content, catalogue)
    return content.getvalue()


def text(catalogue: Catalog) -> bytes:
    """Return a catalogue as the text that a translator edits."""
    content = BytesIO()
    write_po(content, catalogue, width=130)
    return content.getvalue()


def write() -> None:
    """Bring the catalogue up to date with the code, and compile it."""
    catalogue = updated(read())
    (FOLDER / f"{DOMAIN}.po").write_bytes(text(catalogue))
    (FOLDER / f"{DOMAIN}.mo").write_bytes(compiled(catalogue))
