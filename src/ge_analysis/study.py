"""`Study`: the one object that is passed around. It knows the year, the parameters and where everything lies."""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import pandas as pd

from ge_analysis import params
from ge_analysis.errors import GeError
from ge_analysis.ledgers import ingest
from ge_analysis.params import County, Params
from ge_analysis.paths import DEMO_MARK, Paths, find_root


@dataclass(frozen=True)
class Study:
    """One study year of one city.

    Examples
    --------
    >>> study = Study.open(2021)                              # doctest: +SKIP
    >>> study.table("临县", "停电事件")                         # doctest: +SKIP
    >>> study.indicators()                                    # doctest: +SKIP
    """

    params: Params
    paths: Paths

    @classmethod
    def open(cls, year: int | None = None, root: Path | str | None = None) -> "Study":
        """Open the study that holds the current folder.

        Parameters
        ----------
        year : int, optional
            Study year; `default_year` of `params/study.yml` where left out.
        root : path, optional
            The project's folder; looked for from the current folder upwards where left out.

        Raises
        ------
        GeError
            Where no project is found, or its parameters are broken or lack the year.
        """
        root = find_root(Path.cwd()) if root is None else Path(root).resolve()
        loaded = params.load(root, year)
        return cls(loaded, Paths(root, loaded.study.default_year if year is None else year))

    @property
    def year(self) -> int:
        """Study year."""
        return self.paths.year

    @property
    def counties(self) -> tuple[County, ...]:
        """The units in administrative order."""
        return self.params.counties

    def county(self, name: str) -> County:
        """Return the unit called by slug, Chinese name or code.

        Raises
        ------
        GeError
            For a name that no unit bears; the nearest names are shown.
        """
        names = {key: unit for unit in self.counties for key in (unit.slug, unit.name, unit.code)}
        if name in names:
            return names[name]
        near = get_close_matches(name, names, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(unit.slug for unit in self.counties)}"
        raise GeError(f"unknown county '{name}'", hint)

    @cached_property
    def synthetic(self) -> bool:
        """Whether any raw file of the year was made by `ge demo`."""
        return any(self.paths.raw.rglob(DEMO_MARK))

    def table(self, county: str, sheet: str) -> pd.DataFrame:
        """Return one canonical table, ingesting the county's workbooks first where it is missing or stale.

        Parameters
        ----------
        county : str
            Slug, Chinese name or code; `city` for the city-wide sheets.
        sheet : str
            Chinese name of the sheet (停电事件) or name of its table (outages).
        """
        place = "city" if county == "city" else self.county(county).slug
        return ingest.table(self.paths, self.params, place, sheet)
