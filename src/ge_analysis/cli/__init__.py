"""The command `ge`."""

from ge_analysis.cli import collecting, commands, review, starting, watch  # noqa: F401  # they register their commands
from ge_analysis.cli.app import main

__all__ = ["main"]
