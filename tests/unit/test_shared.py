"""Raw data on shared storage: the copy in the study is what lies there, whatever happened before."""

import sys
from pathlib import Path

import fsspec
import pytest

from ge_analysis import demo
from ge_analysis.cli import main
from ge_analysis.cli.watch import followed
from ge_analysis.errors import GeError
from ge_analysis.storage.paths import Paths
from ge_analysis.storage.shared import fetch
from ge_analysis.study import Study


@pytest.fixture(params=["file", "memory"])
def store(request, tmp_path):
    """An address, and the storage that it is on, with two files."""
    address = {"file": (tmp_path / "shared").as_uri(), "memory": f"memory://{tmp_path.name}"}[request.param]
    system, root = fsspec.url_to_fs(address)
    for name in ("linxian", "city", "wenshui"):
        system.makedirs(f"{root}/{name}", exist_ok=True)
    system.pipe({f"{root}/linxian/停电.xlsx": b"one", f"{root}/city/a b%20.xlsx": b"two"})
    return address, system, root


def copied(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("[!.]*") if path.is_file()}


def test_new_changed_and_removed_files_are_followed(store, tmp_path):
    address, system, root = store
    fetch(address, tmp_path / "raw")
    assert copied(tmp_path / "raw") == {"linxian/停电.xlsx": b"one", "city/a b%20.xlsx": b"two"}
    system.pipe({f"{root}/linxian/停电.xlsx": b"ONE", f"{root}/wenshui/b.xls": b"three"})
    system.rm(f"{root}/city/a b%20.xlsx")
    fetch(address, tmp_path / "raw")
    assert copied(tmp_path / "raw") == {"linxian/停电.xlsx": b"ONE", "wenshui/b.xls": b"three"}
    assert {path.name for path in (tmp_path / "raw").iterdir() if path.is_dir()} == {"linxian", "wenshui"}


def test_what_is_unchanged_is_not_copied_again(store, tmp_path, monkeypatch):
    address, system, root = store
    fetch(address, tmp_path / "raw")
    monkeypatch.setattr(type(system), "get_file", lambda *_: pytest.fail("copied again"))
    fetch(address, tmp_path / "raw")


def test_a_file_lost_from_the_copy_is_copied_again(store, tmp_path):
    fetch(store[0], tmp_path / "raw")
    (tmp_path / "raw" / "linxian" / "停电.xlsx").unlink()
    fetch(store[0], tmp_path / "raw")
    assert copied(tmp_path / "raw")["linxian/停电.xlsx"] == b"one"


def test_a_copy_that_breaks_off_is_completed(store, tmp_path, monkeypatch):
    address, system, root = store
    copy, done = type(system).get_file, []

    def one_only(self, *arguments):
        if done:
            raise OSError("connection lost")
        done.append(copy(self, *arguments))

    monkeypatch.setattr(type(system), "get_file", one_only)
    with pytest.raises(GeError, match="connection lost; correct raw_address in params/study.yml, or the connection"):
        fetch(address, tmp_path / "raw")
    monkeypatch.undo()
    assert len(copied(tmp_path / "raw")) == 1
    fetch(address, tmp_path / "raw")
    assert copied(tmp_path / "raw") == {"linxian/停电.xlsx": b"one", "city/a b%20.xlsx": b"two"}


def test_files_from_elsewhere_are_refused_and_kept(store, tmp_path):
    own = tmp_path / "raw" / "linxian" / "own.xlsx"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"own")
    with pytest.raises(GeError, match=r"own\.xlsx is not from .*; move it away"):
        fetch(store[0], tmp_path / "raw")
    assert copied(tmp_path / "raw") == {"linxian/own.xlsx": b"own"}


def test_an_emptied_address_removes_nothing(store, tmp_path):
    address, system, root = store
    fetch(address, tmp_path / "raw")
    system.rm(root, recursive=True)
    with pytest.raises(GeError, match="no file in it"):
        fetch(address, tmp_path / "raw")
    assert len(copied(tmp_path / "raw")) == 2


def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path):
    system = fsspec.filesystem("memory")
    system.store[f"/{tmp_path.name}/../../out.xlsx"] = system.open(f"/{tmp_path.name}/a.xlsx", "wb")
    with pytest.raises(GeError, match="leads out of the folder"):
        fetch(f"memory://{tmp_path.name}", tmp_path / "raw")
    assert not (tmp_path / "raw").exists()


@pytest.mark.parametrize("address", ["nope://user:secret@host/x", "s3://bucket/x", "file:///no/such/folder"])
def test_an_address_that_cannot_be_read_is_one_line_without_its_password(address, tmp_path):
    with pytest.raises(GeError) as error:
        fetch(address, tmp_path / "raw")
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


def test_commands_work_with_the_copy(project, tmp_path, monkeypatch, capsys):
    study = Study.open(2021, project)
    demo.write(study)
    study.paths.raw.rename(tmp_path / "2021")
    with (project / "params" / "study.yml").open("a", encoding="utf-8") as file:
        file.write(f"raw_address: {tmp_path.as_uri()}\n")
    monkeypatch.chdir(project)
    monkeypatch.setattr(sys, "argv", ["ge", "ingest"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code, capsys.readouterr()
    assert copied(study.paths.raw) == copied(tmp_path / "2021")
    assert Study.open(2021, project).synthetic
    assert len(Study.open(2021, project).table("临县", "停电事件"))


def test_a_watch_follows_the_storage_and_says_once_that_it_is_gone(tmp_path, capsys):
    shared, county = tmp_path / "shared", tmp_path / "shared" / "2021" / "linxian"
    county.mkdir(parents=True)
    (county / "停电.xlsx").write_bytes(b"one")
    opened = Study.open(2021)
    params = opened.params.model_copy(update={"study": opened.params.study.model_copy(update={"raw_address": shared.as_uri()})})
    study = Study(params, Paths(tmp_path / "own", 2021))

    def batches():
        yield {county}
        assert copied(study.paths.raw) == {"linxian/停电.xlsx": b"one"}
        (county / "接电.xlsx").write_bytes(b"two")
        yield set()
        assert copied(study.paths.raw) == {"linxian/停电.xlsx": b"one", "linxian/接电.xlsx": b"two"}
        shared.rename(tmp_path / "away")
        yield set()
        yield set()
        (tmp_path / "away").rename(shared)
        (county / "停电.xlsx").unlink()
        yield set()

    assert [*followed(study, batches(), seconds=0)] == [{county}, set(), set(), set(), set()]
    assert copied(study.paths.raw) == {"linxian/接电.xlsx": b"two"}
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_watch_looks_at_the_storage_only_every_so_often(monkeypatch):
    monkeypatch.setattr("ge_analysis.cli.watch.collect", lambda study: pytest.fail("looked"))
    assert [*followed(Study.open(2021), [set()] * 3, seconds=60)] == [set()] * 3
