"""The Quarto engine: the same project, rendered by an installed Quarto."""

import os
import shutil
from concurrent.futures import Future
from pathlib import Path

import quarto

from ge_analysis.errors import GeError
from ge_analysis.files import whole_file
from ge_analysis.report import docx
from ge_analysis.report.pdf import Layout
from ge_analysis.report.source import Source, quarto_installed

FORMATS = {"docx": "docx", "html": "html", "pdf": "typst"}


def render(source: Source, form: str, target: Path, layout: Future[Layout] | None) -> None:
    """Render one document into one file; as `embedded.render`, but by Quarto.

    Raises
    ------
    GeError
        Where Quarto is not installed or does not make the file; its own messages stand above.
    """
    if not quarto_installed():
        raise GeError("Quarto is not installed", "install it, or leave out `--engine quarto`")
    made = source.path.with_suffix(f".{form}")
    made.unlink(missing_ok=True)
    os.environ["SOURCE_DATE_EPOCH"] = source.environment["SOURCE_DATE_EPOCH"]
    try:  # beside the document by default; a name of our own would be taken as one in the working folder
        quarto.render(str(source.path), output_format=FORMATS[form], execute=False, quiet=True)
    finally:
        _tidy(source.project)
    if not made.is_file():
        raise GeError(f"Quarto made no {made.name}", f"see its message above, or run `quarto render {source.path}`")
    with whole_file(target) as temporary:
        made.replace(temporary)
        if form == "docx":
            docx.finish(temporary, source, layout)


def _tidy(project: Path) -> None:
    """Remove what Quarto keeps in a project, which would make all of it stale."""
    shutil.rmtree(project / ".quarto", ignore_errors=True)
    (project / ".gitignore").unlink(missing_ok=True)
