"""The runner's jobs and their answers, without the libraries that do the work."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from ge_analysis.errors import DiskFullError
from ge_analysis.language import _
from ge_analysis.storage.files import write_json
from ge_analysis.storage.results import FAILURE
from ge_analysis.study import Study


@dataclass(frozen=True)
class Job:
    """One notebook to execute.

    Parameters
    ----------
    place : str
        County slug, or `city`.
    title : str
        Title of the page, which distinguishes thirteen browser tabs.
    root : Path
        The project's folder.
    notebook : Path
        Its path below `root`, or in the package if the study has none of its own.
    results : Path
        Folder of the results, below `root`.
    parameters : dict
        Values for the notebook's parameters cell.
    inputs : dict of str to str
        Name and hash of what the results are made from, for their stamp.
    warm : bool
        Whether the kernel is forked from this process.
    """

    place: str
    title: str
    root: Path
    notebook: Path
    results: Path
    parameters: dict[str, object]
    inputs: dict[str, str]
    warm: bool

    @property
    def made(self) -> Path:
        """The folder that it makes."""
        return self.root / self.results

    def at(self, root: Path) -> Self:
        """Return the same job in another project's folder."""
        return replace(self, root=root)


@dataclass(frozen=True)
class ReadJob:
    """The workbooks of one place (a county slug, or `city`) to ingest."""

    study: Study
    place: str

    @property
    def made(self) -> Path:
        """The folder that it makes."""
        return self.study.paths.tables(self.place)

    def at(self, root: Path) -> Self:
        """Return the same job in another project's folder."""
        return replace(self, study=replace(self.study, paths=replace(self.study.paths, root=root)))


@dataclass(frozen=True)
class Failure:
    """Why a place has no results.

    Parameters
    ----------
    place : str
        County slug, or `city`.
    reason : str
        What the report says about it (Chinese).
    cell : str
        Heading above the cell that failed; "" if no cell did.
    error : str
        The error in one line.
    notebook : str
        The partly executed notebook, below the project's folder; "" if there is none.
    """

    place: str
    reason: str
    cell: str
    error: str
    notebook: str

    def __str__(self) -> str:
        what = ": ".join(part for part in (self.place, self.cell, self.error) if part)
        return _("{failure} (see {notebook})", failure=what, notebook=self.notebook) if self.notebook else what


def fail(results: Path, failure: Failure) -> None:
    """Save why there are no new results beside the last good ones, which the city and the report no longer use."""
    write_json(results / FAILURE, asdict(failure))


# Answer to a call: None if it succeeded, else the failure; a text if an error ended it. A full disk ends the run.
Answer = Failure | DiskFullError | str | None
