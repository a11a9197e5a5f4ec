"""Stage times of high-voltage connections."""

import numpy as np
import pandas as pd

from ge_analysis.figures import style
from ge_analysis.figures.data import by_county
from ge_analysis.figures.picture import HALO, Picture
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.registry import label, printed, registry


def stage_times(indicators: pd.DataFrame, params: Params) -> Picture:
    """Draw the median days of each stage of high-voltage connections, stacked, with the target.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table; `stage_days` by stage (`item`), high voltage.
    params : Params
        Counties in administrative order; the target in days.

    Returns
    -------
    Picture
        One row per county; the total is written at the end of the bar.
    """
    stages = params.method.connection.cases["high"].procedures
    days = np.array([by_county(indicators, params, "stage_days", voltage="high", item=stage) for stage in stages])
    known = ~np.isnan(days).all(axis=0)
    if not known.any():
        return style.blank("没有可比的高压接电案例")
    rows = np.arange(len(params.counties))
    figure, axes = style.subplots(height=style.ROW * len(rows) * 0.68 + 1.3)
    left = np.zeros(len(rows))
    for number, stage in enumerate(stages):
        if np.isnan(days[number]).all():
            continue
        width = np.nan_to_num(days[number])
        tone = style.STAGES[number % len(style.STAGES)]
        axes.barh(rows, width, left=left, height=0.62, color=tone, edgecolor="white", linewidth=0.6, label=label("stage", stage))
        left += width
    total = by_county(indicators, params, "time_days", voltage="high")
    for row in rows:
        text = printed("time_days", total[row]) if known[row] else "缺"
        style.after(axes, text, (left[row], row), points=3, gid=HALO)
    target = params.method.connection.targets_days.high
    axes.set_xlim(0, max(left.max(), target) * 1.1)
    axes.axvline(target, color=style.INK, linewidth=1, linestyle="--")
    style.above(axes, f"目标 {target:g} 天", (target, 1), points=3, xycoords=axes.get_xaxis_transform())
    axes.set_yticks(rows, [unit.name for unit in params.counties])
    axes.set_ylim(len(rows) - 0.45, -0.55)
    axes.set_xlabel(registry().indicators["stage_days"].title)
    style.bare(axes)
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return figure
