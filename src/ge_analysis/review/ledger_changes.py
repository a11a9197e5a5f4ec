"""Which rows of a place's ledgers were removed, added or changed between two states, and the tables in between."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from ge_analysis.ledgers.contract import contracts
from ge_analysis.ledgers.workbook import position
from ge_analysis.settings.keys import SOURCE

KINDS = ("removed", "added", "changed", "correction")  # in the order of their application


class RowChange(NamedTuple):
    """One row that differs: positions in the tables then and now (-1 if absent), and what it is due to."""

    table: str
    kind: str
    workbook: str
    then: int
    now: int


@dataclass(frozen=True)
class LedgerChanges:
    """The rows of one place that differ.

    Attributes
    ----------
    then, now : mapping of str to DataFrame
        Canonical tables by name.
    rows : list of RowChange
        The differences.
    """

    then: Mapping[str, pd.DataFrame]
    now: Mapping[str, pd.DataFrame]
    rows: list[RowChange]

    def causes(self) -> list[tuple[str, str]]:
        """Return kinds and workbooks in the order of their application."""
        found = dict.fromkeys((row.kind, row.workbook) for row in self.rows)
        return sorted(found, key=lambda cause: (KINDS.index(cause[0]), cause[1]))

    def tables(self, done: Iterable[tuple[str, str]]) -> dict[str, pd.DataFrame]:
        """Return the tables with the changes of some causes applied, and the others not yet."""
        done, tables = set(done), dict(self.then)
        for name in {row.table for row in self.rows}:
            then, now = self.then[name], self.now[name]
            made = [row for row in self.rows if row.table == name and (row.kind, row.workbook) in done]
            gone = {row.then for row in made}
            kept = [at for at in range(len(then)) if at not in gone]
            tables[name] = pd.concat([then.iloc[kept], now.iloc[[row.now for row in made if row.now >= 0]]], ignore_index=True)
        return tables


def ledger_changes(
    then: Mapping[str, pd.DataFrame],
    now: Mapping[str, pd.DataFrame],
    corrections_then: list[dict[str, Any]],
    corrections_now: list[dict[str, Any]],
) -> LedgerChanges:
    """Compare the tables of one place, row by row.

    Rows with the same content are the same, wherever they are; of the others, those with the same key, then those in the same row
    of a workbook, are one row that changed. A row touched by a new, changed or withdrawn correction is due to that correction.
    """
    new = [each for each in corrections_now if each not in corrections_then]
    gone = [each for each in corrections_then if each not in corrections_now]
    touched = {(each["sheet"], each["workbook"], position(each["cell"])[0] + 1) for each in (*new, *gone)}
    rows: list[RowChange] = []
    for name, table in now.items():
        before, sheet = then[name], contracts()[name]
        _, left, right = _matched(before, table, [str(column) for column in table if column not in (*SOURCE, "county")])
        pairs, left, right = _rest(before, table, left, right, [list(sheet.key), SOURCE])
        for old, fresh in [*pairs, *((at, -1) for at in left), *((-1, at) for at in right)]:
            row = table.iloc[fresh] if fresh >= 0 else before.iloc[old]
            file, _, number = (row[column] for column in SOURCE)
            kind = "added" if old < 0 else "removed" if fresh < 0 else "changed"
            corrected = (sheet.sheet, file, number) in touched
            rows.append(RowChange(name, "correction" if corrected else kind, str(file), old, fresh))
    return LedgerChanges(then, now, rows)


def _rest(
    then: pd.DataFrame, now: pd.DataFrame, left: list[int], right: list[int], keys: list[list[str]]
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pair the remaining rows by one key after the other."""
    found: list[tuple[int, int]] = []
    for key in keys:
        if not (key and left and right):
            continue
        pairs, rest_left, rest_right = _matched(then.iloc[left], now.iloc[right], key)
        found += [(left[old], right[fresh]) for old, fresh in pairs]
        left, right = [left[at] for at in rest_left], [right[at] for at in rest_right]
    return found, left, right


def _matched(then: pd.DataFrame, now: pd.DataFrame, columns: list[str]) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pair rows with the same content in some columns, in order; return the pairs and the rest of each side."""
    sides = [pd.DataFrame({"hash": _hashes(table, columns), "at": range(len(table))}) for table in (then, now)]
    sides = [side.assign(which=side.groupby("hash").cumcount()) for side in sides]
    both = sides[0].merge(sides[1], on=["hash", "which"], suffixes=("_then", "_now"))
    pairs = list(zip(both["at_then"].tolist(), both["at_now"].tolist(), strict=True))
    left, right = {old for old, _ in pairs}, {fresh for _, fresh in pairs}
    return pairs, [at for at in range(len(then)) if at not in left], [at for at in range(len(now)) if at not in right]


def _hashes(table: pd.DataFrame, columns: list[str]) -> "pd.Series[Any]":
    texts = table.reindex(columns=columns).astype(object)
    texts = texts.where(texts.notna(), "").astype(str).reset_index(drop=True)
    return pd.util.hash_pandas_object(texts, index=False)
