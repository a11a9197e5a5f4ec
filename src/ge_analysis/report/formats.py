"""The formats of the report's files, in the order in which users see them."""

from enum import StrEnum


class Format(StrEnum):
    """A format: its file extension, and what such a file needs.

    Parameters
    ----------
    extension : str
        File extension, which is the value of the member.
    writer : str
        Name of the writer in Pandoc and Quarto.
    needs_layout : bool
        Whether the document must be laid out first: for the pdf itself, or for page numbers in the contents.
    has_brief : bool
        Whether the counties' briefs have this format.
    order : int
        Order in which formats are started: first those that need no layout, then the slowest.
    """

    def __new__(cls, extension: str, writer: str, needs_layout: bool, has_brief: bool, order: int) -> "Format":
        form = str.__new__(cls, extension)
        form._value_ = extension
        form.writer, form.needs_layout, form.has_brief, form.order = writer, needs_layout, has_brief, order
        return form

    writer: str
    needs_layout: bool
    has_brief: bool
    order: int

    DOCX = "docx", "docx", True, True, 1
    PDF = "pdf", "typst", True, True, 2
    HTML = "html", "html", False, False, 0
