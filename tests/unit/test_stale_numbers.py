"""Every number of the method that the report prints comes from its parameter: changed there, the old one is gone."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hand_study import PARAMS, ROOT, survey_rows, whole
from test_report_project import make, text_of, written

from ge_analysis.settings.parameters import Params, load
from ge_analysis.settings.registry import DIMENSIONS
from ge_analysis.settings.rules import Condition, number

# What looks like a number of the method and is none: what the ledgers show, and the demonstration areas of two procedures.
SHOWN = r"环节为\d个|经历\d个环节|件，\d个环节|用时减少\d+个工作日|现状[^，；]*|压减为[^，。；]{0,12}2个环节"
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


def printed(value: float, text: str) -> set[str]:
    """Return what follows a number in a text, two characters each time."""
    return set(re.findall(rf"(?<![\d.]){re.escape(f'{value:g}')}(?![\d.])(..)", text))


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
    value = NUMBERS[name]
    if name.rpartition(".")[2] not in UNCHANGED:
        of_the_parameter = printed(value, before) & printed(changed(value), after)
        assert not of_the_parameter & printed(value, after)


TARGET_LINES = re.compile(r"联络率|有效联络|自愈")  # lines with the targets that targets.yml has as numbers


def test_a_changed_target_is_the_only_one_in_the_report(tmp_path):
    shutil.copytree(ROOT / "params", tmp_path / "params")
    path = tmp_path / "params/2021/targets.yml"
    path.write_text(
        re.sub(r"(?<=20\d\d: )(30|50|70|80|100)\b", lambda found: str(int(found[0]) - 7), path.read_text("utf-8")), "utf-8"
    )
    study = make(tmp_path, whole(tmp_path, params=load(tmp_path, 2021)))
    lines = [line for line in text_of(written(study)).splitlines() if TARGET_LINES.search(line)]
    printed_numbers = {int(number) for line in lines for number in re.findall(r"(?<![\d.])(\d+)(?![\d.])", line)}
    assert {23, 43, 63, 73, 93} <= printed_numbers
    assert not {50, 80} & printed_numbers  # 30, 70 and 100 are values of the study, too


RULES = {rule.id: rule for rule in (*PARAMS.findings.problems, *PARAMS.findings.practices)}


def limits(condition: Condition) -> Iterator[float]:
    """Yield every number that a condition compares a value with, wherever it is; 0 says "none at all"."""
    if condition.limit:
        yield condition.limit
    if condition.parameter:
        yield number(PARAMS.method, condition.parameter)
    for target in PARAMS.targets:
        if condition.target and (target.indicator, target.dims) == (condition.indicator, condition.dims):
            yield from target.years.values()


@pytest.mark.parametrize("name", RULES)
def test_a_rule_types_its_limit_once(name):
    rule = RULES[name]
    text = " ".join(str(getattr(rule, part, "")) for part in ("text", "cause", "measure", "start", "goal", "decision"))
    typed = {float(number) for number in re.findall(r"(?<![\d.{])(\d+(?:\.\d+)?)(?=[%分个户次倍天小])", text)}
    assert not typed & {limit for condition in rule.when for limit in limits(condition)}


def test_a_value_has_its_number_once_among_rules_headlines_and_targets():
    findings, targets = (
        yaml.safe_load((ROOT / "params/2021" / f"{name}.yml").read_text("utf-8")) for name in ("findings", "targets")
    )
    rules = [each for kind in ("problems", "practices") for rule in findings[kind] for each in rule.get("when", ())]
    typed = [
        {shown(each) for each in rules if each.get("limit")},
        {shown(each) for each in findings["headlines"] if isinstance(each["target"], int) and each["target"]},
        {shown(each) for each in targets},
    ]
    assert not [*typed[0] & typed[1], *typed[0] & typed[2], *typed[1] & typed[2]]


def shown(entry: dict) -> tuple:
    """Return the compared indicator and its dimensions."""
    return entry["indicator"], *(entry.get(name, "") for name in DIMENSIONS)
