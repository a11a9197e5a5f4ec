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

from bench._sides import RESULTS
from ge_analysis.storage.files import write_json

# Modules of this folder: each, when it is run, writes results/<name>.json, a list of rows as `_sides.row` makes them.
MODULES = tuple(path.stem for path in sorted(Path(__file__).parent.glob("[a-z]*.py")))


def main(names: tuple[str, ...]) -> None:
    """Measure, then print and keep the table."""
    for name in names or MODULES:
        # a process of its own: what it starts would count the memory of the measurements before it
        subprocess.run([sys.executable, "-m", f"bench.{name}"], check=True)
    table = Table("measured", "ours", "other side", "ratio", "at most", "")
    written = [path for path in (RESULTS / f"{name}.json" for name in MODULES) if path.is_file()]
    measured = [row for path in written for row in json.loads(path.read_text(encoding="utf-8"))]
    missed = []
    for row in measured:
        reached = "" if row["limit"] is None else "reached" if row["ratio"] <= row["limit"] else "NOT REACHED"
        cells = (row["ours_s"], row["other_s"], row["ratio"], row["limit"])
        table.add_row(row["what"], *("" if cell is None else f"{cell:.3g}" for cell in cells), reached)
        if reached == "NOT REACHED":
            missed.append(row)
    console = Console()
    console.print(table)
    for row in missed:
        for side, steps in row.get("profile", {}).items():
            console.print(f"{row['what'][0]}: {side}:", ", ".join(f"{step} {seconds:.1f} s" for step, seconds in steps))
    write_json(RESULTS / "all.json", {"machine": platform.platform(), "cores": os.cpu_count(), "rows": measured})


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
