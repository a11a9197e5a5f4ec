"""Studies of other cities from the wheel alone, with no checkout near: made, built side by side, and read."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from edits import edit
from lxml import html

ROOT = Path(__file__).parents[2]
NAMES = re.compile("吕梁|山西|晋[政能发电]|地电|离石|文水|交城|兴县|临县|柳林|石楼|岚县|方山|中阳|交口|孝义|汾阳")
CODES = re.compile(r"(?<!\d)1411\d\d(?!\d)")
HEADINGS = ("h1", "h2", "h3", "h4")
TWO_GRIDS = [
    *("--city", "宁州市", "--province", "宁江省", "--year", "2025"),
    *("--grid", "state:国网:国网宁州供电公司:宁江电网", "--grid", "hydro:水电:宁州水电公司:宁江地方电网"),
    *("--county", "东平区:990102", "--county", "石桥县:990122:hydro", "--county", "清河市:990181"),
]


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The package as its wheel brings it, in a folder that goes before the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", folder, ROOT], check=True)
    (wheel,) = folder.glob("ge_analysis-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", folder / "site", wheel], check=True)
    return folder / "site"


def start(installed: Path, folder: Path, *arguments: object) -> subprocess.Popen:
    """Start `ge` of the wheel in a folder."""
    environment = os.environ | {"PYTHONPATH": str(installed), "PYTHONIOENCODING": "utf-8", "COLUMNS": "200"}
    command = [sys.executable, "-c", "from ge_analysis.cli import main; main()", *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    return subprocess.Popen(command, cwd=folder, env=environment, **pipes)


def ended(process: subprocess.Popen) -> str:
    said, _ = process.communicate()
    assert process.returncode == 0, said
    return said


@pytest.fixture(scope="module")
def studies(tmp_path_factory, installed) -> dict[str, Path]:
    """The second demonstration and a study of two grids, built at the same time."""
    folder = tmp_path_factory.mktemp("studies")
    ended(start(installed, folder, "demo", "--city", "yunze"))
    ended(start(installed, folder, "init", "ningzhou", *TWO_GRIDS))
    ended(start(installed, folder / "ningzhou", "demo"))
    roots = {name: folder / name for name in ("yunze", "ningzhou")}
    building = [start(installed, root, "build") for root in roots.values()]
    said = [process.communicate()[0] for process in building]
    assert [process.returncode for process in building] == [0, 0], said
    return roots


@pytest.fixture(scope="module")
def pages(studies) -> dict[str, html.HtmlElement]:
    """The report of each study, without what is not read."""
    found = {}
    for name, root in studies.items():
        (path,) = (root / "report" / "_output").glob("*/report.html")
        found[name] = html.parse(path).getroot().body
        for element in found[name].xpath(".//script | .//style"):
            element.drop_tree()
    return found


def text_of(page: html.HtmlElement) -> str:
    return re.sub(r"\s+", " ", page.text_content())


BOTH = pytest.mark.parametrize("name", ["yunze", "ningzhou"])


def test_the_checkout_is_not_what_runs(installed, tmp_path):
    where = [sys.executable, "-c", "import ge_analysis.storage.paths as paths; print(paths.__file__, paths.shipped())"]
    environment = os.environ | {"PYTHONPATH": str(installed)}
    said = subprocess.run(where, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True).stdout
    assert all(Path(part).is_relative_to(installed) for part in said.split())


@BOTH
def test_nothing_from_luliang_is_in_the_study_or_its_report(studies, pages, name):
    text = text_of(pages[name])
    assert NAMES.findall(text) == [] and CODES.findall(text) == []
    files = [path for path in studies[name].rglob("*") if path.is_file()]
    assert not [path for path in files if NAMES.search(path.relative_to(studies[name]).as_posix())]
    texts = [path for path in files if path.suffix in {".yml", ".md", ".qmd", ".ipynb", ".txt"}]
    assert len(texts) > 20
    for path in texts:
        assert not NAMES.search(path.read_text("utf-8")), path


@BOTH
def test_every_heading_has_content(pages, name):
    levels: list[int] = []
    for element in pages[name].iter():
        if element.tag in HEADINGS:
            level = HEADINGS.index(element.tag)
            assert not levels or level > levels[-1], f"nothing before {element.text_content()}"
            levels.append(level)
        elif element.tag in ("p", "table", "img", "svg", "li"):
            levels.clear()
    assert not levels


@BOTH
def test_no_table_is_empty_and_no_column_lacks_all_values(pages, name):
    tables = pages[name].xpath(".//table")
    assert len(tables) > 15
    for table in tables:
        rows = [[cell.text_content().strip() for cell in row.xpath("./td")] for row in table.xpath(".//tr[td]")]
        assert rows
        assert all({*column} != {"缺"} for column in zip(*rows, strict=True)), rows


@BOTH
def test_no_sentence_holds_a_missing_figure(pages, name):
    assert not re.search(r"缺[%个天小次分件户]|None|nan|\{\{|\\%", text_of(pages[name]))


def test_the_second_city_is_itself(pages):
    text = text_of(pages["yunze"])
    for said in (
        *("云泽市优化营商环境", "云泽市能源局", "全部由国网云泽供电公司供电", "云泽市执行江岭电网销售电价"),
        *("2023年各县（市、区）供电可靠性数据", "统计单位为低压用户", "由国网云泽供电公司供电，有低压用户"),
        *("没有取得转供电台账", "东湖区、青岩县没有取得有效问卷", "没有取得人均收入", "没有取得可作基准的评价结果"),
        *("全部7个县（市、区）", "国网云泽供电公司；2025年底"),
    ):
        assert said in text, said
    assert "转供电费码月历" not in text and "中压用户）" not in text and "国网供区" not in text


def test_two_grids_are_compared(pages):
    text = text_of(pages["ningzhou"])
    for said in (
        *("分属两个电网企业供电", "宁江电网和宁江地方电网", "国网供区2个：东平区、清河市；水电供区1个：石桥县"),
        *("表 3-2 宁江地方电网销售电价表", "表 3-3 标准情形月电费", "宁州水电公司", "2026年", "统计单位为中压用户"),
    ):
        assert said in text, said


def test_a_finished_year_stays_as_it_is_when_the_next_is_added_and_changed(studies, installed):
    root = studies["yunze"]
    before = {path: path.read_bytes() for path in (root / "report" / "_output" / "2024").rglob("*.[dhp]*")}
    ended(start(installed, root, "publish"))
    edit(root / "params/study.yml", "client: 云泽市能源局", "client: 云泽市发展和改革委员会")
    ended(start(installed, root, "new-year", 2025))
    edit(root / "params/2025/method/connection.yml", "high: 30", "high: 10")
    ended(start(installed, root, "template"))  # the new year can be used although it has no base
    assert "上年指标（2024年结果）.xlsx" in [path.name for path in (root / "data/raw/2025/city").iterdir()]
    status = ended(start(installed, root, "status", "--year", 2024))
    assert "up to date" in status and not re.search("not made|changed|stale:|missing", status), status
    ended(start(installed, root, "build", "--year", 2024))
    assert {path: path.read_bytes() for path in before} == before and len(before) == 17
