"""What `ge check` writes: findings.xlsx, and an annotated copy of each faulty workbook, ready to be sent back."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook.child import INVALID_TITLE_REGEX
from openpyxl.worksheet.worksheet import Worksheet

from ge_analysis.ledgers import ingest, overview, workbook
from ge_analysis.ledgers.cells import shown
from ge_analysis.ledgers.confined import Begin, Stopped, confined
from ge_analysis.ledgers.issues import SEVERITIES, Issue, issue
from ge_analysis.ledgers.refusal import COLUMNS, ROWS, Unreadable
from ge_analysis.ledgers.safe_cells import clean, put
from ge_analysis.ledgers.stale import raw_folder, shown_name
from ge_analysis.ledgers.workbook import SUFFIXES, position
from ge_analysis.settings.parameters import LedgerParams
from ge_analysis.settings.places import CITY
from ge_analysis.settings.study_year import StudyYear
from ge_analysis.storage.files import whole_folder
from ge_analysis.storage.paths import Paths

ISSUES = "findings.xlsx"
RESULT_SHEET = "检查结果"
_FILLS = {"error": PatternFill("solid", fgColor="FFC7CE"), "warning": PatternFill("solid", fgColor="FFEB9C")}
_HEADERS = {"级别": 8, "县（市、区）": 12, "工作簿": 40, "工作表": 16, "单元格": 10, "规则": 22, "发现的值": 24, "处理办法": 60}
_LINK = Font(color="0563C1", underline="single")
_AUTHOR = "台账检查"
_LONGEST_TITLE = 31  # of Excel
_MOST_MERGED = 1_000_000  # cells: openpyxl makes an object of each
_LONGEST_NAME = 200  # bytes of a file's name


def check(study: StudyYear, places: Iterable[str]) -> dict[str, list[Issue]]:
    """Check the workbooks of places in one pass, and write `findings.xlsx` and the annotated copies to its folder of checks.

    Parameters
    ----------
    study : StudyYear
    places : iterable of str
        County slugs and "city".

    Returns
    -------
    dict of str to list of Issue
        All issues by place. No file, however broken, hides the issues in another.

    Raises
    ------
    GeError
        For a broken corrections file, or a folder that cannot be written.
    """
    found = {place: ingest.issues(study, place) for place in places}
    names = {unit.slug: unit.name for unit in study.counties} | {CITY: study.params.study.city}
    with whole_folder(study.paths.checks) as folder:
        kept = _keep_others(study.paths.checks, folder, {place: name for place, name in names.items() if place not in found})
        copies: dict[tuple[str, str], Copy] = {}
        for place in found:
            raw = study.paths.raw / place
            files = {shown_name(path, raw): path for path in raw_folder(raw).files}
            for file, group in groupby(list(found[place]), key=attrgetter("workbook")):
                if file in files:
                    found[place] += _copy(study, files[file], names[place], list(group), folder, copies)
        lines = kept + [_line(each, names, copies) for issues in found.values() for each in issues]
        order = list(names.values())
        book = _empty_book()
        _list(book.create_sheet(RESULT_SHEET), sorted(lines, key=lambda line: order.index(line.texts[1])))
        content = BytesIO()  # written to disk by a zip file, a full disk would raise a second time on cleanup
        book.save(content)
        (folder / ISSUES).write_bytes(content.getvalue())
        overview.record(study.paths, found, folder)
    return found


@dataclass(frozen=True)
class Copy:
    """An annotated copy of a workbook.

    Parameters
    ----------
    path : Path
        Its path below the folder of the checks.
    titles : dict of str to str
        Name of a sheet in the original → in the copy.
    """

    path: Path
    titles: dict[str, str]


class ListedIssue(NamedTuple):
    """One line of a list of issues: the texts of its columns, and the link to its cell ("" for none)."""

    texts: tuple[str, ...]
    link: str


def _keep_others(old: Path, new: Path, names: dict[str, str]) -> list[ListedIssue]:
    """Keep the copies of places that are not checked now; return their lines."""
    for place in names:
        if (old / place).is_dir():
            shutil.copytree(old / place, new / place)
    try:
        rows = list(load_workbook(old / ISSUES)[RESULT_SHEET].iter_rows(min_row=2))
    except Exception:  # missing or no longer a workbook: openpyxl raises many kinds of errors
        return []
    at = list(_HEADERS).index("单元格")
    lines = [ListedIssue(tuple(str(cell.value or "") for cell in row), _target(row[at])) for row in rows]
    return [line for line in lines if line.texts[1] in names.values()]


def _target(cell: Cell | MergedCell) -> str:
    link = cell.hyperlink
    return f"{link.target or ''}#{link.location}" if link and link.location else (link.target or "") if link else ""


def _copy(
    study: StudyYear, path: Path, name: str, issues: list[Issue], folder: Path, copies: dict[tuple[str, str], Copy]
) -> list[Issue]:
    """Make the annotated copy of a workbook, if it needs one; return an issue if that fails."""
    if path.suffix.lower() not in SUFFIXES or any(found.rule == "too_costly" for found in issues):
        return []
    if not any(found.cell or found.severity == "error" for found in issues):
        return []
    place, file = issues[0].county, issues[0].workbook
    staging = folder / ".copy"
    try:
        made = confined(study.params.ledgers, _annotate, path, study.params.ledgers, issues, name, staging)
    except Stopped as stopped:
        staging.unlink(missing_ok=True)
        return [issue("not_marked", place, file, "", "", stopped.reason)]
    if made:
        suffix, titles = made
        copies[place, file] = Copy(_path(study.paths, place, file, suffix, copies), titles)
        target = folder / copies[place, file].path
        target.parent.mkdir(parents=True, exist_ok=True)
        staging.rename(target)
    return []


def _path(paths: Paths, place: str, file: str, suffix: str, copies: dict[tuple[str, str], Copy]) -> Path:
    """Return the path of a copy: 台账.xls becomes 台账.xlsx, unless another workbook has that name."""
    same_name = _short(Path(place) / Path(clean(file)).with_suffix(suffix))
    others = {other.path for other in copies.values()}
    taken = same_name in others or (same_name.name != Path(file).name and (paths.raw / same_name).exists())
    return _short(Path(place) / f"{clean(file)}{suffix}") if taken else same_name


def _short(path: Path) -> Path:
    """Shorten a file name to what file systems accept."""
    stem = path.stem.encode()[: _LONGEST_NAME - len(path.suffix)].decode(errors="ignore")
    return path.with_name(stem + path.suffix)


def _annotate(
    begin: Begin, path: Path, limits: LedgerParams, issues: list[Issue], name: str, target: Path
) -> tuple[str, dict[str, str]] | None:
    """Write a copy with its faulty cells marked; return its suffix and its sheets' names; None if it cannot be opened."""
    try:
        book, suffix, titles = _opened(path, limits)
    except Unreadable:
        return None
    for found in issues:
        if found.sheet in titles and _addressable(found.cell):
            _mark(book[titles[found.sheet]], found)
    result = book.create_sheet(_free_name(book), 0)
    own = Copy(Path(), titles)
    _list(result, [_line(found, {found.county: name}, {(found.county, found.workbook): own}) for found in issues])
    book.active = 0
    for sheet in book.worksheets[1:]:
        sheet.sheet_view.tabSelected = False
    with target.open("wb") as file:  # given a path, openpyxl would insist on its suffix
        book.save(file)
    return suffix, titles


def _addressable(cell: str) -> bool:
    """Whether Excel has a cell with this address."""
    row, column = position(cell)
    return 0 <= row < ROWS and 0 <= column < COLUMNS


def _opened(path: Path, limits: LedgerParams) -> tuple[Workbook, str, dict[str, str]]:
    """Open a workbook for marking: with its formatting if openpyxl can, otherwise (.xls, broken styles) only its values.

    Returns
    -------
    Workbook, str, dict
        The workbook, the suffix of its copy, and each sheet's name → its name in the copy.
    """
    suffix = path.suffix.lower()
    sheets = workbook.read(path, limits)  # refuses what openpyxl must not open
    merged = sum(sheet.merged_cells for sheet in sheets)
    if suffix != ".xls" and merged <= _MOST_MERGED:
        try:
            book = load_workbook(path, keep_vba=suffix == ".xlsm", keep_links=False)
            return book, suffix, {name: name for name in book.sheetnames}
        except Exception:  # openpyxl trips over foreign styles or sheets called 停电/故障, and raises many kinds of errors
            pass
    book, titles = _empty_book(), {}
    for sheet in sheets:
        copy = book.create_sheet(INVALID_TITLE_REGEX.sub("_", clean(sheet.name))[:_LONGEST_TITLE])
        titles[sheet.name] = copy.title
        for row, values in enumerate(sheet.rows, start=1):
            for column, value in enumerate(values, start=1):
                if value != "":
                    put(copy.cell(row, column), value)
        height, width = len(sheet.rows), max(map(len, sheet.rows), default=0)
        for (top, left), (bottom, right) in sheet.merged if merged <= _MOST_MERGED else ():
            if top <= bottom < height and left <= right < width:
                copy.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    return book, ".xlsx", titles


def _mark(sheet: Worksheet, found: Issue) -> None:
    """Colour a cell and explain the issue in its comment; an error's colour overrides a warning's."""
    cell = sheet[found.cell]
    if isinstance(cell, MergedCell):
        return  # in overlapping merged ranges a cell cannot be clicked; the first sheet lists the issue
    before = f"{cell.comment.text}\n" if cell.comment else ""
    if found.severity == "error" or not before:
        cell.fill = _FILLS[found.severity]
    text = clean(f"{before}{SEVERITIES[found.severity]}：{found.name}。{found.todo}")
    cell.comment = Comment(text, _AUTHOR, height=120, width=300)


def _empty_book() -> Workbook:
    book = Workbook()
    del book["Sheet"]
    return book


def _free_name(book: Workbook) -> str:
    taken, name = set(book.sheetnames), RESULT_SHEET
    while name in taken:
        name += "1"
    return name


def _list(sheet: Worksheet, lines: list[ListedIssue]) -> None:
    """List issues in a filterable sheet, each with a link to its cell in the annotated copy."""
    for column, (header, width) in enumerate(_HEADERS.items(), start=1):
        put(sheet.cell(1, column), header)
        sheet.cell(1, column).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    fills = {SEVERITIES[severity]: fill for severity, fill in _FILLS.items()}
    for row, line in enumerate(lines, start=2):
        for column, text in enumerate(line.texts, start=1):
            put(sheet.cell(row, column), text)
        sheet.cell(row, 1).fill = fills.get(line.texts[0], PatternFill())
        if line.link:
            target = sheet.cell(row, list(_HEADERS).index("单元格") + 1)
            target.hyperlink = line.link
            target.font = _LINK
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(_HEADERS))}{len(lines) + 1}"


def _line(found: Issue, names: dict[str, str], copies: dict[tuple[str, str], Copy]) -> ListedIssue:
    copy, link = copies.get((found.county, found.workbook)), ""
    if copy is not None and found.sheet and _addressable(found.cell):
        title = copy.titles.get(found.sheet, found.sheet)
        title = title.replace("'", "''")
        link = clean(f"{quote(copy.path.as_posix()) if copy.path.name else ''}#'{title}'!{found.cell}")
    head = (SEVERITIES[found.severity], names[found.county], found.workbook, found.sheet, found.cell)
    return ListedIssue((*head, found.name, shown(found.found), found.todo), link)
