"""The canonical tables of a place, once they are made, and the corrections behind them; loads nothing that reads workbooks."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow.parquet import ParquetFile

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.ledgers.contract import contract
from ge_analysis.settings.places import CITY
from ge_analysis.settings.study_year import StudyYear
from ge_analysis.storage.files import read_whole

if TYPE_CHECKING:
    import pandas as pd

APPLIED = "corrections.json"  # beside the tables of a place
COLUMNS = "columns.json"


def read(study: StudyYear, places: Iterable[str], sheet: str) -> "pd.DataFrame":
    """Return one canonical table of several places, concatenated, whose tables are up to date; raises as `tables.table` does."""
    return read_arrow(study, places, sheet).to_pandas()


def read_arrow(study: StudyYear, places: Iterable[str], sheet: str) -> pa.Table:
    """As `read`, without loading pandas, which needs three times as long as Arrow to concatenate tables."""
    wanted = contract(sheet)
    parts = []
    for place in places:
        if wanted.scope != scope_of(place):
            raise GeError(
                _("{sheet} is not sent by {place}", sheet=wanted.sheet, place=place),
                _("it is a sheet of the city") if wanted.scope == "city" else _("it is a sheet of the counties"),
            )
        path = study.paths.tables(place) / f"{wanted.table}.parquet"
        # The city reads two hundred small files: `pandas.read_parquet` takes twice as long, looking for partitioned datasets.
        with read_whole(path), ParquetFile(path) as file:
            parts.append(file.read())
    return pa.concat_tables(parts)


def scope_of(place: str) -> str:
    return CITY if place == CITY else "county"


def applied(folder: Path) -> list[dict[str, Any]]:
    """Return what `Corrections.log` saved beside the tables of a place; nothing if it has no tables."""
    path = folder / APPLIED
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def columns(folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Return, by workbook and sheet of a place, in which column (F) each field of the table is."""
    sheets = json.loads((folder / COLUMNS).read_text(encoding="utf-8"))
    return {(sheet["file"], sheet["sheet"]): sheet["columns"] for sheet in sheets}
