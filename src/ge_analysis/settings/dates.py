"""Dates that the rules name: years after the study's, and days on which measures are due."""

import re
from calendar import monthrange
from datetime import date
from typing import Literal

from ge_analysis.language import _

LATER_YEARS = ("first_year", "second_year", "third_year")  # after the study year
LaterYear = Literal["first_year", "second_year", "third_year"]


def later_year(year: int, name: str) -> int:
    """Return the year that a rule names relative to the study's.

    Examples
    --------
    >>> later_year(2021, "second_year")
    2023
    """
    return year + 1 + LATER_YEARS.index(name)


_END = re.compile(r"(\d{4})年(?:(\d{1,2})月)?底")


def due_date(text: str) -> date:
    """Return the day on which a measure is due: the last of a year (2022年底) or of a month (2022年6月底).

    Raises
    ------
    ValueError
        For any other text.

    Examples
    --------
    >>> due_date("2022年底"), due_date("2024年2月底")
    (datetime.date(2022, 12, 31), datetime.date(2024, 2, 29))
    """
    found = _END.fullmatch(text)
    if not found or not 1 <= int(found[2] or 12) <= 12:
        raise ValueError(_("'{text}' is not a due date; write $first_year年底 or $first_year年6月底", text=text))
    year, month = int(found[1]), int(found[2] or 12)
    return date(year, month, monthrange(year, month)[1])
