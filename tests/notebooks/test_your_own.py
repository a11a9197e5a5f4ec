"""docs/your-own.md followed literally: every block goes where the page says, and the report shows it."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import openpyxl
import pytest
from edits import edit
from runner_study import ge

DOCS = Path(__file__).parents[2] / "docs"
PAGE, CHINESE = ((DOCS / name).read_text(encoding="utf-8") for name in ("your-own.md", "zh/your-own.md"))
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
FILE = re.compile(r"`([\w<>/-]+/[\w.-]+\.\w[\w.]*)`")


def blocks(page: str = PAGE) -> list[tuple[str, str, str]]:
    """Return file, language and content of every block of a page."""
    return [
        (FILE.findall(page[: found.start()])[-1].replace("<year>", "2021"), found[1], found[2]) for found in BLOCK.finditer(page)
    ]


def follow(root: Path) -> None:
    """Do what the page says."""
    for name, language, content in blocks():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if language == "diff":
            old, new = (line[1:] for line in content.splitlines())
            edit(path, old, new)
        elif name.endswith("findings.yml"):
            text = path.read_text("utf-8")
            path.write_text(text.replace("\nproblems:\n", f"\nproblems:\n{content}"), encoding="utf-8")
        elif name.endswith(".ipynb"):
            notebook = nbformat.read(path, as_version=4)
            saving = max(at for at, cell in enumerate(notebook.cells) if cell.cell_type == "markdown")
            notebook.cells.insert(saving, nbformat.v4.new_code_cell(content))
            nbformat.write(notebook, path)
        else:
            assert not path.exists()
            path.write_text(content, encoding="utf-8")


def send(root: Path) -> None:
    """Let a county send the new column, under its heading, and the new sheet."""
    for path in (root / "data/raw/2021/linxian").glob("*.xlsx"):
        book = openpyxl.load_workbook(path)
        if "线路" not in book.sheetnames:
            continue
        sheet = book["线路"]
        head = next(row[0].row for row in sheet.iter_rows() if any(cell.value == "变电站" for cell in row))
        names = [cell.value for cell in sheet[head]]
        sheet.cell(head, len(names) + 1, "绝缘化率(%)")
        first = [row for row in range(head + 1, sheet.max_row + 1) if sheet.cell(row, names.index("变电站") + 1).value][:2]
        for row, share in zip(first, (40, 60), strict=True):
            sheet.cell(row, len(names) + 1, share)
        feeder = sheet.cell(first[0], names.index("线路名称") + 1).value
        defects = book.create_sheet("线路缺陷")
        defects.append(["缺陷编号", "线路名称", "发现日期"])
        defects.append(["Q-1", feeder, "2020-03-05"])
        book.save(path)
        return
    raise AssertionError("no workbook has the sheet")


def test_the_chinese_page_has_the_same_examples():
    assert blocks(CHINESE) == blocks()


@pytest.fixture(scope="module")
def study(tmp_path_factory, small_project):
    root = small_project(tmp_path_factory.mktemp("own") / "study", ("linxian", "wenshui"))
    ge(root, "demo")
    follow(root)
    send(root)
    ge(root, "build")
    return root


LOOK = """
from ge_analysis import Study
study = Study.open()
found = study.compute("临县")
value = found.indicators.set_index("indicator").loc["insulated_share_pct", "value"]
rows = found.rows[found.rows["indicator"] == "insulated_share_pct"]
print(value, len(rows), study.table("临县", "线路缺陷")["found_on"].iloc[0].date(), study.params.method.convenience.notice_hours)
"""


def test_the_new_column_sheet_and_indicator_are_there(study):
    done = subprocess.run([sys.executable, "-c", LOOK], cwd=study, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["50.0", "2", "2020-03-05", "48.0"], done.stderr


def test_the_report_shows_chapter_rule_and_figure(study):
    text = (study / "report/_output/2021/report.html").read_text(encoding="utf-8")
    for words in ("停电时间的说明", "全市全口径停电时间为", "问卷份数偏少", "停电时间的柱形图"):
        assert words in text


def test_templates_hold_the_new_column_and_sheet(study):
    ge(study, "template")
    book = openpyxl.load_workbook(study / "data/templates/2021年临县获得电力台账.xlsx")
    assert "绝缘化率(%)" in [cell.value for cell in book["线路"][1]] and "线路缺陷" in book.sheetnames


def test_what_is_added_counts_for_staleness(study):
    path = study / "indicators/insulation.py"
    path.write_text(path.read_text("utf-8").replace("/ 100, 1)", "/ 100, 2)"), encoding="utf-8")
    assert "own indicators changed" in ge(study, "status")


MISTAKES = {
    "a Python file": ("indicators/insulation.py", "np.nan", "np.nann", r"insulation\.py line \d+: AttributeError"),
    "a function": ("indicators/insulation.py", "def compute", "def comput", "has no function compute"),
    "what it returns": ("indicators/insulation.py", "return tally", "return shares", "compute returns ndarray, not Tally"),
    "an indicator": ("indicators/insulation.py", '"insulated_share_pct"', '"insulated_shar"', r"insulation\.py line \d+"),
    "a registry": ("params/2021/own/registry.yml", "decimals: 1", "decimal: 1", r"registry\.yml line \d+: .*decimal"),
    "a taken name": ("params/2021/own/registry.yml", "insulated_pct:", "feeder:", "feeder is the package's"),
    "a sheet's column": ("params/2021/own/contracts/defects.yml", "refers_to: feeders", "refers_to: feeder", "feeder: refers_to"),
    "a sheet's key": ("params/2021/own/contracts/defects.yml", "key: [fault_id]", "key: [fault]", r"defects\.yml line \d+"),
    "a threshold": ("params/2021/method/convenience.yml", "notice_hours: 48", "notice_hours: 48h", r"convenience\.yml line \d+"),
    "a rule": (
        "params/2021/findings.yml",
        "indicator: survey_respondents",
        "indicator: survey_respondent",
        r"findings\.yml line \d+",
    ),
    "a contract": ("params/2021/own/contracts/defects.yml", "type: date", "type: dat", r"defects\.yml line \d+"),
    "an alias": ("params/2021/own/contracts/feeders.yml", "feeder: [", "feedr: [", "did you mean feeder"),
    "a column without a name": ("params/2021/own/contracts/feeders.yml", "insulated_pct", "insulated", "not among the registry"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_in_what_is_added_is_one_line(study, case):
    name, old, new, message = MISTAKES[case]
    path = study / name
    text = path.read_text("utf-8")
    edit(path, old, new)
    try:
        look = "from ge_analysis import Study; Study.open().compute('临县')"
        command = [sys.executable, "-c", f"from ge_analysis.errors import GeError\ntry:\n {look}\nexcept GeError as e: print(e)"]
        done = subprocess.run(command, cwd=study, capture_output=True, text=True, check=False)
        assert re.search(message, done.stdout), done.stdout + done.stderr
    finally:
        path.write_text(text, encoding="utf-8")
