"""Rows of the report's tables about money: tariffs, bills, resale codes, investment, rewards and penalties."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from ge_analysis.indicators.price import tariffs_in_force
from ge_analysis.report.markup import Markup
from ge_analysis.settings.parameters import County
from ge_analysis.settings.registry import half_up, label, registry

if TYPE_CHECKING:
    from ge_analysis.report.context import Facts

BILLED = ("business", "industry")  # categories to which the standard case, a warehouse, can belong


class Money:
    """Rows about prices and money, as `Rows`.

    Parameters
    ----------
    facts : Facts
        The study's figures.
    """

    def __init__(self, facts: "Facts") -> None:
        self._facts = facts

    def tariff_header(self) -> list[str]:
        """Header of 表 3-1 and 表 3-2."""
        return ["用电类别", "电压等级", "电度", "高峰", "平段", "低谷", "容量", "需量", "基金及附加"]

    def tariffs(self, grid: str) -> list[list[object]]:
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
        units = "注：电度、分时电价和基金及附加单位为元/千瓦时，容量电价为元/千伏安·月，需量电价为元/千瓦·月。"
        return units + (f"{'；'.join([since, *sources])}。" if rows else "")

    def _tariffs(self, grid: str) -> list[dict[str, Any]]:
        """The tariffs of one grid that are in force on the day of the report."""
        tariffs = self._facts.study.table("city", "tariffs")
        in_force = tariffs_in_force(tariffs, self._facts.params.year.report_date)
        return [dict(row) for _, row in in_force[in_force["grid"] == self._facts.params.grid(grid).code].iterrows()]

    def tables(self) -> int:
        """How many tables of prices there are: one a grid and one of bills, none where the city sent no prices."""
        grids = self._facts.params.grids
        return len(grids) + bool(self.bills()) if any(self._tariffs(grid.code) for grid in grids) else 0

    def bill_header(self) -> list[str]:
        """Header of the table of bills; the grid only where there are several."""
        names = ["用电类别", "电压等级", "电度电费", "基本电费", "基金及附加", "合计", "度电均价"]
        return ["供区", *names] if len(self._facts.params.grids) > 1 else names

    def bills(self) -> list[list[object]]:
        """The standard month's bill at each business tariff of each grid, by component [yuan, yuan/kWh]."""
        rows: list[list[object]] = []
        for grid in self._facts.params.grids:
            for tariff in self._tariffs(grid.code):
                if tariff["category"] not in BILLED:
                    continue
                names = [label("tariff_category", tariff["category"]), label("tariff_voltage", tariff["tariff_voltage"])]
                if len(self._facts.params.grids) > 1:
                    names.insert(0, grid.name)
                dims = {"by": "grid", "group": grid.code, "kind": tariff["category"], "voltage": tariff["tariff_voltage"]}
                amounts = [self._facts.num("bill_yuan", item=item, **dims) for item in ("energy", "capacity", "funds")]
                total = [self._facts.num(name, **dims) for name in ("bill_yuan", "bill_yuan_per_kwh")]
                rows.append([*names, *amounts, *total])
        return rows

    def resale(self) -> dict[str, object]:
        """Resale price codes of the city: the last month, its number of each colour, who is to be checked, and who sent none."""
        facts = self._facts
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
            "colours": {code: int(number) for code, number in colours.items() if number > 0},
            "checks": [
                f"{facts.named(counties, known)}{'各' if len(counties) > 1 else ''}{half_up(number)}个"
                for number, counties in checks.items()
                if number > 0
            ],
        }

    def incentives(self) -> list[list[object]]:
        """What each county would have earned or paid under the rules of Beijing and Guangzhou [万元]."""
        facts = self._facts
        return [
            [
                county.name,
                facts.num("asai_pct", county, area="all"),
                self._reward(county, "beijing"),
                facts.num("saidi_hours", county, area="all"),
                self._reward(county, "guangzhou"),
            ]
            for county in facts.all_counties
        ]

    def _reward(self, county: County, rule: str) -> Markup:
        """An amount with its sign; 0 has none."""
        amount = self._facts.num("incentive_wan_yuan", county, item=rule, area="all")
        return Markup(f"+{amount}") if self._facts.value("incentive_wan_yuan", county, item=rule, area="all") > 0 else amount

    def investment_header(self) -> list[str]:
        """Header of the table of investments: programme, funding, grid, each year, sum."""
        return ["项目", "资金", "供区", *(f"{year}年" for year in self._plan_years()), "合计"]

    def investment(self) -> list[list[object]]:
        """Money by programme, funding and grid, by year and in all [万元]; a sum row for each programme and funding."""
        plan, years = self._plan(), self._plan_years()
        rows: list[list[object]] = []
        for key, part in plan.groupby(["programme", "funding"], sort=False):
            programme, funding = map(str, key)
            names = [label("programme", programme), label("funding", funding)]
            for grid, sums in part.groupby("grid", sort=False, dropna=False):
                rows.append(
                    [*names, "全市" if pd.isna(grid) else self._facts.params.grid(str(grid)).name, *_by_year(sums, years)]
                )
            if part["grid"].nunique(dropna=False) > 1:
                rows.append([*names, "合计", *_by_year(part, years)])
        return rows

    def investment_text(self) -> str:
        """Say how much is planned and how much is to be added for each programme."""
        parts = []
        for programme, part in self._plan().groupby("programme", sort=False):
            sums = part.groupby("funding")["amount_wan_yuan"].sum()
            known = [
                f"{label('funding', funding)}{half_up(sums[funding]):,}万元"
                for funding in registry().codes["funding"]
                if funding in sums
            ]
            parts.append(f"{label('programme', str(programme))}{'、'.join(known)}")
        return "；".join(parts) + "。"

    def _plan(self) -> pd.DataFrame:
        return self._facts.study.table("city", "investment_plan")

    def _plan_years(self) -> list[int]:
        return sorted(int(year) for year in self._plan()["plan_year"].dropna().unique())


def _price(value: float) -> Markup:
    """A price per kWh to four decimals; one per kVA and month, which is above 1, as it is."""
    return Markup("—" if pd.isna(value) else f"{value:g}" if value >= 1 else f"{half_up(value, 4)}")


def _by_year(plan: pd.DataFrame, years: list[int]) -> list[str]:
    """Money of each year, "—" where none is named, and the sum with what has no year."""
    sums = plan.groupby("plan_year")["amount_wan_yuan"].sum()
    cells = [f"{half_up(sums[year]):,}" if year in sums else "—" for year in years]
    return [*cells, f"{half_up(plan['amount_wan_yuan'].sum()):,}"]
