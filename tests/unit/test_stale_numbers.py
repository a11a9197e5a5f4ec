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

# Numbers of published documents and of other places, which stay what they are; why for each.
FIXED = {}


def changed(value: object) -> object:
    """Change every number: a whole one by 37, another by 0.37; keys, texts and switches stay."""
    if isinstance(value, dict):
        return {key: changed(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [changed(inner) for inner in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return value + 37 if isinstance(value, int) else round(value + 0.37, 4)


def numbers(value: object, name: str = "") -> Iterator[tuple[str, float]]:
    """Yield the dotted name and value of every number."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers(inner, f"{name}.{key}")
    elif isinstance(value, (list, tuple)):
        for position, inner in enumerate(value):
            yield from numbers(inner, f"{name}.{position}")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield name.removeprefix("."), value


def changed_params(root: Path) -> Params:
    shutil.copytree(ROOT / "params", root / "params")
    for name, part in PARAMS.method:
        content = yaml.safe_dump(changed(part.model_dump(exclude_unset=True)), allow_unicode=True)
        (root / "params" / "method" / f"{name}.yml").write_text(content, "utf-8")
    return load(root, 2021)


def report(root: Path, params: Params) -> str:
    """Return the report's text without white space."""
    answers = {(unit.slug, "survey"): survey_rows() for unit in PARAMS.counties}
    return re.sub(r"\s", "", text_of(written(make(root, whole(root, params=params, canonical=answers)))))


def printed(number: float, text: str) -> set[str]:
    """Return what follows a number in a text, two characters each time."""
    return set(re.findall(rf"(?<![\d.]){re.escape(f'{number:g}')}(?![\d.])(..)", text))


@pytest.fixture(scope="module")
def texts(tmp_path_factory) -> tuple[str, str]:
    """The report with the method as it is, and with all its numbers changed."""
    old, new = tmp_path_factory.mktemp("old"), tmp_path_factory.mktemp("new")
    return report(old, PARAMS), report(new, changed_params(new))


NUMBERS = dict(numbers(PARAMS.method.model_dump(exclude_unset=True)))


def test_debug(texts):
    before, after = texts
    for name, number in NUMBERS.items():
        new = changed(number)
        both = printed(number, before) & printed(new, after)
        if both:
            stale = both & printed(number, after)
            print(name, number, new, both, "STALE" if stale else "", stale or "")
            for s in stale:
                for m in re.finditer(rf"(?<![\d.]){re.escape(f'{number:g}')}{re.escape(s)}", after):
                    print("     ", after[max(0,m.start()-25):m.end()+15])
    assert 0
