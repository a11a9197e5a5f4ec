"""The reply to a county: what is missing, what is wrong by cell, and the deadline."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from docx import Document
from docx.document import Document as Docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn

from ge_analysis.ledgers.issues import SEVERITIES, Issue
from ge_analysis.ledgers.safe_cells import clean
from ge_analysis.storage.files import whole_file

NAME = "反馈函.docx"
MOST = 200  # lines of the list; the annotated workbooks show all
TITLE = "关于{name}{year}年台账检查情况的反馈"
FINE = "贵单位报送的台账已检查，未发现需要更正的内容，无需重报。谢谢支持。"
WRONG = "贵单位报送的台账已检查：{errors}处错误须更正，{warnings}处提示请核对。请于{until}前更正后重报。"
ONLY_WARNINGS = "贵单位报送的台账已检查，没有错误；{warnings}处提示请核对，如需更正请于{until}前重报。"
BESIDE = "附件为标注后的工作簿，问题单元格已着色并附批注，请在原工作簿中更正。"
MORE = "另有{more}处，见标注后的工作簿。"
MISSING_HEADING, WRONG_HEADING = "一、须补报", "{number}、须更正或核对"
COLUMNS = ("级别", "工作簿", "工作表", "单元格", "问题", "处理办法")
MISSING = ("missing_workbook", "missing_sheet", "missing_optional_sheet", "missing_column")
DAY = "{0.year}年{0.month}月{0.day}日"


def write(path: Path, name: str, year: int, issues: Sequence[Issue], until: date, today: date) -> None:
    """Write the reply to one county.

    Parameters
    ----------
    path : Path
        The file, a .docx.
    name : str
        Chinese name of the county.
    year : int
        Study year.
    issues : sequence of Issue
        What the check found; issues with corrections are the consultants' own and are left out.
    until : date
        Deadline for sending the workbooks again.
    today : date
        Day of the letter.
    """
    found = [each for each in issues if not each.rule.startswith("correction_")]
    missing = [each for each in found if each.rule in MISSING]
    wrong = sorted((each for each in found if each.rule not in MISSING), key=lambda each: each.severity != "error")
    errors = sum(each.severity == "error" for each in found)
    letter = Document()
    _use_songti(letter)
    letter.add_heading(TITLE.format(name=name, year=year), 1).alignment = WD_ALIGN_PARAGRAPH.CENTER
    letter.add_paragraph(f"{name}：")
    opening = WRONG if errors else ONLY_WARNINGS if found else FINE
    letter.add_paragraph(opening.format(errors=errors, warnings=len(found) - errors, until=DAY.format(until)))
    if missing:
        letter.add_heading(MISSING_HEADING, 2)
    for each in missing:
        where = " ".join(part for part in (each.workbook, each.sheet) if part)
        letter.add_paragraph(clean("：".join(part for part in (where, each.todo) if part)), style="List Bullet")
    if wrong:
        letter.add_heading(WRONG_HEADING.format(number="二" if missing else "一"), 2)
        letter.add_paragraph(BESIDE)
        _table(letter, wrong[:MOST])
    if len(wrong) > MOST:
        letter.add_paragraph(MORE.format(more=len(wrong) - MOST))
    letter.add_paragraph(DAY.format(today)).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as staging:
        letter.save(str(staging))


def _table(letter: Docx, issues: Sequence[Issue]) -> None:
    table = letter.add_table(rows=0, cols=len(COLUMNS), style="Table Grid")
    lines = [(SEVERITIES[each.severity], each.workbook, each.sheet, each.cell, each.name, each.todo) for each in issues]
    for line in (COLUMNS, *lines):
        for cell, text in zip(table.add_row().cells, line, strict=True):
            cell.text = clean(text)


def _use_songti(letter: Docx) -> None:
    """Set Chinese text in 宋体; the default template names no Chinese font."""
    for style in ("Normal", "Heading 1", "Heading 2"):
        fonts = letter.styles[style].element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), "宋体")
