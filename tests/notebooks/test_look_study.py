"""A finished study in a browser: numbers and their proofs, figures, county pages, and the notebooks in JupyterLab."""

import doctest
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from browsing import findings
from runner_study import GE

from ge_analysis.cli.app import app
from ge_analysis.study import Study

pytestmark = pytest.mark.look


@pytest.fixture(scope="module")
def built(tmp_path_factory, built_root) -> Path:
    """A finished study of two counties."""
    return shutil.copytree(built_root, tmp_path_factory.mktemp("looked") / "study")


@pytest.fixture
def page(view, built):
    return view(built / "report/_output/2021/report.html")


def test_a_figure_shows_its_values_by_pointer_and_by_arrow_keys(page):
    figure = page.locator("main figure", has=page.locator(".says")).first
    marks, readout = figure.locator(".says"), figure.locator(".readout")
    marks.nth(3).hover()
    assert readout.text_content() == marks.nth(3).locator("title").text_content()
    figure.locator("svg").focus()
    page.keyboard.press("ArrowRight")
    assert readout.text_content() == marks.nth(4).locator("title").text_content()


def test_a_name_that_looks_like_markup_is_text_in_a_figures_value(page):
    figure = page.locator("main figure", has=page.locator(".says")).first
    mark, text = figure.locator(".says").nth(3), "<img src=x onerror=alert(1)><script>alert(1)</script>县：1"
    mark.locator("title").evaluate("(title, text) => { title.textContent = text; }", text)
    mark.hover()
    assert figure.locator(".readout").text_content() == text
    assert figure.locator("img, script").count() == 0


def test_its_page_is_accessible_and_fits_a_phone(page, view):
    assert findings(page) == []
    assert view(Path(page.url.removeprefix("file://")), 390).evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("place", ["counties/linxian/county", "city/city"])
def test_an_executed_notebooks_page_is_accessible(view, built, place):
    assert findings(view(built / f"data/processed/2021/{place}.html")) == []


def test_examples_that_need_ledgers_run(built, monkeypatch):
    monkeypatch.chdir(built)
    for found in doctest.DocTestFinder().find(Study, globs={"Study": Study}):
        for example in found.examples:
            if ".diff(" not in example.source:  # nothing is published
                exec(example.source, found.globs)


@pytest.fixture
def traced(built, monkeypatch, capsys):
    """The function that gives what `ge trace --json` prints for the command that a proof names."""
    monkeypatch.chdir(built)

    def answer(command: str) -> dict:
        app([*command.split()[1:], "--json"], standalone_mode=False)
        return json.loads(capsys.readouterr().out)

    return answer


PROOFS = """panel => {
  const proofs = [];
  for (const part of panel.children) {
    const texts = (selector) => [...part.querySelectorAll(selector)].map((one) => one.textContent);
    if (part.matches("h3")) proofs.push({rows: []});
    if (part.matches("dl")) proofs.at(-1).facts = Object.fromEntries(texts("dt").map((term, at) => [term, texts("dd")[at]]));
    if (part.matches(".command")) proofs.at(-1).command = texts("code")[0];
    if (part.getAttribute("aria-label")?.startsWith("所占份额最大的")) {
      proofs.at(-1).rows = [...part.querySelectorAll("tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent));
    }
  }
  return proofs;
}"""


def shown(number: float | None, digits: int = 8) -> str:
    return "" if number is None else f"{number:,.{digits}g}"


def test_twenty_numbers_open_the_proofs_that_ge_trace_gives(page, traced):
    numbers, panel = page.locator("main button.n"), page.locator("#proof")
    step = numbers.count() // 20
    for at in range(0, 20 * step, step):
        number = numbers.nth(at)
        number.evaluate("number => number.click()")  # including those in folded parts
        panel.locator("dl").first.wait_for()
        proofs = panel.evaluate(PROOFS)
        if "此数即下列数值" in panel.text_content():
            assert proofs[0]["facts"]["数值"].split()[0] == number.text_content().lstrip("+")
        for proof in proofs[:2]:
            compare(proof["facts"], proof["rows"], traced(proof["command"]))
        page.keyboard.press("Escape")


def compare(facts: dict[str, str], rows: list[list[str]], found: dict) -> None:
    """Compare a proof with its trace: its texts, and that it shows the rows with the largest weights."""
    assert facts.get("计算", "") == found["formula"]
    said = [facts.get(name, "") for name in ("分子", "分母", "样本数")]
    assert said == [shown(found["numerator"]), shown(found["denominator"]), shown(found["n"])]
    if len(found["tree"]) == 1:  # otherwise the rows are those of the values it is computed from
        names = ("source_file", "source_sheet", "source_row")
        heaviest = sorted(found["rows"], key=lambda row: -abs(row["numerator"]))
        traced = {(*(str(row[name]) for name in names), shown(row["numerator"], 6)) for row in heaviest}
        assert {(book, sheet, row, number) for _, number, _, _, book, sheet, row, _ in rows} <= traced
        assert [row[1] for row in rows] == [shown(row["numerator"], 6) for row in heaviest[: len(rows)]]


def served() -> int:
    """Return a port of this machine that nothing listens to."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def lab(built, tmp_path_factory):
    """The address of the JupyterLab that `ge lab` opens where the locale is Chinese."""
    port, config = served(), tmp_path_factory.mktemp("jupyter")
    server = {"open_browser": False, "allow_root": True, "port": port, "port_retries": 0, "token": "", "password": ""}
    (config / "jupyter_server_config.json").write_text(json.dumps({"ServerApp": server}))
    # all cells are in the page, not only those in sight
    whole = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}
    (config / "labconfig").mkdir()
    (config / "labconfig/default_setting_overrides.json").write_text(json.dumps(whole))
    folders = {f"JUPYTER_{name}_DIR": str(config / name.lower()) for name in ("RUNTIME", "DATA")}
    environment = (
        os.environ | {"LANGUAGE": "zh", "JUPYTER_CONFIG_DIR": str(config), "JUPYTERLAB_WORKSPACES_DIR": str(config)} | folders
    )
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([*GE, "lab"], cwd=built, env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        for _ in range(600):
            assert process.poll() is None
            try:
                urllib.request.urlopen(address).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # JupyterLab and its kernels end, too
        process.wait(60)


@pytest.fixture
def start(browser, lab):
    """JupyterLab's first page; whatever asks another machine for anything fails the test."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page, elsewhere = context.new_page(), []
    page.set_default_timeout(180_000)
    page.on("request", lambda asked: None if asked.url.startswith((lab, "data:", "blob:")) else elsewhere.append(asked.url))
    page.goto(f"{lab}?reset")
    page.locator(".jp-RenderedMarkdown table").wait_for()
    yield page
    context.close()
    assert elsewhere == []


def run_all(page, notebook: str):
    """Open a notebook by its link on the start page, run all its cells and wait for the last."""
    page.locator(".jp-RenderedMarkdown a", has_text=notebook).click()
    page.get_by_text("| 空闲").wait_for()  # of the kernel
    page.get_by_role("menuitem", name="运行", exact=True).click()
    page.get_by_role("menuitem", name="运行所有单元格", exact=True).click()
    page.wait_for_function(
        """() => {
          const prompts = [...document.querySelectorAll(".jp-NotebookPanel .jp-CodeCell .jp-InputPrompt")];
          return prompts.length && prompts.every((prompt) => /[0-9]/.test(prompt.textContent));
        }"""
    )
    return page.locator(".jp-NotebookPanel")


# good practice is of whole pages, and this one is JupyterLab's
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
# which gives drawings no text of their own, and lets only the pointer move a wide output
LABS_OWN = {"image-alt", "scrollable-region-focusable"}


def test_lab_starts_in_chinese_on_the_notebooks_readme(start):
    assert start.get_by_role("menuitem", name="文件", exact=True).is_visible()
    assert "explore.ipynb" in start.locator(".jp-RenderedMarkdown").text_content()
    assert start.locator(".Toastify__toast").count() == 0
    assert findings(start, "'.jp-RenderedMarkdown'", RULES) == []


@pytest.mark.parametrize(("notebook", "figures"), [("county.ipynb", 4), ("explore.ipynb", 2)])
def test_all_of_a_notebook_runs(start, notebook, figures):
    panel = run_all(start, notebook)
    assert panel.locator("[data-mime-type*=error], [data-mime-type*=stderr]").all_text_contents() == []
    drawings = panel.locator(".jp-RenderedSVG")
    assert drawings.count() == figures
    assert all(drawing.bounding_box()["height"] > 100 for drawing in drawings.all())
    assert [one for one in findings(start, "'.jp-OutputArea-output'", RULES) if one[0] not in LABS_OWN] == []
    if notebook == "explore.ipynb":
        explore(start, panel)


BEGUN = {
    'study.trace("临县", "saidi_cut': "saidi_cut_pct",
    'study.table("linxian", "停电用户': "停电用户明细",
    'select(indicators, "saifi", area="urb': "urban",
}


def explore(page, panel) -> None:
    """Use the interactive parts of a notebook: the picker, the searchable table, Tab."""
    panel.get_by_label("单元", exact=True).select_option("临县")
    panel.get_by_label("指标", exact=True).select_option(label="系统平均停电次数（次/户）")
    page.wait_for_function("() => document.querySelector('.widget-html').textContent.includes('次/户')")
    panel.get_by_label("查找").first.fill("农村")
    table = panel.locator(".dt-container").first
    assert "行中查出" in table.locator(".dt-info").text_content()
    assert {*table.locator("tbody td:nth-child(3)").all_text_contents()} == {"农村"}
    cell = panel.locator(".jp-CodeCell .cm-content").last
    for begun, name in BEGUN.items():
        cell.click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(begun)
        page.keyboard.press("Tab")
        offered = page.locator(".jp-Completer-item", has_text=name)
        taken = cell.filter(has_text=name)
        offered.or_(taken).first.wait_for()  # the only match is offered, or taken at once
        if offered.is_visible():
            page.keyboard.press("Enter")
        taken.wait_for()
