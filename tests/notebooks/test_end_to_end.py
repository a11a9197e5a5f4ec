"""The real notebooks on a study of two counties: raw workbooks to docx, pdf and html, and what follows from a correction."""

import re
import shutil
import zipfile
from datetime import datetime
from pathlib import Path

import nbformat
import openpyxl
import pandas as pd
import pytest
from docx import Document
from lxml import html
from pypdf import PdfReader
from reading import contradictions, in_common
from runner_study import ge, hashes

from ge_analysis.report.facts import Facts
from ge_analysis.report.project import write_project
from ge_analysis.study import Study

SLUGS = ("linxian", "wenshui")
CAPTIONS = ("图 3-1", "图 3-2", "表 2-1")
CHAPTERS = ("工作背景与目标", "指标体系", "现状分析", "市场主体感受", "对策建议")
TEMPLATE_MARKS = re.compile(r"\{\{|\}\}|\{%|%\}|:::|\bnan\b|None|�")


def saidi_by_hand(root: Path, slug: str) -> float:
    """Sum duration × customers step by step (method 1), over the customers served [h]."""
    tables = root / "data" / "processed" / "2021" / "tables" / slug
    start, end = datetime(2020, 1, 1), datetime(2021, 1, 1)
    total = 0.0
    for step in pd.read_parquet(tables / "outages.parquet").to_dict("records"):
        begun, back = step["started"].to_pydatetime(), step["restored"].to_pydatetime()
        if (back - begun).total_seconds() <= 180:
            continue
        seconds = (min(back, end) - max(begun, start)).total_seconds()
        total += max(seconds, 0) / 3600 * step["customers"]
    served = pd.read_parquet(tables / "customers.parquet")
    return total / served.loc[served["unit"] == "mv", "customers_served"].sum()


@pytest.fixture(scope="module")
def built(tmp_path_factory, built_root) -> Path:
    """A finished study; tests of this module that change it do so in the order of the file."""
    return shutil.copytree(built_root, tmp_path_factory.mktemp("report") / "study")


@pytest.fixture(scope="module")
def output(built) -> Path:
    return built / "report" / "_output" / "2021"


@pytest.fixture(scope="module")
def pages(output) -> list[str]:
    """The text of each page of the pdf, as it was first made."""
    return [page.extract_text() for page in PdfReader(output / "report.pdf").pages]


def indicators(built: Path, slug: str) -> pd.DataFrame:
    return pd.read_parquet(built / "data" / "processed" / "2021" / "counties" / slug / "indicators.parquet")


def saidi(built: Path, slug: str) -> float:
    table = indicators(built, slug)
    row = table[
        (table["indicator"] == "saidi_hours")
        & (table["area"] == "all")
        & (table[["voltage", "kind", "item", "by"]] == "").all(axis=1)
    ]
    assert len(row) == 1
    return row["value"].item()


@pytest.mark.parametrize("place", ["counties/linxian/county", "counties/wenshui/county", "city/city"])
def test_executed_notebooks_hold_no_error_and_no_warning(built, place):
    notebook = nbformat.read(built / "data" / "processed" / "2021" / f"{place}.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    outputs = [output for cell in code for output in cell.outputs]
    assert all(cell.execution_count for cell in code)
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    assert any("image/png" in output.get("data", {}) or "image/svg+xml" in output.get("data", {}) for output in outputs)


@pytest.mark.parametrize("slug", SLUGS)
def test_saidi_is_what_a_step_by_step_sum_gives(built, slug):
    assert saidi(built, slug) == pytest.approx(saidi_by_hand(built, slug), rel=1e-12)


def test_docx_holds_chapters_captions_and_figures(built, output):
    document = Document(output / "report.docx")
    text = "\n".join(
        paragraph.text for paragraph in document.element.body.iter() if hasattr(paragraph, "text") and paragraph.text
    )
    headings = [p.text for p in document.paragraphs if p.style.name.lower().startswith("heading 1")]
    assert all(any(name in heading for heading in headings) for name in CHAPTERS), headings
    assert all(caption in text for caption in CAPTIONS)
    assert all(name in text for name in ("临县", "文水县"))
    assert not TEMPLATE_MARKS.search(text)
    assert len(document.inline_shapes) >= 5
    assert all(shape._inline.docPr.get("descr") for shape in document.inline_shapes)


def test_html_holds_chapters_captions_and_figures_in_one_file(output):
    page = html.parse(output / "report.html").getroot()
    text = page.body.text_content()
    assert all(name in text for name in CHAPTERS)
    assert all(caption in text for caption in CAPTIONS)
    visible = " ".join(page.body.xpath("//body//*[not(self::script or self::style)]/text()"))
    assert not TEMPLATE_MARKS.search(visible)
    beside = ("report.docx", "report.pdf", "report-data.xlsx", "counties/")
    outside = [link for _, _, link, _ in page.iterlinks() if not link.startswith(("#", "data:", "http", *beside))]
    loaded = page.xpath("//img/@src | //script/@src | //link[@rel='stylesheet']/@href")
    assert not outside
    assert all(source.startswith("data:") for source in loaded)


def test_pdf_holds_chapters_captions_and_embedded_fonts(output, pages):
    reader, text = PdfReader(output / "report.pdf"), "\n".join(pages)
    assert all(name in text for name in CHAPTERS)
    assert all(re.search(caption.replace(" ", r"\s*"), text) for caption in CAPTIONS)
    assert not TEMPLATE_MARKS.search(text)
    assert reader.outline
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"].get("/Font", {}).values()]
    descriptors = [
        font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() for font in fonts if "/DescendantFonts" in font
    ]
    assert descriptors
    assert all({"/FontFile2", "/FontFile3"} & set(descriptor) for descriptor in descriptors)


def test_the_report_says_that_the_data_is_synthetic(output, pages):
    assert "合成" in pages[0]
    assert all("合成" in text for text in pages if text.strip())  # the back of the cover is blank
    with zipfile.ZipFile(output / "report.docx") as parts:
        footers = [parts.read(name).decode() for name in parts.namelist() if "footer" in name]
    assert any("合成" in footer for footer in footers)
    assert "合成" in (output / "report.html").read_text(encoding="utf-8")


def test_numbers_in_the_report_come_from_the_study(built, pages):
    for slug in SLUGS:
        assert f"{saidi_by_hand(built, slug):.2f}" in "\n".join(pages)


def test_chapters_ask_only_for_figures_that_the_study_has(built, tmp_path, monkeypatch):
    # a dimension left out or misspelt would read as "missing" in every study
    lost = set()
    row = Facts.row

    def noted(self, indicator, place="city", **dims):
        found = row(self, indicator, place, **dims)
        if found is None and indicator != "investment_wan_yuan":  # money need not have a year
            lost.add((indicator, *dims.items()))
        return found

    monkeypatch.setattr(Facts, "row", noted)
    write_project(Study.open(2021, built), tmp_path / "project")
    assert not lost


def test_the_report_does_not_contradict_itself_and_briefs_differ(built):
    build = built / "report" / "_build" / "2021"
    assert [*contradictions(build)] == []
    assert max(in_common(build).values()) < 1 / 3


def test_each_county_has_a_brief(output):
    for slug in SLUGS:
        assert (output / "counties" / f"{slug}.docx").is_file()
        assert len(PdfReader(output / "counties" / f"{slug}.pdf").pages) <= 2


def test_a_second_build_changes_nothing(built):
    before = {
        path: path.stat().st_mtime_ns
        for path in (built / "data" / "processed").rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }
    before |= {path: path.stat().st_mtime_ns for path in (built / "report" / "_output").rglob("*") if path.is_file()}
    ge(built, "build")
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.parametrize("text", ["{", "[]", '{"report.pdf": {"source": "1"}}'])
def test_a_damaged_record_of_the_report_counts_as_absent(built, output, text):
    record = output / ".made.json"
    before = record.read_bytes()
    record.write_text(text, encoding="utf-8")
    try:
        assert "report.docx is missing or was made from something else" in ge(built, "status")
    finally:
        record.write_bytes(before)


def test_a_changed_outage_changes_its_county_and_the_city_only(built, output):
    folder = built / "data" / "processed" / "2021"
    before, report = hashes(folder), hashes(output)
    old = saidi(built, "linxian")
    larger_outage(built / "data" / "raw" / "2021" / "linxian")

    assert "linxian" in ge(built, "status")
    ge(built, "run", "linxian")
    ge(built, "report")

    changed = {name for name, content in hashes(folder).items() if before.get(name) != content}
    assert {name.split("/")[1] for name in changed if name.startswith("counties/")} == {"linxian"}
    assert "city/indicators.parquet" in changed
    assert not [name for name in changed if "wenshui" in name]
    new = saidi(built, "linxian")
    assert new > old
    assert new == pytest.approx(saidi_by_hand(built, "linxian"), rel=1e-12)
    after = hashes(output)
    assert all(after[f"report.{form}"] != report[f"report.{form}"] for form in ("docx", "pdf", "html"))
    assert after["counties/linxian.pdf"] != report["counties/linxian.pdf"]


def larger_outage(folder: Path) -> None:
    """Add customers to one outage in the county's workbook."""
    for path in sorted(folder.glob("*.xlsx")):
        workbook = openpyxl.load_workbook(path)
        for sheet in workbook:
            for cell in (cell for row in sheet.iter_rows(max_row=8) for cell in row):
                if cell.value in {"停电用户数", "停电户数", "影响户数"}:
                    customers = sheet.cell(cell.row + 3, cell.column)
                    customers.value = (
                        int(customers.value) + 1000
                        if not isinstance(customers.value, str)
                        else customers.value.replace(",", "") + "0"
                    )
                    workbook.save(path)
                    return
    raise AssertionError(f"no outage sheet in {folder}")


def test_a_broken_county_is_missing_by_name_and_the_others_go_on(built, output):
    folder = built / "data" / "raw" / "2021" / "linxian"
    for path in folder.glob("*.xlsx"):
        path.write_bytes(b"broken")
    reported = ge(built, "build", code=1)
    assert "linxian" in reported
    assert "Traceback" not in reported
    text = "\n".join(page.extract_text() for page in PdfReader(output / "report.pdf").pages)
    assert re.search(r"临县.{0,60}(缺|未)", text.replace("\n", ""))
    assert (output / "counties" / "wenshui.pdf").is_file()
