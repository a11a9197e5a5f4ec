"""Survey of customers: aspects with intervals, differences between groups, demands (method 7)."""

import re
from collections.abc import Iterable
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import pandas as pd

from ge_analysis.indicators.arrays import Numbers, Values, as_texts, elementwise, ratio
from ge_analysis.settings.method import DemandCode, SurveyParams
from ge_analysis.settings.parameters import standard


class Interval(NamedTuple):
    """A confidence interval."""

    low: Numbers
    high: Numbers


def _z(confidence_pct: float) -> float:
    """Return the two-sided normal quantile."""
    return NormalDist().inv_cdf(0.5 + confidence_pct / 200)


def wilson_interval(k: Values, n: Values, confidence_pct: float | None = None) -> Interval:
    """Return the Wilson score interval of a share.

    (k + z²/2 ± z·√(k·(n − k)/n + z²/4)) / (n + z²)

    Parameters
    ----------
    k : float or array-like
        Answers that count [-].
    n : float or array-like
        All answers [-].
    confidence_pct : float, optional
        Confidence [%]; that of `params/<year>/method/survey.yml` (95) if omitted.

    Returns
    -------
    Interval of float, array or Series
        low and high [0–1]; NaN where n is not above 0 or k is outside 0 to n.

    References
    ----------
    Method 7; Wilson, E. B. (1927), J. Am. Stat. Assoc. 22, 209–212.

    Examples
    --------
    >>> low, high = wilson_interval(81, 263)             # Newcombe 1998, table I: 0.2553 to 0.3662
    >>> round(low, 4), round(high, 4)
    (0.2553, 0.3662)
    """
    z = _z(standard().survey.confidence_pct if confidence_pct is None else confidence_pct)
    return Interval(_wilson_side(k, n, z=-z), _wilson_side(k, n, z=z))


@elementwise
def _wilson_side(k: Values, n: Values, *, z: float) -> Numbers:
    spread = z * np.sqrt(k * (n - k) / n + z**2 / 4)
    side = np.clip((k + z**2 / 2 + spread) / (n + z**2), 0, 1)
    return np.where((n > 0) & (k >= 0) & (k <= n), side, np.nan)


def share_difference(
    k1: Values, n1: Values, k2: Values, n2: Values, confidence_pct: float | None = None
) -> tuple[Numbers, Numbers, Numbers]:
    """Return the difference of two shares with Newcombe's hybrid score interval.

    Parameters
    ----------
    k1, n1, k2, n2 : float or array-like
        Answers that count, and all answers, of the first and of the second group [-].
    confidence_pct : float, optional
        Confidence [%]; that of `params/<year>/method/survey.yml` (95) if omitted.

    Returns
    -------
    tuple of float, array or Series
        Difference k1/n1 − k2/n2, its low and its high side [−1–1]; NaN where a group is empty.

    References
    ----------
    Method 7; Newcombe, R. G. (1998), Statistics in Medicine 17, 873–890, method 10.

    Examples
    --------
    >>> [round(side, 4) for side in share_difference(56, 70, 48, 80)]       # Newcombe's table II, (a)
    [0.2, 0.0524, 0.3339]
    """
    one, two = wilson_interval(k1, n1, confidence_pct), wilson_interval(k2, n2, confidence_pct)
    p1, p2 = ratio(k1, n1), ratio(k2, n2)
    low = _hypotenuse(p1, one.low, two.high, p2)
    high = _hypotenuse(one.high, p1, p2, two.low)
    return p1 - p2, p1 - p2 - low, p1 - p2 + high


@elementwise
def _hypotenuse(upper1: Values, lower1: Values, upper2: Values, lower2: Values) -> Numbers:
    return np.hypot(upper1 - lower1, upper2 - lower2)


@elementwise
def _enough(n: Values, *, smallest: int) -> Numbers:
    return np.where(n >= smallest, n, np.nan)


def aspect_summary(
    responses: pd.DataFrame, by: str | list[str] | None = None, *, method: SurveyParams | None = None
) -> pd.DataFrame:
    """Summarise the answers to each aspect.

    Parameters
    ----------
    responses : DataFrame, shape (n, ...)
        One row per respondent: the aspects' columns with answers 1 to 5, blank if not asked, and the columns of `by`.
    by : str or list of str, optional
        Columns to group by (county, industry, urban_rural, …).
    method : SurveyParams, optional
        Aspects, top box, confidence, smallest n shown; those of `params/<year>/method/survey.yml` if omitted.

    Returns
    -------
    DataFrame, one row per group and aspect
        Columns of `by`, aspect, n [-], mean [1–5], top2 [answers of 4 or 5], share, low, high [0–1]. Below the smallest
        n shown, share, low and high are NaN; without answers the mean is too.

    References
    ----------
    Method 7.

    Examples
    --------
    >>> responses = pd.DataFrame({"payment": [5, 5, 4, 3, 4, None]})
    >>> aspect_summary(responses).set_index("aspect").loc["payment", ["n", "mean", "share"]].to_dict()
    {'n': 5.0, 'mean': 4.2, 'share': 0.8}
    """
    method = method or standard().survey
    by = [by] if isinstance(by, str) else list(by or [])
    aspects = list(method.aspects)
    answers = responses.reindex(columns=[*by, *aspects]).melt(by, aspects, "aspect", "answer")
    answers["answer"] = pd.to_numeric(answers["answer"], errors="coerce").astype("float64")
    answers["top2"] = (answers["answer"] >= method.top_box_from).astype(int)
    groups = answers.groupby([*by, "aspect"], sort=False)
    summary = groups.agg(n=("answer", "count"), mean=("answer", "mean"), top2=("top2", "sum")).reset_index()
    summary["share"], summary["low"], summary["high"] = shown_share(summary["top2"], summary["n"], method=method)
    return summary


def shown_share(k: Values, n: Values, *, method: SurveyParams | None = None) -> tuple[Numbers, Numbers, Numbers]:
    """Return a share with its Wilson interval, if there are enough answers to show it.

    Parameters
    ----------
    k, n : float or array-like
        Answers that count, and all answers [-].
    method : SurveyParams, optional
        Confidence and smallest n shown; those of `params/<year>/method/survey.yml` if omitted.

    Returns
    -------
    tuple of float, array or Series
        Share, low and high [0–1]; NaN below the smallest n shown.

    References
    ----------
    Method 7.

    Examples
    --------
    >>> [round(side, 3) for side in shown_share(4, 5)], shown_share(2, 2)
    ([0.8, 0.376, 0.964], (nan, nan, nan))
    """
    method = method or standard().survey
    shown = _enough(n, smallest=method.smallest_shown_n)
    return ratio(k, shown), *wilson_interval(k, shown, method.confidence_pct)


def coded_demands(responses: pd.DataFrame, *, method: SurveyParams | None = None) -> pd.DataFrame:
    """Mark the demands that each respondent voiced, in the wishes ticked or in the free text.

    Parameters
    ----------
    responses : DataFrame, shape (n, ...)
        Columns demands and comments (text, blank if nothing was said).
    method : SurveyParams, optional
        The word list; that of `params/<year>/method/survey.yml` if omitted.

    Returns
    -------
    DataFrame of bool, shape (n, codes)
        True if wishes or comments contain one of the code's words.

    References
    ----------
    Method 7.

    Examples
    --------
    >>> responses = pd.DataFrame({"demands": ["更换智能电表；公用线路延伸到附近", ""], "comments": [None, "希望停电前逐户通知"]})
    >>> coded = coded_demands(responses)
    >>> list(coded.columns[coded.loc[0]]), list(coded.columns[coded.loc[1]])
    (['public_line', 'smart_meter'], ['outage_notice'])
    """
    method = method or standard().survey
    return _coded(as_texts(responses["demands"]) + "\n" + as_texts(responses["comments"]), method.demands)


def _coded(texts: pd.Series, codes: Iterable[DemandCode]) -> pd.DataFrame:
    """Say of each text whether it holds one of the words of each code."""
    return pd.DataFrame({code.code: texts.str.contains("|".join(map(re.escape, code.words))) for code in codes})


def quotes(responses: pd.DataFrame, *, method: SurveyParams | None = None) -> pd.DataFrame:
    """Return the free texts that voice each demand or praise, with only the county, class and industry of the respondent.

    Parameters
    ----------
    responses : DataFrame, shape (n, ...)
        Columns county, respondent_class, industry and comments, from which ingestion has removed personal data.
    method : SurveyParams, optional
        The word list; that of `params/<year>/method/survey.yml` if omitted.

    Returns
    -------
    DataFrame, one row per demand or praise and text
        code, aspect, county, respondent_class, industry, quote; the same words of several respondents appear once per county.

    References
    ----------
    Method 7.

    Examples
    --------
    >>> who = {"county": "linxian", "respondent_class": "resident", "industry": ""}
    >>> said = pd.DataFrame([who | {"comments": text} for text in ("希望换智能表", "希望换智能表", "没有意见")])
    >>> quotes(said)[["code", "county", "quote"]].to_numpy().tolist()
    [['smart_meter', 'linxian', '希望换智能表']]
    """
    method = method or standard().survey
    codes = (*method.demands, *method.praise)
    coded = _coded(as_texts(responses["comments"]), codes)
    who = ["county", "respondent_class", "industry", "comments"]
    parts = [responses.loc[coded[code.code].to_numpy(), who].assign(code=code.code, aspect=code.aspect) for code in codes]
    found = pd.concat(parts).rename(columns={"comments": "quote"})[["code", "aspect", *who[:-1], "quote"]]
    return found.drop_duplicates(["code", "county", "quote"]).reset_index(drop=True)
