"""typer's own messages in the language of the terminal: usage, headings and refusals of a wrong command line."""

import gettext
import re
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import typer
from rich.cells import cell_len
from typer._click import Context, HelpFormatter, Parameter, formatting
from typer._click.exceptions import ClickException, NoArgsIsHelpError, UsageError
from typer.core import TyperCommand, TyperGroup
from typer.models import CommandFunctionType

from ge_analysis.language import DOMAIN, N_, _
from ge_analysis.settings.yaml_files import REFUSALS

gettext.textdomain(DOMAIN)  # where typer looks up the few messages that it translates
# By this it aligns columns; Chinese characters are two wide.
formatting.term_len = cell_len  # type: ignore[assignment, attr-defined]

# Its messages as patterns; what is in braces may itself be one of them.
ANSWERS = (
    N_("Aborted!"),
    N_("Got unexpected extra argument(s) ({arguments})"),
    N_("Invalid value for {name}: {why}"),
    N_("Invalid value: {why}"),
    N_("Missing argument {name}."),
    N_("Missing command."),
    N_("Missing option {name}."),
    N_("No such command {name}."),
    N_("No such command {name}. Did you mean {names}?"),
    N_("No such option: {name}"),
    N_("No such option: {name} (Possible options: {names})"),
    N_("No such option: {name} Did you mean {names}?"),
    N_("Option {name} does not take a value."),
    N_("Option {name} requires an argument."),
    N_("Value {value} is not a valid {kind}."),
    N_("{value} is not in the range {range}."),
    N_("{value} is not one of {values}."),
    N_("file {name} does not exist."),
    N_("file {name} is a directory."),
    N_("file {name} is not readable."),
    N_("{name} (env var: {var})"),
)
HEADINGS = (N_("Arguments"), N_("Options"), N_("Commands"), N_("required"), N_("default: {default}"), N_("env var: {var}"))
HELP_OPTION = N_("Show this message and exit.")
PIECES = (N_("[OPTIONS]"), N_("COMMAND [ARGS]..."))
KINDS = {  # of values, as typer shows them
    "<str>": N_("<text>"),
    "<int>": N_("<number>"),
    "<int range>": N_("<number>"),
    "<path>": N_("<path>"),
    "<file>": N_("<path>"),
}


class _Spoken:
    """Mixin of a command that shows its help in the language of the terminal."""

    help: str | None

    def format_usage(self, ctx: Context, formatter: HelpFormatter) -> None:
        pieces = map(_, self.collect_usage_pieces(ctx))  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, " ".join(pieces), _("Usage: "))

    def format_help_text(self, ctx: Context, formatter: HelpFormatter) -> None:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_(self.help or ""))

    def get_short_help_str(self, limit: int = 45) -> str:
        return _(self.help or "")  # each is a short sentence

    def get_params(self, ctx: Context) -> list[Parameter]:
        found: list[Parameter] = super().get_params(ctx)  # type: ignore[misc]
        for each in found:
            each.help = _(each.help or "")  # type: ignore[attr-defined]
            if "display_type" not in vars(each):  # typer asks for the parameters several times
                each.display_type = partial(_kind, each.display_type)  # type: ignore[attr-defined]
        return found


def _kind(shown: Callable[[Context], str], context: Context) -> str:
    """Return what kind of value a parameter takes; a choice is shown by its values."""
    kind = re.sub(r"^<list\[(.*)\]>$", r"<\1>", shown(context))
    return _(KINDS[kind]) if kind in KINDS else kind


class Command(_Spoken, TyperCommand):
    """One command."""


class Group(_Spoken, TyperGroup):
    """All commands."""


class Spoken(typer.Typer):
    """An application whose commands show their help in the language of the terminal."""

    def command(self, name: str | None = None, **how: Any) -> Callable[[CommandFunctionType], CommandFunctionType]:
        """Register a command; arguments as in typer's own method."""
        return super().command(name, cls=Command, **how)


def answer(error: ClickException) -> None:
    """Report on stderr what is wrong with a command line."""
    if isinstance(error, NoArgsIsHelpError):
        error.show()
        return
    if isinstance(error, UsageError) and error.ctx:
        hint = _("Try '{command} --help' for help.", command=error.ctx.command_path)
        sys.stderr.write(f"{error.ctx.get_usage()}\n{hint}\n")
    sys.stderr.write(_("Error: {what}", what=spoken(error.format_message())) + "\n")


def spoken(text: str) -> str:
    """Translate an answer of typer; one that `ANSWERS` does not list stays as it is.

    Examples
    --------
    >>> spoken("Missing argument 'YEAR'.")
    "Missing argument 'YEAR'."
    """
    text = text.replace("Value error, ", "")
    for template in sorted((*ANSWERS, *REFUSALS.values()), key=len, reverse=True):  # the most specific first
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(template))
        if found := re.fullmatch(pattern, text):
            return _(template, **{name: spoken(part) for name, part in found.groupdict().items()})
    return text
