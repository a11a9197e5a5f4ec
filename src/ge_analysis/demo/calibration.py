"""What the synthetic ledgers show, read from `calibration.yml`, and the random generator of each table."""

import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import numpy as np
from pydantic import Field

from ge_analysis.settings.model import AreaType, Model, Percent
from ge_analysis.settings.parameters import County, Params
from ge_analysis.settings.yaml_files import read_yaml

T = TypeVar("T")


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
    served_at: Literal["middle", "start_and_end"] = "middle"


class Calibration(Model):
    """The whole of `calibration.yml`."""

    stand_in: dict[str, str]
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
    """Read a YAML file of this package into its model."""
    return read_yaml(Path(__file__).with_name(name), model)


@cache
def calibration() -> Calibration:
    """Return the calibration; the file is read once."""
    return packaged("calibration.yml", Calibration)


@cache
def texts() -> Texts:
    """Return the words of the synthetic ledgers; the file is read once."""
    return packaged("texts.yml", Texts)


@dataclass(frozen=True)
class Unit:
    """One county whose ledgers are drawn."""

    county: County
    params: Params

    @property
    def calibration(self) -> CountyCalibration:
        """What the county's ledgers show; for a county that is not listed, that of a stand-in of the same grid."""
        known = calibration()
        return known.counties.get(self.county.slug) or known.counties[known.stand_in[self.county.grid]]

    @property
    def local(self) -> bool:
        """Whether the county belongs to the local grid."""
        return self.county.grid == "local"

    def rng(self, table: str) -> np.random.Generator:
        """Return the table's random generator, seeded by county, period and table."""
        start = self.params.year.reliability_period.start
        return np.random.default_rng(zlib.crc32(f"{self.county.slug} {start} {table}".encode()))
