"""From raw workbooks to canonical tables: typed, checked, corrected, without personal data; same content, same bytes."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd

from ge_analysis.errors import GeError
from ge_analysis.ledgers import corrections, personal
from ge_analysis.ledgers.confined import Begin, Ending, Stopped, confined
from ge_analysis.ledgers.contract import Contract, contracts
from ge_analysis.ledgers.corrections import Corrections
from ge_analysis.ledgers.finished import APPLIED, COLUMNS, read
from ge_analysis.ledgers.issues import Issue, issue
from ge_analysis.ledgers.reading import SOURCE, Reading, read_place
from ge_analysis.ledgers.refusal import Unreadable
from ge_analysis.ledgers.stale import inputs, raw_folder, shown_name, why_stale
from ge_analysis.ledgers.tables import empty, make
from ge_analysis.ledgers.workbook import position
from ge_analysis.settings.parameters import LedgerParams
from ge_analysis.settings.places import CITY
from ge_analysis.settings.study_year import StudyYear
from ge_analysis.storage.files import locked, whole_folder, write_json
from ge_analysis.storage.processes import without_collector
from ge_analysis.storage.stamps import why_stale as stamp_why_stale
from ge_analysis.storage.stamps import write_stamp

ISSUES = "issues.json"
Refused = dict[str, Unreadable]  # workbooks not to read, and why
_WRITTEN_BY_SENDERS = ("workbook", "sheet", "todo")  # fields of an issue; `found` is masked in any case


def ingest(study: StudyYear, places: Iterable[str]) -> dict[str, list[Issue]]:
    """Make the stale canonical tables of places, and return the issues of each place.

    Parameters
    ----------
    study : StudyYear
    places : iterable of str
        County slugs and "city".

    Returns
    -------
    dict of str to list of Issue
        All issues by place. A place with errors keeps its last tables, which are stale; the others continue.

    Raises
    ------
    GeError
        For a broken corrections file, or a folder that cannot be written.
    """
    return {place: _ingest_place(study, place) for place in places}


def issues(study: StudyYear, place: str) -> list[Issue]:
    """Read and check a place's workbooks; only the city's tables, needed for comparison, are written."""
    if place != CITY:
        _make_city(study)
    return _confined(_look, study, place)


def _make_city(study: StudyYear) -> None:
    with suppress(GeError):
        make(study, CITY)


def _ingest_place(study: StudyYear, place: str) -> list[Issue]:
    folder = study.paths.tables(place)
    if _unreadable(study.paths.raw / place):
        return issues(study, place)  # unreadable does not mean removed: the tables stay
    if place != CITY:
        _make_city(study)
    with locked(folder.with_name(f"{place}.ingest")):  # several counties' notebooks may need the city's tables at once
        made_from = inputs(study, place)
        if not stamp_why_stale(folder, made_from):
            return [Issue(**found) for found in json.loads((folder / ISSUES).read_text(encoding="utf-8"))]
        return _confined(_write, study, place, made_from)


def _unreadable(folder: Path) -> bool:
    """Whether a part of a raw folder cannot be read."""
    raw = raw_folder(folder)
    try:
        for path in raw.files:
            path.open("rb").close()
    except OSError:
        return True
    return bool(raw.unreadable)


def _confined(work: Callable[..., list[Issue]], study: StudyYear, place: str, *more: object) -> list[Issue]:
    """Work on a place in a process of its own; a workbook that kills it becomes an issue, and the rest is tried again."""
    refused: Refused = {}
    if not raw_folder(study.paths.raw / place).files:
        return work(lambda file: None, study, place, refused, *more)  # nothing that could do harm
    while True:
        try:
            return confined(study.params.ledgers, work, study, place, refused, *more)
        except Stopped as stopped:
            guilty = _guilty(study, place, refused, stopped)
            if not guilty:
                fault = _fault(stopped, study.params.ledgers)
                return [issue(fault.rule, place, "", "", "", f"所有工作簿合计：{fault.found}", **fault.filled)]
            refused |= guilty


def _guilty(study: StudyYear, place: str, refused: Refused, stopped: Stopped) -> Refused:
    """Return the workbooks that kill a process even when read alone, and how; the last one read need not be to blame."""
    folder, limits = study.paths.raw / place, study.params.ledgers
    files = {shown_name(path, folder) for path in raw_folder(folder).files} - set(refused)
    if stopped.cause is Ending.TIME and stopped.step in files:
        return {stopped.step: _fault(stopped, limits)}
    guilty = {}
    for file in sorted({stopped.step} & files or files):
        others = dict.fromkeys({*files, *refused} - {file}, _fault(stopped, limits))
        try:
            confined(limits, _look, study, place, others)
        except Stopped as alone:
            guilty[file] = _fault(alone, limits)
    return guilty


def _fault(stopped: Stopped, limits: LedgerParams) -> Unreadable:
    """Return the refusal of a workbook that killed a process."""
    if stopped.cause is Ending.PROGRAM:
        return Unreadable("program_error", stopped.reason)
    return Unreadable("too_costly", stopped.reason, limit=f"{limits.max_read_seconds:g}秒、{limits.max_read_mb:g} MB")


def _look(begin: Begin, study: StudyYear, place: str, refused: Refused) -> list[Issue]:
    """Read and check the workbooks that are not refused."""
    return _check(study, place, Corrections(corrections.load(study)), begin, refused).issues


def _write(begin: Begin, study: StudyYear, place: str, refused: Refused, made_from: dict[str, str]) -> list[Issue]:
    """Read and check; write the tables if there is no error."""
    corrected = Corrections(corrections.load(study))
    reading = _check(study, place, corrected, begin, refused)
    if not any(found.severity == "error" for found in reading.issues):
        with whole_folder(study.paths.tables(place)) as staging:
            names = _personal(reading)
            for name, frame in _canonical(reading, names).items():
                frame.to_parquet(staging / f"{name}.parquet", index=False, compression="zstd")
            write_json(staging / ISSUES, [asdict(found) for found in _without_names(reading, names)])
            write_json(staging / APPLIED, corrected.log(names))
            write_json(staging / COLUMNS, _columns(reading, names))
            write_stamp(staging, made_from)
    return reading.issues


def _check(study: StudyYear, place: str, corrected: Corrections, begin: Begin, refused: Refused) -> Reading:
    """Run both passes on one place."""
    from ge_analysis.ledgers import consistency, twice  # loads pandera, which is not needed to see what is stale

    def refuse_or_begin(file: str) -> None:
        if file in refused:
            raise refused[file]
        begin(file)

    with without_collector():
        reading = read_place(study, place, corrected, refuse_or_begin)
    previous = pd.DataFrame() if place == CITY else _previous(study)
    twice.find_sent_twice(reading)
    consistency.check(reading, previous)
    names = _personal(reading)
    founds = personal.mask_names([each.found for each in reading.issues], names)
    todos = personal.mask_names([each.todo for each in reading.issues], names)  # it may quote a correction's reason
    reading.issues = [
        replace(each, found=found, todo=todo) for each, found, todo in zip(reading.issues, founds, todos, strict=True)
    ]
    reading.issues.sort(key=lambda found: (found.workbook, found.sheet, position(found.cell)))
    return reading


def _previous(study: StudyYear) -> pd.DataFrame:
    """Return last year's published values; none if the city's workbooks are missing or have errors."""
    return pd.DataFrame() if why_stale(study, CITY) else read(study, [CITY], "previous_indicators")


def _canonical(reading: Reading, names: set[str]) -> dict[str, pd.DataFrame]:
    """Return every sheet's canonical table; empty for optional sheets that were not sent."""
    files = _masked([source.file for source in reading.sources], names)
    sheets = _masked([source.sheet.name for source in reading.sources], names)
    tables = {}
    for name, found in contracts().items():
        if found.scope != reading.scope:
            continue
        if name in reading.tables:
            frame = personal.protect(reading.tables[name], found, names)
            frame = _averaged(frame, found) if found.average_over else frame
            frame = frame.assign(
                county=reading.place,
                source_file=[files[at] for at in frame[SOURCE]],
                source_sheet=[sheets[at] for at in frame[SOURCE]],
            )
        else:
            frame = empty(found)
        tables[name] = frame[list(found.canonical)].astype(found.canonical).reset_index(drop=True)
    return tables


def _columns(reading: Reading, names: set[str]) -> list[dict[str, object]]:
    """Return, of each sheet that was read, in which of its columns each field of the table is."""
    files = _masked([source.file for source in reading.sources], names)
    sheets = _masked([source.sheet.name for source in reading.sources], names)
    return [
        {
            "file": file,
            "sheet": sheet,
            "columns": {name: source.sheet.cell(0, heading.at).rstrip("1") for name, heading in source.layout.found.items()},
        }
        for file, sheet, source in zip(files, sheets, reading.sources, strict=True)
    ]


def _without_names(reading: Reading, names: set[str]) -> list[Issue]:
    """Return the issues as saved below data/processed, and so sent to workers: with names of files and sheets masked."""
    masked = {field: _masked([getattr(found, field) for found in reading.issues], names) for field in _WRITTEN_BY_SENDERS}
    return [
        replace(found, **{field: masked[field][at] for field in _WRITTEN_BY_SENDERS}) for at, found in enumerate(reading.issues)
    ]


def _personal(reading: Reading) -> set[str]:
    """Return the personal values of all tables of a place."""
    return personal.known(reading.tables, reading.places)


def _masked(texts: list[str], names: set[str]) -> list[str]:
    return personal.mask(pd.Series(texts, dtype="str"), names).tolist()


def _averaged(frame: pd.DataFrame, found: Contract) -> pd.DataFrame:
    """Average the numbers of rows that differ only in their time, and keep the first of them."""
    numbers = [column.name for column in found.fields if column.type == "integer"]
    same = [name for name in found.key if name != found.average_over]
    means = frame.groupby(same)[numbers].transform("mean")
    return frame.assign(**{name: means[name] for name in numbers}).drop_duplicates(same)
