"""The names that the chapters' templates use."""

from ge_analysis.report import markup, text
from ge_analysis.report.b_ready import BReady
from ge_analysis.report.brief import Brief
from ge_analysis.report.comparisons import Comparisons
from ge_analysis.report.evidence import Evidence
from ge_analysis.report.facts import Facts
from ge_analysis.report.money import Money
from ge_analysis.report.register import Register
from ge_analysis.report.rows import Rows
from ge_analysis.report.summary import Summary
from ge_analysis.report.voices import Voices
from ge_analysis.report.years import Years
from ge_analysis.settings.registry import label, registry


def study_names(facts: Facts) -> dict[str, object]:
    """Return the names that a chapter may use, except those of its `Book`.

    Parameters
    ----------
    facts : Facts
        The study's figures.
    """
    study, register = facts.params.study, Register(facts)
    return {
        "city": study.city,
        "client": study.client,
        "year": facts.study.year,
        "period": facts.params.year,
        "params": facts.params,
        "method": facts.params.method,
        "synthetic": facts.study.synthetic,
        "all_counties": facts.all_counties,
        "counties": facts.counties,
        "missing": facts.missing,
        "noun": facts.params.county_noun,
        "grids": {grid: [county for county in facts.all_counties if county.grid == grid.code] for grid in facts.params.grids},
        "registry": registry(),
        "label": label,
        **{
            name: getattr(facts, name)
            for name in (
                "grid_of",
                "value",
                "known",
                "n",
                "num",
                "cases",
                "share",
                "change",
                "moved",
                "where",
                "without",
                "records",
                "names",
                "those",
                "said",
                "national",
            )
        },
        "rows": Rows(facts),
        "comparisons": Comparisons(facts),
        "brief": Brief(facts, register),
        "summary": Summary(facts, register),
        "facts_named": facts.named_of,
        "money": Money(facts),
        "years": Years(facts),
        "evidence": Evidence(facts, register),
        "b_ready": BReady(facts),
        "voices": Voices(facts, register),
        "ordinal": text.chinese_number,
        "enumerated": text.enumerated,
        "register": register,
        "found": register.found,
        "problems": register.problems,
        "practices": facts.practices,
        "measures": register.themes(),
        "sentence": text.sentence,
        "entry": lambda number, title: markup.link(f"{number}  {title}", markup.anchor_of(number)),
        "listed": text.listed,
        "day": text.chinese_date,
        "span": text.span,
        "percent": text.percent,
    }
