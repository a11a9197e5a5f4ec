"""The three questions asked of the whole demonstration study: every value recomputed from its rows."""

import datetime
import math
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pytest

from ge_analysis.indicators.results import Results
from ge_analysis.ledgers import ingest
from ge_analysis.notebook.saving import save
from ge_analysis.review import published
from ge_analysis.review.definitions import definition
from ge_analysis.review.trace import trace
from ge_analysis.review.workbook import write
from ge_analysis.settings.keys import KEYS
from ge_analysis.study import Study

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests" / "unit"))
from resum import missing_or_wrong, remade  # noqa: E402
from test_cli import ge  # noqa: E402

PAGES = {"en": ROOT / "docs" / "answering-questions.md", "zh": ROOT / "docs" / "zh" / "answering-questions.md"}


@pytest.fixture(scope="module")
def study(tmp_path_factory, demonstration) -> Study:
    """The demonstration study with tables."""
    return Study.open(2021, shutil.copytree(demonstration.paths.root, tmp_path_factory.mktemp("demo") / "study"))


@pytest.fixture(scope="module")
def computed(study) -> list[Results]:
    """The results of all places, which are saved in the study, too."""
    computed = []
    for place in study.places:
        computed.append(study.compute(place))
        save(str(study.paths.results(place)), computed[-1], {}, [])
    return computed


def test_every_value_can_be_recomputed_from_its_rows(study, computed):
    values = study.indicators().set_index(KEYS)["value"].to_dict()
    assert len(values) > 12_000
    for results in computed:
        assert missing_or_wrong(results.indicators, remade(results, values.__getitem__)) == []


@pytest.mark.usefixtures("computed")
def test_a_trace_of_each_indicator_adds_up(study):
    lines = study.indicators()
    for line in lines[lines["value"].notna()].groupby("indicator").nth(-1).to_dict("records"):
        rows = study.trace(line["county"], line["indicator"], **{name: line[name] for name in KEYS[2:] if line[name]})
        assert (rows["said"] != "").all()
        if not definition(line["indicator"]).formula:
            assert math.isclose(rows["contribution"].sum(), line["value"], rel_tol=1e-9, abs_tol=1e-9), line


@pytest.mark.usefixtures("computed")
@pytest.mark.parametrize(
    "asked",
    [
        ["linxian", "saidi_hours", "--area", "rural"],
        ["city", "score", "--voltage", "low", "--json"],
        ["lishi", "major_event_threshold_hours", "--all"],
    ],
)
def test_a_trace_of_saved_results_loads_no_pandas(study, asked):
    program = "import sys; from ge_analysis.cli.app import app; import ge_analysis.cli\n"
    program += f"app({['trace', *asked]!r}, standalone_mode=False); sys.exit('pandas' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], cwd=study.paths.root, capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")  # the start of pandas takes longer than all else


@pytest.mark.usefixtures("computed")
def test_each_cell_of_a_trace_leads_to_the_cell_that_was_sent(study, tmp_path):
    write(trace(study, "linxian", "feeder_interconnected_pct", area="town"), study.paths, tmp_path / "trace.xlsx")
    page = openpyxl.load_workbook(tmp_path / "trace.xlsx")["台账行"]
    linked = [cell for row in page.iter_rows(min_row=2, max_row=20) for cell in row if cell.hyperlink]
    opened = cache(openpyxl.load_workbook)
    for cell in linked:
        path = unquote(cell.hyperlink.target.removeprefix("file:///")).replace("\\", "/")  # as Windows writes it
        sheet, place = cell.hyperlink.location.rsplit("!", 1)
        sent = opened(Path("/") / path)[sheet.strip("'")][place].value
        if cell.value.startswith("线路名称 "):
            assert str(sent).replace(" ", "") in cell.value.replace(" ", "")
        assert sent is not None, cell.value
    assert sum(cell.value.startswith("线路名称 ") for cell in linked) == 19


def differs(study: Study, language: str, command: str, shown: list[str]) -> list[str]:
    """Lines shown in docs/ that the command does not print in this order; … stands for what is left out."""
    printed = iter(ge(study.paths.root, "--lang", language, *shlex.split(command)).stdout.splitlines())
    whole = [line for line in shown if line.strip() != "…"]
    return [line for line in whole if not any(found.rstrip().startswith(line.removesuffix("…")) for found in printed)]


def examples(language: str) -> list[tuple[str, list[str]]]:
    blocks = re.findall(r"```\n\$ ge (.*)\n((?:.*\n)*?)```", PAGES[language].read_text(encoding="utf-8"))
    return [(command, shown.splitlines()) for command, shown in blocks]


def test_docs_show_what_commands_print(study):
    (correction,) = {re.search(r"```yaml\n((?:.*\n)*?)```", page.read_text(encoding="utf-8"))[1] for page in PAGES.values()}
    shown = [(language, *example) for language in PAGES for example in examples(language)]
    assert len(shown) == 8
    assert [differs(study, *one) for one in shown if one[1] != "diff"] == [[]] * 6
    published.publish(study, today=datetime.date(2021, 12, 20))
    study.paths.corrections.write_text(correction, encoding="utf-8")
    ingest.ingest(study, ["linxian"])
    for place in ("linxian", "city"):
        save(str(study.paths.results(place)), study.compute(place), {}, [])
    assert [differs(study, *one) for one in shown if one[1] == "diff"] == [[], []]
