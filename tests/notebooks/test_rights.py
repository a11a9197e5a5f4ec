"""Files and folders without rights are reported as that, never taken as absent; root needs its privileges taken for it."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from runner_study import GE, hashes

POWERS = "-dac_override,-dac_read_search"  # what lets root read all files


def unprivileged() -> list[str]:
    """Return the prefix of a command that obeys file permissions."""
    if os.geteuid():
        return []
    return ["setpriv", f"--bounding-set={POWERS}", f"--inh-caps={POWERS}"]


def may_drop_powers() -> bool:
    if not unprivileged():
        return True
    test = [*unprivileged(), "true"]
    return bool(shutil.which("setpriv")) and not subprocess.run(test, capture_output=True, check=False).returncode


pytestmark = [
    pytest.mark.rights,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights"),
    pytest.mark.skipif(not may_drop_powers(), reason="root cannot give up its power over files here: no setpriv"),
]


def ge(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = [*unprivileged(), *GE, *arguments]
    environment = os.environ | {"COLUMNS": "400"}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, encoding="utf-8", check=False)


@pytest.fixture
def root(short_root, tmp_path) -> Path:
    """A finished study of its own."""
    return shutil.copytree(short_root, tmp_path / "study")


@contextmanager
def closed(path: Path):
    rights = path.stat().st_mode
    path.chmod(0)
    try:
        yield
    finally:
        path.chmod(rights)


def refused(path: Path) -> str:
    return f"cannot read {path}: Permission denied; close it in other programs, or check its rights"


MADE = ("data/processed/2021/tables", "data/processed/2021/counties", "data/processed/2021/city", "report/_output")


def made(root: Path) -> dict[str, str]:
    """Hash what was made, except records of failure."""
    found = {f"{name}/{file}": content for name in MADE for file, content in hashes(root / name).items()}
    return {name: content for name, content in found.items() if not name.endswith("failure.json")}


def test_an_unreadable_county_folder_stops_only_that_county(root):
    before, folder = made(root), root / "data" / "raw" / "2021" / "linxian"
    with closed(folder):
        assert refused(folder) in ge(root, "status").stdout
        done = ge(root, "run")
        assert done.returncode == 1
        assert not done.stderr
        assert "linxian: a workbook or folder of it cannot be opened; `ge check linxian` lists the errors" in done.stdout
        assert "its last good results (" in done.stdout
        after = made(root)
        assert {name for name in before if after.get(name) != before[name] and "/city/" not in name} == set()
        status = ge(root, "status").stdout
        assert refused(folder) in status
        assert "the report is made without linxian, which failed" in status
    assert not ge(root, "build").returncode
    assert made(root) == before


def test_an_unreadable_city_folder_stops_no_county(root):
    before, folder = made(root), root / "data" / "raw" / "2021" / "city"
    with closed(folder):
        assert refused(folder) in ge(root, "status").stdout
        done = ge(root, "build")
        assert done.returncode == 1
        assert "made: tables 2, counties 2" in done.stdout
        assert "city: a workbook or folder of it cannot be opened; `ge check city` lists the errors" in done.stdout
        assert "the city failed: without it there is no report" in done.stdout
        assert len(done.stderr.splitlines()) == 1
        assert done.stderr.startswith("ge: city has no results: 台账文件无法打开，未能读入; correct what `ge status` shows first")
        kept = ("/tables/city/", "/2021/city/", "/_output/")
        after = made(root)
        assert {name for name in before if after.get(name) != before[name] and any(part in name for part in kept)} == set()
        assert refused(folder) in ge(root, "status").stdout
    assert not ge(root, "build").returncode
    assert made(root) == before


def test_an_unreadable_shared_file_ends_every_command_in_one_line(root):
    before = made(root)
    report = root / "report"
    for path in (root / "data" / "raw" / "2021", report / "_quarto.yml", report / "chapters" / "20-system.qmd.j2"):
        with closed(path):
            for command in ("status", "build"):
                done = ge(root, command)
                assert (done.returncode, done.stderr) == (1, f"ge: {refused(path)}\n")
    assert made(root) == before


def test_unreadable_results_are_made_again(root):
    before, year = made(root), root / "data" / "processed" / "2021"
    files = [
        year / "tables" / "linxian" / "outages.parquet",
        year / "counties" / "linxian" / "indicators.parquet",
        year / "city" / "stamp.json",
        root / "report" / "_build" / "2021" / "report.qmd",
        root / "report" / "_output" / "2021" / "report.pdf",
    ]
    for path in files:
        with closed(path):
            assert refused(path) in ge(root, "status").stdout
    for path in {*files, *(path for path in (root / "report" / "_output").rglob("*") if path.is_file())}:
        path.chmod(0)
    done = ge(root, "build")
    assert not done.returncode, done.stdout + done.stderr
    assert not done.stderr
    assert made(root) == before
