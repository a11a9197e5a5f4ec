"""The fonts of the pdf, and where they come from."""

import shutil
from functools import cache
from pathlib import Path

import typst

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.storage.fonts import REMEDY, SANS, SERIF, carried

FAMILIES = {"Noto Serif CJK SC", "Noto Sans CJK SC"}  # the two fonts that report.typ falls back on


def link_fonts(folder: Path) -> None:
    """Put the fonts that come with the requirements into `folder`, as links if the system has links.

    They are alone in it: the other fonts of the package mplfonts must not be used.

    Raises
    ------
    GeError
        If a font is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for source in (carried(SANS), carried(SERIF)):
        target = folder / source.name
        target.unlink(missing_ok=True)
        try:
            target.symlink_to(source)
        except OSError:
            shutil.copyfile(source, target)


@cache
def printing_fonts(folder: Path) -> typst.Fonts:
    """Return the fonts of the system and of `folder`; the folders are searched once.

    Raises
    ------
    GeError
        If neither has a family that the report falls back on.
    """
    found = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=[folder])
    missing = FAMILIES - set(found.families())
    if missing:
        raise GeError(_("no font {name} in {folder}, nor on the system", name=min(missing), folder=folder), _(REMEDY))
    return found
