"""Outages of one place: hours by month, causes, durations."""

import numpy as np
import pandas as pd
from matplotlib.ticker import PercentFormatter

from ge_analysis.figures import style
from ge_analysis.figures.data import by_item
from ge_analysis.figures.picture import Picture
from ge_analysis.indicators.interruptions import interruptions
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.registry import half_up, label, registry

NO_OUTAGE = "统计期内没有计入统计的停电"
DURATION_EDGES = (0, 0.5, 1, 2, 4, 8, 12, 24, np.inf)  # hours; the bars of the distribution


def monthly_hours(outages: pd.DataFrame, params: Params) -> Picture:
    """Draw the customer hours lost in each month of the period, stacked by kind of outage.

    Parameters
    ----------
    outages : DataFrame
        Canonical table.
    params : Params
        The reliability period and what counts as an interruption.

    Returns
    -------
    Picture
        One bar a month; months without an outage stay empty.
    """
    steps = _counted(outages, params)
    if steps.empty:
        return style.blank(NO_OUTAGE)
    period = params.year.reliability_period
    months = pd.period_range(period.start, period.last, freq="M")
    start = pd.Timestamp(period.start)
    begun = steps["started"].mask(steps["started"] < start, start).dt.to_period("M")
    lost = steps["hour_customers"].groupby([begun, steps["kind"]]).sum().unstack(fill_value=0)
    lost = lost.reindex(index=months, columns=list(style.KINDS), fill_value=0)
    figure, axes = style.subplots(height=2.0)
    bottom = np.zeros(len(months))
    for kind, tone in style.KINDS.items():
        axes.bar(range(len(months)), lost[kind], bottom=bottom, width=0.7, color=tone, label=label("kind", kind))
        bottom += lost[kind].to_numpy()
    axes.set_xticks(range(len(months)), [f"{month.month} 月" for month in months])
    axes.set_ylabel(registry().indicators["hour_customers"].title)
    axes.set_xlabel(f"{period.start.year} 年")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    style.bare(axes, "y")
    figure.legend(loc="outside upper right", ncols=3, frameon=False)
    return figure


def _counted(outages: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Return the steps that count in the period, with their hours inside it [h·customers]."""
    lost = interruptions(outages, params.year.reliability_period, params.year.duration_floor_minutes).hour_customers
    return outages.assign(hour_customers=lost)[lost > 0]


def causes(indicators: pd.DataFrame, place: str) -> Picture:
    """Draw the customer hours lost by cause, the largest first and the rest class last, with the cumulated share.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table; `hour_customers` by cause (`item`), area all.
    place : str
        County (slug, Chinese name or code) or `city`.

    Returns
    -------
    Picture
        A Pareto chart with one bar a cause.
    """
    lost = by_item(indicators, "hour_customers", registry().codes["cause"], place, area="all")["value"]
    lost = lost[lost > 0].sort_values(ascending=False, kind="stable")
    lost = pd.concat([lost.drop("other", errors="ignore"), lost.filter(["other"])])  # the rest class comes last
    if lost.empty:
        return style.blank(NO_OUTAGE)
    rows = np.arange(len(lost))
    figure, axes = style.subplots(height=0.25 * len(lost) + 0.75)
    axes.barh(rows, lost, height=0.62, color=style.GOOD)
    for row, (value, share) in enumerate(zip(lost, lost.cumsum() / lost.sum(), strict=True)):
        axes.annotate(
            f"{half_up(value):,}（累计 {half_up(100 * share)}%）",
            (value, row),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
        )
    axes.set_xlim(0, lost.max() * 1.32)
    axes.set_yticks(rows, [label("cause", cause) for cause in lost.index])
    axes.set_ylim(len(rows) - 0.45, -0.55)
    axes.set_xlabel(registry().indicators["hour_customers"].title)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    style.bare(axes)
    return figure


def durations(outages: pd.DataFrame, params: Params) -> Picture:
    """Draw how long the outages lasted: the share of steps in each span of hours, by kind.

    Parameters
    ----------
    outages : DataFrame
        Canonical table.
    params : Params
        The reliability period and what counts as an interruption.

    Returns
    -------
    Picture
        One bar a span; the number of steps is written on top.
    """
    steps = _counted(outages, params)
    if steps.empty:
        return style.blank(NO_OUTAGE)
    hours = (steps["restored"] - steps["started"]).dt.total_seconds() / 3600  # whole, also beyond the period
    spans = pd.cut(hours, DURATION_EDGES, labels=_span_names())
    counted = pd.crosstab(spans, steps["kind"], dropna=False).reindex(columns=list(style.KINDS), fill_value=0)
    figure, axes = style.subplots(height=2.0)
    bottom = np.zeros(len(counted))
    for kind, tone in style.KINDS.items():
        share = counted[kind].to_numpy() / len(steps) * 100
        axes.bar(counted.index, share, bottom=bottom, width=0.7, color=tone, label=label("kind", kind))
        bottom += share
    for position, number in enumerate(counted.sum(axis=1)):
        axes.annotate(
            f"{number:,}", (position, bottom[position]), xytext=(0, 2), textcoords="offset points", ha="center", fontsize=8
        )
    axes.yaxis.set_major_formatter(PercentFormatter(decimals=0))
    axes.set_ylabel("占停电段数的比例")
    axes.set_xlabel(f"停电持续时间（小时），柱顶为段数，共 {len(steps):,} 段")
    style.bare(axes, "y")
    figure.legend(loc="outside upper right", ncols=3, frameon=False)
    return figure


def _span_names() -> list[str]:
    edges = [f"{edge:g}" for edge in DURATION_EDGES[1:-1]]
    return [f"≤{edges[0]}", *(f"{low}～{high}" for low, high in zip(edges, edges[1:], strict=False)), f">{edges[-1]}"]
