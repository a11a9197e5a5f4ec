"""A study whose figures are written by hand, for the tests of figures and chapters: no ledger, no notebook."""

from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path

import pandas as pd

from ge_analysis.indicators.arrays import plain
from ge_analysis.indicators.long_table import INDICATOR_COLUMNS
from ge_analysis.indicators.results import LINK_COLUMNS, QUOTED_COLUMNS, ROW_COLUMNS, Results
from ge_analysis.indicators.topics import convenience, ledgers, price, scores, survey
from ge_analysis.ledgers.contract import contracts
from ge_analysis.settings import parameters as parameters
from ge_analysis.settings.keys import DIMENSIONS, KEYS
from ge_analysis.settings.registry import registry
from ge_analysis.storage.paths import Paths

ROOT = Path(__file__).parents[2]
PARAMS = parameters.load(ROOT, 2021)
DTYPES = {
    "integer": "int64",
    "number": "float64",
    "date": "datetime64[us]",
    "datetime": "datetime64[us]",
    "month": "datetime64[us]",
}
SENT = [name for name, sheet in contracts().items() if sheet.scope == "county"]
COUNTED = (  # indicators that a study takes from its canonical tables; the others are given
    *("ledger_rows", "survey_respondents", "benchmark_score", "investment_wan_yuan", "bill_yuan", "bill_yuan_per_kwh"),
    *("checklist_items", "checklist_item_met", "checklist_results", "checklist_met_pct"),
    *("tariff_yuan_per_kwh", "tariff_yuan_per_kva_month", "tariff_yuan_per_kw_month"),
)
CITY_FIGURES = (
    *("reliability", "grades", "tiles", "causes", "monthly_hours", "durations", "survey", "stage_times"),
    *("investment", "progress", "resale"),
)
COUNTY_FIGURES = ("causes", "monthly_hours", "durations", "survey")


def figure(county: str, indicator: str, value: float, n: int = 10, **dimensions: str) -> dict:
    """Return one row of the long indicator table."""
    blank = dict.fromkeys(DIMENSIONS, "")
    count = 0 if pd.isna(n) else n
    parts = {"numerator": value * count / 100, "denominator": float(count)}  # of a percentage
    return {"county": county, "indicator": indicator, **blank, **dimensions, "value": float(value), "n": n, **parts, "reason": ""}


def county_figures(slug: str, urban: tuple[float, float] = (4.5, 2.0), rural: tuple[float, float] = (16.25, 3.5)) -> list[dict]:
    """Return one county's figures; SAIDI [h] and SAIFI of urban and rural supply, the other figures are the same for all."""
    rows = []
    for area, (saidi, saifi) in {"urban": urban, "rural": rural, "all": rural}.items():
        grade = sum(saidi <= limit and saifi <= limit for limit in (12, 4, 1))
        rows += [
            figure(slug, "saidi_hours", saidi, area=area),
            figure(slug, "saifi", saifi, area=area),
            figure(slug, "asai_pct", 100 - saidi / 87.84, area=area),
            figure(slug, "reliability_band", grade, area=area),
        ]
    for area, hours in {"city": 5, "rural": 15}.items():
        met = (urban if area == "city" else rural)[0] <= hours
        rows.append(figure(slug, "national_target_met", met, area=area))
        if area == "city":
            rows.append(figure(slug, "saidi_hours", urban[0], area=area))
    rows.append(figure(slug, "hour_customers", 1000, area="all"))
    rows += [
        figure(slug, "hour_customers", hours, area="all", item=cause)
        for cause, hours in (("planned_maintenance", 700), ("natural", 300))
    ]
    rows += [figure(slug, "hour_customers", hours, area="all", kind=kind) for kind, hours in (("scheduled", 700), ("fault", 300))]
    rows += [
        figure(slug, "index_item", flag, item=item)
        for item, flag in zip(registry().codes["index_item"], (1, 1, 1, 0, 1), strict=True)
    ]
    rows += [
        figure(slug, f"feeder_{share}_pct", value, area="all")
        for share, value in (("interconnected", 44), ("automated", 12), ("self_healing", 3))
    ]
    rows += [figure(slug, "feeders", 100, area="all"), figure(slug, "live_line_jobs", 4), figure(slug, "live_line_rate_pct", 8)]
    for voltage, procedures, days in (("low", 2, 2), ("high", 4, 48)):
        rows += [
            figure(slug, "procedures", procedures, voltage=voltage),
            figure(slug, "time_days", days, voltage=voltage),
            figure(slug, "elapsed_days", days, voltage=voltage),
            figure(slug, "time_working_days", days * 0.75, voltage=voltage),
            figure(slug, "cost_pct_income", 0, voltage=voltage),
        ]
    rows += [figure(slug, f"{promise}_kept_pct", 100) for promise in ("plan_reply", "handling", "zero_investment")]
    rows += [figure(slug, "red_line_pct", 60), figure(slug, "felt_procedures", 2, voltage="high")]
    rows += [figure(slug, "investment_boundary_pct", 12, voltage="high", item="red_line")]
    rows += [figure(slug, "permit_days", 4.5, voltage="high")]
    for month, numbers in (("2021-01", (3, 1, 1)), ("2021-02", (2, 0, 3))):
        rows += [
            figure(slug, "resale_entities", number, item=code, by="month", group=month)
            for code, number in zip(registry().codes["resale_code"], numbers, strict=True)
        ]
    rows.append(figure(slug, "resale_checks", 1))
    rows += [
        figure(slug, "incentive_wan_yuan", amount, item=rule, area="all")
        for rule, amount in (("beijing", -5), ("guangzhou", 100))
    ]
    stages = {"plan": 4, "works": 40, "energising": 4}
    rows += [figure(slug, "stage_days", days, voltage="high", item=stage) for stage, days in stages.items()]
    rows += [
        figure(slug, name, 75, voltage=voltage)
        for voltage in ("low", "high")
        for name in ("score", "score_procedures", "score_time", "score_cost")
    ]
    rows.append(figure(slug, "score_index", 75))
    rows.append(figure(slug, "reliability_index", 4 + grade))
    for aspect in PARAMS.method.survey.aspects:
        rows += [figure(slug, "survey_mean", 4.25, item=aspect), figure(slug, "survey_top2_share", 80, item=aspect)]
        rows += [figure(slug, "survey_top2_low", 71, item=aspect), figure(slug, "survey_top2_high", 87, item=aspect)]
        rows += [figure(slug, "survey_neutral_share", 12, item=aspect)]
    return rows


def city_tables() -> dict:
    """Tariffs of two grids, one policy, money of one programme."""
    tariff = {
        "category": "business",
        "tariff_voltage": "1_10kv",
        "energy_price": 0.4886,
        "funds_price": 0.0276,
        "tariff_source": "省目录",
    }
    days = {"valid_from": pd.Timestamp("2021-11-20")}
    policy = {
        "policy_level": "province",
        "policy_title": "工作方案",
        "policy_number": "晋能源电力发〔2021〕190号",
        "summary": "分工",
        "local_action": "市级方案已印发",
    }
    money = {"programme": "network", "funding": "added", "grid": "state"}
    return {
        ("city", "tariffs"): [tariff | days | {"grid": "state"}, tariff | days | {"grid": "local", "energy_price": 0.4916}],
        ("city", "policies"): [policy | {"issued": pd.Timestamp("2021-05-07")}],
        ("city", "investment_plan"): [
            money | {"plan_year": 2022, "amount_wan_yuan": 4500.0},
            money | {"plan_year": 2023, "amount_wan_yuan": 5100.0},
        ],
    }


def survey_rows(comment: str = "希望少停电") -> list[dict]:
    """Six answers."""
    answer = {
        "respondent_class": "business",
        "industry": "采矿业",
        "urban_rural": "rural",
        "meter_type": "smart",
        "comments": comment,
    }
    return [answer | {"response_id": f"R{number}", "payment": 4} for number in range(6)]


@cache
def empty(name: str) -> pd.DataFrame:
    """Return a canonical table without rows."""
    return pd.DataFrame({field.name: pd.Series(dtype=DTYPES.get(field.type, "str")) for field in contracts()[name].fields})


@dataclass(frozen=True)
class HandStudy:
    """Looks like a `Study`; its rows and tables are given.

    Attributes
    ----------
    paths : Paths
        Below a temporary folder; `chapters` may be the repository's own.
    rows : list of dict
        Rows of the long table, from `figure`.
    tables : dict
        (place, table) and the rows of that canonical table; those not given are empty.
    missing : dict
        Slug and reason.
    """

    paths: Paths
    rows: list[dict]
    canonical: dict[tuple[str, str], list[dict]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    synthetic: bool = True
    params: parameters.Params = PARAMS
    before: "HandStudy | None" = None

    year = 2021

    @property
    def counties(self):
        return self.params.counties

    @cached_property
    def present(self):
        return tuple(unit for unit in self.counties if unit.slug not in self.missing)

    def county(self, slug: str):
        return next(unit for unit in self.counties if unit.slug == slug)

    def indicators(self) -> pd.DataFrame:
        given = pd.DataFrame(self.rows)
        counted = pd.DataFrame(self._counted, columns=INDICATOR_COLUMNS[:-1])[given.columns]
        return pd.concat([given, counted]).drop_duplicates(KEYS, ignore_index=True)

    def handed_over(self) -> pd.DataFrame:
        return self.indicators()

    def compute(self, place: str) -> Results:
        """The place's values; behind them are no rows."""
        behind = (pd.DataFrame(columns=columns, dtype="str") for columns in (ROW_COLUMNS, LINK_COLUMNS, QUOTED_COLUMNS))
        return Results(self._long[self._long["county"] == place], *behind)

    @cached_property
    def _long(self) -> pd.DataFrame:
        return self.indicators().assign(period="", method="", reason="").reindex(columns=INDICATOR_COLUMNS)

    @cached_property
    def _counted(self) -> list[tuple]:
        """Rows of the long table that are counted from the canonical tables."""
        city = {name: plain(self.table("city", name)) for name in ("tariffs", "investment_plan")}
        tallies = [scores.benchmark(self.params), price.bills(city, self.params), price.investment(city, self.params)]
        for place in (*(unit.slug for unit in self.present), "city"):
            sent = {name: self.pooled(name) if place == "city" else self.table(place, name).assign(county=place) for name in SENT}
            tables = {name: plain(table) for name, table in sent.items()}
            tallies += [ledgers.compute(tables, self.params, place)]
            if len(tables["convenience"]):
                tallies += [convenience.compute(tables, self.params, place)]
            tallies += [survey.compute(tables, self.params, place)]
        return [line for tally in tallies for line in tally.lines() if line[1] in COUNTED]

    def table(self, place: str, name: str) -> pd.DataFrame:
        rows = self.canonical.get((place, name), [])
        return pd.concat([empty(name), pd.DataFrame(rows)], ignore_index=True) if rows else empty(name)

    def pooled(self, name: str) -> pd.DataFrame:
        return pd.concat([self.table(unit.slug, name).assign(county=unit.slug) for unit in self.present], ignore_index=True)


def whole(root: Path, **changes: object) -> HandStudy:
    """Return a study of all 13 counties in which nothing is missing."""
    rows = [row for unit in PARAMS.counties for row in county_figures(unit.slug)] + county_figures("city")
    return replace(HandStudy(Paths(root, 2021), rows), **changes)


def make(root: Path, study: HandStudy) -> HandStudy:
    """Give a study room for chapters of its own, and the finished figures of its places."""
    (study.paths.report / "chapters").mkdir(parents=True, exist_ok=True)
    for place in ("city", *(unit.slug for unit in study.present)):
        folder = study.paths.results(place) / "figures"
        folder.mkdir(parents=True, exist_ok=True)
        for name in CITY_FIGURES if place == "city" else COUNTY_FIGURES:
            (folder / f"{name}.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    return study
