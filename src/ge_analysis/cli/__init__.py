"""The command `ge`."""

from ge_analysis.cli import starting  # noqa: F401  # its commands
from ge_analysis.cli.commands import main

__all__ = ["main"]
