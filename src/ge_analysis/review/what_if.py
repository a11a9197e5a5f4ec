"""What measures would change: the ledgers are changed in memory, and everything is recomputed as usual (method 14)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from ge_analysis.errors import GeError, unknown
from ge_analysis.indicators.arrays import without_noise
from ge_analysis.indicators.results import Tally
from ge_analysis.language import N_, _
from ge_analysis.review.world import LINE, TARGETS, World, moves
from ge_analysis.settings.measures import SHARES, Measure
from ge_analysis.settings.places import CITY
from ge_analysis.settings.registry import value_codes
from ge_analysis.settings.yaml_files import validated
from ge_analysis.storage.processes import side_by_side, without_collector

if TYPE_CHECKING:
    from ge_analysis.study import Study

ALL = "all"
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
COLUMNS = ["measure", "label", *LINE]
AMOUNTS: dict[str, Sequence[float]] = {  # weakest first
    **{act: range(1, 101) for act in SHARES},
    "fault_hours": [half / 2 for half in range(96, 0, -1)],
    "works_days": range(365, -1, -1),
}

Given = str | Mapping[str, object] | Measure


class Goal(NamedTuple):
    """A value that a county is to reach, and the direction."""

    indicator: str
    dims: dict[str, str]
    limit: float
    upwards: bool | None = None  # None: from the present value

    def of(self, tallies: Iterable[Tally]) -> tuple[int, float]:
        """Return the first topic that has the value that is to reach the goal, and the value; NaN if none has it."""
        values = enumerate(tally.value(self.indicator, **self.dims) for tally in tallies)
        return next(((topic, value) for topic, value in values if not np.isnan(value)), (0, np.nan))

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
    cases = [(one.id, one.label, [one]) for one in measures]
    cases += [(ALL, "全部措施", [*measures])] if len(measures) > 1 else []
    changed = [ledgers.tables, *(ledgers.with_measures(taken) for *_, taken in cases)]
    counties = ledgers.counties(changed)
    given = [(tables, [*chain(*(one.lines for one in of_case))]) for tables, of_case in zip(changed, counties, strict=True)]
    before = ledgers.whole(*given[0])
    wholes = side_by_side(lambda *of_case: moves(before, ledgers.whole(*of_case)), given[1:])
    lines = []
    for (name, label, *__), of_case, whole in zip(cases, counties[1:], wholes, strict=True):
        parts = [*(one.moves for one in of_case), whole]
        found = [*chain(*(part.lines for part in parts))]
        lines += [(name, label, *line) for line in (found if all(part.in_order for part in parts) else sorted(found))]
    numbers = dict.fromkeys(["before", "after"], "float64")
    return pd.DataFrame(lines, columns=COLUMNS).astype(dict.fromkeys(COLUMNS, "str") | numbers)


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
    topic, now = wanted.of(ledgers.recount.county(slug, ledgers.tables))
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
            return wanted.of(ledgers.recount.county(slug, ledgers.with_measures([there]), topic))[1]

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
