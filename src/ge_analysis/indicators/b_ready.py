"""B-READY, electricity: answers become points, by indicator, subcategory and pillar (method 12)."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ge_analysis.settings.method import BReadyParams
from ge_analysis.settings.parameters import standard


def answered(answers: Sequence[float], needs: int = 1) -> float:
    """Return whether at least `needs` of some questions are answered yes: the lowest of the `needs` highest answers.

    Parameters
    ----------
    answers : sequence of float
        One per question: 1 yes, 0 no, 0.5 where experts are evenly split, NaN where unknown.
    needs : int
        Number of answers that must be yes [-].

    Returns
    -------
    float
        0 to 1; NaN if an unknown answer would decide.

    References
    ----------
    Method 12.

    Examples
    --------
    >>> answered([1, 0, 1], needs=2), answered([1, 0.5, 0], needs=2)
    (1.0, 0.5)
    >>> answered([1, 1, math.nan], needs=2), answered([1, 0, math.nan], needs=2)      # the third question decides
    (1.0, nan)
    """
    least, most = (sorted(np.nan_to_num(answers, nan=unknown), reverse=True)[needs - 1] for unknown in (0.0, 1.0))
    return float(least) if least == most else math.nan


def shared_out(scores: Mapping[str, float], weights: Mapping[str, float], points: float) -> dict[str, float]:
    """Return the points of the indicators of one subcategory; the weight of missing ones goes to the others.

    Parameters
    ----------
    scores : mapping of str to float
        Score of each indicator, 0 to 1; NaN where missing.
    weights : mapping of str to float
        Weight of each indicator [-].
    points : float
        Points of the subcategory [points].

    Returns
    -------
    dict of str to float
        Points of each indicator [points]; NaN for a missing one.

    References
    ----------
    Method 12.

    Examples
    --------
    >>> shared_out({"a": 1, "b": 0, "c": math.nan}, {"a": 1, "b": 1, "c": 2}, 8)
    {'a': 4.0, 'b': 0.0, 'c': nan}
    """
    known = sum(weights[name] for name, score in scores.items() if not math.isnan(score))
    return {name: points * weights[name] * score / known if not math.isnan(score) else math.nan for name, score in scores.items()}


def worth(edition: int | None = None, *, method: BReadyParams | None = None) -> dict[str, float]:
    """Return the most points that the pillars, subcategories and indicators of an edition can earn.

    Parameters
    ----------
    edition : int, optional
        Year of the edition; that of the parameters by default.
    method : BReadyParams, optional
        The schemes; those of `params/<year>/method/b_ready.yml` if omitted.

    Returns
    -------
    dict of str to float
        Points of each part [points].

    References
    ----------
    Method 12; World Bank, B-READY Methodology Handbook.

    Examples
    --------
    >>> most = worth(2026)
    >>> [round(most[part], 2) for part in ("regulation", "safety", "certification", "indices_published", "connection_cost")]
    [33.33, 8.33, 2.78, 5.56, 5.56]
    """
    method = method or standard().b_ready
    pillars = method.editions[edition or method.edition].pillars
    most = {"total": method.points}
    for pillar, subcategories in pillars.items():
        most[pillar] = method.points / len(pillars)
        for subcategory, indicators in subcategories.items():
            most[subcategory] = most[pillar] / len(subcategories)
            scores = dict.fromkeys(indicators, 1.0)
            weights = {name: indicator.weight for name, indicator in indicators.items()}
            most |= shared_out(scores, weights, most[subcategory])
    return most


def scored(scores: Mapping[str, float], edition: int | None = None, *, method: BReadyParams | None = None) -> dict[str, float]:
    """Return the points of every part of an edition from the scores of its indicators.

    A subcategory is missing if all its indicators are, and so is whatever contains a missing part: no points are made up.

    Parameters
    ----------
    scores : mapping of str to float
        Score of each indicator, 0 to 1; NaN or absent if missing.
    edition : int, optional
        Year of the edition; that of the parameters by default.
    method : BReadyParams, optional
        The schemes; those of `params/<year>/method/b_ready.yml` if omitted.

    Returns
    -------
    dict of str to float
        Points of each part [points]; NaN where missing.

    References
    ----------
    Method 12; World Bank, B-READY Methodology Handbook.

    Examples
    --------
    >>> points = scored({"tariff_approval": 1, "service_standards": 0.5}, 2026)      # the third of oversight is missing
    >>> round(points["oversight"], 2), points["regulation"]
    (6.25, nan)
    """
    method = method or standard().b_ready
    most = worth(edition, method=method)
    pillars = method.editions[edition or method.edition].pillars
    points: dict[str, float] = {}
    for pillar, subcategories in pillars.items():
        for subcategory, indicators in subcategories.items():
            weights = {name: indicator.weight for name, indicator in indicators.items()}
            found = shared_out({name: scores.get(name, math.nan) for name in indicators}, weights, most[subcategory])
            known = [value for value in found.values() if not math.isnan(value)]
            points |= found | {subcategory: sum(known) if known else math.nan}
        points[pillar] = sum(points[subcategory] for subcategory in subcategories)
    points["total"] = sum(points[pillar] for pillar in pillars)
    return points
