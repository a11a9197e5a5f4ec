"""Models of a year's `measures.yml`: the measures whose effect `ge whatif` works out."""

from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from ge_analysis.errors import unknown
from ge_analysis.language import N_, _
from ge_analysis.settings.model import Model
from ge_analysis.settings.registry import codes
from ge_analysis.settings.rules import CountySlugs, GridCode

Share = Literal[
    "avoided_pct",
    "live_line_pct",
    "scheduled_cut_pct",
    "utility_built_pct",
    "sms_pct",
    "smart_meters_pct",
    "interconnected_pct",
]
Cap = Literal["fault_hours", "works_days"]
SHARES: tuple[str, ...] = get_args(Share)
CAPS: tuple[str, ...] = get_args(Cap)


class Measure(Model):
    """One measure: what it does, by how much, and in which counties (all of them if neither counties nor a grid are named)."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: str
    act: Share | Cap | Literal["index_item"]
    amount: Annotated[float, Field(ge=0)] | None = None
    item: str = ""
    counties: CountySlugs = ()
    grid: GridCode | None = None

    @model_validator(mode="after")
    def _as_its_act_wants(self) -> Self:
        if self.act == "index_item":
            if self.item not in codes("index_item"):
                raise ValueError(str(unknown(N_("index item"), self.item, codes("index_item"))))
            if self.amount is not None:
                raise ValueError(_("an index item is fulfilled or not: leave out amount"))
        elif self.item:
            raise ValueError(_("only the act index_item has an item"))
        elif self.amount is None:
            raise ValueError(_("{act} needs an amount", act=self.act))
        elif self.act in SHARES and self.amount > 100:
            raise ValueError(_("amount {amount:g} is more than 100 %", amount=self.amount))
        return self

    def fits(self, slug: str, grid: str) -> bool:
        """Whether the measure applies to a county of this slug and grid."""
        return self.grid in (None, grid) and (not self.counties or slug in self.counties)


def _distinct_ids(measures: tuple[Measure, ...], info: ValidationInfo) -> tuple[Measure, ...]:
    ids = [measure.id for measure in measures]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise ValueError(_("two measures are called {twice}", twice=", ".join(twice)))
    return measures


Measures = Annotated[tuple[Measure, ...], AfterValidator(_distinct_ids)]
