"""From the chapters' templates to a Quarto project: report.qmd, chapters, county briefs and figures, all or nothing."""

import re
import shutil
from contextlib import suppress
from functools import cache
from itertools import pairwise
from pathlib import Path
from traceback import walk_tb
from types import CodeType
from typing import cast

import yaml
from jinja2 import BytecodeCache, Environment, FileSystemLoader, TemplateSyntaxError, nodes
from jinja2.bccache import Bucket

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.report import pictures, proofs
from ge_analysis.report.book import Book
from ge_analysis.report.calls import ChapterContext, unknown_among
from ge_analysis.report.context import study_names
from ge_analysis.report.facts import Facts
from ge_analysis.report.formats import Format
from ge_analysis.report.markup import escape
from ge_analysis.report.printed import Record
from ge_analysis.report.register import Register, check_topics
from ge_analysis.settings.places import County
from ge_analysis.settings.registry import label, value_codes
from ge_analysis.storage.files import whole_folder
from ge_analysis.study import Study

ENDING = ".qmd.j2"
CALLS = (
    "num",
    "cases",
    "share",
    "value",
    "known",
    "n",
    "where",
    "those",
    "without",
)  # those that begin with an indicator
LISTS = "01-lists"  # lists of figures and tables; rendered last, printed first
BRIEF = "county-brief"
SYNTAX = Environment(
    lstrip_blocks=True, keep_trailing_newline=True, comment_start_string="<!--", comment_end_string="-->"
)  # {#id} is the id of a heading
SYNTAX.filters["thousands"] = "{:,.10g}".format
_BLANKS = re.compile(r"\n\s*\n")  # left by template tags on lines of their own


def write_project(study: Study, build: Path) -> None:
    """Write the Quarto project of the report and of the county briefs.

    Parameters
    ----------
    study : Study
        A study with finished results of the counties and the city.
    build : Path
        Folder to create or replace, whole or not at all.

    Raises
    ------
    GeError
        For a mistyped name in a chapter (with chapter and line), a reference to a missing figure or table, a missing figure
        file, or a study without results.
    """
    with whole_folder(build) as staging:
        _write_documents(study, staging)
        proofs.write(study, staging)  # once what the chapters needed is out of memory


def _write_documents(study: Study, folder: Path) -> None:
    """Write the report, its chapters and the county briefs, with their figures and the record of their numbers."""
    environment = _environment(study)
    record = Record()
    facts = Facts(study, record)
    shared = study_names(facts)
    _copy_figures(study.paths.results("city"), folder / "figures")
    for county in facts.counties:  # below counties/, beside the briefs: an image must be under its document
        _copy_figures(study.paths.results(county.slug), folder / "counties" / "figures" / county.slug)
    book = Book(folder)
    names = _chapter_names(environment)
    _check_calls(environment)
    pictures.check(study.paths.report_sources, names)
    texts = {}
    for name in sorted(names, key=lambda name: (name == LISTS, name)):
        texts[name] = _rendered(environment, name, shared, book)
        texts[name] += pictures.after(name, names, study.paths.report_sources, book)
    cast(Register, shared["register"]).check()
    documents = {f"chapters/{name}.qmd": _linked(environment, name, texts[name], book) for name in names}
    includes = "\n\n".join(f"{{{{< include chapters/{name}.qmd >}}}}" for name in names)
    title = f"{study.params.study.city}优化营商环境“获得电力”专项提升报告"
    documents["report.qmd"] = _front(study, title, f"（{study.year}年）") + includes + "\n"
    for county in facts.counties:
        documents[f"counties/{county.slug}.qmd"] = _brief(study, environment, shared, county, folder / "counties")
    (folder / "chapters").mkdir()
    for name, text in documents.items():
        (folder / name).write_text(record.written(name, text), encoding="utf-8", newline="\n")
    record.write(folder)


def _brief(study: Study, environment: Environment, shared: dict[str, object], county: County, folder: Path) -> str:
    """Return one county's brief as a document of its own."""
    book = Book(folder)
    text = _linked(environment, BRIEF, _rendered(environment, BRIEF, shared, book, county=county, annex=False), book)
    # Quarto makes the formats that a document names, and all of the project's if it names none
    formats = {form.writer: "default" for form in Format if form.has_brief}
    front = _front(study, f"{county.name}“获得电力”简报", f"（{study.year}年）", brief=True, toc=False, format=formats)
    return front + text


def _front(study: Study, title: str, subtitle: str, **more: object) -> str:
    """Return the YAML block from which both engines' templates make cover, header and footer."""
    metadata = {
        "title": title,
        "subtitle": subtitle,
        "client": study.params.study.client,
        "date": study.params.year.report_date.isoformat(),
    } | more
    if study.synthetic:
        metadata["notice"] = "本报告数据为合成的演示数据，不反映任何地区、单位的真实情况"
    return f"---\n{yaml.safe_dump(metadata, allow_unicode=True, sort_keys=False)}---\n\n"


class _Compiled(BytecodeCache):
    """The chapters that this process has compiled: `ge watch` renders them again and again."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key, bucket.checksum] = bucket.code


COMPILED = _Compiled()


def _environment(study: Study) -> Environment:
    """Return the templates; the study or its year may override each by a file of the same name, or drop it by an empty one."""
    chapters = [source / "chapters" for source in reversed(study.paths.report_sources)]
    loader = FileSystemLoader([chapters[0] / str(study.year), *chapters])
    environment = SYNTAX.overlay(loader=loader, finalize=escape, bytecode_cache=COMPILED)
    environment.context_class = ChapterContext
    return environment


def _folders(environment: Environment) -> list[Path]:
    """Return the folders of the chapters: the year's own, then the study's own, then the package's."""
    return [*map(Path, cast(FileSystemLoader, environment.loader).searchpath)]


def _chapter_names(environment: Environment) -> list[str]:
    """Return the names of the chapters in order: templates whose names begin with two digits."""
    found = {path.name: path for folder in reversed(_folders(environment)) for path in folder.glob("[!.]*") if path.is_file()}
    files = {name for name, path in found.items() if path.stat().st_size}
    names = sorted(name.removesuffix(ENDING) for name in files if re.fullmatch(rf"\d\d-.+{re.escape(ENDING)}", name))
    for file in sorted(files - {f"{name}{ENDING}" for name in (*names, BRIEF)} - {"README.md"}):
        if not (file.startswith("_") and file.endswith(ENDING)):
            raise GeError(
                _("{file} in report/chapters is not a chapter", file=file),
                _("call it NN-NAME{ending}, or move it elsewhere", ending=ENDING),
            )
    for before, after in pairwise(names):
        if before[:2] == after[:2]:
            raise GeError(
                _("two chapters have the number {number}: {before} and {after}", number=after[:2], before=before, after=after),
                _("give one of them another number"),
            )
    return names


def _check_calls(environment: Environment) -> None:
    """Check the names in the chapters' calls, including those in branches that this study does not take."""
    loader = FileSystemLoader(_folders(environment))
    for file in environment.list_templates(filter_func=lambda name: name.endswith(ENDING) and "/" not in name):
        source, path = loader.get_source(environment, file)[:2]
        with suppress(TemplateSyntaxError):  # rendering reports where
            for call in _calls(source):
                try:
                    _check_call(call)
                except GeError as error:
                    raise GeError(
                        _("{path} line {line}: {error}", path=_shown(Path(path)), line=call.lineno, error=error),
                        _("correct the chapter"),
                    ) from error


@cache
def _calls(source: str) -> list[nodes.Call]:
    """Return the calls in a chapter."""
    return [*SYNTAX.parse(source).find_all(nodes.Call)]


def _check_call(call: nodes.Call) -> None:
    """Check the literals in a call; computed names are checked when the chapter is rendered."""
    name, plain = getattr(call.node, "name", ""), [each.value for each in call.args if isinstance(each, nodes.Const)]
    if name in CALLS and call.args and isinstance(call.args[0], nodes.Const):
        dims = {each.key: each.value.value for each in call.kwargs if isinstance(each.value, nodes.Const)}
        value_codes(plain[0], dims, part=call.dyn_kwargs is not None or len(dims) < len(call.kwargs))
    elif name == "label" and len(plain) == 2:
        label(*plain)
    elif name == "found" and len(plain) == len(call.args):
        check_topics(plain)


def _rendered(environment: Environment, name: str, names: dict[str, object], book: Book, **more: object) -> str:
    """Render one chapter; any error in it becomes one line with the chapter's file and line."""
    file = f"{name}{ENDING}"
    known = names | book.names() | more
    environment.undefined = unknown_among(known)
    try:
        text = environment.get_template(file).render(known)
    except TemplateSyntaxError as error:
        where = _shown(Path(error.filename or file))
        raise GeError(
            _("{path} line {line}: the template's syntax: {error}", path=where, line=error.lineno, error=error.message),
            _("correct the chapter"),
        ) from error
    except Exception as error:  # a consultant's expression may raise anything
        paths = {*map(str, _folders(environment))}
        places = [(Path(frame.f_code.co_filename), line) for frame, line in walk_tb(error.__traceback__)]
        lines = [f"{_shown(path)} line {line}" for path, line in places if str(path.parent) in paths]
        raise GeError(f"{lines[-1] if lines else file}: {error}", _("correct the chapter")) from error
    return _BLANKS.sub("\n\n", text)


def _linked(environment: Environment, name: str, text: str, book: Book) -> str:
    """Return a chapter whose references are links; one to nothing is one line with the chapter's file and line."""
    for lost in book.lost(text):
        file = f"{name}{ENDING}"
        source, path, _current = cast(FileSystemLoader, environment.loader).get_source(environment, file)
        line = next((number for number, line in enumerate(source.splitlines(), 1) if lost in line), 1)
        error = _("refers to {lost}, which no chapter sets", lost=lost)
        raise GeError(
            _("{path} line {line}: {error}", path=_shown(Path(path)), line=line, error=error), _("correct the number in `ref(…)`")
        )
    return book.linked(text)


def _shown(chapter: Path) -> str:
    """Name a chapter; a year's own one with its folder, since the name is not unique."""
    return f"{chapter.parent.name}/{chapter.name}" if chapter.parent.name.isdecimal() else chapter.name


def _copy_figures(results: Path, target: Path) -> None:
    """Copy the figures of one place into the project."""
    if not (results / "figures").is_dir():
        raise GeError(_("{path} is missing", path=results / "figures"), _("run `ge run`"))
    shutil.copytree(results / "figures", target)
