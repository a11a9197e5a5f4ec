"""The demonstration study as files, written whole or not at all, and never overwriting foreign files."""

import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pandas as pd

from ge_analysis.demo.calibration import Unit, of_city
from ge_analysis.demo.layout import Senders, file_place_name
from ge_analysis.demo.tables import city_tables, county_tables
from ge_analysis.demo.workbook import book, macro_enabled
from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.settings.parameters import Params
from ge_analysis.storage.files import digest_bytes, whole_folder, write_json
from ge_analysis.storage.paths import DEMO_MARK
from ge_analysis.study import Study


def write(study: Study, years: int = 2) -> list[Path]:
    """Write the synthetic workbooks of all counties and of the city to `data/raw/<year>`.

    The same parameters give the same bytes. A mark in the folder lists the files with their hashes.

    Parameters
    ----------
    study : Study
    years : int
        Years that the study has published values of, its own included.

    Returns
    -------
    list of Path
        The workbooks in the order of the counties, the city last.

    Raises
    ------
    GeError
        If the folder holds a file that this function did not write, or that was changed since.
    """
    refuse_foreign_files(study.paths.raw)
    units = [Unit(county, study.params) for county in study.counties]
    with whole_folder(study.paths.raw) as staging:
        names = [name for unit in units for name in _write_county(staging, unit)]
        names += _write_place(staging, "city", "city", city_tables(units, years), study.params)
        write_mark(staging, names)
    return [study.paths.raw / name for name in names]


def refuse_foreign_files(folder: Path) -> None:
    """Raise a GeError for a file below `folder` that no mark lists with its present hash.

    Hidden files and Excel's lock files are ignored.
    """
    own: dict[Path, str] = {}
    for mark in folder.rglob(DEMO_MARK):
        own |= {mark.parent / name: digest for name, digest in json.loads(mark.read_text(encoding="utf-8")).items()}
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and own.get(path) != digest_bytes(path.read_bytes()):
            changed, foreign = (
                _("{path} was changed since `ge demo` wrote it", path=path),
                _("{path} was not written by `ge demo`", path=path),
            )
            raise GeError(changed if path in own else foreign, _("move it away, or remove it, then run again"))


def write_mark(folder: Path, names: Iterable[str]) -> None:
    """Write the mark that lists the demonstration files below `folder` with their hashes."""
    write_json(folder / DEMO_MARK, {name: digest_bytes((folder / name).read_bytes()) for name in names})


def _write_county(staging: Path, unit: Unit) -> list[str]:
    """Write the tables that a county sends and return the names of the workbooks below `staging`."""
    missing = unit.read("missing.yml", dict[str, tuple[str, ...] | Literal["all"]])
    sent = {
        name: table
        for name, table in county_tables(unit).items()
        if (counties := missing.get(name, ())) != "all" and unit.county.slug not in counties
    }
    return _write_place(staging, unit.county.slug, unit.profile, sent, unit.params)


def _write_place(staging: Path, place: str, sender: str, tables: dict[str, pd.DataFrame], params: Params) -> list[str]:
    """Write the workbooks of one place in the style of a sender and return their names below `staging`."""
    counties = {county.slug: county for county in params.counties}
    title = counties[place].name if place in counties else params.study.city
    short = file_place_name(counties[place], params) if place in counties else params.study.city
    printed = {"place": {slug: unit.name for slug, unit in counties.items()}}
    printed["grid"] = {grid.code: grid.name for grid in params.grids}
    senders = of_city(params.study.city, "senders.yml", Senders)
    sent_on = params.year.survey_period.end + timedelta(days=19)
    names = []
    for file, sheets in senders.files(sender, place=short, year=params.year.survey_period.end.year).items():
        sent = {table: tables[table] for table in sheets if table in tables}
        if not sent:
            continue
        content = book(sent, senders.sender(sender), title, printed, created=sent_on)
        path = staging / place / file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(macro_enabled(content) if path.suffix == ".xlsm" else content)
        names.append(f"{place}/{file}")
    return names
