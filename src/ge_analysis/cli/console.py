"""What the terminal shows: how far a run is, and the issues of a check."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from ge_analysis.language import _
from ge_analysis.ledgers.issues import SEVERITIES, Issue
from ge_analysis.runner.run import Event

_LONGEST = 80  # characters of a value; findings.xlsx holds all of it
_MOST_LINES = 3  # of one rule in one column
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")  # ends a line or reverses its direction


@contextmanager
def progress(out: Console, names: Mapping[str, str] = MappingProxyType({})) -> Iterator[Callable[[Event], None]]:
    """Yield the function that the runner calls at every start and end: a bar on a terminal, plain lines elsewhere.

    Parameters
    ----------
    out : Console
    names : mapping of str to str
        Slug to the name shown; the slug itself if omitted.
    """
    if out.is_terminal:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[now]}"),
        )
        with Progress(*columns, console=out, transient=True) as bar:
            yield _Bar(bar, names)
    else:
        yield lambda event: _line(out, names, event)


class _Bar:
    """One bar per step, with the names of the places being worked on."""

    def __init__(self, bar: Progress, names: Mapping[str, str]):
        self.bar, self.names = bar, names
        self.tasks: dict[str, TaskID] = {}
        self.working: dict[str, None] = {}

    def __call__(self, event: Event) -> None:
        self.working.pop(event.place, None)
        if event.state == "started":
            self.working[event.place] = None
        if event.step not in self.tasks:
            self.tasks[event.step] = self.bar.add_task(_(event.step), total=event.total, now="")
        now = "、".join(self.names.get(place, place) for place in self.working)
        self.bar.update(self.tasks[event.step], completed=event.done, now=now)


def _line(out: Console, names: Mapping[str, str], event: Event) -> None:
    if event.state != "started":
        out.print(
            _(
                "{step}: {place} {state} ({done}/{total})",
                step=_(event.step),
                place=names.get(event.place, event.place),
                state=_(event.state),
                done=event.done,
                total=event.total,
            ),
            markup=False,
        )


def issues(out: Console, found: Mapping[str, list[Issue]], names: Mapping[str, str]) -> None:
    """Print the counts per county, then the issues: one line each, or one line for many of one rule in one column.

    Parameters
    ----------
    out : Console
    found : mapping of str to list of Issue
        Issues by place.
    names : mapping of str to str
        Slug to the name shown.
    """
    table = Table("县（市、区）", *SEVERITIES.values())
    for place, lines in found.items():
        counts = Counter(each.severity for each in lines)
        table.add_row(names[place], *(str(counts[severity]) for severity in SEVERITIES))
    out.print(table)
    for lines in found.values():
        groups: dict[tuple[str, ...], list[Issue]] = {}
        for each in lines:
            groups.setdefault((each.rule, each.workbook, each.sheet, each.cell.rstrip("0123456789")), []).append(each)
        for same in groups.values():
            _print_issues(out, same, names)


def _print_issues(out: Console, same: list[Issue], names: Mapping[str, str]) -> None:
    """Print the issues of one rule in one column of a sheet: one line each, or one line for many."""
    if len(same) <= _MOST_LINES:
        for each in same:
            _print_issue(out, each, names, each.cell, each.todo)
    else:
        cells = f"{'、'.join(each.cell for each in same[:_MOST_LINES])}等"
        todo = same[0].todo if len({each.todo for each in same}) == 1 else f"如 {same[0].cell}：{same[0].todo}"
        _print_issue(out, same[0], names, f"{cells}，共{len(same)}处", todo)


def _print_issue(out: Console, one: Issue, names: Mapping[str, str], cells: str, todo: str) -> None:
    where = " ".join(part for part in (one.workbook, one.sheet, cells) if part)
    what = "：".join(part for part in (one.name, _cut(one.found)) if part)
    line = f"{SEVERITIES[one.severity]} · {names[one.county]} · {where} · {what} · {todo}"
    out.print(_UNPRINTABLE.sub(" ", line), markup=False)


def _cut(found: str) -> str:
    return found if len(found) <= _LONGEST else f"{found[: _LONGEST - 1]}…"
