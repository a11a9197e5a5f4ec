"""The sample report's page as a reader uses it: opened from the disk, with the network off."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from browsing import findings
from playwright.sync_api import expect
from pypdf import PdfReader
from sample_project import CAPTIONS, HEADINGS, HOSTILE, PROOF, SCRIPT

pytestmark = pytest.mark.look


@pytest.fixture
def report(rendered):
    return rendered / "report.html"


@pytest.fixture
def page(view, report):
    """The page at the width of a desktop screen."""
    return view(report)


def focused(page) -> str:
    return page.evaluate("document.activeElement.textContent.trim()")


def is_inside(page, selector: str) -> bool:
    return page.evaluate(f"document.activeElement.matches({selector!r})")


def test_contents_links_work(page):
    links = page.locator("nav details:not(.beside) a")
    assert [text.strip() for text in links.all_text_contents()] == HEADINGS
    for link in links.all():
        link.evaluate("link => link.click()")  # including folded ones
        assert page.evaluate("document.querySelector(':target').id") == link.evaluate(
            "link => decodeURIComponent(link.hash.slice(1))"
        )


def test_mark_in_the_contents_stays_in_sight(page):
    page.add_style_tag(content="nav { max-height: 80px } html { scroll-behavior: auto }")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function(
        """() => {
          const [nav, link] = ["nav", "nav [aria-current]"].map((one) => document.querySelector(one)?.getBoundingClientRect());
          return link && document.querySelector("nav").scrollTop > 0 && link.top >= nav.top && link.bottom <= nav.bottom;
        }"""
    )


def test_search_finds_headings_and_captions_by_keyboard(page):
    page.locator("#search").focus()
    page.keyboard.type("停电时间")
    found = page.locator("#found li")
    assert found.all_text_contents() == [*(caption for caption in CAPTIONS if "停电时间" in caption), "1. 停电时间"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert focused(page) == found.nth(1).text_content()
    page.keyboard.press("Escape")
    assert page.locator("#found").is_hidden() and is_inside(page, "#search")
    page.keyboard.press("Control+a")
    page.keyboard.type("没有的词")
    assert page.locator("#said").text_content() == "没有找到"


def test_search_follows_the_first_answer_and_offers_counties(page):
    page.locator("#search").fill("原话 2-1")
    page.keyboard.press("Enter")
    assert page.locator(":target").get_attribute("id") == "biao-2-1"
    page.locator("#search").fill("linxian")
    page.get_by_role("button", name="标出临县").click()
    assert page.locator("#county").input_value() == "linxian"


def test_a_county_is_marked_in_tables_and_figures_and_no_longer(page):
    rows = page.locator("#biao-1-1 tbody tr td:first-child")
    order = rows.all_text_contents()
    page.locator("#county").select_option("临县")
    marked = page.locator("#biao-1-1 .marked").all_text_contents()
    assert {text.split()[0] for text in marked} == {"临县"}
    assert {text.strip() for text in page.locator("#tu-1-1 text.marked").all_text_contents()} == {"临县"}
    briefs = [link.get_attribute("href") for link in page.locator("#briefs a").all()]
    assert briefs == ["counties/linxian.docx", "counties/linxian.pdf"]
    page.locator("#county").select_option("")
    assert page.locator(".marked, #briefs a").count() == 0
    assert rows.all_text_contents() == order


def test_no_table_sorts(page):
    heads = page.locator("#biao-1-1 th").all()
    order = page.locator("#biao-1-1 tbody").text_content()
    for head in heads:
        head.click()
    assert page.locator("#biao-1-1 tbody").text_content() == order


def test_a_figure_is_enlarged_and_put_back(page):
    page.locator("#tu-1-1 .enlarge").click()
    assert page.locator("#large svg").count() == 1
    page.keyboard.press("Escape")
    expect(page.locator("#tu-1-1 svg")).to_have_count(1)  # the dialog closes in the next moment
    assert page.locator("#large").is_hidden()


def opened_proof(page):
    page.locator("#biao-1-1 button.n").first.focus()
    page.keyboard.press("Enter")
    page.locator("#proof dl").wait_for()
    return page.locator("#proof")


def test_a_number_opens_its_proof_and_what_it_follows_from(page):
    panel = opened_proof(page)
    facts = panel.locator("dd").all_text_contents()
    assert facts[0] == f"{PROOF['value']} 小时/户"
    assert facts[2] == f"每户的停电时间{SCRIPT}"
    assert facts[3:7] == [PROOF[name] for name in ("formula", "numerator", "denominator", "n")]
    cells = panel.locator("tbody tr").last.locator("td").all_text_contents()
    assert cells == ["0.197935", "613.6", "0", "临县", f"{SCRIPT}.xlsx", "停电事件", "2459", "；".join(HOSTILE)]
    assert panel.locator("code").text_content() == PROOF["command"]
    assert panel.locator("img, script").count() == 0
    assert page.get_by_role("dialog", name="这个数从哪里来").is_visible()
    panel.locator("td button").click()
    assert panel.locator("h3").text_content().startswith("临县　停电时户数")
    page.keyboard.press("Escape")
    assert panel.is_hidden() and is_inside(page, "#biao-1-1 button.n")


def test_without_decompression_the_panel_says_so(page):
    page.evaluate("delete window.DecompressionStream")
    page.locator("#biao-1-1 button.n").first.click()
    page.get_by_text("不能解压").wait_for()


def rows_of(file: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))


def test_tables_are_saved_as_files_that_open(page, tmp_path):
    files = []
    for place in ("#biao-1-1", "#biao-2-1"):
        for button in page.locator(f"{place} .downloads button").all():
            with page.expect_download() as download:
                button.click()
            files.append(tmp_path / download.value.suggested_filename)
            download.value.save_as(files[-1])
    assert [file.name for file in files] == ["表 1-1.csv", "表 1-1.xlsx", "表 2-1.csv", "表 2-1.xlsx"]
    lines, texts = (rows_of(file) for file in files[::2])
    assert lines[5] == ["临县", "2.83", "19.07", "2.73", "1.15"]
    assert [row[1] for row in texts][1:] == HOSTILE
    numbers, said = (openpyxl.load_workbook(file).active for file in files[1::2])
    assert [cell.value for cell in numbers[6]] == ["临县", 2.83, 19.07, 2.73, 1.15]
    assert numbers["B6"].number_format == "0.00"
    assert [cell.value for cell in said["B"]][1:] == HOSTILE


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://example.org")', "\t=1+1"])
def test_a_formula_in_a_ledger_is_saved_as_text(page, tmp_path, text):
    page.locator("#biao-2-1 tbody td:nth-child(2)").first.evaluate("(cell, text) => { cell.textContent = text; }", text)
    saved = []
    for button in page.locator("#biao-2-1 .downloads button").all():
        with page.expect_download() as download:
            button.click()
        saved.append(download.value.path())
    assert rows_of(saved[0])[1][1] == f"'{text.strip()}"
    cell = openpyxl.load_workbook(saved[1].rename(tmp_path / "saved.xlsx")).active["B2"]
    assert cell.value == text.strip() and cell.data_type == "s"


def test_a_name_that_looks_like_markup_is_text_in_search_and_picker(page):
    page.locator("#search").fill("img")
    assert page.locator("#found li").all_text_contents() == [f"标出{SCRIPT}县"]
    page.keyboard.press("Enter")
    assert SCRIPT in page.locator("#said").text_content()
    assert page.locator(".tools img, .tools script").count() == 0


def test_the_keyboard_alone_reaches_all_of_it(page):
    """Tab goes to every control once, in the order of the page, and leaves it again."""
    page.locator("nav details.beside summary").evaluate("one => { one.parentElement.open = true; }")
    for fold in page.locator("nav button.fold").all():
        fold.evaluate("fold => fold.click()")
    wanted = page.evaluate(
        """() => [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex]")]
          .filter((one) => one.checkVisibility() && one.tabIndex >= 0)
          .map((one, at) => { one.dataset.at = at; return at; })"""
    )
    reached = []
    for _ in wanted:
        page.keyboard.press("Tab")
        reached.append(int(page.evaluate("document.activeElement.dataset.at ?? -1")))
    assert reached == wanted
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_skip_link_goes_to_the_text(page):
    page.keyboard.press("Tab")
    assert focused(page) == "跳到正文"
    page.keyboard.press("Enter")
    assert page.locator("main:target").count() == 1


def ground(page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_dark_is_chosen_or_the_systems(page, view, report):
    assert ground(page) == "rgb(255, 255, 255)"
    page.locator("#theme").click()
    dark = ground(page)
    assert dark != "rgb(255, 255, 255)"
    page.locator("#theme").click()
    assert ground(page) == "rgb(255, 255, 255)"
    assert ground(view(report, color_scheme="dark")) == dark


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_horizontal_scroll(view, report, width):
    assert view(report, width).evaluate("document.documentElement.scrollWidth") <= width


def test_a_phone_opens_a_proof_by_touch(view, report):
    page = view(report, 390, has_touch=True, is_mobile=True)
    page.locator("#biao-1-1 button.n").first.tap()
    page.locator("#proof dl").wait_for()
    box = page.locator("#proof").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    page.locator("#proof").get_by_text("关闭").tap()
    assert page.locator("#proof").is_hidden()


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "light"), (1280, "dark")])
def test_accessible(view, report, width, scheme):
    page = view(report, width, color_scheme=scheme)
    assert findings(page) == []
    opened_proof(page)
    assert findings(page) == []


def test_without_javascript_the_page_is_complete(view, report):
    page = view(report, java_script_enabled=False)
    for what, count in (("main h2, main h3, main h4", len(HEADINGS)), ("main table", 3), ("main figure svg", 2)):
        places = page.locator(what)
        assert places.count() == count
        assert all(place.is_visible() for place in places.all())
    page.locator("#biao-2-1").scroll_into_view_if_needed()
    cells = page.locator("#biao-2-1 tbody td:nth-child(2)")
    expect(cells).to_have_text(HOSTILE, use_inner_text=True)  # laid out in the next moment
    assert not [one for one in page.locator("button, input, select").all() if one.is_visible()]


def test_prints_with_the_tables_whole_and_light(view, report, tmp_path):
    page = view(report, color_scheme="dark")
    page.emulate_media(media="print")
    assert ground(page) in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
    page.pdf(path=tmp_path / "print.pdf")
    pages = PdfReader(tmp_path / "print.pdf").pages
    assert 5 < len(pages) < 20
    text = "".join("".join(each.extract_text().split()) for each in pages)
    assert all(caption.partition("\u3000")[0].replace(" ", "") in text for caption in CAPTIONS)
    assert not [word for word in ("跳到正文", "查找", "放大", "xlsx", "方向键") if word in text]
