"""How the senders lay out their workbooks, from the city's `senders.yml`: which tables go into which files, and habits."""

from typing import Literal

from ge_analysis.settings.model import Model
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.places import County


class SheetStyle(Model):
    """The habits of a sender on one sheet.

    Parameters
    ----------
    titles : int
        Title rows above the header.
    skip : tuple of int
        Blank rows above, and blank columns to the left of everything.
    headings : dict
        Field → heading used instead of the contract's own.
    groups : dict
        Heading in the upper of two header rows → fields below it.
    merged : tuple of str
        Fields whose adjacent equal cells are merged.
    dates : str
        Form of dates: date cells, bare serial numbers, or a kind of text.
    full_width, thousands, computed : tuple of str
        Fields in full-width characters, as text with thousands separators, as formulas with a stored value.
    units : dict
        Field → unit written after the number in the cell.
    words : dict
        Field → code → word used instead of the registry's label.
    left_out : tuple of str
        Optional fields without a column.
    extra : dict
        Heading of a column that no contract has → content of its cells.
    totals, serial, county_column, hidden, hidden_row : bool
        A row 合计; a column 序号; a merged column with the county; a hidden sheet; a hidden row.
    """

    titles: int = 0
    skip: tuple[int, int] = (0, 0)
    headings: dict[str, str] = {}
    groups: dict[str, tuple[str, ...]] = {}
    merged: tuple[str, ...] = ()
    dates: Literal["cells", "serials", "slash", "dot", "chinese", "compact"] = "cells"
    full_width: tuple[str, ...] = ()
    thousands: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()
    units: dict[str, str] = {}
    words: dict[str, dict[str, str]] = {}
    left_out: tuple[str, ...] = ()
    extra: dict[str, str] = {}
    totals: bool = False
    serial: bool = False
    county_column: bool = False
    hidden: bool = False
    hidden_row: bool = False


class Sender(Model):
    """One sender: which tables go into which files, and its habits on all sheets or single ones."""

    packing: str = "by_subject"
    system_1904: bool = False
    wps: bool = False
    everywhere: SheetStyle = SheetStyle()
    sheets: dict[str, SheetStyle] = {}

    def layout(self, table: str) -> SheetStyle:
        """Return the habits on one sheet: those of all sheets unless the sheet has its own."""
        own = self.sheets.get(table, SheetStyle())
        return self.everywhere.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})


class Senders(Model):
    """A `senders.yml`."""

    packings: dict[str, dict[str, tuple[str, ...]]]
    senders: dict[str, Sender]

    def sender(self, place: str) -> Sender:
        """Return the sender of a county or of the city; that of `other` if the place is not listed."""
        return self.senders.get(place, self.senders["other"])

    def files(self, slug: str, **names: object) -> dict[str, tuple[str, ...]]:
        """Return file names → tables of one place or `city`; `names` (place, year) fill the patterns of the file names."""
        return {pattern.format(**names): tables for pattern, tables in self.packings[self.sender(slug).packing].items()}


def file_place_name(county: County, params: Params) -> str:
    """Return the name of a sender in file names: 石桥国网, 清河国网."""
    short = county.name if len(county.name) == 2 else county.name[:-1]
    return short + params.grid(county.grid).name
