"""Why a workbook is not read, and the sizes beyond which none is."""

from collections.abc import Iterable

from ge_analysis.settings.parameters import LedgerParams

MB = 1 << 20
ROWS, COLUMNS = 1 << 20, 1 << 14  # of any sheet
MOST_MERGED = 100_000  # ranges of a sheet


class Unreadable(Exception):  # noqa: N818 - not an error of the program
    """A workbook that cannot be read: the rule, what was found, and the values of the rule's advice."""

    def __init__(self, rule: str, found: object = "", **filled: object):
        super().__init__(rule)
        self.rule, self.found, self.filled = rule, found, filled


def refuse_large(sizes: Iterable[tuple[int, int]], limits: LedgerParams) -> None:
    """Refuse a workbook whose sheets, given as (height, width), have too many cells altogether."""
    sizes = [size for size in sizes if all(size)]
    if sum(height * width for height, width in sizes) > limits.max_cells:
        found = "、".join(f"{height}×{width}" for height, width in sizes[:3])
        raise Unreadable("too_large", found, limit=f"{limits.max_cells}个单元格")
