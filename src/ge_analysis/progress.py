"""How far a run is: one bar with place names and time left on a terminal, plain lines elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ge_analysis.runner.run import Event


@contextmanager
def shown(out: Console, names: dict[str, str]) -> Iterator[Callable[[Event], None]]:
    """Give the function that the runner tells of every start and end.

    Parameters
    ----------
    out : Console
    names : dict of str to str
        Place to the name that is shown.
    """
    if not out.is_terminal:
        yield lambda event: event.state == "started" or out.print(f"{event.step}: {names[event.place]} {event.state} ({event.done}/{event.total})")
        return
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.fields[now]}"),
        console=out, transient=True,
    )
    with bar:
        tasks: dict[str, int] = {}
        working: dict[str, None] = {}

        def show(event: Event) -> None:
            working.pop(event.place, None)
            if event.state == "started":
                working[event.place] = None
            if event.step not in tasks:
                tasks[event.step] = bar.add_task(event.step, total=event.total, now="")
            bar.update(tasks[event.step], completed=event.done, now="、".join(names[place] for place in working))

        yield show
