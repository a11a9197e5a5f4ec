"""The pdf of the sample report."""

import re

import pytest
from pypdf import PdfReader
from sample_project import CAPTIONS, HEADINGS, HOSTILE, title_heights

from ge_analysis.report.render import render_project


@pytest.fixture(scope="module")
def reader(rendered):
    return PdfReader(rendered / "report.pdf")


@pytest.fixture(scope="module")
def words(reader):
    """All text of the pdf without white space."""
    return "".join("".join(page.extract_text().split()) for page in reader.pages)


def squeezed(text):
    return "".join(text.split())


def flat(outline):
    return [one for entry in outline for one in (flat(entry) if isinstance(entry, list) else [entry.title])]


def fonts(reader):
    for page in reader.pages:
        yield from (font.get_object() for font in page["/Resources"].get("/Font", {}).values())


def test_every_heading_is_a_bookmark(reader):
    deeper = {"（1）计划停电", "（2）故障停电"}
    assert [title for title in flat(reader.outline) if title not in deeper] == HEADINGS


def test_captions_and_hostile_text_are_plain(words):
    for text in (*CAPTIONS, *HOSTILE):
        assert squeezed(text) in words


def test_metadata(reader):
    assert reader.metadata.title == "吕梁市优化营商环境“获得电力”专项提升报告"
    assert reader.metadata.author == "吕梁市能源局"
    assert reader.metadata.creation_date.isoformat().startswith("2021-12-20T12:00")
    assert reader.root_object["/Lang"] == "zh-CN"


def test_title_with_a_boxed_phrase_is_straight_and_its_lines_42_points_apart(rendered):
    first, *second = title_heights(rendered).items()
    assert first[0] == "吕梁市优化营商环境"
    assert [text for text, _ in second] == ["“获得电力”", "专项提升报告"]
    assert [first[1] - height for _, height in second] == pytest.approx([42, 42])  # type of 26 points, leading of 16


def test_tagged_and_archival(reader):
    assert reader.root_object["/MarkInfo"]["/Marked"]
    xmp = reader.root_object["/Metadata"].get_object().get_data().decode()
    assert "pdfuaid:part>1<" in xmp
    assert "pdfaid:part>2<" in xmp


def test_cover_and_captions_are_paragraphs(reader):
    (document,) = reader.root_object["/StructTreeRoot"]["/K"]
    assert "/Span" not in {child.get_object()["/S"] for child in document.get_object()["/K"]}


def test_fonts_are_embedded(reader):
    found = list(fonts(reader))
    assert found
    for font in found:
        below = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & below.keys()


def test_figures_are_vectors(reader):
    for page in reader.pages:
        objects = (one.get_object() for one in page["/Resources"].get("/XObject", {}).values())
        assert not [one for one in objects if one["/Subtype"] == "/Image"]


def test_cover_without_number_then_roman_then_arabic(reader):
    assert reader.page_labels[2:9] == ["I", "II", "III", "IV", "1", "2", "3"]
    numbers = [re.findall("— (.+?) —", page.extract_text()) for page in reader.pages]
    assert numbers[:8] == [[], [], ["I"], ["II"], ["III"], [], ["1"], ["2"]]


def test_number_at_the_outer_edge(reader):
    for index, page in enumerate(reader.pages):
        places = []
        page.extract_text(visitor_text=lambda text, matrix, *_, places=places: places.append((text.strip(), matrix[4])))
        number = [x for text, x in places if text.startswith("—") and text.endswith("—")]
        if number:
            assert (number[0] > page.mediabox.width / 2) == (index % 2 == 0)


def test_no_line_begins_with_the_sign_of_a_range(project, tmp_path):
    text = "".join(f"{'县' * number}为57～59天。" for number in range(1, 60))
    chapter = project / "chapters" / "02-findings.qmd"
    chapter.write_text(f"{chapter.read_text(encoding='utf-8')}\n{text}\n", encoding="utf-8")
    (pdf,) = render_project(project, tmp_path / "out", ["pdf"], "embedded", only=["report"])
    lines = [line.strip("\u2060 ") for page in PdfReader(pdf).pages for line in page.extract_text().splitlines()]
    assert sum(line.count("～") for line in lines) >= 59
    assert not [line for line in lines if line.startswith("～")]


def test_landscape_only_where_asked(reader):
    wide = [page for page in reader.pages if page.mediabox.width > page.mediabox.height]
    assert len(wide) == 1
    assert "横页表" in wide[0].extract_text()


def test_table_header_is_repeated_on_the_next_page(reader):
    pages = [page for page in reader.pages if "农村停电次数" in page.extract_text()]
    assert len(pages) == 2


def test_notice_on_the_cover_and_in_every_foot(reader):
    with_text = [page.extract_text() for page in reader.pages if page.extract_text().strip()]
    assert all("演示数据" in text for text in with_text)


def test_brief_is_a_short_document_without_cover(rendered):
    brief = PdfReader(rendered / "counties" / "linxian.pdf")
    text = brief.pages[0].extract_text()
    assert len(brief.pages) == 1
    assert "临县“获得电力”简报" in text
    assert "— 1 —" in text
