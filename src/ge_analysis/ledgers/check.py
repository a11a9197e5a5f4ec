"""What `ge check` leaves: findings.xlsx, and a copy of each faulty workbook that can be sent back as it is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from urllib.parse import quote

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook.child import INVALID_TITLE_REGEX
from openpyxl.worksheet.worksheet import Worksheet

from ge_analysis.files import whole_folder
from ge_analysis.ledgers import ingest, workbook
from ge_analysis.ledgers.cells import shown
from ge_analysis.ledgers.findings import SEVERITIES, Finding
from ge_analysis.ledgers.safe_cells import put
from ge_analysis.ledgers.stale import CITY
from ge_analysis.ledgers.workbook import Unreadable
from ge_analysis.params import LedgerParams, Params
from ge_analysis.paths import Paths

FINDINGS = "findings.xlsx"
RESULT_SHEET = "检查结果"
_FILLS = {"error": PatternFill("solid", fgColor="FFC7CE"), "warning": PatternFill("solid", fgColor="FFEB9C")}
_HEADERS = {"级别": 8, "县（市、区）": 12, "工作簿": 40, "工作表": 16, "单元格": 10, "规则": 22, "发现的值": 24, "处理办法": 60}
_LINK = Font(color="0563C1", underline="single")
_AUTHOR = "台账检查"


def check(paths: Paths, params: Params, places: Iterable[str]) -> dict[str, list[Finding]]:
    """Check the workbooks of places in one pass, and write `findings.xlsx` and the annotated copies to `paths.checks`.

    Parameters
    ----------
    paths : Paths
        Where the study's files lie.
    params : Params
        Parameters of the study year.
    places : iterable of str
        County slugs and "city".

    Returns
    -------
    dict of str to list of Finding
        All findings by place. No file, however broken, hides the findings in another.

    Raises
    ------
    GeError
        For a broken corrections file, or a folder that cannot be written.
    """
    found = {place: ingest.findings(paths, params, place) for place in places}
    names = {unit.slug: unit.name for unit in params.counties} | {CITY: params.study.city}
    every = [one for findings in found.values() for one in findings]
    with whole_folder(paths.checks) as folder:
        copies: dict[tuple[str, str], Copy] = {}
        for (place, file), group in groupby(every, key=attrgetter("county", "workbook")):
            annotated = _annotated(paths, params, place, file, list(group), names[place])
            if annotated:
                suffix, titles, content = annotated
                copies[place, file] = Copy(_path(paths, place, file, suffix, copies), titles)
                target = folder / copies[place, file].path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        book = Workbook()
        _list(book.active, every, names, copies)
        content = BytesIO()  # a zip file on a full disk complains once more when it is forgotten
        book.save(content)
        (folder / FINDINGS).write_bytes(content.getvalue())
    return found


@dataclass(frozen=True)
class Copy:
    """An annotated copy of a workbook.

    Parameters
    ----------
    path : Path
        Where it lies, below the folder of the checks.
    titles : dict of str to str
        Name of a sheet in the original → in the copy.
    """

    path: Path
    titles: dict[str, str]


def _path(paths: Paths, place: str, file: str, suffix: str, copies: dict[tuple[str, str], Copy]) -> Path:
    """Return where a copy goes: 台账.xls becomes 台账.xlsx, unless that is another workbook's."""
    same_name = Path(place) / Path(file).with_suffix(suffix)
    others = {other.path for other in copies.values()}
    taken = same_name in others or (same_name.name != Path(file).name and (paths.raw / same_name).exists())
    return Path(place) / f"{file}{suffix}" if taken else same_name


def _annotated(
    paths: Paths, params: Params, place: str, file: str, findings: list[Finding], name: str
) -> tuple[str, dict[str, str], bytes] | None:
    """Return the suffix, the names of the sheets and the content of a copy with its faulty cells marked.

    None where the workbook cannot be opened, or where there is neither an error nor a cell to mark.
    """
    path = paths.raw / place / file
    if not path.is_file() or not any(found.cell or found.severity == "error" for found in findings):
        return None
    try:
        book, suffix, titles = _opened(path, params.ledgers)
    except Unreadable:
        return None
    for found in findings:
        if found.sheet in titles and found.cell:
            _mark(book[titles[found.sheet]], found)
    result = book.create_sheet(_free_name(book), 0)
    _list(result, findings, {place: name}, {(place, file): Copy(Path(), titles)})
    book.active = 0
    for sheet in book.worksheets[1:]:
        sheet.sheet_view.tabSelected = False
    content = BytesIO()
    book.save(content)
    return suffix, titles, content.getvalue()


def _opened(path: Path, limits: LedgerParams) -> tuple[Workbook, str, dict[str, str]]:
    """Open a workbook for marking: with its formatting where openpyxl can, else (.xls, broken styles) its values alone.

    Returns
    -------
    Workbook, str, dict
        The workbook, the suffix it is to bear, and each sheet's name → its name there.
    """
    suffix = path.suffix.lower()
    sheets = workbook.read(path, limits)  # refuses what openpyxl must not open
    if suffix != ".xls":
        try:
            book = load_workbook(path, keep_vba=suffix == ".xlsm", keep_links=False)
            return book, suffix, {name: name for name in book.sheetnames}
        except Exception:  # openpyxl raises whatever a foreign style, or a sheet called 停电/故障, makes it trip over
            pass
    book, titles = Workbook(), {}
    book.remove(book.active)
    for sheet in sheets:
        copy = book.create_sheet(INVALID_TITLE_REGEX.sub("_", sheet.name))
        titles[sheet.name] = copy.title
        for row, values in enumerate(sheet.rows, start=1):
            for column, value in enumerate(values, start=1):
                if value != "":
                    put(copy.cell(row, column), value)
        for (top, left), (bottom, right) in sheet.merged:
            copy.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    return book, ".xlsx", titles


def _mark(sheet: Worksheet, found: Finding) -> None:
    """Colour a cell and tell in its comment what is wrong; an error's colour outdoes a warning's."""
    cell = sheet[found.cell]
    if isinstance(cell, MergedCell):
        return  # merged ranges overlap: the cell cannot be clicked, and the first sheet names it
    before = f"{cell.comment.text}\n" if cell.comment else ""
    if found.severity == "error" or not before:
        cell.fill = _FILLS[found.severity]
    cell.comment = Comment(f"{before}{SEVERITIES[found.severity]}：{found.name}。{found.todo}", _AUTHOR, height=120, width=300)


def _free_name(book: Workbook) -> str:
    taken, name = set(book.sheetnames), RESULT_SHEET
    while name in taken:
        name += "1"
    return name


def _list(sheet: Worksheet, findings: list[Finding], names: dict[str, str], copies: dict[tuple[str, str], Copy]) -> None:
    """List findings, filterable, each with a link to its cell in the annotated copy."""
    sheet.title = _free_name(sheet.parent) if sheet.title == "Sheet" else sheet.title
    for column, (header, width) in enumerate(_HEADERS.items(), start=1):
        put(sheet.cell(1, column), header)
        sheet.cell(1, column).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row, found in enumerate(findings, start=2):
        for column, value in enumerate(_line(found, names), start=1):
            put(sheet.cell(row, column), value)
        sheet.cell(row, 1).fill = _FILLS[found.severity]
        copy = copies.get((found.county, found.workbook))
        if copy is not None and found.sheet and found.cell:
            target = sheet.cell(row, list(_HEADERS).index("单元格") + 1)
            title = copy.titles.get(found.sheet, found.sheet)
            place = "'" + title.replace("'", "''") + f"'!{found.cell}"
            target.hyperlink = f"{quote(copy.path.as_posix())}#{place}" if copy.path.name else f"#{place}"
            target.font = _LINK
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(_HEADERS))}{len(findings) + 1}"


def _line(found: Finding, names: dict[str, str]) -> Iterator[str]:
    yield SEVERITIES[found.severity]
    yield names[found.county]
    yield from (found.workbook, found.sheet, found.cell, found.name, shown(found.found), found.todo)
