"""Models of the files under `params/<year>/method/`: every threshold of the method."""

import math
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ge_analysis.language import _
from ge_analysis.settings.model import AreaType, Model, Percent
from ge_analysis.settings.registry import CodeOf, registry

# A mistyped code would silently leave rows out.
Aspect = Annotated[str, CodeOf("aspect")]
Boundary = Annotated[str, CodeOf("investment_boundary")]
CustomerClass = Annotated[str, CodeOf("customer_class")]
Part = Annotated[str, CodeOf("b_ready_part")]
Question = Annotated[str, CodeOf("b_ready_question")]
Stage = Annotated[str, CodeOf("stage")]
SupplyVoltage = Annotated[str, CodeOf("supply_voltage")]
TariffCategory = Annotated[str, CodeOf("tariff_category")]
TariffVoltage = Annotated[str, CodeOf("tariff_voltage")]
Word = Annotated[str, Field(min_length=1)]


def _known_field(name: str) -> str:
    if name not in registry().fields:
        raise ValueError(_("no column '{name}'; docs/ledgers.md lists them", name=name))
    return name


def _known_indicator(name: str) -> str:
    if name not in registry().indicators:
        raise ValueError(_("no indicator '{name}'; docs/glossary.md lists them", name=name))
    return name


IndicatorName = Annotated[str, AfterValidator(_known_indicator)]
FieldName = Annotated[str, AfterValidator(_known_field)]


class ReliabilityParams(Model):
    """`params/<year>/method/reliability.yml`."""

    version: str
    areas: dict[Literal["urban", "rural", "all"], tuple[AreaType, ...]]
    national_target_hours: dict[AreaType, float]
    national_target_cut_pct: Percent
    major_event_beta: float
    major_event_years: int
    band_limits: tuple[float, ...]
    eligible_limit: float
    eligible_minimum_outage_minutes: float


class Frontier(Model):
    """Best and worst value of one indicator."""

    best: float
    worst: float


class ScoreParams(Model):
    """`params/<year>/method/score.yml`."""

    procedures: Frontier
    time_days: Frontier
    cost_pct_income: Frontier
    index: Frontier


class ComparableCase(Model):
    """A connection and the range of capacities comparable with it."""

    capacity_kva: float
    line_m: float
    voltages: tuple[SupplyVoltage, ...]
    capacity_window_kva: tuple[float, float]


class StandardCase(ComparableCase):
    """A standard connection of Doing Business."""

    road_m: float
    procedures: dict[Stage, tuple[FieldName, ...]]


class BaseCase(Model):
    """What an earlier evaluation found for one standard case."""

    procedures: int
    working_days: float
    cost_pct_income: float


class ConnectionBase(Model):
    """The evaluation that the connection figures are compared with."""

    year: int
    source: str
    low: BaseCase
    high: BaseCase


class ConnectionTargets(Model):
    """Days within which a connection is to be made [calendar days]."""

    low_residential: float
    low_business: float
    high: float
    high_utility: float
    high_permits: float


class Commitments(Model):
    """What the utilities promised (`params/<year>/method/connection.yml`)."""

    handling_days: dict[CustomerClass, float]
    handled_stages: tuple[Stage, ...]
    calendar: Literal["calendar", "working"]
    plan_reply_days: float
    zero_investment_kva: dict[int, dict[Literal["urban", "rural"], float]]


class ConnectionParams(Model):
    """`params/<year>/method/connection.yml`."""

    base: ConnectionBase | None = None
    target_procedures: dict[Literal["low", "high", "high_next", "high_pilot"], int]
    targets_days: ConnectionTargets
    cases: dict[Literal["low", "high"], StandardCase]
    utility_builds: tuple[Boundary, ...]
    felt_procedures: tuple[Stage, ...]
    small_sample: int
    stage_minimum_days: float
    online_stage_minimum_days: float
    halve_online_stages: bool
    deposit_years: int
    commitments: Commitments


class DemandCode(Model):
    """One code of the customers' demands or praise, and the words that point to it."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: str
    aspect: Aspect
    words: Annotated[tuple[Word, ...], Field(min_length=1)]


class SurveyParams(Model):
    """`params/<year>/method/survey.yml`."""

    confidence_pct: Percent
    top_box_from: int
    smallest_shown_n: int
    aspects: tuple[Aspect, ...]
    demands: tuple[DemandCode, ...]
    praise: tuple[DemandCode, ...] = ()


class BillCase(Model):
    """The standard month of consumption."""

    kwh: float
    kw: float
    from_hour: Annotated[float, Field(ge=0, le=24)]
    to_hour: Annotated[float, Field(ge=0, le=24)]


class ResaleLimits(Model):
    """When a resale price is green, yellow or red, and when it calls for a check on site."""

    green_from: float
    yellow_from: float
    markup_limit: float
    red_months: int
    yellow_months: int


class PriceParams(Model):
    """`params/<year>/method/price.yml`."""

    case: BillCase
    time_of_use: dict[Literal["peak", "valley"], tuple[tuple[float, float], ...]]
    resale: ResaleLimits


class ConvenienceParams(Model):
    """`params/<year>/method/convenience.yml`."""

    notice_hours: float
    notice_sms_pct: Percent
    sms_words: Annotated[tuple[Word, ...], Field(min_length=1)]


class Step(Model):
    """One step of a rule: the amount due up to and including `to`, or below `below`; with neither, for all the rest."""

    to: float = math.inf
    below: float = math.inf
    wan_yuan: float


class BeijingRule(Model):
    """Reward by the change of ASAI from the year before."""

    asai_floor_pct: float
    rise_above: float
    reward_wan_yuan: float
    falls: tuple[Step, ...]
    below_floor_wan_yuan: float


class IncentiveParams(Model):
    """`params/<year>/method/incentives.yml`."""

    beijing: BeijingRule
    guangzhou: tuple[Step, ...]


class RecentLimit(Model):
    """Number of interruptions within the last days of the period that gives a warning."""

    days: Annotated[int, Field(gt=0)]
    at_least: Annotated[int, Field(gt=0)]


class FrequentWarning(Model):
    """When a customer or a feeder is about to be frequently interrupted."""

    year_from: Annotated[int, Field(gt=0)]
    recent: tuple[RecentLimit, ...]


class FrequentParams(Model):
    """`params/<year>/method/frequent.yml`."""

    year_limit: Annotated[int, Field(gt=0)]
    window_limit: Annotated[int, Field(gt=0)]
    window_days: Annotated[int, Field(gt=0)]
    scheduled_limit: Annotated[int, Field(gt=0)]
    floor_minutes: Annotated[float, Field(ge=0)]
    single_order_customers: Annotated[int, Field(ge=0)]
    merge_hours: Annotated[float, Field(ge=0)]
    feeder_customers: Annotated[int, Field(gt=0)]
    warning: FrequentWarning
    cemi_from: tuple[Annotated[int, Field(gt=0)], ...]
    celid_hours: tuple[Annotated[float, Field(ge=0)], ...]


class BReadyIndicator(Model):
    """One indicator: questions that are answered yes or no, or a figure."""

    weight: Annotated[float, Field(gt=0)]
    needs: Annotated[int, Field(gt=0)] = 1
    questions: tuple[Question, ...] = ()
    figure: IndicatorName | None = None

    @model_validator(mode="after")
    def _either(self) -> Self:
        if bool(self.questions) == bool(self.figure):
            raise ValueError(_("an indicator has either questions or a figure"))
        if self.questions and self.needs > len(self.questions):
            raise ValueError(_("it needs {needs} of {all} questions", needs=self.needs, all=len(self.questions)))
        return self


class BReadyEdition(Model):
    """The scheme of one edition: pillar → subcategory → indicator."""

    source: str
    pillars: dict[Part, dict[Part, dict[Part, BReadyIndicator]]]


class Derived(Model):
    """A question that a ledger answers: yes if the city's indicator reaches this value."""

    indicator: IndicatorName
    item: str = ""
    at_least: float


class Percentiles(Frontier):
    """Best and worst value of all economies: their 5th and 95th percentile."""

    source: Word


class BReadyBill(Model):
    """The month of consumption whose bill counts, and its tariff."""

    kwh: float
    kva: float
    kw: float
    category: TariffCategory
    voltage: TariffVoltage


class BReadyParams(Model):
    """`params/<year>/method/b_ready.yml`."""

    edition: int
    points: float
    survey_answers: int
    editions: dict[int, BReadyEdition]
    derived: dict[Question, Derived]
    cases: dict[Literal["small", "large"], ComparableCase]
    bill: BReadyBill
    percentiles: dict[Part, Percentiles]

    @model_validator(mode="after")
    def _known_edition(self) -> Self:
        if self.edition not in self.editions:
            raise ValueError(
                _("no edition {edition}; there are {editions}", edition=self.edition, editions=", ".join(map(str, self.editions)))
            )
        return self

    @property
    def scheme(self) -> BReadyEdition:
        """The edition that the study uses."""
        return self.editions[self.edition]


class Method(Model):
    """All parameters under `params/<year>/method/`."""

    reliability: ReliabilityParams
    score: ScoreParams
    connection: ConnectionParams
    survey: SurveyParams
    price: PriceParams
    convenience: ConvenienceParams
    incentives: IncentiveParams
    frequent: FrequentParams
    b_ready: BReadyParams
