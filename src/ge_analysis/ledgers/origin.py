"""The county and years named by a file name or a title, apart from those in numbers of standards and documents."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from ge_analysis.ledgers.plain import plain, visible

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_YEAR_OF_TITLE = re.compile(r"(?<!\d)((?:19|20)\d{2})(?=年|[-./](?:0?[1-9]|1[0-2])(?!\d))")  # not 2000kVA or 电话1998
_DAY = r"(?:19|20)\d{2}(?:[-./年][01]?\d[-./月][0-3]?\d日?|[01]\d[0-3]\d)"
_MADE = "(?:导出|打印|制表|填表|填报|上报|报送|更新|生成|下载|截至|审核|印发|发布|修订|修改|编制|版)"
_OTHER_YEARS = (  # years of a file's date or of a document's number, which name no period
    re.compile(r"[\[(【〔]\s*(?:19|20)\d{2}\s*[\])】〕]\s*(?:第\s*)?\d+\s*号?"),
    re.compile(r"(?:19|20)\d{2}\s*年?\s*第\s*\d+\s*号|(?:19|20)\d{2}\s*年?\s*[\u4e00-\u9fff]{0,4}年鉴"),
    re.compile(r"[与较比]\s*(?:19|20)\d{2}(?:年|(?=相比))"),
    re.compile(r"(?i)[a-z]+(?:\s*/\s*[a-z]+)?\s*\d+(?:\.\d+)*\s*[-—–]\s*(?:19|20)\d{2}(?!\d)"),
    re.compile(r"《[^》]*》"),
    re.compile(rf"(?<![至到~—–-])(?<!\d){_DAY}(?!\d)(?!\s*[至到~—–-])"),  # a single day is not a period
    re.compile(rf"{_MADE}[^\d\s]{{0,4}}\s*(?:19|20)\d{{2}}(?:[-./年]\d{{1,2}}月?|年)?"),
    re.compile(rf"(?:19|20)\d{{2}}(?:[-./年]\d{{1,2}}月?|年)?\s*{_MADE}"),
    re.compile(r"(?i)(?:版本|模板|\bv)\W{0,3}(?:19|20)\d{2}"),
)
_TITLE_OF_DOCUMENT = re.compile("《[^》]*》")
_PART_OF_PLACE = "[路街巷村镇乡线站桥口]"  # 交城路 is not a county


def county_in(text: str, names: Mapping[str, Iterable[str]], own: str) -> str | None:
    """Return the slug of the county that a text names, preferring the own one; None if it names none.

    Parameters
    ----------
    text : str
        Name of a file or sheet, or a title.
    names : mapping of str to iterable of str
        Slug → names of each county.
    own : str
        Slug of the county that should be named.

    Examples
    --------
    >>> names = {"linxian": ("临县",), "jiaocheng": ("交城县", "交城")}
    >>> [county_in(text, names, "linxian") for text in ("交城停电", "交城和临县", "交城路5号", "《交城县办法》", "停电")]
    ['jiaocheng', 'linxian', None, None, None]
    """
    if any(name in _without_titles(text) for name in names[own]):
        return own
    return next((slug for slug, called in names.items() if name_in(text, called)), None)


def name_in(text: str, names: Iterable[str]) -> str | None:
    """Return the first of a county's names in a text, ignoring roads and villages named after it."""
    searched = _without_titles(text)
    return next((name for name in names if re.search(rf"{re.escape(name)}(?!{_PART_OF_PLACE})", searched)), None)


def _without_titles(text: str) -> str:
    return _TITLE_OF_DOCUMENT.sub("", plain(text))


def years_in(text: str, in_title: bool) -> set[int]:
    """Return the years of the periods that a text names.

    Parameters
    ----------
    text : str
        Name of a file, or a title.
    in_title : bool
        Whether it is a title, in which a bare number (2000kVA) is not a year.

    Examples
    --------
    >>> years_in("2017年度（DL/T 836.1-2016）", in_title=True), years_in("容量2000kVA", in_title=True)
    ({2017}, set())
    """
    text = unicodedata.normalize("NFKC", visible(text))
    for other in _OTHER_YEARS:
        text = other.sub(" ", text)
    return {int(year) for year in (_YEAR_OF_TITLE if in_title else _YEAR).findall(text)}
