"""Known personal data, written into a study's workbooks, is found in nothing that the study makes."""

import html
import io
import json
import os
import pickle
import re
import subprocess
import sys
import time
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from ge_analysis import demo
from ge_analysis.ledgers.contract import contract
from ge_analysis.runner.distributed import pack
from ge_analysis.runner.run import _job
from ge_analysis.study import Study

SLUGS = ("linxian", "wenshui")
MARKED = re.compile(r"\{(.*?)\}")
BREAKS = r"[\s./·()-]"
COLUMNS = ("欧阳青禾", "司马云岫", "诸葛望舒", "13800138000", "13512345678", "0358-8221234", "142301198805061234", "青禾巷88号")
NOTES = (  # of outages, one a row
    "{樊大}***先生来电催送电", "联系人: {司马相如}到场", "经办人：{皇甫静}，已回访", "{夏侯清}女士称冰箱烧坏", "{郝建斌}师傅处理",
    "报修人电话：{8217719}", "回访{138 12 34 0009}", "手机{138/1234/0014}", "联系{1381 2340 025}", "打{139.0001.0010}无人接",
    "厂家{400-618-3377}", "客服{4006183388}", "手机{１３９０００１００１１}", "联系{+86 139 0001 0012}", "座机{（0358）8225511}",
    "微信：{wx_lihua88}", "微信同号{15834209911}", "QQ：{1290334571}", "卡号{6222021234567890128}",
    "转入{6217 0001 4000 2345 679}",
    "车牌{晋J12345}", "吊车{晋A·7D093}碰线", "护照{E83920174}", "身份证{14230119790214032X}", "老身份证{142301790214032}",
    "邮箱{lihua@126.com}", "住{滨河路八十八号}", "住址{永安街十二号院三单元}", "{令狐雪梅}13900010013报修",
)  # fmt: skip
ELSEWHERE = {
    "name of a sheet": "{13900010001}",
    "beside a table": "备注{13900010002}{上官望月}先生",
    "below a table": "填表人：{上官望月}，身份证{14110219800101123X}，{晋J54321}",
    "author of a workbook": "{令狐听雨}",
    "name of a file": "-{令狐听雨}先生{13900010003}",
    "comment": "{公孙止}看过，{13900010004}",
    "entity": "{端木春}先生{13900010005}",
    "site": "营业厅（{赫连山}女士{13900010006}）",
    "told_by": "{上官望月} {13900010007}",
    "reason": "{上官望月}先生来电{13900010008}，微信{zhangwei_1985}，{司马云岫}口头确认",
    "policy_number": "晋电〔2021〕5号{13900010009}",
    "summary": "联系人：{慕容秋}{13900010014}",
    "name of a city's file": "-{13900010015}",
    "comment of the city": "{鲜于白}批注{13900010016}",
    "faulty cell": "{濮阳红}{13900010017}",
    "name of a faulty file": "-{钟离客}{13900010018}",
}
IN_NAMES = ("name of a sheet", "name of a file", "name of a city's file")
SECRETS = sorted({*COLUMNS, *(secret for text in (*NOTES, *ELSEWHERE.values()) for secret in MARKED.findall(text))})
KEPT = ("夜间停电前应告知", "窗口需补登记簿")  # what is beside the secrets in free text and must come through
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


def planted(place: str) -> str:
    """Text that is planted in a place."""
    return MARKED.sub(r"\1", ELSEWHERE[place])


def signs(secret: str) -> str:
    """A secret without what may break it."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", secret) if sign not in " -./·()+")


def written(secret: str) -> re.Pattern[str]:
    """Pattern of a secret however it is broken or spaced; a short number does not match within a longer one."""
    pattern = rf"{BREAKS}*".join(map(re.escape, signs(secret)))
    return re.compile(rf"(?<![\d.]){pattern}(?!\d)" if signs(secret).isdigit() else pattern)


def leaks(texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Names of the texts that hold a secret, and the secret."""
    wanted = {secret: (signs(secret), written(secret)) for secret in SECRETS}
    found = []
    for name, text in texts.items():
        plain = unicodedata.normalize("NFKC", text)
        unbroken = re.sub(f"{BREAKS}+", "", plain)  # a pattern is slow, and finds nothing that is not here
        found += [(name, secret) for secret, (short, long) in wanted.items() if short in unbroken and long.search(plain)]
    return found


def seed(folder: Path) -> set[tuple[str, str]]:
    """Write the secrets into the rows of the seeded sheets that the workbooks of a county hold; return sheets and fields."""
    done = set()
    for path in folder.glob("*.xls[xm]"):
        workbook = openpyxl.load_workbook(path, keep_vba=path.suffix == ".xlsm")
        for sheet in workbook:
            for name, values in SEEDED.items():
                found = heads(sheet, name)
                if {field.name for field in contract(name).fields if field.required} <= found.keys():
                    rows = full_rows(sheet, found)
                    for field in values.keys() & found.keys():
                        for row in rows:
                            sheet.cell(row, found[field].column).value = values[field]
                        done.add((name, field))
        workbook.save(path)
    return done


def with_sheet(folder: Path, sheet: str) -> Path:
    """The first workbook of a folder that has a sheet."""
    return next(path for path in sorted(folder.glob("*.xlsx")) if sheet in CalamineWorkbook.from_path(path).sheet_names)


def plant(root: Path) -> None:
    """Write secrets where a sender may write besides the table, into identifiers, the city's workbooks and the corrections."""
    raw = root / "data" / "raw" / "2021"
    path = with_sheet(raw / SLUGS[0], "停电事件")
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["停电事件"]
    found = heads(sheet, "停电事件")
    for row, note in zip(full_rows(sheet, found), NOTES, strict=False):
        sheet.cell(row, found["note"].column).value = MARKED.sub(r"\1", note)
    event = {name: sheet.cell(full_rows(sheet, found)[0], found[name].column).value for name in ("event_id", "customers")}
    sheet.cell(1, sheet.max_column + 2).value = planted("beside a table")
    sheet.cell(full_rows(sheet, found)[0], found["note"].column).comment = Comment(planted("comment"), "令狐听雨")
    sheet.cell(sheet.max_row + 2, 1).value = planted("below a table")
    sheet.title = "停电事件" + planted("name of a sheet")
    resale = workbook["转供电"]
    replace_value(resale, heads(resale, "转供电")["entity"], planted("entity"))
    halls = workbook["营业厅走访"]
    replace_value(halls, heads(halls, "营业厅走访")["site"], planted("site"))
    workbook.properties.creator = planted("author of a workbook")
    workbook.save(path)
    path.rename(path.with_name(path.stem + planted("name of a file") + path.suffix))

    path = with_sheet(raw / "city", "政策文件")
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["政策文件"]
    found = heads(sheet, "政策文件")
    for field, text in (("policy_number", planted("policy_number")), ("summary", planted("summary"))):
        found[field].offset(1).value = text
    found["policy_number"].comment = Comment(planted("comment of the city"), "令狐听雨")
    workbook.save(path)
    path.rename(path.with_name(path.stem + planted("name of a city's file") + path.suffix))

    correction = {
        "county": SLUGS[0], "sheet": "停电事件", "key": {"event_id": str(event["event_id"])}, "field": "customers",
        "action": "flag", "expect": event["customers"], "told_by": planted("told_by"),
        "reason": planted("reason"), "date": "2022-01-05",
    }  # fmt: skip
    target = root / "data" / "corrections" / "2021.yml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps([correction], ensure_ascii=False), encoding="utf-8")


def break_city(root: Path) -> None:
    """Write a person where the city's workbook must hold a score, and into its name: the city gets no tables any more."""
    path = next(path for path in (root / "data" / "raw" / "2021" / "city").glob("*.xlsx") if "指数核查" in path.name)
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["指数核查"]
    heads(sheet, "指数核查")["monitoring"].offset(1).value = planted("faulty cell")
    workbook.save(path)
    path.rename(path.with_name(path.stem + planted("name of a faulty file") + path.suffix))


def replace_value(sheet: Worksheet, head: Cell, value: str) -> None:
    """Replace the first value of a column wherever the column holds it."""
    first = head.offset(1).value
    for row in range(head.row + 1, sheet.max_row + 1):
        if sheet.cell(row, head.column).value == first:
            sheet.cell(row, head.column).value = value


def heads(sheet, name: str) -> dict[str, Cell]:
    """Heads of a sheet's columns by the field whose label or alias is there."""
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
    """All text of a file that a reader or a program can extract."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv()
    if path.suffix == ".pdf":
        reader = PdfReader(path)
        return "\n".join([str(reader.metadata), *(page.extract_text() for page in reader.pages)])
    if path.suffix in {".docx", ".xlsx"}:
        with zipfile.ZipFile(path) as archive:
            parts = [archive.read(name).decode("utf-8", "ignore") for name in archive.namelist()]
        return "\n".join([*parts, *(re.sub(r"<[^>]+>", "", part) for part in parts)])
    text = path.read_bytes().decode("utf-8", "ignore")
    if path.suffix in {".json", ".ipynb"}:
        return json.dumps(json.loads(text), ensure_ascii=False)
    return html.unescape(text)


def ge(root: Path, *arguments: str) -> tuple[int, str]:
    """Run a command with temporary and cache folders inside the project; return its exit code and output."""
    own = {"TMPDIR": str(root / "tmp"), "XDG_CACHE_HOME": str(root / "cache"), "MPLCONFIGDIR": str(root / "cache")}
    (root / "tmp").mkdir(exist_ok=True)
    command = [sys.executable, "-c", "from ge_analysis.cli import main; main()", *arguments]
    done = subprocess.run(command, cwd=root, env=os.environ | own, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def files(root: Path, since: int = 0) -> dict[str, str]:
    """Names and texts of files made since a moment [ns]: not those that people wrote, nor those that go back to the sender."""
    theirs = (root / "data" / "raw", root / "data" / "corrections", root / "checks")
    found = [path for path in root.rglob("*") if path.is_file() and path.stat().st_ctime_ns >= since]
    found = [path for path in found if not any(path.is_relative_to(folder) for folder in theirs)]
    return {(name := path.relative_to(root).as_posix()): f"{name}\n{contents(path)}" for path in found}


def payload(root: Path, folder: Path) -> dict[str, str]:
    """What goes to a worker of dask for a county: the job's bytes, and the files of its package."""
    study = Study.open(2021, root)
    job = replace(_job(study, SLUGS[0], "warm"), root=Path())
    zipfile.ZipFile(io.BytesIO(pack(study, job))).extractall(folder)
    sent = {f"sent {name}": text for name, text in files(folder).items()}
    return sent | {"sent job": pickle.dumps(job).decode("utf-8", "ignore")}


@pytest.fixture(scope="module")
def project(tmp_path_factory, small_project) -> Path:
    """A study with secrets in its workbooks, built."""
    root = small_project(tmp_path_factory.mktemp("personal") / "study", SLUGS)
    study = Study.open(2021, root)
    demo.write(study)
    seeded = set.union(*(seed(root / "data" / "raw" / "2021" / slug) for slug in SLUGS))
    assert seeded == {(sheet, field) for sheet, values in SEEDED.items() for field in values}
    plant(root)
    return root


@pytest.fixture(scope="module")
def made(project, tmp_path_factory) -> dict[str, str]:
    """Everything that a build writes, prints and sends, by name."""
    code, printed = ge(project, "build")
    assert not code, printed
    return files(project) | payload(project, tmp_path_factory.mktemp("worker")) | {"terminal": printed}


@pytest.fixture(scope="module")
def checked(project, made) -> str:
    """What `ge check` prints, run after the build."""
    return ge(project, "check")[1]


def test_every_kind_of_personal_data_is_planted():
    assert len(SECRETS) >= 60
    texts = {"mine": "，".join([*COLUMNS, *(MARKED.sub(r"\1", text) for text in (*NOTES, *ELSEWHERE.values()))])}
    assert {secret for _, secret in leaks(texts)} == set(SECRETS)


def test_nothing_made_contains_personal_data(made):
    endings = {Path(name).suffix for name in made}
    assert {".parquet", ".ipynb", ".html", ".json", ".docx", ".pdf", ".qmd", ".svg", ".png"} <= endings
    assert f"sent data/processed/2021/tables/{SLUGS[0]}/outages.parquet" in made
    assert leaks(made) == []


@pytest.mark.parametrize(("ending", "kept"), [(".parquet", KEPT), *((ending, KEPT[1:]) for ending in (".docx", ".pdf", ".html"))])
def test_text_beside_personal_data_is_kept(made, ending, kept):
    """In a report the checklist's problem does; of a respondent, only what needs no mask is quoted."""
    everything = re.sub(r"\s", "", "".join(text for name, text in made.items() if name.endswith(ending)))
    assert [text for text in kept if text not in everything] == []


@pytest.mark.parametrize("ending", ["report.docx", "report.html"])
def test_the_annex_gives_the_reason_of_a_correction_masked(made, ending):
    [report] = [text for name, text in made.items() if name.endswith(f"2021/{ending}")]
    assert "***先生来电***，微信***，***口头确认" in re.sub(r"\s", "", report)


def test_issues_repeat_only_the_names_of_files_and_sheets(project, checked):
    """Findings go back to their sender, who must find the workbook by its name; what is in its cells is masked here too."""
    allowed = {secret for place in IN_NAMES for secret in MARKED.findall(ELSEWHERE[place])}
    [table] = (project / "checks").rglob("findings.xlsx")
    said = {secret for _, secret in leaks({"terminal": checked, "findings": contents(table)})}
    assert said <= allowed


def test_a_faulty_city_reveals_no_person_to_the_counties(project, made, checked):
    break_city(project)
    begun = time.time_ns()
    code, printed = ge(project, "build")
    assert code == 1
    found = files(project, begun)
    assert any(name.endswith("failure.json") for name in found)
    assert leaks(found | {"terminal": printed}) == []
