"""Contracts: what each sheet of the ledgers holds. One YAML file per sheet, under `contracts/`.

Headers, units and descriptions come from `registry.yml`; a contract adds the rules of one sheet. Readers, checks,
templates and docs are made from contracts, so a column renamed in a new year is one line of YAML.
"""

from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from ge_analysis.errors import GeError, unknown
from ge_analysis.language import _
from ge_analysis.ledgers.plain import plain
from ge_analysis.settings import own
from ge_analysis.settings.model import Model
from ge_analysis.settings.registry import registry
from ge_analysis.settings.yaml_files import read_yaml, validated

FOLDER = Path(__file__).with_name("contracts")
CellType = Literal["text", "code", "yesno", "flag", "place", "grid", "choices", "integer", "number", "date", "datetime", "month"]


class Alias(Model):
    """Another heading of a column.

    Parameters
    ----------
    header : str
        The heading.
    warning : str
        Warning for the sender if this heading is used; "" if it means the same.
    statistical_unit : {"mv", "lv"}, optional
        The unit that the heading implies for the column.
    """

    header: str
    warning: str = ""
    statistical_unit: Literal["mv", "lv"] | None = None


AnyAlias = Annotated[Alias, BeforeValidator(lambda alias: {"header": alias} if isinstance(alias, str) else alias)]


class Column(Model):
    """One column of a sheet.

    Parameters
    ----------
    name : str
        Canonical name; its header, unit and description are in the registry.
    type : str
        How a cell is read: text; code (one of a list); yesno; flag (0/1); place (a county, or the city); grid (one of
        the study's); choices (several,
        joined by "；"); integer; number; date; datetime; month.
    required : bool
        The column must be present and without blank cells.
    identifier : bool
        A text that identifies something and is kept exactly; other texts are free, and personal data in them is masked.
    personal : {"drop", "pseudonym"}, optional
        What happens to a personal field when the canonical table is written.
    aliases, year_aliases
        Other headings, in every year or in one year only.
    codes, synonyms
        A code set of the registry, and other spellings of its labels.
    minimum, maximum, above
        Limits of a number in the column's unit; `above` is exclusive.
    after : tuple of str
        Columns that may not hold a later time.
    refers_to : str, optional
        Table that must contain the value in its column of the same name.
    unit_of : str, optional
        Column that names an indicator of the registry, whose unit the number has.
    plausible : dict of str to (float, float)
        Smallest and largest possible value of the number, by the code in the column `unit_of`.
    counts_customers : bool
        The number counts customers of the study's statistical unit, so a heading that names the other unit is an error.
    """

    name: str
    type: CellType
    required: bool = False
    identifier: bool = False
    personal: Literal["drop", "pseudonym"] | None = None
    aliases: tuple[AnyAlias, ...] = ()
    year_aliases: dict[int, tuple[AnyAlias, ...]] = {}
    codes: str | None = None
    synonyms: dict[str, str] = {}
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    after: tuple[str, ...] = ()
    refers_to: str | None = None
    unit_of: str | None = None
    plausible: dict[str, tuple[float, float]] = {}
    counts_customers: bool = False

    @model_validator(mode="after")
    def _known(self) -> "Column":
        if self.name not in registry().fields:
            raise ValueError(_("{name} is not among the registry's fields", name=self.name))
        if (self.codes is not None) != (self.type == "code") or (self.codes and self.codes not in registry().codes):
            raise ValueError(_("{name}: a code column names a code set of the registry, no other column does", name=self.name))
        if unknown := set(self.synonyms.values()) - set(self.labels):
            raise ValueError(_("{name}: synonyms lead to unknown codes {unknown}", name=self.name, unknown=sorted(unknown)))
        meanings: dict[str, str] = {}
        for word, code in [*((label, code) for code, label in self.labels.items()), *self.synonyms.items()]:
            if meanings.setdefault(plain(word), code) != code:
                raise ValueError(
                    _(
                        "{name}: value {word} leads to both {other} and {code}",
                        name=self.name,
                        word=word,
                        other=meanings[plain(word)],
                        code=code,
                    )
                )
        limits = [limit for limit in (self.minimum, self.above) if limit is not None]
        if self.maximum is not None and any(limit > self.maximum for limit in limits):
            raise ValueError(_("{name}: its minimum is above its maximum", name=self.name))
        return self

    @property
    def label(self) -> str:
        """Printed name without unit."""
        return registry().fields[self.name].label

    @property
    def unit(self) -> str:
        """Unit of the values; "" if they have none."""
        return registry().fields[self.name].unit

    @property
    def description(self) -> str:
        """What the column holds, for the person who fills it in."""
        return registry().fields[self.name].description

    @property
    def header(self) -> str:
        """Heading in templates: the label, with the unit if the label does not contain it.

        Examples
        --------
        >>> [contract("业扩报装")[name].header for name in ("capacity_kva", "permit_days")]
        ['报装容量(kVA)', '占掘路审批天数']
        """
        return self.label if self.unit in self.label else f"{self.label}({self.unit})"

    @property
    def labels(self) -> dict[str, str]:
        """Allowed values: code → printed label; empty if any value is allowed."""
        if self.type in ("yesno", "flag"):
            return {"1": "是", "0": "否"}
        return registry().codes[self.codes] if self.codes else {}

    @cached_property
    def meanings(self) -> dict[str, str]:
        """Every way to write an allowed value, as `plain` writes it → code."""
        labels = {plain(label): code for code, label in self.labels.items()}
        return labels | {plain(word): code for word, code in self.synonyms.items()}

    @property
    def limits(self) -> list[str]:
        """The limits of a number in words.

        Examples
        --------
        >>> contract("业扩报装")["callback_score"].limits
        ['不小于1', '不大于5']
        """
        said = (("不小于", self.minimum), ("不大于", self.maximum), ("大于", self.above))
        return [f"{words}{limit:g}" for words, limit in said if limit is not None]

    def headings(self, year: int) -> tuple[Alias, ...]:
        """All headings of the column in one year."""
        return (*self.aliases, *self.year_aliases.get(year, ()), Alias(header=self.label), Alias(header=self.header))

    @property
    def is_number(self) -> bool:
        """Whether the cells hold numbers."""
        return self.type in ("integer", "number")

    @property
    def dtype(self) -> str:
        """Pandas dtype of the canonical column."""
        if self.type in ("date", "datetime", "month"):
            return "datetime64[us]"
        if self.type in ("integer", "flag"):
            return "int64" if self.required else "Int64"
        return {"number": "float64", "yesno": "boolean"}.get(self.type, "str")


class Contract(Model):
    """One sheet.

    Parameters
    ----------
    sheet : str
        Chinese name.
    scope : {"county", "city"}
        Who sends it.
    required : bool
        Whether its absence is an error, rather than a warning.
    key : tuple of str
        Columns that together identify a row.
    average_over : str, optional
        Column of times to average over; it is not in the canonical table.
    fields : tuple of Column
        The columns in canonical order.
    """

    table: str = ""
    sheet: str
    scope: Literal["county", "city"]
    required: bool = False
    key: tuple[str, ...]
    average_over: str | None = None
    fields: Annotated[tuple[Column, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> "Contract":
        names = [column.name for column in self.fields]
        named = {*self.key, *(name for column in self.fields for name in column.after)}
        if self.average_over:
            named.add(self.average_over)
        if len(set(names)) < len(names) or named - set(names):
            raise ValueError(
                _(
                    "{sheet}: a column is listed twice, or {unknown} is none of the columns",
                    sheet=self.sheet,
                    unknown=sorted(named - set(names)),
                )
            )
        for year in {0}.union(*(column.year_aliases for column in self.fields)):
            met: dict[str, str] = {}
            for column in self.fields:
                for alias in column.headings(year):
                    if (other := met.setdefault(plain(alias.header), column.name)) != column.name:
                        raise ValueError(
                            _(
                                "{sheet}: heading {header} leads to both {other} and {name}",
                                sheet=self.sheet,
                                header=alias.header,
                                other=other,
                                name=column.name,
                            )
                        )
        return self

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.fields}

    def __getitem__(self, name: str) -> Column:
        return self._by_name[name]

    @property
    def canonical(self) -> dict[str, str]:
        """Columns of the canonical table and their dtypes."""
        dropped = {column.name for column in self.fields if column.personal == "drop"} | {self.average_over}
        kept = {column.name: column.dtype for column in self.fields if column.name not in dropped}
        if self.average_over:
            kept |= {name: "float64" for name, dtype in kept.items() if dtype == "int64"}
        return kept | {"county": "str", "source_file": "str", "source_sheet": "str", "source_row": "int64"}


class OwnColumns(Model):
    """`params/<year>/own/contracts/<table>.yml` for a sheet of the package: a study's own columns and headings.

    Parameters
    ----------
    aliases : dict
        Column of the package → other headings of it.
    synonyms : dict
        Column of the package → other spellings of its values → code.
    fields : tuple of Column
        New columns, which follow the package's.
    """

    aliases: dict[str, tuple[AnyAlias, ...]] = {}
    synonyms: dict[str, dict[str, str]] = {}
    fields: tuple[Column, ...] = ()


def contracts() -> dict[str, Contract]:
    """Return all contracts by table name, county sheets first, in the order of `contracts/order.yml`; a study's own come last."""
    return _contracts(own.folder())


@cache
def _contracts(added: Path | None) -> dict[str, Contract]:
    order = _order(FOLDER / "order.yml")
    there = {file.stem for file in FOLDER.glob("*.yml")} - {"order", "words"}
    if lost := sorted(there - set(order)):
        raise GeError(
            _("{path}: {lost} is not in the list", path=FOLDER / "order.yml", lost=", ".join(lost)),
            _("add it, or remove its file"),
        )
    if len(set(order)) < len(order):
        raise GeError(_("{path}: a sheet is in the list twice", path=FOLDER / "order.yml"), _("remove one"))
    files = {table: FOLDER / f"{table}.yml" for table in order}
    found = {table: _of_package(path) for table, path in files.items()}
    for path in sorted((added / "contracts").glob("*.yml")) if added else ():
        found[path.stem] = _extended(found[path.stem], path) if path.stem in found else read_yaml(path, Contract)
        files[path.stem] = path
        found[path.stem] = found[path.stem].model_copy(update={"table": path.stem})
    sheets: dict[str, str] = {}
    for table, one in found.items():
        if (other := sheets.setdefault(one.sheet, table)) != table:
            raise GeError(
                _("{path}: sheet: {sheet} is the sheet of {other}.yml too", path=files[table], sheet=one.sheet, other=other),
                _("give each its own name"),
            )
        for column in one.fields:
            if column.refers_to and column.refers_to not in found:
                raise GeError(
                    _(
                        "{path}: {name}: refers_to {refers_to} is no table",
                        path=files[table],
                        name=column.name,
                        refers_to=column.refers_to,
                    ),
                    _("correct the entry"),
                )
    return found


@cache
def _order(path: Path) -> tuple[str, ...]:
    return read_yaml(path, tuple[str, ...])


@cache
def _of_package(path: Path) -> Contract:
    return read_yaml(path, Contract).model_copy(update={"table": path.stem})


def _extended(sheet: Contract, path: Path) -> Contract:
    """Return a contract of the package with what a study adds to it."""
    more = read_yaml(path, OwnColumns)
    for name in (*more.aliases, *more.synonyms):
        if name not in sheet._by_name:
            raise GeError(f"{path}: {unknown(_('column of {sheet}', sheet=sheet.sheet), name, sheet._by_name)}")
    known = [
        {
            **column.model_dump(exclude_unset=True),
            "aliases": (*column.aliases, *more.aliases.get(column.name, ())),
            "synonyms": column.synonyms | more.synonyms.get(column.name, {}),
        }
        for column in sheet.fields
    ]
    fields = (*known, *(column.model_dump(exclude_unset=True) for column in more.fields))
    return validated({**sheet.model_dump(exclude={"fields", "table"}), "fields": fields}, Contract, str(path))


def headings(table: str, year: int) -> dict[str, tuple[Column, Alias]]:
    """Return every heading that a table's columns may have in one year, as `plain` writes it."""
    return _headings(table, year, own.folder())


@cache
def _headings(table: str, year: int, added: Path | None) -> dict[str, tuple[Column, Alias]]:
    fields = _contracts(added)[table].fields
    return {plain(alias.header): (column, alias) for column in fields for alias in column.headings(year)}


def contract(name: str) -> Contract:
    """Return the contract of a sheet (停电事件) or of its table (outages).

    Raises
    ------
    GeError
        For an unknown name.

    Examples
    --------
    >>> contract("停电事件").table
    'outages'
    """
    if not own.folder() and name in _order(FOLDER / "order.yml"):  # without the time to read all others
        return _of_package(FOLDER / f"{name}.yml")
    for found in contracts().values():
        if name in (found.table, found.sheet):
            return found
    raise GeError(
        _("unknown sheet '{name}'", name=name),
        _("known: {known}", known=", ".join(found.sheet for found in contracts().values())),
    )
