"""The fonts that the pdf is set in, and where they come from."""

import shutil
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import typst

from ge_analysis.errors import GeError

# in the package mplfonts, under the OFL: the families that report.typ falls back on
CARRIED = {"Noto Serif CJK SC": "NotoSerifCJKsc-Regular.otf", "Noto Sans CJK SC": "NotoSansCJKsc-Regular.otf"}
REMEDY = "install the requirements again: `make report` or `pip install -r requirements.lock`"


def link_fonts(folder: Path) -> None:
    """Put the fonts that come with the requirements into `folder`, as links where the system has links.

    They lie alone in it: the other fonts of the package mplfonts must not be used.

    Raises
    ------
    GeError
        Where a font is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in CARRIED.values():
        try:
            source = Path(str(distribution("mplfonts").locate_file(f"mplfonts/fonts/{name}")))
        except PackageNotFoundError:
            source = Path("mplfonts") / name
        if not source.is_file():
            raise GeError(f"the font {name} is missing", REMEDY)
        target = folder / name
        target.unlink(missing_ok=True)
        try:
            target.symlink_to(source)
        except OSError:
            shutil.copyfile(source, target)


@cache
def printing_fonts(folder: Path) -> typst.Fonts:
    """Return the system's fonts and those in `folder`; the folders are searched once.

    Raises
    ------
    GeError
        Where a family that the report falls back on is in neither.
    """
    found = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=[folder])
    missing = CARRIED.keys() - found.families()
    if missing:
        raise GeError(f"no font {min(missing)} in {folder}, nor on the system", REMEDY)
    return found
