"""The fonts that come with the requirements (the package mplfonts, under the OFL), so that no system font is needed."""

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from fontTools.ttLib import TTFont

from ge_analysis.errors import GeError
from ge_analysis.language import N_, _

SANS, SERIF = "NotoSansCJKsc-Regular.otf", "NotoSerifCJKsc-Regular.otf"
UNPRINTABLE = "〓"  # the geta mark, printed for a character that the fonts lack
REMEDY = N_("install the requirements again: `make report` or `pip install -r requirements.lock`")


def carried(name: str) -> Path:
    """Return the path of a font.

    Raises
    ------
    GeError
        If it is missing.
    """
    try:
        path = Path(str(distribution("mplfonts").locate_file(f"mplfonts/fonts/{name}")))
    except PackageNotFoundError:
        path = Path(name)
    if not path.is_file():
        raise GeError(_("the font {name} is missing", name=name), _(REMEDY))
    return path


@cache
def glyphs() -> frozenset[int]:
    """Code points that the report's fonts can print."""
    with TTFont(carried(SANS), lazy=True) as font:
        return frozenset(font.getBestCmap())
