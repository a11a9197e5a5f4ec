"""B-READY: the points of each subcategory of the three pillars."""

import math

import pandas as pd

from ge_analysis.figures import style
from ge_analysis.figures.picture import Picture
from ge_analysis.indicators.b_ready import worth
from ge_analysis.indicators.long_table import value
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.registry import label, printed


def pillars(indicators: pd.DataFrame, params: Params) -> Picture:
    """Draw the points that the city earns in each subcategory, out of those available.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table with the city; `b_ready_points` by part (`item`).
    params : Params
        The scheme of the study's edition.

    Returns
    -------
    Picture
        One panel per pillar, one bar per subcategory; 缺 if there is no score.
    """
    method = params.method.b_ready
    most, scheme = worth(method=method), method.scheme.pillars
    heights = [len(subcategories) for subcategories in scheme.values()]
    figure, panels = style.subplots(
        len(scheme), height=0.24 * sum(heights) + 1.4, squeeze=False, sharex=True, gridspec_kw={"height_ratios": heights}
    )
    for axes, (pillar, subcategories) in zip(panels[:, 0], scheme.items(), strict=True):
        axes.set_title(label("b_ready_part", pillar), loc="left")
        for row, part in enumerate(subcategories):
            points = value(indicators, "b_ready_points", county="city", item=part)
            axes.barh(row, most[part], height=0.62, color=style.GRADES[0], edgecolor=style.FAINT, linewidth=0.5)
            axes.barh(row, 0 if math.isnan(points) else points, height=0.62, color=style.GOOD)
            shown = "缺" if math.isnan(points) else printed("b_ready_points", points)
            style.after(axes, f"{shown}／{printed('b_ready_points', most[part])}", (most[part], row))
        axes.set_yticks(range(len(subcategories)), [label("b_ready_part", part) for part in subcategories])
        axes.set_ylim(len(subcategories) - 0.45, -0.55)
        axes.set_xlim(0, 1.2 * max(most[part] for part in most if part not in scheme and part != "total"))
        style.bare(axes)
    panels[-1, 0].set_xlabel("分")
    return figure
