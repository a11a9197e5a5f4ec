"""What all parameter models have in common."""

from collections.abc import Iterator
from html import escape
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

AreaType = Literal["centre", "city", "town", "rural"]
Percent = Annotated[float, Field(ge=0, le=100)]


class Model(BaseModel):
    """Base of all parameter models: immutable, and strict about unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Overview(Model):
    """Parameters that show what they hold instead of all of it: the names in each part, or the number of its entries."""

    def __repr__(self) -> str:
        return "\n".join(f"{name:<12}{held}" for name, held in self._held())

    __str__ = __repr__

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{name}</th><td>{escape(held)}</td></tr>" for name, held in self._held())
        return f"<table><tbody>{rows}</tbody></table>"

    def _held(self) -> Iterator[tuple[str, str]]:
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, BaseModel):
                yield name, ", ".join(type(value).model_fields)
            else:
                yield name, str(len(value) if isinstance(value, tuple) else value)
