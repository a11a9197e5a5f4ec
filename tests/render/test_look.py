"""The sample report as other programs see it: LibreOffice and a browser."""

import csv
import io
import json
import re
import subprocess
from copy import deepcopy
from html import unescape
from pathlib import Path

import openpyxl
import pytest
from conftest import CAPTIONS, HEADINGS, HERE, HOSTILE, PROOF, SCRIPT
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader

from ge_analysis.report.kept import keep

pytestmark = pytest.mark.look

AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
# no network, no first-run pages; a file may look into the frame it holds
CHROMIUM = [
    *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--allow-file-access-from-files", "--virtual-time-budget=60000"),
]
LISTEN = """<script>
window.faults = []; window.onerror = (text) => faults.push(text); console.error = (...all) => faults.push(all.join());
</script>"""
FRAME = '<!DOCTYPE html><iframe src="report.html" style="width: {width}px; height: 900px; border: 0"></iframe><pre></pre>'


def chromium(folder: Path, *arguments: str) -> str:
    command = [*CHROMIUM, f"--user-data-dir={folder / 'profile'}", *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True, timeout=300).stdout


def ask(rendered: Path, folder: Path, script: str, width: int = 1280) -> object:
    """Open the report in a frame of a given width, run a script there and return what it returns."""
    report = (rendered / "report.html").read_text(encoding="utf-8").replace("<head>", f"<head>{LISTEN}", 1)
    (folder / "report.html").write_text(report, encoding="utf-8")
    (folder / "ask.html").write_text(
        f"""{FRAME.format(width=width)}<script>
        document.querySelector("iframe").onload = async (event) => {{
          const window = event.target.contentWindow, document = window.document;
          const answer = await (async () => {{ {script} }})();
          globalThis.document.querySelector("pre").textContent = JSON.stringify(answer);
        }};</script>""",
        encoding="utf-8",
    )
    dom = chromium(folder, "--dump-dom", (folder / "ask.html").as_uri())
    return json.loads(unescape(re.search("<pre>(.*)</pre>", dom, re.DOTALL)[1]))


@pytest.fixture(scope="module")
def converted(rendered, tmp_path_factory):
    """The Word files as LibreOffice prints them."""
    return convert([rendered / name for name in ("report.docx", "counties/linxian.docx")], tmp_path_factory.mktemp("libreoffice"))


def office(files: list[Path], folder: Path, form: str) -> None:
    command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", form]
    subprocess.run([*command, "--outdir", str(folder), *map(str, files)], capture_output=True, check=True, timeout=300)


def convert(files: list[Path], folder: Path) -> dict[str, PdfReader]:
    office(files, folder, "pdf")
    return {path.stem: PdfReader(path) for path in folder.glob("*.pdf")}


def squeezed(reader):
    return ["".join(page.extract_text().split()) for page in reader.pages]


def test_libreoffice_prints_the_same_headings_and_captions(converted):
    text = "".join(squeezed(converted["report"]))
    assert "Error" not in text
    for wanted in (*HEADINGS, *CAPTIONS):
        assert "".join(wanted.split()) in text


def test_contents_of_the_word_file_give_the_pages_that_libreoffice_makes(converted):
    pages = squeezed(converted["report"])
    contents = next(page for page in pages if "目录" in page)
    for heading, start in (("一、工作背景与指标", "用户平均"), ("二、问题与原话", "（一）原话")):
        reported = re.search(re.escape(heading) + r"\.+(\d+)", contents)[1]
        page = next(page for page in pages if heading + start in page)
        assert f"—{reported}—" in page


def test_caption_added_in_word_joins_the_list_and_the_later_ones_count_on(rendered, tmp_path):
    document = Document(str(rendered / "report.docx"))
    caption = next(one for one in document.paragraphs if one.style.name == "Table Caption" and one.text.startswith("表 2-1"))
    added = deepcopy(caption._p)
    for mark in [*added.iter(qn("w:bookmarkStart")), *added.iter(qn("w:bookmarkEnd"))]:
        mark.getparent().remove(mark)
    list(added.iter(qn("w:t")))[-1].text = "添加的表"
    caption._p.addprevious(added)
    document.save(str(tmp_path / "report.docx"))
    text = "".join(squeezed(convert([tmp_path / "report.docx"], tmp_path)["report"]))
    assert re.findall(r"表2-\d(?=添加的表|受访者原话|横页表)", text.split("二、问题与原话")[-1]) == ["表2-1", "表2-2", "表2-3"]


def test_file_saved_by_libreoffice_holds_only_the_edits_of_its_author(rendered, tmp_path):
    document = Document(str(rendered / "report.docx"))
    one = next(one for one in document.paragraphs if one.text.startswith("用户平均停电时间"))
    one.runs[0].text = f"经核实，{one.runs[0].text}"
    document.save(str(tmp_path / "report.docx"))
    office([tmp_path / "report.docx"], tmp_path / "saved", "docx:MS Word 2007 XML")
    (edit,) = keep(tmp_path / "saved" / "report.docx", rendered / "report.docx", tmp_path / "kept.docx")
    assert edit.edited.startswith("经核实，用户平均停电时间")


def test_brief_stays_short_in_libreoffice(converted):
    assert len(converted["linxian"].pages) == 1


def test_no_fault_and_contents_links_work(rendered, tmp_path):
    answer = ask(
        rendered,
        tmp_path,
        """
        const links = [...document.querySelectorAll("nav details:not(.beside) a")];
        const tops = links.map((link) => {
          link.click();
          return document.getElementById(decodeURIComponent(link.hash.slice(1))).getBoundingClientRect().top;
        });
        const hash = decodeURIComponent(window.location.hash);
        return {faults: window.faults, hash, last: links.at(-1).getAttribute("href"), tops};
        """,
    )
    assert answer["faults"] == []
    assert len(answer["tops"]) == len(HEADINGS)
    assert answer["hash"] == answer["last"]


def test_mark_in_the_contents_stays_in_sight(rendered, tmp_path):
    above, below = ask(
        rendered,
        tmp_path,
        """
        const nav = document.querySelector("nav"), inside = () => nav.getBoundingClientRect();
        nav.style.maxHeight = "80px";
        document.documentElement.style.scrollBehavior = "auto";
        window.scrollTo(0, document.body.scrollHeight);
        await new Promise((done) => setTimeout(done, 500));
        const link = nav.querySelector("[aria-current]").getBoundingClientRect();
        return [link.top - inside().top, inside().bottom - link.bottom];
        """,
    )
    assert above >= 0 and below >= 0


def test_search_finds_headings_and_captions_by_keyboard(rendered, tmp_path):
    found, focus, nothing = ask(
        rendered,
        tmp_path,
        """
        const search = document.getElementById("search"), found = document.getElementById("found");
        const type = (text) => { search.value = text; search.dispatchEvent(new window.Event("input")); };
        const press = (key) => document.activeElement.dispatchEvent(new window.KeyboardEvent("keydown", {key, bubbles: true}));
        search.focus();
        type("停电时间");
        const texts = [...found.querySelectorAll("li")].map((item) => item.textContent);
        press("ArrowDown"); press("ArrowDown");
        const focus = document.activeElement.textContent;
        press("Escape");
        if (!found.hidden || document.activeElement !== search) return [];
        type("没有的词");
        return [texts, focus, [found.hidden, document.getElementById("said").textContent]];
        """,
    )
    assert found == [*(caption for caption in CAPTIONS if "停电时间" in caption), "1. 停电时间"]
    assert focus == found[1]
    assert nothing == [True, "没有找到"]


def test_a_county_is_marked_in_tables_and_figures_and_no_longer(rendered, tmp_path):
    marked, briefs, after, order = ask(
        rendered,
        tmp_path,
        """
        const picker = document.getElementById("county");
        const choose = (slug) => { picker.value = slug; picker.dispatchEvent(new window.Event("change")); };
        const order = () => [...document.querySelectorAll("#biao-1-1 tbody tr")].map((row) => row.cells[0].textContent).join();
        const before = order();
        choose("linxian");
        const of = (place) => [...document.querySelectorAll(`${place} .marked`)].map((element) => element.textContent.trim());
        const marked = [of("#biao-1-1"), of("#tu-1-1")];
        const briefs = [...document.querySelectorAll("#briefs a")].map((link) => link.getAttribute("href"));
        choose("");
        return [marked, briefs, document.querySelectorAll(".marked, #briefs a").length, order() === before];
        """,
    )
    assert {text.split()[0] for text in marked[0]} == {"临县"}
    assert {*marked[1]} == {"临县"}
    assert briefs == ["counties/linxian.docx", "counties/linxian.pdf"]
    assert after == 0
    assert order


def test_no_table_sorts(rendered, tmp_path):
    assert ask(rendered, tmp_path, "return document.querySelectorAll('th button, [aria-sort]').length;") == 0


PROVE = """
const wait = async (ready) => { while (!ready()) await new Promise((done) => setTimeout(done, 20)); };
const panel = document.getElementById("proof"), number = document.querySelector("#biao-1-1 button.n");
number.focus(); number.click();
await wait(() => panel.querySelector("dl"));
"""


def test_a_number_opens_its_proof_and_what_it_follows_from(rendered, tmp_path):
    answer = ask(
        rendered,
        tmp_path,
        PROVE
        + """
        const facts = [...panel.querySelectorAll("dd")].map((fact) => fact.textContent);
        const row = [...panel.querySelectorAll("tbody tr")].at(-1);
        const cells = [...row.cells].map((cell) => cell.textContent), command = panel.querySelector("code").textContent;
        const elements = panel.querySelectorAll("img, script").length;
        const label = document.getElementById(panel.getAttribute("aria-labelledby")).textContent;
        panel.querySelector("td button").click();
        const below = panel.querySelector("h3").textContent;
        panel.close();
        await wait(() => !panel.open);
        const back = document.activeElement === number;
        return {facts, cells, command, elements, label, below, back, faults: window.faults};
        """,
    )
    assert answer["faults"] == []
    assert answer["facts"][0] == f"{PROOF['value']} 小时/户"
    assert answer["facts"][2] == f"每户的停电时间{SCRIPT}"
    assert answer["facts"][3:7] == [PROOF[name] for name in ("formula", "numerator", "denominator", "n")]
    assert answer["cells"] == ["0.197935", "613.6", "0", "临县", f"{SCRIPT}.xlsx", "停电事件", "2459", "；".join(HOSTILE)]
    assert answer["command"] == PROOF["command"]
    assert answer["elements"] == 0
    assert answer["label"] == "这个数从哪里来"
    assert answer["below"].startswith("临县　停电时户数")
    assert answer["back"]


def test_without_what_unpacks_the_proofs_the_panel_says_so(rendered, tmp_path):
    said = ask(
        rendered,
        tmp_path,
        """
        delete window.DecompressionStream;
        document.querySelector("#biao-1-1 button.n").click();
        await new Promise((done) => setTimeout(done, 300));
        return document.getElementById("proof").textContent;
        """,
    )
    assert "不能解压" in said


def test_tables_are_saved_as_files_that_open(rendered, tmp_path):
    files = ask(
        rendered,
        tmp_path,
        """
        const saved = [];
        window.URL.createObjectURL = (blob) => { saved.push(blob); return "#"; };
        document.querySelectorAll("#biao-1-1 .downloads button, #biao-2-1 .downloads button").forEach((button) => button.click());
        const bytes = async (blob) => [...new Uint8Array(await blob.arrayBuffer())];
        return await Promise.all(saved.map(bytes));
        """,
    )
    numbers, texts = bytes(files[0]).decode("utf-8-sig"), bytes(files[2]).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(numbers)))[5] == ["临县", "2.83", "19.07", "2.73", "1.15"]
    assert [row[1] for row in csv.reader(io.StringIO(texts))][1:] == HOSTILE
    book = openpyxl.load_workbook(io.BytesIO(bytes(files[1]))).active
    assert [cell.value for cell in book[6]] == ["临县", 2.83, 19.07, 2.73, 1.15]
    assert book["B6"].number_format == "0.00"
    said = openpyxl.load_workbook(io.BytesIO(bytes(files[3]))).active
    assert [cell.value for cell in said["B"]][1:] == HOSTILE


def test_dark_has_its_own_colours_and_print_has_none(rendered, tmp_path):
    light, dark = ask(
        rendered,
        tmp_path,
        """
        const ground = () => window.getComputedStyle(document.body).backgroundColor, before = ground();
        document.getElementById("theme").click();
        return [before, ground()];
        """,
    )
    assert light == "rgb(255, 255, 255)"
    assert dark != light


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_horizontal_scroll(rendered, tmp_path, width):
    scroll = ask(rendered, tmp_path, "return document.documentElement.scrollWidth;", width)
    assert scroll <= width


def test_accessible(rendered, tmp_path):
    """axe-core finds nothing serious, wide or narrow."""
    script = f"""
        const axe = document.createElement("script");
        axe.textContent = {json.dumps(AXE.read_text(encoding="utf-8"))};
        document.head.append(axe);
        const {{violations, passes}} = await window.axe.run(document);
        return {{passes: passes.length, violations: violations.map((one) => [one.impact, one.id, one.nodes[0].html])}};
    """.replace("</script>", r"<\/script>")
    dark = 'document.getElementById("theme").click();'
    for width, before in ((390, ""), (1280, ""), (1280, dark), (1280, PROVE)):
        answer = ask(rendered, tmp_path, before + script, width)
        assert answer["passes"] > 15
        assert [one for one in answer["violations"] if one[0] in {"serious", "critical", "moderate"}] == []


def test_prints_with_the_tables_whole(rendered, tmp_path):
    chromium(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={tmp_path / 'print.pdf'}", (rendered / "report.html").as_uri())
    pages = squeezed(PdfReader(tmp_path / "print.pdf"))
    assert 5 < len(pages) < 20
    assert "".join("".join(caption.split()) for caption in CAPTIONS[:1]) in "".join(pages)
    assert not [text for text in ("跳到正文", "查找", "放大", "xlsx", "方向键") if text in "".join(pages)]
