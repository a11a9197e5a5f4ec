"""Customers' answers as diverging bars with their intervals."""

import numpy as np
import pandas as pd

from ge_analysis.figures import style
from ge_analysis.figures.data import by_item
from ge_analysis.figures.picture import Picture
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.registry import label, printed


def aspects(indicators: pd.DataFrame, params: Params, place: str) -> Picture:
    """Draw for each aspect the share of satisfied answers to the right, of dissatisfied to the left, and the neutral ones apart.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table; `survey_top2_share`, its interval (`…_low`, `…_high`) and `survey_neutral_share` by aspect (`item`).
    params : Params
        The aspects in order.
    place : str
        County (slug, Chinese name or code) or `city`.

    Returns
    -------
    Picture
        Whiskers show the interval of the satisfied share; n is given with each aspect.
    """
    shares = by_item(indicators, "survey_top2_share", params.method.survey.aspects, place)
    if shares.empty:
        return style.blank("没有达到发布份数的有效问卷")
    rows = np.arange(len(shares))
    value = shares["value"].to_numpy(dtype=float)
    ends = (by_item(indicators, f"survey_top2_{end}", shares.index, place)["value"] for end in ("low", "high"))
    low, high = (end.reindex(shares.index).to_numpy(dtype=float) for end in ends)
    neutral = (
        by_item(indicators, "survey_neutral_share", shares.index, place)["value"].reindex(shares.index).to_numpy(dtype=float)
    )
    figure, (axes, aside) = style.subplots(1, 2, height=0.42 * len(rows) + 1.1, width_ratios=[4, 1], sharey=True)
    axes.barh(rows, value, height=0.6, color=style.STAGES[1], label=f"满意（{params.method.survey.top_box_from} 分及以上）")
    axes.barh(rows, value + neutral - 100, height=0.6, color=style.STAGES[3], label="不满意")
    aside.barh(
        rows, neutral, height=0.6, color=style.KINDS["shortage"], label=f"中间（{params.method.survey.top_box_from - 1} 分）"
    )
    axes.errorbar(
        value,
        rows,
        xerr=np.maximum([value - low, high - value], 0),
        fmt="none",
        ecolor=style.INK,
        elinewidth=1,
        capsize=3,
        label=f"{params.method.survey.confidence_pct:g}% 区间",
    )
    for row, share, end in zip(rows, value, high, strict=True):
        style.after(axes, f"{printed('survey_top2_share', share)}%", (end, row))
    for row, share in zip(rows, neutral, strict=True):
        style.after(aside, f"{printed('survey_neutral_share', share)}%", (share, row))
    axes.axvline(0, color=style.INK, linewidth=0.8)
    axes.set_xlim(-100, 122)
    axes.set_xticks(range(-100, 101, 50), [f"{abs(tick)}" for tick in range(-100, 101, 50)])
    axes.set_yticks(rows, [f"{label('aspect', aspect)}（n={n}）" for aspect, n in zip(shares.index, shares["n"], strict=True)])
    axes.set_ylim(len(rows) - 0.45, -0.55)
    axes.set_xlabel("占回答人数的比例（%）")
    aside.set_xlim(0, 130)
    aside.set_xticks([0, 50, 100])
    for panel in (axes, aside):
        style.bare(panel)
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return figure
