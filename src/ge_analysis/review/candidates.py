"""Which value a printed number is: the report's record of printed numbers, searched by what a reader sees."""

import json
import re
from pathlib import Path

import pandas as pd

from ge_analysis.errors import GeError, unknown
from ge_analysis.indicators.long_table import KEYS
from ge_analysis.language import N_, _

RECORD = "printed.json"
FOUND = ["text", "caption", "chapter", *KEYS]


def printed_numbers(folder: Path) -> pd.DataFrame:
    """Return the report's record of printed numbers, one row for each value that a number shows or derives from.

    Parameters
    ----------
    folder : Path
        Build folder of the report (`Paths.report_build`).

    Raises
    ------
    GeError
        If there is no record, or it is damaged.
    """
    path = folder / RECORD
    try:
        places = json.loads(path.read_text(encoding="utf-8"))
        lines = [
            {"text": place["text"], "caption": place.get("number", ""), "chapter": place["file"], **key}
            for place in places
            for key in place["keys"]
        ]
    except FileNotFoundError:
        raise GeError(_("no printed numbers in {path}", path=path), _("run `ge report`, or name county and indicator")) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise GeError(_("{path} is damaged", path=path), _("run `ge report`")) from None
    return pd.DataFrame(lines, columns=FOUND, dtype="str").fillna("")


def find(numbers: pd.DataFrame, text: str, county: str = "") -> pd.DataFrame:
    """Return the printed numbers that match a text, or those in the table or figure whose caption begins with it.

    Parameters
    ----------
    numbers : DataFrame
        From `printed_numbers`.
    text : str
        A number as printed (36.2), or the beginning of a caption (附表 2-1).
    county : str
        Slug of the county; defaults to any.

    Raises
    ------
    GeError
        If nothing matches; the message suggests the nearest caption.
    """
    wanted = _compared(text)
    is_caption = wanted[:1] in "表图附"
    like = (
        numbers["caption"].map(_compared).str.match(rf"{re.escape(wanted)}(?!\d)")
        if is_caption
        else numbers["text"].map(_compared) == wanted
    )
    found = numbers[like & (numbers["county"].eq(county) | (county == ""))]
    if found.empty and is_caption and not like.any():
        raise unknown(N_("caption"), text, numbers.loc[numbers["caption"] != "", "caption"].unique())
    if found.empty:
        raise GeError(
            _("{text} is not printed anywhere for {county}", text=text, county=county)
            if county
            else _("{text} is not printed anywhere", text=text),
            _("write it as the report has it, with its decimals"),
        )
    return found


def _compared(text: str) -> str:
    """Return a text without spaces, thousands separators and percent signs, which readers leave out."""
    return "".join(text.split()).replace(",", "").removesuffix("%")
