"""A rehearsal of what every worker does: it fills the libraries' caches before the first fork and leaves nothing else behind."""

import io

import nbformat
import pandas as pd
from jupyter_client.provisioning import KernelProvisionerFactory
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from ge_analysis.runner.html import to_html


def rehearse() -> None:
    """Draw a figure, print a table and write a notebook, in memory.

    Templates, patterns and schemas get compiled and fonts get found. What a notebook could notice (matplotlib's settings, the
    open figures, pandas' options) stays as it is after the imports.
    """
    figure = Figure()
    figure.subplots().plot([0, 1], label="line")
    figure.legend()
    figure.savefig(io.BytesIO(), format="png")
    figure.savefig(io.BytesIO(), format="svg")
    table = pd.DataFrame({"a": [1.5], "b": ["text"]}).to_html()
    output = new_output("display_data", {"text/html": table, "text/plain": ""})
    notebook = new_notebook(cells=[new_markdown_cell("# a\n\n**b**"), new_code_cell("c = 1", outputs=[output])])
    nbformat.reads(nbformat.writes(notebook), as_version=4)
    to_html(notebook, "rehearsal")
    KernelProvisionerFactory.instance()
