"""A change of any module makes stale what it can affect, by exclusion: tried with every file of the package."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ge_analysis
from ge_analysis.ledgers import stale as tables
from ge_analysis.report import build as report
from ge_analysis.runner import stale as results
from ge_analysis.storage import stamps

PACKAGE = Path(ge_analysis.__file__).parent
WITHOUT_EFFECT = {"tables": tables.OTHER_CODE, "results": results.OTHER_CODE, "report": report.OTHER_CODE}
# What does the work of each step.
WORK = {
    "tables": "ge_analysis.ledgers.ingest ge_analysis.ledgers.consistency",
    "results": "ge_analysis.runner.execute ge_analysis.notebook.saving ge_analysis.indicators.county ge_analysis.indicators.city",
    "report": "ge_analysis.report.project ge_analysis.report.render",
}


@pytest.mark.parametrize("step", WITHOUT_EFFECT)
def test_each_module_counts_unless_it_is_excluded(step, tmp_path, monkeypatch):
    package = shutil.copytree(PACKAGE, tmp_path / "package", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(stamps, "files", lambda name: package)
    digest = stamps.code_digest.__wrapped__
    before = digest(*WITHOUT_EFFECT[step])
    named = [package / name for name in (*stamps.WITHOUT_EFFECT, *WITHOUT_EFFECT[step])]
    assert all(path.exists() for path in named)
    for path in [path for path in package.rglob("*") if path.is_file()]:
        content = path.read_bytes()
        path.write_bytes(content + b"\n# changed")
        without_effect = any(path == name or name in path.parents for name in named)
        assert (digest(*WITHOUT_EFFECT[step]) == before) == without_effect, path
        path.write_bytes(content)


@pytest.mark.parametrize("step", WORK)
def test_no_module_that_does_the_work_is_excluded(step):
    program = f"import sys\nfor name in {WORK[step]!r}.split(): __import__(name)\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    named = {
        f"ge_analysis.{name.removesuffix('.py').replace('/', '.')}" for name in (*stamps.WITHOUT_EFFECT, *WITHOUT_EFFECT[step])
    }
    named -= {"ge_analysis.language"}  # what the terminal says reaches nothing that is made
    assert not {name for name in loaded if any(f"{name}.".startswith(f"{other}.") for other in named)}


def test_a_new_module_counts(tmp_path, monkeypatch):
    package = shutil.copytree(PACKAGE, tmp_path / "package", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(stamps, "files", lambda name: package)
    before = stamps.code_digest.__wrapped__()
    (package / "ledgers" / "names.csv").write_text("欧阳")
    assert stamps.code_digest.__wrapped__() != before
