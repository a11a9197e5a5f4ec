"""Reading and checking one outage sheet of 200 000 rows, against `pandas.read_excel(engine="openpyxl")` alone on the same file.

Each side runs in a process of its own that has loaded its libraries before the clock starts.

    python -m bench.ledgers [rows]
"""

import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from bench._sides import ROOT, hottest, keep, row
from ge_analysis.demo.layout import Sender
from ge_analysis.demo.workbook import book
from ge_analysis.ledgers.contract import contract
from ge_analysis.ledgers.ingest import _look
from ge_analysis.settings import parameters as params
from ge_analysis.storage.paths import Paths
from ge_analysis.study import Study

PLACE = "linxian"
FEEDERS = 500
OURS = f"""
import pandas
from ge_analysis.settings import parameters as params
from ge_analysis.ledgers import consistency, schema
from ge_analysis.ledgers.ingest import issues
from ge_analysis.storage.paths import Paths
from ge_analysis.study import Study
study = Study(params.load(Path({str(ROOT)!r})), Paths(Path(sys.argv[1]), 2021))
# pandera loads itself with its first check
schema.breaches("customers", pandas.DataFrame(columns=["area_type", "unit", "customers_served", "moment"]))
begun = time.perf_counter()
found = issues(study, {PLACE!r})
took = time.perf_counter() - begun
assert all(one.rule in ("missing_sheet", "missing_optional_sheet", "rows_left_out") for one in found), found
"""
OTHER = """
import openpyxl, pandas
(path,) = Path(sys.argv[1]).rglob("停电.xlsx")
begun = time.perf_counter()
pandas.read_excel(path, engine="openpyxl")
took = time.perf_counter() - begun
"""
SIDE = """
import resource, sys, time
from pathlib import Path
{side}
peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]  # reading has its own
print(took, max(peaks) / 1e6)
"""


def outages(rows: int) -> pd.DataFrame:
    """Synthetic steps of one county that break no rule."""
    rng = np.random.default_rng(0)
    started = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 360 * 1440, rows), unit="min")
    codes = {name: list(contract("outages")[name].labels) for name in ("area_type", "kind", "cause")}
    drawn = {name: rng.choice(known, rows) for name, known in codes.items()}
    return pd.DataFrame(
        {
            "event_id": [f"TD{at:06d}" for at in range(rows)],
            "feeder": [f"合成{at % FEEDERS}线" for at in range(rows)],
            **drawn,
            "started": started,
            "restored": started + pd.to_timedelta(rng.integers(5, 3000, rows), unit="min"),
            "customers": rng.integers(1, 400, rows),
            "external": rng.random(rows) < 0.1,
            "notice": rng.choice(["短信", "公告栏", "电话"], rows),
            "note": rng.choice(["大风", "检修", "树障", "合成备注"], rows),
        }
    )


def made(root: Path, rows: int) -> None:
    """Write a county's outages, and in a second workbook the short sheets that they are checked against."""
    tables = {
        "feeders": pd.DataFrame(
            {
                "feeder": [f"合成{at}线" for at in range(FEEDERS)],
                "substation": "合成站",
                "area_type": "town",
                "length_km": 5.0,
                "interconnected": True,
                "automation": "none",
                "self_healing": False,
                "year_built": 2010,
            }
        ),
        "customers": pd.DataFrame(
            {
                "area_type": ["centre", "city", "town", "rural"],
                "unit": params.load(ROOT).year.statistical_unit,
                "customers_served": 100_000,
            }
        ),
    }
    folder = Paths(root, 2021).raw / PLACE
    folder.mkdir(parents=True)
    (folder / "停电.xlsx").write_bytes(book({"outages": outages(rows)}, Sender(), "临县", {}))
    (folder / "其他.xlsx").write_bytes(book(tables, Sender(), "临县", {}))


def timed(side: str, root: Path) -> tuple[float, float]:
    """Run one side in a fresh process; return its time [s] and its peak memory [GB]."""
    command = (sys.executable, "-c", SIDE.format(side=side), str(root))
    seconds, memory = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(seconds), float(memory)


def main(rows: int = 200_000) -> None:
    """Measure both sides on one file."""
    with tempfile.TemporaryDirectory() as name:
        with ProcessPoolExecutor(1) as writer:  # a process counts the memory of the one that started it
            writer.submit(made, Path(name), rows).result()
        (ours, memory), (other, other_memory) = timed(OURS, Path(name)), timed(OTHER, Path(name))
        study = Study(params.load(ROOT), Paths(Path(name), 2021))
        profile = {"ours": hottest(lambda: _look(lambda file: None, study, PLACE, {}))}  # what the confined process does
    what = f"g reading and checking {rows} outage rows against pandas.read_excel with openpyxl alone"
    peaks = {"peak_gb": round(memory, 2), "other_peak_gb": round(other_memory, 2)}
    keep("ledgers", [row(what, ours, other, 1 / 6) | peaks | {"profile": profile}])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
