"""The survey in sentences, for the chapter on the customers' view."""

import pandas as pd

from ge_analysis.indicators import survey
from ge_analysis.ledgers.personal import MASK
from ge_analysis.report.facts import Facts
from ge_analysis.report.markup import Markup, escape
from ge_analysis.report.register import Register
from ge_analysis.report.text import listed
from ge_analysis.settings.method import DemandCode
from ge_analysis.settings.places import County, Grid
from ge_analysis.settings.registry import code_in, printed, registry

WISHES, PRAISES = 2, 1  # quoted of an aspect
DIFFERENCE, SATISFIED = "survey_grid_difference_low", "survey_top2_share"


class Voices:
    """Sentences about the survey: by grid, by industry, demands and anonymous quotes.

    Parameters
    ----------
    facts : Facts
        The study's figures.
    register : Register
        The problems behind the customers' demands.
    """

    def __init__(self, facts: Facts, register: Register) -> None:
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
        facts, aspect = self._facts, code_in("aspect", aspect)
        first, *others = facts.params.grids
        shown = [first, *(grid for grid in others if facts.known(DIFFERENCE, item=aspect, by="grid", group=grid.code))]
        if len(shown) < 2:
            return ""
        satisfied = {grid: {"item": aspect, "by": "grid", "group": grid.code} for grid in shown}
        parts = "、".join(f"{grid.name}供区{self._share(SATISFIED, dims)}" for grid, dims in satisfied.items())
        if len({printed(SATISFIED, facts.value(SATISFIED, **dims)) for dims in satisfied.values()}) == 1:
            return f"分供区看，{parts}，{'两者' if len(shown) == 2 else '各供区'}相同。"
        compared = "；".join(filter(None, (self._beside(grid, first, aspect, len(shown) == 2) for grid in shown[1:])))
        return f"分供区看，{parts}，{compared or '差异没有超出人数带来的误差'}。"

    def _share(self, indicator: str, dims: dict[str, str]) -> Markup:
        """Print a share with the number of those asked: "80%（10人）"."""
        return Markup(f"{self._facts.num(indicator, **dims)}%（{self._facts.cases(indicator, **dims)}人）")

    def _beside(self, grid: Grid, first: Grid, aspect: str, alone: bool) -> str:
        """Say which of two grids has the higher share, if the interval of their difference excludes zero."""
        low, high = (
            self._facts.value(f"survey_grid_difference_{side}", item=aspect, by="grid", group=grid.code)
            for side in ("low", "high")
        )
        if not (low > 0 or high < 0):
            return ""
        higher, lower = (first, grid) if low > 0 else (grid, first)
        return f"{higher.name}供区{'较高' if alone else f'高于{lower.name}供区'}，差异超出人数带来的误差"

    def by_industry(self, aspect: str) -> Markup:
        """Name the industries with the highest and lowest mean among those with enough answers; empty if all are equal."""
        facts, aspect = self._facts, code_in("aspect", aspect)
        means: dict[str, list[str]] = {}  # keyed by the printed mean
        for industry in self.industries():
            dims = {"item": aspect, "by": "industry", "group": industry}
            if facts.n("survey_mean", **dims) >= facts.params.method.survey.smallest_shown_n:
                means.setdefault(printed("survey_mean", facts.value("survey_mean", **dims)), []).append(industry)
        if len(means) < 2:
            return Markup("")
        best, worst = (self._rated(aspect, means[mean]) for mean in (max(means, key=float), min(means, key=float)))
        return Markup(f"分行业看，打分较高的是{best}，较低的是{worst}。")

    def _rated(self, aspect: str, industries: list[str]) -> Markup:
        """Name industries with the same mean: "采矿业（6人）4.50分"."""
        facts = self._facts
        dims = {industry: {"item": aspect, "by": "industry", "group": industry} for industry in industries}
        named = listed(Markup(f"{escape(name)}（{facts.cases('survey_mean', **of)}人）") for name, of in dims.items())
        return Markup(f"{named}{facts.num('survey_mean', **dims[industries[0]])}分")

    def demands(self, aspect: str) -> Markup:
        """Demands voiced in an aspect, by how many, and the share of the most frequent in each grid; empty where none is."""
        facts = self._facts
        voiced = [(demand, facts.value("demand_count", item=demand.code)) for demand in self._coded(aspect)]
        voiced = sorted(((demand, number) for demand, number in voiced if number > 0), key=lambda pair: -pair[1])
        if not voiced:
            return Markup("")
        parts = [
            f"{escape(demand.label)}（{facts.num('demand_count', item=demand.code)}人，{self._register.answering(demand.code)}）"
            for demand, _ in voiced
        ]
        first = voiced[0][0]
        by_grid = {grid.name: {"item": first.code, "by": "grid", "group": grid.code} for grid in facts.params.grids}
        known = {name: dims for name, dims in by_grid.items() if facts.known("demand_share_pct", **dims)}
        shares = (f"{name}供区{self._share('demand_share_pct', dims)}" for name, dims in known.items())
        compared = "、".join(shares) if len(by_grid) > 1 else ""
        first_by_grid = f"其中提出“{escape(first.label)}”的，{compared}。" if compared else ""
        return Markup(f"受访者希望：{'、'.join(parts)}。{first_by_grid}")

    def quotes(self, aspect: str) -> list[str]:
        """Return the commonest answers in the respondents' own words, with their trade but neither name nor county."""
        survey = self._facts.params.method.survey
        said = self._quotes[self._quotes["aspect"] == code_in("aspect", aspect)]
        said = said[~said["quote"].str.contains(MASK, regex=False)]  # a sentence with a gap quotes badly
        praised = said["code"].isin([code.code for code in survey.praise])
        chosen = [*_commonest(said[praised], PRAISES), *_commonest(said[~praised], WISHES)]
        return [self._quoted(said[said["quote"] == quote]) for quote in dict.fromkeys(chosen)]

    def _quoted(self, said: pd.DataFrame) -> str:
        """Quote one answer, with the trade that gave it most, and in how many counties it was heard if in several."""
        trades = said["industry"].fillna(said["respondent_class"].map(registry().codes["respondent_class"])).value_counts()
        counties = said["county"].nunique()
        heard = f"，{counties}个{self._facts.params.county_noun}有人提到" if counties > 1 else ""
        return f"“{said['quote'].iloc[0]}”——{trades.index[0]}{'等' * (len(trades) > 1)}受访者{heard}。"

    def _coded(self, aspect: str) -> list[DemandCode]:
        aspect = code_in("aspect", aspect)
        return [demand for demand in self._facts.params.method.survey.demands if demand.aspect == aspect]


def _commonest(said: pd.DataFrame, number: int) -> list[str]:
    """Return the answers heard in most counties; the first heard of those that are as common."""
    counted = said.drop_duplicates(["county", "quote"]).groupby("quote", sort=False).size()
    return counted.sort_values(ascending=False, kind="stable").index[:number].tolist()
