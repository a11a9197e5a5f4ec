"""The rows of a trace as a DataFrame, which JupyterLab shows in Chinese."""

from html import escape

import pandas as pd

from ge_analysis.ledgers.contract import contract
from ge_analysis.review.trace import HEADS, Row, Trace, key_name
from ge_analysis.settings.places import CITY
from ge_analysis.settings.registry import indicator


class TraceTable(pd.DataFrame):
    """Rows of a trace; JupyterLab shows them with Chinese headings, below the value and its formula."""

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def _repr_html_(self) -> str | None:
        head = "".join(f"<div>{escape(line)}</div>" for line in self.attrs["trace"])
        table = pd.DataFrame(self).replace(self.attrs["labels"]).rename(columns=self.attrs["heads"])
        with pd.option_context("display.max_colwidth", None):
            return head + (table._repr_html_() or "")  # type: ignore[operator]  # pandas does not type it


def trace_table(trace: Trace) -> TraceTable:
    """Return the rows of a trace with their cells."""
    shown = TraceTable(pd.DataFrame(trace.rows, columns=Row._fields).assign(said=trace.behind.said(trace.rows)))
    names = {unit.slug: unit.name for unit in trace.behind.study.params.counties} | {CITY: "全市"}
    unit = indicator(trace.key[1]).unit if len(trace.tree) == 1 else ""  # the values of a tree have units of their own
    shown.attrs["trace"] = [key_name(trace.key), trace.title, trace.formula]
    shown.attrs["labels"] = {"place": names, "table": {name: contract(name).sheet for name in shown["table"].unique()}}
    shown.attrs["heads"] = HEADS | ({"contribution": f"{HEADS['contribution']}（{unit}）"} if unit else {})
    return shown
