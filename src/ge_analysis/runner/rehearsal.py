"""A rehearsal of what every worker does: it fills the libraries' caches before the first fork and leaves nothing else behind."""

import matplotlib
import nbformat
import pandas as pd
from jupyter_client.provisioning import KernelProvisionerFactory
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from ge_analysis.figures import style
from ge_analysis.ledgers import schema
from ge_analysis.ledgers.contract import contract, contracts
from ge_analysis.registry import registry
from ge_analysis.runner.html import to_html
from ge_analysis.tables import Prose


def rehearse() -> None:
    """Check a table, draw a figure, print a table and write a notebook.

    Templates, patterns and schemas get compiled, fonts get found, and the package's own data get read. What a notebook could
    notice (matplotlib's settings, the open figures, pandas' options) stays as it is after the imports. No parquet is read:
    that would start threads, which a fork loses.
    """
    registry()
    contracts()
    schema.breaches("customers", pd.DataFrame(columns=[field.name for field in contract("customers").fields]))
    with matplotlib.rc_context():
        picture, axes = style.subplots(height=1)
        axes.plot([0, 1], label="合计")
        axes.legend()
        picture.svg()
    table = pd.DataFrame({"a": [1.5], "b": ["文"]})
    output = new_output("display_data", {"text/html": table.to_html() + Prose(table)._repr_html_(), "text/plain": ""})
    notebook = new_notebook(cells=[new_markdown_cell("# a\n\n**b**"), new_code_cell("c = 1", outputs=[output])])
    nbformat.reads(nbformat.writes(notebook), as_version=4)
    to_html(notebook, "rehearsal")
    KernelProvisionerFactory.instance()
