"""The notebooks' tables: order, labels, and what is said of a mistyped name."""

import pandas as pd
import pytest
from hand_study import PARAMS, figure

from ge_analysis.errors import GeError
from ge_analysis.notebook import tables

LONG = pd.DataFrame(
    [
        figure("lishi", "reliability_band", 1, area="all"),
        figure("lishi", "saifi", 2.875, area="all"),
        figure("lishi", "saifi", 0.9, area="centre"),
        figure("lishi", "saifi", 2.1, area="city"),
        figure("linxian", "saifi", 9.17, area="all"),
        figure("linxian", "saifi", 5.6, area="town"),
    ]
)
LISHI = LONG[LONG["county"] == "lishi"]


def test_codes_are_in_the_registrys_order():
    table = tables.overview(LISHI, ["saifi", "reliability_band"], across="area")
    assert list(table) == ["中心区", "市区", "全口径"]
    assert table.loc["系统平均停电次数（次/户）"].tolist() == ["0.90", "2.10", "2.88"]
    assert table.loc["供电可靠性分级（分）"].tolist() == ["—", "—", "1"]


def test_counties_are_in_the_order_of_names_then_codes_without_empty_columns():
    table = tables.counties(LONG, PARAMS, ["saifi", "reliability_band"], across="area")
    assert [(title[:8], code) for title, code in table] == [
        *(("系统平均停电次数", code) for code in ("中心区", "市区", "城镇", "全口径")),
        ("供电可靠性分级（", "全口径"),
    ]
    assert table.loc["临县"].tolist() == ["—", "—", "5.60", "9.17", "—"]
    assert table.loc["文水县"].tolist() == ["—"] * 5
    assert list(table.index) == [unit.name for unit in PARAMS.counties]


def test_a_value_for_every_voltage_is_no_total():
    assert tables.code_label("voltage", "") == "不分电压"
    assert tables.code_label("kind", "") == "合计"


@pytest.mark.parametrize(
    ("names", "across", "dims", "reported"),
    [
        (["saify"], "area", {}, r"unknown indicator 'saify'; did you mean saifi\?"),
        (["saifi"], "areas", {}, r"unknown dimension 'areas'; did you mean area\?"),
        (["saifi"], "area", {"colour": "red"}, "unknown dimension 'colour'"),
    ],
)
def test_a_mistyped_name_is_reported(names, across, dims, reported):
    with pytest.raises(GeError, match=reported):
        tables.overview(LISHI, names, across, **dims)
    with pytest.raises(GeError, match="several values of saifi for one area; take the rows of one county"):
        tables.overview(LONG, ["saifi"], "area")


def test_sentences_are_left_numbers_right_and_markup_is_text():
    frame = pd.DataFrame({"行数": [3], "工作簿": ["<b>a</b>.xlsx"]}, index=["线路"])
    html = tables.Prose(frame)._repr_html_()
    assert "td.col1" in html
    assert "td.col0" not in html
    assert "&lt;b&gt;a" in html
    assert tables.Prose(frame)._repr_html_() == html
    assert repr(tables.Prose(frame)) == repr(frame)
