"""Tables: columns that fit their words and numbers, the size of type, decimals below each other, what goes on."""

import re

import pytest
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader

from ge_analysis.report.markup import table
from ge_analysis.report.render import render_project

LONG = "统计期内用户平均停电时间与停电次数之比；没有停电时无定义，按实际发生的停电计算"


@pytest.fixture
def made(project, tmp_path):
    """Return a function that prints one table after chapter 2 and returns its document and its pages."""

    def make(header, rows, **options):
        text = table("表 2-3", "试表", header, rows, **options)
        chapter = project / "chapters" / "02-findings.qmd"
        chapter.write_text(f"{chapter.read_text(encoding='utf-8')}\n{text}\n", encoding="utf-8")
        docx, pdf = render_project(project, tmp_path / "out", ["docx", "pdf"], "embedded", only=["report"])
        return Document(str(docx)).tables[-1], PdfReader(pdf)

    return make


def widths(printed):
    """Return the room for text of each column [points]: its width without the margins of a cell."""
    return [int(column.get(qn("w:w"))) / 20 - 8 for column in printed._tbl.tblGrid]


def rules(page):
    """Return the weights of the horizontal lines of a page, from the top down [points]."""
    found, path, weight = [], [], 0

    def see(operator, operands, matrix, _):
        nonlocal weight
        if operator == b"w":
            (weight,) = operands
        elif operator in (b"m", b"l"):
            path.append(operands[1] * matrix[3] + matrix[5])
        elif operator in (b"S", b"f"):  # a stroke, or the outline of a block's line
            found.append((max(path), round(weight if operator == b"S" else max(path) - min(path), 1)))
            path.clear()

    page.extract_text(visitor_operand_before=see)
    return [weight for _, weight in sorted(found, reverse=True)]


def size(printed):
    return 9 if printed.rows[1].cells[0].paragraphs[0].style.name == "Table Text Small" else 10.5


@pytest.mark.parametrize("columns", [4, 9, 11])
@pytest.mark.parametrize("number", ["2022", "99.8765", "1,234,567"])
def test_no_number_is_wider_than_its_column(made, columns, number):
    numeric = columns - 2 if columns < 9 or len(number) < 9 else columns - 4
    header = ["名称", *["停电时间（小时/户）"] * numeric, "含义"]
    printed, _ = made(header, [["离石区", *[number] * numeric, LONG]] * 3, align="l" + "r" * numeric + "l", page="small")
    needed = size(printed) / 2 * (len(number) - number.count(",") / 2 - number.count(".") / 2)  # Times: half an em a digit
    assert all(width >= needed for width in widths(printed)[1:-1])


def test_word_of_latin_letters_is_not_broken(made):
    printed, _ = made(
        ["名称", "符号", "含义"], [["供电可靠率", "RS-1", LONG], ["停电时间", "SAIDI", LONG]], align="lcl", page="small"
    )
    assert widths(printed)[1] >= 5 * 0.75 * size(printed)


def test_type_is_smaller_only_where_the_columns_need_it(made):
    printed, _ = made(["单元", "时间", "次数"], [["离石区", "7.70", "2.80"]], page="small")
    assert size(printed) == 10.5


def test_type_is_smaller_where_the_columns_need_it(made):
    printed, _ = made(["单元", *["停电时间"] * 11], [["离石区", *["12,345.6"] * 11]], page="small")
    assert size(printed) == 9


def test_name_that_does_not_fit_is_halved(made):
    printed, _ = made(["单元", *["低压环节"] * 9], [["离石区", *["2.0"] * 9]], page="small")
    assert printed.rows[0].cells[1].text == "低压\n环节"


def test_decimals_are_below_each_other(made):
    numbers = ["1,234.56", "7", "2.5", "−3", "缺", "12%"]
    printed, _ = made(["单元", "数值"], [["离石区", number] for number in numbers])
    indents = [row.cells[1].paragraphs[0].paragraph_format.right_indent for row in printed.rows[1:]]
    assert [row.cells[1].text for row in printed.rows[1:]] == numbers
    # half an em a digit, a quarter for the point, at 10.5 points
    assert [indent and round(indent.pt, 2) for indent in indents] == pytest.approx([None, 13.1, 5.25, 13.1, None, 13.1], abs=0.1)


def test_table_that_goes_on_says_so_on_every_later_page(made):
    _, reader = made(["单元", "数值"], [[f"单元{number}", number] for number in range(100)])
    texts = ["".join(page.extract_text().split()) for page in reader.pages]
    on = [number for number, text in enumerate(texts) if re.search(r"单元\d", text)]
    assert len(on) > 2
    assert ["续表2-3" in texts[number] for number in on] == [False, *[True] * (len(on) - 1)]


@pytest.mark.parametrize("number", [11, 100])
def test_rules_are_above_and_below_the_header_and_below_the_table_on_every_page(made, number):
    _, reader = made(["单元", "数值"], [[f"单元{row}", row] for row in range(number)])
    pages = [page for page in reader.pages if re.search(r"单元\d", "".join(page.extract_text().split()))]
    assert {tuple(rules(page)) for page in pages} == {(0.4, 1.2, 0.6, 1.2)}  # the first below the running head


@pytest.mark.parametrize("number", range(26, 30))
def test_the_last_row_of_a_table_is_not_alone_on_a_page(made, number):
    """One of these tables has one row more than fit on its first page."""
    _, reader = made(["单元", "数值"], [[f"单元{row}", row] for row in range(number)])
    rows = [re.findall(r"单元(\d+)", "".join(page.extract_text().split())) for page in reader.pages]
    assert all(len(on) != 1 for on in rows)
    assert sum(map(len, rows)) == number


def test_table_of_one_page_does_not_go_on(made):
    _, reader = made(["单元", "数值"], [[f"单元{number}", number] for number in range(11)])
    assert "续表2-3" not in "".join("".join(page.extract_text().split()) for page in reader.pages)


def test_brief_inside_the_report_begins_on_a_page_of_its_own_with_the_headings_above_it(project, tmp_path):
    names = ("1.甲县", "2.乙县")
    briefs = "".join(f"### {name}\n\n::::: {{.compact}}\n{name[2:]}简报。\n:::::\n\n" for name in names)
    chapter = project / "chapters" / "02-findings.qmd"
    chapter.write_text(f"{chapter.read_text(encoding='utf-8')}\n前文。\n\n## （三）分县简报\n\n{briefs}", encoding="utf-8")
    docx, pdf = render_project(project, tmp_path / "out", ["docx", "pdf"], "embedded", only=["report"])
    broken = [one.text for one in Document(str(docx)).paragraphs if one.paragraph_format.page_break_before]
    assert broken == ["（三）分县简报", "2.乙县"]
    pages = ["".join(page.extract_text().split()) for page in PdfReader(pdf).pages]
    before, first, second = pages[-3:]
    assert "前文。" in before and "（三）分县简报" not in before
    assert "（三）分县简报1.甲县甲县简报。" in first and "乙县" not in first
    assert "2.乙县乙县简报。" in second


def test_a_name_with_a_number_fits_its_column_with_the_spaces_that_are_set_around_it(made):
    header = ["县（市、区）", "线路", "全年（次）", "连续60天内最多（次）", "计划（次）", "状态"]
    printed, _ = made(header, [["离石区", "青山521线", 11, 4, 3, "频繁停电"]] * 3, align="llrrrl", page="small")
    # three characters, three digits of half an em, and a quarter of an em on either side of the number
    assert widths(printed)[1] >= (3 + 1.5 + 0.5) * size(printed)


@pytest.mark.parametrize("note", ["", "注：演示。"])
def test_the_last_rows_of_a_table_that_goes_on_stay_together(made, note):
    printed, _ = made(["单元", "数值"], [[f"单元{number}", number] for number in range(100)], note=note)
    kept = [bool(row.cells[0].paragraphs[0].paragraph_format.keep_with_next) for row in printed.rows]
    assert kept[-3:] == [False, True, bool(note)]


def test_a_paragraph_stays_with_the_list_that_it_leads_to(project, tmp_path):
    chapter = project / "chapters" / "02-findings.qmd"
    lines = "\n\n".join(f"第{number}段。\n\n围绕以下各项：\n\n- 甲{number}\n- 乙" for number in range(60))
    chapter.write_text(f"{chapter.read_text(encoding='utf-8')}\n{lines}\n", encoding="utf-8")
    docx, pdf = render_project(project, tmp_path / "out", ["docx", "pdf"], "embedded", only=["report"])
    kept = {one.text for one in Document(str(docx)).paragraphs if one.paragraph_format.keep_with_next and one.text}
    assert "围绕以下各项：" in kept and not {text for text in kept if text.startswith(("第", "甲", "乙"))}
    for page in PdfReader(pdf).pages:
        text = "".join(page.extract_text().split())
        assert text.count("围绕以下各项：") == len(re.findall(r"甲\d", text))


def test_pictures_have_no_margins_of_their_own(rendered):
    pictures = [*Document(str(rendered / "report.docx")).element.body.iter(qn("wp:inline"))]
    assert pictures
    for picture in pictures:
        assert [picture.get(f"dist{side}") for side in "TBLR"] == ["0"] * 4


@pytest.mark.parametrize("note", ["", "注：演示。"])
def test_a_note_stays_with_the_last_row(made, note):
    printed, _ = made(["单元", "时间"], [["离石区", "7.70"], ["临县", "9.10"]], note=note)
    (kept,) = {paragraph.paragraph_format.keep_with_next for cell in printed.rows[-1].cells for paragraph in cell.paragraphs}
    assert bool(kept) == bool(note)
