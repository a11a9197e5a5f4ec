"""Jobs on a dask cluster: a task gets all it needs and returns what it made as bytes, so that workers need no shared disk."""

import io
import logging
import os
import shutil
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.ledgers.stale import RawFolder, raw_folder, why_stale
from ge_analysis.runner.jobs import Answer, Job, ReadJob
from ge_analysis.runner.pool import EXECUTE, READ, Pool, Task
from ge_analysis.runner.stale import workings
from ge_analysis.settings.places import CITY
from ge_analysis.storage.files import scratch, whole_folder
from ge_analysis.storage.paths import DEMO_MARK
from ge_analysis.study import Study

ANSWER_SECONDS = 10  # for a scheduler to answer
IGNORE_INTERRUPT = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"  # Ctrl-C is for the calling process
TASKS = {Job: EXECUTE, ReadJob: READ}
_here = threading.local()
_pools: list[Pool] = []
_ending = threading.Event()


class Cluster:
    """Dask workers in place of a `Pool`; connects on the first call.

    Parameters
    ----------
    study : Study
    scheduler : str, optional
        Address of a running scheduler (tcp://…); defaults to a cluster on this machine's cores.

    Raises
    ------
    GeError
        If dask is not installed or the scheduler does not answer.
    """

    _client: Any = None  # distributed has no types

    def __init__(self, study: Study, scheduler: str | None = None):
        self._study = study
        self._scheduler = scheduler
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if self._client and not self._scheduler:  # workers of one's own, which do nothing for others
                self._client.run(_end, on_error="ignore")
        finally:
            self._open.close()

    def run(self, jobs: list[Job | ReadJob], parallel: int) -> Iterator[tuple[int, str, Answer]]:
        """Do each job, like `Pool.run`. What it makes arrives in its folder on this machine."""
        from distributed import as_completed

        client = self._connect(parallel)
        kept = [number for number, job in enumerate(jobs) if isinstance(job, ReadJob) and not _can_be_sent(job)]
        if kept:
            with Pool(READ) as readers:
                for at, state, answer in readers.run([jobs[number] for number in kept], parallel):
                    yield kept[at], state, answer
        todo = ((number, job) for number, job in enumerate(jobs) if number not in kept)
        numbers: dict[str, int] = {}
        # Twice as many tasks as threads keep the workers busy; more would only use memory.
        done = as_completed([])
        self._submit(done, numbers, islice(todo, 2 * sum(client.nthreads().values())))
        for future in done:
            number = numbers.pop(future.key)
            self._submit(done, numbers, islice(todo, 1))
            yield number, "started", None
            yield number, "ended", self._fetch(jobs[number], future)

    def submit(self, function: Callable[..., bytes], *arguments: object) -> Future[bytes]:
        """Call a function on a worker, like `Executor.submit`; every failure of the future is a GeError."""
        answer: Future[bytes] = Future()

        def pass_on(done: Any) -> None:
            if done.status == "finished":
                answer.set_result(done.result())
            else:
                error = _error(done)
                answer.set_exception(error if isinstance(error, GeError) else GeError(_failed(error), _("run again")))

        self._connect(os.cpu_count() or 1).submit(_work, function, *arguments, pure=False).add_done_callback(pass_on)
        return answer

    def _connect(self, workers: int) -> Any:
        try:
            from distributed import Client
        except ImportError:
            todo = _(
                'install all of requirements-all.lock as the README says, or run `pip install -e ".[distributed]"` in the project'
            )
            raise GeError(_("dask is not installed"), todo) from None
        if not self._client:
            how = {"address": self._scheduler, "timeout": ANSWER_SECONDS} if self._scheduler else self._local(workers)
            try:
                self._client = self._open.enter_context(Client(**how))
            except (OSError, ValueError) as error:
                where = self._scheduler or _("this machine")
                raise GeError(
                    _("no dask scheduler at {where}: {error}", where=where, error=error), _("start it, or correct --scheduler")
                ) from None
        return self._client

    def _local(self, workers: int) -> dict[str, object]:
        """Return the options of a cluster on this machine whose workers end silently and leave nothing behind."""
        import dask

        folder = self._open.enter_context(scratch())
        self._open.enter_context(dask.config.set({"temporary-directory": str(folder)}))
        return {
            "host": "127.0.0.1",  # not reachable from other machines
            "n_workers": workers,
            "threads_per_worker": 1,
            "dashboard_address": "127.0.0.1:0",  # its dashboard too, on any free port
            "preload": [IGNORE_INTERRUPT],
            "silence_logs": logging.CRITICAL,  # a heartbeat in the moment of closing is an error to dask
        }

    def _submit(self, done: Any, numbers: dict[str, int], jobs: Iterable[tuple[int, Job | ReadJob]]) -> None:
        for number, job in jobs:
            future = self._client.submit(_work, call, job.at(Path()), pack(self._study, job), workings(), pure=False)
            numbers[future.key] = number
            done.add(future)

    def _fetch(self, job: Job | ReadJob, future: Any) -> Answer:
        if future.status != "finished":
            return _failed(_error(future))
        answer: Answer
        answer, results = future.result()
        if results:
            with whole_folder(job.made) as folder:
                if answer and job.made.is_dir():  # a failure is added beside the last good results
                    shutil.copytree(job.made, folder, dirs_exist_ok=True)
                zipfile.ZipFile(io.BytesIO(results)).extractall(folder)
        return answer


def _error(future: Any) -> BaseException:
    """Return why a task has no result: an error of its function, or of its worker or the connection."""
    try:
        error: BaseException = future.exception()
    except Exception as lost:  # distributed raises for a cancelled one
        return lost
    return error


def _failed(error: BaseException) -> str:
    return _("its task failed: {error}", error=" ".join(str(error).split()))


def _workbooks(job: ReadJob) -> list[RawFolder]:
    """Return the raw folders that reading a place needs: its own and the city's."""
    return [raw_folder(job.study.paths.raw / place) for place in {job.place, CITY}]


def _can_be_sent(job: ReadJob) -> bool:
    """Whether a copy of the workbooks is read as they are: not if a file is closed to us, leads elsewhere or has an odd name."""
    folders = _workbooks(job)
    try:
        for path in [path for folder in folders for path in folder.files]:
            path.open("rb").close()
            str(path).encode()
    except (OSError, UnicodeEncodeError):
        return False
    return not any(folder.unreadable or folder.outward for folder in folders)


def pack(study: Study, job: Job | ReadJob) -> bytes:
    """Return the part of the study that a job reads as a zip file: workbooks only where it reads them."""
    paths = study.paths
    root = paths.root
    current = [place for place in (job.place, CITY) if not why_stale(study, place)]
    folders = [root / "params", paths.own_indicators, *map(paths.tables, current)]
    files = [path for folder in folders for path in sorted(folder.rglob("*"))]
    if isinstance(job, ReadJob):
        files += [paths.corrections, *(path for folder in _workbooks(job) for path in folder.files)]
    else:
        files.append(root / job.notebook)  # without one, the worker takes the package's
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in filter(Path.is_file, files):
            archive.write(path, path.relative_to(root))
        if study.synthetic:
            archive.writestr((paths.raw / DEMO_MARK).relative_to(root).as_posix(), "{}")
    return package.getvalue()


def call(job: Job | ReadJob, package: bytes, versions: dict[str, str]) -> tuple[Answer, bytes]:
    """Unpack a part of a study into a folder of its own, do the job there, and pack what it made.

    Parameters
    ----------
    job : Job or ReadJob
        Its project's folder is replaced by this one.
    package : bytes
        What `pack` returned.
    versions : dict of str to str
        The caller's `workings`, which must be those of this machine.
    """
    different = [name for name, version in workings().items() if versions[name] != version]
    if different:
        return _(
            "the worker has another version of {packages}; install the same requirements there", packages=", ".join(different)
        ), b""
    with scratch() as folder:
        here = job.at(folder.resolve())
        zipfile.ZipFile(io.BytesIO(package)).extractall(folder)
        *_before, (_number, _state, answer) = _pool(TASKS[type(job)]).run([here], 1)
        results = io.BytesIO()
        if here.made.is_dir():
            with zipfile.ZipFile(results, "w", zipfile.ZIP_DEFLATED) as archive:
                for path in sorted(here.made.rglob("*")):
                    archive.write(path, path.relative_to(here.made))
        return answer, results.getvalue()


def _work(function: Callable[..., object], *arguments: object) -> object:
    """Call a function with temporary files in the folder of its worker, which dask removes even if the worker is killed."""
    from distributed import get_worker

    if _ending.is_set():
        return None  # nobody waits for it any more
    tempfile.tempdir = str(get_worker().local_directory)
    return function(*arguments)


def _pool(task: Task) -> Pool:
    """Return this thread's warm process for a task, which ends with the worker."""
    own = _here.__dict__
    if task.function not in own:
        own[task.function] = Pool(task)
        _pools.append(own[task.function])
    pool: Pool = own[task.function]
    return pool


def _end() -> None:
    """Let this worker's tasks end: dask kills a busy worker after some seconds, and what it had started would write on."""
    _ending.set()
    for pool in _pools:
        pool.__exit__(None, None, None)
