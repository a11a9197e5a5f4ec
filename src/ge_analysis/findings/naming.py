"""How counties are named in sentences: as briefly as possible."""

from collections.abc import Sequence

from ge_analysis.settings.parameters import Params
from ge_analysis.settings.places import County, noun_of

FEW = 3  # up to so many counties, or exceptions, are named one by one; more exceptions if they are at most a fifth of all


def named(counties: Sequence[County], known: Sequence[County], params: Params) -> str:
    """Name counties as all of those with data, all of one grid, all but a few, or one by one.

    Parameters
    ----------
    counties : sequence of County
        The counties to name, in administrative order.
    known : sequence of County
        The counties with data, including those to name; no other county counts as an exception.
    params : Params
        All counties of the study, and its grids.

    Returns
    -------
    str

    Examples
    --------
    >>> units = [County(slug=slug, name=slug.upper(), code="990100", grid="state") for slug in "abcdefgh"]
    >>> study = Params.model_construct(counties=units, grids=())
    >>> named(units, units, study), named(units[1:], units[1:], study), named(units[2:], units, study)
    ('全部8个县', '有数据的7个县', '除A、B外的6个县')
    >>> named(units[2:], units[1:], study), named(units[:2], units, study)
    ('除B外有数据的6个县', 'A、B')
    """
    counties = list(counties)
    if len(counties) > FEW:
        with_data = "" if len(known) == len(params.counties) else "有数据的"
        noun = noun_of(counties)
        others = [county for county in known if county not in counties]
        if not others:
            return f"{with_data or '全部'}{len(counties)}个{noun}"
        for grid in params.grids:
            if counties == [county for county in known if county.grid == grid.code]:
                whole = len(counties) == sum(county.grid == grid.code for county in params.counties)
                return f"{grid.name}供区{'的' if whole else '有数据的'}{len(counties)}个{noun}"
        if len(others) <= max(FEW, len(known) // 5):
            return f"除{'、'.join(county.name for county in others)}外{with_data or '的'}{len(counties)}个{noun}"
    return "、".join(county.name for county in counties)
