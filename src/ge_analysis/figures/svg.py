"""A matplotlib figure as SVG: the same bytes as matplotlib's own canvas writes, in less time.

That one finds the font, measures a text and traces its signs anew at every pass of the layout and in every figure. Here, each is
done once.
"""

from collections.abc import Callable, Hashable
from io import StringIO
from typing import Any, TypeVar, cast

from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import TextToPath

Found = TypeVar("Found")

DPI = 72  # of a drawing in points
_kept: dict[Hashable, Any] = {}  # what fonts say of texts; forked processes share it


def drawn(figure: Figure) -> bytes:
    """Draw a figure; the same figure gives the same bytes."""
    target, (width, height), dpi, canvas = StringIO(), figure.get_size_inches(), figure.dpi, figure.canvas
    undated = {"Date": None, "Creator": None}
    renderer: _Renderer = _Renderer(width * DPI, height * DPI, target, image_dpi=dpi, metadata=undated)  # type: ignore[no-untyped-call]
    renderer._text2path = _Texts()
    _Canvas(figure).renderer = renderer
    try:
        figure.dpi = DPI
        mixed = MixedModeRenderer(figure, width, height, dpi, renderer)
        figure.draw(cast(RendererBase, mixed))
        mixed.finalize()
    finally:
        figure.dpi = dpi
        figure.set_canvas(canvas)
    return target.getvalue().encode()


def _once(key: Hashable, find: Callable[[], Found]) -> Found:
    if key not in _kept:
        _kept[key] = find()
    found: Found = _kept[key]
    return found


def _face(font: FT2Font) -> tuple[str, int]:
    return str(font.fname), font.face_index


def _draws(font: FT2Font, text: str) -> bool:
    """Whether a font has all signs of a text; of others, matplotlib warns each time, and takes them from another font."""
    return all(map(font.get_char_index, map(ord, text)))


class _Canvas(FigureCanvasSVG):
    """Measures texts for the layout with the renderer that draws them; the base class would make another."""

    renderer: RendererSVG

    def get_renderer(self) -> RendererSVG:
        """Return the renderer, under the name by which matplotlib asks for it."""
        return self.renderer


class _Texts(TextToPath):
    """Finds a font once in a figure, and measures and traces a text once in a process."""

    def __init__(self) -> None:
        super().__init__()
        self._fonts: dict[Hashable, FT2Font] = {}

    def _get_font(self, prop: FontProperties) -> FT2Font:
        key = (*prop.get_family(), prop.get_style(), prop.get_variant(), prop.get_weight(), prop.get_stretch())
        if key not in self._fonts:
            self._fonts[key] = super()._get_font(prop)  # type: ignore[misc]  # not in matplotlib's stubs
        return self._fonts[key]

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        """Measure a text, as in the base class."""
        measure = super().get_text_width_height_descent
        font = self._get_font(prop)
        if ismath or not _draws(font, s):
            return measure(s, prop, ismath)
        return _once((_face(font), prop.get_size_in_points(), s), lambda: measure(s, prop, ismath))

    def get_glyphs_with_font(
        self, font: FT2Font, s: str, glyph_map: Any = None, return_new_glyphs_only: bool = False, **options: Any
    ) -> tuple[Any, Any, Any]:
        """Trace a text, as in the base class."""
        trace = super().get_glyphs_with_font
        if not return_new_glyphs_only or not _draws(font, s):
            return trace(font, s, glyph_map, return_new_glyphs_only, **options)
        signs, outlines, boxes = _once((_face(font), s, *options.items()), lambda: trace(font, s, **options))
        return signs, {name: path for name, path in outlines.items() if name not in glyph_map}, boxes


class _Renderer(RendererSVG):
    """Writes what the base class writes."""

    _text2path: "_Texts"

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple[float | None, float | None, float | None]:
        """Return ascent, descent and gap of a line, which matplotlib would look up for each text anew, and as it does."""
        font = self._text2path._get_font(prop)
        table, head = _once(_face(font), lambda: (font.get_sfnt_table("OS/2"), font.get_sfnt_table("head")))
        if table is None or head is None:  # matplotlib has other ways
            return None, None, None
        scale = 1 / head["unitsPerEm"] * prop.get_size_in_points() * DPI / 72
        return table["sTypoAscender"] * scale, -table["sTypoDescender"] * scale, table["sTypoLineGap"] * scale
