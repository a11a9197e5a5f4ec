"""What measures would change, county by county."""

import numpy as np
import pandas as pd

from ge_analysis.errors import unknown
from ge_analysis.figures import style
from ge_analysis.figures.picture import Picture
from ge_analysis.indicators.long_table import select
from ge_analysis.language import N_
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.registry import indicator as entry


def before_after(effects: pd.DataFrame, params: Params, measure: str, indicator: str, **dims: str) -> Picture:
    """Draw one indicator of each county before and after a measure.

    Parameters
    ----------
    effects : DataFrame
        As returned by `Study.what_if`.
    params : Params
        Counties in administrative order.
    measure : str
        Id of one of its measures, or `all`.
    indicator : str
        Its name in the registry.
    **dims : str
        Dimensions of the value.

    Returns
    -------
    Picture
        One row per county: a ring before, a dot after; nothing for a county that the measure does not affect.

    Raises
    ------
    GeError
        For a measure that is not among the effects, or an unknown indicator or code.
    """
    measures = effects["measure"].unique()
    if measure not in measures:
        raise unknown(N_("measure"), measure, measures)
    moved = select(effects[effects["measure"] == measure], indicator, **dims).set_index("county")
    units = [unit for unit in params.counties if unit.slug in moved.index]
    if not units:
        return style.blank("没有变化")
    lines = moved.loc[[unit.slug for unit in units]]
    at = np.arange(len(units))
    figure, axes = style.subplots(height=style.ROW * len(units) + 0.9)
    axes.hlines(at, lines["before"], lines["after"], color=style.FAINT, linewidth=1)
    axes.plot(lines["before"], at, "o", markerfacecolor="white", markeredgecolor=style.POOR, label="现状")
    axes.plot(lines["after"], at, "o", color=style.GOOD, label="采取措施后")
    axes.set_yticks(at, [unit.name for unit in units])
    axes.set_ylim(len(units) - 0.5, -0.5)
    axes.set_xlabel(entry(indicator).title)
    style.bare(axes)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure
