"""Reading and notebooks on dask workers that share no disk with the study: the same bytes, whatever happens to a worker."""

import io
import os
import shutil
import subprocess
import time
import zipfile
from functools import partial
from pathlib import Path

import psutil
import pytest
from distributed import LocalCluster
from runner_study import COUNTY, GE, Program, hashes, replace_cell, results, write_notebook

from ge_analysis.errors import GeError
from ge_analysis.report import elsewhere
from ge_analysis.runner import distributed, stale
from ge_analysis.runner.jobs import Job, ReadJob

KILL_ITS_DASK_WORKER = """\
import psutil
from pathlib import Path
once = Path({once!r})
if not once.exists():
    once.touch()
    psutil.Process().parents()[2].kill()    # its worker, the warm process, dask's worker
"""


ON_A_CLUSTER = """\
import sys
from ge_analysis.runner.distributed import Cluster
from ge_analysis.runner.run import run
from ge_analysis.study import Study
study = Study.open(2021, sys.argv[1])
with Cluster(study) as cluster:
    run(study, cluster=cluster)
"""


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster:
        yield cluster


@pytest.fixture(scope="module")
def scheduler(cluster):
    return cluster.scheduler_address


@pytest.fixture
def run_there(run):
    """The function that runs a study on the workers of a scheduler, or of this machine."""

    def run_there(study, scheduler=None, **how):
        with distributed.Cluster(study, scheduler) as cluster:
            return run(study, cluster=cluster, **how)

    return run_there


def make_stale(study) -> None:
    for stamp in study.paths.processed.glob("c*/**/stamp.json"):
        stamp.unlink()


def make_all_stale(study) -> None:
    make_stale(study)
    shutil.rmtree(study.paths.processed / "tables")


def made(study) -> tuple[object, object]:
    return hashes(study.paths.processed / "tables"), results(study)


def test_two_workers_of_a_scheduler_make_the_same_tables_and_results_as_this_machine(finished, scheduler, run_there):
    local = made(finished)
    make_all_stale(finished)
    assert not run_there(finished, scheduler)
    assert made(finished) == local


def test_a_local_cluster_gives_the_same_results(finished, run_there):
    local = results(finished)
    make_stale(finished)
    assert not run_there(finished, jobs=1)
    assert results(finished) == local


def test_a_local_cluster_accepts_connections_from_this_machine_only(study):
    with distributed.Cluster(study) as cluster:
        cluster._connect(1)
        here = psutil.Process()
        found = [
            connection
            for process in (here, *here.children(recursive=True))
            for connection in process.net_connections(kind="inet")
            if connection.status == psutil.CONN_LISTEN
        ]
    outside = [connection.laddr for connection in found if connection.laddr.ip not in {"127.0.0.1", "::1"}]
    assert found
    assert not outside


def test_a_killed_worker_is_survived(study, scheduler, tmp_path, run, run_there):
    kill = KILL_ITS_DASK_WORKER.format(once=str(tmp_path / "once"))
    write_notebook(study.paths.notebooks / "county.ipynb", replace_cell(COUNTY, 5, kill + COUNTY[5][1]))
    assert not run_there(study, scheduler)
    assert (tmp_path / "once").exists()
    there = results(study)
    make_stale(study)
    assert not run(study)
    assert results(study) == there


def test_a_worker_that_is_killed_while_it_reads_is_survived(finished, cluster, run_there):
    local, killed = made(finished), []

    def kill_a_worker(event):
        if not killed:
            assert event.step == "tables"
            killed.append(cluster.workers[0].pid)
            psutil.Process(killed[0]).kill()

    make_all_stale(finished)
    assert not run_there(finished, cluster.scheduler_address, on_progress=kill_a_worker)
    assert killed
    assert made(finished) == local


def test_faulty_workbooks_are_reported_as_on_this_machine(study, scheduler, run, run_there):
    (study.paths.raw / "wenshui" / "坏.xlsx").write_bytes(b"not a workbook")
    there, there_made = run_there(study, scheduler), made(study)
    assert [failure.place for failure in there] == ["wenshui"]
    assert run(study) == there
    assert made(study) == there_made


@pytest.mark.parametrize("odd", ["linked", "named"])
def test_what_a_copy_would_change_is_read_on_this_machine(finished, scheduler, run, run_there, tmp_path, odd):
    folder = finished.paths.raw / "wenshui"
    book = next(folder.glob("*.xlsx"))
    if odd == "linked":
        (folder / "linked.xlsx").symlink_to(book.rename(tmp_path / "elsewhere.xlsx"))
    else:
        book.rename(os.fsdecode(os.fsencode(folder) + "/文水县停电.xlsx".encode("gbk")))
    there, there_made = run_there(finished, scheduler), made(finished)
    make_all_stale(finished)
    assert run(finished) == there
    assert made(finished) == there_made


def test_a_failing_county_is_reported_as_on_this_machine(study, scheduler, run, run_there):
    failing = replace_cell(COUNTY, 5, 'if county == "wenshui":\n    raise ValueError("no such feeder")\n' + COUNTY[5][1])
    write_notebook(study.paths.notebooks / "county.ipynb", failing)
    there, there_results = run_there(study, scheduler), results(study)
    make_stale(study)
    assert run(study) == there
    assert results(study) == there_results


def test_a_notebook_is_sent_without_workbooks(study):
    job = Job("linxian", "临县", study.paths.root, Path("notebooks/county.ipynb"), Path(), {}, {}, True)
    names = sent(study, job)
    assert "data/processed/2021/tables/linxian/outages.parquet" in names
    assert [name for name in names if "raw" in name] == ["data/raw/2021/.demo.json"]
    assert not [name for name in names if "wenshui" in name]


def test_workbooks_are_sent_with_those_of_the_city_only(study):
    names = sent(study, ReadJob(study, "linxian"))
    raw = [name for name in names if name.startswith("data/raw/2021/")]
    assert {name.split("/")[3] for name in raw} == {".demo.json", "linxian", "city"}
    assert len(raw) == 1 + sum(len(list((study.paths.raw / place).glob("*.xlsx"))) for place in ("linxian", "city"))


def sent(study, job) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(distributed.pack(study, job))).namelist()


def test_a_worker_with_other_code_refuses(study):
    versions = stale.workings() | {"code": "other", "pandas": "1.0"}
    answer, packed = distributed.call(ReadJob(study, "linxian"), b"", versions)
    assert answer == "the worker has another version of code, pandas; install the same requirements there"
    assert not packed


def test_briefs_made_by_workers_are_the_same_bytes(built_root, scheduler, tmp_path):
    root = shutil.copytree(built_root, tmp_path / "study")
    output = root / "report" / "_output" / "2021"
    before = hashes(output)
    shutil.rmtree(output / "counties")
    subprocess.run([*GE, "report", "--scheduler", scheduler], cwd=root, check=True)
    assert hashes(output) == before


def test_a_worker_with_other_code_renders_no_brief(built_root):
    build = built_root / "report" / "_build" / "2021"
    sent = elsewhere.submit_brief(partial, build, "counties/linxian", ["docx"], "embedded")
    with pytest.raises(GeError, match="the worker has other code, libraries or fonts"):
        sent.func(*sent.args[:-1], "other")


def die() -> None:
    psutil.Process().kill()


def fail() -> None:
    raise ValueError("two\nlines")


@pytest.mark.parametrize(("function", "reason"), [(die, "die"), (fail, "two lines")])
def test_a_task_that_cannot_be_done_is_one_clear_line(study, cluster, function, reason, monkeypatch):
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)  # it need not kill several workers
    with (
        distributed.Cluster(study, cluster.scheduler_address) as cluster,
        pytest.raises(GeError, match="its task failed: ") as error,
    ):
        cluster.submit(function).result()
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unreachable_scheduler_is_one_clear_line(study, run_there):
    with pytest.raises(GeError, match="no dask scheduler at tcp://127.0.0.1:9"):
        run_there(study, "tcp://127.0.0.1:9")


def test_an_interrupted_run_on_a_local_cluster_leaves_no_folder_and_no_process(study, tmp_path):
    begun, folder = tmp_path / "begun", tmp_path / "tmp"
    wait = f"import time\nPath({str(begun)!r}).touch()\ntime.sleep(600)\n"
    write_notebook(study.paths.notebooks / "county.ipynb", replace_cell(COUNTY, 5, wait + COUNTY[5][1]))
    folder.mkdir()
    program = Program(study, program=ON_A_CLUSTER, interruptible=True, environment={"TMPDIR": str(folder)})
    while not begun.exists():  # a cluster reports no start before the end
        assert program.process.poll() is None
        time.sleep(0.1)
    program.interrupt()
    _, errors = program.process.communicate()
    assert errors.count("Traceback") == 1, errors  # of this process; `ge` does not show them
    program.wait_until_all_are_gone()
    assert not list(folder.iterdir())
