"""Names that Tab offers in a notebook, and the texts of `ge lab`."""

import pytest
from hand_study import ROOT

from ge_analysis import Study
from ge_analysis.indicators.long_table import select
from ge_analysis.notebook.interactive import completed

KNOWN = {"study": Study.open(2021, ROOT), "select": select, "indicators": None}


def offered(text: str) -> list[str]:
    return [each.text for each in completed(text, KNOWN)["completions"]]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('study.table("临', ["临县"]),
        ("study.compute('lanx", ["lanxian"]),
        ('study.table("临县", "停电', ["停电事件", "停电用户明细"]),
        ('x = study.trace("临县", "saidi_cut', ["saidi_cut_pct"]),
        ('study.trace("临县", "saifi", area="urb', ["urban"]),
        ('study.trace(indicator="saidi_cut', ["saidi_cut_pct"]),
        ('select(indicators, "saidi_cut', ["saidi_cut_pct"]),
        ('study.table("临县", "停电事件").query("临', []),
        ('print("临', []),
        ('study.nothing("临', []),
        ('nothing("临', []),
        ("study.table(临", []),
        ('study.present("临', []),
    ],
)
def test_names_are_offered_where_they_are_expected(text, names):
    assert offered(text) == names


def test_all_places_are_offered_in_administrative_order():
    counties = [unit.name for unit in KNOWN["study"].counties]
    assert offered('study.trace("')[: len(counties)] == counties
    assert "city" in offered('study.trace("')
