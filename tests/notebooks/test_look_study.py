"""A finished study in a browser: numbers and their proofs, figures, county pages, and the notebooks in JupyterLab."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from browsing import findings

from ge_analysis.cli.app import app

pytestmark = pytest.mark.look

GE = (sys.executable, "-c", "from ge_analysis.cli import main; main()")


@pytest.fixture(scope="module")
def built(tmp_path_factory, small_project) -> Path:
    """A finished study of two counties; not to be changed."""
    root = small_project(tmp_path_factory.mktemp("looked") / "study", ("linxian", "wenshui"))
    for command in ("demo", "build"):
        subprocess.run([*GE, command], cwd=root, check=True, capture_output=True)
    return root


@pytest.fixture
def page(view, built):
    return view(built / "report/_output/2021/report.html")


def test_it_opens_within_a_second(page):
    """From the file to a page that answers, by the browser's own clock of work done: a busy machine makes it wait, not work."""
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable")
    page.reload()
    page.locator("#theme").click()
    spent = {each["name"]: each["value"] for each in client.send("Performance.getMetrics")["metrics"]}
    assert spent["TaskDuration"] > 0


@pytest.fixture
def traced(built, monkeypatch, capsys):
    """The function that gives what `ge trace --json` prints for the command that a proof names."""
    monkeypatch.chdir(built)

    def answer(command: str) -> dict:
        app([*command.split()[1:], "--json"], standalone_mode=False)
        return json.loads(capsys.readouterr().out)

    return answer


def test_twenty_numbers_open_the_proofs_that_ge_trace_gives(page, traced):
    numbers = page.locator("main button.n")
    step, panel = numbers.count() // 20, page.locator("#proof")
    for at in range(0, 20 * step, step):
        number = numbers.nth(at)
        number.evaluate("number => number.click()")  # those in folded parts, too
        panel.locator("dl").first.wait_for()
        facts = dict(zip(panel.locator("dt").all_text_contents(), panel.locator("dd").all_text_contents(), strict=True))
        command = panel.locator("code").first.text_content()
        found = traced(command)
        if "此数即下列数值" in panel.text_content():
            assert facts["数值"].split()[0] == number.text_content()
        assert facts["计算"] == found["formula"], command
        for fact, name in (("分子", "numerator"), ("分母", "denominator"), ("样本数", "n")):
            assert facts.get(fact, "") == ("" if found[name] is None else f"{found[name]:,.8g}"), (command, name)
        table = panel.locator("table", has_text="所占份额最大的").first
        rows = table.locator("tbody tr").all() if table.count() else []
        traced_rows = {(row["source_file"], row["source_sheet"], str(row["source_row"])) for row in found["rows"]}
        assert {tuple(row.locator("td").all_text_contents()[4:7]) for row in rows} <= traced_rows
        assert bool(rows) == (bool(found["rows"]) and len(found["tree"]) == 1) or command
        page.keyboard.press("Escape")


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
    said = (config / "said.txt").open("w")
    process = subprocess.Popen([*GE, "lab"], cwd=built, env=environment, stdout=said, stderr=said)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            assert process.poll() is None, (config / "said.txt").read_text()
            try:
                urllib.request.urlopen(address).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        urllib.request.urlopen(urllib.request.Request(f"{address}/api/shutdown", method="POST")).close()
        process.wait(60)
        said.close()


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
    panel = page.locator(".jp-NotebookPanel")
    panel.locator(".jp-CodeCell").first.wait_for()
    page.get_by_role("menuitem", name="运行", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^运行所有")).first.click()
    panel.locator('.jp-CodeCell:last-of-type .jp-InputPrompt:text-matches("[0-9]")').last.wait_for()
    return panel


def test_lab_starts_in_chinese_on_the_notebooks_readme(start):
    assert start.get_by_role("menuitem", name="文件", exact=True).is_visible()
    assert "explore.ipynb" in start.locator(".jp-RenderedMarkdown").text_content()
    assert start.locator(".Toastify__toast").count() == 0
    assert findings(start, "'.jp-RenderedMarkdown'", ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]) == []


@pytest.mark.parametrize("notebook", ["explore.ipynb", "county.ipynb"])
def test_all_of_a_notebook_runs(start, notebook):
    panel = run_all(start, notebook)
    assert panel.locator(".jp-RenderedText[data-mime-type*=error], .jp-RenderedText[data-mime-type*=stderr]").count() == 0
    assert panel.locator(".jp-OutputArea-output svg").count() >= 1
