"""Captions, references and lists of a Word file as fields, so that a figure added in Word is listed and all are renumbered.

A caption "图 3-1" is the text "图 3-" and a SEQ field, which a hidden field in the chapter's heading resets; a bookmark holds
number and label for the REF fields that refer to it, and a list is a TOC field of one sequence. Word, WPS and LibreOffice
support all three; chapters have Chinese numerals, so their number cannot come from a field.
"""

import re
from collections.abc import Iterable
from itertools import count, groupby
from typing import Any

from docx.oxml.ns import qn

from ge_analysis.report.markup import anchor_of, number_of
from ge_analysis.report.ooxml import element, field, run, style_of, take_marks, text
from ge_analysis.report.pdf import PageLayout

UNLISTED = "分县"  # suffix of sequences that no list shows
_NUMBER = re.compile(r"(附?[图表]) ((?:\d+-)?)(\d+)(?=\u3000)")


def number_captions(body: Any, layout: PageLayout) -> None:
    """Turn captions, references to them, and lists of figures and tables into fields.

    Parameters
    ----------
    body : element
        Body of the document.
    layout : PageLayout
        Page numbers of the figures and tables.
    """
    listed = take_marks(body, "page")
    names = _captions(body, {anchor for _, anchor in listed})
    _references(body, names)
    _lists(listed, layout)


def _captions(body: Any, listed: Iterable[str]) -> dict[str, str]:
    """Turn the number of each caption into a field in a bookmark; return the bookmarks by the captions' anchors."""
    ids = count(1 + max((int(mark.get(qn("w:id"))) for mark in body.iter(qn("w:bookmarkStart"))), default=0))
    names = {}
    for heading, captions in _chapters(body):
        last: dict[str, int] = {}
        for paragraph, found in captions:
            label, chapter, number = found.groups()
            anchor = anchor_of(found[0])
            names[anchor] = f"_Ref_{anchor.replace('-', '_')}"
            sequence = label if anchor in listed else f"{label}{UNLISTED}"
            if sequence not in last and heading is not None:
                _set_back(heading, sequence)
            restart = "" if int(number) == last.get(sequence, 0) + 1 else f" \\r {number}"
            last[sequence] = int(number)
            _take_text(paragraph, len(found[0]))
            mark = str(next(ids))
            first = next(paragraph.iterchildren(qn("w:r")))
            first.addprevious(element("w:bookmarkStart", id=mark, name=names[anchor]))
            for part in (run(text(f"{label} {chapter}")), *field(f"SEQ {sequence} \\* ARABIC{restart}", number)):
                first.addprevious(part)
            first.addprevious(element("w:bookmarkEnd", id=mark))
    return names


def _chapters(body: Any) -> list[tuple[Any, list[tuple[Any, re.Match[str]]]]]:
    """Return the heading of each chapter (None before the first) with its numbered captions."""
    chapters: list[tuple[Any, list[tuple[Any, re.Match[str]]]]] = [(None, [])]
    for paragraph in body.iter(qn("w:p")):
        if style_of(paragraph) == "Heading1":
            chapters.append((paragraph, []))
        shown = "".join(node.text or "" for node in paragraph.iter(qn("w:t")))
        if style_of(paragraph) in {"ImageCaption", "TableCaption"} and (found := _NUMBER.match(shown)):
            chapters[-1][1].append((paragraph, found))
    return chapters


def _set_back(heading: Any, sequence: str) -> None:
    """Reset a sequence to 0 at a chapter's heading."""
    for part in field(f"SEQ {sequence} \\h \\r 0", ""):
        part.get_or_add_rPr().append(element("w:vanish"))  # LibreOffice would show the 0
        heading.append(part)


def _take_text(paragraph: Any, length: int) -> None:
    """Remove the first characters of a paragraph."""
    for node in list(paragraph.iter(qn("w:t"))):
        taken = min(length, len(node.text or ""))
        node.text = (node.text or "")[taken:]
        length -= taken
        if not node.text:
            node.getparent().getparent().remove(node.getparent())
        if not length:
            return


def _references(body: Any, names: dict[str, str]) -> None:
    """Turn each link in the text that shows the number of a figure or table into a field; others ("问题3") stay as they are."""
    for link in [one for one in body.iter(qn("w:hyperlink")) if one.get(qn("w:anchor")) in names]:
        shown = "".join(node.text or "" for node in link.iter(qn("w:t")))
        if shown == number_of(link.get(qn("w:anchor"))) and style_of(link.getparent()) != "TableofFigures":
            for part in field(f"REF {names[link.get(qn('w:anchor'))]} \\h", shown):
                link.addprevious(part)
            link.getparent().remove(link)


def _lists(listed: list[tuple[Any, str]], layout: PageLayout) -> None:
    """Fill the page numbers into the lists of figures and tables, and turn each list into a field."""
    for paragraph, anchor in listed:
        for part in field(f"PAGEREF {anchor} \\h", layout.anchors[anchor], dirty=True):
            paragraph.append(part)
    for label, entries in groupby((paragraph for paragraph, _ in listed), key=_label):
        paragraphs = list(entries)
        *begin, end = field(f'TOC \\h \\z \\c "{label}"', "")
        for part in reversed(begin[:3]):
            paragraphs[0].get_or_add_pPr().addnext(part)
        paragraphs[-1].append(end)


def _label(paragraph: Any) -> str:
    """Return the label of an entry in a list: 图, 表 or 附表."""
    return "".join(node.text or "" for node in paragraph.iter(qn("w:t"))).split()[0]
