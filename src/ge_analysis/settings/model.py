"""What all parameter models have in common."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

AreaType = Literal["centre", "city", "town", "rural"]
Percent = Annotated[float, Field(ge=0, le=100)]


class Model(BaseModel):
    """Base of all parameter models: immutable, and strict about unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)
