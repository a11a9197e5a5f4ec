"""YAML files read into models: the only way this package reads YAML, its own files and the study's."""

from pathlib import Path
from typing import Any, TypeVar, overload

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from ge_analysis.errors import GeError
from ge_analysis.language import N_, _
from ge_analysis.storage.files import YAML_LOADER, cannot_read

MAX_DEPTH = 30
REFUSALS = {  # pydantic's messages by its name for the error
    "bool_parsing": N_("Input should be a valid boolean, unable to interpret input"),
    "bool_type": N_("Input should be a valid boolean"),
    "date_from_datetime_inexact": N_("Datetimes provided to dates should have zero time - e.g. be exact dates"),
    "date_from_datetime_parsing": N_("Input should be a valid date, as YYYY-MM-DD"),
    "dict_type": N_("Input should be a valid dictionary"),
    "extra_forbidden": N_("Extra inputs are not permitted"),
    "finite_number": N_("Input should be a finite number"),
    "float_parsing": N_("Input should be a valid number, unable to parse string as a number"),
    "float_type": N_("Input should be a valid number"),
    "greater_than": N_("Input should be greater than {gt}"),
    "greater_than_equal": N_("Input should be greater than or equal to {ge}"),
    "int_from_float": N_("Input should be a valid integer, got a number with a fractional part"),
    "int_parsing": N_("Input should be a valid integer, unable to parse string as an integer"),
    "int_type": N_("Input should be a valid integer"),
    "less_than": N_("Input should be less than {lt}"),
    "less_than_equal": N_("Input should be less than or equal to {le}"),
    "list_type": N_("Input should be a valid list"),
    "literal_error": N_("Input should be {expected}"),
    "missing": N_("Field required"),
    "model_type": N_("Input should be a valid dictionary or instance of {class_name}"),
    "string_pattern_mismatch": N_("String should match pattern '{pattern}'"),
    "string_type": N_("Input should be a valid string"),
    "tuple_type": N_("Input should be a valid tuple"),
}

YAML_PROBLEMS = (  # libyaml's words
    N_("block sequence entries are not allowed in this context"),
    N_("control characters are not allowed"),
    N_("could not find expected ':'"),
    N_("did not find expected ',' or ']'"),
    N_("did not find expected ',' or {brace}"),
    N_("did not find expected '-' indicator"),
    N_("did not find expected <document start>"),
    N_("did not find expected alphabetic or numeric character"),
    N_("did not find expected comment or line break"),
    N_("did not find expected key"),
    N_("did not find expected node content"),
    N_("found a tab character that violates indentation"),
    N_("found character that cannot start any token"),
    N_("found duplicate anchor"),
    N_("found undefined tag handle"),
    N_("found unexpected document indicator"),
    N_("found unexpected end of stream"),
    N_("found unknown escape character"),
    N_("mapping keys are not allowed in this context"),
    N_("mapping values are not allowed in this context"),
)

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
        A pydantic model, or any type that pydantic can validate.
    loader : type
        PyYAML loader.
    **context : object
        What the model's validators need to know besides the file.

    Raises
    ------
    GeError
        For a missing or unreadable file, invalid YAML, a repeated key, or an entry that the model refuses; the message
        names file, line and key.

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
        if isinstance(error, yaml.MarkedYAMLError) and error.problem == "found unexpected end of stream":
            mark = error.context_mark  # where the quotation that does not end begins
        where = _("{path} line {line}", path=path, line=mark.line + 1) if mark else path
        raise GeError(
            _(
                "{where}: not valid YAML ({problem})",
                where=where,
                problem=_why_invalid(error),
            ),
            _("correct the line"),
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or _("(top level)")
        raise GeError(
            _("{path} line {line}: {key}: {why}", path=path, line=_line(text, first["loc"]), key=key, why=why_refused(first)),
            _("correct the entry"),
        ) from None


def validated(content: object, model: type[T], what: str) -> T:
    """Validate content in memory and return it as an instance of a model.

    Raises
    ------
    GeError
        For the first entry that the model refuses; the message names its key.
    """
    try:
        return TypeAdapter(model).validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise GeError(
            f"{what}: {'.'.join(map(str, first['loc'])) or _('(all)')}: {why_refused(first)}", _("correct it")
        ) from None


def why_refused(refused: ErrorDetails) -> str:
    """Return why a model refuses an entry, in the language of the terminal."""
    if refused["type"] in REFUSALS:
        context = dict(refused.get("ctx", {}))
        if "expected" in context:  # "'mv' or 'lv'"
            context["expected"] = context["expected"].replace(", ", _(", ")).replace(" or ", _(" or "))
        return _(REFUSALS[refused["type"]], **context)
    return refused["msg"].removeprefix("Value error, ")  # pydantic's other messages stay in English


def _why_invalid(error: yaml.YAMLError) -> str:
    """Say in the language of the terminal why a text is no YAML; in English if libyaml alone has words for it."""
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", error))
    template = problem.replace("'}'", "{brace}")
    return _(template, brace="'}'") if template in YAML_PROBLEMS else problem


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise GeError(_("{path} is missing", path=path), _("restore it from a copy")) from None
    except OSError as error:
        raise cannot_read(path, error) from None
    except UnicodeDecodeError:
        raise GeError(_("{path} is not UTF-8 text", path=path), _("save it again with the encoding UTF-8")) from None


def _content(text: str, loader_type: type) -> object:
    """Parse a YAML text; refuse repeated keys (YAML would silently take the last), aliases and deep nesting.

    A few lines of nested aliases expand to billions of entries, and nested brackets exhaust the stack; no file of this package
    needs either.
    """
    depth = 0
    for event in yaml.parse(text, Loader=YAML_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _refused(_("nested deeper than {levels} levels", levels=MAX_DEPTH), event)
        if isinstance(event, yaml.AliasEvent):
            raise _refused(_("the alias *{alias} is not allowed", alias=event.anchor), event)
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
                raise _refused(_("the key {key} is given twice", key=key.value), key)
            seen.add(str(key.value))
            _refuse_repeated_keys(inner)


def _refused(problem: str, found: yaml.Event | yaml.Node) -> yaml.YAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=found.start_mark)  # type: ignore[arg-type]  # the C parser's mark


def _line(text: str, keys: tuple[int | str, ...]) -> int:
    """Return the line of the entry that the keys lead to, or of the nearest one around it."""
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
