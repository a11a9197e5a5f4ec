"""Rows that their sender marked as a sample (例：E1) or as void (（作废）): they are data all the same."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from ge_analysis.ledgers.layout import Layout
from ge_analysis.ledgers.plain import plain
from ge_analysis.ledgers.words import words


def mark_in(text: str) -> str:
    """Return the word in a cell that marks its row as a sample or as void; "" for none.

    It is all that the cell says, or stands at one end of it or in brackets, apart from the rest.

    Examples
    --------
    >>> [mark_in(text) for text in ("例：E1", "【填写示例】", "（已 作废）", "E12（作废）", "客户撤单，另行申请")]
    ['例', '示例', '作废', '作废', '撤单']
    >>> [mark_in(text) for text in ("例行检修", "共3例", "取消收费", "窗口有填写示例", "卡表已取消")]
    ['', '', '', '', '']
    """
    found = _pattern().search(plain(text))
    return next(filter(None, found.groups())) if found else ""


@cache
def _pattern() -> re.Pattern[str]:
    known = words()
    beside = rf"(?:{_any(known.mark_companions)})*"
    sample = rf"{beside}({_any(known.sample_marks)}){beside}"
    void = rf"(?:\d|{_any(known.mark_companions)})*({_any(known.void_marks)}){beside}"
    return re.compile(rf"^\W*{sample}(?![一-鿿])|[(\[<【〔《]{sample}\d*[)\]>】〕》]|(?:^|\W|[0-9a-z]){void}(?!\w)")


def _any(texts: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(texts, key=len, reverse=True)))


def marked_rows(cells: Sequence[Sequence[object]], layout: Layout) -> Iterator[tuple[int, int, str]]:
    """Yield the position of each marked row, and the column and the word of its first mark.

    Only columns of texts are searched, and those that the contract does not know; in others a mark is a fault of its cell.

    Parameters
    ----------
    cells : sequence of sequence
        The columns of the sheet, each with the cells of `layout.rows`.
    layout : Layout
        Where the table is.
    """
    elsewhere = {heading.at for heading in layout.headings if heading.column.type != "text"}
    first: dict[int, tuple[int, str]] = {}
    for column, values in enumerate(cells):
        if column in elsewhere:
            continue
        texts = {value for value in set(values) if isinstance(value, str) and not value.isascii()}
        if marks := {text: mark for text in texts if (mark := mark_in(text))}:
            first = {at: (column, marks[value]) for at, value in enumerate(values) if value in marks} | first
    yield from ((at, column, mark) for at, (column, mark) in first.items())
