"""The next year of a study: last year's parameters, with yearly entries moved on or blanked."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook

from ge_analysis.errors import GeError
from ge_analysis.indicators.long_table import select
from ge_analysis.indicators.topics.years import WITHOUT
from ge_analysis.language import _
from ge_analysis.ledgers.contract import contract
from ge_analysis.settings.parameters import NAMES
from ge_analysis.settings.places import CITY
from ge_analysis.settings.registry import registry
from ge_analysis.starting.study import YEARLY_FIGURES
from ge_analysis.starting.yaml_edits import edited, flow
from ge_analysis.storage.files import whole_folder
from ge_analysis.storage.workbooks import save
from ge_analysis.study import Study

SHEET = "上年指标"


def write_year(before: Study, year: int) -> list[str]:
    """Make the parameters of a year from those of the year before, and carry this one's results over.

    Parameters
    ----------
    before : Study
        The last year of the study.
    year : int
        The year to make.

    Returns
    -------
    list of str
        What is left to fill in or check, by file and key.

    Raises
    ------
    GeError
        If the year already exists, or is not a later one.
    """
    root = before.paths.root
    folder = root / "params" / str(year)
    if folder.exists():
        raise GeError(_("{folder} is there already", folder=folder), _("change it, or remove it first"))
    if year <= before.year:
        raise GeError(_("{year} is not after {last}", year=year, last=before.year), _("name a later year"))
    results = before.handed_over()
    base = None if results is None else _base(before, results)
    with whole_folder(folder) as staging:
        shutil.copytree(root / "params" / str(before.year), staging, dirs_exist_ok=True)
        (staging / NAMES).unlink(missing_ok=True)
        _move_on(staging, before, year, base)
    before.keep_names()
    with edited(root / "params" / "study.yml") as study:
        study["default_year"] = year
    name = f"params/{year}"
    connection = f"{name}/method/connection.yml"
    todo = [
        _("{file}: {key} (it was {was})", file=f"{name}/year.yml", key=figure, was=_was(before, figure))
        for figure in YEARLY_FIGURES
    ]
    todo += [_("{file}: what is to be reached by the end of {year} and later", file=f"{name}/targets.yml", year=year + 1)]
    todo += [
        _("{file}: {key} of {year}", file=file, key=key, year=year)
        for file, key in (
            (connection, "targets_days, commitments, zero_investment_kva"),
            (f"{name}/method/price.yml", "time_of_use"),
        )
    ]
    if results is None:
        todo += [
            _("{file}: {key} ({year} has no results to carry over)", file=file, key=key, year=before.year)
            for file, key in ((connection, "base"), (f"data/raw/{year}/city/", SHEET))
        ]
    else:
        if base is None:
            todo.append(_("{file}: base (a voltage has no case or no cost in {year})", file=connection, year=before.year))
        todo += [
            _("{file}: look through it", file=path.relative_to(root).as_posix()) for path in _carry_over(before, year, results)
        ]
    return todo


def _was(study: Study, figure: str) -> str:
    given = getattr(study.params.year, figure)
    return _("blank") if given is None else f"{given.value:g}"


def _move_on(folder: Path, before: Study, year: int, base: dict[str, Any] | None) -> None:
    later = year - before.year
    with edited(folder / "year.yml") as content:
        for name in ("reliability_period", "survey_period"):
            content[name].update({end: _later(content[name][end], later) for end in ("start", "end")})
        content["report_date"] = _later(content["report_date"], later)
        content |= dict.fromkeys(YEARLY_FIGURES)
    with edited(folder / "targets.yml") as targets:
        for target in targets:
            target["years"] = flow(_aims(target["years"], year + 1))
    if base:
        with edited(folder / "method" / "connection.yml") as connection:
            connection["base"] = base


def _later(day: date, years: int) -> date:
    """Return the same day of a later year; 28 February instead of the 29th if the year has none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _aims(aims: dict[int, Any], first: int) -> dict[int, Any]:
    """Return the targets from a year on; earlier ones remain to be reached."""
    reached = [aim for until, aim in sorted(aims.items()) if until <= first]
    start = {first: reached[-1]} if reached else {}
    return start | {until: aim for until, aim in sorted(aims.items()) if until > first}


def _base(before: Study, results: pd.DataFrame) -> dict[str, Any] | None:
    """Return the connection figures of a year as the base of the next.

    A voltage without cases, or without a cost, keeps its previous base; None if it has none.
    """
    old = before.params.method.connection.base
    base: dict[str, Any] = {"year": before.year, "source": f"{before.year}年度{before.params.study.city}“获得电力”专项提升报告"}
    for voltage in ("low", "high"):
        found = {
            name: select(results, indicator, county=CITY, voltage=voltage, by="", group="")["value"]
            for name, indicator in (
                ("procedures", "procedures"),
                ("working_days", "time_working_days"),
                ("cost_pct_income", "cost_pct_income"),
            )
        }
        values = {name: float(value.iloc[0]) for name, value in found.items() if len(value) and value.notna().all()}
        if len(values) == len(found):
            base[voltage] = flow(values | {"procedures": int(values["procedures"])})
        elif old:
            base[voltage] = flow(getattr(old, voltage).model_dump())
        else:
            return None
    return base


def _carry_over(before: Study, year: int, results: pd.DataFrame) -> list[Path]:
    """Write last year's results as the next year's 上年指标, unless it already exists."""
    folder = before.paths.root / "data" / "raw" / str(year) / "city"
    path = folder / f"{SHEET}（{before.year}年结果）.xlsx"
    if path.exists():
        return []
    sheet = contract(SHEET)
    book = Workbook()
    page = book.worksheets[0]
    page.title = SHEET
    page.append([column.header for column in sheet.fields])
    for row in _published(before, results):
        page.append(row)
    save(book, path)
    return [path]


def _published(study: Study, results: pd.DataFrame) -> list[list[Any]]:
    """Return the rows of 上年指标 that a year makes: its values, and those of earlier years that it had."""
    names = {unit.slug: unit.name for unit in study.counties} | {CITY: "全市"}
    columns = [column.name for column in contract(SHEET).fields]
    rows = pd.concat([_as_published(study, results), study.table(CITY, SHEET)], ignore_index=True)[columns]
    rows = rows[rows["place"].isin(names)].assign(place=rows["place"].map(names))
    for name, codes in (("indicator", "published_indicator"), ("area", "area"), ("excluded", "without")):
        rows[name] = rows[name].map(registry().codes[codes])
    return rows.astype(object).where(rows.notna(), None).to_numpy().tolist()


def _as_published(study: Study, results: pd.DataFrame) -> pd.DataFrame:
    """Return a year's values as rows of 上年指标."""
    whole = (results[["kind", "item"]] == "").all(axis=1) & results["voltage"].isin(["", "low"])  # a score: of low voltage
    excluded = results["group"].where(results["by"] == "without")
    shown = (results["by"] == "") | (excluded == WITHOUT)
    found = results["indicator"].isin(registry().codes["published_indicator"]) & whole & shown & results["value"].notna()
    return results.rename(columns={"county": "place"})[found].assign(
        area=results["area"].replace("", "all"),
        value_year=study.params.year.reliability_period.start.year,
        excluded=excluded,
        value_source=f"{study.year}年度结果",
    )
