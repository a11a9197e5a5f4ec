"""The training county: a folder with faults of every kind, in cells, rows, columns, sheets and files."""

import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import pandas as pd
from msoffcrypto.format.ooxml import OOXMLFile

from ge_analysis.demo.calibration import Unit, packaged
from ge_analysis.demo.layout import Sender, SheetStyle
from ge_analysis.demo.network import interrupted_customers
from ge_analysis.demo.tables import county_tables
from ge_analysis.demo.workbook import DISCLAIMER, book
from ge_analysis.demo.writing import refuse_foreign_files, write_mark
from ge_analysis.settings.method import FieldName
from ge_analysis.settings.model import Model
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.places import County
from ge_analysis.storage.files import whole_folder
from ge_analysis.storage.paths import TRAINING_SLUG
from ge_analysis.study import Study

BOMB_BYTES = 64 << 20


def training(params: Params) -> County:
    """Return the training county, which belongs to the study's last grid."""
    return County(slug=TRAINING_SLUG, name="培训县", code="999901", grid=params.grids[-1].code)


class Faults(Model):
    """`faults.yml`: file name → table → cell → what is written there, and the columns omitted from a table.

    `{other}` is another county's name; dates are moved from `year` to the year of the reliability period.
    """

    year: int
    workbooks: dict[str, dict[str, dict[str, object]]]
    left_out: dict[str, tuple[FieldName, ...]]


def write_faults(study: Study) -> list[Path]:
    """Write the training county `peixun` beside the counties in `data/raw/<year>`.

    Every fault occurs once, in the cell that `faults.yml` names. Besides the workbooks there is a file that is not a
    workbook, an empty, a truncated and an encrypted one, and a zip bomb. The bytes are always the same, except for the salts of
    the encrypted file.

    Parameters
    ----------
    study : Study
        The training county need not be among its counties.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    GeError
        If the folder holds a file that this function did not write, or that was changed since.
    """
    folder = study.paths.raw / TRAINING_SLUG
    refuse_foreign_files(folder)
    files = _workbooks(study.params) | _broken_files()
    with whole_folder(folder) as staging:
        for name, content in files.items():
            (staging / name).write_bytes(content)
        write_mark(staging, files)
    return [folder / name for name in files]


def _workbooks(params: Params) -> dict[str, bytes]:
    """Return file name → workbook with its faults."""
    county = training(params)
    faults, tables = packaged("faults.yml", Faults), _small_tables(Unit(county, params))
    left_out = {table: SheetStyle(left_out=fields) for table, fields in faults.left_out.items()}
    sender = Sender(sheets=left_out)
    later = params.year.reliability_period.start.year - faults.year
    return {
        name.format(other=params.counties[0].name): book(
            {table: tables[table] for table in edits}, sender, county.name, {}, _moved(edits, later)
        )
        for name, edits in faults.workbooks.items()
    }


def _moved(edits: dict[str, dict[str, object]], years: int) -> dict[str, dict[str, object]]:
    """Return the cells with their dates moved by some years."""
    return {
        table: {
            cell: value.replace(year=value.year + years) if isinstance(value, date) else value for cell, value in cells.items()
        }
        for table, cells in edits.items()
    }


def _small_tables(unit: Unit) -> dict[str, pd.DataFrame]:
    """Return tables that are short enough to look through, with an eighth of last year's customers (a jump)."""
    second_month = pd.Timestamp(unit.params.year.reliability_period.start) + pd.Timedelta(days=31)
    tables = county_tables(unit)
    outages, cases = tables["outages"], tables["connections"]
    single = outages.drop_duplicates("event_id", keep=False).query("3 < customers < 15")
    shown = single[single["started"] >= second_month].head(40)
    important = cases.query("customer_class == 'hv_double' and energised.notna()").head(1)
    served = tables["customers"]
    return tables | {
        "outages": shown,
        "interrupted_customers": interrupted_customers(unit, tables["feeders"], shown.head(3)),
        "connections": pd.concat([cases.query("voltage == '380V'").head(5), important]),
        "customers": served.assign(customers_served=served["customers_served"] // 8),
    }


def _broken_files() -> dict[str, bytes]:
    """Return files that cannot be read, each for a different reason."""
    sound = book({}, Sender(), TRAINING_SLUG, {})
    encrypted, bomb = BytesIO(), BytesIO(sound)
    OOXMLFile(BytesIO(sound)).encrypt("演示口令", encrypted)
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("xl/media/filler.bin"), bytes(BOMB_BYTES), zipfile.ZIP_DEFLATED)
    return {
        "不是工作簿.xlsx": f"{DISCLAIMER}这是一份文本，不是工作簿。\n".encode(),
        "说明.txt": f"{DISCLAIMER}\n".encode(),
        "空文件.xlsx": b"",
        "不完整.xlsx": sound[: len(sound) // 2],
        "已加密.xlsx": encrypted.getvalue(),
        "压缩异常.xlsx": bomb.getvalue(),
    }
