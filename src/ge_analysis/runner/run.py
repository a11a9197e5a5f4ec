"""Run what is stale: the tables, the counties' notebooks in parallel, then the city's."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

from ge_analysis.errors import DiskFullError, GeError
from ge_analysis.language import _
from ge_analysis.ledgers.stale import why_stale as why_tables
from ge_analysis.runner import stale
from ge_analysis.runner.jobs import Failure, Job, ReadJob, fail
from ge_analysis.runner.pool import Pools, Workers, pools
from ge_analysis.settings.places import CITY
from ge_analysis.storage.files import cannot_write, one_command
from ge_analysis.storage.paths import Paths
from ge_analysis.storage.results import failure as failed_before
from ge_analysis.storage.stamps import made_at
from ge_analysis.study import Study


class Status(NamedTuple):
    """Whether one part of the study is stale.

    Parameters
    ----------
    step : str
        "tables", "counties" or "city".
    place : str
        County slug, or `city`.
    why : list of str
        Reasons why it is stale; empty if it is up to date.
    """

    step: str
    place: str
    why: list[str]


class Event(NamedTuple):
    """How far a run is.

    Parameters
    ----------
    step : str
        "tables", "counties" or "city".
    place : str
        County slug, or `city`.
    state : str
        "started", "done" or "failed".
    done, total : int
        Number of finished places of this step, and of all.
    """

    step: str
    place: str
    state: str
    done: int
    total: int


def status(study: Study) -> list[Status]:
    """Return why each part is stale, in the order in which `run` makes them."""
    tables = {place: why_tables(study, place) for place in study.places}
    rows = [Status("tables", place, why) for place, why in tables.items()]
    for slug in (county.slug for county in study.counties):
        rows.append(Status("counties", slug, [*_why(study, slug), *([_("its tables are stale")] if tables[slug] else [])]))
    # The city was made without failed counties, and stays as it is until they are corrected.
    waiting = len({row.place for row in rows if row.why}.difference(failed(study)))
    return [*rows, Status(CITY, CITY, [*_why(study, CITY), *stale_before(waiting)])]


def stale_before(places: int) -> list[str]:
    """Say how many places that something is made from are stale; empty if none is."""
    said = _("1 place it needs is stale") if places == 1 else _("{number} places it needs are stale", number=places)
    return [said] if places else []


def failed(study: Study) -> list[str]:
    """Return the places whose last run failed."""
    return [place for place in study.places if failed_before(study.paths.results(place))]


def _why(study: Study, place: str) -> list[str]:
    failure = failed_before(study.paths.results(place))
    return [_("failed: {error}", error=failure["error"]), *kept(study, place)] if failure else stale.why(study, place)


def kept(study: Study, place: str) -> list[str]:
    """Say where the last good results of a failed place are; empty if it has none."""
    folder = study.paths.results(place)
    made = made_at(folder)
    where = folder.relative_to(study.paths.root).as_posix()
    return [_("its last good results ({made}) are kept in {folder}, but not used", made=made, folder=where)] if made else []


def run(
    study: Study,
    counties: list[str] | None = None,
    jobs: int | None = None,
    kernel: Literal["warm", "stock"] = "warm",
    cluster: Workers | None = None,
    on_progress: Callable[[Event], None] = lambda event: None,
    warm: Pools | None = None,
) -> list[Failure]:
    """Make the stale results of counties, then those of the city; a failing county does not stop the others.

    Parameters
    ----------
    study : Study
    counties : list of str, optional
        Slugs; defaults to all counties.
    jobs : int, optional
        Notebooks at a time; defaults to the number of cores.
    kernel : {"warm", "stock"}
        Kernels forked from a warm process, or ordinary ones; the results are the same.
    cluster : Cluster, optional
        Dask workers that read the workbooks and run the counties; by default, processes of this machine do. The results are
        the same.
    on_progress : callable
        Called at every start and end.
    warm : Pools, optional
        Processes kept from an earlier run; defaults to new ones, which end with this run.

    Returns
    -------
    list of Failure
        One for each place without results.

    Raises
    ------
    GeError
        If another run is under way or nothing can be written.
    """
    slugs = counties or [county.slug for county in study.counties]
    with _only_run(study.paths), nullcontext(warm) if warm else pools() as here:
        readers, runners = (cluster, cluster) if cluster else here
        do = partial(_do, study, jobs or os.cpu_count() or 1, on_progress)
        unread = [place for place in (*slugs, CITY) if why_tables(study, place)]
        if unread:
            here.notebooks.start()  # they will follow the new tables
        failures = do("tables", readers, [ReadJob(study, place) for place in unread])
        ready = {*slugs, CITY}.difference(failure.place for failure in failures)
        failures += do("counties", runners, [_job(study, slug, kernel) for slug in slugs if slug in ready and _why(study, slug)])
        failures += do(CITY, here.notebooks, [_job(study, CITY, kernel)] if CITY in ready and _why(study, CITY) else [])
    return failures


def _only_run(paths: Paths) -> AbstractContextManager[object]:
    def refuse() -> None:
        raise GeError(_("another run is working in {processed}", processed=paths.processed), _("wait until it has ended"))

    try:
        paths.processed.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(paths.processed, error) from error
    return one_command(paths.processed, refuse)


def _job(study: Study, place: str, kernel: str) -> Job:
    parameters: dict[str, object] = {"year": study.year} | ({} if place == CITY else {"county": place})
    root = study.paths.root
    return Job(
        place=place,
        title=f"{study.params.study.city if place == CITY else study.county(place).name}　获得电力（{study.year}年）",
        root=root,
        notebook=Path(stale.notebook_name(place)),
        results=study.paths.results(place).relative_to(root),
        parameters=parameters,
        inputs=stale.inputs(study, place),
        warm=kernel == "warm",
    )


def _do(
    study: Study,
    jobs: int,
    on_progress: Callable[[Event], None],
    step: str,
    workers: Workers,
    work: list[Job | ReadJob],
) -> list[Failure]:
    """Do the work of one step; save failures in the results folders of their places, and return them."""
    failures, done = [], 0
    for number, state, answer in workers.run(work, jobs) if work else ():
        place = work[number].place
        if state == "ended":
            done += 1
            state = "failed" if answer else "done"
        if isinstance(answer, DiskFullError):
            raise answer
        if answer:
            failure = answer if isinstance(answer, Failure) else Failure(place, "计算未能完成", "", answer, "")
            failures.append(failure)
            if not failure.notebook:
                with suppress(GeError):  # on a full disk this cannot be written either
                    fail(study.paths.results(place), failure)
        on_progress(Event(step, place, state, done, len(work)))
    return failures
