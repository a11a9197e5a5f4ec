"""`ge watch`: what it waits for, in which order it makes things, and that nothing is left of it."""

import openpyxl
import pytest
from runner_study import Program

from ge_analysis.cli.watch import rounds, worked_on

WATCH = """\
import sys
from pathlib import Path
from ge_analysis.report import build

def render(study, formats=build.Format):
    with open("rendered.txt", "a") as file:
        file.write(" ".join(formats) + "\\n")

build.render = render
from ge_analysis.cli import main
sys.argv[1:] = ["--lang", "en", "watch"]
main()
"""


def workbook(study):
    return sorted((study.paths.raw / "linxian").glob("*.xlsx"))[0]


@pytest.mark.parametrize("mark", ["~${}", ".~{}", ".~lock.{}#"])
def test_a_workbook_that_is_open_is_waited_for_and_named_once(study, capsys, mark):
    book = workbook(study)
    opened = book.with_name(mark.format(book.name))

    def batches():
        yield set()  # the start
        opened.touch()
        yield {opened}  # opened, and nothing saved
        yield {book}
        yield set()
        opened.unlink()
        yield {opened}
        yield set()

    assert list(rounds(study.paths, batches())) == [set(), {book}]
    assert capsys.readouterr().out.count(book.name) == 1


@pytest.mark.parametrize("written", [0, 1000])
def test_a_half_written_workbook_delays_all_changes(study, written):
    book, chapter = workbook(study), study.paths.report / "chapters" / "a.qmd.j2"
    whole = book.read_bytes()

    def batches():
        book.write_bytes(whole[:written])
        yield {book}
        yield {chapter}
        book.write_bytes(whole)
        yield set()

    assert list(rounds(study.paths, batches())) == [{book, chapter}]


def test_only_workbooks_are_waited_for(study):
    ole = b"\xd0\xcf\x11\xe0"  # also of a workbook with a password
    for name, content in {"a.xls": ole, "secret.xlsx": ole, "b.csv": b"PK", "c.xlsx": b"<html>"}.items():
        (study.paths.raw / "linxian" / name).write_bytes(content)
    assert not worked_on(study.paths.raw)


def test_a_saved_workbook_is_followed_by_the_page_and_then_the_documents(finished, monkeypatch):
    root, book = finished.paths.root, workbook(finished)
    rendered = root / "rendered.txt"
    program = Program(finished, program=WATCH, interruptible=True, cwd=root)
    program.wait_for("watching")
    program.wait_for("at the start: html after")
    before = finished.paths.results("linxian").joinpath("stamp.json").read_bytes()

    rendered.unlink()
    openpyxl.load_workbook(book).save(root / "saved.tmp")
    (root / "saved.tmp").replace(book)
    program.wait_for(f"data/raw/2021/linxian/{book.name}: html after")
    assert rendered.read_text().splitlines() == ["html", "docx pdf html"]
    assert finished.paths.tables("linxian").joinpath("stamp.json").read_bytes() != before

    parameters = root / "params" / "2021" / "year.yml"
    parameters.write_text(parameters.read_text(encoding="utf-8") + "# seen\n", encoding="utf-8")
    program.wait_for("watching")  # restarted
    program.interrupt()
    program.process.communicate()
    assert program.process.returncode == 0
    program.wait_until_all_are_gone()
    assert not list((root / ".ge").glob("ge-*"))
