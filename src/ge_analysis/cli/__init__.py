"""The command `ge`."""

import gc

from ge_analysis.storage.processes import without_collector

with without_collector():
    from ge_analysis.cli import collecting, commands, review, starting, watch  # noqa: F401  # they register their commands
    from ge_analysis.cli.app import main

    gc.freeze()  # nothing imported is garbage

__all__ = ["main"]
