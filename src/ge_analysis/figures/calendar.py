"""The calendar of a feeder's interruptions: each day with an interruption, counted or not."""

import numpy as np
import pandas as pd

from ge_analysis.figures import style
from ge_analysis.figures.outages import NO_OUTAGE
from ge_analysis.figures.picture import Picture
from ge_analysis.indicators.frequent import COUNTED
from ge_analysis.indicators.periods import inside
from ge_analysis.indicators.topics.frequent import BY, Judged
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.registry import label


def most_interrupted(judged: Judged, params: Params) -> Picture:
    """Draw the year of the feeder with the most interruptions, one row per month; outages that do not count are hollow.

    Parameters
    ----------
    judged : Judged
        Outages with their marks, as `judged_feeders` returns them.
    params : Params
        The reliability period and the counties' names.

    Returns
    -------
    Picture
        A calendar of the period.
    """
    period = params.year.reliability_period
    table = judged.table[judged.table["year"] > 0].sort_values(["year", "window"], ascending=False, kind="stable")
    if table.empty:
        return style.blank(NO_OUTAGE)
    county, feeder = table.index[0]
    own = (judged.rows[BY] == (county, feeder)).all(axis=1) & inside(judged.rows["started"], period)
    months = pd.period_range(period.start, period.last, freq="M")
    started, kind = judged.rows.loc[own, "started"], judged.rows.loc[own, "kind"]
    counted = (judged.marks[own].cat.codes == COUNTED).to_numpy()
    row, day = months.get_indexer(started.dt.to_period("M")), started.dt.day.to_numpy()
    figure, axes = style.subplots(height=0.2 * len(months) + 0.9)
    axes.scatter(
        day[~counted], row[~counted], s=34, marker="o", facecolors="none", edgecolors=style.FAINT, linewidths=0.8, label="不计入"
    )
    for code, tone in style.KINDS.items():
        of_kind = counted & (kind == code).to_numpy(dtype=bool)
        axes.scatter(day[of_kind], row[of_kind], s=34, marker="s", color=tone, label=label("kind", code))
    axes.set_yticks(range(len(months)), [f"{month.year}-{month.month:02d}" for month in months])
    axes.set_ylim(len(months) - 0.4, -0.6)
    axes.set_xticks(np.arange(1, 32, 2))
    axes.set_xlim(0.2, 31.8)
    place = next(unit.name for unit in params.counties if unit.slug == county)
    axes.set_xlabel(f"日（{place}{feeder}，计入 {table['year'].iloc[0]} 次）")
    style.bare(axes, "y")
    figure.legend(loc="outside upper right", ncols=4, frameon=False)
    return figure
