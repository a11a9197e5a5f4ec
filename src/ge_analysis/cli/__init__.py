"""The command `ge`."""

from ge_analysis.storage.processes import without_collector

with without_collector():  # nothing imported is garbage
    from ge_analysis.cli import collecting, commands, review, starting, watch  # noqa: F401  # they register their commands
    from ge_analysis.cli.app import main

__all__ = ["main"]
