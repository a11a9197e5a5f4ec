"""Investment by year, progress towards the yearly targets, and the month calendar of resale price codes."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from ge_analysis.figures import style
from ge_analysis.indicators.results import select
from ge_analysis.params import Params
from ge_analysis.registry import label, registry

CODE_MARKS = {"green": "绿", "yellow": "黄", "red": "红"}


def investment(plan: pd.DataFrame) -> Figure:
    """Draw the money to be added each year, by programme and grid.

    Parameters
    ----------
    plan : DataFrame
        Canonical table investment_plan; rows with a year.

    Returns
    -------
    Figure
        One panel a programme, one bar a year, stacked by grid; sums on top [万元].
    """
    added = plan[(plan["funding"] == "added") & plan["plan_year"].notna()]
    if added.empty:
        return style.blank("没有分年度的投资计划")
    sums = added.pivot_table(
        index="plan_year", columns=["programme", "grid"], values="amount_wan_yuan", aggfunc="sum", fill_value=0
    )
    years = sums.index.astype(int)
    programmes = [code for code in registry().codes["programme"] if code in sums.columns.get_level_values("programme")]
    figure, panels = style.subplots(1, len(programmes), height=2.7, sharey=True, squeeze=False)
    for axes, programme in zip(panels[0], programmes, strict=True):
        bottom = np.zeros(len(years))
        for grid, (tone, _) in style.GRID.items():
            amount = sums.get((programme, grid), pd.Series(0, sums.index)).to_numpy(dtype=float)
            axes.bar(range(len(years)), amount, bottom=bottom, width=0.6, color=tone, label=label("grid", grid))
            for place, (height, base) in enumerate(zip(amount, bottom, strict=True)):
                if height > 0:
                    axes.text(place, base + height / 2, f"{height:,.0f}", ha="center", va="center", color="white", fontsize=8)
            bottom += amount
        for place, total in enumerate(bottom):
            axes.annotate(f"{total:,.0f}", (place, total), xytext=(0, 2), textcoords="offset points", ha="center")
        axes.set_title(label("programme", programme), loc="left")
        axes.set_xticks(range(len(years)), [f"{year} 年" for year in years])
        axes.yaxis.set_major_formatter("{x:,.0f}")
        style.bare(axes, "y")
    panels[0][0].set_ylabel("需新增投资（万元）")
    panels[0][0].set_ylim(0, sums.T.groupby(level="programme").sum().to_numpy().max() * 1.12)
    handles = [Patch(facecolor=tone, label=label("grid", grid)) for grid, (tone, _) in style.GRID.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False)
    return figure


def progress(indicators: pd.DataFrame, params: Params) -> Figure:
    """Draw how far the shares with yearly targets have come: the value now as a bar, the targets as marks with their years.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table of all counties and the city.
    params : Params
        The targets; those in percent are drawn, with the city's value or that of the one county they name.

    Returns
    -------
    Figure
        One row a target.
    """
    known = _percentages(indicators, params).dropna(subset=["value"])
    if known.empty:
        return style.blank("没有可与目标比较的数据")
    names = list(dict.fromkeys(known["name"]))
    figure, axes = style.subplots(height=0.55 * len(names) + 0.9)
    for row, name in enumerate(names):
        part = known[known["name"] == name]
        now = part["value"].iloc[0]
        axes.barh(row, now, height=0.5, color=style.GOOD)
        axes.text(now + 1, row + 0.02, f"现状 {now:.1f}%", va="center", fontsize=8, bbox=style.PAPER)
        for target, years in part.groupby("target")["year"]:
            axes.plot([target, target], [row - 0.33, row + 0.33], color=style.INK, linewidth=1.6)
            axes.annotate(
                "、".join(f"{year}" for year in years),
                (target, row - 0.33),
                xytext=(0, 1),
                textcoords="offset points",
                ha="center",
                va="bottom",
                fontsize=7,
            )
    axes.set_xlim(0, 112)
    axes.set_ylim(len(names) - 0.4, -0.75)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("比例（%）；竖线为各年度目标")
    style.bare(axes)
    return figure


def _percentages(indicators: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Return name (printed), year, target and value [%] of each target in percent and year."""
    names = {unit.slug: unit.name for unit in params.counties} | {"city": "全市"}
    rows = []
    for target in params.targets:
        entry = registry().indicators[target.indicator]
        place = target.counties[0] if len(target.counties) == 1 else "city"
        if entry.unit == "%" and (place != "city" or not target.counties):
            now = select(indicators, target.indicator, county=place, **target.dims)["value"]
            value = now.iloc[0] if len(now) else np.nan
            rows += [(f"{names[place]}{entry.label}", year, aim, value) for year, aim in target.years.items()]
    return pd.DataFrame(rows, columns=["name", "year", "target", "value"])


def resale_calendar(codes: pd.DataFrame) -> Figure:
    """Draw the resale price code of each entity and month as lettered tiles.

    Parameters
    ----------
    codes : DataFrame
        Columns entity (printed), month [datetime], code (green, yellow, red); one row an entity and month.

    Returns
    -------
    Figure
        One row an entity, one column a month; the colour's name stands in the tile.
    """
    if codes.empty:
        return style.blank("没有转供电数据")
    table = codes.pivot(index="entity", columns="month", values="code").reindex(index=codes["entity"].drop_duplicates())
    figure, axes = style.subplots(height=0.26 * len(table) + 0.9)
    for row, (_, months) in enumerate(table.iterrows()):
        for column, code in enumerate(months):
            if pd.isna(code):
                continue
            axes.add_patch(Rectangle((column, row), 1, 1, facecolor=style.CODES[code], edgecolor="white", linewidth=1.5))
            axes.text(
                column + 0.5,
                row + 0.52,
                CODE_MARKS[code],
                ha="center",
                va="center",
                fontsize=7,
                color=style.INK if code == "yellow" else "white",
            )
    axes.set_xlim(0, table.shape[1])
    axes.set_ylim(len(table), 0)
    axes.set_xticks(np.arange(table.shape[1]) + 0.5, [f"{month.month} 月" for month in table.columns])
    axes.xaxis.tick_top()
    axes.set_yticks(np.arange(len(table)) + 0.5, table.index)
    style.bare(axes)
    axes.grid(False)
    return figure
