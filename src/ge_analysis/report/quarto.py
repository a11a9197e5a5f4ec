"""The Quarto engine: the same project, rendered by an installed Quarto."""

import re
import shutil
import subprocess
from concurrent.futures import Future
from pathlib import Path

import quarto
import yaml

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.report import docx, page, printed
from ge_analysis.report.formats import Format
from ge_analysis.report.pdf import PageLayout
from ge_analysis.report.source import Source, quarto_installed
from ge_analysis.storage.files import scratch, whole_file

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# These spoil the file even if the run succeeds; the embedded engine, too, fails on a warning of Pandoc's.
_REFUSAL = re.compile(r"^(ERROR|FATAL) \(report\.lua\)|^\[WARNING\]|^could not find file")
_FAULT = re.compile(r"^(ERROR|FATAL|error:)")  # reason for a failed run; irrelevant if the run succeeded
_PREAMBLE = re.compile(r"^Error running filter")  # the line after it names the fault


def render(source: Source, form: Format, target: Path, layout: Future[PageLayout] | None) -> None:
    """Render one document into one file, like `embedded.render` but with Quarto.

    Raises
    ------
    GeError
        If Quarto is not installed, cannot be run, reports an error or does not write the file.
    """
    if not quarto_installed():
        raise GeError(_("Quarto is not installed"), _("install it, or leave out `--engine quarto`"))
    with scratch() as folder:
        # in a copy: what Quarto leaves in a project, especially on failure, would make all of it stale
        project = folder / "project"
        shutil.copytree(source.project, project, symlinks=True, ignore=shutil.ignore_patterns(".quarto"))
        _leave_finishing_out(source, project)
        if form == "html":
            printed.mark(project)
        document = project / source.path.relative_to(source.project)
        made = document.with_suffix(f".{form}")
        made.unlink(missing_ok=True)
        if fault := _run(source, document, form, made):
            raise GeError(
                _("{name} to {form} by Quarto: {fault}", name=source.path.name, form=form, fault=fault), _("correct the chapter")
            )
        with whole_file(target) as temporary:
            shutil.copyfile(made, temporary)
            if form == "docx" and layout:
                docx.finish(temporary, source, layout)
            if form == "html":
                page.finish(temporary, source)


def _leave_finishing_out(source: Source, project: Path) -> None:
    """Remove the post-render script from the copy: it is for `quarto render` run by hand; `render` finishes its own files."""
    settings = {name: value for name, value in source.settings["project"].items() if name != "post-render"}
    text = yaml.safe_dump(source.settings | {"project": settings}, allow_unicode=True, sort_keys=False)
    (project / "_quarto.yml").write_text(text, encoding="utf-8")


def _run(source: Source, document: Path, form: Format, made: Path) -> str:
    """Run Quarto (not quietly, which would hide errors); return its error in one line, "" if there is none."""
    command = [quarto.path(), "render", str(document), "--to", form.writer, "--no-execute"]
    try:
        run = subprocess.run(
            command,
            env=source.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except OSError as error:
        raise GeError(
            _("Quarto cannot be run: {error}", error=error), _("install it again, or use `--engine embedded`")
        ) from error
    said = [_COLOUR.sub("", line).strip() for line in run.stdout.decode(errors="replace").splitlines()]
    said = [line for line in said if line]
    after = [line for before, line in zip(said, said[1:], strict=False) if _PREAMBLE.match(before)]
    refused = after + [line for line in said if _REFUSAL.search(line)]
    failed = run.returncode or not made.is_file()
    faults = refused + [line for line in said if failed and _FAULT.search(line)]
    if faults:
        return faults[0]
    if run.returncode:
        return f"it ended with code {run.returncode}: {said[-1] if said else 'no message'}"
    return "it made no file and gave no reason" if failed else ""
