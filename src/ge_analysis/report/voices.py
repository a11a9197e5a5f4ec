"""What the customers said, for the chapter on how they see the service."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from ge_analysis.indicators import survey
from ge_analysis.report.markup import Markup, escape
from ge_analysis.report.text import listed
from ge_analysis.settings.method import DemandCode
from ge_analysis.settings.parameters import County, Grid
from ge_analysis.settings.registry import code_in, half_up, label

if TYPE_CHECKING:
    from ge_analysis.report.context import Facts

QUOTES_SHOWN = 2
DIFFERENCE = "survey_grid_difference_low"


class Voices:
    """The survey in sentences: by grid, by industry, demands and anonymous quotes.

    Parameters
    ----------
    facts : Facts
        The study's figures.
    """

    def __init__(self, facts: "Facts") -> None:
        self._facts = facts
        self._survey = facts.pooled("survey")
        self._quotes = survey.quotes(self._survey, method=facts.params.method.survey)

    def respondents(self) -> int:
        """Number of respondents."""
        return len(self._survey)

    def industries(self) -> list[str]:
        """Industries of the respondents, the most frequent first."""
        return [name for name in self._survey["industry"].dropna().value_counts().index if name.strip()]

    def silent(self) -> list[County]:
        """Counties that have results but no respondent."""
        heard = set(self._survey["county"])
        return [county for county in self._facts.counties if county.slug not in heard]

    def by_grid(self, aspect: str) -> str:
        """Compare the share of the satisfied between the grids; nothing where one of them has too few answers."""
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
        """Say which of two grids has the higher share, where the interval of their difference leaves out zero."""
        low, high = (
            self._facts.value(f"survey_grid_difference_{side}", item=aspect, by="grid", group=grid.code)
            for side in ("low", "high")
        )
        if not (low > 0 or high < 0):
            return ""
        higher, lower = (first, grid) if low > 0 else (grid, first)
        return f"{higher.name}供区{'较高' if alone else f'高于{lower.name}供区'}，差异超出抽样误差"

    def by_industry(self, aspect: str) -> Markup:
        """Name the industries with the highest and the lowest mean, of those with enough answers; nothing where all are alike."""
        facts = self._facts
        means: dict[str, list[str]] = {}  # by the mean as printed
        for industry in self.industries():
            dims = {"item": aspect, "by": "industry", "group": industry}
            if facts.n("survey_mean", **dims) >= facts.params.method.survey.smallest_shown_n:
                means.setdefault(facts.num("survey_mean", **dims), []).append(industry)
        if len(means) < 2:
            return Markup("")
        (highest, best), *_, (lowest, worst) = sorted(means.items(), key=lambda mean: -float(mean[0]))
        return Markup(f"分行业看，打分较高的是{listed(best)}（{highest}分），较低的是{listed(worst)}（{lowest}分）。")

    def demands(self, aspect: str) -> Markup:
        """Say which demands were voiced in one aspect, by how many, and by which share in each grid."""
        facts = self._facts
        voiced = [(demand, facts.value("demand_count", item=demand.code)) for demand in self._coded(aspect)]
        voiced = sorted(((demand, number) for demand, number in voiced if number > 0), key=lambda pair: -pair[1])
        if not voiced:
            return Markup("受访者没有提出这一方面的诉求。")
        parts = [f"{escape(demand.label)}（{half_up(number)}人）" for demand, number in voiced]
        first = voiced[0][0]
        shares = {
            grid.name: facts.value("demand_share_pct", item=first.code, by="grid", group=grid.code) for grid in facts.params.grids
        }
        known = {name: share for name, share in shares.items() if not pd.isna(share)} if len(shares) > 1 else {}
        compared = "、".join(f"{grid}供区{half_up(share, 1)}%" for grid, share in known.items())
        first_by_grid = f"其中提出“{escape(first.label)}”的，{compared}。" if compared else ""
        return Markup(f"受访者希望：{'、'.join(parts)}。{first_by_grid}")

    def quotes(self, aspect: str) -> list[str]:
        """Return a few answers in the respondents' own words, with their trade and grid but neither name nor county."""
        said = self._quotes[self._quotes["code"].isin([demand.code for demand in self._coded(aspect)])]
        params = self._facts.params
        areas = {county.slug: f"，{params.grid(county.grid).name}供区" * (len(params.grids) > 1) for county in params.counties}
        return [
            f"“{row.quote}”——{self._trade(row)}受访者{areas[str(row.county)]}"
            for row in said.drop_duplicates("quote").head(QUOTES_SHOWN).itertuples()
        ]

    def _trade(self, row: Any) -> str:
        return label("respondent_class", row.respondent_class) if pd.isna(row.industry) else row.industry

    def _coded(self, aspect: str) -> list[DemandCode]:
        aspect = code_in("aspect", aspect)
        return [demand for demand in self._facts.params.method.survey.demands if demand.aspect == aspect]
