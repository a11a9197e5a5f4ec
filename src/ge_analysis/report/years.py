"""Rows of the report's tables about earlier years: what was published of each, and what the year before handed over."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from ge_analysis.indicators.topics.years import WITHOUT, YEARLY
from ge_analysis.report.facts import Facts
from ge_analysis.review.differences import compared
from ge_analysis.review.pages import GRADES
from ge_analysis.settings.keys import DIMENSIONS, KEYS
from ge_analysis.settings.registry import dimension_labels, label, printed, registry

RANGE_FROM = 4  # years
_OF_ALL = {"area": ("", "all"), "kind": ("",), "by": ("",)}


@dataclass
class Years:
    """Rows about earlier years, as `Rows`."""

    facts: Facts

    @cached_property
    def known(self) -> list[str]:
        """The years of which a value of some place is known, this one included."""
        facts = self.facts
        places = [*facts.counties, "city"]
        return sorted({year for name in YEARLY.values() for place in places for year in facts.groups(name, "year", place)})

    @property
    def of_city(self) -> list[str]:
        """The years of which the city's SAIDI is known."""
        return self.facts.groups(YEARLY["saidi_hours"], "year")

    @property
    def more(self) -> bool:
        """Whether more is known of the years than the table of this year and the last already shows."""
        values = self.facts.study.indicators()
        without = values[values["indicator"].isin(YEARLY.values()) & (values["item"] == WITHOUT) & values["value"].notna()]
        return len(self.known) > 2 or without["group"].nunique() > 1

    def header(self) -> list[str]:
        """Header of the table of years."""
        return [
            self.facts.params.county_noun,
            "指标",
            *(f"{year}年" for year in self.known),
            *(["历年区间"] if len(self.known) >= RANGE_FROM else []),
        ]

    def courses(self) -> list[list[object]]:
        """SAIDI and SAIFI of each place over the years, of all areas, with and without major event days."""
        places = [*((county.slug, county.name) for county in self.facts.counties), ("city", "全市")]
        values = [(indicator, item) for indicator in YEARLY for item in ("", WITHOUT)]
        lines = [[name, *self._course(place, *value)] for place, name in places for value in values]
        return [line for line in lines if len(line) > 1]

    def _course(self, place: str, indicator: str, item: str) -> list[object]:
        """What a value is, its years, and its least and greatest where there are enough; [] where none is known."""
        facts, yearly = self.facts, YEARLY[indicator]
        of_year = {row["group"]: row for row in facts.dimensions(yearly, place, area="all", item=item)}
        values = {year: value for year, row in of_year.items() if (value := facts.value(yearly, place, **row)) == value}
        if not values:
            return []
        entry = registry().indicators[indicator]
        title = f"{entry.symbol}（{entry.unit}）" + (f"，{label('without', item)}" if item else "")
        shown = {year: facts.num(yearly, place, **of_year[year]) for year in values}
        cells: list[object] = [title, *(shown.get(year, "—") for year in self.known)]
        if len(self.known) >= RANGE_FROM:
            ends = [shown[end(values, key=lambda year: values[year])] for end in (min, max)]
            cells.append("～".join(ends) if len(values) >= RANGE_FROM else "—")
        return cells

    @cached_property
    def _changes(self) -> pd.DataFrame:
        """The values of this year and of the one before that differ in print, of all areas and kinds together."""
        study = self.facts.study
        then = study.before.handed_over() if study.before else None
        if then is None:
            return pd.DataFrame(columns=KEYS)
        found = compared(then, study.indicators(), study.params)
        found = found[found["then"].notna() & found["now"].notna() & (found["printed_then"] != found["printed_now"])]
        whole = pd.concat([found[name].isin(codes) for name, codes in _OF_ALL.items()], axis=1).all(axis=1)
        order = {name: number for number, name in enumerate(registry().indicators)}
        return found[whole].sort_values("indicator", key=lambda names: names.map(order), kind="stable")

    def city_changes(self) -> list[list[object]]:
        """Every indicator of the city that differs from the year before: then, now, the change, and how large it is."""
        return [self._change(line)[1:] for line in self._changes.to_dict("records") if line["county"] == "city"]

    def county_changes(self) -> list[list[object]]:
        """The large changes of each county's undivided indicators."""
        table = self._changes
        large = table[(table["grade"] == "large") & (table["item"] == "")] if len(table) else table
        return [
            self._change(line)
            for county in self.facts.counties
            for line in large[large["county"] == county.slug].to_dict("records")
        ]

    def _change(self, line: dict[Any, Any]) -> list[object]:
        indicator, dims = line["indicator"], {name: line[name] for name in DIMENSIONS if line[name]}
        divided = {name: code for name, code in dims.items() if code != "all"}
        title = "".join(dimension_labels(indicator, divided)) + registry().indicators[indicator].title
        now = self.facts.num(indicator, line["county"], **dims)
        moved = printed(indicator, line["change"])
        sign = "+" if line["change"] > 0 else ""
        name = self.facts.study.county(line["county"]).name if line["county"] != "city" else "全市"
        return [name, title, line["printed_then"], now, f"{sign}{moved}", GRADES[line["grade"]]]
