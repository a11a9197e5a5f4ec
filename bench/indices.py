"""Reliability indices of 10 million outage steps by county, area and kind, against the bare group-by in DuckDB.

Both sides read the same parquet and are timed in turn in one run; the best of several rounds counts. Prints the times,
their ratio and this side's peak memory, and writes them to bench/results/indices.json.

    python -m bench.indices [steps]
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from bench._sides import hottest, keep, row
from ge_analysis.indicators.interruptions import interruption_sums
from ge_analysis.indicators.reliability import indices_of

BY = ["county", "area_type", "kind"]
COLUMNS = [*BY, "started", "restored", "customers"]
PERIOD = (pd.Timestamp("2020-01-01"), pd.Timestamp("2021-01-01"))
CUSTOMERS_SERVED = 100_000
ROUNDS = 5
QUERY = f"""
    SELECT county, area_type, kind, sum(hours * customers) AS hour_customers,
           sum(CASE WHEN begun THEN customers ELSE 0 END) AS customers, count(*) AS steps
    FROM (SELECT county, area_type, kind, customers, started >= TIMESTAMP '{PERIOD[0]}' AS begun,
                 date_diff('microsecond', greatest(started, TIMESTAMP '{PERIOD[0]}'),
                                          least(restored, TIMESTAMP '{PERIOD[1]}')) / 3.6e9 AS hours
          FROM read_parquet('{{path}}')
          WHERE restored - started > INTERVAL 3 MINUTE
                AND started < TIMESTAMP '{PERIOD[1]}' AND restored > TIMESTAMP '{PERIOD[0]}')
    GROUP BY county, area_type, kind ORDER BY county, area_type, kind
"""


def made(path: Path, steps: int) -> None:
    """Write synthetic steps of 13 counties."""
    rng = np.random.default_rng(0)
    started = PERIOD[0].to_datetime64() + rng.integers(-86_400, 366 * 86_400, steps).astype("timedelta64[s]")
    table = pd.DataFrame(
        {
            "event_id": np.arange(steps),
            "county": pd.Categorical.from_codes(rng.integers(0, 13, steps), [f"county{number:02d}" for number in range(13)]),
            "area_type": pd.Categorical.from_codes(rng.integers(0, 4, steps), ["centre", "city", "rural", "town"]),
            "kind": pd.Categorical.from_codes(rng.integers(0, 3, steps), ["fault", "scheduled", "shortage"]),
            "started": started.astype("datetime64[us]"),
            "restored": (started + rng.integers(0, 20_000, steps).astype("timedelta64[s]")).astype("datetime64[us]"),
            "customers": rng.integers(1, 400, steps),
        }
    )
    table.to_parquet(path, index=False)


def ours(path: Path) -> pd.DataFrame:
    """SAIDI, SAIFI, CAIDI and ASAI of every group."""
    steps = pq.read_table(path, columns=COLUMNS, read_dictionary=BY).to_pandas()
    sums = interruption_sums(steps, PERIOD, BY)
    hours = (PERIOD[1] - PERIOD[0]) / pd.Timedelta(hours=1)
    names = ("saidi_hours", "saifi", "caidi_hours", "asai")
    return sums.assign(
        **dict(zip(names, indices_of(sums["hour_customers"], sums["customers"], CUSTOMERS_SERVED, hours), strict=True))
    )


def duckdbs(path: Path) -> pd.DataFrame:
    """The bare sums of every group."""
    return duckdb.sql(QUERY.format(path=path)).df().set_index(BY)


def best_times(*sides: Callable[[], object]) -> list[float]:
    """Time the sides in turn [s]; the best round of each."""
    rounds = []
    for _ in range(ROUNDS):
        times = []
        for side in sides:
            begun = time.perf_counter()
            side()
            times.append(time.perf_counter() - begun)
        rounds.append(times)
    return [min(times) for times in zip(*rounds, strict=True)]


def main(steps: int = 10_000_000) -> None:
    """Compare the two sides, after making sure that they agree."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "steps.parquet"
        made(path, steps)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        result = ours(path).sort_index()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        other = duckdbs(path)
        for name in ("hour_customers", "customers", "steps"):
            np.testing.assert_allclose(result[name], other[name], rtol=1e-9)
        mine, theirs = best_times(lambda: ours(path), lambda: duckdbs(path))
        profile = {"ours": hottest(lambda: ours(path))}
    what = f"g indices of {steps} outage steps against the bare group-by in DuckDB"
    figures = row(what, mine, theirs, 2) | {"peak_gb": round(max(before, peak) / 1e6, 2), "profile": profile}
    keep("indices", [figures])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
