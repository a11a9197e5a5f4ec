"""The figures and tables of a document: their numbers, and references to them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.report import markup
from ge_analysis.report.printed import without_mark
from ge_analysis.report.text import NONE, UNKNOWN, explained

_NAME = re.compile(r"(附?[图表] (?:\d+-)?)[\w-]+")  # what a chapter calls a figure or table: its series and any word


@dataclass
class Book:
    """Figures and tables in the order of the chapters, and the references to them.

    A chapter calls each by a name ("表 3-5", "附图 2-linxian"); what is printed is numbered within its series, without gaps.

    Parameters
    ----------
    folder : Path
        The document's folder; the pictures are below it.

    Attributes
    ----------
    figures, tables : dict of str to str
        Titles of those that are listed, by their numbers as printed.
    unlisted : bool
        Whether there are others.
    """

    folder: Path
    figures: dict[str, str] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    unlisted: bool = False
    _numbers: dict[str, str] = field(default_factory=dict)  # as printed, by name
    _series: Counter[str] = field(default_factory=Counter)

    def figure(self, name: str, title: object, path: str, alt: object, listed: bool = True, **layout: str) -> markup.Markup:
        """Set a figure: "图 3-1", its title, and the path of the picture below the document; see `markup.figure` for the rest."""
        if not (self.folder / f"{path}.svg").is_file():
            raise GeError(
                _("the picture {path}.svg of {number} is missing", path=path, number=name),
                _("run `ge run`, or correct its name"),
            )
        _check_name(name, "图")
        number = self._enter(self.figures if listed else None, name, title)
        return markup.figure(number, title, f"{path}.svg", alt, **layout)

    def picture(self, name: str, caption: str, path: str) -> markup.Markup:
        """Set a photograph or screenshot, which its caption describes; its path is below the document."""
        return markup.figure(self._enter(self.figures, name, caption), caption, path, caption)

    def table(
        self,
        name: str,
        title: object,
        header: Sequence[object],
        rows: Iterable[Sequence[object]],
        listed: bool = True,
        **layout: Any,
    ) -> markup.Markup:
        """Set a table: "表 2-1", its title, header and rows; see `markup.table` for the rest.

        A column without any value is omitted and, unless all of it is "—", named below the table.
        """
        _check_name(name, "表")
        number = self._enter(self.tables if listed else None, name, title)
        rows = list(rows)
        for row in rows:
            if len(row) != len(header):
                raise GeError(
                    _(
                        "{number}: a row has {cells} cells, the header {columns}",
                        number=number,
                        cells=len(row),
                        columns=len(header),
                    ),
                    _("give each row a cell for each column"),
                )
        held = [{without_mark(row[column]) for row in rows} for column in range(len(header))]
        known = [column for column, cells in enumerate(held) if not rows or cells - {UNKNOWN, NONE}]
        lacking = "、".join(str(header[column]) for column, cells in enumerate(held) if column not in known and UNKNOWN in cells)
        if len(known) < len(header):
            layout["align"] = "".join(layout.get("align", "l" + "r" * len(header))[column] for column in known)
            if "widths" in layout:
                layout["widths"] = [layout["widths"][column] for column in known]
            header, rows = [header[column] for column in known], [[row[column] for column in known] for row in rows]
        note = explained(layout.get("note", ""), {without_mark(cell) for row in rows for cell in row})
        layout["note"] = f"{note or '注：'}各行均缺而未列的栏目：{lacking}。" if lacking else note
        return markup.table(number, title, header, rows, **layout)

    def _enter(self, entries: dict[str, str] | None, name: str, title: object) -> str:
        """Give a figure or table its number, and register it if it is listed."""
        if name in self._numbers:
            raise GeError(_("{number} is set twice", number=name), _("give each figure and table a number of its own"))
        if not markup.plain(title).strip():
            raise GeError(_("{number} has no title", number=name), _("say in a few words what it shows"))
        series = cast(re.Match[str], _NAME.fullmatch(name))[1]
        self._series[series] += 1
        number = self._numbers[name] = f"{series}{self._series[series]}"
        if entries is None:
            self.unlisted = True
        else:
            entries[number] = markup.plain(title)
        return number

    def ref(self, name: str) -> markup.Markup:
        """Refer to a figure or table by its name, as a link that shows its number."""
        _check_name(name, "图表")
        return markup.reference(name)

    def names(self) -> dict[str, object]:
        """Names with which a chapter sets figures and tables and refers to them."""
        return {"book": self, "figure": self.figure, "table": self.table, "ref": self.ref}

    def lost(self, text: str) -> list[str]:
        """Return what a chapter refers to and no chapter sets."""
        return sorted(markup.referred(text) - self._numbers.keys())

    def linked(self, text: str) -> str:
        """Return a chapter in which each reference is a link that shows its number."""
        return markup.linked(text, self._numbers)


def _check_name(name: str, kinds: str) -> None:
    """Raise a GeError if a text cannot be the name of a figure or table."""
    if not _NAME.fullmatch(str(name)) or not set(kinds) & set(name.partition(" ")[0]):
        what = {"图": _("figure"), "表": _("table")}.get(kinds, _("figure or table"))
        raise GeError(
            _("'{number}' is not the number of a {what}", number=name, what=what),
            _("write it as {kind} 3-1 or 附{kind} 2-1", kind=kinds[0]),
        )
