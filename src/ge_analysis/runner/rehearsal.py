"""What a warm process does before its first fork: it imports everything needed and rehearses the work on a small scale.

This compiles templates, patterns and schemas, finds fonts and reads the package's data. It leaves nothing else behind: what a
notebook could notice (matplotlib's settings, open figures, pandas' options) stays as after the imports. No parquet is read,
which would start threads that a fork loses.
"""

import sys
from importlib import import_module
from pkgutil import iter_modules

# What papermill, the kernels and the notebooks import: the longest part of a cold run. The notebooks' matplotlib
# backend is not among it: it binds itself to the kernel when it is imported.
MODULES = (
    "ge_analysis.ledgers.ingest",
    "ge_analysis.notebook.parameters",
    "ge_analysis.notebook.saving",
    "ge_analysis.runner.execute",
    "ge_analysis.study",
    "ge_analysis.notebook.tables",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "matplotlib.pyplot",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "seaborn",
)
# Packages of which notebooks need many modules, most of them when they compute.
PACKAGES = ("ge_analysis.figures", "ge_analysis.findings", "ge_analysis.indicators", "ge_analysis.indicators.topics")


def of_reading() -> None:
    """Check a table and mask a text."""
    import pandas as pd

    import_module("ge_analysis.runner.read")
    import_module("ge_analysis.ledgers.consistency")
    from ge_analysis.ledgers import schema, stale
    from ge_analysis.ledgers.contract import contract
    from ge_analysis.ledgers.personal import mask_text

    mask_text("联系王小明")
    stale.workings()
    schema.breaches("customers", pd.DataFrame(columns=[field.name for field in contract("customers").fields]))


def of_notebooks() -> None:
    """Draw a figure, print a table and write a notebook."""
    _import_all()
    import matplotlib
    import nbformat
    import pandas as pd
    from jupyter_client.provisioning.factory import KernelProvisionerFactory
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

    from ge_analysis.figures import style
    from ge_analysis.ledgers import stale
    from ge_analysis.ledgers.contract import contracts
    from ge_analysis.notebook.tables import Prose
    from ge_analysis.runner.html import to_html
    from ge_analysis.settings.registry import registry

    registry()
    contracts()
    stale.workings()
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


def _import_all() -> None:
    # jsonschema would spend two seconds building this grammar, for a kind of URL that no notebook's schema has.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # a documented way to block an import
    import_module("jsonschema")
    del sys.modules["rfc3987_syntax"]
    for name in MODULES:
        import_module(name)
    for name in PACKAGES:
        for module in iter_modules(import_module(name).__path__, f"{name}."):
            import_module(module.name)
    # Outside a kernel, pandas would fit wide tables to a terminal.
    import_module("pandas").set_option("display.max_columns", 20)
