"""Connections: procedures and time of comparable cases; their cost comes from `cost` (method 4)."""

from typing import Literal

import numpy as np
import pandas as pd

from ge_analysis.errors import GeError
from ge_analysis.indicators.arrays import as_floats
from ge_analysis.indicators.cost import case_cost, connection_cost, deposit_cost
from ge_analysis.indicators.periods import PeriodLike, inside, moments
from ge_analysis.indicators.working_days import working_day_number
from ge_analysis.language import _
from ge_analysis.settings.method import ComparableCase, ConnectionParams, StandardCase
from ge_analysis.settings.parameters import standard

__all__ = [
    "Calendar",
    "case_cost",
    "comparable_cases",
    "connection_cost",
    "connection_time",
    "deposit_cost",
    "elapsed_days",
    "elapsed_time",
    "interactions",
    "most_frequent",
    "procedure_count",
    "stage_days",
    "usual_stages",
]

Calendar = Literal["calendar", "working"]


def comparable_cases(connections: pd.DataFrame, case: ComparableCase, period: PeriodLike) -> pd.DataFrame:
    """Return the cases comparable with a standard case: of its voltages and capacity window, completed in the period.

    Parameters
    ----------
    connections : DataFrame
        Columns voltage, capacity_kva [kVA], energised (date).
    case : ComparableCase
        The standard case: `cases` of `params/<year>/method/connection.yml`.
    period : pair of dates, Period, pandas.Period or year
        Half-open.

    Returns
    -------
    DataFrame
        The comparable rows; both ends of the capacity window count.

    References
    ----------
    Method 4.

    Examples
    --------
    >>> ledger = pd.DataFrame({"voltage": "10kV", "capacity_kva": [200, 801, 400], "energised": pd.Timestamp("2021-03-01")})
    >>> comparable_cases(ledger, standard().connection.cases["high"], 2021)["capacity_kva"].tolist()
    [200, 400]
    """
    least, most = case.capacity_window_kva
    capacity = as_floats(connections["capacity_kva"])
    comparable = connections["voltage"].isin(case.voltages) & (capacity >= least) & (capacity <= most)
    return connections[(comparable & inside(connections["energised"], period)).to_numpy(dtype=bool)]


def interactions(cases: pd.DataFrame, *, method: ConnectionParams | None = None) -> pd.DataFrame:
    """Return the day on which each interaction of each case ended; missing if the case skipped it.

    A case has an interaction if one of its stage columns holds a date. External works and meter installation are one
    interaction if the utility does both and nothing (acceptance, contract) comes between them.

    Parameters
    ----------
    cases : DataFrame, shape (n, ...)
        Stage columns of one standard case (absent ones are skipped); voltage, which selects the case; investment_boundary,
        which says who builds the line.
    method : ConnectionParams, optional
        That of `params/<year>/method/connection.yml` if omitted.

    Returns
    -------
    DataFrame of datetime64, shape (n, interactions)

    Raises
    ------
    GeError
        If the cases do not all belong to one standard case.

    References
    ----------
    Method 4.

    Examples
    --------
    >>> case = pd.DataFrame({"voltage": ["220V"], "applied": ["2021-03-01"], "energised": ["2021-03-03"]})
    >>> {name: str(day.date()) for name, day in interactions(case).iloc[0].dropna().items()}
    {'application': '2021-03-01', 'energising': '2021-03-03'}
    """
    method = method or standard().connection
    dates, ends = _stage_ends(cases, method)
    visits = [dates[column] for column in _standard_case(cases, method).procedures["energising"] if column != "energised"]
    between = [(visit < dates["energised"]) & ~(visit < ends["works"]) for visit in visits]
    boundary = cases["investment_boundary"].isin(method.utility_builds).to_numpy() if "investment_boundary" in cases else False
    ends["works"] = np.where(boundary & ~np.logical_or.reduce(between), np.datetime64("NaT"), ends["works"])
    return pd.DataFrame(ends, index=cases.index)


def _stage_ends(cases: pd.DataFrame, method: ConnectionParams) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return the dates of each stage column, and the day on which each stage ended: the last date of its columns."""
    procedures = _standard_case(cases, method).procedures
    columns = [column for group in procedures.values() for column in group]
    blank = np.full(len(cases), np.datetime64("NaT", "us"))
    dates = {name: moments(cases[name]).to_numpy() if name in cases else blank for name in columns}
    return dates, {name: np.fmax.reduce([dates[column] for column in group]) for name, group in procedures.items()}


def _standard_case(cases: pd.DataFrame, method: ConnectionParams) -> StandardCase:
    """Return the standard case to whose voltages all cases belong."""
    voltages = set(cases["voltage"].dropna())
    found = [case for case in method.cases.values() if voltages <= set(case.voltages)]
    if not found:
        raise GeError(
            _("cases of voltages {voltages} belong to no one standard case", voltages=", ".join(sorted(voltages))),
            _("choose cases of one of them"),
        )
    return found[0]


def procedure_count(cases: pd.DataFrame, *, method: ConnectionParams | None = None) -> float:
    """Return the number of procedures: the most frequent number of interactions.

    Parameters
    ----------
    cases : DataFrame, shape (n, ...)
        Comparable cases of one standard case.
    method : ConnectionParams, optional
        That of `params/<year>/method/connection.yml` if omitted.

    Returns
    -------
    float
        Procedures [-]; the smaller one of a tie; NaN if there is no case.

    References
    ----------
    Method 4.

    Examples
    --------
    >>> case = pd.DataFrame({"voltage": ["10kV"], "applied": ["2021-03-01"], "plan_replied": ["2021-03-05"],
    ...                      "works_finished": ["2021-03-28"], "energised": ["2021-03-30"]})
    >>> procedure_count(case)
    4.0
    """
    return most_frequent(interactions(cases, method=method).notna().sum(axis=1))


def most_frequent(counts: pd.Series) -> float:
    """Return the most frequent count, the smallest of a tie; NaN if there is no case.

    Parameters
    ----------
    counts : Series, shape (n,)
        Interactions of each case [-].

    Returns
    -------
    float

    References
    ----------
    Method 4.

    Examples
    --------
    >>> most_frequent(pd.Series([4, 5, 5, 4, 6]))
    4.0
    """
    return float(counts.mode().iloc[0]) if len(counts) else np.nan


def stage_days(cases: pd.DataFrame, calendar: Calendar = "calendar", *, method: ConnectionParams | None = None) -> pd.DataFrame:
    """Return the days that each stage of each case took.

    A stage lasts from the end of the stage before to its own end, and at least the minimum; since stages follow each other by
    at least the minimum, no two start on the same day. External works are a stage of every case that has them: that the
    utility's works and the meter are one interaction changes the count, not the duration.

    Parameters
    ----------
    cases : DataFrame, shape (n, ...)
        Comparable cases of one standard case.
    calendar : {"calendar", "working"}
        Calendar days (World Bank) or Chinese working days (provincial evaluation).
    method : ConnectionParams, optional
        That of `params/<year>/method/connection.yml` if omitted.

    Returns
    -------
    DataFrame of float, shape (n, stages)
        Days [d]; NaN where the case did not undergo the stage.

    Raises
    ------
    GeError
        For working days of a year without a table of holidays.

    References
    ----------
    Method 4.

    Examples
    --------
    >>> case = {"voltage": ["220V"], "channel": ["hall"], "applied": ["2021-03-01"], "energised": ["2021-03-03"]}
    >>> stage_days(pd.DataFrame(case)).iloc[0].dropna().to_dict()
    {'application': 1.0, 'energising': 1.0}
    """
    method = method or standard().connection
    dates, ends = _stage_ends(cases, method)
    before = _day_number(dates["applied"], calendar)
    online = cases["channel"].isin(["online"]).to_numpy(dtype=bool) if method.halve_online_stages else False
    minimum = np.where(online, method.online_stage_minimum_days, method.stage_minimum_days)
    days = {}
    for name, end in ends.items():
        end = _day_number(end, calendar)
        end = np.where(np.isnan(end), np.nan, np.maximum(end, before + minimum))
        days[name] = end - before
        before = np.fmax(end, before)
    return pd.DataFrame(days, index=cases.index)


def _day_number(dates: np.ndarray, calendar: Calendar) -> np.ndarray:
    """Number days so that differences count calendar or working days."""
    if calendar == "working":
        return working_day_number(pd.Series(dates)).to_numpy()
    numbers = dates.astype("datetime64[D]")
    return np.where(np.isnat(numbers), np.nan, numbers.astype(np.int64))


def usual_stages(days: pd.DataFrame) -> list[str]:
    """Return the stages that count towards the total: those of at least half of the cases.

    Parameters
    ----------
    days : DataFrame of float, shape (n, stages)
        As from `stage_days` [d]; NaN where the case did not undergo the stage.

    Returns
    -------
    list of str
        Names of the stages in order; empty if there is no case.

    References
    ----------
    Method 4.

    Examples
    --------
    >>> usual_stages(pd.DataFrame({"plan": [3.0, None, 4.0, None], "works": [None, None, 20.0, None]}))
    ['plan']
    """
    cases_of = days.notna().to_numpy().sum(axis=0)
    return [str(stage) for stage, cases in zip(days, cases_of, strict=True) if len(days) and 2 * cases >= len(days)]


def connection_time(cases: pd.DataFrame, calendar: Calendar = "calendar", *, method: ConnectionParams | None = None) -> float:
    """Return the time of a connection: the sum over its stages of their median days.

    Parameters
    ----------
    cases : DataFrame, shape (n, ...)
        Comparable cases of one standard case.
    calendar : {"calendar", "working"}
        Calendar days (World Bank) or Chinese working days (provincial evaluation); never to be compared with each other.
    method : ConnectionParams, optional
        That of `params/<year>/method/connection.yml` if omitted.

    Returns
    -------
    float
        Days [d]; NaN if there is no case. Only stages of at least half of the cases count.

    References
    ----------
    Method 4.

    Examples
    --------
    >>> case = pd.DataFrame({"voltage": ["380V"], "applied": ["2021-03-05"], "plan_replied": ["2021-03-05"],
    ...                      "energised": ["2021-03-08"], "investment_boundary": ["meter_box"]})
    >>> connection_time(case), connection_time(case, calendar="working")     # Friday to Monday, two stages
    (3.0, 2.0)

    Two cases whose line the customer built, and two whose line the utility built:

    >>> day = pd.Timestamp("2021-03-01")
    >>> days = pd.DataFrame({"applied": 0, "plan_replied": 3, "works_finished": [53, 53, 23, 23], "energised": [56, 56, 26, 26]})
    >>> builds = ["grid_point", "grid_point", "red_line", "red_line"]
    >>> cases = (day + days.apply(pd.to_timedelta, unit="D")).assign(voltage="10kV", investment_boundary=builds)
    >>> stage_days(cases).median().dropna().to_dict()
    {'application': 1.0, 'plan': 2.0, 'works': 35.0, 'energising': 3.0}
    >>> connection_time(cases), elapsed_time(cases)
    (41.0, 41.0)
    """
    days = stage_days(cases, calendar, method=method)
    return float(days[usual_stages(days)].median().sum(min_count=1))


def elapsed_days(days: pd.DataFrame) -> pd.Series:
    """Return the days of each case from application to supply: the sum of its stages.

    Parameters
    ----------
    days : DataFrame of float, shape (n, stages)
        As from `stage_days` [d].

    Returns
    -------
    Series of float, shape (n,)
        Days [d]; NaN for a case without any stage.

    References
    ----------
    Method 4.

    Examples
    --------
    >>> elapsed_days(pd.DataFrame({"plan": [3.0, None], "works": [20.0, None]})).tolist()
    [23.0, nan]
    """
    return days.sum(axis=1, min_count=1)


def elapsed_time(cases: pd.DataFrame, calendar: Calendar = "calendar", *, method: ConnectionParams | None = None) -> float:
    """Return the median over the cases of the days from application to supply.

    Parameters
    ----------
    cases, calendar, method
        As in `connection_time`.

    Returns
    -------
    float
        Days [d], each stage counting at least the minimum; NaN if there is no case. If stages differ between cases, the sum of
        medians that `connection_time` returns can exceed it, and even the longest case.

    References
    ----------
    Method 4.

    Examples
    --------
    Two cases of 26 days, one of which had its design reviewed for 10 of them:

    >>> case = {"voltage": "10kV", "applied": "2021-03-01", "plan_replied": "2021-03-05", "energised": "2021-03-27"}
    >>> cases = pd.DataFrame([case, case]).assign(works_finished="2021-03-25", design_reviewed=["2021-03-15", None])
    >>> stage_days(cases).median().dropna().to_dict()
    {'application': 1.0, 'plan': 3.0, 'design_review': 10.0, 'works': 15.0, 'energising': 2.0}
    >>> connection_time(cases), elapsed_time(cases)
    (31.0, 26.0)
    """
    return float(elapsed_days(stage_days(cases, calendar, method=method)).median())
