"""Completion of command lines in bash, zsh, fish and PowerShell: of commands, options, counties, indicators and years.

Completion never fails and never prints: outside a study, or in a broken one, it offers nothing.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer._click import Context
from typer._completion_classes import completion_init
from typer._completion_shared import Shells, get_completion_script, install

from ge_analysis.language import _

if TYPE_CHECKING:
    from ge_analysis.study import Study

Offer = tuple[str, str]  # the word to complete, and what the shell shows beside it

completion_init()  # the shells that typer knows


def _never_failing(offers: Callable[..., Iterable[Offer]]) -> Callable[..., list[Offer]]:
    @wraps(offers)
    def offered(**given: Any) -> list[Offer]:
        with suppress(Exception):  # if something is wrong with the study, the command itself reports it
            return list(offers(**given))
        return []

    return offered


def _study() -> "Study":
    from ge_analysis.study import Study

    return Study.open()


@_never_failing
def counties() -> Iterable[Offer]:
    """Offer the counties, each by its slug and by its Chinese name."""
    for unit in _study().counties:
        yield unit.slug, unit.name
        yield unit.name, unit.slug


@_never_failing
def places() -> Iterable[Offer]:
    """Offer the counties and the city."""
    city = _study().params.study.city
    return [*counties(), ("city", city), ("全市", city), (city, "city")]


@_never_failing
def years() -> Iterable[Offer]:
    """Offer the years that the study has parameters for."""
    from ge_analysis.settings.parameters import years
    from ge_analysis.storage.paths import find_root

    return [(str(year), "") for year in years(find_root(Path.cwd()))]


@_never_failing
def traced(ctx: Context) -> Iterable[Offer]:
    """Offer what can be traced: first a place, then its indicators."""
    if not ctx.params.get("words"):
        return places()
    from ge_analysis.settings.registry import registry

    return [(name, entry.title) for name, entry in registry().indicators.items()]


def install_for(shell: Shells | None) -> None:
    """Install the completion for a shell."""
    if shell:
        file = install(shell.value, "ge")[1]
        typer.echo(_("completion for {shell} is in {file}; it works in the next terminal", shell=shell.value, file=file))
        raise typer.Exit


def show_for(shell: Shells | None) -> None:
    """Print a shell's completion script."""
    if shell:
        typer.echo(get_completion_script(prog_name="ge", complete_var="_GE_COMPLETE", shell=shell.value))
        raise typer.Exit
