"""Briefs rendered by other processes, perhaps on other machines: what a brief needs, and its files, travel as bytes."""

import io
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.report.fonts import link_fonts
from ge_analysis.report.source import files_of, made_from
from ge_analysis.storage.files import scratch, whole_file

Submit = Callable[..., Future[bytes]]  # calls a function with arguments elsewhere, like `Executor.submit`


def submit_brief(submit: Submit, build: Path, name: str, formats: Sequence[str], engine: str) -> Future[bytes]:
    """Have a brief rendered elsewhere; `receive` takes what the future returns.

    Parameters
    ----------
    submit : callable
        Calls a function elsewhere.
    build : Path
        The project.
    name : str
        The document: "counties/linxian".
    formats : sequence of {"docx", "pdf"}
    engine : {"quarto", "embedded"}
    """
    return submit(_render, _packed(build, files_of(build, name)), name, formats, engine, made_from(build, name, engine))


def receive(files: bytes, output: Path) -> list[Path]:
    """Write the files of a brief that was rendered elsewhere; return their paths."""
    archive = zipfile.ZipFile(io.BytesIO(files))
    for name in archive.namelist():
        with whole_file(output / name) as temporary:
            temporary.write_bytes(archive.read(name))
    return [output / name for name in archive.namelist()]


def _packed(folder: Path, files: list[Path]) -> bytes:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(folder))
    return package.getvalue()


def _render(package: bytes, name: str, formats: Sequence[str], engine: str, source: str) -> bytes:
    """Render a brief from its part of a project, if this machine would render it as the sender would."""
    from ge_analysis.report.render import render_project

    with scratch() as folder:
        build, output = folder / "build", folder / "output"
        zipfile.ZipFile(io.BytesIO(package)).extractall(build)
        if made_from(build, name, engine) != source:
            raise GeError(_("the worker has other code, libraries or fonts"), _("install the same requirements there"))
        link_fonts(build / "fonts")
        return _packed(output, render_project(build, output, formats, engine, [name]))
