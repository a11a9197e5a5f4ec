"""The names that the chapters' templates use, with what each is; docs/chapters.md is made from them."""

from collections.abc import Callable

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

# What each value is, and where it is from.
VALUES: dict[str, tuple[str, Callable[[Facts, Register], object]]] = {
    "city": ("Name of the city", lambda facts, _: facts.params.study.city),
    "client": ("Who the report is for", lambda facts, _: facts.params.study.client),
    "year": ("Study year", lambda facts, _: facts.study.year),
    "period": ("`Year`: the year's periods, unit and figures about the city", lambda facts, _: facts.params.year),
    "params": ("All parameters, a part for each file of `params/<year>/`", lambda facts, _: facts.params),
    "method": ("The method, a part for each file of `params/<year>/method/`", lambda facts, _: facts.params.method),
    "synthetic": ("Whether the data are the demonstration's", lambda facts, _: facts.study.synthetic),
    "all_counties": ("Every `County`, in administrative order", lambda facts, _: facts.all_counties),
    "counties": ("Those with results", lambda facts, _: facts.counties),
    "missing": ("Those without, each with the reason", lambda facts, _: facts.missing),
    "noun": ("What the counties are called together (县（市、区）)", lambda facts, _: facts.params.county_noun),
    "grids": ("Each `Grid`, with the list of its counties", lambda facts, _: facts.counties_by_grid()),
    "registry": ("Labels and units: `registry.indicators`, `registry.fields`, `registry.codes`", lambda *_: registry()),
    "problems": ("Every `Problem`, in the order of the register", lambda _, register: register.problems),
    "measures": ("`register.themes()`", lambda _, register: register.themes()),
    "practices": ("Good practice, each a `Finding`", lambda facts, _: facts.practices),
    "found": ("`register.found`", lambda _, register: register.found),
}
FIGURES = (  # methods of `Facts`
    *("num", "cases", "share", "value", "known", "n", "change", "moved", "where", "those", "without"),
    *("names", "said", "national", "concerned", "grid_of", "records"),
)
WORDS: dict[str, Callable[..., object]] = {
    "label": label,
    "ordinal": text.chinese_number,
    "enumerated": text.enumerated,
    "sentence": text.sentence,
    "listed": text.listed,
    "day": text.chinese_date,
    "span": text.span,
    "percent": text.percent,
    "entry": markup.entry,
}
OBJECTS = {"rows": Rows, "comparisons": Comparisons, "money": Money, "years": Years, "b_ready": BReady}
WITH_REGISTER = {"brief": Brief, "summary": Summary, "evidence": Evidence, "voices": Voices}


def study_names(facts: Facts) -> dict[str, object]:
    """Return the names that a chapter may use, except those of its `Book`.

    Parameters
    ----------
    facts : Facts
        The study's figures.
    """
    register = Register(facts)
    return {
        "register": register,
        **{name: of(facts, register) for name, (_, of) in VALUES.items()},
        **{name: getattr(facts, name) for name in FIGURES},
        **WORDS,
        **{name: made(facts) for name, made in OBJECTS.items()},
        **{name: made(facts, register) for name, made in WITH_REGISTER.items()},
    }
