"""A name that is mistyped anywhere is refused: with its file, its line and the nearest name."""

import re
import shutil
from html import escape
from inspect import signature

import nbformat
import numpy as np
import pandas as pd
import pytest
from edits import edit
from hand_study import ROOT, HandStudy, figure, whole
from jinja2 import UndefinedError
from matplotlib.figure import Figure
from test_report_project import make, text_of, written

import ge_analysis
from ge_analysis import Study
from ge_analysis.errors import GeError
from ge_analysis.figures import picture
from ge_analysis.indicators.long_table import select
from ge_analysis.report.book import Book
from ge_analysis.report.calls import attributes, unknown_among
from ge_analysis.report.context import study_names
from ge_analysis.report.facts import Facts
from ge_analysis.report.project import _environment, _rendered
from ge_analysis.settings.parameters import load
from ge_analysis.settings.registry import registry, value_codes


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> HandStudy:
    root = tmp_path_factory.mktemp("chapters")
    return make(root, whole(root))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('num("saidi_hours", area="urbn")', "'urbn'; did you mean urban?"),
        ('num("saidi_hours", "临线", area="all")', "'临线'; did you mean 临县?"),
        ('num("saidi_hours", "rural")', "saidi_hours has no single value without its area"),
        ('num("time_days")', "time_days has no single value without its voltage; name one: low, high"),
        ('num("saidi_hours", area="all", voltage="low")', "saidi_hours is not split by voltage"),
        ('num("time_days", voltage="high", by="urban_rural", group="ruraal")', "'ruraal'; did you mean rural?"),
        ('known("survey_mean", item="paymnt")', "'paymnt'; did you mean payment?"),
        ('value("demand_count", item="smart_metr")', "'smart_metr'; did you mean smart_meter?"),
        ('n("index_item", item="tarif")', "'tarif'; did you mean tariff?"),
        ('those("time_days", ">", 30, voltage="hihg")', "'hihg'; did you mean high?"),
        ('where("time_days", "=>", 30, voltage="high")', "unknown comparison '=>'; did you mean >"),
        ('names(without("scor", voltage="low"))', "'scor'; did you mean score?"),
        ('found("reliabilty")', "unknown topic 'reliabilty'; did you mean reliability?"),
        ("found()", "found() has no topic"),
        ('num("survey_mean", item="payment", by="industry", group="采矿业")', "unknown code of group (industry) '采矿业'"),
        ('num("cemi_pct", item="2")', "unknown code of item (cemi_from) '2'; known: 1, 3, 6"),
        ("rows.reliabilty", "unknown name 'rows.reliabilty'; did you mean rows.reliability?"),
        ("comparisons.targts()", "unknown name 'comparisons.targts'; did you mean comparisons.targets?"),
        ("period.report_dat.year", "'period.report_dat'; did you mean period.report_date?"),
        ("params.study.cty", "unknown name 'cty'; did you mean city?"),
        ("problems[0].titel", "unknown name 'titel'; did you mean title?"),
        ("counties[13]", "has no 13"),
        ('names("linxian")', "names(): counties cannot be 'linxian'; write names(counties, last)"),
        ("register.ref()", "ref(): missing a required argument: 'rule'; write ref(rule, more)"),
        ('label("area", "urbn")', "'urbn'; did you mean urban?"),
        ('label("aera", "urban")', "'aera'; did you mean area?"),
        ('rows.largest("hour_customers", "cuase", 3, area="all")', "'cuase'; did you mean cause?"),
        ('rows.measured("biling")', "'biling'; did you mean billing?"),
        ('voices.demands("paymnt")', "'paymnt'; did you mean payment?"),
        ('money.tariffs("stat")', "unknown grid 'stat'; did you mean state?"),
        ('register.ref("card_metres")', "unknown problem 'card_metres'; did you mean card_meters?"),
        ('records("tariffs", "linxain")', "'linxain'; did you mean linxian?"),
        ('ref("图3-1")', "'图3-1' is not the number"),
        ('table("图 9-9", "题", ["甲"], [])', "'图 9-9' is not the number of a table"),
        ('table("表 9-9", "", ["甲"], [])', "表 9-9 has no title"),
        ('table("表 9-9", "题", ["甲"], [["1", "2"]])', "a row has 2 cells, the header 1"),
        ('table("表 9-9", "题", ["甲", "乙"], [["1"]])', "a row has 1 cells, the header 2"),
        ('table("表 2-1", "又一张", ["甲"], [])', "表 2-1 is set twice"),
        ('figure("图 3-1", "又一幅", "figures/grades", alt="…")', "图 3-1 is set twice"),
    ],
)
def test_a_mistyped_name_in_a_chapter_is_refused_with_its_line(study, call, said):
    chapter = study.paths.report / "chapters" / "95-more.qmd.j2"
    chapter.write_text(f"# 附录六 {{#fulu-liu}}\n\n{{{{ {call} }}}}\n", encoding="utf-8")
    try:
        with pytest.raises(GeError, match=rf"^95-more\.qmd\.j2 line 3: .*{re.escape(said)}"):
            written(study)
    finally:
        chapter.unlink()


def test_a_branch_that_is_not_taken_is_checked_too(study):
    chapter = study.paths.report / "chapters" / "95-more.qmd.j2"
    chapter.write_text(
        '# 附录六 {#fulu-liu}\n\n{% if false %}\n{{ num("time_days", voltage="hihg") }}{% endif %}\n', encoding="utf-8"
    )
    try:
        with pytest.raises(GeError, match=r"^95-more\.qmd\.j2 line 4: .*'hihg'; did you mean high\?"):
            written(study)
    finally:
        chapter.unlink()


def test_a_chapter_may_write_chinese_names(study):
    chapter = study.paths.report / "chapters" / "95-more.qmd.j2"
    chapter.write_text('# 附录六 {#fulu-liu}\n\n甲{{ num("saidi_hours", "临县", area="农村") }}乙\n', encoding="utf-8")
    try:
        assert "甲16.25乙" in text_of(written(study))
    finally:
        chapter.unlink()


def test_problems_reported_before_are_not_denied_later(study):
    chapter = study.paths.report / "chapters" / "95-more.qmd.j2"
    chapter.write_text('# 附录六 {#fulu-liu}\n\n甲{{ found("connection") }}乙\n', encoding="utf-8")
    try:
        assert re.search(r"甲已在前文列出（问题\d.*）。乙", text_of(written(study)))
    finally:
        chapter.unlink()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("结论.qmd.j2", "结论.qmd.j2 in report/chapters is not a chapter; call it NN-NAME.qmd.j2"),
        ("96-conclusion.md", "96-conclusion.md in report/chapters is not a chapter"),
        ("51-more.qmd.j2", "two chapters have the number 51: 51-more and 51-targets"),
    ],
)
def test_a_file_that_is_not_a_chapter_is_refused(study, name, said):
    file = study.paths.report / "chapters" / name
    file.write_text("字\n", encoding="utf-8")
    try:
        with pytest.raises(GeError, match=re.escape(said)):
            written(study)
    finally:
        file.unlink()


LONG = pd.DataFrame(
    [figure(county, "saidi_hours", hours, area=area) for county, area, hours in (("linxian", "rural", 16), ("city", "urban", 4))]
)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({"area": "rurl"}, "'rurl'; did you mean rural?"),
        ({"area": "农寸"}, "did you mean 农村?"),
        ({"area": "rural", "county": "临线"}, "'临线'; did you mean 临县?"),
        ({"area": "rural", "county": "linxain"}, "did you mean linxian?"),
        ({"county": "linxian"}, "saidi_hours has no single value without its area"),
    ],
)
def test_select_refuses_mistypes(names, said):
    with pytest.raises(GeError, match=re.escape(said)):
        select(LONG, "saidi_hours", **names)


@pytest.mark.parametrize("county", ["linxian", "临县", "141124"])
def test_select_takes_chinese_names(county):
    assert select(LONG, "saidi_hours", area="农村", county=county)["value"].tolist() == [16]
    assert select(LONG, "saidi_hours", area="rural", county="兴县").empty  # a county without results


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("targets.yml", "counties: [lishi]", "counties: [lishii]", "'lishii'; did you mean lishi?"),
        ("targets.yml", "saidi_hours, area: rural", "saidi_hours, area: rurl", "'rurl'; did you mean rural?"),
        ("targets.yml", "national_target_hours.rural", "national_target_hours.rurl", "no number"),
        ("findings.yml", "index_item, item: deterrent", "index_item, item: deterent", "'deterent'; did you mean deterrent?"),
        ("findings.yml", "live_line_rate_pct, op", "live_line_rate_pct, area: all, op", "is not split by area"),
        ("findings.yml", "permit_days, voltage: high,", "permit_days,", "no single value without its voltage"),
        ("findings.yml", "${first_year}年目标", "${fist_year}年目标", "the text may use"),
        ("findings.yml", "${reliability.band_limits.1}", "${reliability.band_limit.1}", "no number 'reliability.band_limit.1'"),
    ],
)
def test_a_mistype_in_params_is_refused_with_its_line(tmp_path, file, old, new, said):
    shutil.copytree(ROOT / "params", tmp_path / "params")
    path = tmp_path / "params/2021" / file
    edit(path, old, new)
    with pytest.raises(GeError, match=rf"{re.escape(file)} line \d+: .*{re.escape(said)}"):
        load(tmp_path, 2021)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))]),
        "a: &a [*a]",
    ],
    ids=["bomb", "self"],
)
def test_an_alias_in_params_is_one_line(tmp_path, text):
    shutil.copytree(ROOT / "params", tmp_path / "params")
    path = tmp_path / "params/2021/targets.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GeError, match=rf"{re.escape(str(path))} line [12]: not valid YAML \(the alias \*a0? is not allowed\)"):
        load(tmp_path, 2021)


def test_every_code_of_an_indicator_s_keys_exists():
    # sets that the data or the parameters have
    open_sets = {"demand", "grid", "investor", "industry", "month", "plan_year", "year", "check_item", "economy"}
    open_sets |= {"feeder", "cemi_from", "celid_hours"}
    sets = registry().codes.keys() | open_sets
    for keys in registry().keys:
        for name, codes in keys.dimensions.items():
            if name == "by":
                assert {registry().groups.get(code, code) for code in codes} <= sets
            elif isinstance(codes, str):
                assert codes in sets, (keys.indicators, codes)


def test_a_changed_target_leaves_no_old_number(tmp_path):
    changes = {"reliability.yml": [("rural: 15}", "rural: 12}"), ("cut_pct: 8", "cut_pct: 7")]}
    changes["connection.yml"] = [("high: 30, high_utility", "high: 33, high_utility")]
    shutil.copytree(ROOT / "params", tmp_path / "params")
    for file, pairs in changes.items():
        for old, new in pairs:
            edit(tmp_path / "params/2021/method" / file, old, new)
    text = text_of(written(make(tmp_path, whole(tmp_path, params=load(tmp_path, 2021)))))
    text = text[: text.index("国际与国内先进经验")]
    assert "12小时以内或同比压减7%以上" in text and "33天" in text
    for stale in ("15小时以内", "压减8%", "同比压减8", "30天"):
        assert stale not in text, stale


@pytest.mark.parametrize("kind", ["figure", "axes", "array"])
def test_any_figure_of_matplotlib_is_saved_in_the_report_s_font(tmp_path, kind):
    drawn = Figure()
    axes = drawn.subplots(1, 2)
    axes[0].set_title("临县停电")
    axes[0].plot([-1, 1])
    picture.save({"mine": {"figure": drawn, "axes": axes[0], "array": axes}[kind]}, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"mine.svg", "mine.png"}
    assert {text.get_fontname() for text in drawn.findobj(lambda each: hasattr(each, "get_fontname"))} == {"Noto Sans CJK SC"}


@pytest.mark.parametrize("wrong", [None, 3, "图", np.array([])])
def test_an_invalid_figure_does_not_stop_the_others(tmp_path, wrong):
    with pytest.warns(UserWarning, match=r"figures\['wrong'\] is an? \w+ and was not saved"):
        picture.save({"wrong": wrong, "right": Figure()}, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"right.svg", "right.png"}


def test_repr_of_a_study_is_short_and_dir_lists_it():
    assert repr(Study.open(2021, ROOT)).startswith("Study(吕梁市 2021, 13 units, ")
    assert len(repr(Study.open(2021, ROOT))) < 200
    assert "Study" in dir(ge_analysis)


@pytest.mark.parametrize("name", ["county", "city"])
def test_a_name_in_a_notebook_s_heading_is_escaped(name):
    cells = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4).cells
    cell = next(each.source for each in cells if "Markdown(f" in each.source).splitlines()
    hostile = "<script>alert(1)</script>"

    class Named:
        name, code, city = hostile, "141124", hostile
        params = study = None
        year = 2021

        def grid(self):
            return Named

    Named.params = Named.study = Named
    names = {"Markdown": str, "escape": escape, "unit": Named, "study": Named, "year": 2021, "notice": "", "absent": hostile}
    shown = eval(cell[-1], names)
    assert hostile not in shown and escape(hostile) in shown


def test_labels_become_codes():
    assert value_codes("time_days", {"voltage": "高压", "by": "customer_class", "group": "居民"}) == {
        "voltage": "high",
        "by": "customer_class",
        "group": "residential",
    }


BARE = re.compile(r"has no attribute|takes \d|not (?:iterable|subscriptable|callable|supported)|unhashable|indices|NoneType")


def test_every_object_of_a_chapter_suggests_the_nearest_of_its_names(study):
    environment = _environment(study)
    names = study_names(Facts(study)) | Book(study.paths.report_build).names()
    environment.undefined = unknown_among(names)
    right = [*names, *(f"{name}.{each}" for name, value in names.items() for each in attributes(value))]
    wrong = []
    for name in right:
        if len(name) == 1:  # its last letter twice is as near to others
            continue
        with pytest.raises(UndefinedError) as error:  # the last letter twice: no other name is as near
            environment.from_string(f"{{{{ {name}{name[-1]} }}}}").render(names)
        if f"did you mean {name}?" not in str(error.value):
            wrong.append(str(error.value))
    assert {"rows.reliability", "comparisons.targets", "register.ref", "period.report_date", "book.figure"} & {*right}
    assert wrong == []


ANYTHING = ("sentence", "listed", "book.linked", "book.lost")  # take any text, or any things


def called(name: str, helper: object) -> list[tuple[str, object]]:
    """The functions that a chapter calls by a name: one, or the methods of an object of the report."""
    if callable(helper):
        return [(name, helper)]
    if not type(helper).__module__.startswith("ge_analysis.report"):
        return []
    methods = ((method, getattr(helper, method)) for method in dir(helper) if not method.startswith("_"))
    return [(f"{name}.{method}", function) for method, function in methods if callable(function)]


def test_every_helper_of_a_chapter_refuses_wrong_arguments_in_one_line(study):
    chapter = study.paths.report / "chapters" / "95-more.qmd.j2"
    environment, facts, book = _environment(study), Facts(study), Book(study.paths.report_build)
    environment.cache = None
    names = study_names(facts)
    wrong, helpers = [], [each for name, helper in (names | book.names()).items() for each in called(name, helper)]
    try:
        for name, function in helpers:
            parameters = signature(function).parameters.values()
            needed = [one for one in parameters if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]
            bad = ["no_such_argument=1", "1, 2, 3, 4, 5, 6, 7, 8, 9"]
            bad += [""] if needed else []
            bad += ["none", "[1]", '"linxain"'] if needed and needed[0].annotation is not object and name not in ANYTHING else []
            for arguments in bad:
                chapter.write_text(f"字\n{{{{ {name}({arguments}) }}}}\n", encoding="utf-8")
                try:
                    said = _rendered(environment, "95-more", names, book)
                except GeError as error:
                    said = str(error)
                if not said.startswith("95-more.qmd.j2 line 2: ") or BARE.search(said):
                    wrong.append((f"{name}({arguments})", said))
    finally:
        chapter.unlink()
    assert len(helpers) > 100
    assert wrong == [], "\n".join(map(str, wrong))
