"""What is returned to the sender, findings.xlsx and annotated copies, and the templates that are sent out."""

import zipfile
from io import StringIO

import pandas as pd
import pytest
from ledger_books import COUNTY, PARAMS, save, sheets, study, with_cell
from openpyxl import load_workbook
from openpyxl.styles import Font
from openpyxl.worksheet.cell_range import MultiCellRange
from rich.console import Console

from ge_analysis.cli import console
from ge_analysis.handbook import ledgers as handbook
from ge_analysis.ledgers import check, template
from ge_analysis.ledgers.contract import contracts
from ge_analysis.ledgers.issues import issue
from ge_analysis.ledgers.plain import plain
from ge_analysis.study import Study

HOSTILE = '=HYPERLINK("http://x")'


def formatted(workbook):
    sheet = workbook["停电事件"]
    sheet["A1"].font = Font(name="楷体", size=20, bold=True)
    sheet.column_dimensions["B"].width = 33
    sheet.merge_cells("C3:C4")


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """A study with a warning and two errors on one cell and one on another, hostile text, and a file that cannot be opened."""
    book = with_cell("停电事件", 2, 8, 0)
    book["停电事件"][1][6] = "昨天"
    paths = study(tmp_path_factory.mktemp("check"), book, formatted)
    rows = COUNTY["停电事件"]
    save(paths.raw / "linxian" / "其他.xlsx", {"停电事件": [["@坏列", *rows[0]], ["x", "+E9", *rows[1][1:]]]})
    (paths.raw / "linxian" / "坏.xlsx").write_bytes(b"")
    return paths, check.check(Study(PARAMS, paths), ["linxian"])


def test_all_issues_are_in_one_filterable_sheet_with_links(checked):
    paths, found = checked
    sheet = load_workbook(paths.checks / "findings.xlsx").active
    assert sheet.max_row == len(found["linxian"]) + 1
    assert sheet.auto_filter.ref == f"A1:H{sheet.max_row}"
    lines = {(row[2].value, row[4].value): row for row in sheet.iter_rows(min_row=2)}
    line = [cell.value for cell in lines["台账.xlsx", "H2"]]
    assert line[:6] == ["错误", "临县", "台账.xlsx", "停电事件", "H2", "数值超出范围"]
    assert lines["台账.xlsx", "H2"][4].hyperlink.target.endswith("#'停电事件'!H2")
    assert lines["坏.xlsx", None][4].hyperlink is None


def test_annotated_copy_keeps_the_formatting_and_marks_the_cells(checked):
    paths, _ = checked
    book = load_workbook(paths.checks / "linxian" / "台账.xlsx")
    assert book.sheetnames[0] == "检查结果"
    sheet = book["停电事件"]
    assert "数值超出范围" in sheet["H2"].comment.text
    assert sheet["H2"].fill.fgColor.rgb == "00FFC7CE"
    assert "应为日期" in sheet["G2"].comment.text
    assert (sheet["A1"].font.name, sheet["A1"].font.size) == ("楷体", 20)
    assert sheet.column_dimensions["B"].width == 33
    assert [str(merged) for merged in sheet.merged_cells.ranges] == ["C3:C4"]
    assert sheet["B2"].value == "城一线"


def test_raw_files_are_not_changed(checked):
    paths, _ = checked
    assert load_workbook(paths.raw / "linxian" / "台账.xlsx").sheetnames == list(COUNTY)


def test_a_corrected_copy_sent_back_is_read(checked, tmp_path):
    paths, _ = checked
    book = load_workbook(paths.checks / "linxian" / "台账.xlsx")
    book["停电事件"]["H2"], book["停电事件"]["G2"] = 20, COUNTY["停电事件"][1][6]
    again = study(tmp_path)
    book.save(again.raw / "linxian" / "台账.xlsx")
    found = check.check(Study(PARAMS, again), ["linxian"])["linxian"]
    assert {one.rule for one in found} == {"missing_optional_sheet"}


def test_no_text_of_a_sender_becomes_a_formula(tmp_path):
    book = with_cell("停电事件", 1, 9, HOSTILE)
    book["停电事件"][1][0] = "+E1"
    book["停电事件"][1][2] = "@SUM(1)"
    paths = study(tmp_path, book, lambda workbook: setattr(workbook["停电事件"]["I1"], "data_type", "s"))
    found = check.check(Study(PARAMS, paths), ["linxian"])["linxian"]
    assert {("unknown_column", HOSTILE), ("not_in_list", "@SUM(1)")} <= {(one.rule, one.found) for one in found}
    for file in paths.checks.rglob("*.xlsx"):
        cells = [cell for sheet in load_workbook(file) for row in sheet.iter_rows() for cell in row]
        assert any(cell.value == HOSTILE for cell in cells)
        assert not any(cell.data_type == "f" for cell in cells)


def test_two_workbooks_of_one_name_have_two_copies(tmp_path):
    """台账.xls is copied as .xlsx, which is the other's name."""
    paths = study(tmp_path, with_cell("停电事件", 2, 3, None))
    folder = paths.raw / "linxian"
    save(folder / "另.xlsx", with_cell("停电事件", 3, 3, None))
    (folder / "另.xlsx").rename(folder / "台账.xls")
    check.check(Study(PARAMS, paths), ["linxian"])
    copies = {path.name: load_workbook(path) for path in (paths.checks / "linxian").iterdir()}
    marked = {
        name: [cell for cell in ("C2", "C3") if "必填项为空" in str(book["停电事件"][cell].comment)]
        for name, book in copies.items()
    }
    assert marked == {"台账.xls.xlsx": ["C3"], "台账.xlsx": ["C2"]}
    links = [
        row[4].hyperlink.target
        for row in load_workbook(paths.checks / "findings.xlsx").active.iter_rows(min_row=2)
        if row[4].hyperlink
    ]
    assert any(".xls.xlsx#" in link and link.endswith("!C3") for link in links)


def test_an_xls_alone_keeps_its_name(tmp_path):
    paths = study(tmp_path, with_cell("停电事件", 2, 3, None))
    (paths.raw / "linxian" / "台账.xlsx").rename(paths.raw / "linxian" / "台账.xls")
    check.check(Study(PARAMS, paths), ["linxian"])
    assert [path.name for path in (paths.checks / "linxian").iterdir()] == ["台账.xlsx"]


def test_a_sheet_with_a_name_that_excel_would_refuse_is_copied(tmp_path):
    paths = study(tmp_path, with_cell("停电事件", 2, 3, None))
    path = paths.raw / "linxian" / "台账.xlsx"
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace("停电事件".encode(), "停电/故障".encode())
    with zipfile.ZipFile(path, "w") as book:
        for name, part in parts.items():
            book.writestr(name, part)
    check.check(Study(PARAMS, paths), ["linxian"])
    copy = load_workbook(paths.checks / "linxian" / "台账.xlsx")
    assert "必填项为空" in copy["停电_故障"]["C2"].comment.text
    links = [row[4].hyperlink for row in load_workbook(paths.checks / "findings.xlsx").active.iter_rows(min_row=2)]
    assert any(link and link.target.endswith("'停电_故障'!C2") for link in links)


def test_an_issue_in_a_merged_range_is_marked_at_its_first_cell(tmp_path):
    """Some programs merge cells and keep what they hide."""

    def merge(book):
        book["停电事件"].merged_cells = MultiCellRange("A1:C1")

    paths = study(tmp_path, sheets(停电事件=[["停电统计", "2018年"], *COUNTY["停电事件"]]), merge)
    found = check.check(Study(PARAMS, paths), ["linxian"])["linxian"]
    assert ("other_year", "A1") in {(one.rule, one.cell) for one in found}
    assert "年份" in load_workbook(paths.checks / "linxian" / "台账.xlsx")["停电事件"]["A1"].comment.text


def test_overlapping_merged_ranges_are_survived(tmp_path):
    def merge(book):
        book["停电事件"].merged_cells = MultiCellRange("A1:C2 B1:D1")

    paths = study(tmp_path, sheets(停电事件=[["停电统计", None, None, "2018年"], [], *COUNTY["停电事件"]]), merge)
    assert any(one.rule == "other_year" for one in check.check(Study(PARAMS, paths), ["linxian"])["linxian"])


def test_an_issue_is_one_line_on_the_terminal():
    found = issue(
        "not_in_list",
        "linxian",
        "甲\n乙.xlsx",
        "停电事件",
        "C2",
        "一\r\n二\x1b[31m\u202e" + "长" * 200,
        header="区域",
        allowed="城镇",
    )
    out = Console(file=StringIO(), soft_wrap=True, highlight=False)
    console.issues(out, {"linxian": [found]}, {"linxian": "临县"})
    line = out.file.getvalue().splitlines()[-1]
    assert line == f"错误 · 临县 · 甲 乙.xlsx 停电事件 C2 · 不在可选值内：一 二 [31m {'长' * 69}… · “区域”请从下列值中选择：城镇"


def test_results_of_an_old_check_are_removed(tmp_path):
    paths = study(tmp_path, with_cell("停电事件", 2, 3, None))
    check.check(Study(PARAMS, paths), ["linxian"])
    assert (paths.checks / "linxian" / "台账.xlsx").is_file()
    save(paths.raw / "linxian" / "台账.xlsx", sheets())
    check.check(Study(PARAMS, paths), ["linxian"])
    assert {path.name for path in paths.checks.rglob("*") if path.is_file()} == {"findings.xlsx", "rounds.json"}


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    files = template.write(tmp_path_factory.mktemp("templates"), PARAMS, {})
    assert [file.name for file in files[-2:]] == ["2021年汾阳市获得电力台账.xlsx", "2021年吕梁市获得电力台账.xlsx"]
    return [load_workbook(file) for file in files[-2:]]  # one county's and the city's


def test_templates_hold_every_column_of_every_sheet_in_order(templates):
    held = {sheet.title: [cell.value for cell in sheet[1]] for book in templates for sheet in book.worksheets[1:]}
    assert held == {one.sheet: [column.header for column in one.fields] for one in contracts().values()}
    assert all(sheet.freeze_panes == "A2" for book in templates for sheet in book.worksheets[1:])


def test_every_column_of_a_template_has_its_hint_and_lists_their_choices(templates):
    for book in templates:
        for sheet in book.worksheets[1:]:
            fields = next(one for one in contracts().values() if one.sheet == sheet.title).fields
            rules = sheet.data_validations.dataValidation
            assert len(rules) == len(fields)
            for column, rule in zip(fields, rules, strict=True):
                assert rule.prompt.startswith(column.description[:50])
                if column.codes and len(",".join(column.labels.values())) <= 255:  # Excel's limit; the hint lists longer ones
                    assert rule.formula1 == f'"{",".join(column.labels.values())}"'
                    assert len(rule.formula1) <= 257  # Excel's limit of a list written out


def test_drop_downs_of_places_list_every_county_and_the_city(templates):
    book = templates[1]
    for one in contracts().values():
        for at, column in enumerate(one.fields):
            if column.type == "place":
                name, _, cells = book[one.sheet].data_validations.dataValidation[at].formula1.partition("!")
                listed = [cell.value for (cell,) in book[name.strip("'")][cells]]
                assert listed == [*(unit.name for unit in PARAMS.counties), "全市"]


def test_a_template_says_who_fills_it_in_for_which_period_and_unit(templates):
    lines = [row[0] for row in templates[0].worksheets[0].iter_rows(max_row=3, values_only=True)]
    assert lines == [
        "2021年获得电力台账填写说明",
        "填报单位：汾阳市",
        "统计期：停电事件、用户数、不停电作业为2020-01-01至2020-12-31，其余各表为2020-10-01至2021-09-30。用户数按中压用户统计。",
    ]


def test_rows_of_the_year_before_are_filled_in_as_a_sender_writes_them(tmp_path):
    feeders = {"feeder": "城北线", "area_type": "town", "interconnected": True, "automation": "none", "year_built": 2001}
    known = {"linxian": {"feeders": pd.DataFrame([feeders]), "customers": pd.DataFrame([{"area_type": "rural", "unit": "mv"}])}}
    book = load_workbook(next(file for file in template.write(tmp_path, PARAMS, known) if "临县" in file.name))
    filled = {cell.value: book["线路"].cell(2, cell.column).value for cell in book["线路"][1]}
    assert {name: value for name, value in filled.items() if value} == {
        "线路名称": "城北线",
        "区域类型": "城镇",
        "有效联络": "是",
        "配电自动化": "无",
        "投运年份": 2001,
    }
    assert [cell.value for cell in book["用户数"][2]][:2] == ["农村", "中压用户"]
    assert "浅黄色单元格已按上年台账填好" in "".join(str(cell.value) for cell in book.worksheets[0]["A"])


def test_instructions_name_every_column(templates):
    named = {(row[0], row[1]) for book in templates for row in book.worksheets[0].iter_rows(values_only=True)}
    assert {(one.sheet, column.header) for one in contracts().values() for column in one.fields} <= named


def test_no_heading_of_a_sheet_means_two_columns():
    for one in contracts().values():
        own = [{plain(alias.header) for alias in column.headings(2021)} for column in one.fields]
        assert sum(map(len, own)) == len(set().union(*own)), one.sheet


@pytest.mark.parametrize(("name", "chinese"), [("ledgers.md", False), ("zh/ledgers.md", True)])
def test_the_page_of_the_ledgers_is_up_to_date(request, name, chinese):
    page = request.config.rootpath / "docs" / name
    assert page.read_text(encoding="utf-8") == handbook.page(chinese), "run `make docs`"


@pytest.mark.parametrize("merged", ["A3:XFD1048576", "XFD1048576:A3"])
def test_a_merged_range_beyond_the_sheet_is_copied(merged, tmp_path):
    paths = study(tmp_path, with_cell("停电事件", 2, 3, None))
    path = paths.raw / "linxian" / "台账.xlsx"
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    range_ = f'</sheetData><mergeCells><mergeCell ref="{merged}"/></mergeCells>'
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", range_.encode())
    with zipfile.ZipFile(path, "w") as book:
        for name, part in parts.items():
            book.writestr(name, part)
    found = check.check(Study(PARAMS, paths), ["linxian"])["linxian"]
    assert ("blank", "C2") in {(one.rule, one.cell) for one in found}
    assert (paths.checks / "findings.xlsx").is_file()
