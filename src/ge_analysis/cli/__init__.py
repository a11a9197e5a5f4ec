"""The command `ge`."""

from ge_analysis.cli.commands import main

__all__ = ["main"]
