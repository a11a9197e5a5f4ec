"""Figures and report compute nothing that an indicator should hold: their code is searched for counting and adding."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "ge_analysis"
COUNTING = {
    *("groupby", "sum", "mean", "median", "value_counts", "nunique", "crosstab", "pivot_table", "resample", "agg", "aggregate"),
    *("count", "quantile", "std", "bincount", "histogram", "cut", "cumsum", "corr", "Counter", "average", "nansum", "nanmean"),
}
TABLES = {"pooled", "table", "tables", "records", "tariffs_in_force", "quotes"}  # these return rows of ledgers
FORMULAS = "ge_analysis.indicators."
ALLOWED = {  # what each function does with what is forbidden to the others
    "report/voices.py Voices.__init__ quotes": "selects answers to be quoted",
    "report/voices.py Voices.__init__ pooled": "selects answers to be quoted",
    "report/evidence.py Evidence.__init__ pooled": "selects what the checklists say in words",
    "report/evidence.py Evidence._by_text groupby": "puts equal texts together, to name their counties once",
    "report/money.py Money.tariff_note tariffs_in_force": "selects source and day of the prices, which are no numbers",
    "report/money.py Money.tariff_note table": "selects source and day of the prices, which are no numbers",
    "report/years.py Years.more nunique": "whether more than one year has values without major event days",
    "report/docx.py _break_title count": "str.count",
    "report/docx.py _lay_table sum": "the width of a table",
    "report/facts.py Facts.records table": "hands rows of text to the chapters: policies",
    "report/comparisons.py Comparisons.targets groupby": "puts the counties of one target together, to name them",
    "report/book.py Book.table table": "lays out a table of the report",
    "report/build.py _keep count": "itertools.count",
    "report/build.py _set_aside count": "itertools.count",
    "report/captions.py _captions count": "itertools.count",
    "report/captions.py _lists groupby": "itertools.groupby",
    "report/docx.py _align_decimals count": "str.count",
    "report/docx.py _statistics sum": "words and characters of a file",
    "figures/money.py progress groupby": "puts the years of one target side by side",
    "figures/money.py resale cumsum": "edges of the parts of a tile",
    "figures/money.py resale sum": "whole width of a tile",
    "figures/outages.py causes cumsum": "the cumulated share of a Pareto chart, made from the rows that it shows",
    "figures/outages.py causes sum": "the cumulated share of a Pareto chart, made from the rows that it shows",
    "figures/b_ready.py pillars sum": "points of a pillar's parts, laid upon each other",
    "report/b_ready.py BReady.__init__ records": "answers and evidence of the checklist, as texts",
    "report/evidence.py Evidence._problems groupby": "texts of the checklist's problems, by item",
    "report/evidence.py Evidence.progress records": "what was done, as texts",
    "report/voices.py _commonest groupby": "quotations heard in most counties: no indicator holds texts",
    "report/voices.py Voices._quoted nunique": "the counties of a quotation",
    "report/voices.py Voices._quoted value_counts": "the trade that a quotation is most heard in",
    "report/rows.py Rows.corrections tables": "the folder of the corrections that were applied",
    "report/rows.py Rows.days pooled": "days of visits and checks, as texts",
    "figures/outages.py durations sum": "shares and tops of the bars, made from the rows that they show",
}
FORMULAS_USED = {
    f"ge_analysis.indicators.{name}"
    for name in (
        "arrays.without_noise",  # a comparison as the indicators make it
        "b_ready.scored",
        "b_ready.worth",  # which parts the scheme scores, and what a gap would earn
        "frequent.COUNTED",
        "frequent.FREQUENT",
        "periods.inside",
        "topics.frequent.BY",
        "topics.frequent.Judged",  # marks to draw
        "price.tariffs_in_force",
        "topics.reliability.CHANGES",  # names of the rows of last year
        "topics.years.WITHOUT",  # and of the years
        "topics.years.YEARLY",
    )
}


def counted(source: str, file: str) -> Iterator[str]:
    """Yield file, function and call of each call that counts, adds up or reads a ledger, and each import of a formula."""

    def walk(node: ast.AST, names: tuple[str, ...]) -> Iterator[str]:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names = (*names, node.name)
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            argument = ast.unparse(node.args[0]) if node.args else ""
            if called in COUNTING | TABLES or (called == "len" and any(f".{table}(" in argument for table in TABLES)):
                yield f"{file} {'.'.join(names)} {called}"
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(FORMULAS):
            yield from (f"{file} import {node.module}.{name.name}" for name in node.names)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, names)

    return walk(ast.parse(source), ())


def test_figures_and_report_compute_nothing_themselves():
    paths = sorted(path for room in ("figures", "report") for path in (PACKAGE / room).glob("*.py"))
    found = {
        call
        for path in paths
        for call in counted(path.read_text(encoding="utf-8"), path.relative_to(PACKAGE).as_posix())
        if " import ge_analysis.indicators.long_table." not in call
    }
    formulas = {call.split(" import ")[1] for call in found if " import " in call}
    assert formulas == FORMULAS_USED  # and `survey.quotes`, by its module
    assert {call for call in found if " import " not in call} == ALLOWED.keys()  # an entry without a call goes too


@pytest.mark.parametrize(
    "line",
    [
        "rows['county'].value_counts()",
        "sum(rows['n'])",
        "np.median(rows['days'])",
        "len(facts.pooled('survey'))",
        "facts.study.table('city', 'tariffs')",
    ],
)
def test_what_counts_is_found(line):
    assert list(counted(f"def f():\n    return {line}\n", "report/x.py"))
