"""Where the files of a study are."""

from dataclasses import dataclass
from pathlib import Path

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.storage.files import cannot_read

DEMO_MARK = ".demo.json"  # in a raw folder that `ge demo` wrote
TRAINING_SLUG = "peixun"  # the raw folder of the training county, which is no part of the study


@dataclass(frozen=True)
class Paths:
    """Where the files of one study year are.

    Parameters
    ----------
    root : Path
        The project's folder, which holds `params/study.yml`.
    year : int
        Study year.
    """

    root: Path
    year: int

    @property
    def raw(self) -> Path:
        """What the counties sent: one folder a county, and `city`."""
        return self.root / "data" / "raw" / str(self.year)

    @property
    def tables_only(self) -> bool:
        """Whether there is no folder of workbooks at all: this part of a study was sent to a worker with its tables only."""
        return not any(path.is_dir() for path in _listed(self.raw))

    @property
    def has_raw_data(self) -> bool:
        """Whether anything is in a place's raw folder; one that cannot be looked into counts: unreadable is not absent."""
        for folder in _listed(self.raw):
            try:
                if folder.is_dir() and any(folder.iterdir()):
                    return True
            except OSError:
                return True
        return False

    @property
    def processed(self) -> Path:
        """All that is made from the raw files, before the report."""
        return self.root / "data" / "processed" / str(self.year)

    @property
    def templates(self) -> Path:
        """Blank workbooks, to send out."""
        return self.root / "data" / "templates"

    @property
    def corrections(self) -> Path:
        """The year's corrections, made by the consultants."""
        return self.root / "data" / "corrections" / f"{self.year}.yml"

    @property
    def published(self) -> Path:
        """What was handed over: one folder for each time."""
        return self.root / "data" / "published" / str(self.year)

    def tables(self, place: str) -> Path:
        """Canonical tables of one county slug or of `city`."""
        return self.processed / "tables" / place

    def results(self, place: str) -> Path:
        """Results of one county slug or of `city`."""
        return self.processed / "city" if place == "city" else self.processed / "counties" / place

    @property
    def checks(self) -> Path:
        """Findings of the last check: findings.xlsx and the annotated copies."""
        return self.root / "checks" / str(self.year)

    @property
    def notebooks(self) -> Path:
        """The study's own notebooks; those that it has not are the package's."""
        return self.root / "notebooks"

    @property
    def own_indicators(self) -> Path:
        """The study's own topics, Python files of which each has a function `compute`."""
        return self.root / "indicators"

    @property
    def own_vocabulary(self) -> Path:
        """What the study adds to the registry and to the contracts in this year."""
        return self.root / "params" / str(self.year) / "own"

    @property
    def report(self) -> Path:
        """The study's own chapters, filters and styles; beside them what is made."""
        return self.root / "report"

    @property
    def report_sources(self) -> tuple[Path, ...]:
        """Folders of chapters, filters and styles: the package's, then the study's own, whose files go before."""
        return tuple(dict.fromkeys((shipped() / "report", self.report)))

    @property
    def report_build(self) -> Path:
        """The Quarto project made from the chapters."""
        return self.report / "_build" / str(self.year)

    @property
    def report_output(self) -> Path:
        """The finished report."""
        return self.report / "_output" / str(self.year)


def _listed(folder: Path) -> list[Path]:
    """Return what is in a folder, which may be missing.

    Raises
    ------
    GeError
        For a folder that cannot be looked into.
    """
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise cannot_read(folder, error) from error


def shipped() -> Path:
    """Return the folder with the notebooks, chapters, styles and parameters that the package brings; laid out like a study."""
    package = Path(__file__).parents[1]
    installed = package / "shipped"
    return installed if installed.is_dir() else package.parents[1]  # a checkout is a study itself


def provided(root: Path, name: str) -> Path:
    """Return a study's own file (`notebooks/county.ipynb`), or the package's where the study has none of its own."""
    own = root / name
    return own if own.exists() else shipped() / name


def find_root(start: Path) -> Path:
    """Return the nearest folder at or above `start` that holds `params/study.yml`."""
    for folder in (start, *start.parents):
        if (folder / "params" / "study.yml").is_file():
            return folder
    raise GeError(
        _("no study in {start} or above it", start=start), _("change into the project's folder, which holds params/study.yml")
    )
