"""A mistyped contract is one line with its file and key."""

import shutil

import pytest
from edits import edit

from ge_analysis.errors import GeError
from ge_analysis.ledgers import contract, layout, words


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of the contracts, from which the contracts are read."""
    shutil.copytree(contract.FOLDER, tmp_path / "contracts")
    for module in (contract, words):
        monkeypatch.setattr(module, "FOLDER", tmp_path / "contracts")
    caches = (contract._contracts, contract._headings, layout._tables_by_heading, words._words)
    for cache in caches:
        cache.cache_clear()
    yield tmp_path / "contracts"
    for cache in caches:
        cache.cache_clear()


MISTYPED = {
    "unknown type": ("feeders", "type: yesno", "type: yesnot", "type"),
    "unknown key": ("feeders", "above: 0", "abov: 0", "abov"),
    "unknown field": ("feeders", "name: length_km", "name: lenght_km", "lenght_km"),
    "unknown code set": ("feeders", "codes: automation", "codes: automatic", "automation"),
    "no YAML": ("feeders", "key: [feeder]", "key: [feeder", "not valid YAML"),
    "same heading twice": ("feeders", "aliases: [线路总长度]", "aliases: [所属变电站]", "所属变电站"),
    "heading of another column": ("feeders", "aliases: [线路总长度]", "aliases: [自愈]", "自愈"),
    "value of two codes": ("feeders", "未覆盖: none", "三遥: none", "三遥"),
    "value twice": ("feeders", "未覆盖: none", "否: none", "twice"),
    "key that is no column": ("feeders", "key: [feeder]", "key: [feder]", "feder"),
    "limits": ("feeders", "minimum: 1950", "minimum: 2950", "minimum"),
    "table referred to": ("outages", "refers_to: feeders", "refers_to: feedrs", "feedrs"),
    "sheet of another": ("feeders", "sheet: 线路", "sheet: 用户数", "用户数"),
}


@pytest.mark.parametrize("case", MISTYPED)
def test_a_mistyped_contract_is_one_line(case, folder):
    table, right, wrong, named = MISTYPED[case]
    path = folder / f"{table}.yml"
    edit(path, right, wrong)
    with pytest.raises(GeError) as error:
        contract.contracts()
    said = str(error.value)
    assert "\n" not in said
    assert named in said
    assert ".yml" in said


def test_a_sheet_that_is_not_in_the_order_is_reported(folder):
    path = folder / "order.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("- feeders\n", ""), encoding="utf-8")
    with pytest.raises(GeError, match=r"order\.yml: feeders"):
        contract.contracts()


def test_a_sheet_in_the_order_without_a_contract_is_reported(folder):
    (folder / "feeders.yml").unlink()
    with pytest.raises(GeError, match=r"feeders\.yml is missing"):
        contract.contracts()
