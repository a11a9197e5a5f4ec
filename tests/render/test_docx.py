"""The Word file of the sample report."""

import re
import zipfile
from datetime import datetime

import pytest
from docx import Document
from docx.oxml.ns import qn
from lxml import etree
from pypdf import PdfReader
from sample_project import CAPTIONS, CONTENTS, HEADINGS, HOSTILE

from ge_analysis.report.render import render_project

# children of w:pPr in the order of the schema, as far as the report uses them
ORDER = "pStyle keepNext keepLines pageBreakBefore numPr pBdr tabs spacing ind jc rPr sectPr"
PROPERTIES = [qn(f"w:{name}") for name in ORDER.split()]


@pytest.fixture(scope="module")
def document(rendered):
    return Document(str(rendered / "report.docx"))


@pytest.fixture(scope="module")
def styles(document):
    return {style.name: style for style in document.styles}


def flat(outline):
    return [one for entry in outline for one in (flat(entry) if isinstance(entry, list) else [entry])]


def texts(document, style):
    return [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == style]


def test_headings_and_captions_in_their_styles(document):
    found = [p.text for p in document.paragraphs if p.style.name in {"Heading 1", "Heading 2", "Heading 3"}]
    assert found == HEADINGS
    captions = [p.text for p in document.paragraphs if p.style.name in {"Image Caption", "Table Caption"}]
    assert captions == CAPTIONS


def test_hostile_text_is_plain(document):
    cells = [row.cells[1].text for row in document.tables[1].rows]
    assert cells[1:] == HOSTILE


def test_east_asian_and_latin_font_on_defaults_and_styles(document, styles):
    fonts = document.styles.element.find(f"{qn('w:docDefaults')}//{qn('w:rFonts')}")
    assert fonts.get(qn("w:eastAsia")) == "仿宋"
    assert fonts.get(qn("w:ascii")) == "Times New Roman"
    faces = {"Title": "方正小标宋简体", "Heading 1": "黑体", "Heading 2": "楷体", "Heading 3": "仿宋", "Caption": "黑体"}
    for name, face in faces.items():
        assert styles[name].element.rPr.rFonts.get(qn("w:eastAsia")) == face


def test_body_is_16_point_on_28_with_an_indent_of_two_characters(styles):
    assert styles["Normal"].font.size.pt == 16
    assert styles["Normal"].paragraph_format.line_spacing.pt == 28
    assert styles["Body Text"].element.pPr.ind.get(qn("w:firstLineChars")) == "200"


def test_page_is_a4_with_the_margins_of_the_standard(document):
    for section in document.sections:
        assert sorted((round(section.page_width.mm), round(section.page_height.mm))) == [210, 297]
        margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
        sides = [round(side.mm) for side in margins]
        assert sides == ([37, 35, 28, 26] if section.page_width < section.page_height else [28, 26, 35, 37])


def test_cover_has_no_number_front_is_roman_body_starts_at_1(document):
    cover, front, body = document.sections[:3]
    assert not cover._sectPr.findall(qn("w:footerReference"))
    numbers = [section._sectPr.find(qn("w:pgNumType")) for section in (front, body)]
    assert [(n.get(qn("w:fmt")), n.get(qn("w:start"))) for n in numbers] == [("upperRoman", "1"), ("decimal", "1")]
    later = [section._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) for section in document.sections[3:]]
    assert later == [None] * len(later)
    assert [section.orientation for section in document.sections] == [0, 0, 0, 1, 0]


def test_page_number_at_the_outer_edge_and_notice_in_every_foot(document):
    assert document.settings.odd_and_even_pages_header_footer
    last = document.sections[-1]
    for footer, side in ((last.footer, "right"), (last.even_page_footer, "left")):
        number, notice = footer.paragraphs
        assert number.text == "— 1 —"
        assert number._p.pPr.find(qn("w:jc")).get(qn("w:val")) == side
        assert "演示数据" in notice.text


def test_contents_hold_chapters_and_sections_with_their_page_in_the_pdf_and_can_be_updated(document, rendered):
    reader = PdfReader(rendered / "report.pdf")
    pages = {place.title: reader.page_labels[reader.get_destination_page_number(place)] for place in flat(reader.outline)}
    content = next(document.element.body.iter(qn("w:sdtContent")))
    entries = [[node.text for node in entry.iter(qn("w:t"))] for entry in content.findall(qn("w:p"))[1:]]
    assert entries == [[heading, pages[heading]] for heading in CONTENTS]
    assert pages["二、问题与原话"] != pages["一、工作背景与指标"] == "1"
    code = [node.text.strip() for node in content.iter(qn("w:instrText"))]
    assert code[0].startswith('TOC \\o "1-2"')
    kinds = [node.get(qn("w:fldCharType")) for node in content.iter(qn("w:fldChar"))]
    assert kinds.count("begin") == kinds.count("separate") == kinds.count("end") == len(code)
    assert not list(document.element.body.iter(qn("w:smartTag")))


def test_every_link_inside_has_its_bookmark(document):
    body = document.element.body
    names = {mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))}
    assert not body.findall(qn("w:bookmarkStart")) + body.findall(qn("w:bookmarkEnd"))
    targets = {link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))}
    assert {"tu-1-1", "biao-2-2", "er-wenti"} <= targets <= names
    codes = [node.text.split() for node in body.iter(qn("w:instrText"))]
    assert {code[1] for code in codes if code[0] in {"REF", "PAGEREF"}} <= names


def test_captions_count_in_fields_that_each_chapter_sets_back(document):
    codes = {}
    for paragraph in document.paragraphs:
        for node in paragraph._p.iter(qn("w:instrText")):
            if node.text.split()[0] == "SEQ":
                codes.setdefault(paragraph.text, []).append(node.text.strip())
    assert codes == {
        "一、工作背景与指标": ["SEQ 图 \\h \\r 0", "SEQ 表 \\h \\r 0"],
        "二、问题与原话": ["SEQ 表 \\h \\r 0", "SEQ 图 \\h \\r 0"],
        **{caption: [f"SEQ {caption[0]} \\* ARABIC"] for caption in CAPTIONS},
    }


def test_references_and_lists_are_fields(document):
    codes = [node.text.strip() for node in document.element.body.iter(qn("w:instrText"))]
    assert "REF _Ref_tu_1_1 \\h" in codes
    assert [code for code in codes if "\\c" in code] == ['TOC \\h \\z \\c "图"', 'TOC \\h \\z \\c "表"']
    kinds = [node.get(qn("w:fldCharType")) for node in document.element.body.iter(qn("w:fldChar"))]
    assert kinds.count("begin") == kinds.count("separate") == kinds.count("end") == len(codes)


@pytest.mark.parametrize("name", ["report", "counties/linxian"])
def test_pages_and_words_are_counted(rendered, name):
    with zipfile.ZipFile(rendered / f"{name}.docx") as archive:
        counted = {node.tag.split("}")[1]: node.text for node in etree.fromstring(archive.read("docProps/app.xml"))}
    shown = "".join(paragraph.text for paragraph in Document(str(rendered / f"{name}.docx")).paragraphs)
    assert int(counted["Pages"]) == len(PdfReader(rendered / f"{name}.pdf").pages)
    assert int(counted["Characters"]) >= int(counted["Words"]) > len(re.findall(r"[\u4e00-\u9fff]", shown))


def test_tables_fill_the_measure_repeat_their_header_and_keep_rows_whole(document):
    widths = []
    for table in document.tables:
        first, *rest = table._tbl.tr_lst
        assert table.style.name == "Table"
        assert first.trPr.find(qn("w:tblHeader")) is not None
        assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in (first, *rest))
        widths.append(sum(int(column.get(qn("w:w"))) for column in table._tbl.tblGrid))
    assert widths == pytest.approx([8844, 8844, 12756], abs=15)  # 156 mm; landscape 225 mm


def test_header_that_does_not_fit_breaks_before_its_unit(document):
    assert document.tables[0].rows[0].cells[1].text == "城区停电时间\n（小时）"


def test_title_breaks_outside_its_quotation_marks(document):
    assert texts(document, "Title") == ["吕梁市优化营商环境\n“获得电力”专项提升报告"]


def test_quotation_marks_are_chinese(document):
    last = document.sections[-1]
    for root in (document.element.body, last.header._element, last.even_page_header._element):
        quoted = [run for run in root.iter(qn("w:r")) if re.search("[“”]", "".join(run.itertext()))]
        assert quoted
        assert all(run.rPr.rFonts.get(qn("w:hint")) == "eastAsia" for run in quoted)
    assert document.styles.element.find(f".//{qn('w:lang')}").get(qn("w:eastAsia")) == "zh-CN"


def test_numbers_are_right_aligned(document):
    row = document.tables[0].rows[1]
    assert [cell.paragraphs[0].alignment for cell in row.cells] == [0, 2, 2, 2, 2]


def test_captions_stay_with_their_objects(styles):
    assert styles["Table Caption"].paragraph_format.keep_with_next
    assert styles["Figure"].paragraph_format.keep_with_next
    assert all(styles[f"Heading {level}"].paragraph_format.keep_with_next for level in (1, 2, 3, 4))


def test_pictures_have_text_and_own_ids(document):
    marks = list(document.element.body.iter(qn("wp:docPr")))
    words = [mark.get("descr") for mark in marks]
    assert words == ["各单位城区与农村停电时间的条形图，农村普遍高于城区。", "同一数据的另一幅条形图。"]
    assert len({mark.get("id") for mark in marks}) == len(marks)


def test_only_properties_that_word_knows(rendered):
    with zipfile.ZipFile(rendered / "report.docx") as archive:
        assert "docProps/custom.xml" not in archive.namelist()


def test_word_has_nothing_to_repair(rendered):
    for name in ("report.docx", "counties/linxian.docx"):
        with zipfile.ZipFile(rendered / name) as archive:
            parts = {part: etree.fromstring(archive.read(part)) for part in archive.namelist() if part.endswith(".xml")}
        body = parts["word/document.xml"]
        for paragraph in body.iter(qn("w:p")):
            assert len(paragraph.findall(qn("w:pPr"))) <= 1
            if paragraph.find(qn("w:pPr")) is not None:
                assert paragraph[0].tag == qn("w:pPr")
                kinds = [child.tag for child in paragraph[0]]
                assert len(kinds) == len(set(kinds))
                assert kinds == sorted(kinds, key=PROPERTIES.index)
        ids = [mark.get(qn("w:id")) for mark in body.iter(qn("w:bookmarkStart"))]
        assert len(ids) == len(set(ids))
        used = {mark.get(qn("w:val")) for tag in ("pStyle", "rStyle", "tblStyle") for mark in body.iter(qn(f"w:{tag}"))}
        known = {style.get(qn("w:styleId")) for style in parts["word/styles.xml"].iter(qn("w:style"))}
        assert used <= known


def test_no_empty_paragraph_for_spacing(document):
    for paragraph in document.element.body.iter(qn("w:p")):
        inside = [node for tag in ("t", "drawing", "sectPr") for node in paragraph.iter(qn(f"w:{tag}"))]
        assert inside


def test_properties(document):
    properties = document.core_properties
    assert properties.title == "吕梁市优化营商环境“获得电力”专项提升报告"
    assert properties.author == "吕梁市能源局"
    assert properties.created == properties.modified
    assert properties.created.replace(tzinfo=None) == datetime(2021, 12, 20, 12)


def test_brief_has_neither_cover_nor_contents_and_smaller_type(rendered):
    brief = Document(str(rendered / "counties" / "linxian.docx"))
    assert len(brief.sections) == 1
    assert not list(brief.element.body.iter(qn("w:sdt")))
    assert brief.styles["Normal"].font.size.pt == 12
    assert texts(brief, "Date") == ["吕梁市能源局　2021年12月20日"]


def test_link_to_a_table_with_words_of_its_own_keeps_them(project, tmp_path):
    chapter = project / "chapters" / "02-findings.qmd"
    chapter.write_text(
        f"{chapter.read_text(encoding='utf-8')}\n记为[问题3](#biao-1-1)，见[表 1-1](#biao-1-1)。\n", encoding="utf-8"
    )
    (path,) = render_project(project, tmp_path / "out", ["docx"], "embedded", only=["report"])
    (paragraph,) = (one for one in Document(str(path)).paragraphs if "记为" in one.text)
    fields = [code.text.split()[0] for code in paragraph._p.iter(qn("w:instrText"))]
    assert fields == ["REF"]  # a field that shows the number is for the number alone
    assert [link.get(qn("w:anchor")) for link in paragraph._p.iter(qn("w:hyperlink"))] == ["biao-1-1"]


def test_contents_follow_what_is_before_them(project, tmp_path):
    lists = project / "chapters" / "00-lists.qmd"
    summary = "# 摘要 {.front .before-contents}\n\n一页。\n\n"
    lists.write_text(summary + lists.read_text(encoding="utf-8"), encoding="utf-8")
    docx, pdf = render_project(project, tmp_path / "out", ["docx", "pdf"], "embedded", only=["report"])
    body = Document(str(docx)).element.body
    shown = ["".join(node.text or "" for node in block.iter(qn("w:t"))) for block in body]
    (contents,) = (place for place, text in enumerate(shown) if text.startswith("目　录"))
    assert shown.index("摘要") < shown.index("一页。") < contents < shown.index("图目录")
    pages = ["".join(page.extract_text().split()) for page in PdfReader(pdf).pages]
    (first,) = (place for place, text in enumerate(pages) if "一页。" in text)
    assert "目录" in pages[first + 1] and "一页。" not in pages[first + 1]
