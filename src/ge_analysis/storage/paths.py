"""Where the files of a study are."""

from dataclasses import dataclass
from pathlib import Path

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.storage.files import cannot_read

DEMO_MARK = ".demo.json"  # in a raw folder that `ge demo` wrote
TRAINING_SLUG = "peixun"  # the raw folder of the training county, which is not part of the study


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
        """What the counties sent: one folder per county, and `city`."""
        return self.root / "data" / "raw" / str(self.year)

    @property
    def tables_only(self) -> bool:
        """Whether there are no raw folders at all, as in the part of a study that a worker receives."""
        return not any(path.is_dir() for path in _listed(self.raw))

    @property
    def has_raw_data(self) -> bool:
        """Whether any place's raw folder holds something; an unreadable folder counts, since it need not be empty."""
        for folder in _listed(self.raw):
            try:
                if folder.is_dir() and any(folder.iterdir()):
                    return True
            except OSError:
                return True
        return False

    @property
    def processed(self) -> Path:
        """Everything made from the raw files before the report."""
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
        """Published states: one folder each."""
        return self.root / "data" / "published" / str(self.year)

    def tables(self, place: str) -> Path:
        """Canonical tables of one county slug or of `city`."""
        return self.processed / "tables" / place

    def results(self, place: str) -> Path:
        """Results of one county slug or of `city`."""
        return self.processed / "city" if place == "city" else self.processed / "counties" / place

    @property
    def checks(self) -> Path:
        """Result of the last check: findings.xlsx and the annotated copies."""
        return self.root / "checks" / str(self.year)

    @property
    def notebooks(self) -> Path:
        """The study's own notebooks; for those that it lacks, the package's are used."""
        return self.root / "notebooks"

    @property
    def own_indicators(self) -> Path:
        """The study's own topics: Python files with a function `compute`."""
        return self.root / "indicators"

    @property
    def own_vocabulary(self) -> Path:
        """What the study adds to the registry and the contracts this year."""
        return self.root / "params" / str(self.year) / "own"

    @property
    def report(self) -> Path:
        """The study's own chapters, filters and styles, and beside them the report."""
        return self.root / "report"

    @property
    def report_sources(self) -> tuple[Path, ...]:
        """Folders of chapters, filters and styles: the package's, then the study's own, whose files take precedence."""
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
    """List a folder, which may be missing.

    Raises
    ------
    GeError
        For a folder that cannot be read.
    """
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise cannot_read(folder, error) from error


def shipped() -> Path:
    """Return the folder of the package's notebooks, chapters, styles and parameters, laid out like a study."""
    package = Path(__file__).parents[1]
    installed = package / "shipped"
    return installed if installed.is_dir() else package.parents[1]  # a checkout is a study itself


def provided(root: Path, name: str) -> Path:
    """Return a study's own file (such as `notebooks/county.ipynb`), or the package's if the study has none."""
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
