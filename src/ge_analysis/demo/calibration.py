"""What the synthetic ledgers show (from the city's files or the general ones), and the random generator of each table."""

import zlib
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, cast

import numpy as np
from pydantic import Field

from ge_analysis.settings.model import AreaType, Model, Percent
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.places import County
from ge_analysis.settings.yaml_files import read_yaml

T = TypeVar("T")

GENERAL = "general"
HOUSEHOLDS = {"centre": 96, "city": 88, "town": 74, "rural": 61}  # per medium-voltage customer


class Area(Model):
    """Customers served and outages of one area type."""

    customers: Annotated[int, Field(gt=0)]
    saidi_hours: float
    saifi: float
    cut_pct: Percent


class Feeders(Model):
    """Number of 10 kV feeders and how well they are equipped."""

    count: int
    interconnected_pct: Percent
    automated_pct: Percent
    self_healing_pct: Percent


class CountyCalibration(Model):
    """What the ledgers of one county show."""

    areas: dict[AreaType, Area]
    feeders: Feeders
    connections: int
    answers: int
    live_line_pct: Percent
    sms_pct: Percent
    card_meters_pct: Percent
    customer_list: bool = False
    invoice_days: bool = False
    served_at: Literal["middle", "start_and_end"] = "middle"


class Calibration(Model):
    """A `calibration.yml`: counties by slug or by profile, and the profile of each county."""

    by_hand: tuple[int, ...]
    stand_in: tuple[str, ...] = ()
    kinds: dict[str, tuple[str, ...]] = {}
    counties: dict[str, CountyCalibration]


class Texts(Model):
    """The words of the synthetic ledgers (`texts.yml`): industries, demands and their shares, opinions."""

    weather: tuple[str, ...]
    industries: dict[Literal["urban", "rural"], tuple[str, ...]]
    demands: dict[str, Annotated[float, Field(ge=0, le=1)]]
    comments: tuple[str, ...]
    comments_of_industry: dict[str, str]
    visits: tuple[str, ...]


def packaged(name: str, model: type[T]) -> T:
    """Read a YAML file of this package into its model, once."""
    content: T = _packaged(name, cast(Hashable, model))
    return content


@cache
def _packaged(name: str, model: Any) -> Any:
    return read_yaml(Path(__file__).parent / name, model)


def of_city(city: str, name: str, model: type[T]) -> T:
    """Read a file of a city's demonstration, or the general one if the city has none."""
    folder = packaged("cities.yml", dict[str, str]).get(city, GENERAL)
    return packaged(f"{folder if (Path(__file__).parent / folder / name).is_file() else GENERAL}/{name}", model)


@cache
def texts() -> Texts:
    """Return the words of the synthetic ledgers; the file is read once."""
    return packaged("texts.yml", Texts)


@dataclass(frozen=True)
class Unit:
    """A county whose ledgers are generated."""

    county: County
    params: Params

    def read(self, name: str, model: type[T]) -> T:
        """Read a file of the demonstration of the unit's city."""
        return of_city(self.params.study.city, name, model)

    @property
    def profile(self) -> str:
        """The county's name in the demonstration's files: its slug, or that of the profile it shares."""
        known = self.read("calibration.yml", Calibration)
        if self.county.slug in known.counties:
            return self.county.slug
        if known.stand_in:
            return known.stand_in[self.grid_number - 1]
        kind = self.county.name[-1] if self.county.name[-1] in known.kinds else "县"
        alike = [unit.slug for unit in self.params.counties if unit.name[-1] == self.county.name[-1]]
        number = alike.index(self.county.slug) if self.county.slug in alike else 0
        return known.kinds[kind][number % len(known.kinds[kind])]

    @property
    def calibration(self) -> CountyCalibration:
        """What the county's ledgers show."""
        return self.read("calibration.yml", Calibration).counties[self.profile]

    @property
    def grid_number(self) -> int:
        """The number of the county's grid, from 1."""
        return 1 + [grid.code for grid in self.params.grids].index(self.county.grid)

    @property
    def by_hand(self) -> bool:
        """Whether the county's grid company switches, calls back and keeps records by hand."""
        return self.grid_number in self.read("calibration.yml", Calibration).by_hand

    def behind(self, area: str) -> int:
        """Return how many customers of the statistical unit one medium-voltage customer represents."""
        return HOUSEHOLDS[area] if self.params.year.statistical_unit == "lv" else 1

    def served(self, area: AreaType) -> int:
        """Return how many customers of the statistical unit an area type has."""
        return self.calibration.areas[area].customers * self.behind(area)

    def rng(self, table: str) -> np.random.Generator:
        """Return the table's random generator, seeded by county, period and table."""
        start = self.params.year.reliability_period.start
        return np.random.default_rng(zlib.crc32(f"{self.county.slug} {start} {table}".encode()))
