"""The formats of the report's files, in the order in which they are named to the user."""

from enum import StrEnum


class Format(StrEnum):
    """A format: its file extension, and what making such a file takes.

    Parameters
    ----------
    extension : str
        Extension of the file, and the value of the member.
    writer : str
        Pandoc's and Quarto's name for what writes it.
    needs_layout : bool
        Whether the document must be set in type first: for the pdf itself, or for page numbers in the contents.
    has_brief : bool
        Whether the counties' briefs are made in it.
    order : int
        When it is started among the others: what waits for no layout comes first, then what takes longest.
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
