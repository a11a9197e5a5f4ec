"""States of a study: as it is now, and as it was published (`data/published/<year>/<date>[-name]/`)."""

import datetime
import json
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from ge_analysis.errors import GeError, unknown
from ge_analysis.indicators.results import Tally
from ge_analysis.language import N_, _
from ge_analysis.ledgers.contract import contracts
from ge_analysis.ledgers.finished import APPLIED, applied
from ge_analysis.ledgers.stale import inputs
from ge_analysis.review.candidates import FOUND, RECORD, printed_numbers
from ge_analysis.settings import parameters
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.places import CITY
from ge_analysis.storage.files import files_below, whole_folder, write_json
from ge_analysis.storage.own_code import own_functions
from ge_analysis.storage.paths import Paths
from ge_analysis.storage.stamps import edited, write_stamp

if TYPE_CHECKING:
    from ge_analysis.indicators.results import Topic
    from ge_analysis.study import Study

FORMAT = 1  # of a published folder
ABOUT = "published.json"
PRINTED = "printed.parquet"
Tables = dict[str, dict[str, pd.DataFrame]]  # by place and name


@dataclass(frozen=True)
class State:
    """A study at one time.

    Attributes
    ----------
    name : str
        Its folder's name, or "now".
    year : int
    version : str
        Version of the tool that computed its values.
    params : Params
    tables : dict
        Canonical tables by place (the city's among them) and name.
    indicators : DataFrame
        The long table of all places.
    corrections : dict of str to list of dict
        Applied corrections by place.
    missing : dict of str to str
        Counties without results, and why.
    own : list of callable
        Topics that the study adds, as they are now.
    numbers : DataFrame
        The record of what its report printed, as `printed_numbers` returns it; empty where there is none.
    """

    name: str
    year: int
    version: str
    params: Params
    tables: Tables
    indicators: pd.DataFrame
    corrections: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    own: "list[Topic]" = field(default_factory=list)
    numbers: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=FOUND))


class Published(NamedTuple):
    """One line of the list of published states."""

    year: int
    name: str
    version: str
    counties: int
    report_files: int
    megabytes: float


def publish(study: "Study", name: str = "", today: datetime.date | None = None) -> Path:
    """Freeze what is handed over: results, tables, parameters, corrections, report files and hashes of their inputs.

    Parameters
    ----------
    study : Study
        A study with finished results.
    name : str
        Added to the date, to distinguish states of one day.
    today : date, optional
        The day of publishing; defaults to today.

    Returns
    -------
    Path
        The folder, which is read-only.

    Raises
    ------
    GeError
        If a state of this name is already published, or the name is not valid for a folder.
    """
    if name and not all(part.isalnum() for part in name.split("-")):
        raise GeError(_("'{name}' cannot be part of a folder's name", name=name), _("use letters, digits and hyphens"))
    paths, day = study.paths, today or datetime.date.today()
    folder = paths.published / f"{day}{'-' * bool(name)}{name}"
    if folder.exists():
        raise GeError(_("{folder} is published already", folder=folder), _("give this one another name with --name"))
    places = [CITY, *(unit.slug for unit in study.present)]
    study.keep_names()
    with whole_folder(folder) as staging:
        shutil.copytree(parameters.year_folder(paths.root, study.year), staging / "params" / str(study.year))
        shutil.copy(paths.root / "params" / "study.yml", staging / "params")
        if paths.corrections.exists():
            shutil.copy(paths.corrections, staging / "corrections.yml")
        for place in places:
            target = staging / "tables" / place
            target.mkdir(parents=True)
            for file in (*paths.tables(place).glob("*.parquet"), paths.tables(place) / APPLIED):
                shutil.copy(file, target)
        study.indicators().to_parquet(staging / "indicators.parquet", index=False, compression="zstd")
        if (paths.report_build / RECORD).is_file():
            _printed(paths.report_build).to_parquet(staging / PRINTED, index=False, compression="zstd")
        if paths.report_output.exists():
            shutil.copytree(paths.report_output, staging / "report")
        about = {"format": FORMAT, "year": study.year, "version": version("ge_analysis"), "missing": study.missing}
        write_json(staging / ABOUT, about | {"raw": _fingerprints(study, places)})
        write_stamp(staging, {})
    for file in (*files_below(folder), *(path for path in folder.rglob("*") if path.is_dir()), folder):
        file.chmod(file.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    return folder


def _fingerprints(study: "Study", places: list[str]) -> dict[str, dict[str, str]]:
    """Return the hashes of everything behind the tables of each place: raw files, parameters, corrections and code."""
    return {place: inputs(study, place) for place in places}


def states(paths: Paths) -> Iterator[Published]:
    """Yield what has been published in any year, oldest first."""
    for folder in sorted(paths.published.parent.glob("[0-9]*/*")):
        about = _about(folder)
        size = sum(path.stat().st_size for path in files_below(folder))
        briefs = len([path for path in (folder / "report").rglob("*") if path.is_file()])
        counties = len(list((folder / "tables").iterdir())) - 1
        yield Published(int(about["year"]), folder.name, str(about["version"]), counties, briefs, size / 1e6)


def load(paths: Paths, name: str = "") -> State:
    """Return a published state of the year, by default the last one.

    Raises
    ------
    GeError
        If nothing of that name is published, the folder was changed since, or an older version wrote it.
    """
    folder, about = _published(paths, name)
    try:
        params = parameters.load(folder, paths.year)
    except GeError as error:
        raise GeError(
            _("{folder} was published by version {version}: {error}", folder=folder, version=about["version"], error=error),
            _("compare with that version of the tool"),
        ) from None
    places = [path.name for path in sorted((folder / "tables").iterdir())]
    return State(
        folder.name,
        paths.year,
        str(about["version"]),
        params,
        {place: _tables(folder / "tables" / place) for place in places},
        pd.read_parquet(folder / "indicators.parquet"),
        {place: applied(folder / "tables" / place) for place in places},
        dict(about["missing"]),
        own_functions(paths.own_indicators, "compute", Tally),
        pd.read_parquet(folder / PRINTED) if (folder / PRINTED).is_file() else pd.DataFrame(columns=FOUND),
    )


def indicators(paths: Paths) -> pd.DataFrame:
    """Return the long indicator table of the year's last published state; errors as `load`."""
    folder, _ = _published(paths)
    return pd.read_parquet(folder / "indicators.parquet")


def _published(paths: Paths, name: str = "") -> tuple[Path, dict[str, Any]]:
    """Return the folder of a published state, and what it says of itself."""
    known = {folder.name: folder for folder in sorted(paths.published.glob("[0-9]*"))}
    if not known:
        raise GeError(
            _("nothing of {year} is published in {published}", year=paths.year, published=paths.published),
            _("run `ge publish` when a report is handed over"),
        )
    if name and name not in known:
        raise unknown(N_("published state"), name, known)
    folder = known[name] if name else list(known.values())[-1]
    about = _about(folder)
    if edited(folder):
        raise GeError(_("{folder} was changed since it was published", folder=folder), _("restore it from a copy"))
    return folder, about


def now(study: "Study") -> State:
    """Return the study as it is, from its saved results."""
    build = study.paths.report_build
    places = [CITY, *(unit.slug for unit in study.present)]
    return State(
        "now",
        study.year,
        version("ge_analysis"),
        study.params,
        {place: study.tables(place) for place in places},
        study.indicators(),
        {place: applied(study.paths.tables(place)) for place in places},
        dict(study.missing),
        study.own_topics(),
        _printed(build) if (build / RECORD).is_file() else pd.DataFrame(columns=FOUND),
    )


def _printed(build: Path) -> pd.DataFrame:
    return pd.DataFrame(printed_numbers(build), columns=FOUND, dtype="str")


def _tables(folder: Path) -> dict[str, pd.DataFrame]:
    scope = CITY if folder.name == CITY else "county"
    names = [name for name, sheet in contracts().items() if sheet.scope == scope]
    return {name: pd.read_parquet(folder / f"{name}.parquet") for name in names}


def _about(folder: Path) -> dict[str, Any]:
    try:
        about: dict[str, Any] = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise GeError(
            _("{folder} is not a published state: {about} is missing or damaged", folder=folder, about=ABOUT),
            _("restore it from a copy"),
        ) from None
    if about.get("format") != FORMAT:
        wrote = about.get("version", "unknown")
        raise GeError(
            _("{folder} was published by version {version} in another format", folder=folder, version=wrote),
            _("compare with that version of the tool"),
        )
    return about
