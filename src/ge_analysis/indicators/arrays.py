"""Formulas are written once, for arrays; callers may pass whatever they have."""

from collections.abc import Callable, Sequence
from functools import wraps
from inspect import Parameter, signature
from typing import Any, ParamSpec, TypeAlias

import numpy as np
import pandas as pd

from ge_analysis.indicators.periods import moments
from ge_analysis.language import _

Values: TypeAlias = Any  # a number, a sequence of numbers, an array or a Series, of any pandas dtype
Numbers: TypeAlias = Any  # a float, an array or a Series of floats, as the caller passed
Texts: TypeAlias = Any  # one text, or an array of texts
P = ParamSpec("P")

NOT_A_TIME = np.iinfo(np.int64).min
TIMES = ("started", "restored", "announced_at", "energised", "month", "received", "arrived", "date", "valid_from")


def as_floats(values: Values) -> np.ndarray:
    """Return numbers as floats; anything else (None, NA, text) becomes NaN.

    Parameters
    ----------
    values : scalar, sequence, array or Series
        Of any numeric dtype, nullable ones included.

    Returns
    -------
    ndarray of float, of the same shape (0-d for a scalar)

    Examples
    --------
    >>> as_floats([1, None, "no practice"])
    array([ 1., nan, nan])
    """
    if isinstance(values, (float, int)):
        return np.asarray(values, dtype=float)[()]
    if isinstance(values, (np.ndarray, pd.Series)) and isinstance(values.dtype, np.dtype) and values.dtype.kind in "fiub":
        return np.asarray(values, dtype=float)
    flat = pd.Series(values if np.ndim(values) == 1 else np.ravel(np.asarray(values, dtype=object)))
    numbers: np.ndarray = pd.to_numeric(flat, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return numbers.reshape(np.shape(values))


def as_texts(column: pd.Series) -> pd.Series:
    """Return a column as plain strings, whatever its dtype (categories, Arrow, empty); missing ones are "".

    Examples
    --------
    >>> as_texts(pd.Series(["微信", None], dtype="category")).tolist()
    ['微信', '']
    """
    return column.astype(object).where(column.notna(), "").astype("str")


class Column:
    """A text column, numbered once to be compared many times: a Series takes many times as long; missing texts are "".

    Parameters
    ----------
    column : Series of str

    Attributes
    ----------
    labels : list of str
        The texts that occur.

    Examples
    --------
    >>> Column(pd.Series(["fault", None, "shortage"], dtype="str")).among("fault", "shortage")
    array([ True, False,  True])
    """

    def __init__(self, column: pd.Series):
        self._codes, labels = pd.factorize(column.to_numpy(dtype=object, na_value=""))
        self.labels: list[str] = labels.tolist()

    def among(self, *texts: str) -> np.ndarray:
        """Mark the rows that hold one of some texts."""
        wanted = np.array([label in texts for label in self.labels], dtype=bool)
        return wanted[self._codes]


def microseconds(column: pd.Series) -> np.ndarray:
    """Return timestamps as whole microseconds since 1970; missing ones are `NOT_A_TIME`."""
    return moments(column).to_numpy().view(np.int64)


def codes_of(column: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Return a small integer for each row, and the labels that the integers number."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, labels = column.cat.codes.to_numpy(), column.cat.categories
    else:
        codes, labels = pd.factorize(column, sort=True)
    if (codes < 0).any():
        raise ValueError(_("a step has no {name}", name=column.name))
    return codes, pd.Index(labels)


def groups_of(table: pd.DataFrame, by: Sequence[str]) -> tuple[np.ndarray, pd.Index]:
    """Return a small integer for each row, and the labels of the groups that the integers number."""
    keys = [codes_of(table[name]) for name in by]
    if len(keys) == 1:
        return keys[0]
    flat = np.ravel_multi_index(tuple(codes for codes, _ in keys), tuple(max(len(labels), 1) for _, labels in keys))
    group, there = pd.factorize(flat, sort=True)
    parts = np.unravel_index(there, tuple(max(len(labels), 1) for _, labels in keys))
    return group, pd.MultiIndex.from_arrays(
        [labels.take(part) for (_, labels), part in zip(keys, parts, strict=True)], names=list(by)
    )


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with a plain index, real timestamps, and categories and Arrow columns as plain values.

    Raises
    ------
    GeError
        If timestamps have a time zone or cannot be read.

    Examples
    --------
    >>> table = pd.DataFrame({"kind": ["fault"], "hours": [1.5]}, index=[7])
    >>> table = table.astype({"kind": "category", "hours": "double[pyarrow]"})
    >>> plain(table).dtypes.astype(str).to_dict(), plain(table).index.tolist()
    ({'kind': 'str', 'hours': 'float64'}, [0])
    """
    others = (np.dtypes.ObjectDType, pd.CategoricalDtype, pd.ArrowDtype)
    held = [str(name) for name, dtype in table.dtypes.items() if isinstance(dtype, others)]
    table = table.reset_index(drop=True)
    table = table.assign(**{name: table[name].astype(object).where(table[name].notna(), None).infer_objects() for name in held})
    return table.assign(**{name: moments(table[name]) for name in table.columns.intersection([*TIMES])})


def without_noise(values: Values) -> Numbers:
    """Round off the noise of binary fractions (1e-9) before a value is compared with a limit.

    Examples
    --------
    >>> 100 * (1 - 23 / 25), float(without_noise(100 * (1 - 23 / 25)))           # a cut of 8 %
    (7.9999999999999964, 8.0)
    """
    return np.round(values, 9)


def elementwise(formula: Callable[P, Numbers]) -> Callable[P, Numbers]:
    """Let a formula for float arrays take scalars, sequences, arrays and Series, and return the same kind.

    Positional parameters are values: they are broadcast against each other, and Series are aligned with the first of them.
    Keyword-only parameters are settings and passed on unchanged. The result is a scalar if all values are scalars, a Series
    (with its index) if one is a Series, and otherwise an array. No numpy warning is ever raised: undefined values are NaN.
    """
    accepted = signature(formula)
    names = [name for name, parameter in accepted.parameters.items() if parameter.kind is Parameter.POSITIONAL_OR_KEYWORD]

    @wraps(formula)
    def called(*args: P.args, **kwargs: P.kwargs) -> Numbers:
        bound = accepted.bind(*args, **kwargs)
        bound.apply_defaults()
        values = [bound.arguments[name] for name in names]
        index = next((value.index for value in values if isinstance(value, pd.Series)), None)
        values = [
            value.reindex(index) if isinstance(value, pd.Series) and not value.index.equals(index) else value for value in values
        ]
        settings = {name: value for name, value in bound.arguments.items() if name not in names}
        with np.errstate(all="ignore"):
            arrays = np.broadcast_arrays(*map(as_floats, values))
            result = np.asarray(formula(*arrays, **settings))  # type: ignore[arg-type]  # bound above
        if index is not None:
            return pd.Series(result, index=index)
        return result.item() if result.ndim == 0 else result

    return called


@elementwise
def ratio(numerator: Values, denominator: Values) -> Numbers:
    """Divide; NaN where the denominator is missing, zero or negative.

    Examples
    --------
    >>> ratio([1, 1], [4, 0])
    array([0.25,  nan])
    """
    return numerator / np.where(denominator > 0, denominator, np.nan)
