"""The meaning of words in any sheet (`contracts/words.yml`), compared in the form of `plain`."""

from functools import cache, cached_property
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from ge_analysis.ledgers.contract import FOLDER, contracts
from ge_analysis.ledgers.plain import plain
from ge_analysis.settings import own
from ge_analysis.settings.model import Model
from ge_analysis.settings.registry import registry
from ge_analysis.settings.yaml_files import read_yaml

Words = Annotated[frozenset[str], AfterValidator(lambda words: frozenset(map(plain, words)))]

_UNIT_LENGTH = 4  # characters; a longer text in brackets is a remark


def _complete(units: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Add the units of a study's own fields, in their own spelling only; the package's units are all listed."""
    missing = {entry.unit for entry in registry().fields.values()} - set(units)
    return units | {unit: {plain(unit): 1.0} for unit in missing}


class Vocabulary(Model):
    """The whole of `words.yml`."""

    yes: Words
    no: Words
    blank: Words
    ignored_headers: Words
    county_headers: Words
    city_names: Words
    instruction_sheets: Words
    remarks: Words
    totals: tuple[str, ...]
    notes: tuple[str, ...]
    sample_marks: tuple[str, ...]
    void_marks: tuple[str, ...]
    mark_companions: tuple[str, ...]
    unit_endings: tuple[str, ...]
    unit_lookalikes: tuple[str, ...]
    units: Annotated[dict[str, dict[str, float]], AfterValidator(_complete)]

    def factor(self, unit: str, other: str) -> float | None:
        """Factor from another unit to the column's own; None if it does not fit."""
        return 1.0 if plain(other) == plain(unit) else self.units.get(unit, {}).get(plain(other))

    def looks_like_unit(self, text: str) -> bool:
        """Whether a text in brackets after a heading looks like a unit, known or not.

        Examples
        --------
        >>> [words().looks_like_unit(text) for text in ("里", "万度电元", "中压用户", "满5分", "精确到小时")]
        [True, True, False, False, False]
        """
        short = len(text) <= _UNIT_LENGTH and not any(map(str.isdigit, text))
        return short and text.endswith(self.unit_endings) and not text.endswith(self.unit_lookalikes)

    @cached_property
    def all_units(self) -> frozenset[str]:
        """All known units."""
        return frozenset(other for others in self.units.values() for other in others)


def words() -> Vocabulary:
    """Return the vocabulary with the units of this process's study; the file is read once."""
    return _words(own.folder())


@cache
def _words(added: Path | None) -> Vocabulary:
    return read_yaml(FOLDER / "words.yml", Vocabulary)


@cache
def said() -> frozenset[str]:
    """Return the words of the sheets themselves: their names, headings and allowed values, and the names of figures."""
    columns = [column for one in contracts().values() for column in one.fields]
    said = {one.sheet for one in contracts().values()} | {entry.label for entry in registry().indicators.values()}
    said |= {label for labels in registry().codes.values() for label in labels.values()}
    said |= {word for column in columns for word in (column.label, *column.labels.values(), *column.synonyms)}
    said |= {alias.header for column in columns for alias in column.aliases}
    return frozenset(map(plain, said))
