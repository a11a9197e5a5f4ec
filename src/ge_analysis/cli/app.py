"""What all commands share: the application, its options, and how it prints."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib.metadata import version
from io import TextIOWrapper
from operator import methodcaller
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.console import Console
from typer._click.exceptions import ClickException
from typer._completion_shared import Shells

from ge_analysis.cli import completion
from ge_analysis.cli.spoken import Group, Spoken, answer
from ge_analysis.errors import GeError
from ge_analysis.language import _, choose
from ge_analysis.storage.files import cannot_use, one_command

if TYPE_CHECKING:
    from ge_analysis.study import Study

app = Spoken(cls=Group, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
out = Console(soft_wrap=True, highlight=False)

YearOption = Annotated[
    int | None,
    typer.Option("--year", autocompletion=completion.years, help="Study year; default_year of params/study.yml by default."),
]
CountiesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="COUNTY", autocompletion=completion.counties, help="Slug, Chinese name or code; all counties by default."
    ),
]
PlacesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="COUNTY|city",
        autocompletion=completion.places,
        help="Slug, Chinese name or code, or `city`; all by default.",
    ),
]
JobsOption = Annotated[int | None, typer.Option("--jobs", min=1, help="Notebooks at a time; the number of cores by default.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]


def _language(asked: str) -> None:
    if asked not in ("", "en", "zh"):
        raise typer.BadParameter(_("{value} is not one of {values}.", value=asked, values="en, zh"))
    choose(asked)


def _version(asked: bool) -> None:
    if asked:
        out.print(f"ge {version('ge_analysis')}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    lang: Annotated[
        str,
        typer.Option(
            "--lang",
            metavar="en|zh",
            envvar="GE_LANG",
            callback=_language,
            is_eager=True,
            help="Language; the locale's by default.",
        ),
    ] = "",
    install_completion: Annotated[
        Shells | None,
        typer.Option(
            "--install-completion",
            metavar="SHELL",
            callback=completion.install_for,
            is_eager=True,
            help="Complete command lines in bash, zsh, fish, powershell or pwsh.",
        ),
    ] = None,
    show_completion: Annotated[
        Shells | None,
        typer.Option(
            "--show-completion",
            metavar="SHELL",
            callback=completion.show_for,
            is_eager=True,
            help="Print the script that does so.",
        ),
    ] = None,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Measure how easy it is to get electricity: county ledgers in, printed report out."""
    os.environ["GE_DEBUG"] = "1" if debug else ""


def open_study(year: int | None) -> "Study":
    """Open the study of the current folder."""
    from ge_analysis.study import Study

    return Study.open(year)


def warn(text: str) -> None:
    """Print a line on stderr."""
    sys.stderr.write(f"ge: {text}\n")


def names_of(study: "Study") -> dict[str, str]:
    """Return the name of each place by its slug."""
    return {unit.slug: unit.name for unit in study.counties} | {"city": study.params.study.city}


def print_paths(paths: list[Path]) -> None:
    """Print one path a line."""
    for path in paths:
        out.print(f"  {path}", markup=False)


def print_json(content: object) -> None:
    """Print JSON on one line."""
    # A console that is not UTF-8 gets escapes for the characters that it lacks.
    escaped = sys.stdout.encoding.lower() not in ("utf-8", "utf8")
    sys.stdout.write(json.dumps(content, ensure_ascii=escaped, default=methodcaller("item")) + "\n")  # a number of numpy


def each_once(find: Callable[[str], str], names: list[str] | None) -> list[str] | None:
    """Return the slugs that `find` returns for the names, without repeats; None if no name is given."""
    return list(dict.fromkeys(map(find, names))) if names else None


def open_collected(year: int | None) -> "Study":
    """Open the study of the current folder with its raw data up to date; name the raw folders that are no county's."""
    study = open_study(year)
    collect(study)
    for folder, near in study.unknown_folders().items():
        hint = _("did you mean {name}?", name=near) if near else _("counties.yml lists the counties")
        warn(_("{folder} is no county's folder and is not read; {hint}", folder=folder, hint=hint))
    return study


def collect(study: "Study") -> None:
    """Bring the copy of shared storage up to date; nothing for a study without."""
    if address := study.params.study.raw_address:
        from ge_analysis.storage.shared import fetch

        fetch(f"{address.rstrip('/')}/{study.year}", study.paths.raw)


def require_data(study: "Study") -> None:
    """Raise a `GeError` for a year without workbooks; it names the years that have some."""
    if not study.paths.has_raw_data:
        years = sorted(path.name for path in study.paths.raw.parent.glob("[0-9]*"))
        raise GeError(
            _("no workbooks for {year} in {folder}", year=study.year, folder=study.paths.raw),
            _(
                "put one folder a county there, or run `ge demo` (years with data: {years})",
                years=", ".join(years) or _("none"),
            ),
        )


def say_waiting(study: "Study") -> None:
    """Report that the command waits for another one."""
    warn(_("another command is working in {folder}; waiting for it to end", folder=study.paths.processed))


def alone(study: "Study") -> AbstractContextManager[object]:
    """Wait until no other command works on the year's files, then keep others out."""
    return one_command(study.paths.processed, lambda: say_waiting(study))


def main() -> None:
    """Run `ge`; an error that a user can cause is one line on stderr and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        cast(TextIOWrapper, stream).reconfigure(errors="replace")  # a console in GBK has no 𠮷
    choose()
    try:
        sys.exit(app(prog_name="ge", standalone_mode=False))  # whoever started it: completion depends on the name
    except ClickException as error:
        answer(error)
        sys.exit(error.exit_code)
    except typer.Abort:
        sys.stderr.write(_("Aborted!") + "\n")
        sys.exit(1)
    except (GeError, OSError) as error:
        if os.environ.get("GE_DEBUG"):
            raise
        sys.stderr.write(f"ge: {cannot_use(error) if isinstance(error, OSError) else error}\n")
        sys.exit(1)
