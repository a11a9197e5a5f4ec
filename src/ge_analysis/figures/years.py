"""SAIDI and SAIFI over the years: of the city with the targets ahead, and of each county."""

import pandas as pd
from matplotlib.axes import Axes

from ge_analysis.figures import style
from ge_analysis.figures.picture import Picture, said
from ge_analysis.indicators.topics.years import WITHOUT, YEARLY
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.registry import label, registry

RANGE_FROM = 4  # years that a range needs
COLUMNS = 4
YEARS_NAMED = 5  # below one panel
LINES = {"": ("全部停电", "-"), WITHOUT: (label("without", WITHOUT), "--")}
NOTHING = "没有以前年度的公布值"


def course(indicators: pd.DataFrame, params: Params) -> Picture:
    """Draw the city's SAIDI and SAIFI over the years, and SAIDI of the area types with their targets of later years.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table with the city; `yearly_saidi_hours` and `yearly_saifi` by year.
    params : Params
        Targets.

    Returns
    -------
    Picture
        One panel a value: with and without major event days, the range of four years or more, targets as open diamonds, those
        not yet met with a dotted line from the last value.
    """
    city = indicators[indicators["county"] == "city"]
    panels = [("saidi_hours", "all"), ("saifi", "all"), *(("saidi_hours", area) for area in registry().codes["area_type"])]
    shown = [(indicator, area) for indicator, area in panels if _years(city, indicator, area)]
    if not shown:
        return style.blank(NOTHING)
    figure, axes = _panels(len(shown), columns=3)
    for (indicator, area), panel in zip(shown, axes, strict=True):
        entry = registry().indicators[indicator]
        _draw(panel, city, indicator, area)
        aims = _targets(params, indicator, area)
        known = _years(city, indicator, area)
        now = known[max(known)]
        ahead = {
            max(known): now,
            **{year: aim for year, aim in aims.items() if aim < now},
        }  # no line leads up to a target that is met
        panel.plot(list(ahead), list(ahead.values()), ":", color=style.POOR, linewidth=1)
        for year, aim in aims.items():
            says = said(str(year), "目标", entry.title, aim)
            panel.plot([year], [aim], "D", color=style.POOR, markerfacecolor="white", markersize=5, label="目标", gid=says)
        panel.set_ylim(0, max(panel.get_ylim()[1], 1.12 * max([now, *aims.values()])))
        _name_years(panel, [*known, *aims])
        panel.set_title(f"{label('area', area)} {entry.symbol}（{entry.unit}）", loc="left", fontsize=8.5)
    _legend(figure, axes)
    return figure


def counties(indicators: pd.DataFrame, params: Params) -> Picture:
    """Draw SAIDI of each county over the years, all on one scale.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table of all counties; `yearly_saidi_hours` by year.
    params : Params
        Counties in administrative order.

    Returns
    -------
    Picture
        One panel a county that has earlier years: with and without major event days, the range of four years or more.
    """
    own = {unit.name: indicators[indicators["county"] == unit.slug] for unit in params.counties}
    shown = {name: rows for name, rows in own.items() if _years(rows, "saidi_hours", "all")}
    if not shown:
        return style.blank(NOTHING)
    figure, axes = _panels(len(shown), columns=COLUMNS, sharey=True)
    for (name, rows), panel in zip(shown.items(), axes, strict=True):
        _draw(panel, rows, "saidi_hours", "all")
        panel.set_title(name, loc="left", fontsize=8.5)
    entry = registry().indicators["saidi_hours"]
    figure.supylabel(f"{entry.symbol}（{entry.unit}）", fontsize=9)
    _legend(figure, axes)
    return figure


def _panels(number: int, *, columns: int, **options: bool) -> tuple[Picture, list[Axes]]:
    """Return as many panels as wanted, row by row."""
    rows = -(-number // columns)
    figure, axes = style.subplots(rows, columns, height=1.35 * rows + 0.6, squeeze=False, **options)
    for spare in axes.flat[number:]:
        spare.remove()
    return figure, list(axes.flat[:number])


def _years(rows: pd.DataFrame, indicator: str, area: str, item: str = "") -> dict[int, float]:
    """Return one value of a place by year, those that are known."""
    of_value = (rows["indicator"] == YEARLY[indicator]) & (rows["area"] == area) & (rows["item"] == item)
    values = rows[of_value].dropna(subset="value").set_index("group")["value"]
    return {int(str(year)): float(value) for year, value in values.sort_index().items()}


def _draw(axes: Axes, rows: pd.DataFrame, indicator: str, area: str) -> None:
    """Draw the lines of one place and value, and the range of all outages where there are years enough."""
    for item, (name, dashes) in LINES.items():
        values = _years(rows, indicator, area, item)
        if not values:
            continue
        axes.plot(list(values), list(values.values()), dashes, color=style.GOOD, linewidth=1.2, label=name)
        for year, value in values.items():
            says = said(str(year), name, registry().indicators[indicator].title, value)
            axes.plot([year], [value], "o", color=style.GOOD, markersize=3, gid=says)
        if not item and len(values) >= RANGE_FROM:
            axes.axhspan(
                min(values.values()), max(values.values()), color=style.GRADES[1], alpha=0.6, linewidth=0, label="历年区间"
            )
    _name_years(axes, list(_years(rows, indicator, area)))
    axes.tick_params(labelsize=7.5)
    axes.set_ylim(0, max(axes.get_ylim()[1], 1.12 * max(_years(rows, indicator, area).values())))
    axes.margins(x=0.15)
    style.bare(axes, "y")


def _name_years(axes: Axes, years: list[int]) -> None:
    """Name the last year, and of those before it as many as there is room for."""
    named = years[::-1][:: -(-len(years) // YEARS_NAMED)]
    axes.set_xticks(named, [str(year) for year in named])  # matplotlib would print the years 2019 and 2020 as -1 and 0


def _targets(params: Params, indicator: str, area: str) -> dict[int, float]:
    """Return the targets of a value that hold for no county alone, by year."""
    for target in params.targets:
        if target.indicator == indicator and target.dims == {"area": area} and not target.counties and not target.grid:
            return dict(target.years)
    return {}


def _legend(figure: Picture, axes: list[Axes]) -> None:
    """Name the lines once for all panels."""
    handles = {name: handle for panel in axes for handle, name in zip(*panel.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=len(handles), frameon=False)
