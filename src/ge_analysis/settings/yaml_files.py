"""YAML files read into models: the one way in which this package reads YAML, its own files and the study's."""

from pathlib import Path
from typing import Any, TypeVar, overload

import yaml
from pydantic import TypeAdapter, ValidationError

from ge_analysis.errors import GeError
from ge_analysis.storage.files import YAML_LOADER, cannot_read

MAX_DEPTH = 30

T = TypeVar("T")


@overload
def read_yaml(path: Path, model: type[T], loader: type = ..., **context: object) -> T: ...
@overload
def read_yaml(path: Path, model: object, loader: type = ..., **context: object) -> Any: ...
def read_yaml(path: Path, model: Any, loader: type = YAML_LOADER, **context: object) -> Any:
    """Read a YAML file into a model.

    Parameters
    ----------
    path : Path
        The file.
    model : type
        What the file holds: a pydantic model, or any type that pydantic validates. The result is an instance of it.
    loader : type
        PyYAML loader to use.
    **context : object
        What the model's validators need besides the file.

    Raises
    ------
    GeError
        For a missing or unreadable file, invalid YAML, a repeated key, or an entry that the model refuses; the message
        names the file, the line and the key.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "limits.yml")
    >>> _ = file.write_text("low: 1\\nhigh: 2\\n")
    >>> read_yaml(file, dict[str, int])
    {'low': 1, 'high': 2}
    """
    text = _text(path)
    try:
        return TypeAdapter(model).validate_python(_content(text, loader), context=context)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        raise GeError(f"{path}{line}: not valid YAML ({getattr(error, 'problem', error)})", "correct the line") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or "(top level)"
        raise GeError(f"{path} line {_line(text, first['loc'])}: {key}: {first['msg']}", "correct the entry") from None


def validated(content: object, model: type[T], what: str) -> T:
    """Return content that is in memory as an instance of a model.

    Raises
    ------
    GeError
        For the first entry that the model refuses, with its key.
    """
    try:
        return TypeAdapter(model).validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise GeError(f"{what}: {'.'.join(map(str, first['loc'])) or '(all)'}: {first['msg']}", "correct it") from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise GeError(f"{path} is missing", "restore it from the repository") from None
    except OSError as error:
        raise cannot_read(path, error) from None
    except UnicodeDecodeError:
        raise GeError(f"{path} is not UTF-8 text", "save it again with the encoding UTF-8") from None


def _content(text: str, loader_type: type) -> object:
    """Parse a YAML text; refuse repeated keys, of which YAML silently takes the last, aliases, and deep nesting.

    A few lines of aliases of aliases unfold to billions of entries, and brackets in brackets exhaust the stack; no file of
    this package needs either.
    """
    depth = 0
    for event in yaml.parse(text, Loader=YAML_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _refused(f"nested deeper than {MAX_DEPTH} levels", event)
        if isinstance(event, yaml.AliasEvent):
            raise _refused(f"the alias *{event.anchor} is not allowed", event)
    loader = loader_type(text)
    try:
        node = loader.get_single_node()
        _refuse_repeated_keys(node)
        return loader.construct_document(node) if node else None
    finally:
        loader.dispose()


def _refuse_repeated_keys(node: yaml.Node | None) -> None:
    if isinstance(node, yaml.SequenceNode):
        for inner in node.value:
            _refuse_repeated_keys(inner)
    elif isinstance(node, yaml.MappingNode):
        seen = set()
        for key, inner in node.value:
            if str(key.value) in seen:
                raise _refused(f"the key {key.value} is given twice", key)
            seen.add(str(key.value))
            _refuse_repeated_keys(inner)


def _refused(problem: str, found: yaml.Event | yaml.Node) -> yaml.YAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=found.start_mark)  # type: ignore[arg-type]  # the C parser's mark


def _line(text: str, keys: tuple[int | str, ...]) -> int:
    """Return the line of the entry that keys lead to, or of the nearest entry around it."""
    node, line = yaml.compose(text, Loader=yaml.SafeLoader), 1
    for key in keys:
        if isinstance(node, yaml.SequenceNode) and isinstance(key, int):
            inner = line_node = node.value[key]
        elif isinstance(node, yaml.MappingNode):
            line_node, inner = next(((name, inner) for name, inner in node.value if name.value == str(key)), (None, None))
        else:
            break
        if inner is None:
            break
        node, line = inner, line_node.start_mark.line + 1
    return line
