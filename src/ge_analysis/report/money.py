"""Rows of the report's tables about money: tariffs, bills, resale codes, investment, rewards and penalties."""

import math
from dataclasses import dataclass

import pandas as pd

from ge_analysis.indicators.price import tariffs_in_force
from ge_analysis.report.facts import Facts
from ge_analysis.report.markup import Markup
from ge_analysis.settings.places import County
from ge_analysis.settings.registry import half_up, label, printed, registry

BILLED = ("business", "industry")  # categories to which the standard case, a warehouse, can belong


@dataclass
class Money:
    """Rows about prices and money, as in `Rows`."""

    facts: Facts

    def tariff_header(self) -> list[str]:
        """Header of 表 3-1 and 表 3-2."""
        return ["用电类别", "电压等级", "电度", "高峰", "平段", "低谷", "容量", "需量", "基金及附加"]

    def tariffs(self, grid: str) -> list[list[str]]:
        """Prices of one grid that are in force on the day of the report."""
        of_grid = {"by": "grid", "group": self.facts.params.grid(grid).code}
        rows = [
            [
                label("tariff_category", row["kind"]),
                label("tariff_voltage", row["voltage"]),
                *(self._price("tariff_yuan_per_kwh", row | {"item": item}) for item in ("energy", "peak", "flat", "valley")),
                self._price("tariff_yuan_per_kva_month", row | {"item": ""}),
                self._price("tariff_yuan_per_kw_month", row | {"item": ""}),
                self._price("tariff_yuan_per_kwh", row | {"item": "funds"}),
            ]
            for row in self.facts.dimensions("tariff_yuan_per_kwh", item="energy", **of_grid)
        ]
        return rows or [["没有电价数据", *[""] * 8]]

    def _price(self, indicator: str, dims: dict[str, str]) -> Markup:
        """A price per kWh with four decimals; one per kVA or kW and month, which is above 1, as it is; — where there is none."""
        if not self.facts.dimensions(indicator, **dims):
            return Markup("—")
        value = self.facts.value(indicator, **dims)
        return self.facts.shown(f"{value:g}" if value >= 1 else f"{half_up(value, 4)}", indicator, **dims)

    def tariff_note(self, grid: str) -> str:
        """Units, date of validity and source of one grid's prices."""
        in_force = tariffs_in_force(self.facts.study.table("city", "tariffs"), self.facts.params.year.report_date)
        rows = in_force[in_force["grid"] == self.facts.params.grid(grid).code]
        sources = sorted({*rows["tariff_source"].dropna()} - {""})
        days = sorted({*rows["valid_from"]})
        since = "；".join(f"{day.year}年{day.month}月{day.day}日起执行" for day in days)
        units = "注：电度、分时电价和基金及附加单位为元/千瓦时，容量电价为元/千伏安·月，需量电价为元/千瓦·月。"
        return units + (f"{'；'.join([since, *sources])}。" if len(rows) else "")

    def priced(self) -> bool:
        """Whether the city sent prices."""
        return bool(self.facts.dimensions("tariff_yuan_per_kwh", item="energy"))

    def bill_header(self) -> list[str]:
        """Header of the table of bills; the grid only if there are several."""
        names = ["用电类别", "电压等级", "电度电费", "基本电费", "基金及附加", "合计", "度电均价"]
        return ["供区", *names] if len(self.facts.params.grids) > 1 else names

    def bills(self) -> list[list[object]]:
        """The standard month's bill at each business tariff of each grid, by component [yuan, yuan/kWh]."""
        facts, several = self.facts, len(self.facts.params.grids) > 1
        return [
            [
                *([grid.name] if several else []),
                label("tariff_category", dims["kind"]),
                label("tariff_voltage", dims["voltage"]),
                *(facts.num("bill_yuan", **(dims | {"item": item})) for item in ("energy", "capacity", "funds", "")),
                facts.num("bill_yuan_per_kwh", **dims),
            ]
            for grid in facts.params.grids
            for dims in facts.dimensions("bill_yuan_per_kwh", by="grid", group=grid.code)
            if dims["kind"] in BILLED
        ]

    def resale(self) -> dict[str, object]:
        """The city's resale price codes: last month, entities of each colour, counties to check, and counties without data."""
        facts = self.facts
        months = facts.groups("resale_entities", "month")
        if not months:
            return {}
        year, month = map(int, months[-1].split("-"))
        dims = {"by": "month", "group": months[-1]}
        colours = {code: facts.value("resale_entities", item=code, **dims) for code in registry().codes["resale_code"]}
        known = [county for county in facts.counties if facts.known("resale_checks", county)]
        checks: dict[float, list[County]] = {}
        for county in known:
            checks.setdefault(facts.value("resale_checks", county), []).append(county)
        return {
            "month": f"{year}年{month}月",
            "unknown": [county for county in facts.counties if county not in known],
            "colours": {code: facts.num("resale_entities", item=code, **dims) for code, number in colours.items() if number > 0},
            "checks": [
                f"{facts.named(counties, known)}{'各' if len(counties) > 1 else ''}"
                f"{facts.shown(printed('resale_checks', number), 'resale_checks', counties)}个"
                for number, counties in checks.items()
                if number > 0
            ],
        }

    def incentives(self) -> list[list[object]]:
        """What each county would have earned or paid under the rules of Beijing and Guangzhou [万元]."""
        facts = self.facts
        return [
            [
                county.name,
                facts.num("asai_pct", county, area="all"),
                self._signed("asai_change_points", county, area="all"),
                self._signed("incentive_wan_yuan", county, item="beijing", area="all"),
                facts.num("saidi_hours", county, area="all"),
                self._signed("incentive_wan_yuan", county, item="guangzhou", area="all"),
            ]
            for county in facts.all_counties
        ]

    def _signed(self, indicator: str, county: County, **dims: str) -> Markup:
        """A figure with its sign; 0 has no sign."""
        facts = self.facts
        value = facts.value(indicator, county, **dims)
        if not value > 0:
            return facts.num(indicator, county, **dims)
        return facts.shown(f"+{printed(indicator, value)}", indicator, [county], **dims)

    def incentives_text(self) -> Markup:
        """Say what the result of each rule depends on, and which rule suits the city."""
        facts, method = self.facts, self.facts.params.method.incentives
        rewards = {rule: self._amounts(rule) for rule in ("beijing", "guangzhou")}
        if not rewards["beijing"]:
            return Markup("没有可比的上年可靠率，北京规则没有试算结果，两种规则不作比较。")
        if not rewards["guangzhou"]:
            return Markup("停电数据不全，两种规则不作比较。")
        best = method.guangzhou[0]
        limit = max(min(step.to, step.below) for step in method.guangzhou if step.wan_yuan > 0)
        rise = f"{method.beijing.rise_above:g}"
        worst = min(step.wan_yuan for step in method.guangzhou)
        noun = facts.params.county_noun
        near = (
            f"广州规则以{limit:g}小时为奖罚界限，适合停电时间接近这一水平的城市；本市为{facts.num('saidi_hours', area='all')}小时"
        )
        texts = []
        if rewards["beijing"] == {method.beijing.reward_wan_yuan}:
            texts.append(f"北京规则看可靠率比上年的变化，各{noun}都上升超过{rise}个百分点，全部为奖励")
        elif rewards["beijing"] == {0}:
            texts.append(f"北京规则看可靠率比上年的变化，各{noun}的变化都在不奖不罚的幅度以内")
        else:
            texts.append(f"北京规则看可靠率比上年的变化，上升超过{rise}个百分点的为奖励，下降的按幅度处罚")
        if rewards["guangzhou"] == {worst}:
            last = [step.to for step in method.guangzhou if math.isfinite(step.to)][-1]
            texts.append(f"广州规则只看停电时间，各{noun}都超过{last:g}小时，全部按最高档处罚")
            suits = f"{near}，宜先用北京规则，并提高奖励门槛以区分改善幅度"
        elif min(rewards["guangzhou"]) > 0:
            texts.append(f"广州规则只看停电时间，各{noun}都在{limit:g}小时以内，全部为奖励，越短奖励越高")
            suits = f"{near}，宜用广州规则"
        else:
            texts.append(f"广州规则只看停电时间，不超过{best.to:g}小时的奖励最高，超过{limit:g}小时的处罚")
            suits = "两种规则的结果各不相同，可以先用看变化的北京规则，对停电时间已经较短的再用广州规则"
        return Markup(f"{'；'.join(texts)}。{suits}。")

    def _amounts(self, rule: str) -> set[float]:
        """Return the distinct amounts of a rule among the counties that have one."""
        values = (self.facts.value("incentive_wan_yuan", county, item=rule, area="all") for county in self.facts.counties)
        return {value for value in values if not pd.isna(value)}

    def investment_header(self) -> list[str]:
        """Header of the table of investments: programme, funding, grid, each year, sum."""
        return ["项目", "资金", "供区", *(f"{year}年" for year in self._plan_years()), "合计"]

    def investment(self) -> list[list[object]]:
        """Money by programme, funding and grid, by year and in total [万元]; a sum row for each programme and funding."""
        sums = self.facts.dimensions("investment_wan_yuan", by="")
        rows: list[list[object]] = []
        for dims in sums:
            of_both = [other for other in sums if (other["item"], other["kind"]) == (dims["item"], dims["kind"])]
            if dims["area"] == "all" and len(of_both) == 2:
                continue  # one grid has all of it
            where = {"city": "全市", "all": "合计"}.get(dims["area"]) or self.facts.params.grid(dims["area"]).name
            rows.append([label("programme", dims["item"]), label("funding", dims["kind"]), where, *self._by_year(dims)])
        return rows

    def _by_year(self, dims: dict[str, str]) -> list[str]:
        """Money of each year ("—" if none), and the sum including money without a year."""
        facts = self.facts
        years = [dims | {"by": "plan_year", "group": year} for year in self._plan_years()]
        cells = [
            facts.num("investment_wan_yuan", **of_year) if facts.known("investment_wan_yuan", **of_year) else "—"
            for of_year in years
        ]
        return [*cells, facts.num("investment_wan_yuan", **dims)]

    def investment_text(self) -> str:
        """How much each programme has planned, and how much more it needs."""
        facts, parts = self.facts, []
        sums = facts.dimensions("investment_wan_yuan", area="all", by="")
        for programme in dict.fromkeys(dims["item"] for dims in sums):
            known = [
                f"{label('funding', dims['kind'])}{facts.num('investment_wan_yuan', **dims)}万元"
                for funding in registry().codes["funding"]
                for dims in sums
                if (dims["item"], dims["kind"]) == (programme, funding)
            ]
            parts.append(f"{label('programme', programme)}{'、'.join(known)}")
        return "；".join(parts) + "。"

    def _plan_years(self) -> list[str]:
        return self.facts.groups("investment_wan_yuan", "plan_year")
