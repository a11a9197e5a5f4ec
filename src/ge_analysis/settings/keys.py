"""Columns that identify a value of the long table, and a row of a ledger, and the codes that occur in them; loads no pandas."""

from collections.abc import Iterable

from ge_analysis.settings.registry import DIMENSIONS as NAMES

DIMENSIONS = [*NAMES]
KEYS = ["county", "indicator", *DIMENSIONS]
OF_KEYS = [f"of_{name}" for name in KEYS]  # of the value that another follows from
SOURCE = ["source_file", "source_sheet", "source_row"]


def codes_of(lines: Iterable[tuple[str, str, str]]) -> dict[str, list[str]]:
    """Return the codes of an indicator that the registry does not list (items, industries, months), as `value_codes` takes them.

    Parameters
    ----------
    lines : iterable of (str, str, str)
        Item, by and group of each of its values.

    Examples
    --------
    >>> codes_of([("low", "", ""), ("", "month", "2020-01"), ("", "month", "2020-02")])
    {'demand': ['low', ''], '': [''], 'month': ['2020-01', '2020-02']}
    """
    found: dict[str, dict[str, None]] = {}
    for item, by, group in lines:
        found.setdefault("demand", {})[item] = None
        found.setdefault(by, {})[group] = None
    return {name: [*codes] for name, codes in found.items()}
