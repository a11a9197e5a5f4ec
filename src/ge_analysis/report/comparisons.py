"""Rows of the tables that compare: with last year, with the targets, with other economies."""

from dataclasses import dataclass
from typing import cast

from ge_analysis.indicators.topics.reliability import CHANGES
from ge_analysis.report.facts import Facts
from ge_analysis.settings.registry import half_up, label, printed, registry

OUTAGES = ("saidi_hours", "saifi")  # other values of last year have a table of their own


@dataclass
class Comparisons:
    """Rows that compare places with last year, their targets and other economies."""

    facts: Facts

    def previous(self) -> list[list[object]]:
        """Last year's published SAIDI and SAIFI, this year's, and the change [%], by county and area with published values."""
        facts = self.facts
        rows: list[list[object]] = []
        for place, name in self._comparable():
            for area in registry().codes["area"]:
                if any(facts.known(CHANGES[indicator], place, area=area) for indicator in OUTAGES):
                    cells = [cell for indicator in OUTAGES for cell in self._compared(indicator, place, area)]
                    rows.append([name, label("area", area), *cells])
        return rows

    def previous_others(self) -> list[list[object]]:
        """Last year's other published values of all areas, this year's, and the change; scores have one row per voltage."""
        facts = self.facts
        rows: list[list[object]] = []
        for place, name in self._comparable():
            for indicator in CHANGES:
                if indicator not in OUTAGES and facts.known(f"{indicator}_before", place, area="all"):
                    title, change = registry().indicators[indicator].title, registry().indicators[CHANGES[indicator]].unit
                    rows.append([name, title, *self._compared(indicator, place, "all"), change])
            if facts.known("score_before", place):
                before, voltages = facts.num("score_before", place), registry().codes["voltage"]
                rows += [
                    [name, self._title("score", {"voltage": code}), before, facts.num("score", place, voltage=code), "—", "—"]
                    for code in voltages
                ]
        return rows

    def _comparable(self) -> list[tuple[str, str]]:
        """Places comparable with last year: the city only if no county is missing, as last year's city includes all."""
        facts = self.facts
        city = [] if facts.missing else [("city", "全市")]
        return [*((county.slug, county.name) for county in facts.counties), *city]

    def _compared(self, indicator: str, place: str, area: str) -> list[str]:
        """Last year's value, this year's and the change."""
        facts, change = self.facts, CHANGES[indicator]
        values = [facts.num(name, place, area=area) for name in (f"{indicator}_before", indicator)]
        if not facts.known(change, place, area=area):
            return [*values, "—"]
        grown = facts.value(change, place, area=area)
        sign = "+" if printed(change, grown) not in ("0", printed(change, -abs(grown))) else ""
        return [*values, str(facts.shown(f"{sign}{printed(change, grown)}", change, [place], area=area))]  # plain: + is escaped

    def targets(self) -> list[list[object]]:
        """Each yearly target, the counties that already reach it, and how, and those that do not yet."""
        facts = self.facts
        rows: list[list[object]] = []
        columns = ["indicator", "area", "voltage", "year", "target"]
        for key, part in facts.progress.groupby(columns, sort=False):
            indicator, area, voltage, year, aim = cast(tuple[str, str, str, int, float], key)
            dims = {name: code for name, code in (("area", area), ("voltage", voltage)) if code}
            reached = dict(zip(part["county"], part["met"], strict=True))
            concerned = [county for county in facts.counties if county.slug in reached]
            states = {county: facts.state(county, indicator, area, reached[county.slug]) for county in concerned}
            others = [county for county in facts.counties if county not in states and facts.known(indicator, county, **dims)]
            if said := facts.said(states, others):
                rows.append([self._title(indicator, dims), year, printed(indicator, aim), said])
        return rows

    def benchmark(self) -> list[list[object]]:
        """Economies of the international comparison, as published, and their scores."""
        rows = []
        for economy in self.facts.params.benchmark.economies:
            rows.append(
                [
                    economy.name,
                    f"{economy.procedures:g}",
                    f"{economy.time_days:g}",
                    f"{economy.cost_pct_income:g}",
                    f"{economy.index:g}",
                    f"{half_up(economy.saidi_hours, 2)}",
                    f"{half_up(economy.saifi, 2)}",
                    self.facts.num("benchmark_score", by="economy", group=economy.name),
                    economy.rank,
                ]
            )
        return [*rows, self._city_beside()] if self.facts.known("score", voltage="low") else rows

    def _city_beside(self) -> list[object]:
        """The city's own row in the international comparison, from the low-voltage case, which matches; without a rank."""
        facts, low = self.facts, {"voltage": "low"}
        cells = [facts.num(name, **low) for name in ("procedures", "time_days", "cost_pct_income")]
        cells += [facts.num("reliability_index"), *(facts.num(name, area="all") for name in ("saidi_hours", "saifi"))]
        return [f"{facts.params.study.city}（本报告，低压）", *cells, facts.num("score", **low), "—"]

    def _title(self, indicator: str, dimensions: dict[str, str]) -> str:
        """Label an indicator together with its dimensions and unit: 城区系统平均停电时间（小时/户）."""
        entry = registry().indicators[indicator]
        parts = [label(dimension, code) for dimension, code in dimensions.items() if code != "all"]
        return "".join(parts) + entry.title
