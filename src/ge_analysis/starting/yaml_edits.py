"""Editing parameter files in place, preserving comments, order and quotes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1000  # keeps lines as long as they were
    yaml.representer.add_representer(type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", ""))
    return yaml


@contextmanager
def edited(path: Path, target: Path | None = None) -> Iterator[Any]:
    """Yield the content of a YAML file, then write it back to the same file or to another."""
    yaml = _yaml()
    content = yaml.load(path.read_text(encoding="utf-8"))
    yield content
    with (target or path).open("w", encoding="utf-8", newline="\n") as stream:
        yaml.dump(content, stream)


def flow(values: Mapping[Any, Any]) -> CommentedMap:
    """Return a mapping that is written on one line."""
    made = CommentedMap(values)
    made.fa.set_flow_style()
    return made
