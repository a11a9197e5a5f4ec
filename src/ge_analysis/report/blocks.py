"""Paragraphs and tables of a Word file as comparable text, and which of them correspond in two versions."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

from docx.oxml.ns import qn

from ge_analysis.report.ooxml import element

FIELD, PICTURE = "\ue000", "\ufffc"  # placeholders for a field, whose result Word may update, and for a picture
SIMILAR = 0.4  # least similarity of two versions of one paragraph
_LISTS = re.compile(r"TOC|Table ?of ?Figures|toc \d|table of figures")
_NUMBERS = re.compile(r"\d[\d,]*(?:\.\d+)?")
_WORDS = re.compile(rf"{_NUMBERS.pattern}|.", re.DOTALL)
_LOOKS = ("b", "i", "u", "strike", "color", "highlight", "shd", "vertAlign", "em")
_OFF = {"0", "false", "none", "auto", "baseline", "off"}
_CHARACTERS = {"w:tab": "\t", "w:br": "\n", "w:cr": "\n", "w:drawing": PICTURE, "w:pict": PICTURE, "w:noBreakHyphen": "-"}
_BY_TAG = {qn(name): character for name, character in _CHARACTERS.items()}

Atom = tuple[str, Any, int]  # a character, its text node (None if it has none), and its position there


def accept_changes(body: Any) -> None:
    """Accept all tracked changes in a body."""
    for name in ("del", "moveFrom", "rPrChange", "pPrChange", "tblPrChange", "tcPrChange", "trPrChange", "sectPrChange"):
        for one in list(body.iter(qn(f"w:{name}"))):
            if one.getparent().tag != qn("w:rPr"):  # a deleted paragraph mark does not concern the text
                one.getparent().remove(one)
    for name in ("ins", "moveTo"):
        for one in list(body.iter(qn(f"w:{name}"))):
            for child in list(one):
                one.addprevious(child)
            one.getparent().remove(one)


def atoms(paragraph: Any) -> list[Atom]:
    """Return the characters of a paragraph; a field counts as one."""
    found: list[Atom] = []
    depth = 0
    inside = {node for simple in paragraph.iter(qn("w:fldSimple")) for node in simple.iterdescendants()}
    for node in paragraph.iter():
        if node in inside:
            continue
        if node.tag == qn("w:fldSimple"):
            found.append((FIELD, None, 0))
        elif node.tag == qn("w:fldChar"):
            kind = node.get(qn("w:fldCharType"))
            depth += {"begin": 1, "end": -1}.get(kind, 0)
            if kind == "end" and depth == 0:
                found.append((FIELD, None, 0))
        elif depth == 0 and node.tag == qn("w:t"):
            found += [(character, node, at) for at, character in enumerate(node.text or "")]
        elif depth == 0 and node.tag in _BY_TAG and node.getparent().tag == qn("w:r"):
            found.append((_BY_TAG[node.tag], None, 0))
    return found


def text_of(block: Any) -> str:
    """Return the text of a paragraph, or of all cells of a table or row."""
    if block.tag == qn("w:p"):
        return "".join(character for character, _, _ in atoms(block)).strip()
    return "\x1f".join(text_of(paragraph) for paragraph in block.iter(qn("w:p")))


def look_of(paragraph: Any) -> list[tuple[str, frozenset[tuple[str, str]]]]:
    """Return each character of a paragraph with its direct formatting: bold, colour and the like."""
    looks: dict[Any, frozenset[tuple[str, str]]] = {}
    for run in paragraph.iter(qn("w:r")):
        found = ((name, run.find(f"{qn('w:rPr')}/{qn(f'w:{name}')}")) for name in _LOOKS)
        values = ((name, one.get(qn("w:val")) or one.get(qn("w:fill")) or "1") for name, one in found if one is not None)
        looks[run] = frozenset((name, value) for name, value in values if value.lower() not in _OFF)
    seen = [(character, node) for character, node, _ in atoms(paragraph) if node is not None and not character.isspace()]
    return [(character, looks[node.getparent()]) for character, node in seen]


def blocks_of(container: Any, names: dict[str, str]) -> list[Any]:
    """Return the paragraphs and tables of a body or a cell, without contents and lists, which are generated."""
    return [
        one
        for one in container.iterchildren(qn("w:p"), qn("w:tbl"))
        if one.tag == qn("w:tbl") or (text_of(one) and not _LISTS.match(names.get(_style(one), "")))
    ]


def _style(paragraph: Any) -> str:
    found = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return "" if found is None else str(found.get(qn("w:val")))


def style_name(paragraph: Any, names: dict[str, str]) -> str:
    """Return the name of a paragraph's style."""
    return names.get(_style(paragraph), "Normal")


def words(text: str) -> list[str]:
    """Split a text for comparison: a number is one word, and so is any other character."""
    return _WORDS.findall(text)


def align(before: Sequence[Any], after: Sequence[Any]) -> list[tuple[int | None, int | None]]:
    """Match the blocks of two versions, in the order of the second.

    Parameters
    ----------
    before, after : sequences of elements
        Blocks, or rows.

    Returns
    -------
    list of pairs of int
        Positions in both; the first is None for a new block, the second for a removed one.
    """
    texts = [[text_of(block) for block in blocks] for blocks in (before, after)]
    keys = [
        [(block.tag, _NUMBERS.sub("#", text)) for block, text in zip(blocks, some, strict=True)]
        for blocks, some in zip((before, after), texts, strict=True)
    ]
    pairs: list[tuple[int | None, int | None]] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, keys[0], keys[1], autojunk=False).get_opcodes():
        if kind == "equal":
            pairs += zip(range(i1, i2), range(j1, j2), strict=True)
        else:
            like = [[_likeness(keys[0][i], keys[1][j]) for j in range(j1, j2)] for i in range(i1, i2)]
            pairs += [(i if i is None else i + i1, j if j is None else j + j1) for i, j in _pair(like, i2 - i1, j2 - j1)]
    return pairs


def _likeness(one: tuple[str, str], other: tuple[str, str]) -> float:
    if one[0] != other[0]:
        return 0.0
    matcher = SequenceMatcher(None, one[1], other[1], autojunk=False)
    possible = matcher.real_quick_ratio() >= SIMILAR and matcher.quick_ratio() >= SIMILAR  # cheaper upper bounds first
    return matcher.ratio() if possible else 0.0


def _pair(like: list[list[float]], height: int, width: int) -> list[tuple[int | None, int | None]]:
    """Pair rows with columns in order, maximising total similarity."""
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    for i in reversed(range(height)):
        for j in reversed(range(width)):
            both = like[i][j] + best[i + 1][j + 1] if like[i][j] >= SIMILAR else 0.0
            best[i][j] = max(both, best[i + 1][j], best[i][j + 1])
    pairs: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < height and j < width:
        if like[i][j] >= SIMILAR and best[i][j] == like[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((i, None))
            i += 1
        else:
            pairs.append((None, j))
            j += 1
    return [*pairs, *((row, None) for row in range(i, height)), *((None, column) for column in range(j, width))]


def update(paragraph: Any, before: str, edited: str, now: str) -> bool:
    """Apply the changes of the report itself to an edited paragraph; return whether all could be applied.

    Parameters
    ----------
    paragraph : element
        The paragraph as edited; its text is `edited`.
    before, edited, now : str
        Text as originally built, as edited, and as built now.
    """
    old, mine, new = words(before), words(edited), words(now)
    starts = [0]
    for word in mine:
        starts.append(starts[-1] + len(word))
    equal = SequenceMatcher(None, old, mine, autojunk=False).get_matching_blocks()
    whole = True
    for kind, i1, i2, j1, j2 in reversed(SequenceMatcher(None, old, new, autojunk=False).get_opcodes()):
        if kind == "equal":
            continue
        match = next((block for block in equal if block.size and block.a <= i1 and i2 <= block.a + block.size), None)
        if match is None or FIELD in old[i1:i2] + new[j1:j2]:
            whole = False
            continue
        first, last = (starts[match.b + index - match.a] for index in (i1, i2))
        _replace(paragraph, first, last, "".join(new[j1:j2]))
    return whole


def _replace(paragraph: Any, first: int, last: int, words: str) -> None:
    """Replace characters of a paragraph's text, counted without leading blanks."""
    characters = atoms(paragraph)
    blanks = next((at for at, (character, _, _) in enumerate(characters) if not character.isspace()), 0)
    taken = [atom for atom in characters[blanks + first : blanks + last] if atom[1] is not None]
    if not taken:  # nothing to replace: insert after the previous character
        before = next(((node, at + 1) for _, node, at in reversed(characters[: blanks + first]) if node is not None), None)
        node, at = before or next((node, at) for _, node, at in characters if node is not None)
    else:
        _, node, at = taken[0]
    for _, each, at in reversed(taken):
        each.text = each.text[:at] + each.text[at + 1 :]
    node.text = (node.text or "")[:at] + words + (node.text or "")[at:]


def clear(paragraph: Any) -> None:
    """Remove everything from a paragraph except its properties and bookmarks."""
    for child in list(paragraph):
        if child.tag not in {qn("w:pPr"), qn("w:bookmarkStart"), qn("w:bookmarkEnd")}:
            paragraph.remove(child)


def set_style(paragraph: Any, style: str) -> None:
    """Set a paragraph's style by its id."""
    properties = paragraph.get_or_add_pPr()
    for old in properties.findall(qn("w:pStyle")):
        properties.remove(old)
    properties.insert(0, element("w:pStyle", val=style))
