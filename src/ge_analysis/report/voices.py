"""The survey in sentences, for the chapter on the customers' view."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from ge_analysis.indicators import survey
from ge_analysis.report.markup import Markup, escape
from ge_analysis.report.register import Register
from ge_analysis.report.text import listed
from ge_analysis.settings.method import DemandCode
from ge_analysis.settings.parameters import County, Grid
from ge_analysis.settings.registry import code_in, label, printed

if TYPE_CHECKING:
    from ge_analysis.report.context import Facts

QUOTES_SHOWN = 2
DIFFERENCE = "survey_grid_difference_low"


class Voices:
    """Sentences about the survey: by grid, by industry, demands and anonymous quotes.

    Parameters
    ----------
    facts : Facts
        The study's figures.
    register : Register
        The problems behind the customers' demands.
    """

    def __init__(self, facts: "Facts", register: Register) -> None:
        self._facts = facts
        self._register = register
        self._quotes = survey.quotes(facts.study.pooled("survey"), method=facts.params.method.survey)

    def industries(self) -> list[str]:
        """Industries of the respondents, the most frequent first."""
        facts = self._facts
        named = [dims["group"] for dims in facts.dimensions("survey_respondents", by="industry")]
        names = [name for name in named if name.strip()]
        return sorted(names, key=lambda name: -facts.value("survey_respondents", by="industry", group=name))

    def silent(self) -> list[County]:
        """Counties with results but without respondents."""
        return self._facts.where("survey_respondents", "=", 0)

    def by_grid(self, aspect: str) -> str:
        """Compare the share of satisfied answers between the grids; empty if one has too few."""
        facts = self._facts
        first, *others = facts.params.grids
        shown = [first, *(grid for grid in others if facts.known(DIFFERENCE, item=aspect, by="grid", group=grid.code))]
        if len(shown) < 2:
            return ""
        shares = {grid: facts.num("survey_top2_share", item=aspect, by="grid", group=grid.code) for grid in shown}
        parts = "、".join(f"{grid.name}供区{share}%" for grid, share in shares.items())
        if len({*shares.values()}) == 1:
            return f"分供区看，{parts}，{'两者' if len(shown) == 2 else '各供区'}相同。"
        compared = "；".join(filter(None, (self._beside(grid, first, aspect, len(shown) == 2) for grid in shown[1:])))
        return f"分供区看，{parts}，{compared or '差异在抽样误差之内'}。"

    def _beside(self, grid: Grid, first: Grid, aspect: str, alone: bool) -> str:
        """Say which of two grids has the higher share, if the interval of their difference excludes zero."""
        low, high = (
            self._facts.value(f"survey_grid_difference_{side}", item=aspect, by="grid", group=grid.code)
            for side in ("low", "high")
        )
        if not (low > 0 or high < 0):
            return ""
        higher, lower = (first, grid) if low > 0 else (grid, first)
        return f"{higher.name}供区{'较高' if alone else f'高于{lower.name}供区'}，差异超出抽样误差"

    def by_industry(self, aspect: str) -> Markup:
        """Name the industries with the highest and lowest mean among those with enough answers; empty if all are equal."""
        facts = self._facts
        means: dict[str, list[str]] = {}  # keyed by the printed mean
        for industry in self.industries():
            dims = {"item": aspect, "by": "industry", "group": industry}
            if facts.n("survey_mean", **dims) >= facts.params.method.survey.smallest_shown_n:
                means.setdefault(printed("survey_mean", facts.value("survey_mean", **dims)), []).append(industry)
        if len(means) < 2:
            return Markup("")
        best, worst = (means[mean] for mean in (max(means, key=float), min(means, key=float)))
        highest, lowest = (
            facts.num("survey_mean", item=aspect, by="industry", group=industries[0]) for industries in (best, worst)
        )
        return Markup(f"分行业看，打分较高的是{listed(best)}（{highest}分），较低的是{listed(worst)}（{lowest}分）。")

    def demands(self, aspect: str) -> Markup:
        """Demands voiced in one aspect, by how many, and the share of the most frequent one in each grid."""
        facts = self._facts
        voiced = [(demand, facts.value("demand_count", item=demand.code)) for demand in self._coded(aspect)]
        voiced = sorted(((demand, number) for demand, number in voiced if number > 0), key=lambda pair: -pair[1])
        if not voiced:
            return Markup("受访者没有提出这一方面的诉求。")
        parts = [
            f"{escape(demand.label)}（{facts.num('demand_count', item=demand.code)}人，{self._register.answering(demand.code)}）"
            for demand, _ in voiced
        ]
        first = voiced[0][0]
        by_grid = {grid.name: {"item": first.code, "by": "grid", "group": grid.code} for grid in facts.params.grids}
        known = {name: dims for name, dims in by_grid.items() if facts.known("demand_share_pct", **dims)}
        shares = (f"{name}供区{facts.num('demand_share_pct', **dims)}%" for name, dims in known.items())
        compared = "、".join(shares) if len(by_grid) > 1 else ""
        first_by_grid = f"其中提出“{escape(first.label)}”的，{compared}。" if compared else ""
        return Markup(f"受访者希望：{'、'.join(parts)}。{first_by_grid}")

    def quotes(self, aspect: str) -> list[str]:
        """Return a few answers in the respondents' own words, with their industry and grid but neither name nor county."""
        said = self._quotes[self._quotes["code"].isin([demand.code for demand in self._coded(aspect)])]
        params = self._facts.params
        areas = {county.slug: f"，{params.grid(county.grid).name}供区" * (len(params.grids) > 1) for county in params.counties}
        return [
            f"“{row.quote}”——{self._trade(row)}受访者{areas[str(row.county)]}。"
            for row in said.drop_duplicates("quote").head(QUOTES_SHOWN).itertuples()
        ]

    def _trade(self, row: Any) -> str:
        return label("respondent_class", row.respondent_class) if pd.isna(row.industry) else row.industry

    def _coded(self, aspect: str) -> list[DemandCode]:
        aspect = code_in("aspect", aspect)
        return [demand for demand in self._facts.params.method.survey.demands if demand.aspect == aspect]
