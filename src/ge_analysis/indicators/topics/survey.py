"""Answers of customers by aspect and group (method 7)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ge_analysis.indicators.results import Tally
from ge_analysis.indicators.survey import coded_demands, share_difference, shown_share
from ge_analysis.settings.parameters import Params

NO_ANSWER = "no answer to this aspect"
NO_RESPONDENT = "no answers to the questionnaire"
TOO_FEW = "fewer answers than are shown"
SPLITS = ("respondent_class", "industry", "urban_rural", "meter_type")
SHARE, NEUTRAL = "survey_top2_share", "survey_neutral_share"
DIFFERENCE = ("survey_grid_difference", "survey_grid_difference_low", "survey_grid_difference_high")


def compute(tables: Mapping[str, pd.DataFrame], params: Params, county: str) -> Tally:
    """Count the respondents, and mean, satisfied share and its interval of each aspect, for all and by group of respondents.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical table survey.
    params : Params
        The method's aspects, top box, confidence and smallest n; the counties' grids.
    county : str
        Slug, or "city", for which the grids are also compared.
    """
    tally = Tally(tables, county, params.year.survey_period)
    responses = tables["survey"]
    groups = {("", ""): np.ones(len(responses), dtype=bool)}
    columns = {name: responses[name] for name in SPLITS}
    if county == "city":
        columns["grid"] = responses["county"].map({unit.slug: unit.grid for unit in params.counties})
    for by, column in columns.items():
        groups |= {(by, group): (column == group).to_numpy(dtype=bool) for group in sorted(column.dropna().unique())}
    for by, group in sorted(groups, key=lambda key: int(np.argmax(groups[key])) if key[1] else -1):  # as their rows come
        tally.add("survey_respondents", "survey", groups[by, group], 1, by=by, group=group)
    for aspect in params.method.survey.aspects:
        answers = responses[aspect].to_numpy(dtype=float, na_value=np.nan)
        for (by, group), members in groups.items():
            _aspect(tally, answers, members, params, item=aspect, by=by, group=group)
        if county == "city":
            _grid_difference(tally, params, aspect)
    _demands(tally, {key: members for key, members in groups.items() if key[0] in ("", "grid")}, params)
    return tally


def _aspect(tally: Tally, answers: np.ndarray, members: np.ndarray, params: Params, **dims: str) -> None:
    """Count one aspect of one group: mean, satisfied share and its interval, neutral share."""
    method = params.method.survey
    asked = members & ~np.isnan(answers)
    tally.add("survey_mean", "survey", asked, answers, 1, **dims)
    tally.explain("survey_mean", NO_ANSWER, **dims)
    tally.add(SHARE, "survey", asked, answers >= method.top_box_from, 1, **dims)
    satisfied, answered, n = tally.sums(SHARE, **dims)
    reason = TOO_FEW if n else NO_ANSWER
    share, low, high = shown_share(satisfied, answered, method=method)
    if np.isnan(share):
        tally.note(SHARE, np.nan, n, reason, (), **dims)
    of = [tally.link(SHARE, **dims)]
    tally.note("survey_top2_low", 100 * low, n, reason, of, **dims)
    tally.note("survey_top2_high", 100 * high, n, reason, of, **dims)
    if not dims["by"]:
        neutral = {"item": dims["item"]}
        tally.add(NEUTRAL, "survey", asked, answers == method.top_box_from - 1, 1, **neutral)
        if np.isnan(share):
            tally.note(NEUTRAL, np.nan, n, reason, (), **neutral)


def _grid_difference(tally: Tally, params: Params, aspect: str) -> None:
    """Note the difference of the satisfied share between the first grid's area and each other's, with its interval."""
    method = params.method.survey
    first, *others = (tally.sums(SHARE, item=aspect, by="grid", group=grid.code) for grid in params.grids)
    links = [tally.link(SHARE, grid.code, item=aspect, by="grid", group=grid.code) for grid in params.grids]
    for grid, other, link in zip(params.grids[1:], others, links[1:], strict=True):
        shown = [(k, answered if n >= method.smallest_shown_n else np.nan) for k, answered, n in (first, other)]
        for name, side in zip(DIFFERENCE, share_difference(*shown[0], *shown[1], method.confidence_pct), strict=True):
            dims = {"item": aspect, "by": "grid", "group": grid.code}
            tally.note(name, 100 * side, first[2] + other[2], TOO_FEW, [links[0], link], **dims)


def _demands(tally: Tally, groups: Mapping[tuple[str, str], np.ndarray], params: Params) -> None:
    """Count the respondents who voiced each demand, in total and by grid."""
    coded = coded_demands(tally.tables["survey"], method=params.method.survey)
    for code in map(str, coded):
        voiced = coded[code].to_numpy(dtype=bool)
        for (by, group), members in groups.items():
            dims = {"item": code, "by": by, "group": group}
            tally.add("demand_count", "survey", members & voiced, 1, **dims)
            tally.add("demand_share_pct", "survey", members, voiced, 1, **dims)
            n = int(members.sum())
            if n < params.method.survey.smallest_shown_n:
                tally.note("demand_share_pct", np.nan, n, TOO_FEW if n else NO_RESPONDENT, (), **dims)
            if not n:
                tally.note("demand_count", np.nan, 0, NO_RESPONDENT, (), **dims)
