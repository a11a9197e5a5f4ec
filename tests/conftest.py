"""Small projects of their own for tests: never the one that holds the tests."""

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from filelock import FileLock
from hypothesis import settings
from slipcover import pytest_plugin as coverage

from ge_analysis.runner.rehearsal import of_reading  # and no other of its modules: slipcover must be set before they are loaded

ROOT = Path(__file__).parent.parent

collect_ignore_glob = ["*/conftest.py"]  # they hold no doctests, and have one name: whichever came first would be taken for all

os.environ["LANGUAGE"] = "en"  # what tests expect of messages, whoever runs them

if coverage._slipcover_instance:  # its --immediate does not reach the workers, whose forks would pay for each line again
    coverage._slipcover_instance.immediate = True

settings.register_profile("project", deadline=None)  # a busy machine is no failure
settings.load_profile("project")


@pytest.fixture(scope="session", autouse=True)
def rehearsed() -> None:
    """Load what reads workbooks: each reader is a fork of this process, and would otherwise load it anew."""
    of_reading()


@pytest.fixture(autouse=True)
def only_own_threads(monkeypatch):
    """Threads that earlier tests have left, as dask does, do not keep a reader from being a fork."""
    count, left = threading.active_count, threading.active_count() - 1
    monkeypatch.setattr(threading, "active_count", lambda: count() - left)


def copy_project(root: Path, slugs: tuple[str, ...]) -> Path:
    """Copy what is committed of a project into `root`, with only the named counties."""
    for name in ("notebooks", "params"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copytree(ROOT / "report", root / "report", ignore=shutil.ignore_patterns("_build", "_output"))
    for name in ("raw", "processed", "corrections"):
        (root / "data" / name).mkdir(parents=True)
    counties = root / "params/2021/counties.yml"
    kept = [unit for unit in yaml.safe_load(counties.read_text(encoding="utf-8")) if unit["slug"] in slugs]
    counties.write_text(yaml.safe_dump(kept, allow_unicode=True), encoding="utf-8")
    targets = root / "params/2021/targets.yml"
    own = yaml.safe_load(targets.read_text(encoding="utf-8"))
    own = [target for target in own if set(target.get("counties", ())) <= set(slugs)]
    targets.write_text(yaml.safe_dump(own, allow_unicode=True), encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def small_project() -> Callable[[Path, tuple[str, ...]], Path]:
    """The function that makes a project without data, for fixtures of any scope."""
    return copy_project


@pytest.fixture(scope="session")
def once(tmp_path_factory) -> Callable[[str, Callable[[Path], None]], Path]:
    """The function that makes a named folder once for all workers; what is in it is not to be changed."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent

    def folder(name: str, make: Callable[[Path], None]) -> Path:
        made = base / "once" / name
        with FileLock(base / f"{name}.lock"):
            if not made.exists():
                make(base / "making" / name)
                made.parent.mkdir(exist_ok=True)
                (base / "making" / name).rename(made)
        return made

    return folder


@pytest.fixture(scope="session")
def demonstration(once):
    """The demonstration study, with tables of all counties; not to be changed."""
    from ge_analysis import demo
    from ge_analysis.ledgers import ingest
    from ge_analysis.settings import parameters
    from ge_analysis.study import Study

    def make(root: Path) -> None:
        study = Study.open(2021, copy_project(root, tuple(unit.slug for unit in parameters.load(ROOT, 2021).counties)))
        demo.write(study)
        ingest.ingest(study, study.places)

    return Study.open(2021, once("demonstration", make))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of two counties, one a grid, without data."""
    return copy_project(tmp_path / "study", ("linxian", "wenshui"))


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium, without a window; its event loop ends before tests of other modules begin."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def view(browser):
    """The function that opens a file with the network off; a fault, or a look for anything outside the file, fails the test."""
    contexts, faults = [], []
    own = ("file:", "data:", "blob:")

    def opened(path: Path, width: int = 1280, **how):
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, offline=True, **how))
        page = contexts[-1].new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
        page.on("request", lambda asked: faults.append(asked.url) if not asked.url.startswith(own) else None)
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []
