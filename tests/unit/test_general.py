"""Nothing of one study is built in: names of places, companies and years are in params/ and in the demonstrations' data only."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ge_analysis.settings import parameters

ROOT = Path(__file__).parents[2]
STUDY = parameters.load(ROOT)
OF_ONE_STUDY = re.compile(
    "|".join(
        [
            *("吕梁", "山西", "晋中", "晋[政能发电]", "太原", "地电", "国网", "国家电网", r"(?i:l[uü]liang)", r"(?i:shanxi)"),
            *(unit.name for unit in STUDY.counties),
            *(rf"\b{unit.slug}\b" for unit in STUDY.counties),
            r"(?<!\d)14\d{4}(?!\d)",
            r"(?<!\d)2021(?!\d)",
        ]
    )
)
DATA = ("demo/luliang/", "demo/yunze/", "demo/cities.yml")  # cities of the demonstrations
DEFAULT = {  # the company that most cities have
    "ledgers/contracts/connections.yml": {"国网"},  # the app of one of the two national companies; the other's is there too
    "starting/answers.py": {"国网"},
    "cli/starting.py": {"国网"},
}
PUBLISHED = {  # published in that year, wherever the study is
    "demo/general/city.yml": {"2021"},
    "demo/faults.yml": {"2021"},  # moved to the study's year
}


def said_in_code(path: Path) -> Iterator[str]:
    """Yield the names and constants of a module, without its docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            yield str(node.value)
        elif isinstance(node, ast.Name | ast.Attribute):
            yield node.id if isinstance(node, ast.Name) else node.attr


def said_in(path: Path) -> str:
    if path.suffix == ".py":
        return "\n".join(said_in_code(path))
    if path.suffix == ".ipynb":
        return "\n".join("".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"])
    return path.read_text("utf-8")


def files() -> list[Path]:
    found = [path for folder in ("src", "notebooks", "report", "params/schema") for path in (ROOT / folder).rglob("*")]
    kinds = {".py", ".yml", ".j2", ".ipynb", ".json", ".md", ".css", ".scss", ".lua", ".typ", ".txt"}
    made = {"_build", "_output", "__pycache__", ".ipynb_checkpoints"}
    whole = [path for path in found if path.is_file() and path.suffix in kinds and not made & {*path.parts}]
    return [path for path in whole if not named(path).startswith(DATA)]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix().removeprefix("src/ge_analysis/")


@pytest.mark.parametrize("path", files(), ids=named)
def test_nothing_of_one_study_is_built_in(path):
    name = named(path)
    allowed = DEFAULT.get(name, set()) | PUBLISHED.get(name, set())
    assert {*OF_ONE_STUDY.findall(said_in(path))} <= allowed


def test_names_built_into_code_are_found(tmp_path):
    module = tmp_path / "module.py"
    module.write_text('"""Of 2021."""\nyear = 2021\nname = "国网"\nlishi = 1\n\n\ndef f():\n    """临县"""\n', encoding="utf-8")
    assert OF_ONE_STUDY.findall(said_in(module)) == ["2021", "国网", "lishi"]
