"""Which value a printed number is: the report's record of printed numbers, searched by what a reader sees."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from ge_analysis.errors import GeError, unknown
from ge_analysis.language import N_, _
from ge_analysis.settings.keys import KEYS

RECORD = "printed.json"
FOUND = ["text", "caption", "chapter", *KEYS]
Number = dict[str, str]  # the columns of `FOUND`


def printed_numbers(folder: Path) -> list[Number]:
    """Return the report's record of printed numbers, one entry for each value that a number shows or derives from.

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
        return [
            dict.fromkeys(FOUND, "") | {"text": place["text"], "caption": place.get("number", ""), "chapter": place["file"]} | key
            for place in places
            for key in place["keys"]
        ]
    except FileNotFoundError:
        raise GeError(_("no printed numbers in {path}", path=path), _("run `ge report`, or name county and indicator")) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise GeError(_("{path} is damaged", path=path), _("run `ge report`")) from None


def find(numbers: Sequence[Number], text: str, county: str = "") -> list[Number]:
    """Return the printed numbers that match a text, or those in the table or figure whose caption begins with it.

    Parameters
    ----------
    numbers : list of dict
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
    if is_caption:
        begins = re.compile(rf"{re.escape(wanted)}(?!\d)")
        like = [number for number in numbers if begins.match(_compared(number["caption"]))]
    else:
        like = [number for number in numbers if _compared(number["text"]) == wanted]
    found = [number for number in like if county in ("", number["county"])]
    if is_caption and not like:
        raise unknown(N_("caption"), text, dict.fromkeys(number["caption"] for number in numbers if number["caption"]))
    if not found:
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
