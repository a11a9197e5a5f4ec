"""How figures are saved and drawn: the same bytes each time, text as text, and no character without a glyph."""

import io
import warnings
from pathlib import Path

import pandas as pd
import pytest
from hand_study import PARAMS, county_figures
from lxml import html
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from ge_analysis.figures import drawing, picture, reliability, style
from ge_analysis.indicators.results import Results
from ge_analysis.notebook import saving


def grades() -> picture.Picture:
    """Draw the grades of all counties."""
    rows = [row for unit in PARAMS.counties for row in county_figures(unit.slug)]
    return reliability.grades(pd.DataFrame([*rows, *county_figures("city")]), PARAMS)


def test_saved_figures_are_the_same_bytes_each_time(tmp_path):
    for folder in ("one", "two"):
        picture.save({"grades": grades()}, tmp_path / folder)
    for ending in ("svg", "png"):
        one, two = ((tmp_path / folder / f"grades.{ending}").read_bytes() for folder in ("one", "two"))
        assert one == two
    assert not list(Path(tmp_path / "one").glob(".*"))


def test_a_figure_that_changes_after_it_was_shown_is_saved_as_it_is_then(tmp_path, monkeypatch):
    monkeypatch.setattr(picture, "display", lambda *_, **__: None)
    shown, plain = style.blank("先前"), style.blank("后来")
    shown._ipython_display_()
    shown.texts[0].set_text("后来")
    picture.save({"shown": shown, "plain": plain}, tmp_path)
    for ending in ("svg", "png"):
        assert (tmp_path / f"shown.{ending}").read_bytes() == (tmp_path / f"plain.{ending}").read_bytes()


def test_a_saved_png_says_how_large_it_is_on_paper(tmp_path):
    drawn = style.blank("无数据")
    picture.save({"blank": drawn}, tmp_path)
    with Image.open(tmp_path / "blank.png") as image:
        image.load()
        assert [round(dots) for dots in image.info["dpi"]] == [300, 300]
        assert [round(pixels / 300, 1) for pixels in image.size] == [round(inches, 1) for inches in drawn.get_size_inches()]


def test_a_changed_figure_is_drawn_again_and_an_unchanged_one_is_not():
    figure, axes = style.subplots(height=1)
    first = figure.svg()
    assert figure.svg() is first
    axes.set_title("新题名")
    assert figure.svg() != first


def test_a_figure_drawn_as_svg_is_what_matplotlib_saves():
    figure = grades()
    resolution, saved = figure.dpi, io.BytesIO()
    ours = figure.svg()
    assert figure.dpi == resolution
    figure.savefig(saved, format="svg", metadata={"Date": None, "Creator": None})
    assert ours == saved.getvalue()


@pytest.mark.parametrize(
    "options",
    [
        {"s": "一行\n第二行 AV\nlp", "rotation": 30, "va": "center", "linespacing": 1.7},
        {"s": "1 月", "fontsize": 7, "weight": "bold", "ha": "right"},
        {"s": "1 月", "fontsize": 9},
        {"s": "DejaVu", "family": ["DejaVu Sans", "sans-serif"]},
        {"s": "两种字体 fi", "family": ["DejaVu Sans", "Noto Sans CJK SC"]},
        {"s": "$x^2$ 与 y", "parse_math": True},
    ],
)
def test_a_text_is_drawn_as_matplotlib_draws_it_whatever_was_drawn_before(options):
    def drawing() -> Figure:
        figure, axes = style.subplots(height=1)
        axes.text(0.5, 0.5, **options)
        return figure

    saved = io.BytesIO()
    drawing().savefig(saved, format="svg", metadata={"Date": None, "Creator": None})
    assert [drawing().svg(), drawing().svg()] == [saved.getvalue()] * 2


def test_a_text_is_measured_in_the_font_of_its_own_figure():
    widths = []
    for family in ("Noto Sans CJK SC", "DejaVu Sans", "Noto Sans CJK SC"):
        figure, axes = style.subplots(height=1)
        written = axes.text(0, 0, "SAIDI 2.35", family=family)
        figure.svg()
        widths.append(written.get_window_extent().width)
    assert widths[0] == widths[2] != widths[1]


def test_each_figure_with_a_character_without_glyph_says_so():
    for _time in range(2):
        figure, axes = style.subplots(height=1)
        axes.set_title("停电😀")
        with pytest.warns(UserWarning, match="shows 〓 for 😀"):
            figure.svg()


def test_a_number_with_a_rim_is_a_text_on_the_page_and_has_its_rim_in_print(tmp_path):
    figure, axes = style.subplots(height=1)
    axes.axvspan(0, 1, color="black")
    axes.text(0.4, 0.5, "39.52", color="black", gid=picture.HALO)
    on_page = html.fromstring(drawing.inline(figure.svg(), "d1", "", "100%"))
    assert on_page.xpath("//*[@class='halo']//text()") == ["39.52"]
    assert not on_page.xpath("//*[@class='halo']//*[local-name() != 'text']")
    picture.save({"rim": figure}, tmp_path)
    with Image.open(tmp_path / "rim.png") as image:
        inside = image.convert("L").crop([round(share * image.size[at % 2]) for at, share in enumerate((0.38, 0.3, 0.6, 0.6))])
        assert inside.getextrema() == (0, 255)  # white only as a rim: bar and number are black


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>县", "<img src=x onerror=alert(1)>县", '县" onload="alert(1)', "--><b>县</b>", "&lt;b&gt;县"],
)
def test_a_name_that_looks_like_markup_is_text_in_a_drawing_and_in_its_values(name):
    figure, axes = style.subplots(height=1)
    axes.barh(["临县", name], [1, 2])
    on_page = html.fromstring(f"<div>{drawing.inline(figure.svg(), 'd1', name, '100%')}</div>")
    assert not on_page.xpath("//script | //img | //b | //@*[starts-with(name(), 'on')]")
    assert on_page.xpath("//title/text()") == ["临县：1　", f"{name}：2　"]
    assert on_page.xpath("//svg/@aria-label") == [name]


def test_a_character_without_glyph_is_replaced_wherever_it_is_written(tmp_path):
    figure, axes = style.subplots(height=1)
    axes.barh([0, 1], [1, 2], label="图例😀")
    axes.set_yticks([0, 1], ["𪚥县", "临县"])
    axes.set_title("停电😀")
    axes.legend()
    with pytest.warns(
        UserWarning, match=r"shows 〓 for 😀 \(U\+1F600\)、𪚥 \(U\+2A6A5\), which the report's font lacks"
    ) as warned:
        picture.save({"emoji": figure}, tmp_path)
    assert len(warned) == 1
    assert {"停电〓", "〓县", "临县", "图例〓"} <= {text.get_text() for text in figure.findobj(Text)}
    assert {path.name for path in tmp_path.iterdir()} == {"emoji.svg", "emoji.png"}
    with warnings.catch_warnings(action="error"):
        figure.svg()


def test_a_character_without_glyph_is_replaced_in_a_plain_figure_of_categories(tmp_path):
    plain = Figure()
    axes = plain.subplots()
    axes.bar(["离石😀", "临县"], [1, 2])
    with pytest.warns(UserWarning, match=r"shows 〓 for 😀"):
        saving.save(str(tmp_path), Results(*[pd.DataFrame({"value": [1.0]})] * 4), {"mine": plain}, [])
    assert [text.get_text() for text in axes.get_xticklabels()] == ["离石〓", "临县"]
    tables = ("indicators", "rows", "links", "quoted")
    saved = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert saved == {f"{name}.parquet" for name in tables} | {"findings.json", "figures/mine.svg", "figures/mine.png"}


def test_other_warnings_of_a_drawing_are_shown():
    figure, axes = style.subplots(height=1)
    axes.xaxis.set_major_formatter(lambda value, position: warnings.warn("look here", stacklevel=1) or "x")
    with pytest.warns(UserWarning, match="look here"):
        figure.svg()


def test_dollar_signs_are_plain_text():
    assert style.blank("$x$ 与 $\\frac$").svg() != style.blank("x 与 frac").svg()
