"""One year of a study: its parameters, its places, and where its files are."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self

from ge_analysis.errors import nearest, unknown
from ge_analysis.language import N_, counted
from ge_analysis.settings import parameters
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.places import CITY, County, slugs_of_places
from ge_analysis.storage.files import write_text
from ge_analysis.storage.paths import DEMO_MARK, TRAINING_SLUG, Paths, find_root


@dataclass(frozen=True, repr=False)
class StudyYear:
    """One year of a study.

    Attributes
    ----------
    params : Params
        The year's parameters, read from `params/`.
    paths : Paths
        Where the year's files are.
    """

    params: Params
    paths: Paths

    @classmethod
    def open(cls, year: int | None = None, root: Path | str | None = None) -> Self:
        """Open the study that the current folder belongs to.

        Parameters
        ----------
        year : int, optional
            Study year; defaults to `default_year` of `params/study.yml`.
        root : path, optional
            The project's folder; defaults to the nearest one at or above the current folder.

        Raises
        ------
        GeError
            If there is no project, or its parameters are broken or lack the year.

        Examples
        --------
        >>> StudyYear.open(2021).year
        2021
        """
        root = find_root(Path.cwd()) if root is None else Path(root).resolve()
        loaded = parameters.load(root, year)
        return cls(loaded, Paths(root, loaded.study.default_year if year is None else year))

    def __repr__(self) -> str:
        units = counted(len(self.counties), "unit")
        return f"{type(self).__name__}({self.params.study.city} {self.year}, {units}, {self.paths.root})"

    @property
    def year(self) -> int:
        """Study year."""
        return self.paths.year

    @property
    def counties(self) -> tuple[County, ...]:
        """The units in administrative order."""
        return self.params.counties

    @property
    def places(self) -> tuple[str, ...]:
        """The places that send ledgers: every county's slug, then `city`."""
        return (*(unit.slug for unit in self.counties), CITY)

    def county(self, name: str) -> County:
        """Return a county by its slug, Chinese name or code.

        Raises
        ------
        GeError
            For an unknown name; the message suggests the nearest one.

        Examples
        --------
        >>> [StudyYear.open(2021).county(name).slug for name in ("linxian", "临县", "141124")]
        ['linxian', 'linxian', 'linxian']
        """
        names = {key: unit for unit in self.counties for key in (unit.slug, unit.name, unit.code)}
        name = str(name).strip()  # YAML and notebooks may pass a code as a number
        if name in names:
            return names[name]
        raise unknown(N_("county"), name, names)

    def place(self, name: str) -> str:
        """Return the slug of a county by slug, Chinese name or code, or `city` by the city's name or 全市.

        Raises
        ------
        GeError
            For an unknown name; the message suggests the nearest one.

        Examples
        --------
        >>> [StudyYear.open(2021).place(name) for name in ("临县", "吕梁市", "全市")]
        ['linxian', 'city', 'city']
        """
        slugs, name = self._slugs, str(name).strip()
        if name in slugs:
            return slugs[name]
        raise unknown(N_("county"), name, slugs)

    @property
    def _slugs(self) -> dict[str, str]:
        return slugs_of_places(self.counties, self.params.study.city)

    def unknown_folders(self) -> dict[Path, str]:
        """Return raw folders that belong to no place, so that nothing reads them, each with the nearest place ("" if none).

        Examples
        --------
        >>> StudyYear.open(2021).unknown_folders()
        {}
        """
        slugs, found = self._slugs, {}
        for folder in sorted(self.paths.raw.glob("[!.]*")):
            if folder.is_dir() and folder.name not in (*self.places, TRAINING_SLUG):
                found[folder] = slugs.get(nearest(folder.name, slugs, cutoff=0.6), "")
        return found

    def with_county(self, unit: County) -> Self:
        """Return the study with one more county, such as the training county.

        Examples
        --------
        >>> study = StudyYear.open(2021)
        >>> unit = study.county("临县").model_copy(update={"slug": "xinxian", "name": "新县", "code": "141199"})
        >>> len(study.with_county(unit).counties)
        14
        """
        return replace(self, params=self.params.model_copy(update={"counties": (*self.counties, unit)}))

    def keep_names(self) -> None:
        """Keep the study's names with the year, so that changing them in study.yml leaves its report alone."""
        path = parameters.year_folder(self.paths.root, self.year) / parameters.NAMES
        if not path.exists():
            names = self.params.study.model_dump()
            lines = ["# Names of this year, which study.yml no longer changes"]
            lines += [f"{name}: {json.dumps(text, ensure_ascii=False)}" for name, text in names.items()]
            write_text(path, "\n".join(lines) + "\n")

    @cached_property
    def synthetic(self) -> bool:
        """Whether any of the year's raw files were made by `ge demo`; the training county's do not count."""
        raw = self.paths.raw
        return any((folder / DEMO_MARK).is_file() for folder in (raw, *(raw / place for place in self.places)))
