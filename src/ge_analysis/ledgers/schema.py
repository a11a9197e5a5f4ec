"""What a contract requires of a whole typed table (ranges and keys), as a pandera schema."""

from functools import cache

import pandas as pd
import pandera.pandas as pa

from ge_analysis.ledgers.contract import Column, Contract, contracts

KEY = "key"


def breaches(table: str, frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Find cells out of range and rows that repeat a key.

    Parameters
    ----------
    table : str
        Name of the table.
    frame : DataFrame
        Typed table; missing cells break no rule here.

    Returns
    -------
    dict of str to Series
        Each column with cells out of range, and `KEY`, with marks on the rows concerned.

    Examples
    --------
    >>> served = pd.DataFrame({"area_type": ["town", "town"], "unit": "mv", "customers_served": [0, 9], "moment": None})
    >>> {check: marks.tolist() for check, marks in breaches("customers", served).items()}
    {'key': [False, True], 'customers_served': [True, False]}
    """
    try:
        _schema(table).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as found:
        cases = found.failure_cases
        checks = cases["column"].where(cases["schema_context"] == "Column", KEY)
        rows_of = cases["index"].groupby(checks, sort=False)
        return {check: pd.Series(frame.index.isin(rows), frame.index) for check, rows in rows_of}
    return {}


@cache
def _schema(table: str) -> pa.DataFrameSchema:
    contract = contracts()[table]
    ranges = {column.name: pa.Column(nullable=True, checks=checks) for column in contract.fields if (checks := _range(column))}
    return pa.DataFrameSchema(ranges, checks=pa.Check(lambda frame: ~_repeated(frame, contract), name=KEY, ignore_na=False))


def _range(column: Column) -> list[pa.Check]:
    limits = ((pa.Check.ge, column.minimum), (pa.Check.le, column.maximum), (pa.Check.gt, column.above))
    return [check(limit) for check, limit in limits if limit is not None]


def _repeated(frame: pd.DataFrame, contract: Contract) -> pd.Series:
    """Mark the rows that repeat a key; a key that lacks a required part does not count."""
    key = list(contract.key)
    known = frame[[name for name in key if contract[name].required]].notna().all(axis=1)
    return known & frame.duplicated(key)
