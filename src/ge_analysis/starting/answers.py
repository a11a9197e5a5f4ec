"""The answers that a new study needs: the city, its counties and grid companies, its periods."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pypinyin import lazy_pinyin

from ge_analysis.language import _
from ge_analysis.settings.model import Model
from ge_analysis.settings.parameters import Period
from ge_analysis.settings.places import Counties, County, Grid, Grids
from ge_analysis.settings.yaml_files import why_refused

_KINDS = "县市区"  # endings of the names of units


def slug_of(name: str) -> str:
    """Return the slug of a county's Chinese name, in pinyin, without its kind.

    Examples
    --------
    >>> slug_of("平遥县"), slug_of("岚县")
    ('pingyao', 'lanxian')
    """
    short = name[:-1] if len(name) > 2 and name[-1] in _KINDS else name
    return "".join(letter for letter in "".join(lazy_pinyin(short)).lower() if letter.isascii() and letter.isalnum())


def _county(entry: object) -> object:
    """Read a county from `名称:代码` or `名称:代码:电网代码`; other forms are returned as they are."""
    if not isinstance(entry, str):
        return entry
    name, code, grid, *more = (*entry.replace("：", ":").split(":"), "", "")
    if any(more) or not code.strip():
        raise ValueError(_("a county is given as 名称:代码 or 名称:代码:电网代码"))
    return {"name": name.strip(), "code": code.strip()} | ({"grid": grid.strip()} if grid.strip() else {})


def _grid(entry: object) -> object:
    """Read a grid from `代码:简称:公司:电价表`; other forms are returned as they are."""
    if not isinstance(entry, str):
        return entry
    parts = [part.strip() for part in entry.replace("：", ":").split(":")]
    if len(parts) != 4:
        raise ValueError(_("a grid is given as 代码:简称:公司:电价表"))
    return dict(zip(("code", "name", "company", "tariff_area"), parts, strict=True))


def _period(entry: object) -> object:
    """Read a period from `FIRST:END`; other forms as they are."""
    if not isinstance(entry, str):
        return entry
    start, _colon, end = entry.replace("：", ":").partition(":")
    return {"start": start.strip(), "end": end.strip()}


def defaults(city: str, province: str, year: int | None) -> dict[str, Any]:
    """Return what follows from the city, the province and the year, in the form in which it would be given."""
    short = city.removesuffix("市")
    found: dict[str, Any] = {
        "client": f"{city}能源局",
        "statistical_unit": "mv",
        "grids": [f"state:国网:国网{short}供电公司:{province.removesuffix('省')}电网"],
    }
    if year is not None:
        found |= {
            "report_date": f"{year}-12-20",
            "reliability_period": f"{year - 1}-01-01:{year}-01-01",
            "survey_period": f"{year - 1}-10-01:{year}-10-01",
        }
    return found


class CountyAnswer(Model):
    """A county as given; by default its slug is made from its name, and its grid is the first one."""

    name: Annotated[str, Field(min_length=2)]
    code: str
    slug: str | None = None
    grid: str | None = None


class Answers(Model):
    """Everything that defines a new study; entries with defaults may be omitted."""

    city: Annotated[str, Field(min_length=2)]
    province: Annotated[str, Field(min_length=2)]
    year: Annotated[int, Field(ge=2000, le=2100)]
    client: str
    statistical_unit: Literal["mv", "lv"]
    report_date: date
    reliability_period: Annotated[Period, BeforeValidator(_period)]
    survey_period: Annotated[Period, BeforeValidator(_period)]
    grids: Annotated[tuple[Annotated[Grid, BeforeValidator(_grid)], ...], Field(min_length=1)]
    counties: Annotated[tuple[Annotated[CountyAnswer, BeforeValidator(_county)], ...], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _with_defaults(cls, entry: Any) -> Any:
        """Fill in what follows from the city, the province and the year."""
        if not isinstance(entry, dict) or not all(isinstance(entry.get(name), str) for name in ("city", "province")):
            return entry  # the fields' own validation reports what is missing
        year = entry.get("year")
        return defaults(entry["city"], entry["province"], year if isinstance(year, int) else None) | entry

    @model_validator(mode="after")
    def _usable(self) -> Self:
        """Refuse what the parameters' own models would refuse later."""
        _validated(Grids, self.grids)
        _validated(Counties, [unit.model_dump() for unit in self.units()], grids=self.grids)
        return self

    def units(self) -> tuple[County, ...]:
        """The counties in the order of their codes, with slugs and grids."""
        slugs = [unit.slug or slug_of(unit.name) for unit in self.counties]
        units = [
            County.model_construct(
                slug=slug if slugs.count(slug) == 1 or unit.slug else f"{slug}{unit.code}",
                name=unit.name,
                code=unit.code,
                grid=unit.grid or self.grids[0].code,
            )
            for slug, unit in zip(slugs, self.counties, strict=True)
        ]
        return tuple(sorted(units, key=lambda unit: unit.code))


def _validated(model: Any, value: object, **context: object) -> None:
    from pydantic import TypeAdapter, ValidationError

    try:
        TypeAdapter(model).validate_python(value, context=context)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(": ".join(filter(None, (where, why_refused(first))))) from None
