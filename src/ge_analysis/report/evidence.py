"""The wording of the checklists, merged for the city: what several counties say appears once."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from ge_analysis.report.facts import Facts
from ge_analysis.report.markup import Markup, escape
from ge_analysis.report.register import Register
from ge_analysis.report.text import chinese_date
from ge_analysis.settings.places import County
from ge_analysis.settings.registry import code_in, label, registry

EVIDENCE = 2  # kinds of it that are named of an item


class Evidence:
    """Texts of the ledgers, grouped for the chapters.

    Parameters
    ----------
    facts : Facts
        The study's figures.
    register : Register
        The problems behind those of the checklists.
    """

    def __init__(self, facts: Facts, register: Register) -> None:
        self._facts = facts
        self._register = register
        self._checks = facts.study.pooled("convenience")
        self._checked = facts.where("ledger_rows", ">", 0, item="convenience")

    def totals(self) -> list[list[object]]:
        """Per aspect: items; results yes, partly and no over all counties; share of yes [%]."""
        facts = self._facts
        return [
            [
                label("convenience_aspect", aspect),
                facts.num("checklist_items", item=aspect),
                *(
                    facts.num("checklist_results", item=aspect, by="result", group=result)
                    for result in registry().codes["check_result"]
                ),
                facts.num("checklist_met_pct", item=aspect),
            ]
            for aspect in registry().codes["convenience_aspect"]
            if facts.known("checklist_items", item=aspect)
        ]

    def aspects(self) -> list[dict[str, object]]:
        """Per aspect: name, what is met and where, and the words of the checklists about each problem."""
        return [
            {
                "code": aspect,
                "name": label("convenience_aspect", aspect),
                "findings": [self._met(aspect, checks)],
                "problems": self._problems(aspect, checks),
            }
            for aspect, checks in self._by_aspect()
        ]

    def progress(self, theme: str) -> list[Markup]:
        """Return what was done in a theme since the base year, each with its grid, day and effect."""
        theme = code_in("theme", theme)
        done = [row for row in self._facts.records("actions") if row["theme"] == theme]
        return [Markup(f"{escape(row['action'])}{self._bracketed(row)}") for row in done]

    def _bracketed(self, row: dict[str, Any]) -> Markup:
        """Say in brackets where and when a thing was done, then what came of it."""
        grid = [f"{self._facts.params.grid(row['grid']).name}供区"] if row["grid"] else []
        where = "，".join(grid + ([chinese_date(row["done_on"])] if row["done_on"] else []))
        return escape((f"（{where}）" if where else "") + (f"：{row['effect']}" if row["effect"] else ""))

    def unchecked(self) -> list[County]:
        """Counties with results but without a checklist."""
        return [county for county in self._facts.counties if county not in self._checked]

    def highlights(self) -> list[str]:
        """Highlights of all aspects, with their counties."""
        return self._said(self._checks, "highlight")

    def of(self, county: County) -> dict[str, object]:
        """Return whether one county has a checklist, and the problems and highlights in it."""
        checks = self._checks[self._checks["county"] == self._facts.place(county)]
        return {
            "known": county in self._checked,
            "problems": _texts(checks[checks["result"] != "yes"], "problem").tolist(),
            "highlights": _texts(checks, "highlight").tolist(),
        }

    def _problems(self, aspect: str, checks: pd.DataFrame) -> dict[str, list[str]]:
        """Return what the checklists say about each problem, by rule; an unmet item that no rule covers is an error."""
        unmet = checks[checks["result"] != "yes"]
        rules = {item: self._register.covering(aspect, item).rule for item in unmet["item"].drop_duplicates()}
        return {rule: self._said(part, "problem") for rule, part in unmet.groupby(unmet["item"].map(rules), sort=False)}

    def _by_aspect(self) -> Iterator[tuple[str, pd.DataFrame]]:
        checks = self._checks
        for aspect in registry().codes["convenience_aspect"]:
            part = checks[checks["aspect"] == aspect]
            if len(part):
                yield aspect, part

    def _met(self, aspect: str, checks: pd.DataFrame) -> str:
        """Say which items are met everywhere, and which in some of the counties only."""
        everywhere: list[str] = []
        partly: list[str] = []
        nowhere: list[str] = []
        for dims in self._facts.dimensions("checklist_item_met", item=aspect):
            item, counties = dims["group"], self._facts.value("checklist_item_met", **dims)
            if counties == len(self._checked):
                everywhere.append(f"{item}{self._shown_by(checks[checks['item'] == item])}")
            elif counties > 0:
                partly.append(f"{item}（{self._facts.num('checklist_item_met', **dims)}个）")
            else:
                nowhere.append(item)
        noun = self._facts.params.county_noun
        every = f"{'有台账的' if self.unchecked() else '各'}{noun}"
        parts = [
            f"{every}均达到要求的有：{'、'.join(everywhere)}" if everywhere else "",
            f"部分{noun}达到的有：{'、'.join(partly)}" if partly else "",
            f"尚无{noun}完全达到的有：{'、'.join(nowhere)}" if nowhere else "",
        ]
        return "；".join(part for part in parts if part) + "。"

    def _shown_by(self, checks: pd.DataFrame) -> str:
        """Say in brackets what shows that an item is met: the evidence, after its counties where it differs."""
        said = self._by_text(checks, "evidence")
        shown = [text if len(said) == 1 else f"{named}为{text}" for text, named in said[:EVIDENCE]]
        return f"（依据：{'；'.join(shown)}）" if shown else ""

    def _said(self, checks: pd.DataFrame, column: str) -> list[str]:
        """Return each distinct text of a column with the counties it applies to, the most common first."""
        return [f"{text}（{named}）" for text, named in self._by_text(checks, column)]

    def _by_text(self, checks: pd.DataFrame, column: str) -> list[tuple[str, str]]:
        """Return the distinct texts of a column and the names of the counties they apply to, the most common first."""
        said, texts = _texts(checks, column), []
        for text, places in checks["county"].groupby(said, sort=False):
            counties = [county for county in self._checked if county.slug in set(places)]
            texts.append((len(counties), str(text), self._facts.named(counties, self._checked)))
        return [(text, named) for _, text, named in sorted(texts, key=lambda one: -one[0])]


def _texts(checks: pd.DataFrame, column: str) -> pd.Series:
    """Return the texts of a column that are not blank, without full stops."""
    texts = checks[column].fillna("").astype("str").str.strip("。；; \n")
    return texts[texts != ""]
