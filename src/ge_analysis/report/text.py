"""Chinese wording shared by the chapters."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from ge_analysis.report.markup import Markup, escape
from ge_analysis.settings.parameters import Period
from ge_analysis.settings.registry import half_up

UNKNOWN, NONE = "缺", "—"  # printed where a figure is missing, and where there is none
_DIGITS = "〇一二三四五六七八九"


def chinese_date(day: date) -> str:
    """Return a date as written in documents.

    Examples
    --------
    >>> chinese_date(date(2021, 12, 20))
    '2021年12月20日'
    """
    return f"{day.year}年{day.month}月{day.day}日"


def days_between(first: date, last: date) -> str:
    """Return days from one to another as written in documents, without repeating year and month.

    Examples
    --------
    >>> days_between(date(2021, 10, 11), date(2021, 10, 13)), days_between(date(2021, 9, 30), date(2021, 10, 13))
    ('2021年10月11日至13日', '2021年9月30日至10月13日')
    >>> days_between(date(2021, 12, 30), date(2022, 1, 2)), days_between(date(2021, 10, 11), date(2021, 10, 11))
    ('2021年12月30日至2022年1月2日', '2021年10月11日')
    """
    end = f"{last.day}日"
    if (first.year, first.month) != (last.year, last.month):
        end = f"{last.month}月{end}"
    if first.year != last.year:
        end = chinese_date(last)
    return chinese_date(first) + (f"至{end}" if first != last else "")


def chinese_number(number: int) -> str:
    """Return a positive number as used in headings; above 99 in figures.

    Examples
    --------
    >>> [chinese_number(number) for number in (1, 10, 13, 25, 100)]
    ['一', '十', '十三', '二十五', '100']
    """
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十") + (_DIGITS[ones] if ones else "")


def enumerated(things: Sequence[str]) -> str:
    """Enumerate things in one sentence; a single one is not numbered.

    Examples
    --------
    >>> enumerated(["时间偏长", "成本较高"]), enumerated(["时间偏长"])
    ('一是时间偏长；二是成本较高。', '时间偏长。')
    """
    if len(things) == 1:
        return f"{things[0]}。"
    return "；".join(f"{chinese_number(number)}是{thing}" for number, thing in enumerate(things, 1)) + "。"


def sentence(words: str) -> str:
    """End a text with exactly one full stop.

    Examples
    --------
    >>> sentence("按月统计"), sentence("按月统计。")
    ('按月统计。', '按月统计。')
    """
    return words.rstrip("。；; ") + "。"


def explained(note: str, shown: Collection[object]) -> str:
    """Leave out of a table's note what “缺” and “—” mean if none of its cells shows them.

    Examples
    --------
    >>> explained("注：满分5分；“缺”表示没有受访者打分。", {"4.50"}), explained("注：“—”为没有公布值。", {"4.50"})
    ('注：满分5分。', '')
    """
    for sign in (UNKNOWN, NONE):
        if sign not in shown:
            note = re.sub(rf"“{sign}”[^；。]*(；|。$)", "", note)
    return re.sub("；$", "。", note).removesuffix("注：")


def listed(things: Iterable[object], last: str = "、") -> Markup:
    """Join things as a Chinese sentence lists them; each is escaped.

    Examples
    --------
    >>> print(listed(["离石区", "临县", "岚县"], last="和"))
    离石区、临县和岚县
    """
    *first, end = [escape(thing) for thing in things] or [Markup("无")]
    return Markup(last.join(["、".join(first), end]) if first else end)


def span(period: Period) -> str:
    """Return a period as written in documents: a whole year as such, otherwise from month to month.

    Examples
    --------
    >>> span(Period(start=date(2020, 1, 1), end=date(2021, 1, 1)))
    '2020年'
    >>> span(Period(start=date(2020, 10, 1), end=date(2021, 10, 1)))
    '2020年10月至2021年9月'
    """
    last = period.end - timedelta(days=1)
    if period.start == date(last.year, 1, 1) and last == date(last.year, 12, 31):
        return f"{last.year}年"
    return f"{period.start.year}年{period.start.month}月至{last.year}年{last.month}月"


def percent(part: float, whole: float) -> str:
    """Return a share in percent with one decimal, or none if it is whole.

    Examples
    --------
    >>> percent(1, 3)
    '33.3%'
    >>> percent(0.95, 1)
    '95%'
    """
    return f"{half_up(100 * part / whole, 1)}".removesuffix(".0") + "%"
