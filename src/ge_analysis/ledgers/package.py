"""Scan an .xlsx within limits before the fast reader opens it, for what that reader does not report."""

import posixpath
import re
import zipfile
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from urllib.parse import unquote
from xml.sax.saxutils import quoteattr

from ge_analysis.ledgers import kinds, number_format
from ge_analysis.ledgers.live import Live
from ge_analysis.ledgers.refusal import MB, MOST_MERGED, Unreadable, refuse_large
from ge_analysis.ledgers.seen import Seen, distrust
from ge_analysis.ledgers.worksheet import TRUE, Scan, local, ordinary_sheet, xml_parser
from ge_analysis.settings.parameters import LedgerParams

_PASSWORD = 1  # a flag of a part of a zip file
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)")
_OTHER_ENCODINGS = ("gbk", "gb2312", "gb18030", "iso-8859-1", "windows-1252")
_FOLDERS = {"worksheet": "worksheets/", "chartsheet": "chartsheets/"}  # of the fast reader; macro sheets count among dialogs
_FIXED = {"sharedStrings": "sharedStrings.xml", "styles": "styles.xml"}
_OTHER_SHEETS = ("dialogsheet", "xlMacrosheet", "xlIntlMacrosheet")
_LIVE = {
    "vbaProject": Live.MACROS,
    "xlMacrosheet": Live.MACROS,
    "xlIntlMacrosheet": Live.MACROS,
    "connections": Live.DATA,
}
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


@dataclass
class Package:
    """An .xlsx as the scan found it.

    Parameters
    ----------
    content : bytes
        The file for the fast reader: as it was, or rewritten if that reader would not find its parts.
    sheets : dict of str to Seen
        Name of the sheet → what was seen there.
    epoch_1904 : bool
        Whether days count from 1904.
    live : set of Live
        What may run or fetch data.
    """

    content: bytes
    sheets: dict[str, Seen]
    epoch_1904: bool
    live: set[Live]


def look(content: bytes, limits: LedgerParams) -> Package:
    """Unpack an .xlsx within the limits and look for what the fast reader does not report.

    Parameters
    ----------
    content : bytes
        The file.
    limits : LedgerParams
        Sizes beyond which a file is refused.

    Raises
    ------
    Unreadable
        For a file that is not a workbook, needs a password, or is too large.
    ExpatError, BadZipFile and others
        For a damaged file.
    """
    with zipfile.ZipFile(BytesIO(content)) as book:
        entries = book.infolist()
        if any(entry.flag_bits & _PASSWORD for entry in entries):
            raise Unreadable("encrypted")
        _refuse_bomb(entries, limits)
        return _Reader(book, content, limits).package()


def _refuse_bomb(entries: list[zipfile.ZipInfo], limits: LedgerParams) -> None:
    if sum(entry.file_size for entry in entries) > limits.max_unpacked_mb * MB:
        raise Unreadable("zip_bomb", f"解压后超过{limits.max_unpacked_mb:g} MB")
    if any(entry.file_size > max(MB, limits.max_unpack_ratio * entry.compress_size) for entry in entries):
        raise Unreadable("zip_bomb", f"压缩比超过{limits.max_unpack_ratio:g}")


def _key(name: str) -> str:
    """Return a part's name in the form that Excel compares."""
    return unquote(name.replace("\\", "/")).lstrip("/").casefold()


def _utf8(part: bytes) -> bytes:
    """Return a part in UTF-8, the only encoding that the fast reader knows."""
    declared = _DECLARED.match(part)
    encoding = "utf-16" if part.startswith(_UTF16) else declared[1].decode().lower() if declared else "utf-8"
    if encoding == "utf-16":
        encoding = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(part[:2], encoding)
    elif encoding not in _OTHER_ENCODINGS:
        return part
    return re.sub(r"^\s*<\?xml.*?\?>", "", part.decode(encoding), count=1, flags=re.DOTALL).encode()


@dataclass(frozen=True)
class _Relation:
    """A relation of the workbook part: the kind of the other part, its key, and where the fast reader looks for it."""

    kind: str
    key: str
    expected: str


class _Reader:
    """The parts of one package, by names as Excel compares them."""

    def __init__(self, book: zipfile.ZipFile, content: bytes, limits: LedgerParams):
        self.book, self.content, self.limits = book, content, limits
        self.entries = {_key(entry.filename): entry for entry in book.infolist()}
        self.changed = len(self.entries) < len(book.infolist()) or not content.startswith(b"PK")
        self.texts = 0

    def part(self, key: str) -> bytes:
        """Unpack a part; its checksum is verified, so that no part is longer than declared."""
        part = self.book.read(self.entries[key])
        text = _utf8(part)
        self.changed |= text is not part
        return text

    def elements(self, key: str) -> list[tuple[str, dict[str, str]]]:
        """Return the elements of a short part with their attributes, without prefixes."""
        found: list[tuple[str, dict[str, str]]] = []
        if key in self.entries:
            xml_parser(lambda name, attributes: found.append((local(name), attributes))).Parse(self.part(key), True)
        return found

    @cached_property
    def workbook(self) -> str:
        """Key of the workbook's part."""
        targets = [
            of.get("Target", "") for _, of in self.elements("_rels/.rels") if of.get("Type", "").endswith("/officeDocument")
        ]
        key = next((key for key in map(_key, targets) if key in self.entries), "xl/workbook.xml")
        if key not in self.entries or not key.endswith(".xml"):
            kind = kinds.of_parts([key, *self.entries])
            raise Unreadable("other_format", kind=kind) if kind else Unreadable("not_a_workbook")
        return key

    @cached_property
    def relations(self) -> dict[str, _Relation]:
        """Id → relation of the workbook part."""
        folder, name = posixpath.split(self.workbook)
        relations = {}
        for _, of in self.elements(f"{folder}/_rels/{name}.rels".lstrip("/")):
            target = of.get("Target", "").replace("\\", "/")
            key = _key(posixpath.normpath(posixpath.join("/" + folder, target)))
            kind = of.get("Type", "").rpartition("/")[2]
            if of.get("TargetMode") != "External" and key in self.entries:
                expected = target.lstrip("/") if target.startswith(("/", "xl/")) else f"xl/{target}"
                relations[of.get("Id", "")] = _Relation(kind, key, expected)
        return relations

    def package(self) -> Package:
        elements = self.elements(self.workbook) if self.workbook.endswith(".xml") else []
        if not elements or elements[0][0] != "workbook":
            kind = kinds.of_parts(self.entries)
            raise Unreadable("other_format", kind=kind) if kind else Unreadable("not_a_workbook")
        sheets: dict[str, list[str]] = {}
        for name, of in elements:
            if name == "sheet":
                relation = self.relations.get(next((value for key, value in of.items() if local(key) == "id"), ""))
                if relation and relation.kind == "worksheet":
                    sheets.setdefault(relation.key, []).append(of.get("name", ""))
        scaled, seen = self._scaled(), dict[str, Seen]()
        for key in self.entries:
            if key in sheets:
                found = self._sheet(self.part(key), scaled)
                seen |= dict.fromkeys(sheets[key], found)
            elif key not in self._wanted:
                self.book.read(self.entries[key])  # verifies its checksum
        refuse_large([(sheet.height, sheet.width) for sheet in seen.values()], self.limits)
        calculation = next((of for name, of in elements if name == "calcPr"), {})
        if calculation.get("fullCalcOnLoad") in TRUE and not any(key.endswith("/calcchain.xml") for key in self.entries):
            distrust([*seen.values()])
        epoch_1904 = any(name == "workbookPr" and of.get("date1904") in TRUE for name, of in elements)
        return Package(self._content(), seen, epoch_1904, self._live().union(*(sheet.live for sheet in seen.values())))

    def _live(self) -> set[Live]:
        """Return what the parts other than sheets may run or fetch."""
        found = {_LIVE[relation.kind] for relation in self.relations.values() if relation.kind in _LIVE}
        links = [self.part(relation.key) for relation in self.relations.values() if relation.kind == "externalLink"]
        found |= {Live.DDE if re.search(rb"<(?:\w+:)?(?:dde|ole)Link", link) else Live.WORKBOOKS for link in links}
        return found

    @property
    def _wanted(self) -> set[str]:
        return {self.workbook, *(relation.key for relation in self.relations.values() if relation.kind in _FIXED)}

    def _of_kind(self, kind: str) -> str:
        return next((relation.key for relation in self.relations.values() if relation.kind == kind), "")

    def _scaled(self) -> dict[str, str]:
        """Index of each style whose number format rescales → the format's code."""
        codes, styles, within = {str(number): code for number, code in number_format.BUILT_IN.items()}, [], False
        for name, of in self.elements(self._of_kind("styles")):
            if name == "numFmt":
                codes[of.get("numFmtId", "")] = of.get("formatCode", "")
            elif name in ("cellXfs", "cellStyles"):
                within = name == "cellXfs"
            elif name == "xf" and within:
                styles.append(codes.get(of.get("numFmtId", ""), ""))
        return {str(at): code for at, code in enumerate(styles) if number_format.rescales(code)}

    @cached_property
    def _longest(self) -> int:
        """Upper bound of the bytes of a shared text."""
        key = self._of_kind("sharedStrings")
        return max(map(len, self.part(key).split(b"si>"))) if key else 0

    @cached_property
    def _lengths(self) -> list[int]:
        """Length of each shared text."""
        lengths: list[int] = []
        parser = xml_parser(lambda name, _: lengths.append(0) if local(name) == "si" else None)

        def add(text: str) -> None:
            if lengths:
                lengths[-1] += len(text)

        parser.CharacterDataHandler = add
        parser.Parse(self.part(self._of_kind("sharedStrings")), True)
        return lengths

    def _sheet(self, part: bytes, scaled: dict[str, str]) -> Seen:
        """Scan one sheet."""
        if part.count(b"mergeCell") > MOST_MERGED:
            raise Unreadable("too_large", "合并单元格", limit=f"{MOST_MERGED}个合并区域")
        ordinary = None if scaled else ordinary_sheet(part)
        cells = ordinary.cells if ordinary else part.count(b"<c") + part.count(b":c")
        long = cells * self._longest > self.limits.max_unpacked_mb * MB
        if cells > self.limits.max_cells:
            raise Unreadable("too_large", cells, limit=f"{self.limits.max_cells}个单元格")
        if ordinary and not long:
            refuse_large([(ordinary.height, ordinary.width)], self.limits)
            return ordinary
        scan = Scan(scaled, self._lengths if long else []).run(part)
        self.texts += scan.characters
        if self.texts > self.limits.max_unpacked_mb * MB:
            most = f"{self.limits.max_unpacked_mb:g} MB文字"
            raise Unreadable("too_large", f"{self.texts / MB:.0f} MB文字", limit=most)
        refuse_large([(scan.seen.height, scan.seen.width)], self.limits)
        return scan.seen

    def _content(self) -> bytes:
        """Return the package for the fast reader, rewritten if that reader would not find or not decode its parts."""
        ordinary = all(
            self.entries[relation.key].filename == relation.expected
            and relation.expected.startswith(f"xl/{_FOLDERS.get(relation.kind) or _FIXED.get(relation.kind, '')}")
            for relation in self.relations.values()
            if relation.kind in _FOLDERS or relation.kind in _FIXED
        )
        if ordinary and not self.changed and self.entries[self.workbook].filename == "xl/workbook.xml":
            return self.content
        written, links = BytesIO(), []
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
            root = f'<Relationship Id="rId1" Type="{_RELATIONS}officeDocument" Target="xl/workbook.xml"/>'
            book.writestr("_rels/.rels", f'<Relationships xmlns="{_PACKAGE}">{root}</Relationships>')
            book.writestr("xl/workbook.xml", self.part(self.workbook))
            for number, (name, relation) in enumerate(self.relations.items()):
                target = _FIXED.get(relation.kind) or f"{_FOLDERS.get(relation.kind, 'dialogsheets/')}{number}.xml"
                if target not in book.NameToInfo and relation.kind in (*_FOLDERS, *_FIXED, *_OTHER_SHEETS):
                    book.writestr(f"xl/{target}", self.part(relation.key))
                    kind = quoteattr(_RELATIONS + relation.kind)
                    links.append(f"<Relationship Id={quoteattr(name)} Type={kind} Target={quoteattr(target)}/>")
            book.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{_PACKAGE}">{"".join(links)}</Relationships>')
        return written.getvalue()
