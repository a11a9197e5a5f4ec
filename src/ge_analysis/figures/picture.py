"""A figure that is drawn once: what a notebook shows is what the report prints."""

import json
import struct
import warnings
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path

import typst
from IPython.display import display
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from ge_analysis.errors import GeError
from ge_analysis.files import whole_file

DPI = 300  # of the pictures for Word
_HEADER = 33  # bytes of a PNG's signature and first chunk


class Picture(Figure):
    """A matplotlib figure that a notebook shows as SVG, drawn anew only where it was changed since.

    Examples
    --------
    >>> Picture(figsize=(2, 1)).svg()[:5]
    b'<?xml'
    """

    _svg = b""

    def svg(self) -> bytes:
        """Return the figure as SVG; the same figure gives the same bytes.

        Raises
        ------
        GeError
            Where the font lacks a character of the figure.
        """
        if self.stale or not self._svg:
            target, dpi = BytesIO(), self.dpi
            with warnings.catch_warnings():
                warnings.filterwarnings("error", message="Glyph .* missing from font")
                try:
                    # `savefig` would draw all of it a first time, only to find the layout; drawing finds it as well.
                    FigureCanvasSVG(self).print_svg(target, metadata={"Date": None, "Creator": None})
                except UserWarning as warning:
                    raise GeError(f"a figure: {warning}", "replace the character in the ledger or by a correction") from None
            self._svg = target.getvalue()
            self.dpi = dpi  # an SVG's own, and so no change of the figure
            self.stale = False
        return self._svg

    def _ipython_display_(self) -> None:
        drawing = self.svg().decode()
        display({"image/svg+xml": drawing[drawing.index("<svg") :]}, raw=True)


def save(pictures: Mapping[str, Picture], folder: Path) -> None:
    """Save pictures as SVG and as PNG (300 dpi).

    Parameters
    ----------
    pictures : mapping of str to Picture
        File name without ending, and the picture.
    folder : Path
        Folder, created where it is not there.

    Raises
    ------
    GeError
        Where the font lacks a character of a picture, or the folder cannot be written.
    """
    for name, picture in pictures.items():
        _write(folder / f"{name}.svg", picture.svg())
    with ThreadPoolExecutor() as pool:
        for name, png in zip(pictures, pool.map(partial(_png, folder), pictures), strict=True):
            _write(folder / f"{name}.png", png)


def _write(path: Path, content: bytes) -> None:
    with whole_file(path) as temporary:
        temporary.write_bytes(content)


def _png(folder: Path, name: str) -> bytes:
    """Turn an SVG file into PNG: Typst does it in a quarter of the time in which matplotlib draws it a second time."""
    source = f"#set page(width: auto, height: auto, margin: 0pt)\n#image({json.dumps(f'{name}.svg')})"
    return _with_resolution(typst.compile(source.encode(), root=folder, ignore_system_fonts=True, format="png", ppi=DPI))


def _with_resolution(png: bytes) -> bytes:
    """Add the chunk that says how large the picture is on paper; Word would guess another size without it."""
    per_metre = round(DPI / 0.0254)
    chunk = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    return png[:_HEADER] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[_HEADER:]
