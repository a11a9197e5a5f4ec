"""How counties are named in sentences: as briefly as is true."""

from collections.abc import Sequence

from ge_analysis.settings.parameters import County
from ge_analysis.settings.registry import registry

FEW = 3  # as many counties are named one by one, and as many exceptions to a rule


def named(counties: Sequence[County], known: Sequence[County], study: Sequence[County], noun: str) -> str:
    """Name counties as all of those with data, all of one grid, all but a few, or one by one.

    Parameters
    ----------
    counties : sequence of County
        Those to be named, in administrative order.
    known : sequence of County
        Those with data, including the named ones; no other county counts as an exception.
    study : sequence of County
        All counties of the study.
    noun : str
        What a county is called.

    Returns
    -------
    str

    Examples
    --------
    >>> study = [County(slug=slug, name=slug.upper(), code="141100", grid="state") for slug in "abcdefgh"]
    >>> named(study, study, study, "单元"), named(study[1:], study[1:], study, "单元"), named(study[2:], study, study, "单元")
    ('全部8个单元', '有数据的7个单元', '除A、B外的6个单元')
    >>> named(study[2:], study[1:], study, "单元"), named(study[:2], study, study, "单元")
    ('除B外有数据的6个单元', 'A、B')
    """
    counties = list(counties)
    if len(counties) > FEW:
        with_data = "" if len(known) == len(study) else "有数据的"
        others = [county for county in known if county not in counties]
        if not others:
            return f"{with_data or '全部'}{len(counties)}个{noun}"
        for grid, name in registry().codes["grid"].items():
            if counties == [county for county in known if county.grid == grid]:
                whole = len(counties) == sum(county.grid == grid for county in study)
                return f"{name}供区{'的' if whole else '有数据的'}{len(counties)}个{noun}"
        if len(others) <= FEW:
            return f"除{'、'.join(county.name for county in others)}外{with_data or '的'}{len(counties)}个{noun}"
    return "、".join(county.name for county in counties)
