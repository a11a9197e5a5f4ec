"""Who sent what: what was received of each county and sheet, and what each round of checks found.

`checks/<year>/rounds.json` keeps the rounds. A round begins when a place's workbooks differ from those of the last check; it
records where something was found and by which rule, but no content of a workbook.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pyarrow.parquet import ParquetFile

from ge_analysis.errors import UnreadableError
from ge_analysis.ledgers.contract import contracts
from ge_analysis.ledgers.issues import Issue
from ge_analysis.ledgers.stale import raw_digest, raw_folder, why_stale
from ge_analysis.settings.model import Model
from ge_analysis.settings.places import CITY
from ge_analysis.settings.study_year import StudyYear
from ge_analysis.storage.files import write_json
from ge_analysis.storage.paths import Paths

ROUNDS = "rounds.json"


class Found(NamedTuple):
    """Where a round found something, and by which rule."""

    sheet: str
    cell: str
    rule: str
    severity: str


class Round(Model):
    """What one check of a place found.

    Parameters
    ----------
    received : date, optional
        Day of the newest workbook; none if there is no workbook.
    workbooks : str
        Hash of all workbooks.
    issues : tuple of Found
    """

    received: date | None
    workbooks: str
    issues: tuple[Found, ...]


class Line(NamedTuple):
    """One sheet of one place. Rows is None if the tables are not made from these workbooks; sheet "" means none in particular."""

    place: str
    sheet: str
    received: date | None
    round: int
    rows: int | None
    errors: int
    warnings: int
    errors_before: int
    warnings_before: int
    corrected: int


def rounds(folder: Path) -> dict[str, list[Round]]:
    """Return the rounds of each place, oldest first; none if the record is missing or damaged."""
    try:
        kept = json.loads((folder / ROUNDS).read_text(encoding="utf-8"))
        return {place: [Round(**each) for each in of_place] for place, of_place in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def record(paths: Paths, found: Mapping[str, Iterable[Issue]], folder: Path) -> None:
    """Add what a check found to the earlier rounds, and write them to a folder."""
    known = rounds(paths.checks)
    for place, issues in found.items():
        sent = raw_folder(paths.raw / place).files
        received = date.fromtimestamp(max(path.stat().st_mtime for path in sent)) if sent else None
        try:
            workbooks = raw_digest(paths, place)
        except UnreadableError:
            workbooks = "unreadable"
        seen = tuple(Found(each.sheet, each.cell, each.rule, each.severity) for each in issues)
        earlier = known.get(place, [])
        if earlier and earlier[-1].workbooks == workbooks:
            earlier.pop()
        known[place] = [*earlier, Round(received=received, workbooks=workbooks, issues=seen)]
    content = {place: [each.model_dump(mode="json") for each in of_place] for place, of_place in known.items()}
    write_json(folder / ROUNDS, content)


def overview(study: StudyYear, places: Iterable[str]) -> list[Line]:
    """Return a line for each sheet that each place sent or should have sent, as the last check found it."""
    known = rounds(study.paths.checks)
    return [line for place in places for line in _lines(study, place, known.get(place, []))]


def _lines(study: StudyYear, place: str, of_place: list[Round]) -> Iterable[Line]:
    now, before = (of_place[-1].issues if of_place else ()), (of_place[-2].issues if len(of_place) > 1 else ())
    counts, counts_before = (Counter((each.sheet, each.severity) for each in issues) for issues in (now, before))
    corrected = Counter(sheet for sheet, *_ in set(before) - set(now))
    scope = CITY if place == CITY else "county"
    rows = {one.sheet: _rows(study.paths, place, name) for name, one in contracts().items() if one.scope == scope}
    fresh = not why_stale(study, place)
    for sheet in dict.fromkeys([*rows, *(each.sheet for each in (*now, *before))]):
        yield Line(
            place,
            sheet,
            of_place[-1].received if of_place else None,
            len(of_place),
            rows.get(sheet) if fresh else None,
            counts[sheet, "error"],
            counts[sheet, "warning"],
            counts_before[sheet, "error"],
            counts_before[sheet, "warning"],
            corrected[sheet],
        )


def _rows(paths: Paths, place: str, table: str) -> int | None:
    path = paths.tables(place) / f"{table}.parquet"
    return int(ParquetFile(path).metadata.num_rows) if path.exists() else None
