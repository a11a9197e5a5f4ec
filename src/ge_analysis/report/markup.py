"""What goes into a chapter: escaped values, and figures and tables, which alone pass as markup.

Everything else that a template puts into its text is escaped, so that a survey answer holding `{{< include >}}`,
`<script>`, `$…$`, `#read(…)` or `|` appears in the report as the plain text it is.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import cast

import pandas as pd

from ge_analysis.settings.registry import MISSING
from ge_analysis.storage.fonts import UNPRINTABLE, glyphs

KINDS = {"图": "tu", "表": "biao"}
RULES = {"l": (":", "-"), "r": ("-", ":"), "c": (":", ":")}  # first and last sign below a heading

MARKS = range(0xF0000, 0x110000)  # marks of printed numbers while chapters are rendered; see `printed`

_BOUND = "\ue000"  # of a reference; `plain` leaves it out of whatever else goes into a chapter
_REFERENCE = re.compile(f"{_BOUND}(.+?){_BOUND}(.*?){_BOUND}")

# ASCII punctuation, except , and / and characters inside a number or a name; a backslash makes it plain text to Pandoc.
_SPECIAL = re.compile(r"(?<=[0-9A-Za-z])[.:-](?=[\U000F0000-\U0010FFFF]?[0-9A-Za-z])|(?<=\d)%|([!-+\-.:-@\[-`{-~])")


class Markup(str):
    """Text that passes into a chapter unescaped."""

    __slots__ = ()


def plain(value: object) -> str:
    """Return a value as one line that the report's fonts can print; a character they lack becomes 〓.

    Examples
    --------
    >>> plain("停电 \\n 太多😀")
    '停电 太多〓'
    """
    if pd.api.types.is_scalar(value) and pd.isna(cast(float, value)):
        return MISSING
    return "".join(map(_printed, " ".join(unicodedata.normalize("NFC", str(value)).split())))


@cache
def _printed(character: str) -> str:
    """Return what the report prints for a character: nothing if it is invisible."""
    if ord(character) in MARKS:
        return character
    if unicodedata.category(character)[0] == "C":
        return ""
    return character if ord(character) in glyphs() else UNPRINTABLE


def escape(value: object) -> Markup:
    r"""Return a value as Markdown that prints as the value itself; `Markup` passes unchanged.

    Examples
    --------
    >>> print(escape("*1* <b> 3.5"))
    \*1\* \<b\> 3.5
    """
    if isinstance(value, Markup):
        return value
    return Markup(_SPECIAL.sub(lambda found: f"\\{found[1]}" if found[1] else found[0], plain(value)))


def link(text: object, anchor: str) -> Markup:
    """Return a link to an anchor of the report."""
    return Markup(f"[{escape(text)}](#{anchor})")


def entry(number: object, title: object) -> Markup:
    """Return a line of the lists of figures and tables: number and title as a link."""
    return link(f"{number}  {title}", anchor_of(str(number)))


def reference(name: str, words: str = "") -> Markup:
    """Return a placeholder for a link to a figure or table until all have their numbers; `linked` makes the link.

    Parameters
    ----------
    name : str
        What the chapters call it.
    words : str, optional
        Text of the link; defaults to the number.
    """
    return Markup(f"{_BOUND}{name}{_BOUND}{words}{_BOUND}")


def referred(text: str) -> set[str]:
    """Return the names of the figures and tables that a text refers to."""
    return {found[1] for found in _REFERENCE.finditer(text)}


def linked(text: str, numbers: Mapping[str, str]) -> str:
    """Return a text in which each reference is a link; `numbers` are those of the figures and tables, by their names."""
    return _REFERENCE.sub(lambda found: link(found[2] or numbers[found[1]], anchor_of(numbers[found[1]])), text)


def anchor_of(number: str) -> str:
    """Return the anchor of a figure or table from its printed number.

    Examples
    --------
    >>> anchor_of("图 3-1"), anchor_of("附表 2-1")
    ('tu-3-1', 'fu-biao-2-1')
    """
    kind, _, count = number.partition(" ")
    return f"{'fu-' if kind.startswith('附') else ''}{KINDS[kind[-1]]}-{count}"


def number_of(anchor: str) -> str:
    """Return the printed number of a figure or table from its anchor.

    Examples
    --------
    >>> number_of("tu-3-1"), number_of("fu-biao-2-1")
    ('图 3-1', '附表 2-1')
    """
    kind, _, count = anchor.removeprefix("fu-").partition("-")
    sign = {code: sign for sign, code in KINDS.items()}[kind]
    return f"{'附' if anchor.startswith('fu-') else ''}{sign} {count}"


def figure(number: str, title: object, path: str, alt: object, note: object = "", width: str = "") -> Markup:
    """Return a figure with its caption below.

    Parameters
    ----------
    number : str
        As printed: "图 3-1", "附图 2-1".
    title, alt, note : object
        Texts; escaped unless they are `Markup`.
    path : str
        Picture below the report's folder, ending in .svg.
    width : str, optional
        Share of the text width, such as "78%"; defaults to all of it.
    """
    anchor, size = anchor_of(number), f' width="{width}"' if width else ""
    # Quarto would turn an image without an id into a figure with the alternative text as its caption
    inside = [f"![{escape(alt)}]({path}){{#{anchor}-image{size}}}", _caption(number, title), *_note(note)]
    return Markup(_div(f"#{anchor} .figure", inside, 4))


def table(
    number: str,
    title: object,
    header: Sequence[object],
    rows: Iterable[Sequence[object]],
    align: str = "",
    note: object = "",
    page: str = "",
    widths: Sequence[int] = (),
) -> Markup:
    """Return a table with its caption above.

    Parameters
    ----------
    number : str
        As printed: "表 2-1", "附表 2-1".
    title, note : object
        Texts; escaped unless they are `Markup`.
    header : sequence
        One text per column.
    rows : iterable of sequences
        Cells; escaped unless they are `Markup`.
    align : str, optional
        One letter per column: l left, r right (numbers), c centre; by default the first left and the rest right.
    page : {"", "small", "landscape"}, optional
        Whether the table needs smaller type or a landscape page.
    widths : sequence of int, optional
        Relative widths of the columns; the shared filter sets them by what the cells hold where left out.
    """
    cells = [[escape(cell) for cell in row] for row in (header, *rows)]
    align = align or "l" + "r" * (len(header) - 1)
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    sides = zip(align, widths or [3] * len(header), strict=True)
    lines.insert(1, "|" + "|".join(("-" * width).join(RULES[side]) for side, width in sides) + "|")
    attributes = f"#{anchor_of(number)} .table{' .' + page if page else ''}"
    return Markup(_div(attributes, [_caption(number, title), "\n".join(lines), *_note(note)], 4))


def _caption(number: str, title: object) -> str:
    return _div(".caption", [f"{number}  {escape(title)}"], 3)


def _note(note: object) -> list[str]:
    return [_div(".note", [escape(note)], 3)] if note else []


def _div(attributes: str, blocks: Iterable[str], colons: int) -> str:
    fence = ":" * colons
    return "\n\n".join([f"{fence} {{{attributes}}}", *blocks, fence])
