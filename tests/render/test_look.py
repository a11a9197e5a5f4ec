"""The sample report as other programs see it: LibreOffice and a browser."""

import json
import re
import subprocess
from copy import deepcopy
from html import unescape
from pathlib import Path

import pytest
from conftest import CAPTIONS, HEADINGS, HERE
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


def test_contents_of_the_word_file_tell_the_pages_that_libreoffice_makes(converted):
    pages = squeezed(converted["report"])
    contents = next(page for page in pages if "目录" in page)
    for heading, start in (("一、工作背景与指标", "用户平均"), ("二、问题与原话", "（一）原话")):
        told = re.search(re.escape(heading) + r"\.+(\d+)", contents)[1]
        page = next(page for page in pages if heading + start in page)
        assert f"—{told}—" in page


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
        const links = [...document.querySelectorAll("nav a")];
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


def test_tables_sort_by_number_and_back_with_what_is_missing_last(rendered, tmp_path):
    first, second = ask(
        rendered,
        tmp_path,
        """
        const table = document.querySelector("#biao-1-1 table"), button = table.tHead.querySelectorAll("button")[1];
        table.tBodies[0].rows[0].cells[1].textContent = "缺";
        const column = () => [...table.tBodies[0].rows].map((row) => row.cells[1].textContent);
        button.click(); const up = column(); button.click(); return [up, column()];
        """,
    )
    assert first.pop() == second.pop() == "缺"
    assert len(first) == 38
    assert first == sorted(first, key=float)
    assert second == sorted(first, key=float, reverse=True)


def test_a_table_with_rows_that_go_with_the_one_above_does_not_sort(rendered, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    source = (rendered / "report.html").read_text(encoding="utf-8")
    (own / "report.html").write_text(source.replace(">文水县</td>", "></td>"), encoding="utf-8")
    assert ask(own, tmp_path, "return document.querySelector('#biao-1-1 button') === null;")


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
    for width in (390, 1280):
        answer = ask(rendered, tmp_path, script, width)
        assert answer["passes"] > 15
        assert [one for one in answer["violations"] if one[0] in {"serious", "critical", "moderate"}] == []


def test_prints_with_the_tables_whole(rendered, tmp_path):
    chromium(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={tmp_path / 'print.pdf'}", (rendered / "report.html").as_uri())
    pages = squeezed(PdfReader(tmp_path / "print.pdf"))
    assert 5 < len(pages) < 20
    assert "".join("".join(caption.split()) for caption in CAPTIONS[:1]) in "".join(pages)
    assert "跳到正文" not in pages[0]
