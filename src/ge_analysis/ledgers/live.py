"""What a workbook may run or fetch when someone opens it: macros, DDE, other workbooks, data connections."""

import re
from enum import StrEnum

# '[b.xlsx]Sheet 1'!A1 and [1]Sheet1!A1, but no Table[column]; and cmd|'/c calc'!A0
_OUTSIDE = re.compile(r"""'[^'\[]*\[[^\[\]']+\][^']*'!|\[[^\[\]']+\][\w.]*!""")
_DDE = re.compile(r"[\w']\|[^|!]*!")
_FETCH = re.compile(r"\b(?:WEBSERVICE|IMAGE|RTD|CALL|REGISTER(?:\.ID)?|SQL\.REQUEST|STOCKHISTORY|CUBE[A-Z]+)\(", re.IGNORECASE)
_TEXT = re.compile(r'"[^"]*"')


class Live(StrEnum):
    """Active content of a workbook, worded for the sender."""

    MACROS = "宏"
    WORKBOOKS = "指向其他工作簿的链接"
    DDE = "DDE或OLE链接"
    DATA = "外部数据连接"


def of_formula(formula: str) -> set[Live]:
    """Return what a formula fetches from outside its workbook.

    Examples
    --------
    >>> of_formula("SUM('[上年.xlsx]停电 事件'!A1:A9)"), of_formula("cmd|'/c calc'!A0")
    ({<Live.WORKBOOKS: '指向其他工作簿的链接'>}, {<Live.DDE: 'DDE或OLE链接'>})
    >>> of_formula('_xlfn.WEBSERVICE("http://example.org")')
    {<Live.DATA: '外部数据连接'>}
    >>> of_formula('SUM(表1[户数])+停电!B2&"[1]!|!RTD("')
    set()
    """
    code = _TEXT.sub("", formula)
    patterns = ((Live.WORKBOOKS, _OUTSIDE), (Live.DDE, _DDE), (Live.DATA, _FETCH))
    return {kind for kind, pattern in patterns if pattern.search(code)}
