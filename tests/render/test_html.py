"""The html of the sample report, read as a file."""

import re

import openpyxl
import pytest
from bs4 import BeautifulSoup
from sample_project import CAPTIONS, HEADINGS, HOSTILE


@pytest.fixture(scope="module")
def page(rendered):
    return BeautifulSoup((rendered / "report.html").read_text(encoding="utf-8"), "html.parser")


def texts(page, selector):
    return [element.get_text().strip() for element in page.select(selector)]


def test_headings_and_captions(page):
    assert texts(page, "main h2, main h3, main h4") == HEADINGS
    assert texts(page, "main caption, main figcaption") == CAPTIONS


def test_hostile_text_is_plain(page):
    assert texts(page, "#biao-2-1 tbody td:nth-child(2)") == HOSTILE


def test_is_self_contained(page, rendered):
    source = (rendered / "report.html").read_text(encoding="utf-8")
    # nothing but links to what is beside it
    assert not re.findall(r'(?:src|href)="(?!#|data:|report[.-]|counties/\w+[.])[^"]*"', source)
    assert not re.findall(r"url\((?!['\"]?(?:#|data:))", source)
    assert not page.select("link[rel=stylesheet]")
    assert page.select("style")
    assert page.select("script")


def test_figures_are_drawings_with_readable_text(page):
    drawings = page.select("main figure svg")
    assert [drawing["aria-label"] for drawing in drawings] == [
        "各单位城区与农村停电时间的条形图，农村普遍高于城区。",
        "同一数据的另一幅条形图。",
    ]
    assert all("离石区" in texts(drawing, "text") for drawing in drawings)
    assert not page.select("main img")


def test_numbers_are_marked_where_they_are_printed_and_change_no_text(page, rendered):
    rows = [[cell.get_text() for cell in row.select("td")] for row in page.select("#biao-1-1 tbody tr")]
    numbers = [number.get_text() for number in page.select("#biao-1-1 data")]
    assert rows[4] == ["临县", "2.83", "19.07", "2.73", "1.15"]
    assert numbers == [cell for row in rows for cell in row[1:]]
    source = (rendered / "report.html").read_text(encoding="utf-8")
    assert not re.search("[\U000f0000-\U0010ffff]", source)


def test_workbook_holds_what_is_printed(page, rendered):
    book = openpyxl.load_workbook(rendered / "report-data.xlsx")
    places = page.select("main figure, main div.table")
    captions = [place.select_one("caption, figcaption").get_text().strip() for place in places]
    assert book.sheetnames == ["封面", "目录", "说明", *(caption.split("\u3000")[0] for caption in captions)]
    for place, caption in zip(places, captions, strict=True):
        sheet = book[caption.split("\u3000")[0]]
        assert sheet["A1"].value == caption
        printed = [[cell.get_text().strip() for cell in row.select("th, td")] for row in place.select("tr")]
        cells = [list(row) for row in sheet.iter_rows(min_row=5)] if printed else []
        assert [[shown(cell) for cell in row] for row in cells] == printed
    assert isinstance(book["表 1-1"]["B6"].value, float)


def shown(cell) -> str:
    """A cell as a spreadsheet shows it."""
    if isinstance(cell.value, str) or cell.value is None:
        return cell.value or ""
    decimals = len(cell.number_format.partition(".")[2])
    return f"{cell.value:,.{decimals}f}" if "," in cell.number_format else f"{cell.value:.{decimals}f}"


def test_every_link_inside_has_its_target_and_ids_are_unique(page):
    ids = [one["id"] for one in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert {one["href"][1:] for one in page.select("a[href^='#']")} <= set(ids)


def test_contents_beside_the_text_hold_every_heading(page):
    assert texts(page, "nav details:not(.beside) a") == HEADINGS


def test_language_title_and_notice(page):
    assert page.html["lang"] == "zh-Hans"
    assert page.title.string == "吕梁市优化营商环境“获得电力”专项提升报告"
    assert "演示数据" in texts(page, ".notice")[0]
