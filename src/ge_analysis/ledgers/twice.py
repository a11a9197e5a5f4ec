"""A corrected workbook sent beside the old one: one issue that names both, instead of one for each row."""

from collections import Counter, defaultdict

import pandas as pd

from ge_analysis.ledgers.contract import Contract, contracts
from ge_analysis.ledgers.personal import mask_text
from ge_analysis.ledgers.reading import SOURCE, Reading

_FEWEST = 5  # identical rows of two workbooks; if fewer, each is an issue of its own
Pair = tuple[tuple[str, ...], tuple[str, ...]]  # two workbooks or sheets: file, or file and sheet, of each


def find_sent_twice(reading: Reading) -> None:
    """Find workbooks (or sheets) that share half of their keys with another one, and remove the repeated rows.

    Parameters
    ----------
    reading : Reading
        Typed tables of one place; an issue is added for each pair.
    """
    repeated = dict[str, pd.Series]()
    same: defaultdict[Pair, Counter[tuple[int, int]]] = defaultdict(Counter)
    rows = Counter[tuple[str, ...]]()
    for table, frame in reading.tables.items():
        first = _first_source(frame, contracts()[table])
        repeated[table] = first[first != frame.loc[first.index, SOURCE]]
        for source, number in Counter(frame[SOURCE].tolist()).items():
            file, sheet = reading.sources[source].file, reading.sources[source].sheet.name
            rows[file,] += number
            rows[file, sheet] = number
        for (later, earlier), number in Counter(
            zip(frame.loc[repeated[table].index, SOURCE], repeated[table], strict=True)
        ).items():
            same[_pair(reading, earlier, later)][earlier, later] += number
    for (one, other), sources in same.items():
        if sources.total() < max(_FEWEST, min(rows[one], rows[other]) / 2):
            continue
        _name_both(reading, sources)
        for table, marked in repeated.items():
            later = reading.tables[table].loc[marked.index, SOURCE]
            out = [at for at, pair in zip(marked.index, zip(marked, later, strict=True), strict=True) if pair in sources]
            reading.tables[table] = reading.tables[table].drop(index=out)
            repeated[table] = marked.drop(out)


def _first_source(frame: pd.DataFrame, contract: Contract) -> pd.Series:
    """Return the source in which each row's key occurs first, for rows with a complete key."""
    key = list(contract.key)
    known = frame[frame[[name for name in key if contract[name].required]].notna().all(axis=1)]
    return known[SOURCE].groupby([known[name] for name in key], dropna=False).transform("first")


def _pair(reading: Reading, earlier: int, later: int) -> Pair:
    """Name what is compared: two workbooks, or two sheets of one workbook."""
    one, other = reading.sources[earlier], reading.sources[later]
    if one.file == other.file:
        return (one.file, one.sheet.name), (other.file, other.sheet.name)
    return (one.file,), (other.file,)


def _name_both(reading: Reading, sources: Counter[tuple[int, int]]) -> None:
    both = [reading.sources[at] for earlier, later in sources for at in (later, earlier)]
    files = "与".join(dict.fromkeys(f"“{mask_text(source.file)}”" for source in both))  # first, as the terminal cuts long texts
    sheets = "、".join(dict.fromkeys(mask_text(source.sheet.name) for source in both))
    reading.find("sent_twice", both[0].file, "", "", f"{files}有{sources.total()}行相同：{sheets}")
