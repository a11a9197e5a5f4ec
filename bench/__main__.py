"""All measurements in one table: the same work on both sides, in one run, on this machine.

python -m bench                 everything
python -m bench runner          only what bench/runner.py measures
"""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ge_analysis.files import write_json

RESULTS = Path(__file__).parent / "results"
# Modules of this folder: each, when it is run, writes results/<name>.json: one row, or a list of rows.
MODULES = tuple(path.stem for path in sorted(Path(__file__).parent.glob("[a-z]*.py")))


def rows(name: str) -> list[dict]:
    """Return the rows that a module wrote, with the same keys for all."""
    found = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return [{"what": name, "limit": None, **row} for row in (found if isinstance(found, list) else [found])]


def main(names: tuple[str, ...]) -> None:
    """Measure, then print and keep the table."""
    for name in names or MODULES:
        # a process of its own: what it starts would count the memory of the measurements before it
        subprocess.run([sys.executable, "-m", f"bench.{name}"], check=True)
    table = Table("measured", "ours", "other side", "ratio", "at most", "")
    measured = [row for name in MODULES if (RESULTS / f"{name}.json").is_file() for row in rows(name)]
    for row in measured:
        other = next((value for key, value in row.items() if key.endswith("_s") and key != "ours_s"), None)
        reached = "" if row["limit"] is None else "reached" if row["ratio"] <= row["limit"] else "NOT REACHED"
        cells = (row.get("ours_s"), other, row.get("ratio"), row["limit"])
        table.add_row(row["what"], *("" if cell is None else f"{cell:.3g}" for cell in cells), reached)
    Console().print(table)
    write_json(RESULTS / "all.json", {"machine": platform.platform(), "cores": os.cpu_count(), "rows": measured})


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
