"""How many rows of the main ledgers go into the indicators."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ge_analysis.indicators.results import Tally
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.registry import registry


def compute(tables: Mapping[str, pd.DataFrame], params: Params, county: str) -> Tally:
    """Count the rows of each main ledger.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical tables.
    params : Params
        Survey period.
    county : str
        Slug, or "city".
    """
    tally = Tally(tables, county, params.year.survey_period)
    for name in registry().keys_of["ledger_rows"].named["item"]:
        tally.add("ledger_rows", name, np.ones(len(tables[name]), dtype=bool), 1, item=name)
    return tally
