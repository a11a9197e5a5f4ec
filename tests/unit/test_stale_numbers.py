"""Every number of the method that the report prints comes from its parameter: changed there, the old one is nowhere."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hand_study import PARAMS, ROOT, survey_rows, whole
from test_report_project import make, text_of, written

from ge_analysis.settings.parameters import Params, load

# What looks like a number of the method and is none: what the ledgers show, and the demonstration areas of two procedures.
SHOWN = r"经历\d个环节|件，\d个环节|用时减少\d+个工作日|现状[^，；]*|压减为[^，。；]{0,12}2个环节"
UNCHANGED = {"from_hour", "to_hour"}  # hours of a day, which could not be 37 more; the report prints neither
PUBLISHED = {"edition", "editions"}  # points of a handbook, whose sums are checked


def changed(value: object, name: str = "") -> object:
    """Change every number by 37; keys, texts and switches stay."""
    if isinstance(value, dict):
        return {key: inner if key in PUBLISHED else changed(inner, key) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [changed(inner) for inner in value]
    if isinstance(value, bool) or not isinstance(value, int | float) or name in UNCHANGED:
        return value
    return value + 37 if value < 50 else value - 37


def numbers(value: object, name: str = "") -> Iterator[tuple[str, float]]:
    """Yield the dotted name and value of every number."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers(inner, f"{name}.{key}") if key not in PUBLISHED else ()
    elif isinstance(value, (list, tuple)):
        for position, inner in enumerate(value):
            yield from numbers(inner, f"{name}.{position}")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield name.removeprefix("."), value


def changed_params(root: Path) -> Params:
    shutil.copytree(ROOT / "params", root / "params")
    for name, part in PARAMS.method:
        content = yaml.safe_dump(changed(part.model_dump(exclude_unset=True)), sort_keys=False)
        (root / "params/2021/method" / f"{name}.yml").write_text(content, "utf-8")
    return load(root, 2021)


def report(root: Path, params: Params) -> str:
    """Return the report's text without white space."""
    answers = {(unit.slug, "survey"): survey_rows() for unit in PARAMS.counties}
    return re.sub(rf"\s|{SHOWN}", "", text_of(written(make(root, whole(root, params=params, canonical=answers)))))


def printed(number: float, text: str) -> set[str]:
    """Return what follows a number in a text, two characters each time."""
    return set(re.findall(rf"(?<![\d.]){re.escape(f'{number:g}')}(?![\d.])(..)", text))


@pytest.fixture(scope="module")
def texts(tmp_path_factory) -> tuple[str, str]:
    """The report with the method as it is, and with all its numbers changed."""
    old, new = tmp_path_factory.mktemp("old"), tmp_path_factory.mktemp("new")
    return report(old, PARAMS), report(new, changed_params(new))


NUMBERS = dict(numbers(PARAMS.method.model_dump(exclude_unset=True)))
# whose printed forms are known; without them the test below would look at nothing
PRINTED = {
    "reliability.national_target_hours.rural": "小时",
    "reliability.national_target_cut_pct": "%以",
    "reliability.eligible_minimum_outage_minutes": "分钟",
    "reliability.band_limits.0": "的界",
    "connection.base.high.working_days": "个工",
    "connection.base.year": "年相",
    "connection.target_procedures.low": "个环",
    "connection.targets_days.low_business": "天内",
    "connection.targets_days.high": "天内",
    "connection.small_sample": "件的",
    "survey.confidence_pct": "%置",
    "survey.top_box_from": "分及",
    "price.resale.yellow_months": "个月",
}


@pytest.mark.parametrize("name", PRINTED)
def test_a_changed_number_is_printed(texts, name):
    assert PRINTED[name] in printed(NUMBERS[name], texts[0]) & printed(changed(NUMBERS[name]), texts[1])


@pytest.mark.parametrize("name", NUMBERS)
def test_no_old_number_is_left(texts, name):
    before, after = texts
    number = NUMBERS[name]
    if name.rpartition(".")[2] not in UNCHANGED:
        of_the_parameter = printed(number, before) & printed(changed(number), after)
        assert not of_the_parameter & printed(number, after)


LIMITED = {
    rule.id: rule
    for rule in (*PARAMS.findings.problems, *PARAMS.findings.practices)
    if any(condition.limit is not None for condition in rule.when)
}


@pytest.mark.parametrize("name", LIMITED)
def test_a_rule_types_its_limit_once(name):
    rule = LIMITED[name]
    text = " ".join(str(getattr(rule, part, "")) for part in ("text", "measure", "progress"))
    typed = {float(number) for number in re.findall(r"(?<![\d.{])(\d+(?:\.\d+)?)(?=[%分个户次倍天小])", text)}
    assert not typed & {condition.limit for condition in rule.when}
