"""Investment by year, progress towards the yearly targets, and the month calendar of resale price codes."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.collections import PatchCollection
from matplotlib.patches import Patch, Rectangle

from ge_analysis.figures import style
from ge_analysis.figures.picture import HALO, Picture, said
from ge_analysis.indicators.long_table import pooled_pct, select
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.places import County, noun_of
from ge_analysis.settings.registry import half_up, label, printed, registry


def investment(indicators: pd.DataFrame, params: Params) -> Picture:
    """Draw the investment of each year, by programme and grid.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table of the city; `investment_wan_yuan` by programme (`item`), grid (`area`) and year.
    params : Params
        The grids.

    Returns
    -------
    Picture
        One panel per programme, one bar per year, stacked by grid; sums on top [万元]. One grid alone is not named.
    """
    # dark and light in turn: neighbours in a bar differ in grey, too
    tones = {grid: pair[number % 2] for number, (grid, pair) in enumerate(style.grid_tones(params).items())} | {
        "city": style.FAINT
    }
    inks = {grid: style.INK if number % 2 else "white" for number, grid in enumerate(tones)} | {"city": "white"}
    added = indicators[(indicators["indicator"] == "investment_wan_yuan") & (indicators["kind"] == "added")]
    added = added[added["by"] == "plan_year"]
    if added.empty:
        return style.blank("没有分年度的投资计划")
    sums = added.pivot(index="group", columns=["item", "area"], values="value").fillna(0)
    years = sums.index
    programmes, grids = (
        [code for code in codes if code in sums.columns.get_level_values(level)]
        for level, codes in (("item", registry().codes["programme"]), ("area", tones))
    )
    names = {grid.code: grid.name for grid in params.grids} | {"city": "全市"}  # money without a grid is the city's
    figure, panels = style.subplots(1, len(programmes), height=2.1, sharey=True, squeeze=False)
    for axes, programme in zip(panels[0], programmes, strict=True):
        bottom = np.zeros(len(years))
        for grid in grids:
            amount = sums.get((programme, grid), pd.Series(0, sums.index)).to_numpy(dtype=float)
            axes.bar(range(len(years)), amount, bottom=bottom, width=0.6, color=tones[grid], label=names[grid])
            for position, (height, base, total) in enumerate(zip(amount, bottom, sums[programme, "all"], strict=True)):
                if 0 < height < total:  # a bar of one grid has its sum on top
                    middle = (position, base + height / 2)
                    axes.text(*middle, f"{half_up(height):,}", ha="center", va="center", color=inks[grid], fontsize=8)
            bottom += amount
        for position, total in enumerate(sums[programme, "all"]):
            style.above(axes, f"{half_up(total):,}", (position, total))
        axes.set_title(label("programme", programme), loc="left")
        axes.set_xticks(range(len(years)), [f"{year} 年" for year in years])
        axes.yaxis.set_major_formatter("{x:,.0f}")
        style.bare(axes, "y")
    panels[0][0].set_ylabel("需新增投资（万元）")
    panels[0][0].set_ylim(0, sums.xs("all", axis=1, level="area").to_numpy().max() * 1.12)
    if len(grids) > 1:
        handles = [Patch(facecolor=tones[grid], label=names[grid]) for grid in grids]
        figure.legend(handles=handles, loc="outside lower center", ncols=len(grids), frameon=False)
    return figure


def progress(indicators: pd.DataFrame, params: Params) -> Picture:
    """Draw the progress of shares with yearly targets: the current value as a bar, the targets as marks with their years.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table of all counties and the city.
    params : Params
        The targets; those in percent are drawn, each with the combined value of its counties.

    Returns
    -------
    Picture
        One row per target.
    """
    known = _percentages(indicators, params).dropna(subset=["value"])
    if known.empty:
        return style.blank("没有可与目标比较的数据")
    names = list(dict.fromkeys(known["name"]))
    figure, axes = style.subplots(height=0.55 * len(names) + 0.9)
    for row, name in enumerate(names):
        part = known[known["name"] == name]
        now, shown = part[["value", "shown"]].iloc[0]
        axes.barh(row, now, height=0.5, color=style.GOOD)
        axes.text(now + 1, row + 0.02, f"现状 {shown}%", va="center", fontsize=8, gid=HALO)
        for target, years in part.groupby("target")["year"]:
            axes.plot([target, target], [row - 0.33, row + 0.33], color=style.INK, linewidth=1.6)
            style.above(axes, "、".join(f"{year}" for year in years), (target, row - 0.33), points=1, va="bottom", fontsize=7)
    axes.set_xlim(0, 112)
    axes.set_ylim(len(names) - 0.4, -0.75)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("比例（%）；竖线为各年度目标")
    style.bare(axes)
    return figure


def _percentages(indicators: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Return printed name, year, target, value [%] and printed value of each target in percent and year."""
    rows = []
    for target in params.targets:
        entry = registry().indicators[target.indicator]
        held = [unit for unit in params.counties if params.target(target, unit) is target]
        if entry.unit == "%" and held:
            part = select(indicators, target.indicator, **target.dims)
            part = part[part["county"].isin([unit.slug for unit in held])]
            name, now = f"{_named(held, params)}{entry.label}", pooled_pct(part)
            rows += [(name, year, aim, now, printed(target.indicator, now)) for year, aim in target.years.items()]
    return pd.DataFrame(rows, columns=["name", "year", "target", "value", "shown"])


def _named(held: list[County], params: Params) -> str:
    """Name the counties of a target: the city, one or two by name, or else their number."""
    if len(held) == len(params.counties):
        return "全市"
    return "、".join(unit.name for unit in held) if len(held) < 3 else f"其余 {len(held)} 个{noun_of(held)}\n"


def resale(indicators: pd.DataFrame, params: Params) -> Picture:
    """Draw the month calendar of resale price codes: how many entities of each county were green, yellow or red.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table; `resale_entities` by colour (`item`) and month.
    params : Params
        Counties in administrative order.

    Returns
    -------
    Picture
        One row per county, one column per month; each colour takes its share of the tile, with letter and number.
    """
    rows = indicators[(indicators["indicator"] == "resale_entities") & (indicators["by"] == "month")]
    counted = rows[rows["county"] != "city"].pivot(index="county", columns=["group", "item"], values="value").fillna(0)
    if counted.empty:
        return style.blank("没有转供电数据")
    months = sorted(counted.columns.get_level_values("group").unique())
    figure, axes = style.subplots(height=style.ROW * len(params.counties) * 0.8 + 1.1)
    write = partial(axes.text, ha="center", va="center", fontsize=7, linespacing=1, in_layout=False)
    tiles = []
    for row, unit in enumerate(params.counties):
        for column, month in enumerate(months):
            numbers = [counted.get((month, code), pd.Series(dtype=float)).get(unit.slug, 0) for code in style.CODES]
            if not sum(numbers):
                write(column + 0.5, row + 0.52, "缺")
                continue
            edges = column + 0.03 + 0.94 * np.cumsum([0, *numbers]) / sum(numbers)
            for (code, tone), number, left, right in zip(style.CODES.items(), numbers, edges, edges[1:], strict=False):
                tiles.append(Rectangle((left, row + 0.06), right - left, 0.88, facecolor=tone, edgecolor="white", linewidth=0.8))
                if number:
                    ink = style.INK if code == "yellow" else "white"
                    letter = label("resale_code", code)[0]
                    says = said(unit.name, f"{month} {label('resale_code', code)}", "转供电主体（个）", float(number))
                    write((left + right) / 2, row + 0.52, f"{letter}\n{half_up(number)}", color=ink, gid=says)
    axes.add_collection(PatchCollection(tiles, match_original=True))
    axes.set_xlim(0, len(months))
    axes.set_ylim(len(params.counties), 0)
    years = [f"\n{month[:4]} 年" if number == 0 or month.endswith("01") else "" for number, month in enumerate(months)]
    names = [f"{int(month[5:])} 月{year}" for month, year in zip(months, years, strict=True)]
    axes.set_xticks(np.arange(len(months)) + 0.5, names)
    axes.xaxis.tick_top()
    axes.set_yticks(np.arange(len(params.counties)) + 0.5, [unit.name for unit in params.counties])
    style.bare(axes)
    axes.grid(False)
    handles = [Patch(facecolor=tone, label=label("resale_code", code)) for code, tone in style.CODES.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False)
    return figure
