"""The sample project, rendered once for all tests of the engines."""

import shutil
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

from ge_analysis.report.render import equip, render_project
from ge_analysis.report.source import engine_version

HERE = Path(__file__).parent
REPORT = HERE.parents[1] / "report"

# What stands in chapter 2 of the sample, as a reader must see it in every format.
HOSTILE = [
    "{{< include /etc/passwd >}}",
    "<script>alert(1)</script>",
    "$x^2$ \\\\input",
    '#read("/etc/passwd") @ref',
    "a | b * c _ d `e`",
    "[链接](http://example.org) ![图](http://example.org/a.png)",
    "\"引号\" 'x' -- ... ~ ^ -5 -?",
]
HEADINGS = [
    *("图目录", "表目录"),
    *("一、工作背景与指标", "（一）统计口径", "1. 停电时间", "2. 停电次数"),
    *("二、问题与原话", "（一）原话", "（二）横页"),
]
CONTENTS = [heading for heading in HEADINGS if not heading[0].isdigit()]
CAPTIONS = [
    "图 1-1　各单位停电时间",
    "表 1-1　各单位停电时间与次数",
    "表 2-1　受访者原话",
    "表 2-2　横页表",
    "图 2-1　停电时间的另一种画法",
]


def title_heights(folder: Path) -> dict[str, float]:
    """Return the pieces of the pdf's title, set in 26 points, with the height of their baseline [points]."""
    heights = {}

    def see(text, matrix, text_matrix, font, size):
        if size == 26 and text.strip():
            heights[text.strip()] = round(text_matrix[5] * matrix[3] + matrix[5], 1)

    PdfReader(folder / "report.pdf").pages[0].extract_text(visitor_text=see)
    return heights


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the sample project that a test may change."""
    build = tmp_path / "build"
    shutil.copytree(HERE / "sample", build)
    equip([REPORT], build)
    return build


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the sample's finished files, made by the embedded engine."""
    build, output = tmp_path_factory.mktemp("sample") / "build", tmp_path_factory.mktemp("output")
    shutil.copytree(HERE / "sample", build)
    equip([REPORT], build)
    render_project(build, output, engine="embedded")
    return output


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A command that behaves as Quarto was seen to, in the place of Quarto."""
    script = tmp_path / "quarto"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{HERE / "stand_in.py"}" "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("QUARTO_PATH", str(script))
    engine_version.cache_clear()
    return script
