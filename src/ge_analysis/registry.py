"""Labels, units, decimals and descriptions of every field, code and indicator, read from `registry.yml`."""

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from ge_analysis.errors import GeError
from ge_analysis.files import YAML_LOADER

MISSING = "—"


class Entry(BaseModel):
    """What is printed about one field or indicator."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    description: str
    symbol: str = ""
    unit: str = ""
    decimals: Annotated[int, Field(ge=0)] = 0

    @property
    def title(self) -> str:
        """Label with its unit, as a table or an axis shows it."""
        return f"{self.label}（{self.unit}）" if self.unit else self.label


class Registry(BaseModel):
    """The whole of `registry.yml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    codes: dict[str, dict[str, str]]
    fields: dict[str, Entry]
    indicators: dict[str, Entry]


@cache
def registry() -> Registry:
    """Return the registry; the file is read once."""
    text = (files("ge_analysis") / "registry.yml").read_text(encoding="utf-8")
    return Registry.model_validate(yaml.load(text, Loader=YAML_LOADER))


@dataclass(frozen=True)
class CodeOf:
    """Marks a text of a model as a code of one set of the registry: `Annotated[str, CodeOf("area")]`.

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
            raise ValueError(f"no code '{code}' of {self.code_set}; there are {', '.join(codes)}")
        return code


def indicator(name: str) -> Entry:
    """Return what is printed about an indicator.

    Parameters
    ----------
    name : str
        Its name in the registry.

    Raises
    ------
    GeError
        For a name that no indicator bears; the nearest one is shown.

    Examples
    --------
    >>> indicator("saidi_hours").title
    '系统平均停电时间（小时/户）'
    """
    known = registry().indicators
    if name not in known:
        near = get_close_matches(str(name), known, n=1, cutoff=0.5)
        raise GeError(f"no indicator '{name}'", f"{f'did you mean {near[0]}? ' if near else ''}docs/glossary.md lists them")
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
        For a code that the set does not hold, or a set that does not exist.

    Examples
    --------
    >>> label("area", "rural")
    '农村'
    """
    codes = registry().codes.get(code_set, {})
    if code not in codes:
        raise GeError(f"no code '{code}' in the set '{code_set}'", "docs/glossary.md lists them")
    return codes[code]


def printed(indicator: str, value: float | None) -> str:
    """Return a value as the report prints it: rounded half up, as Excel shows it; "—" where missing.

    Parameters
    ----------
    indicator : str
        Its name in the registry, which has its decimals.
    value : float or None
        In the indicator's unit.

    Examples
    --------
    >>> printed("saidi_hours", 2.675), printed("saidi_hours", 0.12499999999999999)  # the second is ⅛, summed in binary
    ('2.68', '0.13')
    >>> printed("saidi_hours", float("nan")), printed("saidi_cut_pct", -0.04)
    ('—', '0.0')
    """
    if value is None or math.isnan(value):
        return MISSING
    return f"{half_up(value, registry().indicators[indicator].decimals):,}"


def half_up(value: float, decimals: int = 0) -> Decimal:
    """Round half up, as Excel shows it; the one rounding of all that is printed. A zero has no sign.

    Parameters
    ----------
    value : float
        Not NaN.
    decimals : int
        Decimals that stay.

    Examples
    --------
    >>> print(half_up(0.25, 1), half_up(2.5), f"{half_up(12345.5):,}", half_up(-0.04, 1))
    0.3 3 12,346 0.0
    """
    step = Decimal(1).scaleb(-decimals)
    return Decimal(repr(round(float(value), 9))).quantize(step, ROUND_HALF_UP) + 0
