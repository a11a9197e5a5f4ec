"""Texts of the terminal, in English and in Chinese."""

import ast
import ctypes
import errno
import gettext
import os
import re
import string
import sys
from collections.abc import Iterator
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo

from ge_analysis.cli import main
from ge_analysis.cli.app import app
from ge_analysis.errors import GeError, unknown
from ge_analysis.handbook import catalogue
from ge_analysis.language import DOMAIN, LOCALES, by_word, choose, counted
from ge_analysis.settings import parameters
from ge_analysis.settings.yaml_files import read_yaml
from ge_analysis.storage.files import cannot_read, cannot_use, cannot_write

PACKAGE = LOCALES.parent
MODULES = sorted(PACKAGE.rglob("*.py"))
# Calls whose texts a user reads.
SAYS = {
    *("GeError", "unknown", "validated", "ValueError", "DiskFullError", "UnreadableError"),
    *("BadParameter", "warn", "print", "_say", "prompt", "Table"),
}
NAMES = ("'MB'", 'f"ge {', 'f"  params/{')  # what begins so is names and values only
CHINESE = re.compile("[\u4e00-\u9fff]")
# Three English words in a row, none of which belongs to a name, a path or a command.
SENTENCE = re.compile(r"(?<![\w/.`-])[a-z]{2,} [a-z]{2,} [a-z]{2,}(?![\w/`-])")


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "zh_CN:en")


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """The text, or its singular and plural."""
    return (text,) if isinstance(text, str) else tuple(text)


def entries(of: Catalog) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The English and Chinese forms of each message, in the order of the English."""
    return sorted((forms(each.id), forms(each.string)) for each in of if each.id)


ENTRIES = entries(catalogue.read())


def test_catalogue_has_exactly_the_texts_of_the_code() -> None:
    kept = catalogue.read()
    assert {each.id for each in kept if each.id} == set(catalogue.all_messages())
    assert catalogue.text(catalogue.updated(kept)) == (catalogue.FOLDER / f"{DOMAIN}.po").read_bytes()


def test_no_message_lacks_its_chinese() -> None:
    assert [english for english, chinese in ENTRIES if not all(chinese) or english == chinese] == []


def test_compiled_catalogue_is_up_to_date() -> None:
    compiled = read_mo(BytesIO((catalogue.FOLDER / f"{DOMAIN}.mo").read_bytes()))
    assert entries(compiled) == ENTRIES


@pytest.mark.parametrize(("english", "chinese"), ENTRIES)
def test_a_translation_has_the_names_of_its_message(english: tuple[str, ...], chinese: tuple[str, ...]) -> None:
    def names(text: str) -> set[tuple[str, str | None]]:
        return {(name, form) for _, name, form, _ in string.Formatter().parse(text) if name}

    assert {frozenset(names(text)) for text in chinese} == {frozenset(names(text)) for text in english}


@pytest.mark.parametrize("chinese", [text for _, texts in ENTRIES for text in texts])
def test_chinese_has_chinese_marks(chinese: str) -> None:
    assert not re.search(
        "[\u4e00-\u9fff][,;:?!()]|[,;?!()][\u4e00-\u9fff]", re.sub("代码:简称:公司:电价表|名称:代码|键: 值", "", chinese)
    )


def untranslated(tree: ast.AST) -> Iterator[str]:
    """Yield the texts with words in them that a call which speaks to a user is given as they are."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] in SAYS:
            for given in call.args:
                parts = given.values if isinstance(given, ast.JoinedStr) else [given]
                words = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
                if any(re.search("[A-Za-z]{2,}", word) for word in words):
                    yield ast.unparse(given)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_what_a_user_reads_is_in_the_catalogue(path: Path) -> None:
    assert [text for text in untranslated(ast.parse(path.read_text(encoding="utf-8"))) if not text.startswith(NAMES)] == []


def test_an_untranslated_text_is_found() -> None:
    code = "GeError(f'{a} is {b}', _('c d'))\nout.print('some words')\nout.print(f'{a}: {b}')\nother('x y')"
    assert list(untranslated(ast.parse(code))) == ["f'{a} is {b}'", "'some words'"]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "找不到 a"),
        ({"LANG": "zh_TW"}, "找不到 a"),
        ({"LC_MESSAGES": "zh_CN.GBK", "LANG": "en_US.UTF-8"}, "找不到 a"),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "a is missing"),
        ({"LANGUAGE": "en", "LANG": "zh_CN.UTF-8"}, "a is missing"),
        ({"LANG": "de_DE.UTF-8"}, "a is missing"),
        ({}, "a is missing"),
    ],
)
def test_the_locale_chooses(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert gettext.dgettext(DOMAIN, "{path} is missing").format(path="a") == said


def test_a_choice_goes_before_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "de")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    choose("zh")
    assert counted(2, "error") == "2 个错误"
    choose("en")
    assert counted(2, "error") == "2 errors"
    choose()
    assert counted(1, "error") == "1 error"


@pytest.mark.usefixtures("chinese")
def test_errors_are_one_chinese_sentence() -> None:
    assert str(unknown("county", "临", ["临县", "方山县"])) == "找不到县“临”；是否指 临县？"
    assert str(unknown("county", "x", ["临县", "方山县"])) == "找不到县“x”；可用：临县、方山县"
    assert by_word("linxian table outages") == "linxian 表 outages"


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: x\n", "第 1 行：a：应为整数"),
        ("a: 1\na: 2\n", "第 2 行：不是有效的 YAML（键 a 重复）；请改正该行"),
        ("- 1\n", "第 1 行：（顶层）：应为“键: 值”的映射；请改正该条目"),
    ],
)
def test_a_mistake_in_a_file_is_explained_in_chinese(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.yml").write_text(text, encoding="utf-8")
    with pytest.raises(GeError) as error:
        read_yaml(tmp_path / "a.yml", dict[str, int])
    assert said in str(error.value)


BROKEN = [
    *("a: {b: 1", "a: [1, 2", "a: b: c", "a: @x", "\ta: 1", 'a: "x', 'a: "\\q"', "a: 1\n b: 2", "- a\nb: 1", "a: 1\n- b"),
    *("{a: 1}}", "!x!y a", "%YAML 1.1", "a: 'x\n...", "a: - b", "a: |x\n  b", "a: &", "a: ]", "x\x01y: 1", "a: 1\nb"),
    *("a: *b", "a: 1\na: 2"),
]
REFUSED = (errno.EACCES, errno.ENOENT, errno.ENOSPC, errno.EISDIR, errno.EROFS, errno.EMFILE, errno.EBUSY)


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("text", BROKEN)
def test_invalid_yaml_is_explained_in_chinese(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yml").write_text(f"{text}\n", encoding="utf-8")
    with pytest.raises(GeError) as error:
        read_yaml(tmp_path / "a.yml", dict[str, str])
    said = str(error.value).replace(str(tmp_path), "")
    assert "不是有效的 YAML" in said and not re.search("[a-z]{2,} [a-z]{2,}", said)


def test_a_quotation_that_does_not_end_is_found_where_it_begins(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text('a: 1\nb: "x\nc: 2\nd: 3\n', encoding="utf-8")
    with pytest.raises(GeError, match=r"a\.yml line 2: not valid YAML"):
        read_yaml(tmp_path / "a.yml", dict[str, str])


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("number", REFUSED)
def test_the_systems_refusal_is_chinese(number: int) -> None:
    error = OSError(number, os.strerror(number), "x")
    for said in (cannot_use(error), cannot_read(Path("x"), error), cannot_write(Path("x"), error)):
        assert CHINESE.search(str(said)) and not re.search("[A-Za-z]{2,} [a-z]{2,}", str(said))


class Typed(StringIO):
    """What a user types on a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.usefixtures("chinese")
def test_init_asks_in_chinese_until_it_can_use_the_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    grids = ["a:国网:国网宁州供电公司:宁江电网", "b:水电:宁州水电公司:宁江地方电网"]
    lines = ["宁州市", "宁江省", "明年", "2024", "", "lv", "", "", *grids, "", "东平区:990102", "石桥县:990122:b", ""]
    monkeypatch.setattr(sys, "stdin", Typed("\n".join(lines) + "\n"))
    said = ge(monkeypatch, capsys, "init", "study")
    assert "明年 不是年份" in said and not SENTENCE.search(said)
    params = parameters.load(tmp_path / "study")
    assert (params.study.client, params.year.statistical_unit) == ("宁州市能源局", "lv")
    assert [unit.grid for unit in params.counties] == ["a", "b"]
    assert params.year.survey_period.start == date(2023, 10, 1)


def ge(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run a command; return what it says."""
    monkeypatch.setattr(sys, "argv", ["ge", *words])
    with pytest.raises(SystemExit):
        main()
    said = capsys.readouterr()
    return said.out + said.err


COMMANDS = sorted(name.name or name.callback.__name__ for name in app.registered_commands if name.callback)


@pytest.mark.parametrize("command", [*COMMANDS, ""])
def test_help_is_in_one_language(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str) -> None:
    monkeypatch.setenv("LANGUAGE", "zh")
    chinese = ge(monkeypatch, capsys, *filter(None, [command]), "--help")
    assert CHINESE.search(chinese) and not SENTENCE.search(chinese)
    assert "Project-Id-Version" not in chinese  # what gettext has for an option without a text
    assert not re.search(r"Usage|Options|Commands|Arguments|\[default|required|OPTIONS", chinese)
    monkeypatch.setenv("LANGUAGE", "en")
    english = ge(monkeypatch, capsys, *filter(None, [command]), "--help")
    examples = "宁州市|宁江省|能源局|国网|代码|简称|公司|电价表|名称|电网代码"
    assert not CHINESE.search(re.sub(examples, "", english))


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["statu"], "错误：没有命令 'statu'，是否指 'status'？"),
        (["status", "--yaer", "1"], "错误：没有选项 --yaer（可用：--year）"),
        (["status", "--year"], "错误：选项 '--year' 需要一个值。"),
        (["status", "--year", "x"], "错误：'--year' 的值无效：应为整数"),
        (["status", "a"], "错误：多余的参数：a"),
        (["run", "--jobs", "0"], "错误：'--jobs' 的值无效：应大于或等于 1"),
        (["run", "--kernel", "x"], "错误：'--kernel' 的值无效：'x' 不在可选值 'warm', 'stock' 之中。"),
        (
            ["run", "--executor", "local", "--scheduler", "x"],
            "错误：值无效：只有 dask 才有调度器：请去掉 --executor local 或 --scheduler",
        ),
        (["new-year"], "错误：缺少参数 'YEAR'。"),
        (["--lang", "xx"], "错误：'--lang'（环境变量 'GE_LANG'） 的值无效：xx 不在可选值 en, zh 之中。"),
        (["report", "--keep", "gone.docx"], "错误：'--keep' 的值无效：没有文件 'gone.docx'"),
        (["report", "--keep", "."], "错误：'--keep' 的值无效：'.' 是文件夹"),
    ],
)
def test_a_wrong_command_line_is_answered_in_chinese(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    answer = ge(monkeypatch, capsys, *words)
    assert said in answer and not SENTENCE.search(answer)


def test_lang_is_for_one_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    assert "缺少参数 'YEAR'。" in ge(monkeypatch, capsys, "--lang", "zh", "new-year")


def test_the_limitations_are_as_many_in_both_languages(request: pytest.FixtureRequest) -> None:
    docs = request.config.rootpath / "docs"
    pages = [(docs / folder / "limitations.md").read_text(encoding="utf-8") for folder in ("", "zh")]
    english, chinese = (len(re.findall(r"^\* ", page, re.MULTILINE)) for page in pages)
    assert english == chinese > 0


@pytest.mark.parametrize(
    ("language", "variables", "said"),
    [(0x0804, {}, "2 个错误"), (0x0404, {}, "2 个错误"), (0x0409, {}, "2 errors"), (0x0804, {"LANG": "en_US"}, "2 errors")],
)
def test_windows_language_chooses_where_no_variable_does(
    monkeypatch: pytest.MonkeyPatch, language: int, variables: dict[str, str], said: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANGUAGE", "")  # so that it is what it was after the test
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    kernel = SimpleNamespace(GetUserDefaultUILanguage=lambda: language)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    choose()
    assert counted(2, "error") == said
