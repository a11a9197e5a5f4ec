"""Rows of the report's tables, and the text alternatives of its figures."""

from collections.abc import Iterable

import pandas as pd

from ge_analysis.indicators.score import getting_electricity_score
from ge_analysis.report.markup import Markup
from ge_analysis.registry import label, printed, registry

AREAS = ("urban", "rural", "all")
GLOSSARY = ("saidi_hours", "saifi", "caidi_hours", "asai_pct", "hour_customers")


class Rows:
    """Rows for the tables of the chapters, each a list of cells, one row a county in administrative order.

    Parameters
    ----------
    facts : Facts
        The study's figures.
    """

    def __init__(self, facts):
        self._facts = facts

    def _per_county(self, columns: Iterable[tuple[str, dict[str, str]]]) -> list[list[str]]:
        """One row a county of the study: its name, then each figure as printed."""
        columns = list(columns)
        return [
            [county.name, *(self._facts.num(name, county, **dims) for name, dims in columns)]
            for county in self._facts.all_counties
        ]

    def units(self) -> list[list[str]]:
        """Units of the study, their grids, and whether they have results."""
        absent = {county.slug: reason for county, reason in self._facts.missing}
        return [
            [
                county.name,
                county.code,
                label("grid", county.grid),
                f"缺：{absent[county.slug]}" if county.slug in absent else "已取得",
            ]
            for county in self._facts.all_counties
        ]

    def system(self) -> list[list[str]]:
        """The national system of indicators (表 2-1)."""
        parts = [
            (f"{name}", f"{label('voltage', voltage)}{name}", "")
            for name in ("环节", "时间", "成本")
            for voltage in ("low", "high")
        ]
        index = "供电可靠性和电费透明度指数"
        parts.append((index, "系统平均停电时间、次数", f"0～{len(self._facts.params.method.reliability.band_limits)}"))
        parts += [(index, name, "0～1") for name in registry().codes["index_item"].values()]
        parts += [
            ("电价", "执行电价情况", "观察指标"),
            ("获得电力便利度", "、".join(registry().codes["convenience_aspect"].values()), ""),
        ]
        return [
            ["" if place and parts[place - 1][0] == first else first, second, third or "—"]
            for place, (first, second, third) in enumerate(parts)
        ]

    def cases(self) -> list[list[str]]:
        """The two standard cases."""
        cases = self._facts.params.method.connection.cases
        low, high = cases["low"], cases["high"]
        pairs = [(f"{case.capacity_window_kva[0]:g}～{case.capacity_window_kva[1]:g}" for case in (low, high))]
        return [
            ["报装容量（千伏安）", f"{low.capacity_kva:g}", f"{high.capacity_kva:g}"],
            ["外线长度（米）", f"{low.line_m:g}", f"{high.line_m:g}"],
            ["穿越道路宽度（米）", f"{low.road_m:g}", f"{high.road_m:g}"],
            ["电压等级", "、".join(low.voltages), "、".join(high.voltages)],
            ["可比案例的容量范围（千伏安）", *pairs[0]],
        ]

    def frontier(self) -> list[list[str]]:
        """Best and worst value of each scored indicator."""
        score = self._facts.params.method.score
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

    def connection(self) -> list[list[str]]:
        """Procedures, days and cases of both voltages, and the cost of high voltage."""
        facts = self._facts

        def cells(county) -> list:
            both = [
                [
                    facts.num("procedures", county, voltage=voltage),
                    facts.num("time_days", county, voltage=voltage),
                    facts.n("time_days", county, voltage=voltage),
                ]
                for voltage in ("low", "high")
            ]
            return [county.name, *both[0], *both[1], facts.num("cost_pct_income", county, voltage="high")]

        return [cells(county) for county in facts.all_counties]

    def index(self) -> list[list[str]]:
        """Band, the five items and the index."""
        items = [("index_item", {"item": item}) for item in registry().codes["index_item"]]
        return self._per_county([("reliability_band", {"area": "all"}), *items, ("reliability_index", {})])

    def score(self) -> list[list[str]]:
        """The four scores and their mean."""
        return self._per_county((name, {}) for name in ("score_procedures", "score_time", "score_cost", "score_index", "score"))

    def benchmark(self) -> list[list]:
        """Economies of the international comparison; the score is computed from the published values."""
        rows = []
        for economy in self._facts.params.benchmark.economies:
            score = getting_electricity_score(
                economy.procedures,
                economy.time_days,
                economy.cost_pct_income,
                economy.index,
                method=self._facts.params.method.score,
            )
            rows.append(
                [
                    economy.name,
                    f"{economy.procedures:g}",
                    f"{economy.time_days:g}",
                    f"{economy.cost_pct_income:g}",
                    f"{economy.index:g}",
                    f"{economy.saidi_hours:.2f}",
                    f"{economy.saifi:.2f}",
                    printed("score", score),
                    economy.rank,
                ]
            )
        return rows

    def tariff_header(self) -> list[str]:
        """Header of 表 3-1 and 表 3-2."""
        return ["用电类别", "电压等级", "电度电价", "尖峰时段", "平时段", "低谷时段", "容量电价", "需量电价", "基金及附加"]

    def tariffs(self, grid: str) -> list[list]:
        """Prices of one grid that are in force on the day of the report."""
        rows = self._tariffs(grid)
        prices = ("energy_price", "peak_price", "flat_price", "valley_price", "capacity_price", "demand_price", "funds_price")
        return [
            [
                label("tariff_category", row["category"]),
                label("tariff_voltage", row["tariff_voltage"]),
                *(_price(row[name]) for name in prices),
            ]
            for row in rows
        ] or [["没有电价数据", *[""] * 8]]

    def tariff_note(self, grid: str) -> str:
        """Units, day of validity and source of one grid's prices."""
        rows = self._tariffs(grid)
        sources = sorted({row["tariff_source"] for row in rows if not pd.isna(row["tariff_source"]) and row["tariff_source"]})
        days = sorted({row["valid_from"] for row in rows})
        since = "；".join(f"{day.year}年{day.month}月{day.day}日起执行" for day in days)
        return (
            "注：电度、分时电价和基金及附加单位为元/千瓦时，容量电价为元/千伏安·月，需量电价为元/千瓦·月。"
            + "；".join([since, *sources])
            + "。"
        )

    def _tariffs(self, grid: str) -> list[dict]:
        """The latest row of each category and voltage that is valid on the day of the report."""
        last = pd.Timestamp(self._facts.params.year.report_date)
        rows = [row for row in self._facts.records("tariffs") if row["grid"] == grid and row["valid_from"] <= last]
        latest = {}
        for row in sorted(rows, key=lambda row: row["valid_from"]):
            latest[row["category"], row["tariff_voltage"]] = row
        return list(latest.values())

    def largest(self, indicator: str, codes: str, number: int, **dimensions: str) -> list[str]:
        """Codes of the items with the largest figures of the city, the largest first."""
        values = {item: self._facts.value(indicator, item=item, **dimensions) for item in registry().codes[codes]}
        known = [item for item, value in values.items() if value > 0]
        return sorted(known, key=lambda item: -values[item])[:number]

    def survey_known(self) -> bool:
        """Whether any aspect was answered."""
        return any(self._facts.known("survey_mean", item=aspect) for aspect in self._facts.params.method.survey.aspects)

    def reliability_alt(self) -> str:
        """Text alternative of 图 3-1."""
        facts = self._facts
        parts = [
            f"{county.name}城区{facts.num('saidi_hours', county, area='urban')}、农村{facts.num('saidi_hours', county, area='rural')}"
            for county in facts.all_counties
        ]
        return f"各单元城区、农村停电时间和停电次数横条图。停电时间（小时/户）：{'；'.join(parts)}。"

    def grades_alt(self) -> str:
        """Text alternative of 图 3-2."""
        facts = self._facts
        parts = [
            f"{county.name}{'、'.join(facts.num('reliability_band', county, area=area) for area in AREAS)}"
            for county in facts.all_counties
        ]
        return f"各单元城区、农村、全口径的分级（分）：{'；'.join(parts)}。"

    def survey_alt(self) -> str:
        """Text alternative of 图 4-1."""
        aspects = self._facts.params.method.survey.aspects
        parts = [f"{label('aspect', aspect)}{self._facts.num('survey_top2_share', item=aspect)}%" for aspect in aspects]
        return f"六个方面满意比例的横条图：{'、'.join(parts)}。"


def _price(value: float) -> Markup:
    return Markup("—" if pd.isna(value) else f"{value:.4f}".rstrip("0").rstrip("."))
