"""The places of a study: its counties, the grid companies that supply them, and the whole city."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from ge_analysis.language import _
from ge_analysis.settings.model import Model
from ge_analysis.settings.rules import known_grid

CITY = "city"  # the slug of the whole city, among those of the counties
Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]


class Grid(Model):
    """One grid company and its area of supply (`params/<year>/grids.yml`)."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: str
    company: str
    tariff_area: str
    aliases: tuple[str, ...] = ()
    colours: tuple[Colour, Colour] | None = None


class County(Model):
    """One unit of the study (`params/<year>/counties.yml`)."""

    slug: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: str
    code: Annotated[str, Field(pattern=r"^\d{6}$")]
    grid: str
    tile: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] | None = None  # row and column in the tile map

    @field_validator("grid")
    @classmethod
    def _known_grid(cls, code: str, info: ValidationInfo) -> str:
        return known_grid(code, info)


def _distinct_grids(grids: tuple[Grid, ...]) -> tuple[Grid, ...]:
    """Refuse two grids that share a name."""
    met: dict[str, str] = {}
    for grid in grids:
        for name in {grid.code, grid.name, grid.company, grid.tariff_area, *grid.aliases}:
            if met.setdefault(name, grid.code) != grid.code:
                raise ValueError(_("{name} names both {first} and {second}", name=name, first=met[name], second=grid.code))
    return grids


def _distinct(counties: tuple[County, ...]) -> tuple[County, ...]:
    """Refuse a county that is listed twice: its data would count twice."""
    for name in ("slug", "name", "code"):
        values = [getattr(unit, name) for unit in counties]
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise ValueError(_("two counties have the {key} {value}", key=name, value=twice[0]))
    if CITY in (unit.slug for unit in counties):
        raise ValueError(_("the slug city is reserved for the whole city"))
    return counties


Grids = Annotated[tuple[Grid, ...], Field(min_length=1), AfterValidator(_distinct_grids)]
Counties = Annotated[tuple[County, ...], Field(min_length=1), AfterValidator(_distinct)]


def noun_of(counties: Iterable[County]) -> str:
    """Return the collective name of some units, by the kinds among them: 县（市、区）, 县（区）, 县.

    A unit of another kind (a development zone) counts as a county.
    """
    kinds = {unit.name[-1] for unit in counties}
    others = "、".join(kind for kind in "市区" if kind in kinds)
    return (f"县（{others}）" if others else "县") if kinds - {"市", "区"} else others


def slugs_of_places(counties: Iterable[County], city: str) -> dict[str, str]:
    """Map what places may be called to their slugs: slug, name and code of a county; city, 全市 and the name of the city."""
    names = {name: unit.slug for unit in counties for name in (unit.slug, unit.name, unit.code)}
    return names | dict.fromkeys((CITY, "全市", city), CITY)
