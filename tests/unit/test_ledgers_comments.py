"""Comments written by hand, by which the rules were tuned: what is marked {so} in them is masked, every other word is kept."""

import re
from pathlib import Path

import pytest

from ge_analysis.ledgers.names import people
from ge_analysis.ledgers.personal import MASK, mask_text

COMMENTS = Path(__file__).with_name("comments")
RIGHT = 0.98
MARKED = re.compile(r"\{(.*?)\}")


def comments(name: str) -> list[str]:
    return (COMMENTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def passed(comment: str) -> list[str]:
    """Marked spans of which two signs in a row are left."""
    masked = mask_text(MARKED.sub(r"\1", comment))
    left = masked
    for part in MARKED.split(comment)[::2]:
        left = left.replace(part, " ", 1) if part else left
    return [span for span in MARKED.findall(comment) if any(span[at : at + 2] in left for at in range(max(len(span) - 1, 1)))]


def lost(comment: str) -> list[str]:
    """Parts outside the marks that are not whole any more; the word that says what is masked may go with it."""
    masked = mask_text(MARKED.sub(r"\1", comment))
    return [part for part in MARKED.split(comment)[::2] if part.strip(" :：") not in masked]


@pytest.mark.parametrize(
    "name", ["planted", "later_planted", "second_planted", "third_planted", "fourth_planted", "fifth_planted"]
)
def test_marked_data_is_masked(name):
    marked = [comment for comment in comments(name) if passed(comment)]
    assert len(marked) <= len(comments(name)) * (1 - RIGHT), marked


@pytest.mark.parametrize("kind", ["planted", "ordinary"])
@pytest.mark.parametrize("part", ["", "later_", "second_", "third_", "fourth_", "fifth_"])
def test_other_words_are_kept(part, kind):
    written = comments(f"{part}{kind}")
    damaged = [(comment, mask_text(MARKED.sub(r"\1", comment))) for comment in written if lost(comment)]
    assert len(damaged) <= len(written) * (1 - RIGHT), damaged


def test_texts_of_the_project_contain_no_name():
    """Chapters, contracts, rules and instructions: thousands of lines of the trade by which the weights were not set."""
    root = Path(__file__).parents[2]
    texts = [*root.glob("report/chapters/*.j2"), *root.glob("docs/zh/*.md"), *root.glob("src/ge_analysis/**/*.yml")]
    lines = [line for path in texts if path.name != "names.yml" for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(lines) > 3000
    assert [line[start:end] for line in lines for start, end in people(line)] == []


@pytest.mark.parametrize(
    "text", ["国令第722号", "吕能源电力发〔2021〕116号", "吕营商办发〔2021〕7号", "深化“放管服”改革", "不小于5户"]
)
def test_numbers_of_documents_are_kept(text):
    assert mask_text(text) == text


def test_a_miss_and_a_false_mask_are_counted():
    assert passed("请找{无名氏甲}，停电") == ["无名氏甲"]
    assert lost("电话13812340009") and not lost("电话{13812340009}")
    assert MASK in mask_text("电话13812340009")
