"""What the synthetic ledgers are drawn to show, read from `calibration.yml`, and the source of chance for each table."""

import zlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

import numpy as np
import yaml
from pydantic import Field

from ge_analysis.settings.model import AreaType, Grid, Model, Percent
from ge_analysis.settings.parameters import County, Params


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
    served_at: Literal["middle", "start_and_end"] = "middle"


class Calibration(Model):
    """The whole of `calibration.yml`."""

    stand_in: dict[Grid, str]
    counties: dict[str, CountyCalibration]


@cache
def packaged_yaml(name: str) -> dict[str, Any]:
    """Return the content of a YAML file of this package; it is read once."""
    content: dict[str, Any] = yaml.safe_load((files("ge_analysis.demo") / name).read_text(encoding="utf-8"))
    return content


@cache
def calibration() -> Calibration:
    """Return the calibration; the file is read once."""
    return Calibration.model_validate(packaged_yaml("calibration.yml"))


def texts() -> dict[str, Any]:
    """Return the words of the synthetic ledgers: industries, checklists, opinions."""
    return packaged_yaml("texts.yml")


@dataclass(frozen=True)
class Unit:
    """One county whose ledgers are drawn."""

    county: County
    params: Params

    @property
    def calibration(self) -> CountyCalibration:
        """What the county's ledgers show; that of a stand-in of the same grid where the county is not listed."""
        known = calibration()
        return known.counties.get(self.county.slug) or known.counties[known.stand_in[self.county.grid]]

    @property
    def local(self) -> bool:
        """Whether the county belongs to the local grid."""
        return self.county.grid == "local"

    def rng(self, table: str) -> np.random.Generator:
        """Return the table's own source of chance: the same for the same county, period and table."""
        start = self.params.year.reliability_period.start
        return np.random.default_rng(zlib.crc32(f"{self.county.slug} {start} {table}".encode()))
