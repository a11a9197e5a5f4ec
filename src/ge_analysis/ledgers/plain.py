"""Texts in the form in which they are compared."""

import re
import unicodedata

# Characters without width (format marks, variation selectors, control characters): nobody sees or means them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """Return a text without invisible characters.

    Examples
    --------
    >>> visible("城\u200b镇\ufeff")
    '城镇'
    """
    return text if text.isascii() and text.isprintable() else _INVISIBLE.sub("", text)


def plain(text: object) -> str:
    """Return a header or value in the form used for comparing: half width, no spaces, lower case.

    Examples
    --------
    >>> plain("报装容量（ＫＶＡ）　")
    '报装容量(kva)'
    """
    return "".join(unicodedata.normalize("NFKC", visible(str(text))).split()).lower()
