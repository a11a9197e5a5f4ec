"""What the embedded engine makes and refuses."""

import filecmp
from pathlib import Path

import pytest
import typst

from ge_analysis.errors import GeError
from ge_analysis.report.render import documents, render_project


def append(project: Path, text: str) -> None:
    """Add text to the sample's second chapter."""
    chapter = project / "chapters" / "02-findings.qmd"
    chapter.write_text(f"{chapter.read_text(encoding='utf-8')}\n{text}\n", encoding="utf-8")


def test_report_in_three_formats_and_briefs_in_two(project, tmp_path):
    made = render_project(project, tmp_path / "out", engine="embedded")
    names = [path.relative_to(tmp_path / "out").as_posix() for path in made]
    assert names == ["report.docx", "report.pdf", "report.html", "counties/linxian.docx", "counties/linxian.pdf"]
    assert all(path.stat().st_size > 5_000 for path in made)


def test_one_document_in_one_format(project, tmp_path):
    made = render_project(project, tmp_path, ["pdf"], "embedded", only=["counties/linxian"])
    assert made == [tmp_path / "counties" / "linxian.pdf"]
    assert documents(project) == ["report", "counties/linxian"]


def test_same_project_same_bytes(project, rendered, tmp_path):
    for path in render_project(project, tmp_path, engine="embedded"):
        assert filecmp.cmp(path, rendered / path.relative_to(tmp_path), shallow=False), path.name


@pytest.mark.parametrize(
    ("text", "form", "message"),
    [
        ("见[图 9-9](#tu-9-9)。", "pdf", r"link to nowhere: \[图 9-9\]\(#tu-9-9\)"),
        ("见[图 9-9](#tu-9-9)。", "docx", "link to nowhere"),
        ("见[图 9-9](#tu-9-9)。", "html", "link to nowhere"),
        ("![图](figures/none.svg)", "html", "none.svg"),
        ("![图](figures/none.svg)", "docx", "none.png"),
        ("![图](figures/none.svg)", "pdf", "file not found"),
        ("![图](https://example.org/a.png)", "html", "image from the network: https://example.org/a.png"),
        ("![](figures/bars.svg)", "pdf", "image without alternative text: figures/bars.svg"),
        ("无字形：\U0001f600", "pdf", "could not be displayed"),
    ],
)
def test_error_is_one_line_and_leaves_no_file(project, tmp_path, text, form, message):
    append(project, text)
    with pytest.raises(GeError, match=message) as caught:
        render_project(project, tmp_path / "out", [form], "embedded", only=["report"])
    assert "\n" not in str(caught.value)
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


def test_font_of_the_requirements_missing(project, tmp_path, monkeypatch):
    found = typst.Fonts
    monkeypatch.setattr(typst, "Fonts", lambda include_system_fonts, **options: found(include_system_fonts=False, **options))
    next((project / "fonts").glob("NotoSans*")).unlink()
    with pytest.raises(GeError, match="no font Noto Sans CJK SC in .*; install the requirements again"):
        render_project(project, tmp_path / "out", ["pdf"], "embedded", only=["report"])


def test_quarto_named_but_not_installed(project, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("QUARTO_PATH", raising=False)
    with pytest.raises(GeError, match="Quarto is not installed"):
        render_project(project, tmp_path / "out", ["html"], "quarto")


def test_unknown_engine(project, tmp_path):
    with pytest.raises(GeError, match="unknown engine 'word'"):
        render_project(project, tmp_path, ["html"], "word")
