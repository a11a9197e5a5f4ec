"""The one-page summary: findings and numbers are ranked by their distance from the target times customers."""

from dataclasses import dataclass

import pandas as pd

from ge_analysis.findings import Problem
from ge_analysis.findings.targets import target_of
from ge_analysis.report.facts import Facts
from ge_analysis.report.markup import Markup
from ge_analysis.report.register import THEMES, Register
from ge_analysis.settings.dates import later_year
from ge_analysis.settings.places import County
from ge_analysis.settings.registry import label, printed, registry
from ge_analysis.settings.rules import Headline, number

FINDINGS, NUMBERS, DECISIONS = 5, 5, 3  # so many fit on the page


@dataclass
class Summary:
    """Findings, numbers and decisions of the summary."""

    facts: Facts
    register: Register

    def findings(self) -> list[Problem]:
        """Return the heaviest problem of each theme and then the heaviest of the others, ordered by number."""
        heavy = sorted(self.register.problems, key=lambda found: -found.weight)
        first = [next((found for found in heavy if found.topic in topics), None) for _, topics in THEMES.values()]
        chosen = [found for found in first if found]
        chosen += [found for found in heavy if found not in chosen][: FINDINGS - len(chosen)]
        return sorted(chosen[:FINDINGS], key=self.register.number)

    def decisions(self) -> list[Problem]:
        """Return the heaviest problems that need a decision of the client, ordered by number."""
        asking = [found for found in self.register.problems if found.decision]
        return sorted(sorted(asking, key=lambda found: -found.weight)[:DECISIONS], key=self.register.number)

    def numbers(self) -> list[list[object]]:
        """The numbers furthest from their targets: indicator, the year before, now, target."""
        facts = self.facts
        heavy = sorted(facts.params.findings.headlines, key=lambda entry: -self._weight(entry))[:NUMBERS]
        return [
            [
                self._title(entry),
                self._before(entry),
                facts.num(entry.indicator, **entry.dims),
                self._printed_target(entry),
            ]
            for entry in facts.params.findings.headlines
            if entry in heavy and facts.known(entry.indicator, **entry.dims)
        ]

    def _weight(self, entry: Headline) -> float:
        """Return distance (0 to 1) times customers, summed over the counties that miss the target."""
        weight = 0.0
        for county in self.facts.counties:
            value, target = self.facts.value(entry.indicator, county, **entry.dims), self._target(entry, county)
            short = value - target if entry.better == "lower" else target - value
            if short > 0:  # and both are known
                served = self.facts.value("customers_served", county, area="all")
                weight += min(1.0, short / target if target else 1.0) * (0.0 if pd.isna(served) else served)
        return weight

    def _target(self, entry: Headline, county: County) -> float:
        """Return the target that holds for a county; NaN without one."""
        params = self.facts.params
        if isinstance(entry.target, str):
            return target_of(params, entry, county, later_year(params.study_year, entry.target))
        return entry.target

    def _printed_target(self, entry: Headline) -> str:
        """Return the target, or the span of those of the counties."""
        known = sorted(target for county in self.facts.counties if not pd.isna(target := self._target(entry, county)))
        return "～".join(dict.fromkeys(printed(entry.indicator, end) for end in (known[0], known[-1])))

    def _before(self, entry: Headline) -> Markup | str:
        if "." in entry.before:
            return printed(entry.indicator, number(self.facts.params.method, entry.before))
        return self.facts.num(entry.before, **entry.dims) if entry.before else "—"

    def _title(self, entry: Headline) -> str:
        parts = [label(name, code) for name, code in entry.dims.items() if code != "all"]
        return f"{''.join(parts)}{registry().indicators[entry.indicator].title}"
