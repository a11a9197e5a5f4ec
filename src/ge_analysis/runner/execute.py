"""A worker's task with one notebook: execute it into its results folder."""

import logging
import os
import re
import tempfile
import textwrap
from pathlib import Path

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from ge_analysis.errors import DiskFullError, GeError
from ge_analysis.language import _
from ge_analysis.runner import kernels
from ge_analysis.runner.html import to_html
from ge_analysis.runner.jobs import Failure, Job, fail
from ge_analysis.runner.notebook_file import read_notebook
from ge_analysis.storage.files import FREE_SPACE, FULL_DISK, cannot_write, whole_folder, write_text
from ge_analysis.storage.paths import Paths, provided
from ge_analysis.storage.results import FAILED_NOTEBOOK
from ge_analysis.storage.stamps import write_stamp

KERNEL = "python3"  # this Python's own, whatever kernel the notebook was saved with
# Cells that papermill adds with random ids, which would make equal runs differ.
_ADDED_CELLS = {"injected-parameters", "papermill-error-cell-tag"}
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_CELL_LINE = re.compile(r"Cell In\[\d+\], line (\d+)")
_KERNEL_BYTES = 100_000  # more than the files that a kernel writes before its first cell


class _CellFailed(Exception):  # noqa: N818 - its cause is the error
    """A cell that failed, with the partly executed notebook."""

    def __init__(self, notebook: NotebookNode):
        super().__init__()
        self.notebook = notebook


def execute(job: Job) -> Failure | None:
    """Execute a notebook and replace the earlier results by its own; return what failed.

    The folder then holds the executed notebook, its html, what the notebook saved and, written last, the stamp. If a cell fails,
    the earlier results stay, and the partly executed notebook and failure.json are added beside them.

    Parameters
    ----------
    job : Job

    Raises
    ------
    GeError
        If the results cannot be written, or the notebook lacks one of the given parameters.
    """
    if job.warm:
        kernels.fork_ahead()
    try:
        with whole_folder(job.root / job.results) as folder:
            # The kernel works in the results folder, so that no path of this machine gets into the notebook.
            path = folder / job.notebook.name
            write_text(path, _text(job))
            notebook = _run_cells(path, {**job.parameters, "results": "."}, folder)
            _tidy(notebook)
            page = Paths(job.root, int(str(job.parameters["year"]))).report_output / "report.html"
            link = Path(os.path.relpath(page, job.root / job.results)).as_posix()
            write_text(folder / f"{job.notebook.stem}.html", to_html(notebook, job.title, link))
            write_text(path, nbformat.writes(notebook) + "\n")
            write_stamp(folder, job.inputs)
    except _CellFailed as failed:
        _raise_if_full(job, failed.__cause__)
        failure = _failure(job, failed)
        _tidy(failed.notebook)
        write_text(job.root / failure.notebook, nbformat.writes(failed.notebook) + "\n")
        fail(job.root / job.results, failure)
        return failure
    return None


def _text(job: Job) -> str:
    """Return the notebook as of the start of the run: papermill reads a copy, since JupyterLab may save the file meanwhile."""
    path = provided(job.root, job.notebook.as_posix())
    text, version = read_notebook(path)
    if version != job.inputs["notebook"]:
        raise GeError(_("{path} was saved after this run had begun", path=path), _("run again"))
    return text


def _run_cells(path: Path, parameters: dict[str, object], folder: Path) -> NotebookNode:
    """Run all cells in `folder`; return the notebook with its outputs."""
    as_template = str(path).replace("{", "{{").replace("}", "}}")  # papermill fills parameters into paths
    known = papermill.inspect_notebook(as_template)
    unknown = [name for name in parameters if name not in known]
    if unknown:
        has = ", ".join(known) or _("none")
        raise GeError(
            _("{path} has no parameter '{name}'", path=path.name, name=unknown[0]),
            _("assign it in its parameters cell (it has {has})", has=has),
        )
    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # its errors are raised, too
    running: list[NotebookNode] = []
    try:
        papermill.execute_notebook(
            as_template,
            None,
            parameters,
            kernel_name=KERNEL,
            cwd=folder,
            progress_bar=False,
            record_timing=False,
            shutdown_kernel="immediate",
            on_notebook_start=lambda notebook: running.append(notebook),  # nbclient passes a keyword, which `append` refuses
            config=Config({"KernelManager": _connection() | {"client_class": "ge_analysis.runner.kernels.PromptClient"}}),
        )
    except (PapermillExecutionError, DeadKernelError) as error:
        raise _CellFailed(running[0]) from error
    except OSError as error:  # the kernel cannot start; errors in cells are one of the above
        raise cannot_write(Path(tempfile.gettempdir()), error) from error
    except RuntimeError:  # the kernel has ended before it answered
        _raise_if_kernels_have_no_room()
        raise
    return running[0]


def _raise_if_kernels_have_no_room() -> None:
    folder = Path(tempfile.gettempdir())
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_KERNEL_BYTES))
    except OSError as error:
        raise cannot_write(folder, error) from error


def _raise_if_full(job: Job, error: BaseException | None) -> None:
    """Raise an error of a cell that is due to a full disk as such: the cell is not to blame, and the run ends."""
    if isinstance(error, PapermillExecutionError) and FULL_DISK in error.evalue:
        what = error.evalue.removesuffix(_("; ") + _(FREE_SPACE))  # a DiskFullError adds the advice itself
        raise DiskFullError(_("the notebook of {place} met a full disk: {what}", place=job.place, what=what), _(FREE_SPACE))


def _connection() -> dict[str, str]:
    """Return the options of the connection to the kernel: sockets that only this user can open, if the system has them."""
    if os.name != "posix":
        return {"transport": "tcp"}
    return {"transport": "ipc", "connection_file": str(Path(tempfile.gettempdir()) / f"kernel-{os.getpid()}.json")}


def _failure(job: Job, failed: _CellFailed) -> Failure:
    error, line = failed.__cause__, ""
    if isinstance(error, PapermillExecutionError):
        text = error.evalue if error.ename == GeError.__name__ else f"{error.ename}: {error.evalue}"
        line = _line(error)
    else:
        text = _("the kernel died; perhaps memory ran out: run with fewer --jobs")
    heading, number = _last_run(failed.notebook)
    if number:
        where = _("{notebook} cell [{number}]", notebook=job.notebook.as_posix(), number=number)
        text = f"{_('{cell} line {line}', cell=where, line=line) if line else where}: {text}"
    return Failure(
        place=job.place,
        reason=f"计算在“{heading}”一节出错" if heading else "计算出错",
        cell=heading,
        error=textwrap.shorten(text, 300, placeholder=" …"),
        notebook=(job.results / FAILED_NOTEBOOK).as_posix(),
    )


def _line(error: PapermillExecutionError) -> str:
    """Return the line of the cell in an error's traceback, which begins there; "" for a GeError, which has none."""
    found = _CELL_LINE.search(_COLOUR.sub("", "\n".join(error.traceback)))
    return found[1] if found else ""


def _last_run(notebook: NotebookNode) -> tuple[str, int]:
    """Return the heading above the last cell that was started, and its number in JupyterLab, without the cells added."""
    heading, number, last = "", 0, ("", 0)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            headings = [line.lstrip("#").strip() for line in cell.source.splitlines() if line.startswith("#")]
            heading = headings[-1] if headings else heading
            continue
        number += not _ADDED_CELLS.intersection(cell.metadata.get("tags", []))
        if cell.metadata.get("papermill", {}).get("start_time"):
            last = heading, number
    return last


def _tidy(notebook: NotebookNode) -> None:
    """Remove what differs between equal runs: times, paths, random ids."""
    notebook.metadata.pop("papermill", None)
    for number, cell in enumerate(notebook.cells):
        cell.metadata.pop("papermill", None)
        if _ADDED_CELLS.intersection(cell.metadata.get("tags", [])):
            cell.id = f"papermill-{number}"
