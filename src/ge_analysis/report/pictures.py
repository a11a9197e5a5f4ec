"""Photographs and screenshots that a study gives: `report/pictures/<chapter>/` with their captions in `captions.yml`."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.report.book import Book
from ge_analysis.report.markup import Markup
from ge_analysis.settings.yaml_files import read_yaml

FOLDER, CAPTIONS = "pictures", "captions.yml"
ENDINGS = {".png", ".jpg", ".jpeg"}


def check(sources: Iterable[Path], chapters: Sequence[str]) -> None:
    """Raise a GeError that names a folder of pictures that belongs to no chapter."""
    for folder in (found for source in sources for found in (source / FOLDER).glob("[!.]*") if found.is_dir()):
        if folder.name not in chapters:
            raise GeError(
                _("{folder}: no chapter has this name", folder=folder),
                _("name it after one of: {known}", known=", ".join(chapters)),
            )


def after(chapter: str, chapters: Sequence[str], sources: Iterable[Path], book: Book) -> Markup:
    """Set the pictures of a chapter, to follow its text, numbered with the figures.

    Parameters
    ----------
    chapter : str
        The file just rendered: "31-reliability".
    chapters : sequence of str
        All files in their order; each from 90 is an annex.
    sources : iterable of Path
        Folders that may hold pictures.
    book : Book
        Gives the numbers and holds the folder of the document.
    """
    annexes = [name for name in chapters if name[0] == "9"]
    series = f"附图 {1 + annexes.index(chapter)}-" if chapter in annexes else f"图 {chapter[0]}-"
    placed: list[Markup] = []
    for folder in (source / FOLDER / chapter for source in sources if (source / FOLDER / chapter).is_dir()):
        for file, caption in _captions(folder).items():
            path = f"figures/{chapter}-{file}"
            shutil.copyfile(folder / file, book.folder / path)
            placed.append(book.picture(f"{series}{chapter}-{len(placed)}", caption, path))
    return Markup("\n\n".join(["", *placed, ""]) if placed else "")


def _captions(folder: Path) -> dict[str, str]:
    """Return the captions of a folder by file; a GeError names a file without one, or a caption without a file."""
    captions: dict[str, str] = read_yaml(folder / CAPTIONS, dict[str, str])
    files = {path.name for path in folder.glob("[!.]*") if path.suffix.lower() in ENDINGS}
    for odd in sorted(files ^ captions.keys()):
        raise GeError(
            _("{folder}: {file} has no caption, or no picture", folder=folder, file=odd),
            _("name each .png and .jpg once in {captions}, with its caption", captions=CAPTIONS),
        )
    return captions
