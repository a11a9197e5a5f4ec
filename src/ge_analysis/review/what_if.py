"""What measures would change: the ledgers are changed in memory, and everything is recomputed as usual (method 14)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from itertools import compress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from ge_analysis.errors import GeError, unknown
from ge_analysis.findings.targets import progress
from ge_analysis.indicators.arrays import without_noise
from ge_analysis.indicators.long_table import DIMENSIONS, KEYS, all_dimensions
from ge_analysis.indicators.once import Once
from ge_analysis.indicators.results import Tally, Topic, long_table
from ge_analysis.indicators.topics.scores import OF_COUNTIES
from ge_analysis.language import N_, _
from ge_analysis.review.measures import Tables, changed, with_item
from ge_analysis.review.recount import Recount, moved
from ge_analysis.settings.measures import SHARES, Measure
from ge_analysis.settings.parameters import CITY, Params
from ge_analysis.settings.registry import indicator as entry
from ge_analysis.settings.registry import printed, registry, value_codes
from ge_analysis.settings.yaml_files import validated
from ge_analysis.storage.processes import side_by_side, without_collector

if TYPE_CHECKING:
    from ge_analysis.study import Study

ALL, TARGETS = "all", "targets_met"
LABELS = {ALL: "全部措施", TARGETS: "已达到的目标（个）"}
SHOWN = (
    *("reliability_band", "reliability_index", "score", TARGETS, "saidi_hours", "saifi", "incentive_wan_yuan"),
    *("procedures", "time_days", "cost_pct_income", "live_line_rate_pct", "notice_sms_pct", "smart_meter_pct"),
    "feeder_interconnected_pct",
)
GOALS = {  # short names of goals for which higher is better
    "band": ("reliability_band", {"area": "all"}),
    "index": ("reliability_index", {}),
    "score": ("score", {"voltage": "high"}),
}
COLUMNS = ["measure", "label", *KEYS, "title", "before", "after", "printed_before", "printed_after"]
AMOUNTS: dict[str, Sequence[float]] = {  # weakest first
    **{act: range(1, 101) for act in SHARES},
    "fault_hours": [half / 2 for half in range(96, 0, -1)],
    "works_days": range(365, -1, -1),
}

Places = dict[str, Tables]
Values = dict[tuple[str, ...], float]  # by county, indicator and dimensions
Given = str | Mapping[str, object] | Measure


class Goal(NamedTuple):
    """A value that a county is to reach, and the direction."""

    indicator: str
    dims: dict[str, str]
    limit: float
    upwards: bool | None = None  # None: from the present value

    def of(self, tallies: Iterable[Tally]) -> float:
        """Return the value that is to reach the goal, from the first topic that has it; NaN if none does."""
        values = (tally.value(self.indicator, **self.dims) for tally in tallies)
        return next((value for value in values if not np.isnan(value)), np.nan)

    def reached(self, value: float) -> bool:
        """Whether a value has reached the goal."""
        value = without_noise(value)
        return bool(value >= self.limit if self.upwards else value <= self.limit)


def goal(text: str) -> Goal:
    """Return the goal given by a text.

    Raises
    ------
    GeError
        For an unknown indicator, dimension or code, or a value that is not a number.

    Examples
    --------
    >>> goal("band=1")
    Goal(indicator='reliability_band', dims={'area': 'all'}, limit=1.0, upwards=True)
    >>> goal("saidi_hours area=rural=15").dims
    {'area': 'rural'}
    """
    what, limit = text.rpartition("=")[::2]
    try:
        number = float(limit)
    except ValueError:
        number = np.nan
    name, *dims = what.split() or [""]
    if not np.isfinite(number) or not all("=" in dim for dim in dims):
        raise GeError(_("'{text}' is not a goal", text=text), _("write band=1, score=80 or 'saidi_hours area=rural=15'"))
    if name in GOALS:
        return Goal(*GOALS[name], number, upwards=True)
    try:
        return Goal(name, value_codes(name, dict(dim.split("=", 1) for dim in dims)), number)
    except GeError as error:
        raise GeError(str(error), _("short names: {names}", names=", ".join(GOALS))) from None


class World:
    """The study's ledgers and values; of other ledgers, only what they change is computed again.

    Parameters
    ----------
    params : Params
    tables : dict
        Canonical tables of the counties with results, and of `city`.
    own : sequence of callable
        Topics that the study adds.
    with_city : bool
        Whether all counties are included, so that they make up the city.
    """

    def __init__(self, params: Params, tables: Places, own: Sequence[Topic] = (), with_city: bool = True):
        self.params, self.tables, self.with_city = params, tables, with_city
        self.units = [unit for unit in params.counties if unit.slug in tables]
        self.recount = Recount(params, own)
        self._changed: dict[str, Once] = defaultdict(Once)

    def with_measures(self, measures: Iterable[Measure]) -> Places:
        """Return the ledgers as they would be with some measures, applied one after the other."""
        return reduce(self._with, measures, self.tables)

    def _with(self, tables: Places, measure: Measure) -> Places:
        acted = {unit.slug for unit in self.units if measure.fits(unit.slug, unit.grid)}
        if measure.act != "index_item":
            return tables | {place: self._changed[place](changed, measure, tables[place], self.params) for place in acted}
        places = acted if measure.counties or measure.grid else acted | {CITY}
        items = with_item(tables[CITY]["index_items"], measure.item, places)
        return {**tables, CITY: {**tables[CITY], "index_items": items}}

    def values(self, tables: Places) -> Values:
        """Compute all values of some ledgers, and the number of targets met."""
        lines = self.recount.counties(tables)
        needed = {*OF_COUNTIES, *(target.indicator for target in self.params.targets)}
        long = long_table([line for line in lines if line[1] in needed], self.params)
        met = progress(long, self.params).groupby("county")["met"].sum()
        if self.with_city:
            lines += self.recount.city(tables, long)
            met[CITY] = met.sum()
        values = {line[: len(KEYS)]: line[len(KEYS)] for line in lines}
        return values | {(place, TARGETS, *all_dimensions({}).values()): number for place, number in met.items()}


def world(study: "Study", county: str = "") -> World:
    """Read the ledgers of all counties of a study, or of one of them, and of the city."""
    shown = [unit.slug for unit in study.shown()]
    places = [county, CITY] if county else [*shown, CITY]
    return World(study.params, {place: study.tables(place) for place in places}, study.own_topics(), not county)


def known(study: "Study", given: Iterable[Given]) -> list[Measure]:
    """Return measures given by their ids, or by mappings like the entries of measures.yml.

    Raises
    ------
    GeError
        For an unknown id, county, grid, act or index item, a county without results, or an impossible amount.
    """
    return [_known(study, one) for one in given]


def _known(study: "Study", given: Given) -> Measure:
    ids = {measure.id: measure for measure in study.params.measures}
    if isinstance(given, str):
        if given not in ids:
            raise unknown(N_("measure"), given, ids)
        return ids[given]
    if isinstance(given, Measure):
        return given
    described = {"id": given.get("act"), "label": given.get("act"), **given}
    described["counties"] = tuple(with_results(study, str(name)) for name in described.get("counties", ()))  # type: ignore[attr-defined]
    if grid := described.get("grid"):
        study.params.grid(str(grid))
    return validated(described, Measure, _("measure {id}", id=described["id"]))


def with_results(study: "Study", name: str) -> str:
    """Return the slug of a county with results.

    Raises
    ------
    GeError
        For an unknown county, or one without results.
    """
    slug = study.county(name).slug
    if slug in study.missing:
        raise GeError(
            _("{place} has no results: {reason}", place=slug, reason=study.missing[slug]),
            _("correct what `ge status` shows first, then `ge build`"),
        )
    return slug


def what_if(study: "Study", measures: Sequence[Given] | None = None) -> pd.DataFrame:
    """Work out what measures would change, each alone and all together.

    Parameters
    ----------
    study : Study
    measures : sequence of str, mapping or Measure, optional
        As `known` takes them; those of `params/<year>/measures.yml` if omitted.

    Returns
    -------
    DataFrame, one row per value that changes
        Columns `COLUMNS`; measures in order, followed by `all` if there are several.

    Raises
    ------
    GeError
        As in `known`, or if no county has results.
    """
    wanted = list(study.params.measures) if measures is None else known(study, measures)
    return effects(world(study), wanted)


@without_collector()
def effects(ledgers: World, measures: Sequence[Measure]) -> pd.DataFrame:
    """As `what_if`, on ledgers already read."""
    before = ledgers.values(ledgers.tables)
    together = [(ALL, LABELS[ALL], measures)] if len(measures) > 1 else []

    def moves(name: str, label: str, taken: Sequence[Measure]) -> pd.DataFrame:
        return _moves(before, ledgers.values(ledgers.with_measures(taken))).assign(measure=name, label=label)

    parts = side_by_side(moves, [*((one.id, one.label, [one]) for one in measures), *together])
    return pd.concat(parts, ignore_index=True)[COLUMNS] if parts else pd.DataFrame(columns=COLUMNS)


def _moves(before: Values, after: Values) -> pd.DataFrame:
    """List the values that differ, in their order if all exist before and after, else in that of their names."""
    keys = [*before] if [*before] == [*after] else sorted(before.keys() | after.keys())
    sides = pd.DataFrame({"before": map(before.get, keys), "after": map(after.get, keys)}, dtype=float)
    at = moved(sides["before"], sides["after"]).to_numpy()
    frame = pd.DataFrame([*compress(keys, at)], columns=KEYS, dtype="str").join(sides[at].reset_index(drop=True))
    frame["title"] = [_title(line) for line in frame.to_dict("records")]
    for side in ("before", "after"):
        frame[f"printed_{side}"] = [_printed(*pair) for pair in zip(frame["indicator"], frame[side], strict=True)]
    return frame


def _title(line: Mapping[Any, Any]) -> str:
    """Return the title of a value: its indicator and the labels of its dimensions, except all areas."""
    name, codes = line["indicator"], registry().codes
    dims = [(codes.get(dim, {}), line[dim]) for dim in DIMENSIONS if line[dim] and (dim, line[dim]) != ("area", "all")]
    return "·".join((LABELS.get(name) or entry(name).title, *(labels.get(code, code) for labels, code in dims)))


def _printed(name: str, value: float) -> str:
    return f"{value:.0f}" if name == TARGETS else printed(name, value)


def headlines(table: pd.DataFrame) -> pd.DataFrame:
    """Return what a reader asks for first: unsplit values of all areas that change in print, in the order of `SHOWN`."""
    plain = (table[["kind", "by", "group"]] == "").all(axis=1) & table["area"].isin(["", "all"])
    plain &= table["item"].eq("") | table["indicator"].eq("incentive_wan_yuan")
    found = table[plain & table["indicator"].isin(SHOWN) & (table["printed_before"] != table["printed_after"])]
    order = found["indicator"].map(SHOWN.index)
    number = found["measure"].map({name: at for at, name in enumerate(dict.fromkeys(table["measure"]))})
    return (
        found.assign(order=order, number=number).sort_values(["number", "order"], kind="stable")[COLUMNS].reset_index(drop=True)
    )


@without_collector()
def smallest(ledgers: World, slug: str, wanted: Goal, measures: Sequence[Measure]) -> pd.DataFrame:
    """Find the smallest amount of each measure with which a county reaches a goal.

    Parameters
    ----------
    ledgers : World
    slug : str
        The county.
    wanted : Goal
    measures : sequence of Measure
        Their own amounts and counties are ignored.

    Returns
    -------
    DataFrame, one row per measure
        measure, label, act, amount (NaN if it does not reach the goal, or for an index item), reached, before, after (with
        that amount, or the strongest). Found by bisection, which assumes that more of a measure never does less.

    Raises
    ------
    GeError
        If the county has no such value, or has already reached the goal.
    """
    now = wanted.of(ledgers.recount.county(slug, ledgers.tables))
    name = " ".join((wanted.indicator, *(f"{dim}={code}" for dim, code in wanted.dims.items())))
    if np.isnan(now):
        raise GeError(_("{place} has no value of {name}", place=slug, name=name), _("choose another goal, or see `ge trace`"))
    if wanted.upwards is None:
        wanted = wanted._replace(upwards=wanted.limit > now)
    if wanted.reached(now):
        raise GeError(
            _(
                "{place} has already reached {name}={limit:g}: it is at {now:g}",
                place=slug,
                name=name,
                limit=wanted.limit,
                now=now,
            ),
            _("choose another goal"),
        )

    def row(measure: Measure) -> tuple[object, ...]:
        def after(amount: float | None) -> float:
            there = measure.model_copy(update={"amount": amount, "counties": (slug,), "grid": None})
            return wanted.of(ledgers.recount.county(slug, ledgers.with_measures([there])))

        amount, value = _bisected(after, AMOUNTS.get(measure.act), wanted)
        return measure.id, measure.label, measure.act, amount, wanted.reached(value), now, value

    rows = side_by_side(row, [(measure,) for measure in measures])
    return pd.DataFrame(rows, columns=["measure", "label", "act", "amount", "reached", "before", "after"])


def _bisected(
    value_of: Callable[[float | None], float], amounts: Sequence[float] | None, wanted: Goal
) -> tuple[float | None, float]:
    """Return the first amount that reaches a goal, and the value there; None if not even the last does."""
    strongest = value_of(amounts[-1] if amounts else None)
    if amounts is None or not wanted.reached(strongest):
        return None, strongest
    low, high, best = -1, len(amounts) - 1, strongest
    while high - low > 1:
        middle = (low + high) // 2
        value = value_of(amounts[middle])
        if wanted.reached(value):
            high, best = middle, value
        else:
            low = middle
    return amounts[high], best


class Row(NamedTuple):
    """A line of the report's table of measures: a measure and a grade that it changes.

    Attributes
    ----------
    measure : str
        Its label.
    county : str
        Slug, or "city".
    grade : str
        Title of the value that changes.
    before, after : str
        As printed.
    """

    measure: str
    county: str
    grade: str
    before: str
    after: str


GRADES = ("reliability_band", "reliability_index", "score", TARGETS)


def rows(study: "Study") -> list[Row]:
    """Return, for the report's chapter on measures, which measure of `measures.yml` changes which grade, score and targets."""
    found = headlines(what_if(study))
    found = found[found["indicator"].isin(GRADES)]
    return [
        Row(line["label"], line["county"], line["title"], line["printed_before"], line["printed_after"])
        for line in found.to_dict("records")
    ]
