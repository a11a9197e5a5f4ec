"""The one look of all figures: Chinese font, sizes, colours, and how a figure is saved."""

import warnings
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import seaborn
from matplotlib import font_manager, ft2font
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from ge_analysis.errors import GeError
from ge_analysis.files import whole_file

WIDTH = 6.14  # inches: the 156 mm between the margins of the page
ROW = 0.34  # inches a county takes in a figure that has one row for each

# One colour per grid; the light tone is for the second of a pair. The two pairs differ in grey as well.
GRID = {"state": ("#1f4e79", "#8fb4d4"), "local": ("#9a4a00", "#f0b678")}
GRADES = ("#f2f0ea", "#c9d9e8", "#7fa6c9", "#1f4e79")  # 0 to 3, light to dark
KINDS = {"scheduled": "#1f4e79", "fault": "#e08e45", "shortage": "#b9b9b9"}
STAGES = ("#1f4e79", "#5b8bb5", "#a9c6de", "#f0d3ae", "#e08e45", "#9a4a00", "#6b6b6b", "#c4c4c4")
CODES = {"green": "#3b7d4c", "yellow": "#f2c14e", "red": "#b23a48"}
GOOD, POOR = "#1f4e79", "#e08e45"
INK, FAINT = "#222222", "#767676"
PAPER = {"boxstyle": "square,pad=0.05", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}  # behind a number on a line


@cache
def _font() -> tuple[str, ft2font.FT2Font]:
    """Register the sans face that the package mplfonts carries; no system font is needed."""
    path = Path(str(distribution("mplfonts").locate_file("mplfonts/fonts/NotoSansCJKsc-Regular.otf")))
    if not path.is_file():
        raise GeError(f"the font {path.name} is missing", "install the requirements.lock again")
    font_manager.fontManager.addfont(path)
    return font_manager.FontProperties(fname=path).get_name(), ft2font.FT2Font(str(path))


@cache
def glyphs() -> frozenset[int]:
    """Code points that the report's fonts can print."""
    return frozenset(_font()[1].get_charmap())


def use_style() -> None:
    """Make the report's look the current one of matplotlib.

    Raises
    ------
    GeError
        Where the font that comes with the requirements is not there.

    Examples
    --------
    >>> use_style()
    >>> plt.rcParams["font.sans-serif"]
    ['Noto Sans CJK SC']
    """
    rc = {
        "font.family": "sans-serif",
        "font.sans-serif": [_font()[0]],  # seaborn's theme would put its own list here
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
        "grid.color": "#e4e4e4",
        "hatch.linewidth": 0.6,
        "figure.constrained_layout.use": True,
        "svg.fonttype": "path",  # the same picture where the font is not installed
        "svg.hashsalt": "ge_analysis",  # ids that do not change from run to run
    }
    seaborn.set_theme(context="paper", style="whitegrid", font=rc["font.sans-serif"][0], rc=rc)


def subplots(rows: int = 1, columns: int = 1, *, height: float, width: float = WIDTH, **options) -> tuple:
    """Return a figure in the report's look and its axes, as pyplot's `subplots`, but not kept by pyplot.

    A figure that pyplot keeps would be shown twice by a notebook, and never be freed by a long run.

    Parameters
    ----------
    rows, columns : int
        Panels.
    height, width : float
        Size [inches].
    **options
        Passed to pyplot.
    """
    use_style()
    figure, axes = plt.subplots(rows, columns, figsize=(width, height), **options)
    plt.close(figure)
    return figure, axes


def save(figure: Figure, folder: Path, name: str) -> None:
    """Save a figure as `name.svg` and as `name.png` (300 dpi); the same figure gives the same bytes.

    Parameters
    ----------
    figure : Figure
        What a function of `ge_analysis.figures` returned.
    folder : Path
        Folder, created where it is not there.
    name : str
        File name without its ending.

    Raises
    ------
    GeError
        Where the font lacks a character of the figure, or the folder cannot be written.
    """
    use_style()
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing from font")
        try:
            figure.draw_without_rendering()
            figure.set_layout_engine("none")  # the layout stands; finding it again for each file would double the time
            for ending, metadata in (("svg", {"Date": None, "Creator": None}), ("png", {"Software": None})):
                with whole_file(folder / f"{name}.{ending}") as temporary:
                    figure.savefig(temporary, format=ending, dpi=300, metadata=metadata)
        except UserWarning as warning:
            raise GeError(f"figure {name}: {warning}", "replace the character in the ledger or by a correction") from None


def blank(reason: str) -> Figure:
    """Return a figure that says why there is nothing to draw."""
    figure, axes = subplots(height=1.2)
    axes.remove()
    figure.text(0.5, 0.5, reason, ha="center", va="center", color=FAINT)
    return figure


def bare(axes, keep: str = "x") -> None:
    """Leave only the grid lines across one axis, and no frame."""
    axes.grid(False)
    axes.grid(True, axis=keep)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)
