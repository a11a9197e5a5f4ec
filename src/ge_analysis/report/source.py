"""A document of the report's Quarto project, as an engine needs it."""

import os
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import quarto
import yaml

from ge_analysis.errors import GeError
from ge_analysis.language import _

_INCLUDE = re.compile(r"^\{\{< include (\S+) >\}\}$", re.MULTILINE)
_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


def quarto_installed() -> bool:
    """Whether the Quarto command is installed."""
    return quarto.path() is not None


def default_engine() -> str:
    """Return Quarto if it is installed, else the embedded engine."""
    return "quarto" if quarto_installed() else "embedded"


@cache
def engine_version(engine: str) -> str:
    """Name an engine and, for Quarto, its version; for the embedded one, the versions of its packages count.

    Raises
    ------
    GeError
        If the Quarto command cannot be run.
    """
    if engine != "quarto" or not quarto_installed():
        return engine
    try:
        said = subprocess.run([quarto.path(), "--version"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise GeError(
            _("Quarto cannot be run: {error}", error=error), _("install it again, or use `--engine embedded`")
        ) from error
    return f"quarto {said.stdout.decode(errors='replace').strip()}"


def documents(build: Path) -> list[str]:
    """Name the documents of a project: the report, then the counties' briefs."""
    briefs = sorted(build.glob("counties/*.qmd"))
    return [path.relative_to(build).with_suffix("").as_posix() for path in [build / "report.qmd", *briefs] if path.is_file()]


@dataclass(frozen=True)
class Source:
    """One document of a project: the report, or one county's brief.

    Parameters
    ----------
    project : Path
        Folder of the Quarto project, which holds `_quarto.yml`.
    path : Path
        The document's .qmd file: YAML metadata, then text and `{{< include chapters/NAME.qmd >}}` lines.
    """

    project: Path
    path: Path

    @property
    def folder(self) -> Path:
        """The folder that images and chapters are taken from."""
        return self.path.parent

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The project's `_quarto.yml`."""
        path = self.project / "_quarto.yml"
        try:
            settings: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
            forms = settings["format"]["docx"], settings["format"]["html"], settings["format"]["typst"]
            complete = settings.keys() >= {"lang", "toc-title"} and all(isinstance(form, dict) for form in forms)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError):
            complete = False
        if not complete:
            raise GeError(_("report/_quarto.yml is damaged"), _("restore it from the repository"))
        return settings

    @cached_property
    def _file(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """The document's own metadata as strings."""
        found = _FRONT.match(self._file)
        if not found:
            raise GeError(_("{path} has no metadata", path=self.path), _("begin it with a YAML block that gives title and date"))
        values = yaml.safe_load(found[1])
        return {name: value if isinstance(value, bool) else str(value) for name, value in values.items()}

    @property
    def text(self) -> str:
        """The document's text with its chapters in order; includes inside a chapter are ignored."""
        body = _FRONT.sub("", self._file)
        return _INCLUDE.sub(lambda found: (self.folder / found[1]).read_text(encoding="utf-8") + "\n", body)

    @property
    def brief(self) -> bool:
        """Whether it is a county's brief, which has no cover and no contents."""
        return bool(self.metadata.get("brief"))

    @property
    def created(self) -> datetime:
        """Date written into the files, so that the same text gives the same bytes."""
        return datetime.combine(date.fromisoformat(self.metadata["date"]), time(12), UTC)

    @property
    def environment(self) -> dict[str, str]:
        """The process environment, with the document's date for tools instead of the clock's."""
        return os.environ | {"SOURCE_DATE_EPOCH": str(int(self.created.timestamp()))}
