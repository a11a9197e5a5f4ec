"""Proofs of the printed numbers, for the page: what each value is made of, and the ledger rows that weigh most."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ge_analysis.indicators.long_table import positions
from ge_analysis.ledgers.contract import contracts
from ge_analysis.notebook.tables import code_label
from ge_analysis.report import printed as record
from ge_analysis.report.printed import Key
from ge_analysis.review.trace import MOST_ROLES, Behind, Branch, Row, key_name, parts_of
from ge_analysis.settings.keys import DIMENSIONS, KEYS, SOURCE
from ge_analysis.settings.registry import indicator as entry_of
from ge_analysis.settings.registry import printed
from ge_analysis.storage.files import write_text
from ge_analysis.study import Study

FILE = "page.json"
MOST_ROWS = 5  # of each value; `ge trace` shows all
_ROW = ["place", "table", *SOURCE]
_HELD = {"rows": ["numerator", "denominator"], "quoted": ["quoted"]}  # numbers of each table; what is quoted has no parts
_NUMBERS = ["value", "numerator", "denominator", "part"]  # of a row in the value named first


def write(study: Study, project: Path) -> None:
    """Write the counties and the proofs of the report's printed numbers beside their record.

    Parameters
    ----------
    study : Study
        The study behind the report.
    project : Path
        The Quarto project, with `printed.json`.
    """
    there = {"city", *(unit.slug for unit in study.present)}  # counties without results have no values
    printed = [entry for entry in record.read(project) if str(entry["file"]).startswith("chapters/")]
    keys = {_key(key) for entry in printed for key in _keys(entry) if key["county"] in there}
    proofs = _Proofs(Behind(study))
    content = {
        "counties": [[unit.slug, unit.name] for unit in study.params.counties],
        "places": {unit.slug: unit.name for unit in study.params.counties} | {"city": study.params.study.city},
        **proofs.of(keys),
    }
    write_text(project / FILE, json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n")


def name(key: Mapping[str, str]) -> str:
    """Return the name of a value in the proofs, from its keys in `printed.json`."""
    return key_name(_key(key))


def _keys(entry: Mapping[str, object]) -> list[dict[str, str]]:
    keys: list[dict[str, str]] = entry["keys"]  # type: ignore[assignment]  # as `Record.written` made it
    return keys


def _key(key: Mapping[str, str]) -> Key:
    return tuple(key.get(each, "") for each in KEYS)


class _Proofs:
    """Proofs of many values at once, going through each table of rows only once."""

    def __init__(self, behind: Behind):
        self.behind = behind
        self.rows: list[pd.DataFrame] = []  # the heaviest rows, with the name of their value

    def of(self, keys: Iterable[Key]) -> dict[str, object]:
        """Return indicators, values and rows, for values and everything they follow from."""
        wanted = self._with_what_is_below(keys)
        values: dict[str, dict[str, object]] = {}
        of_places: dict[str, list[Key]] = {}
        for key in sorted(wanted):
            of_places.setdefault(key[0], []).append(key)
        for place, own in of_places.items():
            values |= self._of_place(place, own)
        rows = pd.concat([pd.DataFrame(columns=[*_ROW, *_NUMBERS]), *self.rows], ignore_index=True)
        listed = self._listed(rows, values)
        indicators = {
            indicator: [entry.title, entry.unit, entry.description]
            for indicator in sorted({key[1] for key in wanted})
            if (entry := entry_of(indicator))
        }
        return {"indicators": indicators, "values": values, "rows": listed}

    def _with_what_is_below(self, keys: Iterable[Key]) -> set[Key]:
        found: set[Key] = set()
        left = set(keys)
        while left:
            found |= left
            left = {of for key in left for _, of in self.behind.links(key)} - found
        return found

    def _of_place(self, place: str, keys: list[Key]) -> dict[str, dict[str, object]]:
        lines = self.behind.columns(place, "indicators").table.to_pandas()
        at = {key: found[0] for key, found in positions(lines, keys)}
        records: list[Any] = lines.iloc[[*at.values()]].to_dict("records")
        line_of = dict(zip(at, records, strict=True))
        keys = [*at]
        following = [key for key in keys if self.behind.links(key)]
        summed = [key for key in keys if not self.behind.links(key)]
        quoted = self._heaviest(place, "quoted", following)
        counts = quoted | self._heaviest(place, "rows", summed)
        values = {}
        for key in keys:
            branches = [Branch(1, role, of, self.behind.value(of)) for role, of in self.behind.links(key)]
            if key in quoted:
                branches += [Branch(1, role, (), number) for role, number in self.behind.figures(key).items()][:MOST_ROLES]
            formula = self.behind.formula(line_of[key], branches)
            values[key_name(key)] = _value(key, line_of[key], formula, branches, counts.get(key, 0))
        return values

    def _heaviest(self, place: str, table: str, keys: list[Key]) -> dict[Key, int]:
        """Keep the heaviest rows of each value, with their parts in it; return the number of rows of each value."""
        above, *below = _HELD[table]
        frame = self.behind.frame(place, table, [*KEYS, above, *below])
        numerators = frame[above].to_numpy()
        denominators = frame[below[0]].to_numpy() if below else np.full(len(frame), np.nan)
        counts, taken, names, parts = {}, [], [], []
        for key, at in positions(frame, keys):
            numerator, denominator = numerators[at], denominators[at]
            first = np.lexsort((-np.nan_to_num(denominator), -np.abs(numerator)))[:MOST_ROWS]
            counts[key] = len(at)
            taken.append(at[first])
            names += [key_name(key)] * len(first)
            parts.append(parts_of(numerator, denominator, key[1])[first] if below else np.full(len(first), np.nan))
        if taken:
            at = np.concatenate(taken)
            rows = self.behind.frame(place, table, _ROW, at).reset_index(drop=True)
            texts = {each: rows[each].astype("str") for each in _ROW[:-1]}
            held = zip(_NUMBERS, (names, numerators[at], denominators[at], np.concatenate(parts)), strict=True)
            self.rows.append(rows.assign(**texts, **dict(held)))
        return counts

    def _listed(self, rows: pd.DataFrame, values: dict[str, dict[str, Any]]) -> list[list[object]]:
        """Add the numbers of its rows to each value, and return the rows themselves, each once."""
        once = rows.drop_duplicates(_ROW).reset_index(drop=True)
        said = self.behind.said([Row("", "", *line, *[np.nan] * 3) for line in once[_ROW].itertuples(index=False, name=None)])
        number = {tuple(line): at for at, line in enumerate(once[_ROW].itertuples(index=False, name=None))}
        for line in rows[[*_ROW, *_NUMBERS]].itertuples(index=False, name=None):
            parts = [_number(each, 6) for each in line[-3:]]
            values[line[-4]].setdefault("rows", []).append([number[line[: len(_ROW)]], *parts])
        return [
            [place, contracts()[table].sheet, book, sheet, int(row), text]
            for (place, table, book, sheet, row), text in zip(once[_ROW].itertuples(index=False, name=None), said, strict=True)
        ]


def _value(key: Key, line: Mapping[str, Any], formula: str, branches: list[Branch], count: int) -> dict[str, object]:
    """Return what the page shows of one value."""
    dims = [f"--{each} {code}" for each, code in zip(DIMENSIONS, key[2:], strict=True) if code]
    return {
        "of_what": [code_label(each, code) for each, code in zip(DIMENSIONS, key[2:], strict=True) if code and each != "by"],
        "value": printed(key[1], line["value"]),
        "formula": formula,
        "numerator": _number(line["numerator"]),
        "denominator": _number(line["denominator"]),
        "n": "" if pd.isna(line["n"]) else f"{int(line['n']):,}",
        "period": line["period"],
        "method": line["method"],
        "command": " ".join(("ge trace", *key[:2], *dims)),
        "of": [[each.role, each.name if each.key else "", _number(each.value)] for each in branches],
        "count": count,
    }


def _number(number: float, digits: int = 8) -> str:
    return "" if pd.isna(number) else f"{number:,.{digits}g}"
