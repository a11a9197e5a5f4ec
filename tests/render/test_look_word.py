"""The sample report's Word files as LibreOffice sees them."""

import re
import subprocess
from copy import deepcopy
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader
from sample_project import CAPTIONS, HEADINGS

from ge_analysis.report.kept import keep

pytestmark = pytest.mark.look


@pytest.fixture(scope="module")
def converted(rendered, tmp_path_factory):
    """The Word files as LibreOffice prints them."""
    return convert([rendered / name for name in ("report.docx", "counties/linxian.docx")], tmp_path_factory.mktemp("libreoffice"))


def office(files: list[Path], folder: Path, form: str) -> None:
    command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", form]
    subprocess.run([*command, "--outdir", str(folder), *map(str, files)], capture_output=True, check=True, timeout=300)


def convert(files: list[Path], folder: Path) -> dict[str, PdfReader]:
    office(files, folder, "pdf")
    return {path.stem: PdfReader(path) for path in folder.glob("*.pdf")}


def squeezed(reader):
    return ["".join(page.extract_text().split()) for page in reader.pages]


def test_libreoffice_prints_the_same_headings_and_captions(converted):
    text = "".join(squeezed(converted["report"]))
    assert "Error" not in text
    for wanted in (*HEADINGS, *CAPTIONS):
        assert "".join(wanted.split()) in text


def test_contents_of_the_word_file_give_the_pages_that_libreoffice_makes(converted):
    pages = squeezed(converted["report"])
    contents = next(page for page in pages if "目录" in page)
    for heading, start in (("一、工作背景与指标", "用户平均"), ("二、问题与原话", "（一）原话")):
        reported = re.search(re.escape(heading) + r"\.+(\d+)", contents)[1]
        page = next(page for page in pages if heading + start in page)
        assert f"—{reported}—" in page


def test_caption_added_in_word_joins_the_list_and_the_later_ones_count_on(rendered, tmp_path):
    document = Document(str(rendered / "report.docx"))
    caption = next(one for one in document.paragraphs if one.style.name == "Table Caption" and one.text.startswith("表 2-1"))
    added = deepcopy(caption._p)
    for mark in [*added.iter(qn("w:bookmarkStart")), *added.iter(qn("w:bookmarkEnd"))]:
        mark.getparent().remove(mark)
    list(added.iter(qn("w:t")))[-1].text = "添加的表"
    caption._p.addprevious(added)
    document.save(str(tmp_path / "report.docx"))
    text = "".join(squeezed(convert([tmp_path / "report.docx"], tmp_path)["report"]))
    assert re.findall(r"表2-\d(?=添加的表|受访者原话|横页表)", text.split("二、问题与原话")[-1]) == ["表2-1", "表2-2", "表2-3"]


def test_file_saved_by_libreoffice_holds_only_the_edits_of_its_author(rendered, tmp_path):
    document = Document(str(rendered / "report.docx"))
    one = next(one for one in document.paragraphs if one.text.startswith("用户平均停电时间"))
    one.runs[0].text = f"经核实，{one.runs[0].text}"
    document.save(str(tmp_path / "report.docx"))
    office([tmp_path / "report.docx"], tmp_path / "saved", "docx:MS Word 2007 XML")
    (edit,) = keep(tmp_path / "saved" / "report.docx", rendered / "report.docx", tmp_path / "kept.docx")
    assert edit.edited.startswith("经核实，用户平均停电时间")


def test_brief_stays_short_in_libreoffice(converted):
    assert len(converted["linxian"].pages) == 1
