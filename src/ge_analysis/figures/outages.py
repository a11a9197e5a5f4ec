"""Outages of one place: hours by month, causes, durations."""

import numpy as np
import pandas as pd
from matplotlib.ticker import PercentFormatter

from ge_analysis.figures import style
from ge_analysis.figures.data import by_item, by_kind
from ge_analysis.figures.picture import HALO, Picture
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.registry import half_up, label, registry

NO_OUTAGE = "统计期内没有计入统计的停电"


def monthly_hours(indicators: pd.DataFrame, params: Params, place: str) -> Picture:
    """Draw the hour·customers lost in each month of the period, stacked by kind of outage.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table; `monthly_hour_customers` by kind and month.
    params : Params
        The reliability period.
    place : str
        County (slug, Chinese name or code) or `city`.

    Returns
    -------
    Picture
        One bar per month; months without an outage stay empty.
    """
    period = params.year.reliability_period
    months = pd.period_range(period.start, period.last, freq="M")
    lost = by_kind(indicators, "monthly_hour_customers", place, "month", months.strftime("%Y-%m"))
    if not lost.to_numpy().any():
        return style.blank(NO_OUTAGE)
    figure, axes = style.subplots(height=2.0)
    bottom = np.zeros(len(months))
    for kind, tone in style.KINDS.items():
        axes.bar(range(len(months)), lost[kind], bottom=bottom, width=0.7, color=tone, label=label("kind", kind))
        bottom += lost[kind].to_numpy()
    for position, total in enumerate(bottom):
        style.above(axes, f"{half_up(total):,}" if total else "", (position, total), fontsize=7, gid=HALO)
    axes.set_xticks(range(len(months)), [f"{month.month} 月" for month in months])
    axes.set_ylabel(registry().indicators["hour_customers"].title)
    axes.set_xlabel(f"{period.start.year} 年")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    style.bare(axes, "y")
    figure.legend(loc="outside upper right", ncols=3, frameon=False)
    return figure


def causes(indicators: pd.DataFrame, place: str) -> Picture:
    """Draw the hour·customers lost by cause, the largest first and `other` last, with the cumulative share.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table; `hour_customers` by cause (`item`), area all.
    place : str
        County (slug, Chinese name or code) or `city`.

    Returns
    -------
    Picture
        A Pareto chart with one bar per cause.
    """
    lost = by_item(indicators, "hour_customers", registry().codes["cause"], place, area="all")["value"]
    lost = lost[lost > 0].sort_values(ascending=False, kind="stable")
    lost = pd.concat([lost.drop("other", errors="ignore"), lost.filter(["other"])])
    if lost.empty:
        return style.blank(NO_OUTAGE)
    rows = np.arange(len(lost))
    figure, axes = style.subplots(height=0.25 * len(lost) + 0.75)
    axes.barh(rows, lost, height=0.62, color=style.GOOD)
    for row, (value, share) in enumerate(zip(lost, lost.cumsum() / lost.sum(), strict=True)):
        style.after(axes, f"{half_up(value):,}（累计 {half_up(100 * share)}%）", (value, row), gid=HALO)
    axes.set_xlim(0, lost.max() * 1.32)
    axes.set_yticks(rows, [label("cause", cause) for cause in lost.index])
    axes.set_ylim(len(rows) - 0.45, -0.55)
    axes.set_xlabel(registry().indicators["hour_customers"].title)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    style.bare(axes)
    return figure


def durations(indicators: pd.DataFrame, place: str) -> Picture:
    """Draw the durations of outages: the share of steps in each span of hours, by kind.

    Parameters
    ----------
    indicators : DataFrame
        Long indicator table; `outage_steps` by kind and duration.
    place : str
        County (slug, Chinese name or code) or `city`.

    Returns
    -------
    Picture
        One bar per span; the number of steps is written on top.
    """
    counted = by_kind(indicators, "outage_steps", place, "duration", registry().codes["duration"])
    steps = counted.to_numpy().sum()
    if not steps:
        return style.blank(NO_OUTAGE)
    figure, axes = style.subplots(height=2.0)
    bottom = np.zeros(len(counted))
    for kind, tone in style.KINDS.items():
        share = counted[kind].to_numpy() / steps * 100
        axes.bar(
            [label("duration", code) for code in counted.index],
            share,
            bottom=bottom,
            width=0.7,
            color=tone,
            label=label("kind", kind),
        )
        bottom += share
    for position, number in enumerate(counted.sum(axis=1)):
        style.above(axes, f"{half_up(number):,}", (position, bottom[position]), fontsize=8, gid=HALO)
    axes.yaxis.set_major_formatter(PercentFormatter(decimals=0))
    axes.set_ylabel("占停电段数的比例")
    axes.set_xlabel(f"停电持续时间（小时），柱顶为段数，共 {half_up(steps):,} 段")
    style.bare(axes, "y")
    figure.legend(loc="outside upper right", ncols=3, frameon=False)
    return figure
