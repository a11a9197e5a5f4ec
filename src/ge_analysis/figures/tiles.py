"""The schematic map of the summary: one square per county, arranged like the counties."""

import pandas as pd
from matplotlib.patches import Patch, Rectangle

from ge_analysis.figures import style
from ge_analysis.figures.data import by_county
from ge_analysis.figures.picture import Picture
from ge_analysis.figures.reliability import scale
from ge_analysis.settings.parameters import Params

COLUMNS = 5  # for a study without tile positions
ONE_LINE = 5  # characters of a name that leave room for the grade
LEGEND = 0.75  # height of the legend, which few counties must not cut [inches]


def grades(indicators: pd.DataFrame, params: Params) -> Picture:
    """Draw the counties as squares that show their reliability grade by colour and text.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table of all counties; `reliability_band` of all areas.
    params : Params
        Counties with their tiles; if one has none, all are laid out in rows in administrative order.

    Returns
    -------
    Picture
        No boundaries and no ranks.
    """
    values = by_county(indicators, params, "reliability_band", area="all")
    tiles = [unit.tile for unit in params.counties]
    if None in tiles:
        tiles = [(1 + number // COLUMNS, 1 + number % COLUMNS) for number in range(len(tiles))]
    rows, columns = (max(tile[axis] for tile in tiles if tile) for axis in (0, 1))
    figure, axes = style.subplots(height=max(0.25 * rows + 0.1, LEGEND))
    for unit, tile, value in zip(params.counties, tiles, values, strict=True):
        if tile is None:
            continue
        known = not pd.isna(value)
        colour = style.GRADES[int(value)] if known else "white"
        left, top = 2.2 * (tile[1] - 1), tile[0] - 1
        axes.add_patch(Rectangle((left, top), 2.1, 0.92, facecolor=colour, edgecolor=style.FAINT, linewidth=0.6))
        ink = "white" if known and value >= 3 else style.INK
        grade = f"{int(value)}分" if known else "缺"
        middle = {"x": left + 1.05, "y": top + 0.48, "ha": "center", "va": "center", "color": ink}
        if len(unit.name) <= ONE_LINE:
            axes.text(s=f"{unit.name} {grade}", fontsize=8, **middle)
        else:
            axes.text(s=f"{unit.name}\n{grade}", fontsize=min(6.5, 52 / len(unit.name)), linespacing=1, **middle)
    axes.set_xlim(0, 2.2 * columns)
    axes.set_ylim(rows, 0)
    axes.axis("off")
    handles = [
        Patch(facecolor=style.GRADES[grade], edgecolor=style.FAINT, linewidth=0.4, label=text) for grade, text in scale(params)
    ]
    figure.legend(handles=handles, loc="outside right center", frameon=False)
    return figure
