"""The html of the sample report, read as a file."""

import re

import pytest
from bs4 import BeautifulSoup
from conftest import CAPTIONS, HEADINGS, HOSTILE


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


def test_stands_alone(page, rendered):
    source = (rendered / "report.html").read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', source)
    assert not re.findall(r"url\((?!['\"]?(?:#|data:))", source)
    assert not page.select("link[rel=stylesheet]")
    assert page.select("style")
    assert page.select("script")


def test_figures_are_svg_inside_the_file_and_have_text(page):
    images = page.select("main figure img")
    assert all(image["src"].startswith("data:image/svg+xml;base64,") for image in images)
    assert [image["alt"] for image in images] == [
        "各单位城区与农村停电时间的条形图，农村普遍高于城区。",
        "同一数据的另一幅条形图。",
    ]


def test_every_link_inside_has_its_target_and_ids_are_unique(page):
    ids = [one["id"] for one in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert {one["href"][1:] for one in page.select("a[href^='#']")} <= set(ids)


def test_contents_beside_the_text_hold_every_heading(page):
    assert texts(page, "nav a") == HEADINGS


def test_language_title_and_notice(page):
    assert page.html["lang"] == "zh-Hans"
    assert page.title.string == "吕梁市优化营商环境“获得电力”专项提升报告"
    assert "演示数据" in texts(page, ".notice")[0]
