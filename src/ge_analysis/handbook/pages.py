"""The generated pages of docs/, made from docstrings, parameters, contracts and the registry."""

import inspect
import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType

from ge_analysis.handbook import chapters, house
from ge_analysis.handbook.ledgers import page
from ge_analysis.settings.registry import Entry, registry
from ge_analysis.storage.files import write_text

MODULES = (
    "interruptions",
    "frequent",
    "reliability",
    "score",
    "connection",
    "cost",
    "working_days",
    "price",
    "convenience",
    "survey",
    "incentives",
    "b_ready",
)
SECTIONS = ("Parameters", "Returns", "Raises", "References", "Examples")
INTRODUCTION = """Thresholds are in `params/<year>/method/*.yml`, formulas in `ge_analysis.indicators`, and their application to
the ledgers in `ge_analysis.indicators.topics`. "Method 1" to "Method 9" in references are the clauses of the study's method:
1 supply reliability, 2 index of reliability and tariff transparency, 3 scores, 4 connection, 5 price, 6 convenience, 7 survey,
8 issues, targets and incentives, 9 tracing. Choices where the sources are silent: [assumptions](assumptions.md).
"""
STANDARDS = """下列名称凭行业惯例列出，没有对照标准原文，使用前请由研究组工程师与 DL/T 836 核对。
"""
PICTURE = "<!-- the house: made by `make docs` -->"
MADE = "<!-- Made by `python -m ge_analysis.handbook`; edit the docstrings or registry.yml instead. -->\n"


def methodology() -> str:
    """Return all public formulas with units, sources and worked examples, as Markdown."""
    parts = [MADE, "# Methodology\n", INTRODUCTION]
    for name in MODULES:
        module = import_module(f"ge_analysis.indicators.{'topics.' if name == 'convenience' else ''}{name}")
        parts.append(f"## {module.__name__.removeprefix('ge_analysis.')}\n\n{inspect.getdoc(module)}\n")
        parts += [_function(function) for function in _public(module)]
    return "\n".join(parts)


def glossary() -> str:
    """Return the indicators, the ledgers' fields and the codes, as Markdown tables."""
    entries = registry()
    sets = entries.codes.items()
    return "\n".join(
        [
            MADE,
            "# 术语表（Glossary）\n",
            "## 指标\n",
            *_table(entries.indicators),
            "\n## 标准中的名称\n",
            STANDARDS,
            *_standards(entries.indicators),
            "\n## 台账字段\n",
            *_table(entries.fields),
            "\n## 代码\n",
            "| 代码集 | 代码（中文） |",
            "|---|---|",
            *(f"| `{name}` | {'、'.join(f'`{code}`（{text}）' for code, text in codes.items())} |" for name, codes in sets),
            "",
        ]
    )


def developing(text: str) -> str:
    """Return docs/developing.md with the picture of the house redrawn between its two marks."""
    before, _, rest = text.partition(PICTURE)
    _, _, after = rest.partition(PICTURE)
    return f"{before}{PICTURE}\n{house.picture()}{PICTURE}{after}"


def write(root: Path) -> None:
    """Write the documents to `root/docs/`."""
    docs = root / "docs"
    write_text(docs / "methodology.md", methodology())
    write_text(docs / "glossary.md", glossary())
    write_text(docs / "chapters.md", chapters.page())
    write_text(docs / "ledgers.md", page())
    write_text(docs / "zh" / "ledgers.md", page(chinese=True))
    by_hand = docs / "developing.md"
    write_text(by_hand, developing(by_hand.read_text(encoding="utf-8")))


def _public(module: ModuleType) -> Iterator[FunctionType]:
    """Yield the module's own public functions in source order."""
    for name, member in vars(module).items():
        if inspect.isfunction(member) and not name.startswith("_") and member.__module__ == module.__name__:
            yield member


def _function(function: FunctionType) -> str:
    """Return one function: heading, description, and its sections."""
    text = inspect.getdoc(function) or ""
    pieces = re.split(rf"^({'|'.join(SECTIONS)})\n-+\n", text, flags=re.MULTILINE)
    lines = [f"### `{function.__name__}{_signature(function)}`\n", pieces[0]]
    for title, body in zip(pieces[1::2], pieces[2::2], strict=True):
        lines.append(f"**{title}**\n")
        lines.append(f"```python\n{body.rstrip()}\n```\n" if title == "Examples" else _entries(body))
    return "\n".join(lines)


def _signature(function: FunctionType) -> str:
    return "(" + ", ".join(name for name in inspect.signature(function).parameters) + ")"


def _entries(body: str) -> str:
    """Return a section's entries as a list: unindented lines begin an entry, indented lines continue it."""
    found: list[str] = []
    for line in body.strip("\n").splitlines():
        if line.startswith(" ") and found:
            found[-1] += (" — " if " — " not in found[-1] else " ") + line.strip()
        elif line.strip():
            found.append(line.strip())
    return "\n".join(f"* {entry}" for entry in found) + "\n"


def _standards(entries: dict[str, Entry]) -> Iterable[str]:
    yield "| 本研究 | 标准名称（待与 DL/T 836 核对） |"
    yield "|---|---|"
    for entry in entries.values():
        if entry.standard:
            yield f"| {entry.label} {entry.symbol} | {entry.standard} |"


def _table(entries: dict[str, Entry]) -> Iterable[str]:
    yield "| 中文 | 英文（代码） | 符号 | 单位 | 小数位 | 说明 |"
    yield "|---|---|---|---|---:|---|"
    for name, entry in entries.items():
        yield f"| {entry.label} | `{name}` | {entry.symbol} | {entry.unit} | {entry.decimals} | {entry.description} |"
