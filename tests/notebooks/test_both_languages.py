"""Commands run in each language: nothing English in Chinese, nothing Chinese in English but names and issues."""

import re
import sys
from pathlib import Path

import pytest

from ge_analysis.cli import main

# As a user would work, with mistakes in between.
COMMANDS = (
    ["template"],
    ["check"],
    ["demo"],
    ["demo", "--if-missing"],
    ["status"],
    ["status", "--year", "1999"],
    ["ingest", "linxain"],
    ["ingest", "linxian"],
    ["trace", "linxian", "saidi_hours"],
    ["trace", "linxian", "customers"],
    ["publish"],
    ["publish", "--list"],
    ["diff"],
    ["doctor"],
    ["init", "params"],
    ["new-year", "2022"],
    ["new-year", "2022"],
)
IN_CHINESE = {("ingest", "linxian"), ("template",)}  # issues and names of workbooks: counties read them
SENTENCE = re.compile(r"(?<![\w/.`-])[a-z]{2,} [a-z]{2,} [a-z]{2,}(?![\w/`-])")
CHINESE = re.compile("[\u4e00-\u9fff]+")
NAMES = {"临县", "文水县", "吕梁市", "宁州市", "宁江省", "上年指标", "名称", "代码", "电网代码"}


def said(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str
) -> dict[tuple[str, ...], str]:
    """Return what each command says, run one after the other in a language."""
    monkeypatch.chdir(project)
    answers: dict[tuple[str, ...], str] = {}
    for words in COMMANDS:
        monkeypatch.setenv("LANGUAGE", language)
        monkeypatch.setattr(sys, "argv", ["ge", *words])
        with pytest.raises(SystemExit):
            main()
        output = capsys.readouterr()
        answers[(*words,)] = answers.get((*words,), "") + (output.out + output.err).replace(str(project), "")
    return answers


def test_no_command_speaks_english_in_chinese(project, monkeypatch, capsys) -> None:
    answers = said(project, monkeypatch, capsys, "zh")
    assert {words: found for words, text in answers.items() if (found := SENTENCE.findall(text))} == {}
    assert {words for words, text in answers.items() if not CHINESE.search(text)} == set()


def test_no_command_speaks_chinese_in_english(project, monkeypatch, capsys) -> None:
    answers = said(project, monkeypatch, capsys, "en")
    found = {words: set(CHINESE.findall(text)) - NAMES for words, text in answers.items() if words not in IN_CHINESE}
    assert {words: names for words, names in found.items() if names} == {}
