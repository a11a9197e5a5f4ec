"""The training county holds faults of every kind, and each yields exactly its issue: rule and cell."""

import shutil
from pathlib import Path

import pytest

from ge_analysis import demo
from ge_analysis.errors import GeError
from ge_analysis.ledgers import ingest
from ge_analysis.settings import parameters as params
from ge_analysis.storage.paths import Paths
from ge_analysis.study import Study

STUDY = params.load(Path(__file__).parents[2])
TRAINING = demo.training(STUDY)
PARAMS = STUDY.model_copy(update={"counties": (*(unit for unit in STUDY.counties if unit.slug == "linxian"), TRAINING)})
NETWORK, CASES, SERVICE, SURVEY = (
    "培训县停电及线路台账.xlsx",
    "培训县业扩报装台账.xlsx",
    "培训县营销服务台账.xlsx",
    "培训县满意度问卷.xlsx",
)
EXPECTED = {
    # one cell
    ("blank", NETWORK, "停电事件", "D4"),
    ("not_in_list", NETWORK, "停电事件", "E5"),
    ("not_a_number", NETWORK, "线路", "D3"),
    ("unit", CASES, "业扩报装", "J2"),
    ("not_a_date", CASES, "业扩报装", "L4"),
    ("not_whole", NETWORK, "停电事件", "H16"),
    ("out_of_range", SURVEY, "满意度问卷", "I3"),
    ("no_cached_value", SERVICE, "计量与交费", "D3"),
    ("error_cell", SERVICE, "计量与交费", "E4"),
    # rows and sheets
    ("unknown_feeder", NETWORK, "停电事件", "B6"),
    ("unknown_event", NETWORK, "停电用户明细", "A3"),
    ("above_served", NETWORK, "停电事件", "H7"),
    ("restored_before_started", NETWORK, "停电事件", "G8"),
    ("no_duration", NETWORK, "停电事件", "G15"),
    ("far_date", NETWORK, "停电事件", "F14"),
    ("too_long", NETWORK, "停电事件", "G9"),
    ("overlap", NETWORK, "停电事件", "F11"),
    ("marked_row", NETWORK, "停电事件", "A17"),
    ("duplicate", NETWORK, "停电事件", "A13"),
    ("order", CASES, "业扩报装", "U3"),
    ("order", CASES, "业扩报装", "O7"),
    ("jump", NETWORK, "用户数", "C2"),
    # columns, sheets, files
    ("missing_column", SERVICE, "计量与交费", ""),
    ("missing_optional_sheet", "", "不停电作业", ""),
    ("other_county", "临县营业厅走访.xlsx", "", ""),
    ("other_year", "培训县便利度核查（2017年）.xlsx", "", ""),
    ("not_a_workbook", "不是工作簿.xlsx", "", ""),
    ("not_read", "说明.txt", "", ""),
    ("damaged", "空文件.xlsx", "", ""),
    ("damaged", "不完整.xlsx", "", ""),
    ("encrypted", "已加密.xlsx", "", ""),
    ("zip_bomb", "压缩异常.xlsx", "", ""),
}


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """A study of one county and the city, with the training county in the place of its clean workbooks."""
    paths = Paths(tmp_path_factory.mktemp("faults"), 2021)
    demo.write(Study(PARAMS, paths))
    shutil.rmtree(paths.raw / TRAINING.slug)
    demo.write_faults(Study(PARAMS, paths))
    return paths


def found(paths: Paths) -> list[tuple[str, str, str, str]]:
    """Rule and place of every issue of the training county, but for the totals and notes that its sender puts below tables."""
    issues = ingest.ingest(Study(PARAMS, paths), [TRAINING.slug])[TRAINING.slug]
    others = (issue for issue in issues if issue.rule != "rows_left_out")
    return sorted((issue.rule, issue.workbook, issue.sheet, issue.cell) for issue in others)


def test_every_fault_yields_exactly_its_issue(paths):
    assert found(paths) == sorted(EXPECTED)


def test_totals_and_notes_are_named_once_a_sheet(paths):
    issues = ingest.ingest(Study(PARAMS, paths), [TRAINING.slug])[TRAINING.slug]
    sheets = [(issue.workbook, issue.sheet) for issue in issues if issue.rule == "rows_left_out"]
    assert (NETWORK, "用户数") in sheets
    assert len(set(sheets)) == len(sheets)


def test_a_county_with_errors_gets_no_tables_and_the_others_do(paths):
    issues = ingest.ingest(Study(PARAMS, paths), ["linxian", TRAINING.slug])
    assert not paths.tables(TRAINING.slug).exists()
    assert (paths.tables("linxian") / "outages.parquet").is_file()
    assert {issue.severity for issue in issues["linxian"]} == {"warning"}


def test_a_missing_required_sheet_and_a_missing_workbook_are_errors(paths, tmp_path):
    """They cannot be beside the other faults: what is not there has no other fault."""
    other = Paths(tmp_path, 2021)
    shutil.copytree(paths.raw, other.raw)
    (other.raw / TRAINING.slug / CASES).unlink()
    cases = {place for place in EXPECTED if place[1] == CASES}
    assert found(other) == sorted(EXPECTED - cases | {("missing_sheet", "", "业扩报装", "")})
    shutil.rmtree(other.raw / TRAINING.slug)
    assert found(other) == [("missing_workbook", "", "", "")]


def test_only_its_own_files_are_overwritten(paths, tmp_path):
    other = Paths(tmp_path, 2021)
    files = demo.write_faults(Study(PARAMS, other))
    assert demo.write_faults(Study(PARAMS, other)) == files
    files[0].write_bytes(b"changed")
    with pytest.raises(GeError, match=files[0].name):
        demo.write_faults(Study(PARAMS, other))
