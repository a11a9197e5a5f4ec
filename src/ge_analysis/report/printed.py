"""Which indicator rows each printed number comes from, and where it is printed.

While the chapters are rendered, each number is preceded by a mark: a private-use character, which travels with the number
through templates, sentences and tables. When a document is written, the marks are removed and their positions recorded in
`printed.json`: the text as printed; file, line and offset; inside a figure or table, its number with row and column; and the
keys of the indicator rows.
"""

import json
import re
from pathlib import Path

from ge_analysis.report.markup import MARKS, Markup, escape, number_of
from ge_analysis.settings.keys import KEYS
from ge_analysis.storage.files import write_text

FILE = "printed.json"
Key = tuple[str, ...]  # of one indicator row, in the order of KEYS

_MARK = re.compile(f"[{chr(MARKS[0])}-{chr(MARKS[-1])}]")
_BEGINNING = re.compile(r":::: \{#(\S+) \.(?:figure|table)")
_BAR = re.compile(r"(?<!\\)\|")


class Record:
    """The printed numbers of a report and its briefs."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str, tuple[Key, ...]], int] = {}  # → number of the mark
        self._entries: list[dict[str, object]] = []

    def mark(self, text: str, *keys: Key, shows: str) -> Markup:
        """Return a printed number with its mark.

        Parameters
        ----------
        text : str
            As printed.
        *keys : tuple of str
            Keys of the indicator rows that it shows or derives from.
        shows : {"value", "n", "made"}
            The rows' value, their number of cases, or what the report derives from their values: a share or a difference.
        """
        number = self._numbers.setdefault((text, shows, keys), len(self._numbers))
        return Markup(f"{chr(MARKS[number])}{text}")

    def written(self, file: str, text: str) -> str:
        """Remove the marks from a document's text, recording where they were.

        Parameters
        ----------
        file : str
            The document's path below the project.
        text : str
            As rendered.
        """
        numbers, caption, row = list(self._numbers), "", -1
        for at, line in enumerate(text.split("\n"), 1):
            if found := _BEGINNING.match(line):
                caption, row = number_of(found[1]), -1  # the header comes first
            elif line == "::::":
                caption = ""
            row += line.startswith("| ")
            for before, mark in enumerate(_MARK.finditer(line)):
                number = MARKS.index(ord(mark[0]))
                printed, shows, keys = numbers[number] if number < len(numbers) else ("", "", ())
                if not printed or not line.startswith((printed, escape(printed)), mark.end()):
                    continue  # the character comes from a ledger
                cell = {"row": row, "column": len(_BAR.findall(line[: mark.start()]))} if line.startswith("| ") else {}
                self._entries.append(
                    {
                        "text": printed,
                        "file": file,
                        "line": at,
                        "offset": mark.start() - before,
                        **({"number": caption} if caption else {}),
                        **cell,
                        "shows": shows,
                        "keys": [{name: code for name, code in zip(KEYS, key, strict=True) if code} for key in keys],
                    }
                )
        return _MARK.sub("", text)

    def write(self, project: Path) -> None:
        """Write the record into a project, one number per line."""
        lines = (json.dumps(entry, ensure_ascii=False) for entry in self._entries)
        write_text(project / FILE, "[\n" + ",\n".join(lines) + "\n]\n")


def without_mark(cell: object) -> str:
    """Return the text of a table cell without marks."""
    return _MARK.sub("", str(cell))


def mark(project: Path) -> None:
    """Put the marks of a recorded project back before its printed numbers, numbered by their position in the record."""
    if not (project / FILE).is_file():
        return
    texts: dict[str, list[str]] = {}
    for number, entry in reversed([*enumerate(read(project))]):
        file, line, offset = str(entry["file"]), int(str(entry["line"])) - 1, int(str(entry["offset"]))
        if file not in texts:
            texts[file] = (project / file).read_text(encoding="utf-8").split("\n")
        lines = texts[file]
        lines[line] = f"{lines[line][:offset]}{chr(MARKS[number])}{lines[line][offset:]}"
    for file, lines in texts.items():
        (project / file).write_text("\n".join(lines), encoding="utf-8", newline="\n")


def read(project: Path) -> list[dict[str, object]]:
    """Return the record of the printed numbers of a project."""
    entries: list[dict[str, object]] = json.loads((project / FILE).read_text(encoding="utf-8"))
    return entries
