"""Commands that answer questions about a finished study."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from ge_analysis.cli import completion
from ge_analysis.cli.app import JsonOption, YearOption, app, names_of, open_study, out, print_json
from ge_analysis.language import _
from ge_analysis.storage.processes import without_collector

if TYPE_CHECKING:
    import pandas as pd

    from ge_analysis.review.candidates import Number
    from ge_analysis.review.differences import Differences
    from ge_analysis.review.published import Published, State
    from ge_analysis.review.trace import Trace
    from ge_analysis.study import Study

MOST_ROWS = 10
MOST_CHANGES = 20
_LONGEST = 70  # of a parameter's value
_COLUMNS = ("程度", "数值", "上次", "本次", "原因及各自影响")  # of the changes, on the terminal


def _say(text: str = "") -> None:
    out.print(text, markup=False)


@app.command()
@without_collector()
def trace(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="NUMBER | CAPTION COUNTY | COUNTY INDICATOR", autocompletion=completion.traced, help="What to trace."
        ),
    ],
    county: Annotated[
        str | None, typer.Option("--county", autocompletion=completion.places, help="County of a printed number.")
    ] = None,
    area: Annotated[str, typer.Option("--area", help="Dimensions of the value: codes or labels of docs/glossary.md.")] = "",
    voltage: Annotated[str, typer.Option("--voltage")] = "",
    kind: Annotated[str, typer.Option("--kind")] = "",
    item: Annotated[str, typer.Option("--item")] = "",
    by: Annotated[str, typer.Option("--by")] = "",
    group: Annotated[str, typer.Option("--group")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Print every row.")] = False,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", help="Write every row to this workbook, with links to the cells.")
    ] = None,
    year: YearOption = None,
    as_json: JsonOption = False,
) -> None:
    """Trace a number to the ledger rows that made it."""
    from ge_analysis.review import candidates
    from ge_analysis.review.trace import trace as look
    from ge_analysis.settings.keys import DIMENSIONS, KEYS

    study = open_study(year)
    dims = {"area": area, "voltage": voltage, "kind": kind, "item": item, "by": by, "group": group}
    if len(words) > 2:
        raise typer.BadParameter(_("name a number, a caption and a county, or a county and an indicator"))
    if len(words) == 2 and words[0][:1] not in "表图附":
        place, indicator = words
    else:
        wanted = study.place(name) if (name := county or next(iter(words[1:]), "")) else ""
        found = candidates.find(candidates.printed_numbers(study.paths.report_build), words[0], wanted)
        if len({tuple(line[name] for name in KEYS) for line in found}) > 1:
            _candidates(found, as_json)
            return
        line = found[0]
        place, indicator, dims = line["county"], line["indicator"], {name: line[name] for name in DIMENSIONS}
    answer = look(study, place, indicator, **{name: code for name, code in dims.items() if code})
    if xlsx:
        from ge_analysis.review.workbook import write

        write(answer, study.paths, xlsx)
        _say(_("written: {path}", path=xlsx))
    elif as_json:
        print_json(_content(answer))
    else:
        _print(answer, everything)


def _candidates(found: "list[Number]", as_json: bool) -> None:
    """List the values that a printed number may show."""
    if as_json:
        print_json(found)
        return
    table = Table(*[*found[0]][:5], _("dimensions"))
    for line in map(list, map(dict.values, found)):
        table.add_row(*line[:5], " ".join(part for part in line[5:] if part))
    out.print(table)
    _say(_("{count} printed numbers; trace one by county and indicator", count=len(found)))


def _print(answer: "Trace", everything: bool) -> None:
    from ge_analysis.review.trace import key_name
    from ge_analysis.settings.registry import MISSING, indicator

    line = answer.line
    _say(key_name(answer.key))
    _say(answer.title)
    _say(indicator(answer.key[1]).description)
    _say(answer.formula)
    n = MISSING if line["n"] is None else line["n"]
    _say(_("n {n} · {period} · {method}", n=n, period=line["period"], method=line["method"]))
    if answer.parameters:
        _say(_("parameters"))
    for each in answer.parameters:
        value = json.dumps(_plain(each.value), ensure_ascii=False)
        _say(
            f"  params/{each.file} {each.key} = {value if everything or len(value) <= _LONGEST else value[: _LONGEST - 1] + '…'}"
        )
    if len(answer.tree) > 1:
        _say(_("follows from"))
        for branch in answer.tree:
            role = "" if branch.role in ("", branch.key[1] if branch.key else branch.role) else f"{branch.role}: "
            _say(f"{'  ' * (branch.depth + 1)}{role}{branch.name} = {branch.value:,.8g}")
    if len(answer.tree) == 1 or everything:
        _rows(answer, None if everything else MOST_ROWS)
    else:
        _say(_("--all lists the ledger rows of each of them"))
    if answer.corrections:
        _say(_("corrections of these sheets"))
    for entry in answer.corrections:
        _say(f"  {entry['action']} {entry['workbook']} {entry['sheet']} {entry['cell']}: {entry['reason']}")


def _rows(answer: "Trace", most: int | None) -> None:
    rows = answer.rows[:most]
    _say(_("rows, largest first ({shown} of {all})", shown=len(rows), all=len(answer.rows)))
    lines = []
    for row, said in zip(rows, answer.behind.said(rows), strict=True):
        part = row.numerator if row.role else row.contribution
        numbers = f"{part:,.6g} ({row.numerator:,.8g} / {row.denominator:,.8g})"
        name = f"{row.value_of} " if len(answer.tree) > 1 else ""
        lines.append(f"  {name}{row.role} {numbers} {row.source_file} {row.source_sheet} {row.source_row}: {said}")
    if lines:
        _say("\n".join(lines))  # at once: one by one, thousands of rows take three times as long


def _plain(value: object) -> Any:
    from pydantic_core import to_jsonable_python

    return to_jsonable_python(value)


def _content(answer: "Trace") -> dict[str, object]:
    """Return a trace as JSON content; missing values are null."""
    from ge_analysis.settings.registry import indicator

    rows = zip(answer.rows, answer.behind.said(answer.rows), strict=True)
    return {
        **{name: _known(value) for name, value in answer.line.items()},
        "definition": indicator(answer.key[1]).description,
        "formula": answer.formula,
        "parameters": [{**each._asdict(), "value": _plain(each.value)} for each in answer.parameters],
        "tree": [{"depth": each.depth, "role": each.role, "name": each.name, "value": each.value} for each in answer.tree],
        "rows": [{**dict(zip(row._fields, map(_known, row), strict=True)), "said": said} for row, said in rows],
        "corrections": answer.corrections,
    }


def _known(value: object) -> object:
    return None if value != value else value  # NaN


@app.command()
def diff(
    states: Annotated[list[str] | None, typer.Argument(metavar="[THEN [NOW]]", help="Published states, or years.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Print every change.")] = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write all of it to this page.")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Write all of it to this workbook.")] = None,
    year: YearOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what changed since the last published state, and why."""
    from ge_analysis.review import pages
    from ge_analysis.review.differences import differences

    names = states or [""]
    if len(names) > 2:
        raise typer.BadParameter(_("name two states at most"))
    then, now = _state(names[0], year), _state(names[1] if len(names) == 2 else "now", year)
    found = differences(then, now)
    title = f"{then.year} {then.name} → {now.year} {now.name}"
    if html:
        pages.write_page(found, title, html)
        _say(_("written: {path}", path=html))
    if xlsx:
        pages.write_workbook(found, xlsx)
        _say(_("written: {path}", path=xlsx))
    if as_json:
        tables = {"changes": pages.change_table(found), "rows": pages.row_table(found)}
        print_json({name: table.astype("str").to_dict("records") for name, table in tables.items()})
    elif not (html or xlsx):
        _changes(found, {"then": then.name, "now": now.name}, everything)


def _state(name: str, year: int | None) -> "State":
    """Return a state by name: a year or `now` means a study as it is, any other name a published state."""
    from ge_analysis.review import published

    if name == "now" or name.isdigit() and len(name) == 4:
        return published.now(open_study(int(name) if name.isdigit() else year))
    return published.load(open_study(year).paths, name)


def _changes(found: "Differences", names: dict[str, str], everything: bool) -> None:
    from ge_analysis.review.pages import cause_name, change_table

    if found.printed.empty:
        _say(_("{then} → {now}: no printed value changed", **names))
        return
    grades = found.printed["grade"].value_counts()
    counts = {grade: int(grades.get(grade, 0)) for grade in ("large", "moderate", "small")}
    _say(
        _(
            "{then} → {now}: {changed} printed values changed, {large} large, {moderate} moderate, {small} small",
            **names,
            changed=len(found.printed),
            **counts,
        )
    )
    table, lines = Table(*_COLUMNS), change_table(found)
    shown = lines if everything else lines.head(MOST_CHANGES)
    for _place, of_place in shown.groupby(shown["数值"].str.partition(" ")[0], sort=False):
        for line in of_place[list(_COLUMNS)].itertuples(index=False):
            table.add_row(*line)
        table.add_section()
    out.print(table)
    if len(shown) < len(lines):
        _say(_("{more} more; --all prints them", more=len(lines) - len(shown)))
    _say(_("causes in the order of their application, with the number of rows, which --html and --xlsx list"))
    for number in sorted(found.parts["cause"].unique()):
        cause = found.causes[number]
        rows = len(found.rows(cause))
        _say(f"  {cause_name(cause)}{f' ({rows})' if rows else ''}")


@app.command()
def publish(
    name: Annotated[str, typer.Option("--name", help="Added to the date, such as first-draft.")] = "",
    listed: Annotated[bool, typer.Option("--list", help="List what has been published.")] = False,
    year: YearOption = None,
    as_json: JsonOption = False,
) -> None:
    """Freeze what was handed over in data/published, for later comparison."""
    from ge_analysis.review import published
    from ge_analysis.settings.parameters import NAMES

    study = open_study(year)
    if listed:
        _published(list(published.states(study.paths)), as_json)
        return
    _require_fresh(study)
    _say(_("published, and read-only from now on: {path}", path=published.publish(study, name)))
    _say(_("{file} holds the names of {year} from now on", year=study.year, file=f"params/{study.year}/{NAMES}"))


@app.command()
@without_collector()
def whatif(
    measures: Annotated[
        list[str] | None, typer.Argument(metavar="MEASURE", help="Ids of params/<year>/measures.yml; all by default.")
    ] = None,
    county: Annotated[str | None, typer.Option("--for", help="Only this county.")] = None,
    reach: Annotated[
        str | None, typer.Option("--reach", help="Find the smallest amount for it: band=1, 'saidi_hours area=rural=15'.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Print every value that changes.")] = False,
    year: YearOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what measures would change: values, grades, scores, targets and incentives, before and after."""
    from ge_analysis.review import what_if

    if reach and not county:
        raise typer.BadParameter(_("--reach needs a county: --for COUNTY"))
    study = open_study(year)
    wanted = what_if.known(study, measures) if measures else list(study.params.measures)
    slug = what_if.with_results(study, county) if county else ""
    if reach:
        goal = what_if.goal(reach)
        found = what_if.smallest(what_if.world(study, slug), slug, goal, wanted)
        _smallest(found, {"place": names_of(study)[slug], "name": goal.indicator, "goal": goal.limit}, as_json)
        return
    effects = what_if.effects(what_if.world(study, slug), wanted)
    shown = effects if everything else what_if.headlines(effects)
    if as_json:
        print_json(shown.astype(object).where(shown.notna(), None).to_dict("records"))
    else:
        _effects(shown, len(effects) - len(shown), names_of(study))


def _effects(shown: "pd.DataFrame", more: int, names: dict[str, str]) -> None:
    if shown.empty:
        _say(_("no measure changes anything in print"))
    for label, lines in shown.groupby("label", sort=False):
        _say(str(label))
        table = Table("县（市、区）", "数值", "现状", "采取措施后")
        for line in lines.to_dict("records"):
            table.add_row(names[line["county"]], line["title"], line["printed_before"], line["printed_after"])
        out.print(table)
    if more:
        _say(_("{more} more values change; --all prints them", more=more))


def _smallest(found: "pd.DataFrame", values: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_json(found.astype(object).where(found.notna(), None).to_dict("records"))
        return
    _say(_("{place}: {name} {now:g} → {goal:g}, by one measure alone", now=found["before"].iloc[0], **values))
    table = Table("措施", "力度", "采取措施后")
    for line in found.to_dict("records"):
        table.add_row(line["label"], _amount(line), f"{line['after']:.6g}")
    out.print(table)


def _amount(line: dict[Any, Any]) -> str:
    """Say how much of a measure is needed."""
    if not line["reached"]:
        return _("not reached")
    if line["act"] == "index_item":
        return _("fulfilled")
    share, unit = line["act"].endswith("_pct"), "h" if line["act"].endswith("_hours") else "d"
    if share:
        return _("at least {amount:g} %", amount=line["amount"])
    return _("at most {amount:g} {unit}", amount=line["amount"], unit=unit)


def _published(states: "list[Published]", as_json: bool) -> None:
    if as_json:
        print_json([each._asdict() for each in states])
        return
    table = Table(_("year"), _("name"), _("version"), _("counties"), _("report files"), "MB")
    for each in states:
        table.add_row(*map(str, each[:-1]), f"{each.megabytes:.1f}")
    out.print(table)


def _require_fresh(study: "Study") -> None:
    """Refuse to publish results that are older than the ledgers."""
    from ge_analysis.errors import GeError
    from ge_analysis.report.build import why
    from ge_analysis.runner.run import failed, status

    missing = failed(study)
    stale = dict.fromkeys(place for _, place, reasons in status(study) if reasons and place not in missing)
    if stale or why(study):
        raise GeError(
            _("what would be published is stale: {what}", what=", ".join(stale) or _("the report")), _("run `ge build` first")
        )
