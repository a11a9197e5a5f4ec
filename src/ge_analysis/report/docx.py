"""Finishing a Word file: cover, sections, running head and foot, contents, tables, properties, reproducible bytes."""

import copy
import re
import zipfile
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as Docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt
from docx.table import Table
from docx.text.paragraph import Paragraph

from ge_analysis.report.captions import number_captions
from ge_analysis.report.kept import remember
from ge_analysis.report.ooxml import element, field, run, style_of, take_marks, text
from ge_analysis.report.pdf import PageLayout
from ge_analysis.report.source import Source

TITLE_CHARACTERS = 17  # characters that fit on one line of the cover
KEPT_ROWS = 2  # at either end of a table that may break across pages
SIZE, SMALL_SIZE = 10.5, 9  # of text in tables [points]
BLUE = "1F4E79"  # that of the figures
FIRST_CHINESE = "\u2e80"
WORD = re.compile(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+")
EXTENDED = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def _set_bookmarks(document: Docx) -> None:
    """Move every bookmark between blocks into the next paragraph; LibreOffice would lose it after a table."""
    body = document.element.body
    ends = {end.get(qn("w:id")): end for end in body.findall(qn("w:bookmarkEnd"))}
    for start in body.findall(qn("w:bookmarkStart")):
        properties = next(start.itersiblings(qn("w:p"))).get_or_add_pPr()
        properties.addnext(ends[start.get(qn("w:id"))])
        properties.addnext(start)


def _break_title(paragraph: Paragraph) -> None:
    """Break a title that is too long for one line near its middle, but never inside quotation marks."""
    title = paragraph.text
    if len(title) <= TITLE_CHARACTERS:
        return
    splits = [split for split in range(1, len(title)) if title[:split].count("“") == title[:split].count("”")]
    split = min(splits, key=lambda split: abs(split - len(title) / 2))
    paragraph.text = ""
    paragraph.add_run(title[:split]).add_break()
    paragraph.add_run(title[split:])


def _rule(paragraph: Paragraph, side: str, kind: str, space: int) -> None:
    """Draw a double rule above or below a paragraph of the cover [space in points]."""
    properties = paragraph._p.get_or_add_pPr()
    borders = element("w:pBdr")
    borders.append(element(f"w:{side}", val=kind, sz="24", space=str(space), color=BLUE))
    following = [properties.find(qn(f"w:{name}")) for name in ("spacing", "ind", "jc", "rPr", "sectPr")]
    first = next((one for one in following if one is not None), None)
    if first is None:
        properties.append(borders)
    else:
        first.addprevious(borders)


def _cover(document: Docx, source: Source) -> None:
    """Add rules and the notice to the cover, and end its section after its last line."""
    lines = [paragraph for paragraph in document.paragraphs if style_of(paragraph._p) in {"Title", "Subtitle", "Author", "Date"}]
    _break_title(lines[0])
    named = [line for line in lines if style_of(line._p) in {"Title", "Subtitle"}]
    _rule(named[0], "top", "thickThinSmallGap", 24)
    _rule(named[-1], "bottom", "thinThickSmallGap", 18)
    author = next(paragraph for paragraph in lines if style_of(paragraph._p) == "Author")
    author.paragraph_format.space_before = Pt(150)  # the rules take up the rest of the style's space
    if notice := source.metadata.get("notice"):
        author.insert_paragraph_before(notice, style="Notice")
    end = copy.deepcopy(document.sections[-1]._sectPr)
    for reference in end.findall(qn("w:headerReference")) + end.findall(qn("w:footerReference")):
        end.remove(reference)
    lines[-1]._p.get_or_add_pPr().append(end)


def _merge_section_ends(document: Docx) -> None:
    """Move each section end in a paragraph of its own into the paragraph before."""
    for end in document.element.body.findall(f"{qn('w:p')}/{qn('w:pPr')}/{qn('w:sectPr')}"):
        paragraph = end.getparent().getparent()
        before = paragraph.getprevious()
        if paragraph.findall(qn("w:r")) or before is None or before.tag != qn("w:p"):
            continue
        properties = before.get_or_add_pPr()
        if properties.find(qn("w:sectPr")) is None:
            properties.append(end)
            paragraph.getparent().remove(paragraph)


def _number_pages(document: Docx, source: Source) -> None:
    """Add running head and foot to every section after the cover; front matter in Roman numerals, the body from 1."""
    ends = [section._sectPr for section in document.sections]
    references = [copy.deepcopy(one) for one in ends[-1] if one.tag in {qn("w:headerReference"), qn("w:footerReference")}]
    first = 0 if source.brief else 1
    for number, end in enumerate(ends[first:], first):
        for reference in reversed([] if end is ends[-1] else references):
            end.insert(0, copy.deepcopy(reference))
        for old in end.findall(qn("w:pgNumType")):
            end.remove(old)
        numbers = element("w:pgNumType", fmt="upperRoman" if number == 1 and len(ends) > 2 else "decimal")
        if number <= 2:
            numbers.set(qn("w:start"), "1")
        end.find(qn("w:pgMar")).addnext(numbers)
    last = document.sections[-1]
    if notice := source.metadata.get("notice"):
        for footer in (last.footer, last.even_page_footer):
            footer.add_paragraph(notice, style="Footer")
    for header in (last.header, last.even_page_header):
        if source.brief:
            header.paragraphs[0].style = "Footer"
        else:
            header.paragraphs[0].add_run(source.metadata["title"])


def _contents(document: Docx, source: Source, layout: PageLayout) -> None:
    """Move the contents to their place, and fill their field, which Pandoc leaves empty, with the pdf's page numbers."""
    body = document.element.body
    for place, _ in take_marks(body, "contents"):
        place.addprevious(next(body.iter(qn("w:sdt"))))
        body.remove(place)
    content = next(body.iter(qn("w:sdtContent")))
    title, empty = content.findall(qn("w:p"))
    begin, code, separate, end = (run(part) for part in empty.findall(f"{qn('w:r')}/*"))
    content.remove(empty)
    headings = [paragraph for paragraph in body.findall(qn("w:p")) if style_of(paragraph).startswith("Heading")]
    for heading, page in zip(headings, layout.headings, strict=True):
        level = int(style_of(heading)[-1])
        if level > source.settings["toc-depth"]:
            continue
        entry = OxmlElement("w:p")
        entry.get_or_add_pPr().append(element("w:pStyle", val=f"TOC{level}"))
        name = heading.find(qn("w:bookmarkStart")).get(qn("w:name"))
        link = element("w:hyperlink", anchor=name, history="1")
        title = run(text(Paragraph(heading, document).text))
        link.extend([title, run(element("w:tab")), *field(f"PAGEREF {name} \\h", page, dirty=True)])
        entry.append(link)
        content.append(entry)
    first, last = content[1], content[-1]
    for part in reversed((begin, code, separate)):
        first.insert(1, part)
    last.append(end)


def _align_decimals(document: Docx) -> None:
    """Indent a number from the right by the decimals that others in its column have in addition."""
    for paragraph, tail in take_marks(document.element.body, "tail"):
        properties = paragraph.get_or_add_pPr()
        size = SMALL_SIZE if properties.style == "TableTextSmall" else SIZE
        properties.ind_right = Pt(size * (len(tail) - tail.count(".") / 2) / 2)


def _text_width(table: Table, document: Docx) -> int:
    """Width of the text on the table's page [twips]."""
    following = table._tbl.itersiblings()
    inside = (end for one in following for end in one.iter(qn("w:sectPr")))
    end = next(inside)
    size, margins = end.find(qn("w:pgSz")), end.find(qn("w:pgMar"))
    return int(size.get(qn("w:w"))) - int(margins.get(qn("w:left"))) - int(margins.get(qn("w:right")))


def _lay_table(table: Table, document: Docx, broken: bool) -> None:
    """Make a table as wide as the text, with unbroken rows and cells in the table's own style; keep it whole unless `broken`."""
    whole_width = _text_width(table, document)
    style = "TableTextSmall" if table.style and table.style.name == "Table Small" else "TableText"
    table.style = "Table"  # LibreOffice does not pass borders on to derived table styles
    columns = [int(column.get(qn("w:w"))) for column in table._tbl.tblGrid]
    widths = [column * whole_width // sum(columns) for column in columns]
    for column, width in zip(table._tbl.tblGrid, widths, strict=True):
        column.set(qn("w:w"), str(width))
    whole = table._tbl.tblPr.find(qn("w:tblW"))
    whole.set(qn("w:type"), "dxa")
    whole.set(qn("w:w"), str(sum(widths)))
    rows = table._tbl.tr_lst
    following = table._tbl.getnext()
    last = len(rows) - (style_of(following) != "Note")  # a note stays with the last row
    kept = {*range(KEPT_ROWS), *range(len(rows) - KEPT_ROWS, last)} if broken else range(last)
    for number, row in enumerate(rows):
        row.get_or_add_trPr().insert(0, element("w:cantSplit"))
        for cell, width in zip(row.tc_lst, widths, strict=False):
            cell.width = Emu(width * 635)
            for paragraph in cell.p_lst:
                properties = paragraph.get_or_add_pPr()
                properties.style = style
                if number in kept:
                    properties.get_or_add_keepNext()


def _listed(paragraph: Any) -> bool:
    return paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None


def _space(document: Docx) -> None:
    """Set the space after tables without a note and around pictures; keep notes with captions, lists with what leads to them."""
    for table in document.tables:
        following = next((one for one in table._tbl.itersiblings() if one.tag == qn("w:p")), None)
        if following is not None and style_of(following) != "Note":
            Paragraph(following, document).paragraph_format.space_before = Pt(14)
    for paragraph in document.paragraphs:
        before = paragraph._p.getprevious()
        if style_of(paragraph._p) == "Note" and before is not None and style_of(before) == "ImageCaption":
            caption = Paragraph(before, document).paragraph_format
            caption.space_after, caption.keep_with_next = Pt(0), True
        following = paragraph._p.getnext()
        if not _listed(paragraph._p) and following is not None and _listed(following):
            paragraph.paragraph_format.keep_with_next = True
    for picture in document.element.body.iter(qn("wp:inline")):
        for side in ("distT", "distB", "distL", "distR"):  # LibreOffice would move it by its own default
            picture.set(side, "0")


def _compact(document: Docx) -> None:
    """Set a brief in smaller type with narrower margins."""
    for section in document.sections:
        section.top_margin = section.bottom_margin = Mm(23)
        section.header_distance = section.footer_distance = Mm(10)
    styles = document.styles
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3"):
        size, pitch = (18, 32) if name == "Title" else (12, 20)
        styles[name].font.size = Pt(size)
        styles[name].paragraph_format.line_spacing = Pt(pitch)
    styles["Title"].paragraph_format.space_before = Pt(0)
    styles["Title"].paragraph_format.space_after = Pt(0)
    styles["Heading 1"].paragraph_format.page_break_before = False


def _mark_chinese(document: Docx) -> None:
    """Mark runs of Chinese as East Asian; otherwise Word takes their quotation marks for Latin ones."""
    document.styles.element.find(f".//{qn('w:lang')}").set(qn("w:eastAsia"), "zh-CN")  # a language code that Word knows
    last = document.sections[-1]
    heads = (last.header, last.even_page_header, last.footer, last.even_page_footer)
    for root in (document.element.body, *(head._element for head in heads)):
        for part in root.iter(qn("w:r")):
            if any(character >= FIRST_CHINESE for node in part.findall(qn("w:t")) for character in node.text or ""):
                part.get_or_add_rPr().get_or_add_rFonts().set(qn("w:hint"), "eastAsia")


def _properties(document: Docx, source: Source) -> None:
    relations = document.part.package.rels
    for name in [name for name, relation in relations.items() if relation.reltype == RELATIONSHIP_TYPE.CUSTOM_PROPERTIES]:
        del relations[name]  # Pandoc copies all other metadata here, and Quarto adds more
    properties = document.core_properties
    properties.title = source.metadata["title"]
    properties.subject = source.metadata.get("subtitle", "")
    properties.author = properties.last_modified_by = source.metadata["client"]
    properties.language = "zh-CN"
    properties.created = properties.modified = source.created
    properties.revision = 1


def _statistics(document: Docx, layout: PageLayout) -> None:
    """Count pages, words and characters as Word does: a Chinese character is a word."""
    lines = [line for paragraph in document.element.body.iter(qn("w:p")) if (line := Paragraph(paragraph, document).text.strip())]
    characters = len("".join("".join(lines).split()))
    counted = {
        "Application": "Microsoft Office Word",
        "Pages": layout.pages,
        "Words": sum(len(WORD.findall(line)) for line in lines),
        "Characters": characters,
        "CharactersWithSpaces": sum(map(len, lines)),
        "Paragraphs": len(lines),
    }
    values = "".join(f"<{name}>{value}</{name}>" for name, value in counted.items())
    part = document.part.package.part_related_by(RELATIONSHIP_TYPE.EXTENDED_PROPERTIES)
    part._blob = f'<?xml version="1.0" encoding="UTF-8"?><Properties xmlns="{EXTENDED}">{values}</Properties>'.encode()


def _save(document: Docx, path: Path) -> None:
    """Save with fixed dates inside the archive, so that the same document gives the same bytes."""
    document.save(str(path))
    with zipfile.ZipFile(path) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)


def finish(path: Path, source: Source, layout: Future[PageLayout]) -> None:
    """Finish a Word file that Pandoc or Quarto wrote.

    Parameters
    ----------
    path : Path
        The file, which is rewritten.
    source : Source
        The document that it was made from.
    layout : future of PageLayout
        Its page numbers, waited for last. The pdf has the same type area, so that its page numbers in the contents are at most a
        page or two off until Word updates them.
    """
    document = Document(str(path))
    _set_bookmarks(document)
    if source.brief:
        _compact(document)
    else:
        _cover(document, source)
    _merge_section_ends(document)
    _number_pages(document, source)
    broken = [caption for caption, _ in take_marks(document.element.body, "broken")]
    for table in document.tables:
        if table._tbl.find(qn("w:tblGrid")) is not None:  # a Quarto callout has no columns to lay out
            _lay_table(table, document, table._tbl.getprevious() in broken)
    _align_decimals(document)
    for paragraph, _ in take_marks(document.element.body, "new-page"):
        paragraph.get_or_add_pPr().get_or_add_pageBreakBefore()
    _space(document)
    if not source.brief:
        _contents(document, source, layout.result())
    number_captions(document.element.body, layout.result())
    _mark_chinese(document)
    _properties(document, source)
    _statistics(document, layout.result())
    remember(document)
    _save(document, path)
