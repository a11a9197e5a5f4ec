"""Figures that are drawn once: the report prints what the notebook shows."""

import json
import os
import re
import struct
import warnings
import zlib
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import typst
from IPython.display import display
from matplotlib import rcParams
from matplotlib.axis import Axis
from matplotlib.category import StrCategoryFormatter
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FuncFormatter

from ge_analysis.figures import svg
from ge_analysis.language import _
from ge_analysis.storage.files import whole_file
from ge_analysis.storage.fonts import UNPRINTABLE

DPI = 300  # of the PNG files, for Word
SAYS = "says"  # prefix of the id of a mark that says what it shows
HALO = "halo"  # the id of texts with a white rim, as a number has that comes near a line
_HALO = re.compile(rb'<g id="halo">(.*?transform="([^"]* scale\(([\d.]+) [^"]*)".*?</g>\s*)</g>', re.DOTALL)
_RIM = 2.4  # points
_GLYPH = 1 / 64  # by which matplotlib scales the outlines of a sign
_HEADER = 33  # bytes of a PNG's signature and first chunk


class Picture(Figure):
    """A matplotlib figure that notebooks show as SVG; it is redrawn only if it has changed.

    Examples
    --------
    >>> Picture(figsize=(2, 1)).svg()[:5]
    b'<?xml'
    """

    _svg = b""

    def svg(self) -> bytes:
        """Return the figure as SVG; the same figure gives the same bytes."""
        if self.stale or not self._svg:
            self._svg = _drawn(self)
            self.stale = False
        return self._svg

    def _ipython_display_(self) -> None:
        _png(self.svg())  # begins now, so that it is ready when the notebook saves
        drawing = self.svg().decode()
        display({"image/svg+xml": drawing[drawing.index("<svg") :]}, raw=True)


def _drawn(figure: Figure) -> bytes:
    """Draw a figure as SVG; the same figure gives the same bytes. A character that the font lacks becomes 〓, with a warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.filterwarnings("always", message="Glyph .* missing from font")
        drawing = _print_svg(figure)
    lacking = {chr(int(number)) for warning in caught for number in re.findall(r"^Glyph (\d+) ", str(warning.message))}
    for warning in caught:
        if not str(warning.message).startswith("Glyph "):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    if not lacking:
        return drawing
    shown = "、".join(f"{sign} (U+{ord(sign):04X})" for sign in sorted(lacking))
    warnings.warn(
        _("a figure shows {sign} for {shown}, which the report's font lacks", sign=UNPRINTABLE, shown=shown), stacklevel=4
    )
    _replace(figure, str.maketrans(dict.fromkeys(lacking, UNPRINTABLE)))
    with warnings.catch_warnings(action="ignore"):
        return _print_svg(figure)


def _print_svg(figure: Figure) -> bytes:
    _name_bars(figure)
    return _HALO.sub(_rimmed, svg.drawn(figure))


def _rimmed(text: re.Match[bytes]) -> bytes:
    """Draw a text's rim below it; path effects would write the outlines of each text twice, and the text itself nowhere."""
    signs = b"".join(re.findall(rb"<use [^>]*/>", text[1]))
    rim = f"fill: none; stroke: #ffffff; stroke-width: {_RIM / float(text[3]) / _GLYPH:.0f}; stroke-linejoin: round"
    return b'<g class="halo"><g style="%b" transform="%b">%b</g>%b</g>' % (rim.encode(), text[2], signs, text[1])


def said(category: str, series: str, quantity: str, value: float) -> str:
    """Return an id that encodes what a mark of a drawing shows; the report's page reads it (`figures.drawing`)."""
    return json.dumps([SAYS, category, series, quantity, value], ensure_ascii=False)


def _name_bars(figure: Figure) -> None:
    """Encode category, series, quantity and value of every bar in its id."""
    for axes in figure.axes:
        for bars in axes.containers:
            if isinstance(bars, BarContainer):
                upright = bars.orientation == "vertical"
                axis, across = (axes.xaxis, axes.yaxis) if upright else (axes.yaxis, axes.xaxis)
                ticks = np.asarray(axis.get_majorticklocs())
                names = axis.get_major_formatter().format_ticks(ticks.tolist())
                series = str(bars.get_label())
                labelled = across.get_label_text() or (figure.axes[0].yaxis if upright else figure.axes[0].xaxis).get_label_text()
                quantity = f"{axes.get_title(loc='left')} {labelled}".strip()
                for bar in bars.patches:
                    centre = bar.get_x() + bar.get_width() / 2 if upright else bar.get_y() + bar.get_height() / 2
                    value = float(bar.get_height() if upright else bar.get_width())
                    name = names[int(np.abs(ticks - centre).argmin())] if len(ticks) else ""
                    if np.isfinite(value):
                        bar.set_gid(said(name, "" if series.startswith("_") else series, quantity, abs(value)))


def _replace(figure: Figure, signs: dict[int, str]) -> None:
    """Replace characters in all texts of a figure, including tick labels, which each drawing rewrites."""
    for axis in figure.findobj(Axis):
        written = axis.get_major_formatter()
        if isinstance(written, FuncFormatter | FixedFormatter | StrCategoryFormatter):
            axis.set_major_formatter(FuncFormatter(lambda value, position, by=written: by(value, position).translate(signs)))
    for text in figure.findobj(Text):
        text.set_text(text.get_text().translate(signs))


def _svg(figure: Figure) -> bytes:
    """Return any matplotlib figure as SVG; one not made by `style.subplots` gets the report's fonts."""
    if isinstance(figure, Picture):
        return figure.svg()
    from ge_analysis.figures import style  # which imports this module

    style.use_style()
    with warnings.catch_warnings(action="ignore"):
        figure.draw_without_rendering()  # creates the ticks, whose labels are texts too
    for text in figure.findobj(Text):
        text.set_fontfamily(rcParams["font.sans-serif"])
    return _drawn(figure)


def _figure_of(drawing: object) -> Figure | None:
    """Return the figure behind the result of a plotting function (figure, axes, array of axes, seaborn grid), or None."""
    if isinstance(drawing, np.ndarray | list | tuple) and len(drawing):
        return _figure_of(np.ravel(np.asarray(drawing, dtype=object))[0])
    found = drawing if isinstance(drawing, Figure) else getattr(drawing, "figure", None)
    return found if isinstance(found, Figure) else None


def save(drawings: Mapping[str, object], folder: Path) -> None:
    """Save drawings as SVG and PNG (300 dpi); anything else is skipped with a warning.

    Parameters
    ----------
    drawings : mapping of str to object
        File name without suffix → a matplotlib figure, axes, or a seaborn grid.
    folder : Path
        Folder; created if necessary.

    Raises
    ------
    GeError
        If the folder cannot be written.
    """
    drawn = {}
    for name, drawing in drawings.items():
        figure = _figure_of(drawing)
        if figure is None:
            kind = type(drawing).__name__
            warnings.warn(
                _("figures['{name}'] is a {kind} and was not saved; put a matplotlib figure there", name=name, kind=kind),
                stacklevel=3,
            )
            continue
        drawn[name] = _svg(figure)
        _png(drawn[name])
    for name, drawing in drawn.items():
        _write(folder / f"{name}.svg", drawing)
        _write(folder / f"{name}.png", _png(drawing).result())


def _write(path: Path, content: bytes) -> None:
    with whole_file(path) as temporary:
        temporary.write_bytes(content)


@cache
def _painters() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count())  # started late: a forked kernel would not have the threads


@lru_cache(maxsize=100)
def _png(drawing: bytes) -> Future[bytes]:
    """Begin to convert an SVG to PNG with Typst, in a quarter of the time that matplotlib needs to redraw it."""
    return _painters().submit(_converted, drawing.decode())


def _converted(drawing: str) -> bytes:
    source = b'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.drawing), format: "svg")'
    png = typst.compile(source, sys_inputs={"drawing": drawing}, ignore_system_fonts=True, format="png", ppi=DPI)
    return _with_resolution(png)


def _with_resolution(png: bytes) -> bytes:
    """Add the chunk with the physical size, without which Word guesses another size."""
    per_metre = round(DPI / 0.0254)
    chunk = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    return png[:_HEADER] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[_HEADER:]
