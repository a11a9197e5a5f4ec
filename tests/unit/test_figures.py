"""The figures: what they show, and that nothing overlaps or overflows."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hand_study import PARAMS, county_figures, figure
from indicator_study import LEDGERS, lishi
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from ge_analysis.errors import GeError
from ge_analysis.figures import connection, money, outages, reliability, style, survey, tiles, years
from ge_analysis.indicators.long_table import INDICATOR_COLUMNS
from ge_analysis.indicators.topics import price
from ge_analysis.settings.places import County


@pytest.fixture(scope="module")
def indicators() -> pd.DataFrame:
    """Zhongyang is missing; Linxian is far worse than the others, Jiaokou far better."""
    special = {"linxian": ((17.8, 5.6), (39.5, 9.8)), "jiaokou": ((0.9, 0.7), (11.2, 3.6))}
    rows = [
        row
        for unit in PARAMS.counties
        if unit.slug != "zhongyang"
        for row in county_figures(unit.slug, *special.get(unit.slug, ()))
    ]
    return pd.DataFrame([*rows, *county_figures("city")])


@pytest.fixture(scope="module")
def steps() -> pd.DataFrame:
    """Indicators of five interruptions of 2020: 90 customers × 2 h in March, and four others."""
    rows = [
        ("scheduled", "2020-03-01 08:00", 2, 90),
        ("fault", "2020-03-05 10:00", 0.25, 30),
        ("fault", "2020-07-01 01:00", 9, 12),
        ("shortage", "2020-12-31 22:00", 4, 5),
        ("fault", "2020-07-09 01:00", 30, 12),
    ]
    table = pd.DataFrame(rows, columns=["kind", "started", "hours", "customers"])
    started = pd.to_datetime(table["started"])
    own = {
        "event_id": [f"E{n}" for n in range(5)],
        "area_type": "town",
        "feeder": "城关线",
        "cause": "natural",
        "external": False,
        "county": "lishi",
        "source_row": 1,
    }
    own |= {"started": started, "restored": started + pd.to_timedelta(table["hours"], unit="h")}
    none = LEDGERS["lishi"]["outages"][:0]
    return lishi(outages=pd.concat([none, table.assign(**own)], ignore_index=True))


@pytest.fixture(scope="module")
def plan() -> pd.DataFrame:
    """The sums of method 8."""
    added = {
        ("network", "state"): (4500, 5100, 5700),
        ("network", "local"): (1120, 1380, 920),
        ("automation", "state"): (750, 770, 850),
        ("automation", "local"): (4000, 3000, 3000),
    }
    rows = [(*names, "added", 2022 + year, amount) for names, amounts in added.items() for year, amount in enumerate(amounts)]
    return pd.DataFrame(rows, columns=["programme", "grid", "funding", "plan_year", "amount_wan_yuan"])


@pytest.fixture(scope="module")
def drawn(indicators, steps, plan) -> dict[str, Figure]:
    """Every figure of the report."""
    return {
        "reliability": reliability.counties(indicators, PARAMS),
        "grades": reliability.grades(indicators, PARAMS),
        "stage_times": connection.stage_times(indicators, PARAMS),
        "survey": survey.aspects(indicators, PARAMS, "city"),
        "monthly_hours": outages.monthly_hours(steps, PARAMS, "lishi"),
        "causes": outages.causes(indicators, "linxian"),
        "durations": outages.durations(steps, "lishi"),
        "investment": money.investment(invested(plan), PARAMS),
        "progress": money.progress(indicators, PARAMS),
        "resale": money.resale(indicators, PARAMS),
        "years": years.course(yearly(range(2012, 2021)), PARAMS),
        "county_years": years.counties(yearly(range(2012, 2021)), PARAMS),
    }


def yearly(known: range) -> pd.DataFrame:
    """Indicators of years that fall by an hour a year to 10 h and 5 times, an hour less without major event days."""
    rows = [
        figure(place, f"yearly_{name}", last + known[-1] - year - bool(item), area=area, item=item, by="year", group=str(year))
        for place in ("city", *(unit.slug for unit in PARAMS.counties))
        for area in ("centre", "city", "town", "rural", "all")
        for name, last in (("saidi_hours", 10), ("saifi", 5))
        for item in ("", "major_event_days")
        for year in known
    ]
    return pd.DataFrame(rows)


def invested(plan: pd.DataFrame) -> pd.DataFrame:
    """The indicators of a plan."""
    lines = price.investment({"investment_plan": plan}, PARAMS).lines()
    return pd.DataFrame(lines, columns=INDICATOR_COLUMNS[:-1])


def texts(figure: Figure) -> list[Text]:
    """The texts that one sees, drawn once so that they know their places."""
    FigureCanvasAgg(figure).draw()
    seen = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    ticks = {label for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) for label in axis.get_ticklabels(which="both")}
    shown = {
        label
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis._update_ticks()
        for label in (tick.label1, tick.label2)
        if label.get_visible()
    }
    return [text for text in seen if text not in ticks or text in shown]


def box(text: Text, renderer):
    """Where the letters of a text are (an annotation's own box reaches to what it points at)."""
    return Text.get_window_extent(text, renderer) if isinstance(text, Annotation) else text.get_window_extent(renderer)


NAMES = [
    "reliability",
    "grades",
    "stage_times",
    "survey",
    "monthly_hours",
    "causes",
    "durations",
    "investment",
    "progress",
    "resale",
    "years",
    "county_years",
]


@pytest.mark.parametrize("name", NAMES)
def test_no_text_overlaps_another_or_runs_out(drawn, name):
    figure = drawn[name]
    shown = texts(figure)
    renderer = figure.canvas.get_renderer()
    boxes = {text: box(text, renderer) for text in shown}
    assert len(boxes) > 5
    for text, place in boxes.items():
        assert figure.bbox.x0 - 1 <= place.x0 and place.x1 <= figure.bbox.x1 + 1, f"'{text.get_text()}' runs out"
        assert figure.bbox.y0 - 1 <= place.y0 and place.y1 <= figure.bbox.y1 + 1, f"'{text.get_text()}' runs out"
    for (one, first), (other, second) in itertools.combinations(boxes.items(), 2):
        wide = min(first.x1, second.x1) - max(first.x0, second.x0)
        high = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert wide < 1 or high < 1, f"'{one.get_text()}' overlaps '{other.get_text()}'"


@pytest.fixture(scope="module")
def thirty():
    """Parameters of thirty counties, some with long names."""
    names = ("东区", "临江高新区", "枫林苗族自治县", "石门岭土家族自治县", "永福市")
    of = {"code": "990100", "grid": PARAMS.grids[0].code}
    units = tuple(County(slug=f"c{number}", name=names[number % 5], **of) for number in range(30))
    return PARAMS.model_copy(update={"counties": units})


def test_a_figure_of_thirty_counties_fits_the_page(thirty):
    rows = pd.DataFrame([row for unit in thirty.counties for row in county_figures(unit.slug)])
    figures = [draw(rows, thirty) for draw in (reliability.counties, reliability.grades, connection.stage_times, money.resale)]
    years_of = [
        figure(unit.slug, "yearly_saidi_hours", 5, area="all", by="year", group=group)
        for unit in thirty.counties
        for group in ("2019", "2020")
    ]
    figures.append(years.counties(pd.DataFrame(years_of), thirty))
    assert [one.get_size_inches()[1] for one in figures if one.get_size_inches()[1] > style.PAGE] == []


def test_a_long_name_fits_its_tile(thirty):
    drawn = tiles.grades(pd.DataFrame([row for unit in thirty.counties for row in county_figures(unit.slug)]), thirty)
    renderer = FigureCanvasAgg(drawn).get_renderer()
    drawn.draw(renderer)
    axes = drawn.axes[0]
    boxes = [patch.get_window_extent(renderer) for patch in axes.patches]
    assert len(axes.texts) == len(boxes) == 30
    for text, tile in zip(axes.texts, boxes, strict=True):
        place = text.get_window_extent(renderer)
        assert tile.x0 <= place.x0 and place.x1 <= tile.x1 and tile.y0 <= place.y0 and place.y1 <= tile.y1, text.get_text()


def test_counties_are_in_administrative_order_and_missing_ones_are_named(drawn):
    axes = drawn["reliability"].axes[0]
    names = [label.get_text().split("（")[0] for label in axes.get_yticklabels()]
    assert names == [unit.name for unit in PARAMS.counties]
    assert [text.get_text() for text in axes.texts].count("缺") == 2  # Zhongyang, urban and rural


def test_a_bar_is_marked_with_its_own_target_and_no_number_is_crossed(indicators):
    # Linxian's towns: 9 hours; Fenyang's urban bar is of two area types, so no one target holds for it; rural: 15 everywhere
    parts = [("linxian", "town", 17.8), ("fenyang", "city", 4.0), ("fenyang", "town", 8.0)]
    own = pd.DataFrame([figure(slug, "saidi_hours", value, area=area) for slug, area, value in parts])
    whole = indicators[~indicators["area"].isin(["centre", "city", "town"])]
    drawn = reliability.counties(pd.concat([whole, own]), PARAMS)
    axes, shown = drawn.axes[0], texts(drawn)
    rows = {unit.slug: row for row, unit in enumerate(PARAMS.counties)}
    marks = [(line.get_xdata()[0], round(float(np.mean(line.get_ydata())), 1)) for line in axes.lines]
    assert [mark for mark in marks if mark[0] != 15] == [(9, round(rows["linxian"] - 0.2, 1))]
    assert sorted(y for x, y in marks if x == 15) == [round(r + 0.2, 1) for slug, r in rows.items() if slug != "zhongyang"]
    assert "│ 国家目标（小时/户）：城镇 9、农村 15" in [text.get_text() for text in axes.texts]
    renderer = drawn.canvas.get_renderer()
    numbers = [box(text, renderer) for text in shown if text in axes.texts]
    for line in axes.lines:
        place = line.get_window_extent(renderer)
        assert not any(one.x0 < place.x0 < one.x1 and one.y0 < (place.y0 + place.y1) / 2 < one.y1 for one in numbers)


def test_progress_is_that_of_the_counties_for_which_a_target_holds():
    # Lishi, with a target of its own, has 50 of 100; the two others together 30 + 20 of 100 + 400
    shares = {"lishi": (50, 100), "linxian": (30, 100), "wenshui": (5, 400)}
    rows = [figure(slug, "feeder_interconnected_pct", value, n, area="all") for slug, (value, n) in shares.items()]
    axes = money.progress(pd.DataFrame(rows), PARAMS).axes[0]
    shown = {label.get_text(): round(bar.get_width(), 9) for label, bar in zip(axes.get_yticklabels(), axes.patches, strict=True)}
    assert shown == {"离石区线路联络率": 50, "其余 12 个县（市）\n线路联络率": 10}


@pytest.mark.parametrize(("known", "ranges"), [(range(2018, 2021), []), (range(2017, 2021), [10, 13])])
def test_a_range_is_drawn_from_four_years(known, ranges):
    saidi, saifi, centre, *_ = years.course(yearly(known), PARAMS).axes
    (without,) = [line for line in saidi.lines if line.get_label() == "扣除重大事件日"]
    assert [*without.get_ydata()] == [*range(8 + len(known), 8, -1)]
    spans = [patch.get_extents().transformed(saidi.transData.inverted()) for patch in saidi.patches]
    assert [round(end) for span in spans for end in (span.y0, span.y1)] == ranges
    assert [tick.get_text() for tick in saidi.get_xticklabels()][:2] == ["2020", "2019"]
    # 2 h in the centre of the city by the end of 2022; the dotted line leads there from this year's 10 h
    (path,) = [line for line in centre.lines if line.get_linestyle() == ":"]
    assert [[*map(float, numbers)] for numbers in path.get_data()] == [[2020, 2022], [10, 2]]


def test_a_target_above_all_values_is_inside_its_panel():
    known = yearly(range(2019, 2021))
    *_, rural = years.course(known[known["item"] == ""].assign(value=3.0), PARAMS).axes  # 15 h in the country
    assert rural.get_ylim()[1] > 15
    assert "扣除重大事件日" not in [line.get_label() for line in rural.lines]
    (path,) = [line for line in rural.lines if line.get_linestyle() == ":"]
    assert [*path.get_ydata()] == [3]  # no line leads up to a target that is met


@pytest.mark.parametrize("number", [1, 2, 13])
def test_the_legend_of_the_tiles_is_whole(indicators, number):
    few = [unit.model_copy(update={"tile": None}) for unit in PARAMS.counties[:number]]
    drawn = tiles.grades(indicators, PARAMS.model_copy(update={"counties": few}))
    FigureCanvasAgg(drawn).draw()
    legend, page = drawn.legends[0].get_window_extent(), drawn.bbox
    assert page.y0 <= legend.y0 and legend.y1 <= page.y1
    assert len(drawn.legends[0].get_texts()) == 4


def test_resale_tiles_hold_letter_and_number():
    counted = {"green": 3, "yellow": 1, "red": 2}
    rows = [figure("lishi", "resale_entities", n, by="month", group="2021-01", item=code) for code, n in counted.items()]
    axes = money.resale(pd.DataFrame(rows), PARAMS).axes[0]
    assert [text.get_text() for text in axes.texts if text.get_text() != "缺"] == ["绿\n3", "黄\n1", "红\n2"]


def test_tiles_are_lettered_with_the_grade(drawn):
    # Jiaokou: urban 0.9 h, 0.7 times: 3; rural and whole 11.2 h, 3.6 times: 1. Linxian: 0 everywhere. The ten others: urban
    # 4.5 h, 2.0 times: 1; rural and whole 16.25 h: 0.
    letters = [text.get_text() for text in drawn["grades"].axes[0].texts]
    assert letters.count("3 分") == 1 and letters.count("缺") == 3
    assert letters.count("1 分") == 2 + 10 and letters.count("0 分") == 3 + 20


def test_months_add_up_hours_and_customers(drawn):
    heights = [patch.get_height() for patch in drawn["monthly_hours"].axes[0].patches]
    assert len(heights) == 36  # 12 months × 3 kinds
    assert heights[2] == 180  # March, scheduled: 2 h × 90
    assert heights[12 + 2] == 7.5 and heights[12 + 6] == 468  # faults: 0.25 × 30; 9 × 12 + 30 × 12
    assert heights[24 + 11] == 10  # 31 December from 22:00: 2 of 4 h are in the period, × 5


def test_money_without_a_grid_is_the_citys_and_counts(plan):
    whole = pd.DataFrame([("network", None, "added", 2022, 80)], columns=plan.columns)
    picture = money.investment(invested(pd.concat([plan, whole])), PARAMS)
    assert "5,700" in [text.get_text() for text in picture.axes[0].texts]  # 4500 + 1120 + 80
    assert [text.get_text() for text in picture.legends[0].get_texts()] == ["国网", "地电", "全市"]
    alone = money.investment(invested(whole), PARAMS)
    assert [text.get_text() for text in alone.axes[0].texts] == ["80"] and not alone.legends


def test_nothing_to_draw_says_why(indicators, steps):
    nobody = indicators[indicators["indicator"] == "saidi_hours"]
    for blank in (
        outages.monthly_hours(nobody, PARAMS, "linxian"),
        outages.durations(nobody, "linxian"),
        outages.causes(nobody, "linxian"),
        survey.aspects(nobody, PARAMS, "city"),
        connection.stage_times(nobody, PARAMS),
    ):
        assert not blank.axes and len(blank.texts) == 1


@pytest.mark.parametrize("name", ["临县", "141124", "linxian"])
def test_a_place_is_called_by_its_slug_name_or_code(indicators, name):
    assert outages.causes(indicators, name).svg() == outages.causes(indicators, "linxian").svg()


@pytest.mark.parametrize("name", ["临", "文水县", "wenshui"])
def test_a_place_that_the_table_does_not_hold_is_refused(indicators, name):
    with pytest.raises(GeError, match=f"no values of '{name}' in the table; it has lishi, "):
        outages.causes(indicators[indicators["county"] != "wenshui"], name)


def test_small_samples_are_not_drawn():
    hidden = [figure("city", "survey_top2_share", np.nan, n=3, item=aspect) for aspect in PARAMS.method.survey.aspects]
    ends = {"share": 75, "low": 41, "high": 93}
    shown = [figure("city", f"survey_top2_{end}", value, n=8, item="payment") for end, value in ends.items()]
    drawn = survey.aspects(pd.DataFrame([*hidden[2:], *shown]), PARAMS, "city")
    assert [label.get_text() for label in drawn.axes[0].get_yticklabels()] == ["交费（n=8）"]


def test_whiskers_are_the_interval_of_the_indicators(drawn):
    whiskers = drawn["survey"].axes[0].collections[0].get_segments()
    assert [[x for x, _ in segment] for segment in whiskers] == [[71, 87]] * len(PARAMS.method.survey.aspects)


def test_pairs_of_colours_differ_in_grey():
    def grey(colour):
        return np.dot(to_rgb(colour), (0.299, 0.587, 0.114))

    for dark, light in style.GRID:
        assert grey(light) - grey(dark) > 0.3
    codes = sorted(grey(colour) for colour in style.CODES.values())
    assert all(lighter - darker > 0.1 for darker, lighter in itertools.pairwise(codes))
    shades = [grey(colour) for colour in style.GRADES]
    assert all(lighter - darker > 0.1 for lighter, darker in itertools.pairwise(shades))


def test_durations_are_those_of_whole_outages(drawn):
    # 2, 0.25, 9, 4 (half of it in the next year) and 30 hours
    axes = drawn["durations"].axes[0]
    assert [text.get_text() for text in axes.texts] == ["1", "0", "1", "1", "0", "1", "0", "1"]


def test_shares_are_rounded_half_up():
    ends = {"share": 56.25, "low": 45.3, "high": 66.6}
    rows = [figure("city", f"survey_top2_{end}", value, n=80, item="payment") for end, value in ends.items()]
    axes = survey.aspects(pd.DataFrame(rows), PARAMS, "city").axes[0]
    assert [text.get_text() for text in axes.texts] == ["56.3%"]
