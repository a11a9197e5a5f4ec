"""Labels, units, decimals and descriptions of every field, code and indicator, read from `registry.yml`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError, model_validator
from pydantic_core import CoreSchema, core_schema

from ge_analysis.errors import GeError, unknown
from ge_analysis.language import N_, _
from ge_analysis.settings import own
from ge_analysis.settings.yaml_files import read_yaml, why_refused

T = TypeVar("T")
MISSING, MINUS = "—", "\N{MINUS SIGN}"
WHOLE = ("天", "个工作日", "%", "元/千伏安·月", "元/千瓦·月")  # units in which a whole number is printed without ".0"
DIMENSIONS = ("area", "voltage", "kind", "item", "by", "group")


class Entry(BaseModel):
    """What is printed about one field or indicator."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    description: str
    standard: str = ""  # name in the Chinese standard, to be checked against it
    symbol: str = ""
    unit: str = ""
    decimals: Annotated[int, Field(ge=0)] = 0

    @property
    def title(self) -> str:
        """Label with its unit, as tables and axes show it."""
        return f"{self.label}（{self.unit}）" if self.unit else self.label


class Keys(BaseModel):
    """The dimensions that identify the values of some indicators, each with a set of codes or the codes themselves.

    Attributes
    ----------
    named : dict
        Dimensions that every value has.
    split : dict
        Further dimensions of some values, one at a time.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    indicators: tuple[str, ...]
    named: dict[str, str | tuple[str, ...]] = {}
    split: dict[str, str | tuple[str, ...]] = {}

    @property
    def dimensions(self) -> dict[str, str | tuple[str, ...]]:
        """All dimensions that a value may have, except `group`, which goes with `by`."""
        return self.named | self.split


class Registry(BaseModel):
    """The whole of `registry.yml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    codes: dict[str, dict[str, str]]
    fields: dict[str, Entry]
    indicators: dict[str, Entry]
    groups: dict[str, str]
    keys: tuple[Keys, ...]

    @model_validator(mode="after")
    def _every_indicator_once(self) -> Self:
        if sorted(name for keys in self.keys for name in keys.indicators) != sorted(self.indicators):
            raise ValueError(_("`keys` must hold every indicator once"))
        return self

    @cached_property
    def keys_of(self) -> dict[str, Keys]:
        """The keys of each indicator."""
        return {name: keys for keys in self.keys for name in keys.indicators}


class OwnEntries(BaseModel):
    """`params/<year>/own/registry.yml`: what a study adds to the registry; codes may extend a set of the package."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    codes: dict[str, dict[str, str]] = {}
    fields: dict[str, Entry] = {}
    indicators: dict[str, Entry] = {}
    groups: dict[str, str] = {}
    keys: tuple[Keys, ...] = ()


def registry() -> Registry:
    """Return the registry with what this process's study adds; each file is read once."""
    return _registry(own.folder())


@cache
def _registry(added: Path | None) -> Registry:
    base = read_yaml(Path(__file__).with_name("registry.yml"), Registry)
    path = added / "registry.yml" if added else None
    if path is None or not path.is_file():
        return base
    more = read_yaml(path, OwnEntries)
    codes = {name: _joined(path, f"codes.{name}", base.codes.get(name, {}), new) for name, new in more.codes.items()}
    parts = {name: _joined(path, name, getattr(base, name), getattr(more, name)) for name in ("fields", "indicators", "groups")}
    try:
        return Registry(codes=base.codes | codes, keys=(*base.keys, *more.keys), **parts)
    except ValidationError as error:
        raise GeError(
            f"{path}: {why_refused(error.errors()[0])}", _("name the dimensions of each new indicator under keys")
        ) from None


def _joined(path: Path, section: str, base: dict[str, T], more: dict[str, T]) -> dict[str, T]:
    """Add a study's entries to the package's, none of which it may change."""
    if taken := sorted(base.keys() & more.keys()):
        raise GeError(
            _("{path}: {section}: {name} is the package's", path=path, section=section, name=taken[0]),
            _("give yours another name"),
        )
    return base | more


@dataclass(frozen=True)
class CodeOf:
    """Mark a text as a code of one of the registry's sets: `Annotated[str, CodeOf("area")]`.

    The registry is read when a value is validated, not when the model is defined.

    Parameters
    ----------
    code_set : str
        As docs/glossary.md lists them.
    """

    code_set: str

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._known, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, object]:
        return {"enum": [*registry().codes[self.code_set]], "type": "string"}

    def _known(self, code: str) -> str:
        codes = registry().codes[self.code_set]
        if code not in codes:
            raise ValueError(
                _("no code '{code}' of {code_set}; there are {codes}", code=code, code_set=self.code_set, codes=", ".join(codes))
            )
        return code


def indicator(name: str) -> Entry:
    """Return the registry's entry for an indicator.

    Parameters
    ----------
    name : str
        Its name in the registry.

    Raises
    ------
    GeError
        For an unknown name; the message suggests the nearest one.

    Examples
    --------
    >>> indicator("saidi_hours").title
    '系统平均停电时间（小时/户）'
    """
    known = registry().indicators
    if name not in known:
        raise unknown(N_("indicator"), name, known)
    return known[name]


def label(code_set: str, code: str) -> str:
    """Return the printed label of a code.

    Parameters
    ----------
    code_set, code : str
        As docs/glossary.md lists them.

    Raises
    ------
    GeError
        For an unknown set, or a code that it does not hold.

    Examples
    --------
    >>> label("area", "rural")
    '农村'
    """
    return codes(code_set)[code_in(code_set, code)]


def codes(code_set: str) -> dict[str, str]:
    """Return the codes of a set and their labels; raise a GeError that suggests the nearest set for an unknown name."""
    sets = registry().codes
    if code_set not in sets:
        raise unknown(N_("set of codes"), code_set, sets)
    return sets[code_set]


def code_in(code_set: str, name: str) -> str:
    """Return the code that has this name or label, or raise a GeError that suggests the nearest one.

    Examples
    --------
    >>> code_in("area", "rural"), code_in("area", "农村")
    ('rural', 'rural')
    """
    return _code(code_set, codes(code_set), name)


def _code(code_set: str, labels: Mapping[str, str], name: str) -> str:
    found = {text: code for code, text in labels.items()} | {code: code for code in labels}
    if name not in found:
        raise unknown(_("code of {set}", set=code_set), name, found)
    return found[name]


def value_codes(
    indicator_name: str, dims: Mapping[str, str], known: Mapping[str, Sequence[str]] | None = None, part: bool = False
) -> dict[str, str]:
    """Check the dimensions that select a value, and turn labels into codes.

    Parameters
    ----------
    indicator_name : str
        Its name in the registry.
    dims : mapping
        Dimension to code, or to the code's label; "" counts as not given.
    known : mapping, optional
        Codes of sets that the registry does not list, such as `demand`, `industry` and `month`; by default any is accepted.
    part : bool
        Whether more dimensions are given elsewhere; if so, none is required.

    Raises
    ------
    GeError
        For an unknown indicator, dimension or code, for a dimension that the indicator is not split by, and for a missing
        dimension without which there are several values.

    Examples
    --------
    >>> value_codes("saidi_hours", {"area": "农村"})
    {'area': 'rural'}
    """
    indicator(indicator_name)
    keys = registry().keys_of[indicator_name]
    given = {name: code for name, code in dims.items() if not (isinstance(code, str) and not code)}
    for name in given:
        if name not in DIMENSIONS:
            raise unknown(N_("dimension"), name, DIMENSIONS)
    if "group" in given and "by" in keys.dimensions and "by" not in given and not part:
        raise GeError(
            _("{indicator} has a group without what it is grouped by", indicator=indicator_name),
            _("name by: {known}", known=_listed(keys, "by")),
        )
    wanted = [*keys.named, *(["group"] if "by" in given or "by" in keys.named else [])]
    for name in wanted if not part else ():
        if name not in given:
            raise GeError(
                _("{indicator} has no single value without its {name}", indicator=indicator_name, name=name),
                _("name one: {known}", known=_listed(keys, name, given)),
            )
    extra = [name for name in given if name not in keys.named and name not in keys.split and name != "group"]
    extra += ["group"] if "group" in given and "by" not in keys.dimensions else []
    if extra:
        raise GeError(
            _("{indicator} is not split by {dimension}", indicator=indicator_name, dimension=extra[0]),
            _("it has {dimensions}", dimensions=", ".join(keys.dimensions) or _("no dimension")),
        )
    splits = [name for name in given if name in keys.split]
    if len(splits) > 1:
        raise GeError(
            _("{indicator} is not split by {splits} at once", indicator=indicator_name, splits=_(" and ").join(splits)),
            _("name one of them"),
        )
    return {name: _known_code(keys, name, code, given, known or {}) for name, code in given.items()}


def dimension_labels(indicator_name: str, dims: Mapping[str, str]) -> list[str]:
    """Return the labels of the dimensions by which a value is known; a code without one is its own.

    Examples
    --------
    >>> dimension_labels("saidi_hours", {"area": "rural", "item": "natural"})
    ['农村', '自然因素']
    """
    keys = registry().keys_of[indicator_name]
    return [(_allowed(keys, name, dims)[1] or {}).get(code, code) for name, code in dims.items()]


def _allowed(keys: Keys, name: str, given: Mapping[str, str]) -> tuple[str, Mapping[str, str] | None]:
    """Return a dimension's codes and labels; None if the registry does not list them."""
    codes = keys.dimensions.get(name)
    if name == "group":
        codes = registry().groups.get(str(given.get("by")), str(given.get("by")))
    if isinstance(codes, tuple):
        labels = {code: text for texts in registry().codes.values() for code, text in texts.items() if code in codes}
        return name, {code: labels.get(code, code) for code in codes}
    return str(codes), registry().codes.get(str(codes))


def _known_code(keys: Keys, name: str, code: str, given: Mapping[str, str], known: Mapping[str, Sequence[str]]) -> str:
    code_set, labels = _allowed(keys, name, given)
    if labels is None:
        if code_set not in known:
            return code
        labels = dict(zip(known[code_set], known[code_set], strict=True))
    return _code(name if name == code_set else f"{name} ({code_set})", labels, code)


def _listed(keys: Keys, name: str, given: Mapping[str, str] | None = None) -> str:
    code_set, labels = _allowed(keys, name, given or {})
    return ", ".join(labels or ()) or f"a {code_set}"


def printed(indicator: str, value: float | None) -> str:
    """Return a value as the report prints it: rounded half up, like Excel, with a true minus sign; "—" if missing.

    Whole days, percentages and monthly charges have no decimals.

    Parameters
    ----------
    indicator : str
        Its name in the registry, which sets its decimals.
    value : float or None
        In the indicator's unit.

    Examples
    --------
    >>> printed("saidi_hours", 2.675), printed("saidi_hours", 0.12499999999999999)  # the second is ⅛, summed in binary
    ('2.68', '0.13')
    >>> printed("saidi_hours", float("nan")), printed("saidi_cut_pct", -0.04)
    ('—', '0')
    >>> printed("time_days", 30), printed("time_days", 32.5), printed("saidi_change_pct", -3), printed("cemi_pct", 0)
    ('30', '32.5', '−3', '0')
    """
    if value is None or math.isnan(value):
        return MISSING
    entry = registry().indicators[indicator]
    text = f"{half_up(value, entry.decimals):,}".replace("-", MINUS)
    return text.removesuffix(f".{'0' * entry.decimals}") if entry.unit in WHOLE else text


def half_up(value: float, decimals: int = 0) -> Decimal:
    """Round half up, like Excel; everything printed is rounded here. Zero has no sign.

    Parameters
    ----------
    value : float
        Not NaN.
    decimals : int
        Number of decimals.

    Examples
    --------
    >>> print(half_up(0.25, 1), half_up(2.5), f"{half_up(12345.5):,}", half_up(-0.04, 1))
    0.3 3 12,346 0.0
    """
    step = Decimal(1).scaleb(-decimals)
    return Decimal(repr(round(float(value), 9))).quantize(step, ROUND_HALF_UP) + 0
