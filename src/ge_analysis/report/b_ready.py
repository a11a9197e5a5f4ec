"""What the chapters say about B-READY: each indicator with answers, evidence and points, and what would earn most."""

import math
from collections.abc import Iterator

from ge_analysis.indicators.b_ready import scored, worth
from ge_analysis.report.facts import Facts
from ge_analysis.report.text import UNKNOWN, listed
from ge_analysis.settings.method import BReadyIndicator, Derived
from ge_analysis.settings.registry import label, printed, registry

_SAID = {1.0: "是", 0.0: "否", 0.5: "各半"}
POINTS = "b_ready_points"


class BReady:
    """The city's answers and points in the study's edition.

    Parameters
    ----------
    facts : Facts
        The study's figures.

    Attributes
    ----------
    edition, source : str
        The edition, and where its scheme is from.
    checked : bool
        Whether the city sent answers.
    pillars : dict
        The indicators of each pillar and subcategory, by name.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._method = facts.params.method.b_ready
        self._records = facts.records("b_ready")
        self.edition, self.source = self._method.edition, self._method.scheme.source
        self.checked = bool(self._records)
        self.pillars = self._method.scheme.pillars

    def _indicators(self) -> Iterator[tuple[str, str, BReadyIndicator]]:
        for subcategories in self.pillars.values():
            for subcategory, indicators in subcategories.items():
                for name, indicator in indicators.items():
                    yield subcategory, name, indicator

    def parts(self) -> list[list[str]]:
        """Points of each pillar and subcategory, and the points available."""
        most = worth(method=self._method)
        named = [(pillar, part) for pillar, subcategories in self.pillars.items() for part in ("", *subcategories)]
        return [
            [
                label("b_ready_part", pillar),
                label("b_ready_part", part) if part else "小计",
                self._facts.num(POINTS, item=part or pillar),
                printed(POINTS, most[part or pillar]),
            ]
            for pillar, part in named
        ]

    def questions(self) -> list[list[str]]:
        """Each yes-or-no indicator: answers, evidence, points, and what would earn the rest."""
        most = self._most()
        return [
            [
                label("b_ready_part", subcategory),
                label("b_ready_part", name),
                "、".join(self._said(question) for question in indicator.questions),
                "；".join(dict.fromkeys(filter(None, map(self._evidence, indicator.questions)))) or "—",
                self._facts.num(POINTS, item=name),
                printed(POINTS, most[name]),
                self._rest(indicator) if self._lost(name) > 0 or not self._facts.known(POINTS, item=name) else "—",
            ]
            for subcategory, name, indicator in self._indicators()
            if indicator.questions
        ]

    def figures(self) -> list[list[str]]:
        """Each figure with its unit, and its points."""
        return [
            [
                label("b_ready_part", subcategory),
                label("b_ready_part", name),
                self._facts.num(indicator.figure),
                registry().indicators[indicator.figure].unit,
                self._facts.num(POINTS, item=name),
                printed(POINTS, worth(method=self._method)[name]),
            ]
            for subcategory, name, indicator in self._indicators()
            if indicator.figure
        ]

    def unanswered(self) -> list[str]:
        """Questions that neither the checklist nor a ledger answers."""
        questions = [question for _, _, indicator in self._indicators() for question in indicator.questions]
        return [
            label("b_ready_question", question)
            for question in questions
            if not self._facts.known("b_ready_answer", item=question)
        ]

    def gains(self, number: int = 5) -> list[str]:
        """What would earn most: the indicators with the most points left to earn, and what each requires."""
        open_ones = [(self._lost(name), name, indicator) for _, name, indicator in self._indicators() if self._lost(name) > 0]
        largest = sorted(open_ones, key=lambda one: -one[0])[:number]
        return [f"{self._rest(indicator)}（可增{printed(POINTS, lost)}分）" for lost, _, indicator in largest]

    def _most(self) -> dict[str, float]:
        """The most that each indicator can earn, with the weight of missing ones redistributed; missing ones keep theirs."""
        known = {name: 1.0 for _, name, _ in self._indicators() if self._facts.known(POINTS, item=name)}
        reachable = scored(known, method=self._method)
        return {part: reachable[part] if part in known else points for part, points in worth(method=self._method).items()}

    def _lost(self, name: str) -> float:
        lost = self._most()[name] - self._facts.value(POINTS, item=name)
        return 0.0 if math.isnan(lost) else round(lost, 9)

    def _said(self, question: str) -> str:
        return _SAID.get(self._facts.value("b_ready_answer", item=question), UNKNOWN)

    def contradicted(self) -> list[str]:
        """Questions of the edition whose answer in the checklist differs from what the ledgers show, with both."""
        asked = {question for _, _, indicator in self._indicators() for question in indicator.questions if self._rows(question)}
        return [
            f"{label('b_ready_question', question)}（核查表：{self._said(question)}；{self._ledger(question)}）"
            for question, rule in self._method.derived.items()
            if question in asked and self._differs(question, rule)
        ]

    def _differs(self, question: str, rule: Derived) -> bool:
        figure = self._facts.value(rule.indicator, **self._dims(rule))
        said = self._facts.value("b_ready_answer", item=question)
        return not math.isnan(figure) and said != (figure >= rule.at_least)

    def _rows(self, question: str) -> list[dict[str, str]]:
        return [row for row in self._records if row["item"] == question]

    def _evidence(self, question: str) -> str:
        """Name the checklist's evidence or else the ledgers' figure that answers the question."""
        if rows := self._rows(question):
            return listed((row["evidence"] for row in rows if row["evidence"]), "；")
        answered = question in self._method.derived and self._facts.known("b_ready_answer", item=question)
        return self._ledger(question) if answered else ""

    @staticmethod
    def _dims(rule: Derived) -> dict[str, str]:
        return {"item": rule.item} if rule.item else {}

    def _ledger(self, question: str) -> str:
        """Name the ledgers' figure from which an answer follows."""
        rule = self._method.derived[question]
        entry = registry().indicators[rule.indicator]
        return f"台账：{entry.label}{self._facts.num(rule.indicator, **self._dims(rule))}{entry.unit}"

    def _rest(self, indicator: BReadyIndicator) -> str:
        """Name the questions that are not answered yes."""
        if indicator.figure:
            return f"改善{registry().indicators[indicator.figure].label}"
        open_ones = [
            label("b_ready_question", question)
            for question in indicator.questions
            if self._facts.value("b_ready_answer", item=question) != 1
        ]
        return "；".join(open_ones)
