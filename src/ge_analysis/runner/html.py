"""An executed notebook as one html file that needs no network."""

from functools import cache

from jinja2 import DictLoader
from nbconvert import HTMLExporter
from nbformat import NotebookNode

# nbconvert's own page without the three scripts that it would load from the network.
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


def to_html(notebook: NotebookNode, title: str) -> str:
    """Return the page: prose, tables and figures without the code.

    Parameters
    ----------
    notebook : NotebookNode
        An executed notebook.
    title : str
        Title of the page.
    """
    return _exporter().from_notebook_node(notebook, {"metadata": {"name": title}})[0]
