"""A document of the report's Quarto project, as an engine needs it."""

import os
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import quarto
import yaml

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.storage.files import digest_bytes, digest_files
from ge_analysis.storage.stamps import code_digest

OTHER_CODE = ("runner",)  # makes the results, whose own hashes count
PACKAGES = ("jinja2", "pypandoc_binary", "python-docx", "typst")
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
    return [Source(build, path).name for path in [build / "report.qmd", *briefs] if path.is_file()]


def files_of(build: Path, name: str) -> list[Path]:
    """Return the files of a project that one of its documents is made from, without fonts."""
    folder = (build / name).parent
    if name == "report":
        own = [*folder.glob("chapters/*"), *folder.glob("figures/*"), build / "printed.json", build / "page.json"]
    else:
        own = [*(folder / "figures" / Path(name).name).glob("*")]
    shared = [build / "_quarto.yml", *(build / "filters").iterdir(), *(build / "styles").iterdir()]
    return [build / f"{name}.qmd", *own, *shared]


def made_from(build: Path, name: str, engine: str) -> str:
    """Hash everything that a document is made from: text, pictures, styles, code, and versions of the engine."""
    versions = " ".join(f"{package} {version(package)}" for package in PACKAGES)
    made_with = f"{code_digest(*OTHER_CODE)} {engine_version(engine)} {versions}"
    return digest_bytes(f"{digest_files(files_of(build, name), build)} {made_with}".encode())


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
    def name(self) -> str:
        """The document's name: "report" or "counties/linxian"."""
        return self.path.relative_to(self.project).with_suffix("").as_posix()

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
