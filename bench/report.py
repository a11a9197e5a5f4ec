"""The report and the briefs from finished results, against the same files made one after the other from a written project.

python -m bench.report
"""

import sys
import tempfile
from pathlib import Path

from bench._sides import GE, call, copy_project, keep, row

# Both sides: a process that has loaded its libraries, the same Pandoc, Typst, filter and styles.
OURS = """
import sys, time
from pathlib import Path
from ge_analysis.report.project import write_project
from ge_analysis.report.render import documents, equip, render_project
from ge_analysis.study import Study
study = Study.open(2021)
build = Path("report/_build/bench").resolve()
begun = time.perf_counter()
write_project(study, build)
equip(study.paths.report_sources, build)
written = time.perf_counter() - begun
render_project(build, Path("out"), engine="embedded", only=["report"])
report = time.perf_counter() - begun
begun = time.perf_counter()
render_project(build, Path("out"), engine="embedded", only=[name for name in documents(build) if name != "report"])
print(written, report, time.perf_counter() - begun)
"""
OTHER = """
import sys, time
from concurrent.futures import Future
from pathlib import Path
from ge_analysis.report import embedded
from ge_analysis.report.formats import Format
from ge_analysis.report.source import Source, documents

def plainly(names):
    begun = time.perf_counter()
    for source in (Source(build, build / f"{name}.qmd") for name in names):
        layout = Future()
        layout.set_result(embedded.lay_out(source))
        for form in (form for form in Format if form.has_brief or not source.brief):
            embedded.render(source, form, Path(f"other/{source.path.stem}.{form}"), layout)
    return time.perf_counter() - begun

build = Path("report/_build/bench").resolve()
names = documents(build)
print(plainly(names[:1]), plainly(names[1:]))
"""


def main() -> None:
    """Measure both on one finished study."""
    with tempfile.TemporaryDirectory() as name:
        study = copy_project(Path(name) / "study")
        call(study, *GE, "run")
        written, report, briefs = map(float, call(study, sys.executable, "-c", OURS)[1].split())
        other_report, other_briefs = map(float, call(study, sys.executable, "-c", OTHER)[1].split())
    what = "{} (at most {} s), against one file after the other"
    rows = [
        row(what.format("g docx, pdf and html of the report", 8), report, written + other_report, None),
        row(what.format("g 13 briefs as docx and pdf", 10), briefs, other_briefs, None),
    ]
    keep("report", rows)


if __name__ == "__main__":
    main()
