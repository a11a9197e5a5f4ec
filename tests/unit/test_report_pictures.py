"""Photographs and screenshots of a study: placed behind their chapter, numbered on, captioned, listed, copied."""

import re

import pytest
from hand_study import make, whole
from test_report_project import text_of, written

from ge_analysis.errors import GeError


@pytest.fixture
def study(tmp_path):
    return make(tmp_path, whole(tmp_path))


def give(study, chapter: str, captions: str, *files: str) -> None:
    folder = study.paths.report / "pictures" / chapter
    folder.mkdir(parents=True)
    (folder / "captions.yml").write_text(captions, encoding="utf-8")
    for name in files:
        (folder / name).write_bytes(b"picture")


def test_pictures_follow_the_figures_of_their_chapter(study):
    give(study, "33-convenience", "hall.jpg: 政务大厅综合窗口\nmap.png: 容量查询界面\n", "hall.jpg", "map.png")
    give(study, "90-experience", "code.png: 转供电费码\n", "code.png")
    build = written(study)
    text = text_of(build)
    hall, screen = (re.findall(rf"图 (3-\d+) {caption}", text) for caption in ("政务大厅综合窗口", "容量查询界面"))
    for caption in (hall, screen, re.findall(r"附图 (1-1) 转供电费码", text)):
        assert len(caption) == 2 and len({*caption}) == 1  # in the list and below the picture
    assert int(screen[0][2:]) == int(hall[0][2:]) + 1
    assert text.index("四、市场主体感受", text.index("三、现状分析")) > text.rindex("容量查询界面")
    assert (build / "figures" / "33-convenience-hall.jpg").read_bytes() == b"picture"


@pytest.mark.parametrize(
    ("chapter", "captions", "files", "said"),
    [
        ("33-convenience", "hall.jpg: 窗口\n", ("hall.jpg", "other.png"), "other.png has no caption, or no picture"),
        ("33-convenience", "hall.jpg: 窗口\n", (), "hall.jpg has no caption, or no picture"),
        ("33-convenient", "hall.jpg: 窗口\n", ("hall.jpg",), "no chapter has this name"),
    ],
)
def test_a_picture_that_cannot_be_placed_is_an_error(study, chapter, captions, files, said):
    give(study, chapter, captions, *files)
    with pytest.raises(GeError, match=said):
        written(study)
