"""Every number of the report: it shows an indicator row and says which, or there is a reason why none is behind it."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from ge_analysis.ledgers.contract import contracts
from ge_analysis.notebook.saving import save
from ge_analysis.report import printed, proofs
from ge_analysis.report.markup import escape
from ge_analysis.report.project import write_project
from ge_analysis.review.candidates import find, printed_numbers
from ge_analysis.review.trace import trace as study_trace
from ge_analysis.settings.keys import KEYS
from ge_analysis.settings.registry import registry
from ge_analysis.study import Study

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
REASONS = {  # why a number of a chapter has no indicator behind it; what none of these takes must be a parameter or a word
    "anchor": r"\{[#.][^}]*\}|\]\([^)]*\)",
    "number of a figure or table": r"附?[图表] \d+(?:-\d+)?",
    "ordinal": r"^(?:#+ )?\d+\.\s?|^\| \d+ (?=\|)|（\d+）",
    "date": r"\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?|\d{1,2}月|\| \d{4} (?=\|)|\d{4}-\d{2}-\d{2}",
    "number of a law": r"〔\d{4}〕\d+号|第\d+号",
    "how many counties": r"\d+个(?:有结果的)?县（[市、区]+）|供区\d+个",
    "how many of what the chapter lists": r"政策文件\d+份|\d+类问题",
}


@pytest.fixture(scope="module")
def report(tmp_path_factory, ingested) -> tuple[Study, Path]:
    """The demonstration study of two counties, and the Quarto project of its report; its pictures are blank."""
    root = tmp_path_factory.mktemp("printed")
    study = Study.open(2021, shutil.copytree(ingested, root / "study"))
    chapters = "".join(path.read_text(encoding="utf-8") for path in (study.paths.report / "chapters").glob("*.j2"))
    for place in (*(unit.slug for unit in study.counties), "city"):
        save(str(study.paths.results(place)), study.compute(place), {}, [])
        folder = study.paths.results(place) / "figures"
        folder.mkdir(exist_ok=True)
        for name in re.findall(r'(?:"figures|~ ")/(\w+)"', chapters):
            (folder / f"{name}.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    build = root / "build"
    write_project(study, build)
    return study, build


def rows_of(study: Study) -> dict[tuple, tuple[float, float]]:
    """Value and n of each indicator row, by its key."""
    table = study.indicators()
    return dict(zip(zip(*(table[name] for name in KEYS), strict=True), zip(table["value"], table["n"], strict=True), strict=True))


def number_in(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-").removesuffix("%"))


def close(text: str, value: float) -> bool:
    """Whether a text is the value rounded to the text's decimals."""
    decimals = len(text.removesuffix("%").partition(".")[2])
    return abs(number_in(text) - value) <= 0.5 * 10**-decimals + 1e-9


def wrong(study: Study, build: Path) -> Iterator[dict]:
    """Yield the printed numbers that differ from their indicator rows."""
    rows, base = rows_of(study), study.params.method.connection.base
    for place in printed.read(build):
        keys = [tuple(key.get(name, "") for name in KEYS) for key in place["keys"]]
        found, text = [rows.get(key, (float("nan"), float("nan"))) for key in keys], place["text"]
        if place["shows"] == "n":
            right = text == f"{0 if pd.isna(found[0][1]) else int(found[0][1]):,}"
        elif text in ("缺", "—"):
            right = all(pd.isna(value) for value, _ in found)
        elif place["shows"] == "value":
            right = all(close(text, value) for value, _ in found)
        elif text.endswith("%"):  # a part of a whole
            right = close(text, 100 * found[0][0] / found[1][0])
        elif keys[0][1].endswith("_change_pct"):  # the sign is a word
            right = close(text, abs(found[0][0]))
        else:  # how far from the base year
            before = getattr(base, keys[0][3])
            name = {"procedures": "procedures", "time_working_days": "working_days", "cost_pct_income": "cost_pct_income"}
            right = close(text, abs(found[0][0] - getattr(before, name[keys[0][1]])))
        if not right:
            yield place | {"found": found}


def without_recorded(build: Path, file: str, places: list[dict]) -> list[str]:
    """The lines of a document, its recorded numbers blanked; a number that is not where the record says is an error."""
    lines = (build / file).read_text(encoding="utf-8").split("\n")
    for place in reversed([place for place in places if place["file"] == file]):
        line, offset = lines[place["line"] - 1], place["offset"]
        length = next(len(text) for text in (place["text"], escape(place["text"])) if line.startswith(text, offset))
        lines[place["line"] - 1] = line[:offset] + "◆" + line[offset + length :]
    return lines


def numbers(values: object) -> Iterator[float]:
    """Yield every number in parameters, and what it is in percent; those inside texts too."""
    if isinstance(values, dict):
        for value in values.values():
            yield from numbers(value)
    elif isinstance(values, (list, tuple)):
        for value in values:
            yield from numbers(value)
    elif isinstance(values, (int, float)):
        yield from (values, round(100 * values, 9))
    else:
        yield from map(number_in, NUMBER.findall(str(values)))


# Points of pillars, subcategories and indicators of B-READY, as its handbook prints them (method 12).
POINTS = {33.33, 25.0, 16.67, 11.11, 8.33, 5.56, 4.17, 3.7, 2.78, 2.08, 1.85, 0.93}


def unexplained(study: Study, build: Path) -> list[str]:
    """List the numbers of the chapters that no indicator row, no parameter and no written word accounts for."""
    known = {*numbers(study.params.model_dump())} | POINTS
    places, lost = printed.read(build), []
    words = [str(entry) for part in (registry().codes.values(), registry().indicators.values()) for entry in part]
    for place in ("city", *(unit.slug for unit in study.present)):
        for name, table in study.tables(place).items():
            texts = [field.name for field in contracts()[name].fields if field.type == "text"]
            words += [str(text) for column in texts if column in table for text in table[column].dropna().unique()]
    written = {number for text in words for number in NUMBER.findall(text)}
    for path in sorted(build.glob("chapters/*.qmd")):
        source = (study.paths.report / "chapters" / f"{path.name}.j2").read_text(encoding="utf-8")
        prose = NUMBER.findall(re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", source))
        for count, line in enumerate(without_recorded(build, f"chapters/{path.name}", places), 1):
            for reason in REASONS.values():
                line = re.sub(reason, "", line)
            lost += [
                f"{path.name} line {count}: {number} in {line[:80]}"
                for number in NUMBER.findall(line)
                if number not in prose and number not in written and number_in(number) not in known
            ]
    return lost


def test_every_recorded_number_agrees_with_its_indicator_rows(report):
    assert list(wrong(*report)) == []
    assert len(printed.read(report[1])) > 500


def test_every_other_number_of_the_chapters_has_a_reason(report):
    assert unexplained(*report) == []


def test_a_number_of_a_table_knows_its_cell(report):
    study, build = report
    cells = {
        (place["row"], place["column"]): (place["text"], place["keys"])
        for place in printed.read(build)
        if place.get("number") == "附表 2-1" and place["file"].startswith("chapters/")
    }
    second = study.counties[1].slug  # unit, urban SAIDI, urban SAIFI, rural SAIDI …
    value = study.indicators().set_index(KEYS)["value"][second, "saidi_hours", "rural", "", "", "", "", ""]
    text, keys = cells[2, 4]
    assert keys == [{"county": second, "indicator": "saidi_hours", "area": "rural"}] and close(text, value)
    assert len(cells) == 2 * 7


def test_a_number_without_an_indicator_is_found(report, tmp_path):
    study, build = report[0], shutil.copytree(report[1], tmp_path / "build")
    chapter = build / "chapters" / "34-score.qmd"
    before = chapter.read_text(encoding="utf-8")
    chapter.write_text(f"{before}共987654次。\n", encoding="utf-8")
    assert [lost.split(":")[0] for lost in unexplained(study, build)] == [f"34-score.qmd line {before.count(chr(10)) + 1}"]


def test_every_printed_number_leads_to_its_rows(report):
    study, build = report
    rows, record = rows_of(study), printed_numbers(build)
    places = printed.read(build)
    assert len(record) == sum(len(place["keys"]) for place in places) > 500
    for text in {number["text"] for number in record}:
        assert all(number in find(record, text) for number in record if number["text"] == text)
    for place in places:
        keys = [tuple(key.get(name, "") for name in KEYS) for key in place["keys"]]
        assert keys and (place["text"] in ("缺", "—") or set(keys) <= rows.keys()), place


def test_proofs_on_the_page_are_those_of_trace(report):
    study, build = report
    page = json.loads((build / "page.json").read_text(encoding="utf-8"))
    keys = {proofs.name(key): key for place in printed.read(build) for key in place["keys"] if proofs.name(key) in page["values"]}
    assert len(keys) > 200
    for name in sorted(keys)[:: len(keys) // 20]:
        key, value = keys[name], page["values"][name]
        dims = {each: code for each, code in key.items() if each not in ("county", "indicator")}
        answer = study_trace(study, key["county"], key["indicator"], **dims)
        line = answer.line
        assert value["formula"] == answer.formula
        for column in ("numerator", "denominator", "n"):
            assert value[column] == ("" if line[column] is None else f"{line[column]:,.8g}")
        own = [row for row in answer.rows if row.value_of == name]
        assert value["count"] == len(own)
        traced = {(row.place, row.source_file, row.source_sheet, row.source_row): row.numerator for row in own}
        heaviest = sorted(traced.values(), key=abs, reverse=True)
        for rank, (at, numerator, *_) in enumerate(value.get("rows", [])):
            place, _, *source = page["rows"][at][:5]
            assert numerator == f"{heaviest[rank]:,.6g}"
            assert (place, *source) in traced
        below = [branch for branch in answer.tree if branch.depth == 1]
        assert [number for *_, number in value["of"]] == [f"{branch.value:,.8g}" for branch in below]
