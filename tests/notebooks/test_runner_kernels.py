"""Warm kernels: forked, talked to over IPC, without anybody's state, and with the outputs of ordinary kernels."""

from importlib.metadata import entry_points

import nbformat
import papermill
import pytest
from runner_study import COUNTY, Program, results, write_notebook

from ge_analysis.runner.kernels import WarmProvisioner

LOOK = """\
import builtins, logging, os, random, sys, warnings
import matplotlib, numpy, pandas, seaborn
print(os.environ.get("LEFT_BEHIND"), os.getcwd().rsplit("/", 1)[-1], sys.path[-1], getattr(builtins, "left_behind", None))
print(matplotlib.rcParams["figure.dpi"], matplotlib.rcParams["axes.facecolor"], pandas.get_option("display.max_rows"))
print(numpy.geterr(), logging.root.level, len(logging.root.handlers), ("ignore", None, Warning, None, 0) in warnings.filters)
print(sorted(name for name in dir() if not name.startswith("_")), sys.argv[1:2], sys.stdin is None)"""

SPOIL = """\
if county == "linxian":
    os.environ["LEFT_BEHIND"] = "yes"
    os.chdir("..")
    sys.path.append("left behind")
    builtins.left_behind = "yes"
    seaborn.set_theme(style="dark")
    matplotlib.rcParams["figure.dpi"] = 17
    pandas.set_option("display.max_rows", 3)
    numpy.seterr(all="ignore")
    logging.basicConfig(level=1, force=True)
    warnings.simplefilter("ignore")"""

SHOW = """\
import matplotlib.pyplot as plt
print("to stderr", file=sys.stderr)
os.system("echo from a child process")
display(pandas.DataFrame({"a": range(9)}))
seaborn.lineplot(x=[1, 2, 3], y=[1, 4, 9]);"""


def outputs(study, place: str) -> list[list]:
    notebook = nbformat.read(study.paths.results(place) / "county.ipynb", as_version=4)
    return [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]


def texts(study, place: str) -> str:
    return "".join(output.get("text", "") for cell in outputs(study, place) for output in cell)


def test_no_state_is_carried_from_one_notebook_to_the_next(study, run):
    write_notebook(study.paths.notebooks / "county.ipynb", [*COUNTY[:2], ("code", LOOK), ("code", SPOIL), ("code", SHOW)])
    assert run(study, ["linxian", "wenshui"], jobs=1)[0].place == "city"  # these notebooks save nothing for the city
    warm = outputs(study, "wenshui")
    assert texts(study, "linxian").splitlines()[0].startswith("None linxian")
    assert outputs(study, "linxian")[4] != warm[4]
    for place in ("linxian", "wenshui"):
        (study.paths.results(place) / "stamp.json").unlink()
    run(study, ["wenshui"], kernel="stock")
    stock = outputs(study, "wenshui")
    assert len(warm) == len(stock) == 5
    for cell, other in zip(warm, stock, strict=True):
        assert cell == other
    assert any("image/png" in output.get("data", {}) for output in warm[4])


def test_kernels_are_forks_that_draw_different_random_numbers(study, run):
    look = "import sys, random, numpy\nprint('papermill' in sys.modules, get_ipython().kernel.parent.transport)"
    draw = "print(random.random(), numpy.random.rand())"
    write_notebook(study.paths.notebooks / "county.ipynb", [*COUNTY[:2], ("code", look), ("code", draw)])
    run(study, ["linxian", "wenshui"])
    (how, *drawn), (other_how, *other_drawn) = (texts(study, place).split("\n") for place in ("linxian", "wenshui"))
    assert how == other_how == "True ipc"
    assert not set(drawn[0].split()) & set(other_drawn[0].split())


def test_a_stock_kernel_starts_without_preloaded_modules_and_uses_ipc_too(study, run):
    look = "import sys\nprint('papermill' in sys.modules, 'pandas' in sys.modules, get_ipython().kernel.parent.transport)"
    write_notebook(study.paths.notebooks / "county.ipynb", [*COUNTY[:2], ("code", look)])
    run(study, ["linxian"], kernel="stock")
    assert texts(study, "linxian") == "False False ipc\n"


def test_the_provisioner_starts_an_ordinary_kernel_without_a_warm_process(tmp_path, monkeypatch):
    (entry,) = entry_points(group="jupyter_client.kernel_provisioners", name="ge-warm")
    assert entry.load() is WarmProvisioner
    monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", "ge-warm")
    write_notebook(tmp_path / "a.ipynb", [("code", "print(6 * 7)")])
    notebook = papermill.execute_notebook(tmp_path / "a.ipynb", None, progress_bar=False)
    assert notebook.cells[0].outputs[0].text == "42\n"


def test_without_fork_the_results_are_the_same(finished, tmp_path):
    before = results(finished)
    (finished.paths.results("linxian") / "stamp.json").unlink()
    (tmp_path / "sitecustomize.py").write_text("import os\ndel os.fork\n")
    program = Program(finished, environment={"PYTHONPATH": str(tmp_path)})
    output, errors = program.process.communicate()
    assert output.splitlines() == ["counties linxian started", "counties linxian done"], errors
    assert results(finished) == before


def test_plain_papermill_gives_what_the_runner_gives_and_refuses_a_mistyped_parameter(study, tmp_path, monkeypatch, run):
    run(study, ["linxian"])
    monkeypatch.chdir(study.paths.root)
    notebook = papermill.execute_notebook(
        study.paths.notebooks / "county.ipynb", tmp_path / "out.ipynb", {"county": "linxian"}, progress_bar=False
    )
    assert [cell.outputs for cell in notebook.cells if cell.cell_type == "code"] == outputs(study, "linxian")
    with pytest.raises(papermill.PapermillExecutionError, match="the notebook has no parameter 'countie'; it has year, county"):
        papermill.execute_notebook(study.paths.notebooks / "county.ipynb", None, {"countie": "linxian"}, progress_bar=False)


def test_a_notebook_saved_with_a_kernel_of_another_name_runs_in_a_fork_too(study, run):
    path = study.paths.notebooks / "county.ipynb"
    write_notebook(path, [*COUNTY[:2], ("code", "import sys\nprint('papermill' in sys.modules)")])
    path.write_text(path.read_text(encoding="utf-8").replace('"python3"', '"my-venv"'), encoding="utf-8")
    failures = run(study, ["linxian"])
    assert [failure.place for failure in failures] == ["city"]  # this notebook saves nothing for the city
    assert texts(study, "linxian") == "True\n"
