"""Getting electricity (获得电力): from county ledgers to the printed report."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from ge_analysis.study import Study

__all__ = ["Study"]


def __getattr__(name: str) -> object:
    # Study pulls in pandas; commands that do not need it (help, status of nothing) must start at once.
    if name == "Study":
        from ge_analysis.study import Study

        return Study
    raise AttributeError(f"module 'ge_analysis' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Let a notebook complete the names of counties, sheets and indicators, and search tables: `%load_ext ge_analysis`."""
    from ge_analysis.notebook.interactive import load

    load(shell)
