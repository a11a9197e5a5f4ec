"""Cells as Excel displays them: numbers rescaled by their format, merged cells, errors and formulas without a result."""

from math import isclose

from ge_analysis.ledgers.cells import Context, Fault, fifteen_digits, read_column
from ge_analysis.ledgers.columns import Heading
from ge_analysis.ledgers.contract import Column, Contract
from ge_analysis.ledgers.layout import Layout
from ge_analysis.ledgers.words import words
from ge_analysis.ledgers.workbook import Sheet
from ge_analysis.settings.registry import registry

_PERCENT = 100


def as_displayed(
    sheet: Sheet, layout: Layout, heading: Heading, raw: dict[str, list[object]], faults: dict[int, Fault]
) -> list[int]:
    """Take numbers as their format displays them: a share shown as a percentage, 5000 shown as 5 by a comma, 5 as 5万元.

    Parameters
    ----------
    sheet, layout, heading : Sheet, Layout, Heading
        The column and where it is.
    raw : dict of str to list
        Cells by canonical column; this column's are changed in place.
    faults : dict of int to Fault
        Position → fault; percentages and units where they do not belong are added.

    Returns
    -------
    list of int
        Rows whose numbers are scaled by a format other than a percentage.
    """
    column = heading.column
    values, percent = raw[column.name], _percentages(raw, column, layout.contract)
    for at in percent:
        if isinstance(value := values[at], str):
            values[at] = value.strip().rstrip("%％")
    displayed_otherwise = sheet.scales.keys() | sheet.units
    positions = {row: at for at, row in enumerate(layout.rows)} if displayed_otherwise else {}
    scaled = []
    for row, column_at in displayed_otherwise:
        if column_at != heading.at or row not in positions:
            continue
        scale, unit = sheet.scales.get((row, column_at), 1.0), sheet.units.get((row, column_at), "")
        at = positions[row]
        value = values[at]
        if not isinstance(value, int | float) or isinstance(value, bool):
            continue
        displayed = fifteen_digits(value * scale)
        if scale == _PERCENT and at not in percent:
            faults[at] = Fault("unit", {"unit": column.unit or "无"}, found=f"{displayed:g}%")
            continue
        factor = _factor(unit, heading)
        if factor is None:
            faults[at] = Fault("unit", {"unit": column.unit or "无"}, found=f"{displayed:g}{unit}")
        elif not isclose(scale * factor, 1):
            values[at] = fifteen_digits(displayed * factor)
            if scale != _PERCENT:
                scaled.append(row)
    return sorted(scaled)


def _factor(unit: str, heading: Heading) -> float | None:
    """Return the factor from the unit that a format shows (万元, or just 万) to the heading's; None where it does not fit."""
    if not unit:
        return 1.0
    own = words().factor(heading.column.unit, unit) or words().factor(heading.column.unit, unit + heading.column.unit)
    if own:
        return own / (heading.factor or 1)
    return None if unit in words().all_units else 1.0  # other words say nothing of the number


def _percentages(raw: dict[str, list[object]], column: Column, contract: Contract) -> set[int]:
    """Return the rows in which a column's number is a percentage: all rows, or those whose indicator is in %."""
    values = raw[column.name]
    if column.unit == "%":
        return set(range(len(values)))
    if column.unit_of not in raw:
        return set()
    codes, _ = read_column(raw[column.unit_of], contract[column.unit_of], Context({}, {}))
    return {at for at, code in enumerate(codes) if code in registry().indicators and registry().indicators[code].unit == "%"}


def unseen(sheet: Sheet, layout: Layout, heading: Heading) -> dict[int, Fault]:
    """Return faults of cells that the fast reader shows as blank: error values and formulas without a result."""
    if not sheet.errors and not sheet.uncached:
        return {}
    at = {row: position for position, row in enumerate(layout.rows)}
    unseen = {cell: Fault("no_cached_value", found="公式") for cell in sheet.uncached}
    unseen |= {cell: Fault("error_cell", found=text) for cell, text in sheet.errors.items()}
    return {at[row]: fault for (row, column), fault in unseen.items() if column == heading.at and row in at}


def fill_merged(sheet: Sheet, layout: Layout, heading: Heading, values: list[object], faults: dict[int, Fault]) -> None:
    """Fill a merged text or date down over exactly its range; a merged number belongs to no single row."""
    at = {row: position for position, row in enumerate(layout.rows)} if sheet.merged else {}
    for (top, left), (bottom, _) in sheet.merged:
        if left != heading.at or bottom == top or top <= layout.header_row:
            continue
        covered = [at[row] for row in range(top, bottom + 1) if row in at]
        if heading.column.is_number:
            faults |= {position: Fault("merged_number") for position in covered[:1]}
        for position in covered:
            values[position] = sheet.rows[top][left]
