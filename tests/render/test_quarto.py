"""What an installed Quarto makes of the sample says the same as what the embedded engine makes."""

import re
import shutil

import pytest
from bs4 import BeautifulSoup
from docx import Document
from pypdf import PdfReader
from sample_project import HERE, REPORT, title_heights

from ge_analysis.report.render import equip, render_project
from ge_analysis.report.source import quarto_installed

pytestmark = pytest.mark.skipif(not quarto_installed(), reason="there is no quarto command to compare with")


@pytest.fixture(scope="module")
def by_quarto(tmp_path_factory):
    """Folder with the sample's finished files, made by Quarto."""
    build, output = tmp_path_factory.mktemp("quarto") / "build", tmp_path_factory.mktemp("output")
    shutil.copytree(HERE / "sample", build)
    equip([REPORT], build)
    render_project(build, output, engine="quarto")
    return output


def word(folder):
    """Paragraphs with their styles, and the cells of all tables, of the Word file."""
    document = Document(str(folder / "report.docx"))
    styled = [(p.style.name, p.text) for p in document.paragraphs]
    return styled, [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]


def page(folder):
    """Headings, captions, table cells and paragraphs of the html file."""
    soup = BeautifulSoup((folder / "report.html").read_text(encoding="utf-8"), "html.parser")
    return [[one.get_text().strip() for one in soup.select(f"main {tag}")] for tag in ("h2", "h3", "h4", "caption", "td", "p")]


def printed(folder):
    """Bookmarks of the pdf, and its numbers in their order, but those of pages: another Typst breaks some elsewhere."""

    def titles(outline):
        return [one for entry in outline for one in (titles(entry) if isinstance(entry, list) else [entry.title])]

    reader = PdfReader(folder / "report.pdf")
    text = re.sub(r"— \w+ —|\. *\. *\. *\w+", "", "\n".join(one.extract_text() for one in reader.pages))
    return titles(reader.outline), re.findall(r"\d+(?:\.\d+)?", text)


@pytest.mark.parametrize("read", [word, page, printed, title_heights])
def test_both_engines_give_the_same_title_text_tables_and_numbers(rendered, by_quarto, read):
    assert read(by_quarto) == read(rendered)
