"""The second demonstration: a whole study of an invented city."""

from pathlib import Path

from ge_analysis.demo.calibration import packaged
from ge_analysis.starting.answers import Answers
from ge_analysis.starting.study import write_study


def write_city(folder: Path, version: str) -> Path:
    """Make the study of the invented prefecture in a new or empty folder, without data, and return the folder.

    Parameters
    ----------
    folder : Path
        The study's folder.
    version : str
        Version of the package, for the environment file.

    Raises
    ------
    GeError
        If the folder is not empty.
    """
    write_study(folder, packaged("yunze/study.yml", Answers), version)
    return folder
