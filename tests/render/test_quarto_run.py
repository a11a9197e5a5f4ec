"""What a run of Quarto makes, refuses and leaves behind, with a stand-in that behaves as observed of Quarto."""

import subprocess
from pathlib import Path

import pytest
import yaml
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader

from ge_analysis.errors import GeError
from ge_analysis.report.render import render_project
from ge_analysis.report.source import engine_version

A4 = [595, 842]  # points
NOTICE = "本简报使用合成的演示数据"


def contents(project: Path) -> dict[str, bytes | None]:
    """Return all files of the project."""
    return {str(path.relative_to(project)): path.read_bytes() if path.is_file() else None for path in project.rglob("*")}


def test_documents_are_those_of_the_embedded_engine_and_nothing_is_left_behind(project, rendered, stand_in, tmp_path):
    before = contents(project)
    made = render_project(project, tmp_path / "out", ["docx", "pdf"])
    assert [path.name for path in made] == ["report.docx", "report.pdf", "linxian.docx", "linxian.pdf"]
    for path in made:
        ours = rendered / path.relative_to(tmp_path / "out")
        if path.suffix == ".docx":
            assert Document(str(path)).element.xml == Document(str(ours)).element.xml
        else:
            page = PdfReader(path).pages[0]
            assert [round(float(side)) for side in page.mediabox[2:]] == A4
            assert page.extract_text() == PdfReader(ours).pages[0].extract_text()
    assert contents(project) == before


def test_stand_in_takes_what_the_project_does_not_name_for_a_document_of_its_own(project, stand_in):
    settings = yaml.safe_load((project / "_quarto.yml").read_text(encoding="utf-8"))
    settings["project"]["render"] = ["report.qmd"]
    (project / "_quarto.yml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    brief = project / "counties" / "linxian.qmd"
    subprocess.run([stand_in, "render", brief, "--to", "docx"], check=True)
    assert not any(NOTICE in one.text for one in Document(str(brief.with_suffix(".docx"))).sections[-1].footer.paragraphs)
    assert (project / "counties" / ".quarto").is_dir()


@pytest.mark.parametrize("form", ["docx", "html", "pdf"])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("见[图 9-9](#tu-9-9)。", r"link to nowhere: \[图 9-9\]\(#tu-9-9\)"),
        ("![图](https://example.org/a.png)", "image from the network: https://example.org/a.png"),
        ("![](figures/bars.svg)", "image without alternative text: figures/bars.svg"),
        ("![图](figures/none.svg)", "none|not found"),
        ("::: {.compact}\n\n正文", r"\[WARNING\] Div at line \d+ column 1 unclosed"),
    ],
)
def test_fault_ends_the_run_in_one_line_that_names_it(project, stand_in, tmp_path, form, text, message):
    chapter = project / "chapters" / "02-findings.qmd"
    chapter.write_text(f"{chapter.read_text(encoding='utf-8')}\n{text}\n", encoding="utf-8")
    before = contents(project)
    with pytest.raises(GeError, match=message) as caught:
        render_project(project, tmp_path / "out", [form], "quarto", only=["report"])
    assert "\n" not in str(caught.value)
    assert contents(project) == before
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("#!/bin/sh\nprintf '\\033[31mERROR: no such thing\\033[39m\\n' >&2\nexit 1\n", "by Quarto: ERROR: no such thing;"),
        (
            "#!/bin/sh\necho ERROR: Include directive failed.\necho '  could not find file none.qmd.'\nexit 1\n",
            "by Quarto: could not find file none.qmd",
        ),
        ("#!/bin/sh\necho killed\nexit 137\n", "it ended with code 137: killed"),
        ("#!/bin/sh\nexit 0\n", "it made no file and gave no reason"),
        ("#!/none/such\n", "Quarto cannot be run"),
    ],
)
def test_quarto_that_fails_says_why(project, stand_in, tmp_path, script, message):
    stand_in.write_text(script, encoding="utf-8")
    with pytest.raises(GeError, match=message) as caught:
        render_project(project, tmp_path / "out", ["html"], "quarto", only=["report"])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("line", ["ERROR: cannot reach the update server", "error: 3 of 3 checks", "FATAL: none"])
def test_harmless_line_does_not_fail_a_run_that_made_the_file(project, stand_in, tmp_path, line):
    script = f"#!/bin/sh\necho '{line}'\necho page > \"${{2%.qmd}}.html\"\n"
    stand_in.write_text(script, encoding="utf-8")
    (made,) = render_project(project, tmp_path / "out", ["html"], "quarto", only=["report"])
    assert made.read_text(encoding="utf-8") == "page\n"


@pytest.mark.parametrize("line", ["ERROR (report.lua) link to nowhere: [x](#y)", "[WARNING] Could not fetch resource none.svg"])
def test_refusal_fails_a_run_that_made_the_file(project, stand_in, tmp_path, line):
    stand_in.write_text(f"#!/bin/sh\necho '{line}'\necho page > \"${{2%.qmd}}.html\"\n", encoding="utf-8")
    with pytest.raises(GeError, match="link to nowhere|Could not fetch"):
        render_project(project, tmp_path / "out", ["html"], "quarto", only=["report"])


@pytest.mark.parametrize("form", ["docx", "html", "pdf"])
@pytest.mark.parametrize(
    "text",
    [
        "```python\nprint(1)\n```",
        # a callout of Quarto's
        "```{=openxml}\n<w:tbl><w:tblPr/><w:tr><w:tc><w:p><w:r><w:t>注意</w:t></w:r></w:p></w:tc></w:tr></w:tbl>\n```",
    ],
)
def test_chapter_may_hold_code_and_a_table_without_columns(project, stand_in, tmp_path, form, text):
    chapter = project / "chapters" / "02-findings.qmd"
    chapter.write_text(f"{chapter.read_text(encoding='utf-8')}\n{text}\n", encoding="utf-8")
    (made,) = render_project(project, tmp_path / "out", [form], "quarto", only=["report"])
    if form == "docx" and "注意" in text:
        assert [cell.text for cell in Document(str(made)).element.body.tbl_lst[-1].iter(qn("w:t"))] == ["注意"]


@pytest.mark.parametrize("name", ["report", "counties/linxian"])
def test_word_file_made_by_hand_is_that_of_the_engine(project, rendered, stand_in, name):
    subprocess.run([stand_in, "render", project / f"{name}.qmd", "--to", "docx"], check=True)
    by_hand, ours = (Document(str(folder / f"{name}.docx")) for folder in (project, rendered))
    assert by_hand.element.xml == ours.element.xml
    for head in ("header", "footer"):
        one, other = (getattr(document.sections[-1], head)._element.xml for document in (by_hand, ours))
        assert one == other


def test_project_rendered_whole_by_hand_makes_the_documents_of_the_engine(project, rendered, stand_in):
    subprocess.run([stand_in, "render"], cwd=project, check=True)
    forms = {".docx", ".html", ".pdf"}
    made, ours = (
        {path.relative_to(folder).as_posix() for path in [*folder.glob("*"), *folder.glob("counties/*")] if path.suffix in forms}
        for folder in (project, rendered)
    )
    assert made == ours == {"report.docx", "report.html", "report.pdf", "counties/linxian.docx", "counties/linxian.pdf"}


def test_version_of_quarto_is_part_of_the_engine(stand_in, monkeypatch):
    assert engine_version("quarto") == "quarto 1.9.38"
    assert engine_version("embedded") == "embedded"
    monkeypatch.setenv("STAND_IN_VERSION", "1.10.18")
    engine_version.cache_clear()
    assert engine_version("quarto") == "quarto 1.10.18"
