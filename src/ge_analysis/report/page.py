"""The report's html as an interactive page: numbers that open their proofs, readable drawings, links to the other files."""

import base64
import gzip
import json
import re
import shutil
from collections.abc import Container, Iterator
from contextlib import contextmanager
from html import escape, unescape
from pathlib import Path
from typing import Any

from ge_analysis.figures import drawing
from ge_analysis.report import printed, proofs
from ge_analysis.report.formats import Format
from ge_analysis.report.markup import MARKS
from ge_analysis.report.source import Source
from ge_analysis.storage.files import cannot_write, scratch

_MARK = f"[{chr(MARKS[0])}-{chr(MARKS[-1])}]"
_NO_NUMBERS = re.compile(r"<(a|title|nav)\b.*?</\1>|<[^>]*>", re.DOTALL)  # attributes, and texts that already are links
_IMAGE = re.compile(r'<img\b[^>]*\bsrc="data:image/svg\+xml;base64,([^"]+)"[^>]*>')
_ALT = re.compile(r'\balt="([^"]*)"')
_WIDTH = re.compile(r"\bwidth:\s*([\d.]+%)")


@contextmanager
def with_marks(source: Source) -> Iterator[Source]:
    """Yield the same document in a temporary copy of its project with the marks of the printed numbers."""
    with scratch() as folder:
        project = folder / "project"
        try:
            shutil.copytree(source.project, project, symlinks=True, ignore=shutil.ignore_patterns("fonts", ".quarto"))
            printed.mark(project)
        except OSError as error:  # not of the page, which is what is being written
            raise cannot_write(folder, error) from error
        yield Source(project, project / source.path.relative_to(source.project))


def finish(path: Path, source: Source) -> None:
    """Turn the html of an engine into the page; without a record of its numbers, only drawings are added.

    Parameters
    ----------
    path : Path
        The html, from a document with marks; replaced.
    source : Source
        The document.
    """
    html = path.read_text(encoding="utf-8")
    content: dict[str, Any] = {}
    numbers: list[list[object]] = []
    if (source.project / proofs.FILE).is_file():
        content = json.loads((source.project / proofs.FILE).read_text(encoding="utf-8"))
        html, numbers = _with_numbers(html, printed.read(source.project), content["values"])
        html = html.replace("</nav>", f"{_beside(content['counties'])}</nav>", 1)
    html = _with_drawings(html)
    data = json.dumps(content | {"numbers": numbers}, ensure_ascii=False, separators=(",", ":")).encode()
    packed = base64.b64encode(gzip.compress(data, mtime=0)).decode()
    names = json.dumps(content.get("counties", []), ensure_ascii=False).replace("<", "\\u003c")
    embedded = (
        f'<script type="application/json" id="counties">{names}</script><script type="text/plain" id="proofs">{packed}</script>'
    )
    path.write_text(html.replace("<footer>", f"{embedded}<footer>", 1), encoding="utf-8", newline="\n")


def _with_numbers(html: str, entries: list[dict[str, Any]], values: Container[str]) -> tuple[str, list[list[object]]]:
    """Mark the printed numbers that have proofs; return the page with what each kind of number shows: "value", "n" or "made",
    of which values.
    """
    kinds: dict[tuple[str, ...], int] = {}
    html = _NO_NUMBERS.sub(lambda found: re.sub(_MARK, "", found[0]), html)
    parts, end = [], 0
    for found in re.finditer(_MARK, html):
        entry = entries[MARKS.index(ord(found[0]))]
        text = escape(entry["text"], quote=False)
        names = [name for name in map(proofs.name, entry["keys"]) if name in values]
        parts.append(html[end : found.start()])
        end = found.end()
        if names and html.startswith(text, end):
            kind = kinds.setdefault((entry["shows"], *names), len(kinds))
            parts.append(f'<data class="n" value="{kind}">{text}</data>')
            end += len(text)
    return "".join([*parts, html[end:]]), [[*kind] for kind in kinds]


def _with_drawings(html: str) -> str:
    """Replace the pictures in the page by inline drawings."""
    count = 0

    def drawn(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        alt, width = _ALT.search(found[0]), _WIDTH.search(found[0])
        label = unescape(alt[1]) if alt else ""
        return drawing.inline(base64.b64decode(found[1]), f"d{count}", label, width[1] if width else "100%") or found[0]

    return _IMAGE.sub(drawn, html)


def _beside(counties: list[list[str]]) -> str:
    """Return links to the files beside the page."""
    whole = "".join(f'<li><a href="report.{form}">本报告（{form}）</a></li>' for form in Format if form.has_brief)
    briefs = "".join(
        f"<li>{escape(name)}简报："
        + "　".join(f'<a href="counties/{slug}.{form}">{form}</a>' for form in Format if form.has_brief)
        + "</li>"
        for slug, name in counties
    )
    data = '<li><a href="report-data.xlsx">表格和图的数据（xlsx）</a></li>'
    return f'<details class="beside"><summary>同一文件夹中的文件</summary><ul>{whole}{data}{briefs}</ul></details>'
