"""Find the table in a sheet: its contract, its header row, its columns and its data rows."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain

from ge_analysis.ledgers.cells import shown
from ge_analysis.ledgers.columns import Heading, headings_of, splits, unit_row, with_units
from ge_analysis.ledgers.contract import Column, Contract, contracts, headings
from ge_analysis.ledgers.plain import plain, visible
from ge_analysis.ledgers.words import words
from ge_analysis.ledgers.workbook import Sheet, Value

_LEADING = 3  # leading columns in which a total or a note may begin
_TOTAL_LENGTH = 8  # characters; a longer text does not name a total
_OPENING = " 　（(【["
_SEEN = re.compile("[0-9A-Za-z一-鿿]")  # most texts begin with such a visible character
_DATED = re.compile(r"\d{4}年\d{1,2}月(?:\d{1,2}日)?")  # a note may begin with it: 2021年1月5日填报


@dataclass(frozen=True)
class Layout:
    """How one sheet holds one contract's table. Rows and columns count from 0.

    Parameters
    ----------
    contract : Contract
        The contract it follows.
    header_row : int
        Row of the headings (the lower one of two).
    headings : tuple of Heading
        The columns found, including repeated ones.
    unknown : dict of int to str
        Headings that the contract does not know, by column.
    unheaded : list of int
        Columns with data but without a heading.
    county_column : int, optional
        Column that names the county.
    rows : list of int
        Rows with data: no blank lines, totals or notes below the table.
    left_out : list of int
        Other rows below the header that are not blank: totals, notes, repeated headings, units or column numbers.
    """

    contract: Contract
    header_row: int
    headings: tuple[Heading, ...]
    unknown: dict[int, str]
    unheaded: list[int]
    county_column: int | None
    rows: list[int]
    left_out: list[int]

    @property
    def found(self) -> dict[str, Heading]:
        """The first heading of each column found."""
        return {heading.column.name: heading for heading in reversed(self.headings)}


def recognise(sheet: Sheet, scope: str, year: int, search_rows: int) -> Layout | None:
    """Recognise a sheet by its header row.

    Parameters
    ----------
    sheet : Sheet
        The sheet as it is.
    scope : {"county", "city"}
        Kind of place whose folder it is in.
    year : int
        Study year, for headings of that year.
    search_rows : int
        Number of rows, from the first filled one, that may hold the header.

    Returns
    -------
    Layout or None
        None if no contract fits.
    """
    first = next((at for at, row in enumerate(sheet.rows) if any(True for _ in _filled(row))), len(sheet.rows))
    filled = [sum(1 for _ in _filled(row)) for row in sheet.rows[first : first + 2 * search_rows]]
    candidates = []
    for at in range(first, min(first + search_rows, len(sheet.rows))):
        below = max(filled[at - first + 1 : at - first + 1 + search_rows], default=0)  # the first rows may be sparse
        for names in _names(sheet, at):
            for contract in _likely(names, year):
                if contract.scope == scope and (score := _score(names, below, contract, year, sheet.name)) > 0:
                    candidates.append((score, -at, contract, names))
    if not candidates:
        return None
    _, above, contract, names = max(candidates, key=lambda candidate: candidate[:2])
    return _layout(sheet, contract, -above, names, year)


def _filled(row: Iterable[object]) -> Iterator[object]:
    """Yield the cells of a row that are not blank."""
    return (value for value in row if value != "" and not (isinstance(value, str) and not visible(value).strip()))


def _names(sheet: Sheet, at: int) -> list[dict[int, tuple[str, ...]]]:
    """Return the possible names of each column with `at` as the lowest header row: from one row, and from two."""
    lower = {column: str(value) for column, value in enumerate(sheet.rows[at]) if str(value).strip()}
    single: dict[int, tuple[str, ...]] = {column: (name,) for column, name in lower.items()}
    if at == 0:
        return [single]
    upper = {column: str(value) for column, value in enumerate(sheet.rows[at - 1]) if str(value).strip()}
    for (top, left), (bottom, right) in sheet.merged:
        inside = top <= at - 1 <= bottom and left < len(sheet.rows[top])  # merged ranges may lie beyond the filled rows
        if inside and (name := str(sheet.rows[top][left]).strip()):
            upper |= dict.fromkeys(range(left, right + 1) if bottom < at else [left], name)
    both: dict[int, tuple[str, ...]] = {column: (name,) for column, name in upper.items()}
    both |= {column: (name, upper.get(column, "") + name) for column, name in lower.items()}
    return [single, both]


def _likely(names: dict[int, tuple[str, ...]], year: int) -> list[Contract]:
    """Return the contracts that know at least two of the headings: few rows need a closer look."""
    tables = _tables_by_heading(year)
    known: Counter[str] = Counter()
    for choices in names.values():
        known.update({table for name in choices for key, _ in splits(name) for table in tables.get(key, ())})
    return [contract for table, contract in contracts().items() if known[table] >= 2]


@cache
def _tables_by_heading(year: int) -> dict[str, set[str]]:
    tables = defaultdict(set)
    for table in contracts():
        for heading in headings(table, year):
            tables[heading].add(table)
    return tables


def _score(names: dict[int, tuple[str, ...]], below: int, contract: Contract, year: int, sheet_name: str) -> float:
    """Return how well headings fit a contract; 0 if they are not from its sheet.

    The share of the required columns that are found, and the overlap of both sets of columns: the overlap alone would prefer the
    lower of two header rows if the contract knows few headings of the upper one. Cells `below` without a heading of their own
    count against a row: it may be the lower of two, with all that is required.
    """
    found = {heading.column.name for heading in headings_of(names, contract, year)}
    required = {column.name for column in contract.fields if column.required}
    if len(found) < 2 or 2 * len(found & required) < len(required):
        return 0
    own_name = plain(contract.sheet) in plain(sheet_name)
    return len(found & required) / len(required) + len(found) / (max(len(names), below) + len(required - found)) + own_name


def _layout(sheet: Sheet, contract: Contract, header_row: int, names: dict[int, tuple[str, ...]], year: int) -> Layout:
    units = unit_row(sheet, header_row, found := headings_of(names, contract, year))
    found = with_units(sheet, header_row, found, units)
    known = {heading.at for heading in found}
    others = {at: choices[0] for at, choices in names.items() if at not in known}
    own = contract.scope == "county"
    county = next((at for at, name in others.items() if own and plain(name) in words().county_headers), None)
    rows, left_out = _data_rows(sheet, header_row, bool(units), found)
    bare = set(range(len(sheet.rows[header_row]))) - set(names)
    return Layout(
        contract=contract,
        header_row=header_row,
        headings=tuple(found),
        unknown={at: name for at, name in others.items() if at != county and plain(name) not in words().ignored_headers},
        unheaded=[at for at in sorted(bare) if any(_filled(sheet.rows[row][at] for row in rows))],
        county_column=county,
        rows=rows,
        left_out=left_out,
    )


def _data_rows(sheet: Sheet, header_row: int, units_below: bool, found: list[Heading]) -> tuple[list[int], list[int]]:
    """Return the rows with data below the header, and the other filled rows.

    Totals and repeated headings are not data, nor is anything as sparse as a note from the first note on.
    """
    known = {heading.at for heading in found}
    unseen = {row for row, column in (*sheet.errors, *sheet.uncached) if column in known}  # blank to the fast reader
    width = min(known) + _LEADING
    first = header_row + 1 + units_below
    first += _is_numbering(sheet.rows[first : first + 1])
    below = sheet.rows[first:]
    filled = [len(row) - row.count("") for row in below]
    rows = [at for at, count in enumerate(filled, first) if count or at in unseen]
    required = sum(heading.column.required for heading in found)
    few = {at for at in rows if 2 * filled[at - first] < required}
    cells = chain(chain.from_iterable(row[:width] for row in below), chain.from_iterable(sheet.rows[at] for at in few))
    texts = {cell for cell in set(cells) if isinstance(cell, str)}
    if any(not visible(text).strip() for text in texts if text and not _SEEN.match(text)):
        rows = [at for at in rows if at in unseen or any(True for _ in _filled(sheet.rows[at]))]
    above = sheet.rows[:first]
    data = rows
    if not texts.isdisjoint(cell for row in above for cell in _filled(row)):  # a page may begin with the headings again
        heads = {tuple(row) for row in above}
        data = [at for at in rows if tuple(sheet.rows[at]) not in heads]
    # A hundred thousand distinct event numbers are neither totals nor notes.
    telling = [cell for cell in texts if not (cell.isascii() and cell[:1].isalnum())]
    totals, notes = set(filter(_names_total, telling)), set(filter(_begins_note, telling))
    if totals or notes:
        leading = {at: sheet.rows[at] if at in few else sheet.rows[at][:width] for at in data}
        data = list(_without_notes(leading, sheet, found, totals, notes))
    return data, sorted({*range(header_row + 1, first), *rows} - set(data))


def _is_numbering(rows: list[list[Value]]) -> bool:
    """Whether the row below the header only numbers the columns: 1, 2, 3, …."""
    numbers = [plain(shown(value)) for row in rows for value in _filled(row)]
    return len(numbers) > 2 and numbers == [str(count) for count in range(1, len(numbers) + 1)]


def _names_total(text: str) -> bool:
    """Whether a text is the name of a total: 小计, 1月小计, 合计（户）.

    Examples
    --------
    >>> [_names_total(text) for text in ("小 计：", "1月小计", "合计（户）", "合计线", "北关线改造前后用户合计")]
    [True, True, True, False, False]
    """
    if len(text) > _TOTAL_LENGTH:
        return False
    return splits(text)[-1][0].rstrip(":").endswith(words().totals)


def _begins_note(text: str) -> bool:
    """Whether a text begins like a note below a table.

    Examples
    --------
    >>> [_begins_note(text) for text in ("（注：含专变）", "2021年1月5日填报", "2021年1月5日")]
    [True, True, False]
    """
    return _DATED.sub("", visible(text).lstrip(_OPENING), count=1).startswith(words().notes)


def _without_notes(
    leading: dict[int, list[Value]], sheet: Sheet, found: list[Heading], totals: set[str], notes: set[str]
) -> Iterator[int]:
    """Yield the rows that are not totals; from the first note on, only those with half of the required columns (both of two).

    Parameters
    ----------
    leading : dict of int to list
        Rows, each with the cells in which the name of a total or a note may be.
    """
    columns = {heading.at: heading.column for heading in found}
    required = [heading.at for heading in found if heading.column.required]
    merged, unseen = _merged_down(sheet, required), sheet.errors.keys() | sheet.uncached
    marks, in_notes = totals | notes, False
    may_lack = len(required) // 2 if len(required) > 2 else 0  # a note itself would fill one of two
    for at, cells in leading.items():
        if not in_notes and marks.isdisjoint(cells):
            yield at
            continue
        row = sheet.rows[at]
        full = {column: merged.get((at, column), "") if row[column] == "" else row[column] for column in required}
        missing = sum(not _fills(value, columns[column], totals) and (at, column) not in unseen for column, value in full.items())
        if missing and any(cell in totals and not _is_allowed(cell, columns.get(column)) for column, cell in enumerate(cells)):
            continue
        in_notes = missing > may_lack
        if not in_notes:
            yield at


def _merged_down(sheet: Sheet, columns: list[int]) -> dict[tuple[int, int], object]:
    """Return the value that each cell below the first of a range merged downwards takes from it."""
    return {
        (row, left): sheet.rows[top][left]
        for (top, left), (bottom, _) in sheet.merged
        if left in columns
        for row in range(top + 1, min(bottom + 1, len(sheet.rows)))
    }


def _is_allowed(text: Value, column: Column | None) -> bool:
    """Whether the name of a total is one of the values of its column (范围: 合计)."""
    return column is not None and plain(str(text)) in column.meanings


def _fills(value: object, column: Column, totals: set[str]) -> bool:
    """Whether a cell holds a value of its column, rather than a blank, a dash in its place, or the name of a total."""
    if not isinstance(value, str):
        return True
    doubtful = value in totals or plain(value) in words().blank
    return bool(visible(value).strip()) and (not doubtful or _is_value(value, column))


def _is_value(text: str, column: Column) -> bool:
    """Whether the name of a total is a valid value of the column: a line called 合计, a range 合计, a place 全市合计."""
    named = column.type in ("place", "grid") and plain(text) not in words().totals
    return named or column.type == "text" or _is_allowed(text, column)
