"""An executed notebook as one html file that needs no network."""

import re
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from html import escape

from jinja2 import DictLoader
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from ge_analysis.figures import drawing

# nbconvert's own page without the three scripts that it loads from the network.
_OFFLINE = """{% extends 'lab/index.html.j2' %}
{% block html_head_js_requirejs %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
"""


@cache
def _exporter() -> HTMLExporter:
    return HTMLExporter(
        extra_loaders=[DictLoader({"offline": _OFFLINE})],
        template_file="offline",
        exclude_input=True,
        exclude_output_prompt=True,
        exclude_input_prompt=True,
        exclude_anchor_links=True,
        language_code="zh",
    )


_PLACE = re.compile(r'<ge-figure id="(\d+)"></ge-figure>')
_EMPTY_HEAD = re.compile(r"<th([^>]*)>(?:\s|&nbsp;)*</th>")
_STYLE = "<style>figure { margin: 1em 0 } figcaption { text-align: center; font-weight: 600 } figure svg { height: auto }</style>"


def to_html(notebook: NotebookNode, title: str, report: str = "") -> str:
    """Return the page: prose, tables and figures without the code.

    Figures are numbered; a cell's metadata may hold `title` and `alt` (the alternative text) of its figure.

    Parameters
    ----------
    notebook : NotebookNode
        An executed notebook, which stays as it is.
    title : str
        Title of the page.
    report : str, optional
        Address of the report relative to the page.
    """
    shown, figures = deepcopy(notebook), {}
    for number, (cell, data) in enumerate(_figures(shown), start=1):
        figures[str(number)] = _figure(data.pop("image/svg+xml"), number, cell.metadata)
        data["text/html"] = f'<ge-figure id="{number}"></ge-figure>'  # nbconvert would parse and write each drawing once more
    for output in _outputs(shown):
        if "text/html" in output.get("data", {}):
            output.data["text/html"] = _EMPTY_HEAD.sub(r"<td\1></td>", output.data["text/html"])
    page: str = _exporter().from_notebook_node(shown, {"metadata": {"name": title}})[0]
    page = _PLACE.sub(lambda found: figures[found[1]], page)
    back = f'<p><a href="{escape(report)}">返回报告</a></p>' if report else ""
    return page.replace("<main>", f"<main>{_STYLE}{back}", 1)


def _outputs(notebook: NotebookNode) -> Iterator[NotebookNode]:
    return (output for cell in notebook.cells for output in cell.get("outputs", []))


def _figures(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, NotebookNode]]:
    """Yield the figures with the cells that show them."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/svg+xml" in output.get("data", {}):
                yield cell, output.data


def _figure(svg: str, number: int, metadata: NotebookNode) -> str:
    caption = f"图 {number}　{metadata.get('title', '')}".strip()
    label = str(metadata.get("alt", caption))
    drawn = drawing.inline(svg.encode(), f"d{number}", label, "100%")
    return f"<figure>{drawn or svg}<figcaption>{escape(caption)}</figcaption></figure>"
