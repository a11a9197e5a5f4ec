"""The study's figures, looked up by name, as the chapters' templates print them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import eq, ge, gt, le, lt
from typing import Any, TypeVar

import pandas as pd

from ge_analysis import findings
from ge_analysis.errors import unknown
from ge_analysis.findings.naming import named
from ge_analysis.indicators.arrays import without_noise
from ge_analysis.indicators.long_table import all_dimensions
from ge_analysis.language import N_
from ge_analysis.report import markup, text
from ge_analysis.report.printed import Key, Record
from ge_analysis.settings.keys import DIMENSIONS
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.places import County, Grid, slugs_of_places
from ge_analysis.settings.registry import MINUS, printed, registry, value_codes
from ge_analysis.settings.rules import Rule
from ge_analysis.study import Study

F = TypeVar("F", bound=findings.Finding)
WORDED = ("text", "measure", "start", "goal")  # texts of a finding that may contain numbers
BY_HOURS, BY_CUT, MET, UNMET = STATES = ("达标（按小时）", "达标（按压减）", "达标", "未达标")
COMPARE = {"<": lt, "<=": le, "=": eq, ">=": ge, ">": gt}


class Facts:
    """The study's figures, looked up by name.

    Parameters
    ----------
    study : Study
        A study with finished results.
    record : Record, optional
        Records the printed numbers; if omitted, nothing is recorded.
    """

    def __init__(self, study: Study, record: Record | None = None) -> None:
        self.study = study
        self.record = record
        self.params = study.params
        self.all_counties = study.counties
        self.missing = [(study.county(slug), reason) for slug, reason in study.missing.items()]
        self.counties = list(study.present)
        indicators = study.indicators()
        indicators = indicators.astype(dict.fromkeys(["indicator", "county", *DIMENSIONS], object))  # ten times faster to search
        self.progress = findings.progress(indicators, study.params)
        keys = indicators[["indicator", "county", *DIMENSIONS]].itertuples(index=False, name=None)
        self._rows = dict(zip(keys, indicators[["value", "n", "reason"]].itertuples(index=False), strict=True))
        self._keys: dict[tuple[str, str], list[Key]] = {}  # of the rows of each indicator and place
        for key in self._rows:
            self._keys.setdefault(key[:2], []).append(key)
        self._places = slugs_of_places(self.all_counties, self.params.study.city)
        self._codes: dict[tuple[object, ...], tuple[str, ...]] = {}
        self._open_codes = _open_codes(indicators, self.params)
        rules = {rule.id: rule for rule in (*study.params.findings.problems, *study.params.findings.practices)}
        self.problems = [self._recorded(found, rules[found.rule]) for found in findings.problems(indicators, study.params)]
        self.practices = [self._recorded(found, rules[found.rule]) for found in findings.practices(indicators, study.params)]

    def place(self, name: object) -> str:
        """Return the slug of a county, or `city`, by slug, Chinese name, code or the county itself."""
        called = name.slug if isinstance(name, County) else str(name)
        if called not in self._places:
            raise unknown(N_("county"), called, self._places)
        return self._places[called]

    def counties_by_grid(self) -> dict[Grid, list[County]]:
        """Return each grid with its counties."""
        return {grid: [county for county in self.all_counties if county.grid == grid.code] for grid in self.params.grids}

    def grid_of(self, county: County) -> Grid:
        """Return the grid that supplies a county."""
        return self.params.grid(county.grid)

    def row(self, indicator: str, place: object = "city", **dimensions: str) -> Any:
        """Return value, n and reason of one figure, or None if the study has no such row."""
        county, *codes = self._key(indicator, place, dimensions)
        return self._rows.get((codes[0], county, *codes[1:]))

    def _key(self, indicator: str, place: object, dimensions: dict[str, str]) -> Key:
        """Return the key of a figure, in the order of `KEYS` of the long table."""
        asked = (indicator, *dimensions.items())
        if asked not in self._codes:  # most figures are asked for of every county
            self._codes[asked] = tuple(all_dimensions(value_codes(indicator, dimensions, self._open_codes)).values())
        return self.place(place), indicator, *self._codes[asked]

    def value(self, indicator: str, place: object = "city", **dimensions: str) -> float:
        """Return one figure; NaN if it is missing, so that comparisons are false."""
        row = self.row(indicator, place, **dimensions)
        return float("nan") if row is None else row.value

    def known(self, indicator: str, place: object = "city", **dimensions: str) -> bool:
        """Return whether the figure has a value."""
        return not pd.isna(self.value(indicator, place, **dimensions))

    def n(self, indicator: str, place: object = "city", **dimensions: str) -> int:
        """Return the number of cases behind a figure."""
        row = self.row(indicator, place, **dimensions)
        return 0 if row is None or pd.isna(row.n) else int(row.n)

    def groups(self, indicator: str, by: str, place: object = "city") -> list[str]:
        """Return the groups into which an indicator of a place is split, in order ("2021-01", "2021-02" …)."""
        value_codes(indicator, {"by": by}, part=True)
        return sorted({dims["group"] for dims in self.dimensions(indicator, place, by=by)})

    def dimensions(self, indicator: str, place: object = "city", **given: str) -> list[dict[str, str]]:
        """Return the dimensions of the rows of an indicator that have the given codes, in the order of the results."""
        keys = self._keys.get((indicator, self.place(place)), [])
        every = (dict(zip(DIMENSIONS, key[2:], strict=True)) for key in keys)
        return [dims for dims in every if dims.items() >= given.items()]

    def num(self, indicator: str, place: object = "city", **dimensions: str) -> markup.Markup:
        """Return one figure as printed, with the registry's decimals; 缺 if it is missing."""
        value = self.value(indicator, place, **dimensions)
        shown = text.UNKNOWN if pd.isna(value) else printed(indicator, value)
        return self._marked(shown, self._key(indicator, place, dimensions))

    def cases(self, indicator: str, place: object = "city", **dimensions: str) -> markup.Markup:
        """Return the number of cases behind a figure as printed."""
        shown = f"{self.n(indicator, place, **dimensions):,}"
        return self._marked(shown, self._key(indicator, place, dimensions), shows="n")

    def share(self, indicator: str, place: object = "city", **dimensions: str) -> markup.Markup:
        """Return the percentage of one part of an indicator in the whole, as printed."""
        whole = {name: code for name, code in dimensions.items() if name in registry().keys_of[indicator].named}
        shown = text.percent(self.value(indicator, place, **dimensions), self.value(indicator, place, **whole))
        return self._marked(shown, *(self._key(indicator, place, dims) for dims in (dimensions, whole)), shows="made")

    def of_city(self, indicator: str, place: object, **dimensions: str) -> markup.Markup:
        """Return the percentage of a figure relative to the city's, as printed."""
        shown = text.percent(self.value(indicator, place, **dimensions), self.value(indicator, **dimensions))
        return self._marked(shown, *(self._key(indicator, each, dimensions) for each in (place, "city")), shows="made")

    def shown(self, shown: str, indicator: str, places: Iterable[object] = ("city",), **dimensions: str) -> markup.Markup:
        """Return a text that shows one figure, or one shared by several places, in a form of its own."""
        return self._marked(shown, *(self._key(indicator, place, dimensions) for place in places))

    def _marked(self, shown: str, *keys: Key, shows: str = "value") -> markup.Markup:
        return self.record.mark(shown, *keys, shows=shows) if self.record else markup.Markup(shown)

    def _recorded(self, found: F, rule: Rule) -> F:
        """Mark the values in the texts of a finding: those of the first condition of its rule, before their unit."""
        if not getattr(found, "measured", True):
            return found
        condition = rule.when[0]
        indicator, dims = condition.indicator, condition.dims
        keys: dict[str, list[Key]] = {}
        for place in dict.fromkeys((*found.counties, "city")):
            if self.known(indicator, place, **dims):
                shown = printed(indicator, self.value(indicator, place, **dims))
                keys.setdefault(shown, []).append(self._key(indicator, place, dims))
        unit = re.escape(registry().indicators[indicator].unit)
        numbers = re.compile(rf"(?<![\d.,{MINUS}]){MINUS}?\d[\d,]*(?:\.\d+)?(?={unit}|～)")

        def marked(words: str) -> str:
            return numbers.sub(
                lambda number: self._marked(number[0], *keys[number[0]]) if number[0] in keys else number[0], words
            )

        texts: dict[str, Any] = {name: marked(words) for name, words in vars(found).items() if name in WORDED}
        return replace(found, **texts)

    def change(self, subject: str, indicator: str, before: float, **dimensions: str) -> markup.Markup:
        """Say how a figure of the city compares with an earlier one ("用时减少3.5个工作日"); empty if it is missing."""
        now = self.value(indicator, **dimensions)
        if pd.isna(now):
            return markup.Markup("")
        if printed(indicator, now) == printed(indicator, before):
            return markup.Markup(f"{subject}持平")
        unit = registry().indicators[indicator].unit.replace("%", "个百分点")
        difference = self._marked(printed(indicator, abs(now - before)), self._key(indicator, "city", dimensions), shows="made")
        return markup.Markup(f"{subject}{'减少' if now < before else '增加'}{difference}{unit}")

    def moved(self, indicator: str, place: object = "city", **dimensions: str) -> markup.Markup:
        """Say which way a figure went since the year before, from its change in percent ("比上年减少3.5%")."""
        change = self.value(indicator, place, **dimensions)
        amount = printed(indicator, abs(change))
        if amount == printed(indicator, 0):
            return markup.Markup("与上年持平")
        marked = self._marked(amount, self._key(indicator, place, dimensions), shows="made")
        return markup.Markup(f"比上年{'减少' if change < 0 else '增加'}{marked}%")

    def where(self, indicator: str, comparison: str, limit: float, **dimensions: str) -> list[County]:
        """Return the counties whose figure meets a comparison with a limit, in administrative order."""
        if comparison not in COMPARE:
            raise unknown(N_("comparison"), comparison, COMPARE)
        return [county for county in self.counties if COMPARE[comparison](self.value(indicator, county, **dimensions), limit)]

    def those(self, indicator: str, comparison: str, limit: float, **dimensions: str) -> str:
        """Name the counties whose figure meets a comparison with a limit; "" if there is none."""
        known = [county for county in self.counties if self.known(indicator, county, **dimensions)]
        return self.named(self.where(indicator, comparison, limit, **dimensions), known)

    def without(self, indicator: str, **dimensions: str) -> list[County]:
        """Return the counties of the study whose figure is missing."""
        return [county for county in self.all_counties if not self.known(indicator, county, **dimensions)]

    def records(self, table: str, place: object = "city") -> list[dict[str, Any]]:
        """Return the rows of a canonical table as mappings from field to value, None if blank."""
        rows = self.study.table(self.place(place), table).astype(object)
        found = rows.where(rows.notna(), None)
        return [dict(zip(found.columns, row, strict=True)) for row in found.itertuples(index=False, name=None)]

    def names(self, counties: Iterable[County], last: str = "、") -> markup.Markup:
        """List counties by name."""
        return text.listed((county.name for county in counties), last)

    def named(self, counties: Sequence[County], known: Sequence[County]) -> str:
        """Name counties as briefly as possible; `known` are those with data on the matter."""
        return named(counties, known, self.params)

    def state(self, county: County, indicator: str, area: str, met: float) -> str:
        """Say whether a target is met and, for the national one of SAIDI, in which of its two ways; empty if unknown."""
        if pd.isna(met):
            return ""
        if indicator != "saidi_hours" or area not in self.params.method.reliability.national_target_hours:
            return MET if met else UNMET
        by_cut = self.value("national_target_met", county, area=area) == 1
        return BY_HOURS if met else BY_CUT if by_cut else UNMET

    def said(self, states: dict[County, str], others: Sequence[County] = ()) -> str:
        """Say which counties meet a target, and by what, and which do not ("达标（按小时）：…；未达标：…").

        `others` have the figure, too, but another target.
        """
        known = [county for county in self.counties if states.get(county) or county in others]
        groups = {state: [county for county in known if states.get(county) == state] for state in STATES}
        return "；".join(f"{state}：{self.named(counties, known)}" for state, counties in groups.items() if counties)

    def national(self, area: str) -> dict[County, str]:
        """Say how each county compares with the national target of one area type; empty for a county without one."""
        hours = {str(name): hours for name, hours in self.params.method.reliability.national_target_hours.items()}[area]
        known = [county for county in self.counties if self.known("national_target_met", county, area=area)]
        saidi = {county: self.value("saidi_hours", county, area=area) for county in known}
        return {county: self.state(county, "saidi_hours", area, without_noise(saidi[county]) <= hours) for county in known}

    def concerned(self, found: findings.Problem) -> str:
        """Name the counties of a problem, or the city."""
        counties = [county for county in self.counties if county.slug in found.counties]
        return self.named(counties, self.counties) if counties else self.params.study.city


def _open_codes(indicators: pd.DataFrame, params: Params) -> dict[str, list[str]]:
    """Return the codes of the sets that the registry does not list: those in the parameters, otherwise those in the results."""
    splits = {by for keys in registry().keys for by in keys.dimensions.get("by", ())}
    grids, often = [grid.code for grid in params.grids], params.method.frequent
    return {by: indicators.loc[indicators["by"] == by, "group"].unique().tolist() for by in splits} | {
        "grid": grids,
        "investor": [*grids, "city", "all"],
        "demand": [demand.code for demand in params.method.survey.demands],
        "cemi_from": [f"{number}" for number in often.cemi_from],
        "celid_hours": [f"{hours:g}" for hours in often.celid_hours],
    }
