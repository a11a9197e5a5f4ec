"""Edits made by hand in a Word file of the report, carried over to the report as built now.

Each Word file contains, as a part of its own, the text as it was built, so that an edited file shows what was edited: changed,
inserted and deleted paragraphs and table rows, styles and emphasis. Each edit is repeated in the file built now; numbers that
have changed since are updated unless they were edited themselves, and a comment marks the paragraph.
"""

import csv
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile
from zlib import compress, decompress

from docx import Document
from docx.document import Document as Docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.opc.oxml import serialize_part_xml
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.text.run import Run

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.report.blocks import (
    accept_changes,
    align,
    blocks_of,
    clear,
    look_of,
    set_style,
    style_name,
    text_of,
    update,
)
from ge_analysis.report.ooxml import run as new_run
from ge_analysis.storage.files import whole_file, write_text

ITEM, PROPERTIES = "/customXml/item1.xml", "/customXml/itemProps1.xml"  # part names that other programs preserve
PROPERTIES_TYPE = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"
_STORE = "http://schemas.openxmlformats.org/officeDocument/2006/customXml"
DESCRIPTION = (
    f'<ds:datastoreItem xmlns:ds="{_STORE}" ds:itemID="{{5E1C0D3A-7B1F-4C55-9B0E-6A2F4D9E8C10}}">'
    "<ds:schemaRefs/></ds:datastoreItem>"
)
BUILT = "urn:ge-analysis:built"  # namespace of the element with the packed body, which LibreOffice would read as text
AUTHOR = "ge"  # of the comments on paragraphs
CHANGED = "本段数据在手工修改之后有变化，请核对。原为：{before}"
OVERLAPS = "手工修改之处的数据已有变化，请核对。系统现在写为：{now}"
HEADER = ("结果", "修改", "位置", "原文", "改为", "系统现文")
_FOREIGN = ("footnoteReference", "endnoteReference", "object", "altChunk")  # their parts are not carried over
_DROPPED = ("proofErr", "commentRangeStart", "commentRangeEnd", "lastRenderedPageBreak", "sectPr")


class Outcome(StrEnum):
    """What became of an edit."""

    KEPT = "保留"
    CHECK = "保留，数据有变"
    LOST = "未保留"


@dataclass(frozen=True)
class Edit:
    """One edit made by hand.

    Parameters
    ----------
    state : Outcome
        Whether it was kept.
    kind : str
        Kind of edit: changed, inserted, deleted …
    where : str
        Heading before it.
    before, edited, now : str
        Text as originally built, as edited, and as built now.
    """

    state: Outcome
    kind: str
    where: str
    before: str = ""
    edited: str = ""
    now: str = ""


def remember(document: Docx) -> None:
    """Store the body of a finished document in it as a part of its own."""
    packed = b64encode(compress(serialize_part_xml(document.element.body), 9)).decode()
    blob = f'<built xmlns="{BUILT}">{packed}</built>'.encode()
    package = document.part.package
    part = Part(PackURI(ITEM), "application/xml", blob, package)
    part.relate_to(Part(PackURI(PROPERTIES), PROPERTIES_TYPE, DESCRIPTION.encode(), package), RELATIONSHIP_TYPE.CUSTOM_XML_PROPS)
    document.part.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_XML)


def keep(edited: Path, built: Path, target: Path) -> list[Edit]:
    """Repeat the edits of one Word file in another, built now.

    Parameters
    ----------
    edited : Path
        The edited file, an earlier build of `built`.
    built : Path
        The file as built now.
    target : Path
        File to write; a list of all edits is written beside it as `.csv`.

    Returns
    -------
    list of Edit
        All edits found, in order.

    Raises
    ------
    GeError
        If the edited file is not a Word file of this report.
    """
    theirs, ours = _open(edited), _open(built)
    merge = _Merge(_built_body(theirs, edited), theirs, ours)
    merge.run()
    with whole_file(target) as temporary:
        ours.save(str(temporary))
    rows = StringIO()
    csv.writer(rows).writerows([HEADER, *((e.state, e.kind, e.where, e.before, e.edited, e.now) for e in merge.edits)])
    write_text(target.with_suffix(".csv"), "\ufeff" + rows.getvalue())
    return merge.edits


def _open(path: Path) -> Docx:
    try:
        return Document(str(path))
    except (OSError, PackageNotFoundError, BadZipFile, KeyError, ValueError):
        raise GeError(_("{path} is not a readable Word file", path=path), _("save it as .docx")) from None


def _built_body(document: Docx, path: Path) -> Any:
    """Return the body that a file was built with."""
    for relation in document.part.rels.values():
        if relation.reltype == RELATIONSHIP_TYPE.CUSTOM_XML and BUILT.encode() in relation.target_part.blob:
            packed = parse_xml(relation.target_part.blob).text
            return parse_xml(decompress(b64decode(packed)))
    raise GeError(
        _("{path} does not say what it was built with", path=path),
        _("keep edits made in a report.docx of this program, saved by Word or WPS"),
    )


class _Merge:
    """Applies the edits between `base` and `theirs` to `ours`."""

    def __init__(self, base: Any, theirs: Docx, ours: Docx):
        self.base, self.theirs, self.ours = base, theirs, ours
        self.edits: list[Edit] = []
        self.names = {style.style_id: style.name for style in ours.styles}
        self.their_names = {style.style_id: style.name for style in theirs.styles}
        self.ids = {name: code for code, name in self.names.items()}
        self.where = ""

    def run(self) -> None:
        accept_changes(self.theirs.element.body)
        self._blocks(self.base, self.theirs.element.body, self.ours.element.body)
        for comment in self.theirs.comments:
            if comment.author != AUTHOR:
                self.edits.append(Edit(Outcome.LOST, "批注", "", edited=comment.text))

    def _blocks(self, base: Any, theirs: Any, ours: Any) -> None:
        """Merge the paragraphs and tables of a body or a cell."""
        some = blocks_of(base, self.names), blocks_of(theirs, self.their_names), blocks_of(ours, self.names)
        self._sequence(*some, ours, self._pair)

    def _rows(self, base: Any, theirs: Any, ours: Any) -> None:
        self._sequence(base.tr_lst, theirs.tr_lst, ours.tr_lst, ours, self._cells)

    def _cells(self, base: Any, theirs: Any, ours: Any) -> None:
        cells = base.tc_lst, theirs.tc_lst, ours.tc_lst
        if len({len(some) for some in cells}) == 1:
            for three in zip(*cells, strict=True):
                self._blocks(*three)
        elif text_of(base) != text_of(theirs):
            self._note(Outcome.LOST, "表格列", base, theirs, ours)

    def _sequence(
        self,
        base: Sequence[Any],
        theirs: Sequence[Any],
        ours: Sequence[Any],
        container: Any,
        pair: Callable[[Any, Any, Any], None],
    ) -> None:
        """Merge blocks or rows in the order of the edited version."""
        now = {i: ours[j] for i, j in align(base, ours) if i is not None and j is not None}
        last = None  # block of ours after which insertions go
        for i, j in align(base, theirs):
            mine = None if i is None else now.get(i)
            if i is None and j is not None:
                last = self._insert(theirs[j], last, ours[0] if ours else None, container)
            elif i is not None and j is None:
                last = self._delete(base[i], mine, last)
            elif i is not None and j is not None:
                self._pass(base[i])
                if mine is not None:
                    pair(base[i], theirs[j], mine)
                    last = mine
                elif self._differs(base[i], theirs[j]):
                    self._note(Outcome.LOST, "修改", base[i], theirs[j], None)

    def _pass(self, block: Any) -> None:
        """Remember the heading."""
        if block.tag == qn("w:p") and style_name(block, self.names).startswith("Heading"):
            self.where = _shown(block)

    def _differs(self, base: Any, theirs: Any) -> bool:
        if text_of(base) != text_of(theirs):
            return True
        if base.tag != qn("w:p"):
            return False
        styles = style_name(base, self.names), style_name(theirs, self.their_names)
        return look_of(base) != look_of(theirs) or styles[0] != styles[1]

    def _pair(self, base: Any, theirs: Any, ours: Any) -> None:
        """Merge a paragraph or a table that all three versions have."""
        if base.tag == qn("w:tbl"):
            self._rows(base, theirs, ours)
        elif self._differs(base, theirs):
            before, edited, now = text_of(base), text_of(theirs), text_of(ours)
            kind = "修改" if before != edited else "格式"
            shown = _shown(ours)
            self._take(theirs, ours)
            style = style_name(theirs, self.their_names)
            if style != style_name(base, self.names) and style in self.ids:
                set_style(ours, self.ids[style])
            if before == now:
                self._note(Outcome.KEPT, kind, base, theirs, ours, shown)
                return
            whole = update(ours, before, edited, now)
            self._mark(ours, CHANGED.format(before=_shown(base)) if whole else OVERLAPS.format(now=shown))
            self._note(Outcome.CHECK, kind, base, theirs, ours, shown)

    def _delete(self, base: Any, ours: Any, last: Any) -> Any:
        """Delete a block or a row; bookmarks that others refer to move to the next block."""
        if ours is None:
            self._note(Outcome.KEPT, "删除", base, None, None)
            return last
        changed = text_of(base) != text_of(ours)
        self._note(Outcome.CHECK if changed else Outcome.KEPT, "删除", base, None, ours)
        following = ours.getnext()
        marks = [*ours.iter(qn("w:bookmarkStart")), *ours.iter(qn("w:bookmarkEnd"))]
        receives = following is not None and following.tag == qn("w:p")
        if ours.tag == qn("w:p"):
            only = ours.getparent().tag == qn("w:tc") and len(ours.getparent().p_lst) == 1
            ends = ours.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None
            if only or ends or (marks and not receives):
                clear(ours)
                return ours
        for mark in reversed(marks if receives else []):
            following.get_or_add_pPr().addnext(mark)
        ours.getparent().remove(ours)
        return last

    def _insert(self, theirs: Any, last: Any, first: Any, container: Any) -> Any:
        """Insert a copy of a block or a row after its predecessor."""
        copy = deepcopy(theirs)
        self._clean(copy)
        for mark in [*copy.iter(qn("w:bookmarkStart")), *copy.iter(qn("w:bookmarkEnd"))]:
            mark.getparent().remove(mark)
        for paragraph in copy.iter(qn("w:p")):
            self._translate(paragraph, last)
        if last is not None:
            last.addnext(copy)
        elif first is not None:
            first.addprevious(copy)
        else:
            container.append(copy)
        self._note(Outcome.KEPT, "新增", None, theirs, None)
        return copy

    def _translate(self, paragraph: Any, before: Any) -> None:
        """Give an inserted paragraph this document's style, and the list of the paragraph before it."""
        name = style_name(paragraph, self.their_names)
        set_style(paragraph, self.ids.get(name, self.ids["Body Text"]))
        properties = paragraph.get_or_add_pPr()
        for number in properties.findall(qn("w:numPr")):
            listed = None if before is None else before.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
            if listed is not None:
                number.addprevious(deepcopy(listed))
            properties.remove(number)

    def _take(self, theirs: Any, ours: Any) -> None:
        """Replace the content of a paragraph by that of the edited version, but keep its bookmarks."""
        copy = deepcopy(theirs)
        self._clean(copy)
        starts = {mark.get(qn("w:name")): mark.get(qn("w:id")) for mark in ours.iter(qn("w:bookmarkStart"))}
        theirs_by_id = {mark.get(qn("w:id")): mark.get(qn("w:name")) for mark in copy.iter(qn("w:bookmarkStart"))}
        found = set()
        for mark in [*copy.iter(qn("w:bookmarkStart")), *copy.iter(qn("w:bookmarkEnd"))]:
            name = theirs_by_id.get(mark.get(qn("w:id")))
            if name in starts:
                mark.set(qn("w:id"), starts[name])
                found.add(starts[name])
            else:
                mark.getparent().remove(mark)
        for child in list(ours):
            if child.tag != qn("w:pPr") and child.get(qn("w:id")) in found | {None}:
                ours.remove(child)
        for child in [child for child in copy if child.tag != qn("w:pPr")]:
            ours.append(child)

    def _clean(self, copy: Any) -> None:
        """Remove references into the edited file from a copy, and carry its pictures and links over."""
        for name in _DROPPED:
            for one in list(copy.iter(qn(f"w:{name}"))):
                one.getparent().remove(one)
        for one in list(copy.iter(qn("w:commentReference"))):
            one.getparent().getparent().remove(one.getparent())
        for name in _FOREIGN:
            for one in list(copy.iter(qn(f"w:{name}"))):
                self.edits.append(Edit(Outcome.LOST, "脚注或嵌入对象", self.where, edited=_shown(copy)))
                one.getparent().remove(one)
        for style in copy.iter(qn("w:rStyle")):
            style.set(qn("w:val"), self.ids.get(self.their_names.get(style.get(qn("w:val")), ""), "DefaultParagraphFont"))
        for node in list(copy.iter()):
            for attribute in (qn("r:id"), qn("r:embed"), qn("r:link")):
                if code := node.get(attribute):
                    node.set(attribute, self._relation(code))

    def _relation(self, code: str) -> str:
        """Return the id in this document of a picture or link of the edited one."""
        relation = self.theirs.part.rels[code]
        if relation.is_external:
            return self.ours.part.relate_to(relation.target_ref, relation.reltype, is_external=True)
        image = self.ours.part.package.get_or_add_image_part(BytesIO(relation.target_part.blob))
        return self.ours.part.relate_to(image, relation.reltype)

    def _mark(self, paragraph: Any, words: str) -> None:
        """Add a comment to a paragraph."""
        runs = paragraph.findall(qn("w:r"))
        if not runs:
            runs = [new_run()]
            paragraph.append(runs[0])
        first, last = (Run(each, self.ours.paragraphs[0]) for each in (runs[0], runs[-1]))
        self.ours.add_comment([first, last], text=words, author=AUTHOR, initials=AUTHOR)

    def _note(self, state: Outcome, kind: str, base: Any, theirs: Any, ours: Any, now: str | None = None) -> None:
        before, edited, current = ("" if block is None else _shown(block) for block in (base, theirs, ours))
        self.edits.append(Edit(state, kind, self.where, before, edited, current if now is None else now))


def _shown(block: Any) -> str:
    """Return the text of a block as a reader sees it, including results of fields."""
    return "".join(node.text or "" for node in block.iter(qn("w:t"))).strip()
