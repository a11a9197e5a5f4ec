"""The embedded engine: Pandoc, and Typst for the pdf, both from Python packages. Nothing is downloaded."""

import os
import shutil
import subprocess
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pypandoc
import yaml

from ge_analysis.errors import DiskFullError, GeError
from ge_analysis.language import _
from ge_analysis.report import docx, page, pdf
from ge_analysis.report.formats import Format
from ge_analysis.report.pdf import PageLayout
from ge_analysis.report.source import Source
from ge_analysis.storage.files import FREE_SPACE, FULL_DISK, scratch, whole_file, write_text

PATHS = {"filters", "reference-doc", "template", "css"}  # options whose values are files in the project
OPTIONS = PATHS | {"from", "toc", "toc-depth", "embed-resources", "section-divs", "shift-heading-level-by"}
ARCHIVAL = "a-2a"  # pdf standard, besides those of the project


def _defaults(source: Source, writer: str) -> dict[str, Any]:
    """Return Pandoc's options for one document, taken from the project's `_quarto.yml`."""
    settings = source.settings | source.settings["format"][writer] | source.metadata
    options: dict[str, Any] = {"to": writer, "standalone": True, "fail-if-warnings": True, "wrap": "none"}
    for name in OPTIONS & settings.keys():
        value = settings[name]
        if name in PATHS:
            # Relative to the document: Pandoc takes a % in a template's path for part of a URL.
            project = Path(os.path.relpath(source.project, source.folder))
            value = [str(project / part) for part in value] if isinstance(value, list) else str(project / value)
        options[name] = value
    own = {name: value for name, value in source.metadata.items() if name not in OPTIONS}
    return options | {"metadata": {name: settings[name] for name in ("lang", "toc-title")} | own}


def _pandoc(source: Source, writer: str, target: Path) -> None:
    with scratch() as folder:
        defaults = folder / "defaults.yml"
        write_text(defaults, yaml.safe_dump(_defaults(source, writer), allow_unicode=True))
        run = subprocess.run(
            [pypandoc.get_pandoc_path(), "--defaults", str(defaults), "--output", str(target.resolve())],
            input=source.text.encode(),
            cwd=source.folder,
            env=source.environment,
            capture_output=True,
            check=False,
        )
        full = target if shutil.disk_usage(folder).free else defaults  # which disk has no room, if one has none
    if run.returncode:
        said = [line for line in run.stderr.decode(errors="replace").splitlines() if not line.startswith("Error running filter")]
        if any(FULL_DISK in line for line in said):
            raise DiskFullError(_("cannot write {path}: {reason}", path=full, reason=_(FULL_DISK)), _(FREE_SPACE))
        raise GeError(
            _("{name} to {writer}: {fault}", name=source.path.name, writer=writer, fault=said[0] if said else _("Pandoc failed")),
            _("correct the chapter"),
        )


def lay_out(source: Source) -> PageLayout:
    """Lay out one document: its pdf, and the pages of its headings, figures and tables.

    Raises
    ------
    GeError
        For a broken link, a missing image, or a character without a glyph.
    """
    settings = source.settings["format"]["typst"]
    with scratch() as folder:
        typ = folder / "report.typ"
        _pandoc(source, "typst", typ)
        fonts = source.project / settings["font-paths"][0]
        return pdf.lay_out(typ.read_bytes(), source.folder, fonts, [settings["pdf-standard"], ARCHIVAL], source.created)


def render(source: Source, form: Format, target: Path, layout: Future[PageLayout] | None) -> None:
    """Render one document into one file.

    Parameters
    ----------
    source : Source
        The document.
    form : Format
        Format of the file.
    target : Path
        The file to write.
    layout : future of PageLayout, optional
        What `lay_out` returns for the document: the pdf itself, and page numbers for the contents of the Word file. Not
        needed for html.

    Raises
    ------
    GeError
        For a broken link, a missing image, a character without a glyph, or a folder that cannot be written.
    """
    with whole_file(target) as temporary:
        if form == "pdf" and layout:
            temporary.write_bytes(layout.result().pdf)
        elif form == "html":
            with page.with_marks(source) as marked:
                _pandoc(marked, form.writer, temporary)
            page.finish(temporary, source)
        else:
            _pandoc(source, form.writer, temporary)
        if form == "docx" and layout:
            docx.finish(temporary, source, layout)
