"""The language of the terminal: English, or Chinese where the locale is Chinese.

gettext chooses it by the environment (LANGUAGE, LC_ALL, LC_MESSAGES, LANG), which processes that are started inherit.
Workbooks, issues and the report are in Chinese whatever it is.
"""

import gettext
import os
import sys
from pathlib import Path

DOMAIN = "ge_analysis"
LOCALES = Path(__file__).parent / "locale"

gettext.bindtextdomain(DOMAIN, str(LOCALES))


def _(template: str, **values: object) -> str:
    """Return a message in the language of the terminal.

    Parameters
    ----------
    template : str
        The message in English: a literal, which `make docs` finds in the code, with a name in braces for each value.
    **values : object
        What the braces stand for.

    Examples
    --------
    >>> _("{path} is missing", path="params/study.yml")
    'params/study.yml is missing'
    """
    text = gettext.dgettext(DOMAIN, template)
    return text.format(**values) if values else text


def N_(template: str) -> str:  # noqa: N802  # gettext's name for it
    """Return a message as it is: one that `_` is given elsewhere, as a value."""
    return template


def by_word(name: str) -> str:
    """Return a name that a file keeps in English in the language of the terminal, word by word; `WORDS` lists the words.

    Examples
    --------
    >>> by_word("linxian table outages")
    'linxian table outages'
    """
    return " ".join(map(_, name.split()))


WORDS = (
    # of what results and tables are made from
    *(N_("table"), N_("tables"), N_("county"), N_("city"), N_("workbooks"), N_("parameters"), N_("corrections"), N_("code")),
    *(N_("libraries"), N_("notebook"), N_("entry"), N_("results"), N_("of"), N_("chapters"), N_("and"), N_("styles")),
    # of what `ge doctor` checks
    *(N_("encoding"), N_("fonts"), N_("command"), N_("write")),
    # of a run
    *(N_("counties"), N_("report"), N_("done"), N_("failed")),
)


def choose(language: str = "") -> None:
    """Speak a language ("en" or "zh") from now on; where none is given, Windows' own unless the environment names one."""
    if language:
        os.environ["LANGUAGE"] = language
    elif sys.platform == "win32" and not any(os.environ.get(name) for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")):
        import ctypes

        chinese = ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == 0x04  # the primary language, of any region
        os.environ["LANGUAGE"] = "zh" if chinese else "en"


def counted(number: int, what: str) -> str:
    """Return a number with the singular or plural of what it counts.

    Examples
    --------
    >>> counted(1, "error"), counted(2, "error")
    ('1 error', '2 errors')
    """
    return f"{number} {gettext.dngettext(DOMAIN, what, f'{what}s', number)}"
