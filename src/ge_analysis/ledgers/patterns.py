"""What personal data looks like in free Chinese text; every pattern is matched against half-width text (`HALF_WIDTH`)."""

import datetime
import re
from collections.abc import Callable

from ge_analysis.ledgers.hints import COMPOUND, DOUBTFUL, LABELS, ROLES, SELF, SURNAMES, TITLES

# Half width, character by character, so that positions stay the same.
HALF_WIDTH = {ord("０") + digit: str(digit) for digit in range(10)} | str.maketrans(
    "－—–‐−（）．·•　\xa0\t：，／＠", "-----().··   :,/@"
)
_NOBODY = (
    "(?!无|不|未|同上|本人|匿名|暂|用户|客户|要求|停电|没有|多次|变更|应|高度|已|以|都|时|计划|单[位相]|全部|安装|施工|高压)"
)
_C = r"[\u4e00-\u9fff]"
_END = f"(?!{_C})"
_FAMILY = f"(?:{'|'.join(COMPOUND)}|[{''.join(SURNAMES)}])"
_NOT_DOUBTFUL = f"(?![{''.join(DOUBTFUL)}])"
_ADDRESS = "先生(?!产)|女士(?!优)|小姐|师傅|大[爷娘妈叔伯姐哥嫂婶]|阿姨|奶奶|爷爷"
_CN = "[0-9一二三四五六七八九十百零〇○两]"
_NUMBER = f"(?:[甲乙丙丁A-Za-z]?{_CN}{{1,6}}(?:-{_CN}{{1,6}}){{0,3}}[甲乙丙丁A-Za-z]?)"
_NOT_EQUIPMENT = r"(?!线|主?变|公变|专变|箱|台区|杆|塔|环网|开关|分支|分接|柜|电缆|配电|站|机组|间隔|井|泵|闸|公路|桥)"
_WAY = f"(?:(?![在住于到至的和与及是为了县市镇乡从往由址户给请送达牌寄号])(?!(?<!小|社)区|街道|(?<=街)道){_C}){{1,8}}?"
_DEEPER = f"(?:{_NUMBER}(?:号楼|栋|幢|座|单元|层|楼|室|户|号院|号|院|排)|[东西南北中][户门])"
_STREET = (
    f"{_WAY}(?:路|街(?!道)|巷|大道|胡同|村|庄|社区|小区|花园|家园|花苑|新村|公寓|[东西南北][路街关])"
    f"(?:[东西南北中一二三四五六七八九十]{{0,2}}[街巷路段]?|{_C}{{0,2}}[街巷])"
)
_BUILDING = f"{_NUMBER}(?:号楼|栋|幢|座)"
_HOUSE = f"(?:(?:{_BUILDING}|{_NUMBER}(?:号院|号|室)){_NOT_EQUIPMENT}|{_NUMBER}单元{_NUMBER})"
_ROOM = f"(?:{_CN}{{3,4}}(?!{_CN}))?"
_LABEL = r"(?:号码|号|是|为|搜|[: (])*"
_QUANTITY = r"(?!\d|\.\d|\s*(?:kV|KV|kW|KW|kw|千|万|元|户|度|米|公里|kva|MW|%))"
_GAP = "[-. /·]{0,3}"
# The digits after 1 and a digit 3 to 9 as people group them: 138 0013 8000, 1380013-8000, 1380 013 8000, ….
_MOBILE = "|".join(
    _GAP.join(rf"\d{{{length}}}" for length in lengths)
    for lengths in ((1, 4, 4), (5, 4), (2, 3, 4), (1, 2, 3, 3), (1, 3, 5), (3, 3, 3), (1, 2, 2, 4), (2, 4, 3), (1, 4, 2, 2))
)


def _is_id(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    try:
        datetime.datetime.strptime(digits[6:14], "%Y%m%d")
    except ValueError:
        return False
    return digits[6:8] in ("19", "20")


def _is_card(text: str) -> bool:
    """Whether a number has the check digit of bank cards (Luhn), or is grouped by four as on one."""
    digits = re.sub(r"\D", "", text)
    doubled = [int(digit) * (2 if at % 2 else 1) for at, digit in enumerate(reversed(digits))]
    return not sum(value - 9 if value > 9 else value for value in doubled) % 10 or bool(
        re.match(r"62\d{14}(?:\d{3})?$|\d{4}[- ]\d{4}[- ]\d{4}", text)
    )


# Numbers before names, since a number marks the name before it. A second item is a condition on the match.
NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], bool] | None], ...] = tuple(
    (re.compile(pattern), valid)
    for pattern, valid in (
        (r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", None),
        (r"(?<![0-9A-Za-z])\d(?:[- ]?\d){16}[- ]?[0-9Xx](?![0-9A-Za-z])", _is_id),
        (r"(?<!\d)\d{6}\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}(?!\d)", None),  # ID number of 15 digits
        (rf"(?:身份证|证件){_LABEL}(?P<mask>\d(?:[- ]?\d){{13,17}}[- ]?[0-9Xx]?)(?![0-9A-Za-z])", None),
        (rf"(?:卡|账号|账户|户号){_LABEL}(?P<mask>\d(?:[- ]?\d){{7,21}})(?!\d)", None),
        (r"(?<![\dA-Za-z])(?:62|4\d|5[1-5]|35)\d{2}(?:[- ]?\d){12,15}(?![\dA-Za-z])", _is_card),
        (rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?1[3-9](?!\d ?20\d\d-\d)(?:{_MOBILE}){_QUANTITY}", None),
        (r"(?<!\d)1[3-9]\d[ -]?(?=[\d*]*[*])[\d*]{4}[ -]?[\d*]{4}(?![\d*])", None),  # 138****0009
        (rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?1 [3-9](?: \d){{9}}{_QUANTITY}", None),
        (rf"(?<!\d)\(?0\d{{2,3}}\)?{_GAP}\d{{3,4}}{_GAP}\d{{4}}(?:(?:-|转|分机|ext\.?| )+\d{{1,5}})?(?!\d)(?!\.\d)", None),
        (r"(?<!\d)[48]00[- ](?:\d{3}[- ]\d{4}|\d{4}[- ]\d{3})(?!\d)(?!\s*k)", None),
        (r"(?<!\d)[48]00\d{7}(?!\d)", None),
        (r"(?:[打拨])(?P<mask>\d{7,8})(?!\d)", None),
        (r"(?<![\dA-Za-z-])\d{7,8}(?=[, ]?(?:无法接通|无人接|打不通|没人接|[关停]机|空号|占线))", None),
        (r"(?<!\d)\d{3,4}-?\d{4}(?:转|分机)\d{1,5}(?!\d)", None),
        (
            r"(?:电话|手机|号码|来电|客服|热线|联系方式|座机|固话|传真|致电|拨打|回电)"
            rf"{_LABEL}(?P<mask>\d(?:[-. ]{{0,2}}\d){{6,12}}){_QUANTITY}",
            None,
        ),
        (
            r"(?:微信|薇信|微(?=[A-Za-z])|加微|[Vv]信|(?<![A-Za-z])(?:[Vv][Xx]|[Ww][Xx]|[Ww]e[Cc]hat))"
            rf"{_LABEL}(?P<mask>[A-Za-z][A-Za-z0-9_-]{{4,19}}|\d{{6,11}})(?![A-Za-z0-9])",
            None,
        ),
        (rf"(?:[Qq][Qq]群?|加[Qq]|扣扣){_LABEL}(?P<mask>\d{{5,11}})(?!\d)", None),
        (
            r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][-· .]?[A-HJ-NP-Z]? ?"
            r"(?:[DF][A-HJ-NP-Z0-9]\d{4}|\d{5}[DF]|(?=[A-Z0-9]*\d[A-Z0-9]*\d[A-Z0-9]*\d)[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警]"
            r"|[A-HJ-NP-Z0-9]{3}\d[A-HJ-NP-Z0-9])(?![A-Za-z0-9])",
            None,
        ),
        (rf"(?:护照|通行证|证件){_LABEL}(?P<mask>[A-Z]{{1,2}}\d{{7,9}})(?!\d)", None),
        (r"(?<![A-Za-z])[A-Z]{1,2}\d{7,9}(?=.{0,2}护照)", None),
        (
            rf"{_STREET}(?:{_HOUSE}|{_C}{{2,6}}?{_BUILDING}{_DEEPER}){_DEEPER}{{0,5}}(?:{_C}{{2,8}}?{_DEEPER}{{1,5}})?{_ROOM}",
            None,
        ),
        (rf"{_WAY}(?:小区|花园|家园|花苑|公寓)[A-Za-z]座{_NUMBER}室?", None),
        (rf"(?:{_NUMBER}(?:号楼|栋|幢|座|楼))?{_NUMBER}单元(?:{_NUMBER}[层楼])?(?:{_NUMBER}[室户号]|\d{{3,4}}(?!\d))", None),
        (rf"{_NUMBER}(?:号楼|栋|幢|座){_NUMBER}室", None),
    )
)
# What a title, a label or 某 says to be a name, looked for after the names that are known by themselves (`names.people`).
SAID_TO_BE_NAMES = tuple(
    re.compile(pattern)
    for pattern in (
        # 联系人: 司马相如; 姓名：阿依古丽; 申请人: 申 玉 梅
        rf"(?<=[名人户者理字员傅工任长]:) ?(?P<mask>{_NOBODY}{_FAMILY}(?:{_C}{{1,2}}?|(?: {_C}){{1,2}}))(?={_END}|对)",
        rf"(?<=[名人字]:) ?(?P<mask>{_NOBODY}{_C}{{2,4}}){_END}",
        # 记录人温馨; 本人卢俊义
        rf"(?:{LABELS})[:是为 ]{{0,2}}(?P<mask>{_NOBODY}{_NOT_DOUBTFUL}{_FAMILY}{_C}{{1,2}}?)(?={_END}|[对与和])",
        rf"(?:{SELF})(?P<mask>{_NOBODY}{_NOT_DOUBTFUL}{_FAMILY}{_C}{{2}})(?={_END})",
        # 由项前进代签; 找电工老五
        rf"(?<=由)(?P<mask>{_FAMILY}{_C}{{2}})(?=代[签办]|签[字收])",
        rf"(?:{ROLES}|{TITLES}|[找叫])(?P<mask>老[大二三四五六七八九幺]){_END}",
        # 薛姓客户, 杜某某
        rf"(?P<mask>{_FAMILY})(?=姓(?:客户|用户|[男女老]|村民|业主|居民|商户|店主|员工))",
        rf"(?P<mask>{_FAMILY}某{{1,2}})",
        rf"(?<=姓)(?P<mask>{_FAMILY})(?=的|[^\u4e00-\u9fff]|$)",
        # 魏国、***; ***和祁连山
        rf"(?<!{_C})(?P<mask>{_NOT_DOUBTFUL}{_FAMILY}{_C}{{1,2}})(?=[、和与及]\*\*\*)",
        rf"(?<=\*\*\*[、和与及])(?P<mask>{_NOT_DOUBTFUL}{_FAMILY}{_C}{{1,2}}){_END}",
        # 王大明先生, 老张头, 王工
        rf"(?<![提最较更新升])(?P<mask>{_NOT_DOUBTFUL}{_FAMILY})(?={_ADDRESS})",
    )
)
