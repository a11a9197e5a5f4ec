"""图 3-1 and 图 3-2: SAIDI and SAIFI per county, and the resulting grade."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import withStroke

from ge_analysis.figures import style
from ge_analysis.figures.data import by_county
from ge_analysis.figures.picture import HALO, Picture, said
from ge_analysis.settings.model import AreaType
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.registry import half_up, label, printed, registry

PAIR = ("urban", "rural")
URBAN_TYPES: tuple[AreaType, ...] = ("centre", "city", "town")
RURAL_TYPES: tuple[AreaType, ...] = ("rural",)
NUMBER = 0.12  # width of a number, as a share of its panel
TARGETS = "│ 国家目标（小时/户）："
GRADED = ("urban", "rural", "all")


def counties(indicators: pd.DataFrame, params: Params) -> Picture:
    """Draw SAIDI and SAIFI of each county, urban and rural side by side, each bar with its national target (图 3-1).

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table of all counties.
    params : Params
        Counties in administrative order; target hours by area type.

    Returns
    -------
    Picture
        One row per county; dark bars urban, light bars rural; a county without results is named as missing. A bar that
        combines several area types has no single target and no mark.
    """
    rows = np.arange(len(params.counties))
    figure, panels = style.subplots(1, 2, sharey=True, height=style.ROW * len(rows) * 0.8 + 1.4)
    tones = style.grid_tones(params)
    drawn = set()
    for axes, indicator in zip(panels, ("saidi_hours", "saifi"), strict=True):
        bars = {area: by_county(indicators, params, indicator, area=area) for area in PAIR}
        axes.set_xlim(0, np.nanmax([*bars.values(), [0.1] * len(rows)]) * 1.2)
        for step, (area, values) in enumerate(bars.items()):
            colours = [tones[unit.grid][step] for unit in params.counties]
            heights = rows + (step - 0.5) * 0.4
            name = label("area", area)
            axes.barh(heights, values, height=0.38, color=colours, edgecolor=style.INK, linewidth=0.3, label=name)
            types = _types(indicators, params, area) if indicator == "saidi_hours" else [None] * len(rows)
            for height, value, kind in zip(heights, values, types, strict=True):
                end = np.nan_to_num(value)
                if kind and not np.isnan(value):
                    drawn.add(kind)
                    end = _mark(axes, height, value, params.method.reliability.national_target_hours[kind])
                text = "缺" if np.isnan(value) else printed(indicator, value)
                style.after(axes, text, (end, height), points=3, fontsize=7, gid=HALO, in_layout=False)
        axes.set_xlabel(f"{registry().indicators[indicator].symbol} {registry().indicators[indicator].title}")
        style.bare(axes)
    several = len(params.grids) > 1
    names = [f"{unit.name}（{params.grid(unit.grid).name}）" if several else unit.name for unit in params.counties]
    panels[0].set_yticks(rows, names)
    panels[0].set_ylim(len(rows) - 0.45, -0.55)
    handles = [
        Patch(
            facecolor=tones[grid.code][step],
            edgecolor=style.INK,
            linewidth=0.3,
            label=f"{grid.name}·{label('area', area)}" if several else label("area", area),
        )
        for grid in params.grids
        if grid.code in {unit.grid for unit in params.counties}
        for step, area in enumerate(PAIR)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False)
    targets = params.method.reliability.national_target_hours.items()
    said = "、".join(f"{label('area', kind)} {hours:g}" for kind, hours in targets if kind in drawn)
    if said:
        above = {"xycoords": "axes fraction", "xytext": (0, 4), "textcoords": "offset points", "fontsize": 7.5}
        panels[0].annotate(f"{TARGETS}{said}", (0, 1), va="bottom", **above)
    return figure


def _types(indicators: pd.DataFrame, params: Params, area: str) -> list[AreaType | None]:
    """Return the area type of each county's bar, if it is a single one with a target, else None."""
    parts = URBAN_TYPES if area == "urban" else RURAL_TYPES
    known = {part: ~np.isnan(by_county(indicators, params, "saidi_hours", area=part)) for part in parts}
    held = [[part for part in parts if known[part][row]] for row in range(len(params.counties))]
    return [each[0] if len(each) == 1 else None for each in held]


def _mark(axes: Axes, height: float, value: float, hours: float) -> float:
    """Mark the target of one bar; return where its number begins, past a mark that would cross it."""
    axes.set_xlim(0, max(axes.get_xlim()[1], hours * 1.2))
    lines = axes.plot([hours, hours], [height - 0.21, height + 0.21], color=style.INK, linewidth=1.4, solid_capstyle="butt")
    lines[0].set_path_effects([withStroke(linewidth=2.4, foreground="white")])
    return hours if value <= hours < value + NUMBER * axes.get_xlim()[1] else value


def grades(indicators: pd.DataFrame, params: Params) -> Picture:
    """Draw the World Bank grades of each county (urban, rural and overall) as labelled tiles (图 3-2).

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table; `reliability_band` by area.
    params : Params
        Counties in administrative order; the limits of the intervals.

    Returns
    -------
    Picture
        One row per county, one column per area; the grade is written in the tile and determines its shade.
    """
    height = len(params.counties)
    figure, axes = style.subplots(height=style.ROW * height * 0.52 + 1.1, width=style.WIDTH * 0.82)
    for column, area in enumerate(GRADED):
        for row, (unit, grade) in enumerate(
            zip(params.counties, by_county(indicators, params, "reliability_band", area=area), strict=True)
        ):
            known = not np.isnan(grade)
            says = said(unit.name, label("area", area), "分级（分）", float(grade)) if known else None
            fill = style.GRADES[int(grade)] if known else "white"
            axes.add_patch(
                Rectangle(
                    (column, row), 1, 1, facecolor=fill, edgecolor="white", linewidth=2.5, hatch="" if known else "////", gid=says
                )
            )
            axes.text(
                column + 0.5,
                row + 0.5,
                f"{half_up(grade)} 分" if known else "缺",
                ha="center",
                va="center",
                color="white" if grade == len(style.GRADES) - 1 else style.INK,
                in_layout=False,
            )
    axes.set_xlim(0, len(GRADED))
    axes.set_ylim(height, 0)
    axes.set_xticks(np.arange(len(GRADED)) + 0.5, [label("area", area) for area in GRADED])
    axes.xaxis.tick_top()
    axes.set_yticks(np.arange(height) + 0.5, [unit.name for unit in params.counties])
    style.bare(axes)
    axes.grid(False)
    handles = [
        Patch(facecolor=style.GRADES[grade], edgecolor=style.FAINT, linewidth=0.4, label=text) for grade, text in scale(params)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False)
    return figure


def scale(params: Params) -> list[tuple[int, str]]:
    """Return the meaning of each grade from the limits of the method, best first."""
    limits = sorted(params.method.reliability.band_limits)
    best = len(limits)
    texts = [(best - step, f"{best - step} 分：时间、次数均不超过 {limit:g}") for step, limit in enumerate(limits)]
    return [*texts, (0, f"0 分：时间或次数超过 {limits[-1]:g}")]
