"""Pieces of WordprocessingML that python-docx has no functions for."""

from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn


def element(tag: str, **attributes: str) -> Any:
    """Return an element with attributes of the main namespace."""
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def run(*children: Any) -> Any:
    """Return a run of elements."""
    made = OxmlElement("w:r")
    made.extend(children)
    return made


def text(words: str) -> Any:
    """Return a text element that preserves blanks."""
    made = element("w:t")
    made.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    made.text = words
    return made


def field(instruction: str, result: str, dirty: bool = False) -> list[Any]:
    """Return the runs of a field with its shown result; Word updates a `dirty` field on opening the file."""
    code = element("w:instrText")
    code.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    code.text = f" {instruction} "
    begin, separate, end = (run(element("w:fldChar", fldCharType=kind)) for kind in ("begin", "separate", "end"))
    if dirty:
        begin[0].set(qn("w:dirty"), "true")
    return [begin, run(code), separate, run(text(result)), end]


def style_of(paragraph: Any) -> str:
    """Return the id of a paragraph's style, "" if it has none."""
    found = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return "" if found is None else found.get(qn("w:val"))


def take_marks(body: Any, name: str) -> list[tuple[Any, str]]:
    """Remove the filter's marks of one name; return their paragraphs, each with the mark's value."""
    found = []
    for mark in [mark for mark in body.iter(qn("w:smartTag")) if mark.get(qn("w:element")) == name]:
        paragraph = mark.getparent()
        paragraph.remove(mark)
        found.append((paragraph, mark.get(qn("w:uri"))))
    return found
