"""Known personal data, written into a study's workbooks, is found in nothing that the study makes."""

import html
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.cell import Cell
from pypdf import PdfReader

from ge_analysis import demo
from ge_analysis.ledgers.contract import contract
from ge_analysis.study import Study

SLUGS = ("linxian", "wenshui")
SECRETS = ("欧阳青禾", "司马云岫", "诸葛望舒", "13800138000", "13512345678", "0358-8221234", "142301198805061234", "青禾巷88号")
PLANTED = (  # in names of files and sheets, above and below tables, in corrections
    "13900010001", "13900010002", "13900010003", "13900010004", "13900010005", "13900010006",
    "上官望月", "令狐听雨", "14110219800101123X", "6222021234567890128", "晋J12345", "lihua@126.com", "zhangwei_1985",
)  # fmt: skip
KEPT = ("夜间停电前应告知", "窗口需补登记簿")  # what stands beside the secrets in free text and must come through
SEEDED = {
    "业扩报装": {
        "customer_name": "欧阳青禾",
        "phone": "138-0013-8000",
        "address": "青禾巷88号3单元",
        "project_manager": "司马云岫",
    },
    "满意度问卷": {
        "respondent": "诸葛望舒",
        "respondent_phone": "13512345678",
        "comments": "夜间停电前应告知，诸葛望舒13512345678，身份证142301198805061234",
    },
    "便利度核查": {
        "evidence": "诸葛望舒（135 1234 5678）现场说明",
        "problem": "窗口需补登记簿，联系欧阳青禾，电话13800138000，青禾巷88号",
    },
    "停电事件": {"note": "欧阳 青禾（住青禾巷88号3单元）来电0358-8221234，身份证142301198805061234，司马云岫处理"},
}


def squeezed(text: str) -> str:
    """Text without the spaces and hyphens by which a name or number may be broken."""
    return re.sub(r"[\s-]", "", text)


def seed(folder: Path) -> set[tuple[str, str]]:
    """Write the secrets into the rows of the seeded sheets that the workbooks of a county hold; return sheets and fields."""
    done = set()
    for path in folder.glob("*.xls[xm]"):
        workbook = openpyxl.load_workbook(path, keep_vba=path.suffix == ".xlsm")
        for sheet in workbook:
            for name, values in SEEDED.items():
                found = heads(sheet, name)
                if {field.name for field in contract(name).fields if field.required} <= found.keys():
                    for field in values.keys() & found.keys():
                        for row in full_rows(sheet, found):
                            sheet.cell(row, found[field].column).value = values[field]
                        done.add((name, field))
        workbook.save(path)
    return done


def plant(root: Path) -> None:
    """Write secrets where a sender may write besides the table, and into the corrections."""
    folder = root / "data" / "raw" / "2021" / SLUGS[0]
    path = next(path for path in sorted(folder.glob("*.xlsx")) if "停电事件" in openpyxl.load_workbook(path).sheetnames)
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["停电事件"]
    sheet.title = "停电事件13900010001"
    sheet.cell(1, sheet.max_column + 2).value = "备注13900010002上官望月先生"
    sheet.cell(sheet.max_row + 2, 1).value = "填表人：上官望月，身份证14110219800101123X，卡号6222021234567890128，晋J12345"
    workbook.properties.creator = "令狐听雨"
    workbook.save(path)
    path.rename(path.with_name(f"{path.stem}-令狐听雨先生13900010003{path.suffix}"))
    outage = pd.read_excel(next(folder.glob("*13900010003*")), sheet_name="停电事件13900010001", header=None, engine="openpyxl")
    head = next(row for row in range(len(outage)) if "停电用户数" in str(outage.iloc[row].tolist()))
    columns = [re.sub(r"\s|[（(].*", "", str(value)) for value in outage.iloc[head]]
    first = dict(zip(columns, outage.iloc[head + 1], strict=True))
    correction = {
        "county": SLUGS[0], "sheet": "停电事件", "key": {"event_id": str(first["事件编号"])}, "field": "customers",
        "action": "flag", "expect": int(first["停电用户数"]), "told_by": "上官望月 13900010004",
        "reason": "上官望月先生来电13900010005，微信zhangwei_1985，lihua@126.com", "date": "2022-01-05",
    }  # fmt: skip
    target = root / "data" / "corrections" / "2021.yml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps([correction], ensure_ascii=False), encoding="utf-8")


def heads(sheet, name: str) -> dict[str, Cell]:
    """Heads of a sheet's columns by the field whose label or alias stands there."""
    found = {}
    for field in contract(name).fields:
        names = {field.label, *(alias.header for alias in field.aliases)}
        for cell in (cell for row in sheet.iter_rows(max_row=12) for cell in row):
            if re.sub(r"\s|[（(].*", "", str(cell.value)) in names:
                found[field.name] = cell
    return found


def full_rows(sheet, found: dict[str, Cell]) -> list[int]:
    """Rows of the table, from the second on."""
    rows = range(max(cell.row for cell in found.values()) + 2, sheet.max_row + 1)
    columns = [cell.column for cell in found.values()]
    return [row for row in rows if sum(sheet.cell(row, column).value is not None for column in columns) > 4]


def contents(path: Path) -> str:
    """All text of a file, as a reader or a program can get at it."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv()
    if path.suffix == ".pdf":
        reader = PdfReader(path)
        return "\n".join([str(reader.metadata), *(page.extract_text() for page in reader.pages)])
    if path.suffix == ".docx":
        with zipfile.ZipFile(path) as archive:
            parts = [archive.read(name).decode("utf-8", "ignore") for name in archive.namelist()]
        return "\n".join([*parts, *(re.sub(r"<[^>]+>", "", part) for part in parts)])
    text = path.read_bytes().decode("utf-8", "ignore")
    if path.suffix in {".json", ".ipynb"}:
        return json.dumps(json.loads(text), ensure_ascii=False)
    return html.unescape(text)


@pytest.fixture(scope="module")
def made(tmp_path_factory, small_project) -> dict[Path, str]:
    """Every file that a study with secrets in its workbooks makes, and its text."""
    root = small_project(tmp_path_factory.mktemp("personal") / "study", SLUGS)
    study = Study.open(2021, root)
    demo.write(study.paths, study.params)
    seeded = set.union(*(seed(root / "data" / "raw" / "2021" / slug) for slug in SLUGS))
    assert seeded == {(sheet, field) for sheet, values in SEEDED.items() for field in values}
    plant(root)
    command = [sys.executable, "-c", "from ge_analysis.cli import main; main()", "build"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stdout + done.stderr
    folders = (root / "data" / "processed", root / "report" / "_build", root / "report" / "_output")
    return {path: squeezed(contents(path)) for folder in folders for path in folder.rglob("*") if path.is_file()}


def test_personal_data_is_in_no_file(made):
    endings = {path.suffix for path in made}
    assert {".parquet", ".ipynb", ".html", ".json", ".docx", ".pdf", ".qmd", ".svg", ".png"} <= endings
    wanted = [squeezed(secret) for secret in (*SECRETS, *PLANTED)]
    assert [(path.name, secret) for path, text in made.items() for secret in wanted if secret in text] == []


@pytest.mark.parametrize("ending", [".parquet", ".docx", ".pdf", ".html"])
def test_what_stands_beside_it_comes_through(made, ending):
    everything = "".join(text for path, text in made.items() if path.suffix == ending)
    assert [kept for kept in KEPT if kept not in everything] == []
