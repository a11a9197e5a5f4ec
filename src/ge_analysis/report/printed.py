"""Which indicators each printed number shows, and where it is printed.

While the chapters are rendered, a number is preceded by a mark: one character of the private-use planes, which stays with the
number wherever a template, a sentence or a table puts it. When a document is written, its marks are taken out again and the
places at which they were are kept. `printed.json` lists them: the text as printed; file and line; the number of the figure or
table with row and column, where the number is in one; and the keys of the indicator rows that it shows or was made from.
"""

import json
import re
from pathlib import Path

from ge_analysis.indicators.results import KEYS
from ge_analysis.report.markup import MARKS, Markup, number_of
from ge_analysis.storage.files import write_json

FILE = "printed.json"
Key = tuple[str, ...]  # of one row of the indicators, in the order of KEYS

_MARK = re.compile(f"[{chr(MARKS[0])}-{chr(MARKS[-1])}]")
_BEGINNING = re.compile(r":::: \{#(\S+) \.(?:figure|table)")
_BAR = re.compile(r"(?<!\\)\|")


class Record:
    """The printed numbers of a report and its briefs."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str, tuple[Key, ...]], int] = {}  # and the number of its mark
        self._places: list[dict[str, object]] = []

    def mark(self, text: str, *keys: Key, shows: str) -> Markup:
        """Mark a printed number.

        Parameters
        ----------
        text : str
            As printed.
        *keys : tuple of str
            Keys of the indicator rows that it shows or is made from.
        shows : {"value", "n", "made"}
            The rows' value, their number of cases, or what the report made from their values (a share, a difference).
        """
        number = self._numbers.setdefault((text, shows, keys), len(self._numbers))
        return Markup(f"{chr(MARKS[number])}{text}")

    def taken_out(self, file: str, text: str) -> str:
        """Return a document's text without its marks, and keep their places.

        Parameters
        ----------
        file : str
            The document's path below the project.
        text : str
            As rendered.
        """
        numbers, number_of_thing, row = list(self._numbers), "", -1
        for place, line in enumerate(text.split("\n"), 1):
            if found := _BEGINNING.match(line):
                number_of_thing, row = number_of(found[1]), -1  # the header comes first
            elif line == "::::":
                number_of_thing = ""
            row += line.startswith("| ")
            for before, mark in enumerate(_MARK.finditer(line)):
                if (number := MARKS.index(ord(mark[0]))) >= len(numbers):
                    continue  # a ledger's text holds such a character
                printed, shows, keys = numbers[number]
                cell = {"row": row, "column": len(_BAR.findall(line[: mark.start()]))} if line.startswith("| ") else {}
                self._places.append(
                    {
                        "text": printed,
                        "file": file,
                        "line": place,
                        "offset": mark.start() - before,
                        **({"number": number_of_thing} if number_of_thing else {}),
                        **cell,
                        "shows": shows,
                        "keys": [{name: code for name, code in zip(KEYS, key, strict=True) if code} for key in keys],
                    }
                )
        return _MARK.sub("", text)

    def write(self, project: Path) -> None:
        """Write the places into a project."""
        write_json(project / FILE, self._places)


def read(project: Path) -> list[dict[str, object]]:
    """Return the places of the printed numbers of a project."""
    places: list[dict[str, object]] = json.loads((project / FILE).read_text(encoding="utf-8"))
    return places
