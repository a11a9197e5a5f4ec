"""The finished report, searched for contradictions and for briefs that repeat each other."""

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from ge_analysis.report import printed

CLAUSE = 12  # characters in a row that two texts must share


def unescaped(path: Path) -> str:
    """The text of a document as a reader sees it, tables with their bars, links as their text."""
    text = re.sub(r"\\(.)", r"\1", path.read_text(encoding="utf-8"))
    return re.sub(r"\[([^\]]*)\]\(#[^)]*\)", r"\1", text)


def register(build: Path) -> dict[int, str]:
    """Number and title of each problem in the table of measures."""
    chapter = unescaped(build / "chapters" / "50-measures.qmd")
    return {int(number): title for number, title in re.findall(r"^\| (\d+) \| ([^|：]+)：", chapter, re.MULTILINE)}


def contradictions(build: Path) -> Iterator[str]:
    """Yield the contradictions of a report."""
    chapters = {path.name: unescaped(path) for path in sorted((build / "chapters").glob("*.qmd"))}
    answered = register(build)
    reported = [
        (int(number), title)
        for name, text in chapters.items()
        for title, number in re.findall(r"^- ([^（\n]+)（问题(\d+)）：", text, re.MULTILINE)
        if name[0] in "34"
    ]
    for number, title in answered.items():
        if reported.count((number, title)) != 1:
            yield f"problem {number} {title} is reported {reported.count((number, title))} times"
    yield from (f"problem {number} {title} has no measure" for number, title in reported if answered.get(number) != title)
    for name, text in chapters.items():
        for numbers in re.findall(r"问题(\d+(?:、\d+)*)", text):
            yield from (f"{name} refers to problem {number}" for number in numbers.split("、") if int(number) not in answered)
    yield from _targets(chapters)
    yield from _numbers(build)


def _targets(chapters: dict[str, str]) -> Iterator[str]:
    """The targets of outage hours: the list in the text against the table of targets."""
    listed = dict(re.findall(r"^- \*\*(中心区|市区|城镇|农村)。\*\*(.*)。$", chapters["31-reliability.qmd"], re.MULTILINE))
    tabled = dict(
        re.findall(r"^\| (中心区|市区|城镇|农村)系统平均停电时间.*\| ([^|]+) \|$", chapters["51-targets.qmd"], re.MULTILINE)
    )
    for area, states in tabled.items():
        if listed.get(area) != states:
            yield f"{area}: {listed.get(area)} in the text, {states} in the table"


def _numbers(build: Path) -> Iterator[str]:
    """One indicator row is printed the same way wherever its value is printed."""
    shown: dict[str, set[str]] = {}
    for place in printed.read(build):
        if place["shows"] == "value" and len(place["keys"]) == 1:
            shown.setdefault(str(place["keys"]), set()).add(str(place["text"]).lstrip("+−").replace("缺", "—"))
    yield from (f"{keys} is printed as {texts}" for keys, texts in shown.items() if len(texts) > 1)


def in_common(build: Path) -> dict[tuple[str, str], float]:
    """Share of text that each two briefs have in common: clauses of twelve characters, of the shorter brief."""
    clauses = {}
    for path in sorted(build.glob("counties/*.qmd")):
        text = re.sub(r"!\[[^\]]*\]\S*|\{[^}]*\}|[\s|:-]", "", unescaped(path).split("---\n", 2)[2])
        clauses[path.stem] = {text[start : start + CLAUSE] for start in range(len(text) - CLAUSE + 1)}
    return {
        (one, other): len(clauses[one] & clauses[other]) / min(len(clauses[one]), len(clauses[other]))
        for one, other in combinations(clauses, 2)
    }
