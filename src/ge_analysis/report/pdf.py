"""Typst source to pdf: tagged, archival, and only if every character has a glyph."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

import typst

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.report.fonts import printing_fonts


@dataclass(frozen=True)
class PageLayout:
    """A laid-out document.

    Parameters
    ----------
    pdf : bytes
        The finished file.
    headings : list of str
        Printed page number of each heading, in order.
    anchors : dict of str to str
        Printed page number of each figure and table in the lists, by id.
    pages : int
        Number of pages.
    """

    pdf: bytes
    headings: list[str]
    anchors: dict[str, str]
    pages: int


def lay_out(source: bytes, folder: Path, fonts: Path, standards: list[str], created: datetime) -> PageLayout:
    """Compile Typst source to a pdf that meets the named standards.

    Under PDF/UA-1 and PDF/A, Typst refuses characters without a glyph, images without text and documents without a title.

    Parameters
    ----------
    source : bytes
        Typst source, UTF-8.
    folder : Path
        The folder that images are taken from.
    fonts : Path
        Folder with the fonts that come with the requirements.
    standards : list of str
        Pdf standards by their names in Typst ("ua-1", "a-2a").
    created : datetime
        Date of creation written into the file.

    Raises
    ------
    GeError
        If Typst reports an error, such as a character that no font has.
    """
    compiler = typst.Compiler(source, root=folder, font_paths=printing_fonts(fonts))
    try:
        pages = json.loads(compiler.query("<page-of>", field="value"))
        content, warnings = compiler.compile_with_warnings(
            source,
            format="pdf",
            pdf_standards=standards,  # type: ignore[arg-type]  # names from _quarto.yml, which Typst checks
            timestamp=created,
        )
    except RuntimeError as error:  # Typst's own error class is a RuntimeError
        raise GeError(_("pdf: {error}", error=error), _("correct the chapter")) from None
    # the template names fonts that few machines have: one that is not installed is not an error
    faults = [warning.message for warning in warnings if not warning.message.startswith("unknown font family")]
    if faults:
        raise GeError(_("pdf: {error}", error=faults[0]), _("correct the chapter or report/styles/report.typ"))
    return PageLayout(
        pdf=cast(bytes, content),
        headings=[entry["page"] for entry in pages if entry.keys() == {"page"}],
        anchors={entry["id"]: entry["page"] for entry in pages if "id" in entry},
        pages=next(entry["pages"] for entry in pages if "pages" in entry),
    )
