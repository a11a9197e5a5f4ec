"""Arrow columns as plain Python and numpy: Arrow's own conversions load pandas, which takes longer than to answer a question."""

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa


class Columns:
    """The columns of an Arrow table.

    Examples
    --------
    >>> columns = Columns(pa.table({"area": ["urban", "rural", "urban"], "value": [5.6, 9.81, None]}))
    >>> columns.where(area="urban").tolist(), columns.texts("area", np.array([1])), columns.numbers("value").tolist()
    ([0, 2], ['rural'], [5.6, 9.81, nan])
    """

    def __init__(self, table: pa.Table):
        self.table = table
        self.numbers = cache(self._numbers_of)
        self._coded = cache(self._codes_and_labels_of)

    def where(self, **wanted: str) -> np.ndarray:
        """Return the positions of the rows with these texts."""
        found = np.ones(len(self.table), dtype=bool)
        for name, text in wanted.items():
            codes, labels = self._coded(name)
            found &= codes == (labels.index(text) if text in labels else len(labels))
        return found.nonzero()[0]

    def texts(self, name: str, at: np.ndarray | slice = slice(None)) -> list[str]:
        """Return the texts of some rows, or of all; a missing one is ""."""
        codes, labels = self._coded(name)
        return [labels[code] for code in codes[at].tolist()]

    def _numbers_of(self, name: str) -> np.ndarray:
        """Return the numbers of a column; a missing one is NaN."""
        numbers, filled = _held(self.table[name].combine_chunks())
        return numbers if filled.all() else np.where(filled, numbers, np.nan)

    def _codes_and_labels_of(self, name: str) -> tuple[np.ndarray, list[str]]:
        """Return the number of each text, and the texts; the last one is that of missing ones."""
        array: Any = self.table[name].combine_chunks()
        array = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
        codes, filled = _held(array.indices)
        labels = [*array.dictionary.to_pylist(), ""]
        return np.where(filled, codes, -1), labels


def _held(array: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers in an array, and which of them are not missing."""
    if array.null_count == len(array):
        return np.zeros(len(array), dtype=np.int64), np.zeros(len(array), dtype=bool)
    valid, data = array.buffers()
    first, end = array.offset, array.offset + len(array)
    filled = np.unpackbits(np.frombuffer(valid, np.uint8), count=end, bitorder="little") if valid else np.ones(end, np.uint8)
    return np.frombuffer(data, str(array.type))[first:end], filled[first:end].astype(bool)


def rows_of(table: pa.Table, kept: np.ndarray) -> pa.Table:
    """Return the marked rows of a table."""
    bits: Any = np.packbits(kept, bitorder="little")
    mask: Any = pa.Array.from_buffers(pa.bool_(), len(kept), [None, pa.py_buffer(bits)])
    return table.filter(mask)


def minutes(column: Any) -> list[str]:
    """Return moments without a missing one as text, to the minute.

    Examples
    --------
    >>> import datetime
    >>> minutes(pa.chunked_array([[datetime.datetime(2020, 7, 1, 8, 30)]]))
    ['2020-07-01 08:30']
    """
    array = column.combine_chunks()
    moments = _held(array.cast(pa.timestamp("us")).cast(pa.int64()))[0].view("datetime64[us]")
    return [text.replace("T", " ") for text in np.datetime_as_string(moments, unit="m").tolist()]
