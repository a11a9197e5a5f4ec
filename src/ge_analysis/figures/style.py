"""The common style of all figures: Chinese font, sizes, colours."""

from functools import cache
from typing import Any, Literal

import seaborn
from matplotlib import font_manager
from matplotlib.axes import Axes

from ge_analysis.figures.picture import Picture
from ge_analysis.settings.parameters import Params
from ge_analysis.storage.fonts import SANS, carried

WIDTH = 6.14  # inches: the 156 mm between the margins of the page
PAGE = 7.9  # inches: the tallest figure that a page holds above its caption and note
ROW = 0.34  # inches per county in figures with one row per county

# One colour per grid, unless its parameters name others; the light tone is for the second of a pair. They also differ in grey.
GRID = (("#1f4e79", "#8fb4d4"), ("#9a4a00", "#f0b678"), ("#3b7d4c", "#b9dcc0"), ("#5a3d78", "#cdbfdd"))
GRADES = ("#f2f0ea", "#c9d9e8", "#7fa6c9", "#1f4e79")  # 0 to 3, light to dark
KINDS = {"scheduled": "#1f4e79", "fault": "#e08e45", "shortage": "#b9b9b9"}
STAGES = ("#1f4e79", "#5b8bb5", "#a9c6de", "#f0d3ae", "#e08e45", "#9a4a00", "#6b6b6b", "#c4c4c4")
CODES = {"green": "#1f5c34", "yellow": "#f6d36b", "red": "#c0434f"}  # dark, light and between in grey
GOOD, POOR = "#1f4e79", "#e08e45"
INK, FAINT = "#222222", "#767676"


def grid_tones(params: Params) -> dict[str, tuple[str, str]]:
    """Return the dark and the light tone of each grid of a study, by its code."""
    return {grid.code: grid.colours or GRID[number % len(GRID)] for number, grid in enumerate(params.grids)}


@cache
def _face() -> str:
    """Register the sans face that comes with the requirements, and return its name."""
    path = carried(SANS)
    font_manager.fontManager.addfont(path)
    return font_manager.FontProperties(fname=path).get_name()


def use_style() -> None:
    """Set matplotlib's current style to the report's.

    Raises
    ------
    GeError
        If the font that comes with the requirements is missing.

    Examples
    --------
    >>> from matplotlib import rcParams
    >>> use_style()
    >>> rcParams["font.sans-serif"]
    ['Noto Sans CJK SC']
    """
    face = _face()
    rc = {
        "font.family": "sans-serif",
        "font.sans-serif": [face],  # seaborn's theme would set its own list
        "font.size": 9,
        "axes.titlesize": 10,
        "axes.labelsize": 9,
        "xtick.labelsize": 8.5,
        "ytick.labelsize": 8.5,
        "legend.fontsize": 8.5,
        "axes.unicode_minus": False,
        "axes.edgecolor": FAINT,
        "axes.labelcolor": INK,
        "text.color": INK,
        "text.parse_math": False,  # a $ in a name is a $
        "grid.color": "#e4e4e4",
        "hatch.linewidth": 0.6,
        "figure.constrained_layout.use": True,
        "svg.fonttype": "path",  # looks the same without the font installed
        "svg.hashsalt": "ge_analysis",  # ids that do not change from run to run
    }
    seaborn.set_theme(context="paper", style="whitegrid", font=face, rc=rc)


def subplots(rows: int = 1, columns: int = 1, *, height: float, width: float = WIDTH, **options: Any) -> tuple[Picture, Any]:
    """Return a picture in the report's style and its axes, like pyplot's `subplots`, but not registered with pyplot.

    A notebook would show a pyplot figure twice, and a long run would never free it.

    The axes are a single one or an array, as returned by `Figure.subplots`.

    Parameters
    ----------
    rows, columns : int
        Panels.
    height, width : float
        Size [inches]; a figure somewhat taller than a page is compressed to fit it.
    **options
        Passed to `Figure.subplots`.
    """
    use_style()
    if PAGE < height < 1.5 * PAGE:
        height = PAGE
    figure = Picture(figsize=(width, height))
    return figure, figure.subplots(rows, columns, **options)


def blank(reason: str) -> Picture:
    """Return a picture with the reason why there is nothing to draw."""
    figure, axes = subplots(height=1.2)
    axes.remove()
    figure.text(0.5, 0.5, reason, ha="center", va="center", color=FAINT)
    return figure


def bare(axes: Axes, keep: Literal["x", "y"] = "x") -> None:
    """Leave only the grid lines of one axis, without a frame."""
    axes.grid(False)
    axes.grid(True, axis=keep)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)


def after(axes: Axes, text: str, at: tuple[Any, Any], points: float = 4, **look: Any) -> None:
    """Write a text to the right of a point, some points apart."""
    axes.annotate(text, at, xytext=(points, 0), textcoords="offset points", va="center", **look)


def above(axes: Axes, text: str, at: tuple[Any, Any], points: float = 2, **look: Any) -> None:
    """Write a text above a point, some points apart."""
    axes.annotate(text, at, xytext=(0, points), textcoords="offset points", ha="center", **look)
