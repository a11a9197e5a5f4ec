"""The language of the terminal: English, or Chinese if the locale is Chinese.

gettext picks it from the environment (LANGUAGE, LC_ALL, LC_MESSAGES, LANG), which child processes inherit.
Workbooks, issues and the report are always in Chinese.
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
        The message in English, a literal that `make docs` can find, with a name in braces for each value.
    **values : object
        The values of the names in braces.

    Examples
    --------
    >>> _("{path} is missing", path="params/study.yml")
    'params/study.yml is missing'
    """
    text = gettext.dgettext(DOMAIN, template) if template else ""  # "" is the catalogue's header
    return text.format(**values) if values else text


def N_(template: str) -> str:  # noqa: N802  # gettext's name for it
    """Return a message unchanged, marked for translation: `_` translates it where it is shown."""
    return template


def by_word(name: str) -> str:
    """Translate a name that files keep in English, word by word; `WORDS` lists the words.

    Examples
    --------
    >>> by_word("linxian table outages")
    'linxian table outages'
    """
    return " ".join(map(_, name.split()))


WORDS = (
    # what results and tables are made from
    *(N_("table"), N_("tables"), N_("county"), N_("city"), N_("workbooks"), N_("parameters"), N_("corrections"), N_("code")),
    *(N_("libraries"), N_("notebook"), N_("entry"), N_("results"), N_("of"), N_("chapters"), N_("and"), N_("styles")),
    # what `ge doctor` checks
    *(N_("encoding"), N_("fonts"), N_("command"), N_("write")),
    # a run
    *(N_("counties"), N_("report"), N_("done"), N_("failed")),
)


def choose(language: str = "") -> None:
    """Use a language ("en" or "zh") from now on; by default the environment's, or Windows' own."""
    if language:
        os.environ["LANGUAGE"] = language
    elif sys.platform == "win32" and not any(os.environ.get(name) for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")):
        import ctypes

        chinese = ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == 0x04  # the primary language, of any region
        os.environ["LANGUAGE"] = "zh" if chinese else "en"


def counted(number: int, what: str) -> str:
    """Return a number with its noun, singular or plural.

    Examples
    --------
    >>> counted(1, "error"), counted(2, "error")
    ('1 error', '2 errors')
    """
    return f"{number} {gettext.dngettext(DOMAIN, what, f'{what}s', number)}"
