"""Rows of the report's tables, and the text alternatives of its figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ge_analysis.indicators.frequent import FREQUENT
from ge_analysis.ledgers.finished import applied
from ge_analysis.report.facts import Facts
from ge_analysis.report.text import UNKNOWN, chinese_date, days_between
from ge_analysis.settings.places import County
from ge_analysis.settings.registry import code_in, codes, label, registry

MEASURED = {  # indicators of the ledgers for each aspect of convenience
    "billing": ("smart_meter_pct", "online_payment_pct", "e_invoice_pct"),
    "grid_information": ("capacity_published_pct",),
    "outage_notice": ("notice_lead_hours", "notice_in_time_pct", "notice_sms_pct"),
    "two_managers": ("two_managers_pct",),
    "call_back": ("call_back_pct", "record_system_pct", "connection_call_back_pct"),
    "policy_publicity": ("policy_posted_pct",),
}
NETWORK = ("feeder_interconnected_pct", "feeder_automated_pct", "feeder_self_healing_pct")
AREAS = ("urban", "rural", "all")
GLOSSARY = (
    *("saidi_hours", "saifi", "caidi_hours", "asai_pct", "hour_customers", "customers_served", "reliability_band"),
    *("feeder_interconnected_pct", "feeder_automated_pct", "feeder_self_healing_pct", "live_line_rate_pct", "major_event_days"),
    *("procedures", "felt_procedures", "time_days", "time_working_days", "cost_pct_income", "handling_kept_pct", "red_line_pct"),
    *("reliability_index", "score", "bill_yuan_per_kwh", "resale_checks"),
    *("notice_in_time_pct", "survey_mean", "survey_top2_share"),
)


_FEEDERS_SHOWN = 5  # per county; the indicators include all


@dataclass
class Rows:
    """Rows for the tables of the chapters, each a list of cells, one row per county in administrative order."""

    facts: Facts

    def _per_county(self, columns: Iterable[tuple[str, dict[str, str]]]) -> list[list[str]]:
        """One row per county: its name, then each figure as printed."""
        columns = list(columns)
        return [
            [county.name, *(self.facts.num(name, county, **dims) for name, dims in columns)] for county in self.facts.all_counties
        ]

    def units(self) -> list[list[str]]:
        """Units of the study and their grids."""
        return [[county.name, county.code, self.facts.params.grid(county.grid).name] for county in self.facts.all_counties]

    def policies(self, policies: list[dict[str, Any]]) -> list[list[object]]:
        """The policies by level, each level in the order of the ledger: level, title, number, day, gist, what the city did."""
        levels = registry().codes["policy_level"]
        ordered = sorted(policies, key=lambda policy: [*levels].index(policy["policy_level"]))
        return [
            [
                levels[policy["policy_level"]],
                f"《{policy['policy_title']}》",
                policy["policy_number"] or "—",
                chinese_date(policy["issued"]),
                policy["summary"] or "—",
                policy["local_action"] or UNKNOWN,
            ]
            for policy in ordered
        ]

    def days(self, table: str, field: str) -> str:
        """Return the first and last day in a ledger's column, over all counties; empty if there is none."""
        days = self.facts.study.pooled(table)[field].dropna()
        return "" if days.empty else days_between(days.min(), days.max())

    def bases(self) -> list[list[object]]:
        """What is counted, its unit, its number and its use as a base; unknown ones are omitted."""
        facts = self.facts
        unit = label("statistical_unit", facts.params.year.statistical_unit)
        counted = [
            (unit, "户", "customers_served", {"area": "all"}, "停电时间和停电次数"),
            ("10千伏馈线", "条", "feeders", {"area": "all"}, "联络率、自动化覆盖率和自愈占比"),
            ("有效问卷", "份", "survey_respondents", {}, "满意度和诉求"),
        ]
        rows: list[list[object]] = [
            [name, sign, facts.num(indicator, **dims), use]
            for name, sign, indicator, dims, use in counted
            if facts.value(indicator, **dims) > 0
        ]
        cases = [
            ("低压可比案例", "time_days", {"voltage": "low"}, "低压环节、时间和成本"),
            ("高压可比案例", "time_days", {"voltage": "high"}, "高压环节、时间和成本"),
            ("有办理时限承诺的案例", "handling_kept_pct", {}, "办理时限兑现率"),
            ("符合零投资条件的小微企业", "zero_investment_kept_pct", {}, "零投资落实率"),
        ]
        rows += [
            [name, "件", facts.cases(indicator, **dims), use]
            for name, indicator, dims, use in cases
            if facts.known(indicator, **dims)
        ]
        return rows

    def system(self) -> list[list[str]]:
        """The national system of indicators (表 2-1); each row names its group, which may go on on the next page."""
        parts = [
            [name, f"{label('voltage', voltage)}{name}", "—"] for name in ("环节", "时间", "成本") for voltage in ("low", "high")
        ]
        index = "供电可靠性和电费透明度指数"
        parts.append([index, "系统平均停电时间、次数", f"0～{len(self.facts.params.method.reliability.band_limits)}"])
        parts += [[index, name, "0～1"] for name in registry().codes["index_item"].values()]
        return [
            *parts,
            ["电价", "执行电价情况", "观察指标"],
            ["获得电力便利度", "、".join(registry().codes["convenience_aspect"].values()), "—"],
        ]

    def cases(self) -> list[list[str]]:
        """The two standard cases."""
        cases = self.facts.params.method.connection.cases
        low, high = cases["low"], cases["high"]
        return [
            ["报装容量（千伏安）", f"{low.capacity_kva:g}", f"{high.capacity_kva:g}"],
            ["外线长度（米）", f"{low.line_m:g}", f"{high.line_m:g}"],
            ["穿越道路宽度（米）", f"{low.road_m:g}", f"{high.road_m:g}"],
            ["电压等级", "、".join(low.voltages), "、".join(high.voltages)],
            ["可比案例的容量范围（千伏安）", *("{:g}～{:g}".format(*case.capacity_window_kva) for case in (low, high))],
        ]

    def frontier(self) -> list[list[str]]:
        """Best and worst value of each scored indicator."""
        score = self.facts.params.method.score
        names = {
            "procedures": "环节（个）",
            "time_days": "时间（天，日历天）",
            "cost_pct_income": "成本（占人均收入，%）",
            "index": "供电可靠性和电费透明度指数",
        }
        return [[name, f"{getattr(score, key).best:,g}", f"{getattr(score, key).worst:,g}"] for key, name in names.items()]

    def glossary(self) -> list[list[str]]:
        """What the main indicators mean, from the registry."""
        entries = [registry().indicators[name] for name in GLOSSARY]
        return [[entry.label, entry.symbol or "—", entry.unit or "—", entry.description] for entry in entries]

    def reliability(self) -> list[list[str]]:
        """SAIDI and SAIFI by area, and the rate of supply."""
        columns = [(name, {"area": area}) for area in AREAS for name in ("saidi_hours", "saifi")]
        return self._per_county([*columns, ("asai_pct", {"area": "all"})])

    def connection(self) -> list[list[object]]:
        """Procedures, days and cases of both voltages, and the cost of high voltage."""
        facts = self.facts

        def cells(county: County) -> list[object]:
            both = [
                [
                    facts.num("procedures", county, voltage=voltage),
                    facts.num("time_days", county, voltage=voltage),
                    facts.num("elapsed_days", county, voltage=voltage),
                    facts.cases("time_days", county, voltage=voltage) if county in facts.counties else UNKNOWN,
                ]
                for voltage in ("low", "high")
            ]
            return [county.name, *both[0], *both[1], facts.num("cost_pct_income", county, voltage="high")]

        return [cells(county) for county in facts.all_counties]

    def connection_note(self) -> str:
        """The note below `connection`: meaning of the columns, and which counties' days exceed their longest case, and why."""
        facts = self.facts
        notes = [
            "注：天数为各环节日历天中位数之和，历时为案例从申请到送电日历天的中位数",
            "成本为占人均收入的比例",
            "件数为可比案例数",
        ]
        for voltage, name in registry().codes["voltage"].items():
            above = [
                county
                for county in facts.counties
                if facts.value("time_days", county, voltage=voltage) > facts.value("longest_days", county, voltage=voltage)
            ]
            if above:
                notes.append(f"{facts.names(above)}的{name}天数超过历时最长的案例，因各案例经历的环节不同")
        return f"{'；'.join(notes)}。"

    def index(self) -> list[list[str]]:
        """Band, the five items and the index."""
        items = [("index_item", {"item": item}) for item in registry().codes["index_item"]]
        return self._per_county([("reliability_band", {"area": "all"}), *items, ("reliability_index", {})])

    def score(self) -> list[list[str]]:
        """The scores of both voltages: the parts, then the total."""
        voltages = registry().codes["voltage"]
        parts = [
            (name, {"voltage": voltage}) for voltage in voltages for name in ("score_procedures", "score_time", "score_cost")
        ]
        return self._per_county([*parts, ("score_index", {}), *(("score", {"voltage": voltage}) for voltage in voltages)])

    def network(self) -> list[list[str]]:
        """Feeders, their shares, and live-line work."""
        shares = [(name, {"area": "all"}) for name in ("feeders", *NETWORK)]
        return self._per_county([*shares, ("live_line_jobs", {}), ("live_line_rate_pct", {})])

    def frequent(self) -> list[list[str]]:
        """Feeders and customers that are frequently interrupted, or about to be."""
        names = ("frequent_feeders", "frequent_feeder_pct", "warned_feeders", "frequent_customers", "frequent_customer_pct")
        return self._per_county([("feeders", {"area": "all"}), *((name, {}) for name in names)])

    def frequent_feeders(self) -> list[list[object]]:
        """The feeders of each county with the most interruptions, among those frequently interrupted or about to be."""
        facts = self.facts
        rows: list[list[object]] = []
        for county in facts.counties:
            by_year = {
                feeder: facts.value("feeder_interruptions", county, item="year", by="feeder", group=feeder)
                for feeder in facts.groups("feeder_state", "feeder", county)
            }
            for feeder in sorted(by_year, key=lambda feeder: -by_year[feeder])[:_FEEDERS_SHOWN]:
                dims = {"by": "feeder", "group": feeder}
                counts = [facts.num("feeder_interruptions", county, item=item, **dims) for item in codes("interruption_count")]
                state = "频繁停电" if facts.value("feeder_state", county, **dims) == FREQUENT else "预警"
                rows.append([county.name, feeder, *counts, state])
        return rows

    def aspect_names(self) -> list[str]:
        """Names of the survey's aspects."""
        return [label("aspect", aspect) for aspect in self.facts.params.method.survey.aspects]

    def survey(self) -> list[list[str]]:
        """Respondents and the mean of each aspect."""
        means = [("survey_mean", {"item": aspect}) for aspect in self.facts.params.method.survey.aspects]
        return self._per_county([("survey_respondents", {}), *means])

    def ledgers(self) -> list[list[str]]:
        """Number of rows of each county's main ledgers."""
        names = registry().keys_of["ledger_rows"].named["item"]
        return self._per_county(("ledger_rows", {"item": name}) for name in names)

    def corrections(self) -> list[list[object]]:
        """The corrections applied, as saved beside the tables: without values of personal columns, with names masked."""
        actions = {"override": "更正", "drop": "剔除", "flag": "标注"}
        places = {county.slug: county.name for county in self.facts.all_counties} | {"city": self.facts.params.study.city}
        entries = (entry for slug in places for entry in applied(self.facts.study.paths.tables(slug)))
        rows: list[list[object]] = []
        for entry in sorted(entries, key=lambda entry: int(entry["number"])):
            place, field = places[entry["county"]], registry().fields[entry["field"]].label
            change = (entry.get("expect", "—"), actions[entry["action"]], entry.get("value", "—"))
            rows.append([entry["number"], place, entry["sheet"], field, *change, entry["reason"]])
        return rows

    def small_samples(self) -> list[str]:
        """Counties and voltages with too few comparable cases for a firm statement."""
        facts, least = self.facts, self.facts.params.method.connection.small_sample
        return [
            f"{county.name}{label('voltage', voltage)}{facts.cases('time_days', county, voltage=voltage)}件"
            for county in facts.counties
            for voltage in registry().codes["voltage"]
            if facts.n("time_days", county, voltage=voltage) < least
        ]

    def measured(self, aspect: str) -> str:
        """Say what the ledgers show in one aspect of convenience; empty if nothing."""
        facts = self.facts
        parts = [
            f"{registry().indicators[name].label}{facts.num(name)}{registry().indicators[name].unit}"
            for name in MEASURED.get(code_in("convenience_aspect", aspect), ())
            if facts.known(name)
        ]
        return f"台账测算，全市{'，'.join(parts)}。" if parts else ""

    def largest(self, indicator: str, code_set: str, number: int, **dimensions: str) -> list[str]:
        """Codes of the items with the city's largest figures, in descending order; with `other` if it exceeds the last."""
        values = {item: self.facts.value(indicator, item=item, **dimensions) for item in codes(code_set)}
        ordered = sorted((item for item, value in values.items() if value > 0), key=lambda item: -values[item])
        named = [item for item in ordered if item != "other"][:number]
        return ordered[: ordered.index(named[-1]) + 1] if named else ordered

    def answered(self, county: County) -> list[str]:
        """Aspects that anyone in the county rated."""
        return [
            aspect for aspect in self.facts.params.method.survey.aspects if self.facts.known("survey_mean", county, item=aspect)
        ]

    def survey_known(self) -> bool:
        """Whether any aspect was rated."""
        return any(self.facts.known("survey_mean", item=aspect) for aspect in self.facts.params.method.survey.aspects)

    def reliability_alt(self) -> str:
        """Text alternative of 图 3-1."""
        hours = [
            (county.name, *(self.facts.num("saidi_hours", county, area=area) for area in AREAS))
            for county in self.facts.all_counties
        ]
        parts = [f"{name}城区{urban}、农村{rural}" for name, urban, rural, _ in hours]
        return f"各{self.facts.params.county_noun}城区、农村停电时间和停电次数横条图。停电时间（小时/户）：{'；'.join(parts)}。"

    def grades_alt(self) -> str:
        """Text alternative of 图 3-2."""
        facts = self.facts
        parts = [
            f"{county.name}{'、'.join(facts.num('reliability_band', county, area=area) for area in AREAS)}"
            for county in facts.all_counties
        ]
        return f"各{facts.params.county_noun}城区、农村、全口径的分级（分）：{'；'.join(parts)}。"

    def tiles_alt(self) -> str:
        """Text alternative of 图 0-1."""
        facts = self.facts
        parts = [f"{county.name}{facts.num('reliability_band', county, area='all')}" for county in facts.all_counties]
        return f"各{facts.params.county_noun}一格的示意图，格内为全口径分级（分）：{'、'.join(parts)}。"

    def survey_alt(self) -> str:
        """Text alternative of 图 4-1."""
        aspects = self.facts.params.method.survey.aspects
        parts = [f"{label('aspect', aspect)}{self.facts.num('survey_top2_share', item=aspect)}%" for aspect in aspects]
        return f"各方面满意比例的横条图：{'、'.join(parts)}。"
