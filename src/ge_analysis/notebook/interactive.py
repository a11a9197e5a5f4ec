"""What answers in JupyterLab: completion of names by Tab, tables that can be searched, a picker of place and indicator."""

import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd
from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from ge_analysis.ledgers.contract import contracts
from ge_analysis.notebook.tables import LONG_HEADS, labels, readable
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.registry import indicator, registry

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_CALL = re.compile(r"""([\w.]+)\(((?:[^()'"]|'[^']*'|"[^"]*")*)['"]([^'"]*)$""")  # up to the cursor, which is in a text
_NAMED = re.compile(r"(\w+)\s*=\s*$")
_WORDS: Any = {  # of DataTables
    "search": "查找",
    "lengthMenu": "每页 _MENU_ 行",
    "info": "第 _START_—_END_ 行，共 _TOTAL_ 行",
    "infoEmpty": "没有行",
    "infoFiltered": "（由 _MAX_ 行中查出）",
    "emptyTable": "没有行",
    "zeroRecords": "没有符合的行",
    "paginate": {"first": "首页", "previous": "上页", "next": "下页", "last": "末页"},
    "aria": {"orderable": "：按此列排序", "orderableReverse": "：按此列反向排序", "orderableRemove": "：恢复原来的顺序"},
}


def load(shell: "InteractiveShell") -> None:
    """Make a notebook answer: `%load_ext ge_analysis` calls this."""
    from itables import init_notebook_mode, options

    options.warn_on_unexpected_option_type = False  # words within words are right, whatever itables thinks of them
    options.language, options.maxBytes, options.display_logo_when_loading = _WORDS, 0, False
    init_notebook_mode(all_interactive=False, connected=False)

    def names(context: CompletionContext) -> SimpleMatcherResult:
        return completed(context.text_until_cursor, shell.user_ns)

    shell.Completer.custom_matchers.append(context_matcher(identifier="ge_analysis")(names))


def completed(text: str, known: dict[str, Any]) -> SimpleMatcherResult:
    """Return the places, sheets, indicators or codes that a text in a call of ours may be.

    Parameters
    ----------
    text : str
        The cell up to the cursor.
    known : dict
        The notebook's names and their values.

    Examples
    --------
    >>> from ge_analysis import Study
    >>> [each.text for each in completed('study.table("柳林县", "停电', {"study": Study.open(2021)})["completions"]]
    ['停电事件', '停电用户明细']
    """
    call = _CALL.search(text)
    function = _function(call[1], known) if call else None
    if call is None or function is None:
        return {"completions": []}
    before, begun = call[2], call[3]
    parameters, position, named = [*inspect.signature(function).parameters, ""], before.count(","), _NAMED.search(before)
    parameter = named[1] if named else parameters[min(position, len(parameters) - 1)]
    study = getattr(function, "__self__", None)
    fitting = [name for name in _names(parameter, study) if name.startswith(begun)]
    completions = [SimpleCompletion(name, type="text") for name in fitting]
    return {"completions": completions, "matched_fragment": begun, "suppress": bool(fitting)}


def _function(path: str, known: dict[str, Any]) -> Callable[..., object] | None:
    """Return the function of ours that a dotted path names in a notebook."""
    first, *rest = path.split(".")
    found = known.get(first)
    for name in rest:
        found = None if isinstance(inspect.getattr_static(found, name, None), property) else getattr(found, name, None)
    ours = (getattr(found, "__module__", None) or "").startswith("ge_analysis")
    return found if ours and inspect.isroutine(found) else None


def _names(parameter: str, study: object) -> Iterable[str]:
    """Return what a parameter may be, by its name."""
    if parameter in ("county", "place"):
        units = getattr(study, "counties", ())
        return [*(unit.name for unit in units), *(unit.slug for unit in units), "city"]
    if parameter == "sheet":
        return [*(each.sheet for each in contracts().values()), *contracts()]
    if parameter == "indicator":
        return registry().indicators
    return [text for pair in labels(parameter).items() for text in pair]


class Searchable:
    """A table that a notebook with `%load_ext ge_analysis` shows page by page; it sorts unless it lists several places.

    Parameters
    ----------
    table : DataFrame
        The long indicator table, or a canonical table.
    sheet : str, optional
        Chinese name of the canonical table.
    """

    def __init__(self, table: pd.DataFrame, sheet: str = ""):
        self.table = readable(table, sheet)
        self.ordering = table["county"].nunique() < 2 if "county" in table else True

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_html_(self) -> str:
        from itables import to_html_datatable

        return to_html_datatable(self.table, connected=False, ordering=self.ordering, showIndex=False)


class Picker:
    """A choice of place and indicator with the values of both below; where widgets do not work, the values of the first ones.

    Parameters
    ----------
    indicators : DataFrame
        Long table of the study.
    params : Params
        Names the places, which stay in administrative order.

    Attributes
    ----------
    place, indicator : str
        What is chosen.
    """

    def __init__(self, indicators: pd.DataFrame, params: Params):
        from ipywidgets import HTML, Dropdown, VBox

        there, counted = set(indicators["county"]), set(indicators["indicator"])
        places = [(unit.name, unit.slug) for unit in params.counties] + [(params.study.city, "city")]
        self.indicators = indicators
        self._places = Dropdown(description="单元", options=[each for each in places if each[1] in there])
        titles = [(entry.title, name) for name, entry in registry().indicators.items() if name in counted]
        self._titles = Dropdown(description="指标", options=titles)
        self._shown = HTML()
        self._box = VBox([self._places, self._titles, self._shown])
        for choice in (self._places, self._titles):
            choice.observe(self._show, "value")
        self._show()

    @property
    def place(self) -> str:
        """Slug of the county that is chosen, or `city`."""
        return str(self._places.value)

    @property
    def indicator(self) -> str:
        """Name of the indicator that is chosen."""
        return str(self._titles.value)

    @property
    def values(self) -> pd.DataFrame:
        """Rows of the long table: the values of the indicator that the place has."""
        return self.indicators[(self.indicators[["county", "indicator"]] == [self.place, self.indicator]).all(axis=1)]

    def _show(self, _: object = None) -> None:
        chosen = [LONG_HEADS[name] for name in ("county", "indicator", "method")]
        shown = readable(self.values).drop(columns=chosen).replace("", pd.NA).dropna(axis=1, how="all")
        said = f"<p>{escape(indicator(self.indicator).description)}</p>{shown.to_html(index=False, na_rep='', border=0)}"
        self._shown.value = f'<div class="jp-RenderedHTMLCommon">{said}</div>'  # tables as in other outputs

    def _repr_mimebundle_(self, **how: Sequence[str]) -> object:
        return {**self._box._repr_mimebundle_(**how), "text/html": self._shown.value}
