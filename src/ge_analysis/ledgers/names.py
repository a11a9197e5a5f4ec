"""Names of people in free Chinese text: found where a name explains the characters better than words do.

Each run of Chinese characters is read twice: as words of jieba's dictionary, and with a name in it. A name is as likely as its
surname and the characters of its given name are among the dictionary's own names; the words beside it (`hints`) make it more or
less so. Weights are logarithms of probabilities.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import jieba

from ge_analysis.ledgers.hints import (
    AFTER,
    AFTER_ALL,
    BEFORE,
    COMPOUND,
    DOUBTFUL,
    FAMILY_PLACE,
    LONGEST_HINT,
    NOT_GIVEN,
    PLACE,
    SURNAMES,
    TERMS,
    TITLE,
)
from ge_analysis.ledgers.words import said

_HAN = re.compile(r"[\u4e00-\u9fff]{2,}+(?![〔\[(]\d{4}[〕\])])")  # but what a document is numbered with: 吕营商办发〔2021〕7号
_HAN_CHARACTER = re.compile(r"[\u4e00-\u9fff]")
_NICKNAME = re.compile(f"[老小][{''.join(SURNAMES - DOUBTFUL - set('于'))}]")
_COMMON = re.compile("[老小][王李张刘陈周吴]")
_LONGEST_WORD, _LONGEST_NAME, _LONGEST_GIVEN = 6, 4, 2  # characters
# Counts of the dictionary.
_WHOLE_NAME = 3  # characters of an entry that is learnt from as a name
_WELL_KNOWN = 300  # times that make a "name" a word (石家庄), and the most that a surname alone counts
_OUR_WORDS = 200  # times for the words of the ledgers
_RARE, _DOUBTFUL = 20, 5  # times for a surname, at the least
_UNSEEN = 0.3  # times for a character that no name has
# Weights, set by the comments of the tests.
_NAME = -4.0  # any name
_ALONE = -1.0  # a character by itself, rarer in short notes than in the texts behind the dictionary
_UNKNOWN = -19.0  # a character that is no word
_COMPOUND = -9.0  # a surname of two characters
_ONE_GIVEN, _TWICE, _NO_GIVEN = -2.0, -4.0, -2.0  # 任重; the second character of 李强强; 王 in 王女士
_PLACE, _FAMILY_PLACE, _PLACE_SIGN = -4.5, -0.5, -6.9  # a place, and each character of it but the last
_APART = 1.5  # nothing beside it on either side
_MOST_BESIDE = 16.0  # what `_beside` may come to
_EXPECTED = 9.0  # a text that should be a name


class _Lexicon(NamedTuple):
    words: dict[str, int]  # times
    all_words: float  # logarithm of all times
    surnames: dict[str, float]
    first: dict[str, float]  # characters of given names
    last: dict[str, float]
    unseen: float


@cache
def _lexicon() -> _Lexicon:
    """Return what the dictionary and the ledgers say about words, and the dictionary's names about names."""
    with jieba.get_dict_file() as file:
        entries = file.read().decode("utf-8").split()
    words, names = dict[str, int](), list[str]()
    for word, times, kind in zip(entries[::3], map(int, entries[1::3]), entries[2::3], strict=True):
        if kind.startswith("nr") and len(word) >= _WHOLE_NAME and times < _WELL_KNOWN and surname(word):
            names.append(word)
        elif len(word) <= _LONGEST_WORD and not _COMMON.fullmatch(word):
            words[word] = min(times, _WELL_KNOWN) if word in SURNAMES and kind in ("nr", "zg") else times
    for said_so in (*TERMS, *(part for one in said() for part in (one, one[:2], one[-2:]))):
        words[said_so] = max(words.get(said_so, 0), _OUR_WORDS)
    names = [name for name in names if len(name) == _WHOLE_NAME and name[0] in SURNAMES]
    surnames = Counter(name[0] for name in names if name[0] not in DOUBTFUL)
    surnames += Counter({family: _DOUBTFUL if family in DOUBTFUL else _RARE for family in SURNAMES})
    return _Lexicon(
        words,
        math.log(sum(words.values())),
        _chances(surnames),
        _chances(Counter(name[1] for name in names)),
        _chances(Counter(name[2] for name in names)),
        math.log(_UNSEEN / len(names)),
    )


def _chances(counts: Counter[str]) -> dict[str, float]:
    total = counts.total()
    return {key: math.log(times / total) for key, times in counts.items() if times}


def surname(text: str) -> str:
    """Return the surname that a text begins with, or nothing.

    Examples
    --------
    >>> [surname(text) for text in ("欧阳青禾", "赵一鸣", "停电")]
    ['欧阳', '赵', '']
    """
    return text[:2] if text[:2] in COMPOUND else text[:1] if text[:1] in SURNAMES else ""


def is_name(text: str) -> bool:
    """Whether a text is a name, where names are what is expected.

    Examples
    --------
    >>> [is_name(text) for text in ("赵一鸣", "高峰", "农村", "白文镇")]
    [True, True, False, False]
    """
    if not _HAN.fullmatch(text) or PLACE.fullmatch(text) or surname(text) == text:
        return False
    return _as_name(text) + _EXPECTED > _best(text)[-1]


def people(text: str) -> list[tuple[int, int]]:
    """Return where the names of people start and end in a text, in its order.

    Examples
    --------
    >>> [text[start:end] for text in ("供电所的石宝平服务好", "王家沟线停电，由贺龙飞处理") for start, end in people(text)]
    ['石宝平', '贺龙飞']
    """
    found = list[tuple[int, int, int]]()
    for _, start, end, needed in sorted(_candidates(text), reverse=True):
        if all(needed <= other_start or start >= other_needed for other_start, _, other_needed in found):
            found.append((start, end, needed))
    return sorted((start, end) for start, end, _ in found)


def _candidates(text: str) -> Iterator[tuple[float, int, int, int]]:
    """Yield what explains characters better as a name: by how much, start and end, and the end of the title that it needs."""
    for run in _HAN.finditer(text):
        characters, offset = run[0], run.start()
        starts = [start for start in range(len(characters)) if surname(characters[start:])]
        before, after = (_best(characters), _best(characters, backwards=True)) if starts else ([], [])
        for start in starts:
            for end in range(start + 1, min(start + _LONGEST_NAME, len(characters)) + 1):
                needed = _needed(characters, start, end)
                gain = before[start] + _as_name(characters[start:end]) + after[end] - before[-1]
                if needed and gain > -_MOST_BESIDE and (gain := gain + _beside(text, offset + start, offset + end)) > 0:
                    yield gain, offset + start, offset + end, offset + needed


def _needed(characters: str, start: int, end: int) -> int:
    """Return where a name ends with the title that a surname alone needs; 0 where it is none: 岳女士, 贺昌中学."""
    if end - start > len(surname(characters[start:end])):
        return 0 if any(AFTER_ALL.match(characters, at) for at in range(start + 1, end)) else end
    title = TITLE.match(characters, end)
    return title.end() if title else end if _NICKNAME.fullmatch(characters, max(0, start - 1), end) else 0


def _best(characters: str, *, backwards: bool = False) -> list[float]:
    """Return how likely the best words are for the characters up to each place, or from it on."""
    best = [0.0] + [-math.inf] * len(characters)
    text = characters[::-1] if backwards else characters
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - _LONGEST_WORD), end):
            part = text[start:end][::-1] if backwards else text[start:end]
            best[end] = max(best[end], best[start] + _as_word(part))
    return best[::-1] if backwards else best


def _as_word(word: str) -> float:
    """Return how likely a word is, or a place that the dictionary lacks."""
    lexicon = _lexicon()
    if times := lexicon.words.get(word):
        return math.log(times) - lexicon.all_words + (_ALONE if len(word) == 1 else 0)
    if len(word) == 1:
        return _UNKNOWN
    places = ((FAMILY_PLACE, _FAMILY_PLACE), (PLACE, _PLACE))
    return next((chance + _PLACE_SIGN * (len(word) - 1) for place, chance in places if place.fullmatch(word)), -math.inf)


def _as_name(word: str) -> float:
    """Return how likely a word is as a name."""
    lexicon, family = _lexicon(), surname(word)
    given = word[len(family) :]
    if not family or len(given) > _LONGEST_GIVEN or NOT_GIVEN.search(given):
        return -math.inf
    chance = _NAME + (lexicon.surnames[family] if len(family) == 1 else _COMPOUND)
    if not given:
        return chance + _NO_GIVEN
    chance += lexicon.last.get(given[-1], lexicon.unseen)
    if len(given) == 1:
        return chance + _ONE_GIVEN
    return chance + (_TWICE if given[0] == given[1] else lexicon.first.get(given[0], lexicon.unseen))


def _beside(text: str, start: int, end: int) -> float:
    """Return how much likelier the text beside it makes a name."""
    weights = [weight for pattern, weight in BEFORE if pattern.search(text, max(0, start - LONGEST_HINT), start)]
    weights += [weight for pattern, weight in AFTER if pattern.match(text, end)]
    apart = not any(map(_HAN_CHARACTER.match, (text[start - 1 : start], text[end : end + 1]))) and len(text) > end - start
    return sum(weights) + (_APART if apart else 0)
