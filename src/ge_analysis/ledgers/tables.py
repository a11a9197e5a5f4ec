"""The canonical tables of a place, made first if they are missing or stale; loads what reads workbooks only then."""

import pandas as pd

from ge_analysis.errors import GeError
from ge_analysis.language import _, counted
from ge_analysis.ledgers.contract import Contract, contracts
from ge_analysis.ledgers.finished import read, scope_of
from ge_analysis.ledgers.stale import why_stale
from ge_analysis.settings.places import CITY
from ge_analysis.settings.study_year import StudyYear


def table(study: StudyYear, place: str, sheet: str) -> pd.DataFrame:
    """Return one canonical table, ingesting the place's workbooks first if it is missing or stale.

    Parameters
    ----------
    study : StudyYear
    place : str
        County slug, or "city".
    sheet : str
        Chinese name of the sheet, or name of its table.

    Raises
    ------
    GeError
        If the sheet is unknown or not sent by the place, or the place's workbooks have errors.
    """
    make(study, place)
    return read(study, [place], sheet)


def tables(study: StudyYear, place: str) -> dict[str, pd.DataFrame]:
    """Return all canonical tables of a place by name, as `table` does."""
    make(study, place)
    return {name: read(study, [place], name) for name, wanted in contracts().items() if wanted.scope == scope_of(place)}


def city_tables(study: StudyYear) -> dict[str, pd.DataFrame]:
    """Return the city's tables for use by a county: as `tables`, but empty if the city's workbooks cannot be used."""
    try:
        return tables(study, CITY)
    except GeError:
        return {name: empty(found) for name, found in contracts().items() if found.scope == CITY}


def make(study: StudyYear, place: str) -> None:
    """Ingest the place's workbooks if its tables are missing or stale.

    Raises
    ------
    GeError
        If the workbooks have errors.
    """
    if not why_stale(study, place):
        return
    from ge_analysis.ledgers.ingest import ingest  # loads what reads workbooks, which takes longer than fresh tables

    errors = [found for found in ingest(study, [place])[place] if found.severity == "error"]
    if errors:
        # A notebook's failure quotes this message, and names in it could not be masked: only `ge check` shows where and what.
        raise GeError(
            _(
                "{place}: {errors} in its workbooks, first: {name}",
                place=place,
                errors=counted(len(errors), "error"),
                name=errors[0].name,
            ),
            _("run `ge check {place}` and have them corrected", place=place),
        )


def empty(found: Contract) -> pd.DataFrame:
    """Return the table of a sheet that was not sent."""
    return pd.DataFrame(columns=list(found.canonical)).astype(found.canonical)
