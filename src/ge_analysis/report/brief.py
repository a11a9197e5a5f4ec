"""What is particular about a county: its worst feeders and months, causes, differences from the city, and own measures."""

from dataclasses import dataclass
from itertools import zip_longest

from ge_analysis.findings import Problem
from ge_analysis.report.facts import Facts
from ge_analysis.report.markup import Markup, escape
from ge_analysis.report.register import Register
from ge_analysis.report.text import listed
from ge_analysis.settings.places import County
from ge_analysis.settings.registry import label, printed, registry

FEEDERS, MONTHS, DEPARTURES, ASPECTS = 5, 3, 10, 2  # at most so many are named
COMPARED = (  # figures in which a county may differ from the city
    *((name, {"area": area}) for area in ("urban", "rural", "all") for name in ("saidi_hours", "saifi")),
    *((f"feeder_{share}_pct", {"area": "all"}) for share in ("interconnected", "automated", "self_healing")),
    *(("live_line_rate_pct", {}), ("caidi_hours", {"area": "all"})),
    *((name, {"voltage": "high"}) for name in ("time_days", "cost_pct_income")),
    *(("time_days", {"voltage": "high", "by": "public_line_near", "group": group}) for group in ("near", "none")),
    *((name, {}) for name in ("red_line_pct", "smart_meter_pct", "online_payment_pct", "notice_sms_pct", "two_managers_pct")),
    *((name, {}) for name in ("call_back_pct", "record_system_pct", "repair_arrival_minutes", "reliability_index")),
    *(("survey_mean", {"item": aspect}) for aspect in registry().codes["aspect"]),
)


@dataclass
class Brief:
    """Sentences and rows of the counties' briefs."""

    facts: Facts
    register: Register

    def feeders(self, county: County) -> Markup:
        """Name the feeders with the most hour·customers, and the share of each."""
        worst = self._largest(county, "feeder", FEEDERS)
        return listed(Markup(f"{escape(name)}（{self._share(county, 'feeder', name)}）") for name in worst)

    def months(self, county: County) -> Markup:
        """Name the months with the most hour·customers, and the share of each."""
        worst = sorted(self._largest(county, "month", MONTHS))
        return listed(Markup(f"{int(month[5:])}月（{self._share(county, 'month', month)}）") for month in worst)

    def _largest(self, county: County, by: str, number: int) -> list[str]:
        values = {
            group: self.facts.value("hour_customers", county, area="all", by=by, group=group)
            for group in self.facts.groups("hour_customers", by, county)
        }
        return [group for group in sorted(values, key=lambda group: -values[group])[:number] if values[group] > 0]

    def _share(self, county: County, by: str, group: str) -> Markup:
        return self.facts.share("hour_customers", county, area="all", by=by, group=group)

    def causes(self, county: County) -> Markup:
        """Name the cause whose share lies furthest above the city's, with both; empty if none does, or only 其他."""
        facts = self.facts

        def share(place: object, cause: str) -> float:
            return facts.value("hour_customers", place, area="all", item=cause) / facts.value("hour_customers", place, area="all")

        above = {cause: share(county, cause) - share("city", cause) for cause in registry().codes["cause"] if cause != "other"}
        cause = max(above, key=lambda cause: (above[cause] > 0, above[cause]))
        if not above[cause] > 0:
            return Markup("")
        own, city = (facts.share("hour_customers", place, area="all", item=cause) for place in (county, "city"))
        return Markup(f"{label('cause', cause)}，占{own}（全市{city}）")

    def departures(self, county: County) -> list[list[object]]:
        """The figures furthest from the city's: indicator, value, and its share of the city's value; two per row.

        A part that is all of a figure, as where every case has a public line nearby, is not named beside it.
        """
        facts, far, seen = self.facts, {}, set()
        for number, (name, dims) in enumerate(COMPARED):
            own, city = facts.value(name, county, **dims), facts.value(name, **dims)
            if printed(name, own) != printed(name, city) and city and (name, dims.get("item"), own, city) not in seen:
                far[number] = abs(own - city) / abs(city)
            seen.add((name, dims.get("item"), own, city))
        known = [number for number in far if far[number] == far[number]]
        chosen = sorted(sorted(known, key=lambda number: -far[number])[:DEPARTURES])
        cells: list[list[object]] = [
            [self._title(name, dims), facts.num(name, county, **dims), facts.of_city(name, county, **dims)]
            for name, dims in (COMPARED[number] for number in chosen)
        ]
        half = (len(cells) + 1) // 2
        return [[*left, *right] for left, right in zip_longest(cells[:half], cells[half:], fillvalue=["", "", ""])]

    def _title(self, name: str, dims: dict[str, str]) -> str:
        entry = registry().indicators[name]
        group = {"near": "附近有公用线路", "none": "附近无公用线路"}.get(dims.get("group", ""), "")
        parts = [label(dim, code) for dim, code in dims.items() if dim in ("area", "voltage") and code != "all"]
        parts += [label("aspect", dims["item"])] if "item" in dims else []
        return f"{group}{''.join(parts)}{entry.symbol or entry.label}（{entry.unit}）"

    def own(self, county: County) -> list[tuple[int, Problem, Markup]]:
        """Return the problems that at most half of the counties have: number, problem, and the printed value (may be empty)."""
        few = [found for found in self.register.of(county) if len(found.counties) <= len(self.facts.counties) / 2]
        return [(self.register.number(found), found, self._value(county, found)) for found in few]

    def shared(self, county: County) -> str:
        """Return the numbers of the problems that most counties have, with runs abbreviated ("1～3、5")."""
        numbers = [self.register.number(found) for found in self.register.of(county)]
        many = [number for number in numbers if len(self.register.problems[number - 1].counties) > len(self.facts.counties) / 2]
        runs: list[list[int]] = []
        for number in many:
            if runs and number == runs[-1][-1] + 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        return "、".join(f"{run[0]}～{run[-1]}" if len(run) > 2 else "、".join(map(str, run)) for run in runs)

    def stages(self, county: County) -> Markup:
        """Name the stages of the high-voltage cases with their days, in order."""
        facts = self.facts
        dims = [{"voltage": "high", "item": stage} for stage in registry().codes["stage"]]
        known = [of_stage for of_stage in dims if facts.known("stage_days", county, **of_stage)]
        return listed(
            Markup(f"{label('stage', of_stage['item'])}{facts.num('stage_days', county, **of_stage)}天") for of_stage in known
        )

    def aspects(self, county: County) -> Markup:
        """Name the aspects rated lowest, with the city's mean; empty where too few answered or all are as in the city."""
        facts = self.facts
        least = facts.params.method.survey.smallest_shown_n
        aspects = [
            aspect for aspect in facts.params.method.survey.aspects if facts.n("survey_mean", county, item=aspect) >= least
        ]
        if not any(self._apart(county, aspect) for aspect in aspects):
            return Markup("")
        lowest = sorted(aspects, key=lambda aspect: facts.value("survey_mean", county, item=aspect))[:ASPECTS]
        return listed(
            Markup(
                f"{label('aspect', aspect)}{facts.num('survey_mean', county, item=aspect)}分"
                f"（{facts.cases('survey_mean', county, item=aspect)}人，全市{facts.num('survey_mean', item=aspect)}分）"
            )
            for aspect in lowest
        )

    def _apart(self, county: County, aspect: str) -> bool:
        """Whether a county's mean of an aspect is printed differently from the city's."""
        means = (self.facts.value("survey_mean", place, item=aspect) for place in (county, "city"))
        return len({printed("survey_mean", mean) for mean in means}) > 1

    def _value(self, county: County, found: Problem) -> Markup:
        """The county's value behind a problem; an item of the index does not count as a value."""
        rule = next(rule for rule in self.facts.params.findings.problems if rule.id == found.rule)
        if not found.measured or found.topic == "index":
            return Markup("")
        condition = rule.when[0]
        if not self.facts.known(condition.indicator, county, **condition.dims):
            return Markup("")
        unit = registry().indicators[condition.indicator].unit
        return Markup(f"{self.facts.num(condition.indicator, county, **condition.dims)}{unit}")
