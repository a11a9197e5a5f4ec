"""Every value of a small study recomputed from its rows; the parameters involved; what a trace shows."""

import json
import re
import subprocess
import sys
from datetime import date, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest
from hand_study import ROOT
from indicator_study import BOTH, CITY, COUNTIES, LEDGERS, PARAMS, POOLED, WHOLE
from resum import missing_or_wrong, remade

from ge_analysis.cli import review
from ge_analysis.errors import GeError
from ge_analysis.indicators.city import city_results
from ge_analysis.indicators.county import county_results
from ge_analysis.indicators.results import LINK_COLUMNS, QUOTED_COLUMNS
from ge_analysis.review.candidates import find, printed_numbers
from ge_analysis.review.definitions import definition, parameter
from ge_analysis.review.trace import Trace, trace
from ge_analysis.settings.keys import KEYS
from ge_analysis.settings.places import CITY as CITY_PLACE
from ge_analysis.settings.registry import registry
from ge_analysis.settings.yaml_files import read_yaml
from ge_analysis.storage.paths import Paths

ALL = COUNTIES | {CITY_PLACE: WHOLE}
TABLE = pd.concat([results.indicators for results in ALL.values()])
VALUES = TABLE.set_index(KEYS)["value"].to_dict()


@pytest.fixture
def study(tmp_path):
    """The small study with tables on disk, whose results are computed when asked for."""
    paths = Paths(tmp_path, 2021)
    for place, tables in (LEDGERS | {CITY_PLACE: CITY}).items():
        paths.tables(place).mkdir(parents=True)
        for name, table in tables.items():
            table.to_parquet(paths.tables(place) / f"{name}.parquet")
        (paths.tables(place) / "corrections.json").write_text("[]", encoding="utf-8")
    names = {"立石": "lishi"} | {place: place for place in ALL}
    return SimpleNamespace(paths=paths, year=2021, params=BOTH, place=names.__getitem__, compute=ALL.__getitem__)


@pytest.mark.parametrize("place", ALL)
def test_every_value_can_be_recomputed_from_its_rows(place):
    assert missing_or_wrong(ALL[place].indicators, remade(ALL[place], VALUES.__getitem__)) == []


def test_a_value_is_either_a_sum_or_follows_from_others():
    for results in ALL.values():
        assert list(results.links) == LINK_COLUMNS and list(results.quoted) == QUOTED_COLUMNS
        summed = set(results.rows[KEYS].astype("str").itertuples(index=False, name=None))
        assert summed.isdisjoint(results.links[KEYS].itertuples(index=False, name=None))


def test_every_indicator_has_one_definition():
    assert all(definition(name) for name in registry().indicators)


def changed(content: object) -> object:
    """The content with every number smaller and every day earlier."""
    if isinstance(content, dict):
        return {key: changed(inner) for key, inner in content.items()}
    if isinstance(content, list | tuple):
        return [changed(inner) for inner in content]
    if isinstance(content, date):
        return content - timedelta(days=70)
    return type(content)(content * 0.6) if isinstance(content, int | float) and not isinstance(content, bool) else content


YEAR, METHOD = PARAMS.year.model_dump(), PARAMS.method.model_dump()
PATHS = [("year", name) for name in YEAR] + [("method", file, name) for file in METHOD for name in METHOD[file]]


@pytest.mark.parametrize("path", [path for path in PATHS if path[-1] != "version"], ids=".".join)
def test_a_parameter_that_moves_a_value_is_named(path):
    content = {"year": YEAR, "method": METHOD}
    inner = content
    for step in path[:-1]:
        inner[step] = inner = dict(inner[step])
    inner[path[-1]] = changed(inner[path[-1]])
    try:
        params = PARAMS.model_copy(
            update={
                "year": type(PARAMS.year).model_validate(content["year"]),
                "method": type(PARAMS.method).model_validate(content["method"]),
                "counties": BOTH.counties,
            }
        )
    except ValueError:
        return  # no such parameters can be written
    counties = [
        county_results(tables, params, name, *map(CITY.get, ("index_items", "previous_indicators")))
        for name, tables in LEDGERS.items()
    ]
    long = pd.concat([results.indicators for results in counties])
    now = pd.concat([long, city_results(POOLED, long, CITY, params).indicators]).set_index(KEYS)["value"]
    before = TABLE.set_index(KEYS)["value"].reindex(now.index)
    moved = now.index[~((now == before) | (now.isna() & before.isna()))].get_level_values("indicator").unique()
    links = pd.concat([results.links for results in ALL.values()])
    of = links.groupby("indicator")["of_indicator"].agg(set).to_dict()
    for indicator in moved:
        family, new = set(), {indicator}
        while new:
            family, new = family | new, set().union(*(of.get(name, ()) for name in new)) - family
        named = {name for member in family for name in definition(member).parameters}
        dotted = ".".join(map(str, path))
        assert any(f"{dotted}.".startswith(f"{name}.") for name in named), (indicator, dotted)


def test_a_parameter_is_in_the_file_and_under_the_key_that_are_named():
    for name in {path for indicator in registry().indicators for path in definition(indicator).parameters}:
        found = parameter(PARAMS, 2021, name)
        content = read_yaml(ROOT / "params" / found.file, object)
        for step in found.key.split(".") if found.key else ():
            content = content[step]
        assert content is not None


def test_rows_say_what_their_workbook_says(study):
    found = trace(study, "lishi", "saidi_hours", area="rural")
    assert found.formula == "Σ分子 ÷ Σ分母 = 160 ÷ 10 = 16 小时/户"  # 8 h · 20 of 10 customers
    rows = found.table()
    step = rows[rows["table"] == "outages"].iloc[0]
    assert (step["source_file"], step["source_row"], step["contribution"]) == ("lishi.xlsx", 3, 16)
    assert step["said"].startswith(
        "事件编号 b；线路名称 北关线；区域类型 农村；停电类型 故障；停电原因 自然因素；停电开始时间 2020-07-01 08:00"
    )
    assert "外部影响 是" in step["said"]
    html = rows._repr_html_()
    assert "Σ分子 ÷ Σ分母" in html
    assert re.findall("<th>(.+?)</th>", html)[:5] == ["数值", "作用", "县（市、区）", "台账", "工作簿"]
    assert "<th>计入数值（小时/户）</th>" in html
    assert "<td>离石区</td>" in html
    assert "<td>停电事件</td>" in html
    assert "外部影响 是" in html
    assert "year.yml" in {each.file.rpartition("/")[2] for each in found.parameters}


def test_a_score_shows_what_it_follows_from(study):
    found = trace(study, "lishi", "score", voltage="low")
    assert found.formula == "(100 + 100 + 100 + 62.5) ÷ 4 = 90.625 分"
    names = [(branch.depth, branch.key[1]) for branch in found.tree if branch.key]
    assert names[:4] == [(0, "score"), (1, "score_procedures"), (2, "procedures"), (1, "score_time")]
    assert {row.table for row in found.rows} == {"connections", "outages", "customers", "index_items"}


def test_a_value_of_the_city_shows_its_counties(study):
    found = trace(study, CITY_PLACE, "reliability_index")
    assert [branch.key[0] for branch in found.tree if branch.depth == 1] == ["lishi", "wenshui"] * 2
    assert found.formula.endswith("= 5.5 分")


def test_a_missing_value_says_why(study):
    assert "no customers served" in trace(study, "lishi", "saidi_hours", area="centre").formula


def test_a_value_that_does_not_exist(study):
    with pytest.raises(GeError, match="lishi has no value of bill_yuan_per_kwh kind=business"):
        trace(study, "lishi", "bill_yuan_per_kwh", kind="business", voltage="1_10kv", by="grid", group="state")


def test_json_of_a_trace_holds_its_numbers(study, monkeypatch, capsys):
    monkeypatch.setattr(review, "open_study", lambda year: study)
    review.trace(["lishi", "saidi_hours"], area="rural", as_json=True)
    printed = json.loads(capsys.readouterr().out)
    found = trace(study, "lishi", "saidi_hours", area="rural")
    assert [printed[name] for name in ("n", "value")] == [found.line[name] for name in ("n", "value")]
    assert len(printed["rows"]) == len(found.rows)


def test_a_value_that_counts_nothing_has_no_n(study, monkeypatch, capsys):
    monkeypatch.setattr(review, "open_study", lambda year: study)
    review.trace(["lishi", "score"], voltage="low")
    assert "n — · 2020-01-01/2020-12-31 · " in capsys.readouterr().out


def test_corrections_of_a_row_and_of_its_sheet_are_named(study):
    entry = {"sheet": "停电事件", "workbook": "lishi.xlsx", "action": "override", "reason": "抄错"}
    entries = [entry | {"cell": "H3"}, entry | {"cell": "H4"}, entry | {"cell": "H9", "action": "drop"}]
    (study.paths.tables("lishi") / "corrections.json").write_text(json.dumps(entries), encoding="utf-8")
    found: Trace = trace(study, "lishi", "saidi_hours", area="rural")
    assert [each["cell"] for each in found.corrections] == ["H3", "H9"]  # row 4 is an outage of three minutes


NUMBERS = [
    ("36.20", "附表 2-1", "lishi", "saidi_hours", "all"),
    ("9.17", "附表 2-1", "lishi", "saifi", "all"),
    ("36.20", "", "wenshui", "saidi_hours", "rural"),
    ("1,200", "附表 2-10", "wenshui", "customers_served", "all"),
]


@pytest.fixture
def numbers(tmp_path):
    places = [
        {"text": text, "file": "31.qmd", "number": caption, "keys": [{"county": county, "indicator": name, "area": area}]}
        for text, caption, county, name, area in NUMBERS
    ]
    (tmp_path / "printed.json").write_text(json.dumps(places), encoding="utf-8")
    return printed_numbers(tmp_path)


@pytest.mark.parametrize(
    ("text", "county", "places"),
    [
        ("36.20", "", ["lishi", "wenshui"]),
        ("36.20", "lishi", ["lishi"]),
        ("1200", "", ["wenshui"]),
        ("附表2-1", "lishi", ["lishi", "lishi"]),
    ],
)
def test_printed_numbers_are_found_as_a_reader_writes_them(numbers, text, county, places):
    assert [number["county"] for number in find(numbers, text, county)] == places


@pytest.mark.parametrize(
    ("text", "county", "reported"),
    [
        ("1.5", "", "1.5 is not printed anywhere;"),
        ("36.20", "jiaokou", "is not printed anywhere for jiaokou"),
        ("附表 2-2", "", "did you mean 附表 2-1"),
    ],
)
def test_a_number_that_is_not_printed(numbers, text, county, reported):
    with pytest.raises(GeError, match=reported):
        find(numbers, text, county)


def test_no_record_of_printed_numbers(tmp_path):
    with pytest.raises(GeError, match="run `ge report`"):
        printed_numbers(tmp_path)


def test_a_trace_imports_neither_pandas_nor_readers_of_workbooks():
    program = "import sys, ge_analysis.review.trace, ge_analysis.review.candidates\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "pyarrow" in loaded
    assert not {"pandas", "openpyxl", "xlsxwriter", "pandera", "jieba", "ge_analysis.ledgers.reading", "matplotlib"} & {*loaded}
