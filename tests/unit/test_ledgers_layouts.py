"""Everything that must be read without complaint: each case gives the clean county's values, and no error."""

import shutil
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import xlwt
from ledger_books import CITY, COUNTY, PARAMS, issues, places, same_values, save, sheets, study, table, with_cell
from openpyxl import load_workbook

from ge_analysis import demo
from ge_analysis.ledgers import ingest, template
from ge_analysis.ledgers.contract import contract, headings
from ge_analysis.ledgers.stale import why_stale
from ge_analysis.runner import stale
from ge_analysis.storage.paths import Paths
from ge_analysis.study import Study

HEADER, ROWS = COUNTY["停电事件"][0], COUNTY["停电事件"][1:]


def outages(header, *rows):
    return sheets(停电事件=[*header, *(rows or ROWS)])


def shifted(workbook):
    workbook["停电事件"].insert_rows(1, 3)
    workbook["停电事件"].insert_cols(1, 2)


def merged_header(workbook):
    sheet = workbook["停电事件"]
    sheet.insert_rows(1)
    for column in range(1, 10):
        if column not in (6, 7):
            sheet.cell(1, column).value = sheet.cell(2, column).value
            sheet.cell(2, column).value = None
            sheet.merge_cells(start_row=1, end_row=2, start_column=column, end_column=column)
    sheet["F1"] = "停电时间"
    sheet.merge_cells("F1:G1")
    sheet["F2"], sheet["G2"] = "起始时间", "终止时间"


def merged_feeder(workbook):
    sheet = workbook["停电事件"]
    sheet.insert_cols(1)
    sheet["A1"], sheet["A2"] = "县区", "临县"
    sheet.merge_cells("A2:A4")
    sheet.merge_cells("C2:C3")


def unit_above(workbook):
    sheet = workbook["业扩报装"]
    sheet["P1"] = "用户承担费用"
    sheet.insert_rows(1)
    sheet["A1"] = "金额单位：万元"


def epoch_1904(workbook):
    workbook.epoch = datetime(1904, 1, 1)


def one_word_above_three(workbook):
    sheet = workbook["停电事件"]
    sheet.insert_rows(1)
    sheet["D1"], sheet["D2"], sheet["E2"], sheet["F2"] = "停电", "类型", "原因", "开始时间"
    sheet.merge_cells("D1:F1")


TITLES = [["临县2020年停电事件统计表"], ["填报单位：临县供电公司"], HEADER]
OTHER = ["事件编号", "馈线", "区域类型", "停电性质", "责任原因", "停电起始时间", "送电时间", "影响户数", "备注"]
NOTES = [["合计", None, None, None, None, None, None, 60], [], ["注：本表由调度系统导出"], ["制表：", None, None, "审核："]]
LATE_NOTES = [[None] * 3 + ["合计"] + [None] * 3 + [60], ["2021年1月5日填报"]]
MONTHLY = [ROWS[0], ["1月小计", None, None, None, None, None, None, 20], *ROWS[1:], ["合计（户）"] + [None] * 6 + [60]]
SUBTOTAL = [ROWS[0], ["小 计", None, None, None, None, None, None, 20], *ROWS[1:]]
READ = {
    "title rows": (outages(TITLES), None),
    "leading blank rows and columns": (None, shifted),
    "two-row merged header": (None, merged_header),
    "one word merged above three headings": (None, one_word_above_three),
    "merged county and feeder": (None, merged_feeder),
    "totals and notes": (outages([HEADER], *ROWS, *NOTES), None),
    "subtotals between": (outages([HEADER], *SUBTOTAL), None),
    "total in a later column, dated note": (outages([HEADER], *ROWS, *LATE_NOTES), None),
    "totals with a month or a unit": (outages([HEADER], *MONTHLY), None),
    "columns counted below the header": (outages([HEADER, list(range(1, 10))]), None),
    "columns counted in text": (outages([HEADER, [str(at) for at in range(1, 10)]]), None),
    "serial column": (outages([["序号", *HEADER]], *([at, *row] for at, row in enumerate(ROWS, 1))), None),
    "heading with its unit and a star": (with_cell("停电事件", 1, 8, "＊停电用户数（户）"), None),
    "numbers as text": (with_cell("停电事件", 2, 8, "20"), None),
    "full width": (with_cell("停电事件", 2, 8, "２０　"), None),
    "full-width letters": (with_cell("停电事件", 2, 1, "Ｅ１"), None),
    "spaces": (with_cell("停电事件", 2, 2, " 城一 线 "), None),
    "number with unit": (with_cell("停电事件", 2, 8, "20户"), None),
    "thousands": (with_cell("业扩报装", 3, 16, "52,000.5"), None),
    "other unit": (with_cell("业扩报装", 3, 14, "0.5公里"), None),
    "kW": (with_cell("业扩报装", 3, 9, "400kW"), None),
    "remarks in headings": (with_cell("停电事件", 1, 8, "停电用户数（中压用户）"), None),
    "unit in the heading": (with_cell("线路", 1, 4, "线路长度(km)"), None),
    "date with slashes": (with_cell("业扩报装", 2, 11, "2021/3/1"), None),
    "date with dots": (with_cell("业扩报装", 2, 11, "2021.03.01"), None),
    "Chinese date": (with_cell("业扩报装", 2, 11, "2021年3月1日"), None),
    "packed date": (with_cell("业扩报装", 2, 11, "20210301"), None),
    "packed date as a number": (with_cell("业扩报装", 2, 11, 20210301), None),
    "Excel serial": (with_cell("业扩报装", 2, 11, 44256), None),  # 2021-03-01, by Excel
    "date and time as text": (with_cell("停电事件", 2, 6, "2020-3-5 8:00"), None),
    "24:00": (with_cell("停电事件", 4, 6, "2020年6月30日24:00"), None),
    "epoch of 1904": (None, epoch_1904),
    "synonym of an area": (with_cell("停电事件", 2, 3, "城镇区"), None),
    "synonym of a kind": (with_cell("停电事件", 3, 4, "检修"), None),
    "yes as a mark": (with_cell("业扩报装", 2, 7, "√"), None),
    "yes as a Boolean": (with_cell("业扩报装", 3, 7, False), None),
    "other headings": (outages([OTHER]), None),
    "台区 are medium-voltage customers": (with_cell("停电事件", 1, 8, "影响台区数"), None),
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    paths = study(tmp_path_factory.mktemp("clean"))
    assert issues(paths) == []
    return {sheet: table(paths, sheet) for sheet in COUNTY}


@pytest.mark.parametrize("case", READ)
def test_read_without_complaint(case, clean, tmp_path):
    book, change = READ[case]
    paths = study(tmp_path, book, change)
    assert issues(paths) == []
    assert all(same_values(table(paths, sheet), clean[sheet]) for sheet in COUNTY)


def test_values_of_the_clean_county(clean):
    outages = clean["停电事件"]
    assert outages["kind"].tolist() == ["fault", "scheduled", "shortage"]
    assert outages["restored"][1] == datetime(2021, 1, 1, 2)  # across midnight and the year's end
    assert outages["source_row"].tolist() == [2, 3, 4]
    assert outages["source_file"].unique().tolist() == ["台账.xlsx"]
    assert clean["业扩报装"]["micro"].tolist() == [True, False]
    assert clean["线路"]["length_km"].tolist() == [5.5, 18.0]


def test_rows_keep_their_number_in_the_sheet(tmp_path):
    paths = study(tmp_path, None, shifted)
    assert table(paths, "停电事件")["source_row"].tolist() == [5, 6, 7]


def test_tens_of_thousands_are_whole_customers(tmp_path):
    header = [*HEADER[:7], "停电用户数（万户）", *HEADER[8:]]
    written = [0.0029, "0.0003", 0.0012]  # 0.0029 times 10000 is 28.999… in binary
    rows = [[*row[:7], number, *row[8:]] for row, number in zip(ROWS, written, strict=True)]
    read = table(study(tmp_path, outages([header], *rows)), "停电事件")
    assert read["customers"].tolist() == [29, 3, 12]


@pytest.mark.parametrize(("unit", "written"), [("千户", 0.02), ("百户", 0.2)])
def test_hundreds_and_thousands_in_a_heading(unit, written, tmp_path):
    header = [*HEADER[:7], f"停电用户数（{unit}）", *HEADER[8:]]
    read = table(study(tmp_path, outages([header], [*ROWS[0][:7], written, None])), "停电事件")
    assert read["customers"].tolist() == [20]


def test_a_word_for_totals_that_a_column_allows_is_a_value(tmp_path):
    """The range 合计 of last year's values is the whole; a sum of the ranges would not fill its columns."""
    rows = [
        ["县区", "指标", "范围", "数值"],
        ["临县", "SAIDI", "合计", 12],
        ["临县", "SAIDI", "城镇", 10],
        ["合计", None, None, 22],
    ]
    paths = study(tmp_path)
    save(paths.raw / "city" / "市级.xlsx", CITY | {"上年指标": rows})
    assert table(paths, "上年指标", "city")["area"].tolist() == ["all", "town"]


def test_a_full_row_is_no_total(tmp_path):
    """A line may be called 合计; a row of sums leaves required columns blank, or names no area."""
    lines = [*COUNTY["线路"], ["合计", *COUNTY["线路"][1][1:]]]
    served = [*COUNTY["用户数"], ["城镇合计", "中压用户", 300], ["城镇", "合计", 300]]
    paths = study(tmp_path, sheets(线路=lines, 用户数=served))
    assert issues(paths) == []
    assert table(paths, "线路")["feeder"].tolist() == ["城一线", "乡一线", "合计"]
    assert table(paths, "用户数")["customers_served"].tolist() == [100, 200, 9000]


def test_customers_at_start_and_end_are_averaged(tmp_path):
    rows = [
        ["区域类型", "统计单位", "用户数", "统计时点"],
        ["城镇", "中压用户", 100, "期初"],
        ["城镇", "中压用户", 103, "期末"],
        ["农村", "中压用户", 200, None],
    ]
    served = table(study(tmp_path, sheets(用户数=rows)), "用户数")
    assert served["customers_served"].tolist() == [101.5, 200.0]


def test_months_of_one_sheet_in_several_workbooks_are_one_table(tmp_path):
    paths = study(tmp_path, sheets(停电事件=[HEADER, ROWS[0]]))
    save(paths.raw / "linxian" / "下半年" / "七月.xlsx", {"Sheet1": [HEADER, ROWS[2]]})
    assert issues(paths) == []
    assert table(paths, "停电事件")["source_file"].tolist() == ["下半年/七月.xlsx", "台账.xlsx"]


def test_formula_with_its_result(tmp_path, clean):
    """A formula is read as the result that Excel saved with it."""
    paths = study(tmp_path, with_cell("停电事件", 2, 8, "=4*5"))
    path = paths.raw / "linxian" / "台账.xlsx"
    edit_part(path, b"<f>4*5</f><v></v>", b"<f>4*5</f><v>20</v>")
    assert issues(paths) == []
    assert same_values(table(paths, "停电事件"), clean["停电事件"])


def edit_part(path, before, after):
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    assert any(before in part or before.replace(b"<v></v>", b"<v />") in part for part in parts.values())
    with zipfile.ZipFile(path, "w") as book:
        for name, part in parts.items():
            book.writestr(name, part.replace(before, after).replace(before.replace(b"<v></v>", b"<v />"), after))


def unknown_first(book):
    book["停电事件"].insert_cols(1)
    book["停电事件"]["A1"] = "天气"


TOLD = {
    "hidden sheet": (lambda book: setattr(book["线路"], "sheet_state", "hidden"), ("hidden_sheet", "线路", "")),
    "hidden row": (lambda book: setattr(book["停电事件"].row_dimensions[3], "hidden", True), ("hidden_rows", "停电事件", "A3")),
    "hidden column": (
        lambda book: setattr(book["停电事件"].column_dimensions["E"], "hidden", True),
        ("hidden_columns", "停电事件", "E1"),
    ),
    "column without heading": (
        lambda book: setattr(book["停电事件"]["K3"], "value", "雨"),
        ("unheaded_column", "停电事件", "K1"),
    ),
    "unknown column": (lambda book: setattr(book["停电事件"]["J1"], "value", "天气"), ("unknown_column", "停电事件", "J1")),
    "unknown first column": (unknown_first, ("unknown_column", "停电事件", "A1")),
    "unknown sheet": (lambda book: book.create_sheet("其他").append(["甲", "乙", "丙"]), ("unknown_sheet", "其他", "")),
    "unit above the table": (unit_above, ("unit_title", "业扩报装", "A1")),
    "archive date": (lambda book: setattr(book["业扩报装"]["M1"], "value", "归档日期"), ("doubtful_column", "业扩报装", "M1")),
}


@pytest.mark.parametrize("case", TOLD)
def test_read_and_reported(case, tmp_path, clean):
    change, expected = TOLD[case]
    paths = study(tmp_path, None, change)
    found = issues(paths)
    assert places(found) == [expected]
    assert found[0].severity == "warning"
    assert all(same_values(table(paths, sheet), clean[sheet]) for sheet in COUNTY)


@pytest.mark.parametrize(("hidden", "told"), [(10, "10、11行，共10行"), (11, "10、11等行，共11行")])
def test_ten_hidden_rows_are_named_and_all_are_counted(hidden, told, tmp_path):
    header, first, *_ = COUNTY["停电事件"]

    def hide(book):
        for row in range(2, 2 + hidden):
            book["停电事件"].row_dimensions[row].hidden = True

    book = sheets(停电事件=[header, *([f"E{number}", *first[1:]] for number in range(12))])
    [found] = issues(study(tmp_path, book, hide))
    assert found.found == f"第2、3、4、5、6、7、8、9、{told}"


def save_xls(paths, change):
    """Send the clean county's workbook as .xls; `change` has the last word on its outages."""
    (paths.raw / "linxian" / "台账.xlsx").unlink()
    book = xlwt.Workbook()
    style = xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM")
    for name, rows in COUNTY.items():
        sheet = book.add_sheet(name, cell_overwrite_ok=True)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(at, column, value, *([style] if isinstance(value, datetime) else []))
    change(book.get_sheet("停电事件"))
    book.save(str(paths.raw / "linxian" / "台账.xls"))


def test_xls_is_read(tmp_path, clean):
    paths = study(tmp_path)
    save_xls(paths, lambda outages: None)
    assert issues(paths) == []
    assert all(same_values(table(paths, sheet), clean[sheet]) for sheet in COUNTY)


def test_hidden_parts_of_an_xls_are_reported(tmp_path):
    def hide(outages):
        outages.row(2).hidden = True
        outages.col(4).hidden = True
        outages.row(3).set_cell_error(7, 0x2A)  # #N/A

    paths = study(tmp_path)
    save_xls(paths, hide)
    found = issues(paths)
    assert places(found) == [
        ("hidden_columns", "停电事件", "E1"),
        ("hidden_rows", "停电事件", "A3"),
        ("error_cell", "停电事件", "H4"),
    ]
    assert found[2].found == "#N/A"


def test_a_filled_template_is_read(tmp_path, clean):
    """The workbook that goes out comes back without a word about its own sheets."""
    paths = study(tmp_path / "study")
    file = template.write(tmp_path, PARAMS, {})[4]
    book = load_workbook(file)
    for sheet, rows in COUNTY.items():
        known = headings(contract(sheet).table, 2021)
        order = [column.name for column in contract(sheet).fields]
        for at, row in enumerate(rows[1:], start=2):
            for header, value in zip(rows[0], row, strict=True):
                name = known[header.lower()][0].name
                book[sheet].cell(at, order.index(name) + 1).value = value
    book.save(paths.raw / "linxian" / "台账.xlsx")
    found = issues(paths)
    assert {one.rule for one in found} == {"no_rows"}  # the optional sheets stayed blank
    assert all(same_values(table(paths, sheet), clean[sheet]) for sheet in COUNTY)


def test_city_tables(tmp_path):
    paths = study(tmp_path)
    save(paths.raw / "city" / "市级.xlsx", CITY)
    items = table(paths, "指数核查", "city")
    assert items[["place", "monitoring", "regulator", "deterrent"]].values.tolist() == [["linxian", 1, 1, 0]]
    assert items["monitoring"].dtype == "int64"


@pytest.mark.parametrize("more", [[], ["审核状态"], ["审核状态", "审核人"]])
@pytest.mark.parametrize("sparse", [0, 1, 2])
def test_the_lower_of_two_header_rows_is_not_taken_for_all_of_it(tmp_path, more, sparse):
    """Although it has all required columns, and the first rows below fill no other."""

    def merged(workbook):
        for cells in ("A1:B1", "C1:C2", "D1:D2", "E1:E2"):
            workbook["整改进展"].merge_cells(cells)

    heads = [["基本情况", None, "电网", "完成时间", "进展成效", *more], ["整改方面", "整改举措"]]
    first = [["业扩报装与接电", f"建共享平台{at}"] for at in range(sparse)]
    last = ["获得电力便利度", "增设服务窗口", "地电", "2020-01-02", "已完成", *["是"] * len(more)]
    paths = study(tmp_path)
    save(paths.raw / "city" / "市级.xlsx", CITY | {"整改进展": [*heads, *first, last]}, merged)
    found = table(paths, "整改进展", "city")
    assert len(found) == sparse + 1
    assert found.iloc[-1][["grid", "done_on", "effect"]].tolist() == ["local", datetime(2020, 1, 2), "已完成"]


def test_a_sheet_that_was_not_sent_is_an_empty_table(tmp_path):
    blank = table(study(tmp_path), "满意度问卷")
    assert blank.empty
    assert blank["connection"].dtype == "Int64"


def test_same_content_saved_again_gives_the_same_bytes_and_leaves_nothing_stale(tmp_path):
    """A workbook of the demonstration, written by one library, is saved again by another."""
    shutil.copytree(Path(__file__).parents[2] / "notebooks", tmp_path / "notebooks")
    paths = Paths(tmp_path, 2021)
    one = PARAMS.model_copy(update={"counties": tuple(unit for unit in PARAMS.counties if unit.slug == "xingxian")})
    demo.write(Study(one, paths))
    ingest.ingest(Study(one, paths), ["xingxian"])
    tables, inputs = parquet(paths, "xingxian"), stale.inputs(Study(one, paths), "xingxian")
    for raw in (paths.raw / "xingxian").glob("*.xlsx"):
        first = raw.read_bytes()
        load_workbook(raw).save(raw)
        assert raw.read_bytes() != first
    assert why_stale(Study(one, paths), "xingxian") == ["workbooks changed"]
    ingest.ingest(Study(one, paths), ["xingxian"])
    assert (parquet(paths, "xingxian"), stale.inputs(Study(one, paths), "xingxian")) == (tables, inputs)


def parquet(paths, place):
    return {path.name: path.read_bytes() for path in paths.tables(place).glob("*.parquet")}
