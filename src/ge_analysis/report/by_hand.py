"""What `quarto render`, run by hand in a build folder, needs besides Quarto."""

import sys
from collections.abc import Iterable
from concurrent.futures import Future
from pathlib import Path

from ge_analysis.errors import GeError
from ge_analysis.report import docx, embedded
from ge_analysis.report.pdf import PageLayout
from ge_analysis.report.source import Source


def finish_docx(project: Path, made: Iterable[str]) -> None:
    """Add cover, running head, notice and page numbers to Word files that Quarto has just made.

    Parameters
    ----------
    project : Path
        The Quarto project, a build folder.
    made : iterable of str
        Files below it that Quarto made, each beside its document; only `.docx` files are finished.
    """
    for path in [project / name for name in made if name.endswith(".docx")]:
        source = Source(project, path.with_suffix(".qmd"))
        layout: Future[PageLayout] = Future()
        try:
            layout.set_result(embedded.lay_out(source))
            docx.finish(path, source, layout)
        except GeError as error:
            sys.exit(str(error))
