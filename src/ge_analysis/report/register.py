"""The register of problems: each is numbered, described once where it is found, and answered by a measure in chapter 5."""

from collections.abc import Iterable
from typing import get_args

from ge_analysis.errors import GeError, unknown
from ge_analysis.findings import Problem
from ge_analysis.language import N_, _
from ge_analysis.report import markup
from ge_analysis.report.facts import Facts
from ge_analysis.report.text import listed
from ge_analysis.settings.places import County
from ge_analysis.settings.registry import label
from ge_analysis.settings.rules import Recommendation, Topic

TABLE = "表 5-1"
NONE = "按现有数据，未发现达到问题标准的事项。"
THEMES = {  # sections of the chapter on measures: heading, and the topics of the rules that belong there
    "connection": ("提升业扩报装和接电服务", ("connection",)),
    "reliability": ("提升供电可靠性", ("reliability", "index")),
    "price": ("提升电费透明度、规范电价执行", ("price",)),
    "convenience": ("提高获得电力便利度", ("convenience", "survey")),
}


def check_topics(topics: Iterable[str]) -> None:
    """Raise a GeError for an unknown topic, or for no topic at all."""
    known = get_args(Topic)
    for topic in topics:
        if topic not in known:
            raise unknown(N_("topic"), topic, known)
    if not topics:
        raise GeError(_("found() has no topic"), _("name one: {known}", known=", ".join(known)))


class Register:
    """The problems in the order of their measures, numbered from 1.

    Parameters
    ----------
    facts : Facts
        The study's figures.

    Attributes
    ----------
    problems : list of Problem
        All of them.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.problems = [found for _, topics in THEMES.values() for found in facts.problems if found.topic in topics]
        self._numbers = {found.rule: number for number, found in enumerate(self.problems, 1)}
        self._mentioned: set[str] = set()
        self._answered: set[str] = set()

    def themes(self) -> list[tuple[str, str, list[Problem]]]:
        """Group the problems by the section of their measures, with its name and heading; empty sections are omitted."""
        groups = [
            (name, title, [found for found in self.problems if found.topic in topics]) for name, (title, topics) in THEMES.items()
        ]
        return [(name, title, problems) for name, title, problems in groups if problems]

    def number(self, found: Problem) -> int:
        """Return the number of a problem."""
        return self._numbers[found.rule]

    def ref(self, rule: str, *more: str) -> markup.Markup:
        """Refer to those of some problems that were found ("问题3、5"); empty if none was. An unknown one is an error."""
        known, rules = [found.id for found in self._facts.params.findings.problems], (rule, *more)
        for name in rules:
            if name not in known:
                raise unknown(N_("problem"), name, known)
        numbers = sorted(self._numbers[name] for name in rules if name in self._numbers)
        return markup.reference(TABLE, f"问题{'、'.join(map(str, numbers))}") if numbers else markup.Markup("")

    def applied(self, words: str, rule: str, *more: str) -> markup.Markup:
        """Say what the practice of another city means here, and which problems it answers; nothing where none is found."""
        answered = self.ref(rule, *more)
        return markup.Markup(f"对本市：{markup.escape(words)}（{answered}）。" if answered else "")

    def found(self, *topics: str) -> markup.Markup:
        """List the problems of some topics that the report has not mentioned yet."""
        check_topics(topics)
        return self._listed(found for found in self.problems if found.topic in topics) or markup.Markup(NONE)

    def of_aspect(self, aspect: str, words: dict[str, list[str]]) -> markup.Markup:
        """List the problems of one aspect of convenience, with the words of the checklists; nothing where there is none."""
        return self._listed((found for found in self.problems if found.aspect == aspect), words)

    def _listed(self, problems: Iterable[Problem], words: dict[str, list[str]] | None = None) -> markup.Markup:
        lines, known = [], []
        for found in problems:
            known.append(found.rule)
            if found.rule not in self._mentioned:
                self._mentioned.add(found.rule)
                said = (words or {}).get(found.rule, [])
                text = found.text if found.measured or not said else ""
                text += f"{'核查记录：' if text else ''}{'；'.join(said)}。" if said else ""
                lines.append(f"- {markup.escape(found.title)}（{self.ref(found.rule)}）：{markup.escape(text)}")
        if known and not lines:
            return markup.Markup(f"已在前文列出（{self.ref(*known)}）。")
        return markup.Markup("\n".join(lines))

    def covering(self, aspect: str, item: str) -> Problem:
        """Return the problem behind an unmet item of the checklists; an item that no rule covers is an error."""
        rules = [
            rule.id for rule in self._facts.params.findings.problems if rule.check is not None and rule.check.covers(aspect, item)
        ]
        found = [problem for problem in self.problems if problem.rule in rules]
        if not found:
            raise GeError(
                _(
                    "the item '{item}' ({label}) of the checklists is not met and has no measure",
                    item=item,
                    label=label("convenience_aspect", aspect),
                ),
                _("cover it by `check` of a problem in findings.yml"),
            )
        return found[0]

    def answering(self, demand: str) -> markup.Markup:
        """Refer to the problem behind a demand of customers; a demand without one is an error."""
        rules = [found.rule for found in self.problems if demand in found.demands]
        if not rules:
            raise GeError(
                _("customers voice the demand {demand}, and no problem answers it", demand=demand),
                _("name it under `demands` in findings.yml"),
            )
        return self.ref(*rules)

    def header(self) -> list[str]:
        """Header of the register."""
        return ["号", f"问题和所涉{self._facts.params.county_noun}", "成因", "措施", "责任单位和时限", "起点 → 目标"]

    def rows(self) -> list[list[object]]:
        """The register: one row per problem."""
        self._answered |= self._numbers.keys()
        return [
            [
                self.number(found),
                f"{found.title}：{self._facts.concerned(found)}",
                found.cause.rstrip("。"),
                found.measure.rstrip("。"),
                f"{found.responsible}；{found.due}",
                f"{found.start} → {found.goal}",
            ]
            for found in self.problems
        ]

    def recommendations(self, problems: list[Problem]) -> list[tuple[Recommendation, markup.Markup]]:
        """Return the recommendations whose first problem is in one section, each with the problems that it answers."""
        rules = {found.rule for found in problems}
        chosen = []
        for entry in self._facts.params.findings.recommendations:
            first = next((rule for rule in entry.answers if rule in self._numbers), None)
            if first in rules:
                chosen.append((entry, self.ref(*entry.answers)))
        return chosen

    def of(self, county: County) -> list[Problem]:
        """Return the problems of one county."""
        return [found for found in self.problems if county.slug in found.counties]

    def check(self) -> None:
        """Raise a GeError that names problems without a measure, or measures without a problem, in the chapters."""
        titles = {found.rule: f"{self.number(found)} {found.title}" for found in self.problems}
        open_ends = sorted(self._mentioned - self._answered, key=titles.__getitem__)
        idle = sorted(self._answered - self._mentioned, key=titles.__getitem__)
        if open_ends:
            raise GeError(
                _("the chapters mention problems without a measure: {listed}", listed=listed(titles[rule] for rule in open_ends)),
                _("set the table `register.rows()` in a chapter"),
            )
        if idle:
            raise GeError(
                _(
                    "the register has measures whose problem no chapter mentions: {listed}",
                    listed=listed(titles[rule] for rule in idle),
                ),
                _("mention them by `found(…)` in a chapter"),
            )
