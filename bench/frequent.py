"""Frequent interruptions of 10 million outage steps by feeder, against the bare window query in DuckDB.

Both sides read the same parquet and are timed in turn in one run; the best of several rounds counts. DuckDB counts what
is in each window of 60 days; this side also says of each step whether it counts. No two steps of the synthetic ledger are
within the hours of merging, so that both count the same.

    python -m bench.frequent [steps]
"""

import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from bench._sides import hottest, keep, row
from bench.indices import PERIOD, best_times
from ge_analysis.indicators.frequent import frequency, interruption_marks

PER_FEEDER = 400  # one in 18 hours of two years
COLUMNS = ["event_id", "feeder", "kind", "started", "restored", "customers"]
START, END = (f"TIMESTAMP '{moment}'" for moment in PERIOD)
QUERY = f"""
    SELECT feeder, max(in_window) FILTER (started >= {START}) AS most, count(*) FILTER (started >= {START}) AS in_year,
           count(*) FILTER (started >= {START} AND kind = 'scheduled') AS scheduled
    FROM (SELECT feeder, kind, started,
                 count(*) OVER (PARTITION BY feeder ORDER BY CAST(started AS DATE)
                                RANGE BETWEEN INTERVAL 59 DAYS PRECEDING AND CURRENT ROW) AS in_window
          FROM read_parquet('{{path}}')
          WHERE started < {END})
    GROUP BY feeder ORDER BY feeder
"""


def made(path: Path, steps: int) -> None:
    """Write a synthetic ledger of two years, its rows in no order."""
    rng = np.random.default_rng(0)
    number = rng.permutation(steps)
    hours = 18 * (number % PER_FEEDER) * 2 + rng.uniform(0, 18, steps)
    started = PERIOD[0].to_datetime64() - np.timedelta64(366, "D") + (hours * 3600).astype("timedelta64[s]")
    feeders = steps // PER_FEEDER + 1
    table = pd.DataFrame(
        {
            "event_id": number,
            "feeder": pd.Categorical.from_codes(number // PER_FEEDER, [f"feeder{number:06d}" for number in range(feeders)]),
            "kind": pd.Categorical.from_codes(rng.integers(0, 3, steps), ["fault", "scheduled", "shortage"]),
            "started": started.astype("datetime64[us]"),
            "restored": (started + rng.integers(600, 20_000, steps).astype("timedelta64[s]")).astype("datetime64[us]"),
            "customers": rng.integers(2, 400, steps),
        }
    )
    table.to_parquet(path, index=False)


def ours(path: Path) -> pd.DataFrame:
    """Interruptions and state of every feeder."""
    steps = pq.read_table(path, columns=COLUMNS, read_dictionary=["feeder", "kind"]).to_pandas()
    return frequency(steps, interruption_marks(steps), PERIOD)


def duckdbs(path: Path) -> pd.DataFrame:
    """The bare counts of every feeder."""
    return duckdb.sql(QUERY.format(path=path)).df().set_index("feeder")


def main(steps: int = 10_000_000) -> None:
    """Compare the two sides, after making sure that they agree."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "steps.parquet"
        made(path, steps)
        result, other = ours(path).sort_index(), duckdbs(path)
        for mine, theirs in {"window": "most", "year": "in_year", "scheduled": "scheduled"}.items():
            np.testing.assert_array_equal(result.loc[other.index, mine], other[theirs].fillna(0))
        times = best_times(lambda: ours(path), lambda: duckdbs(path))
        profile = {"ours": hottest(lambda: ours(path))}
    what = f"g frequent interruptions of {steps} outage steps against the bare window query in DuckDB"
    keep("frequent", [row(what, *times, 2) | {"profile": profile}])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
