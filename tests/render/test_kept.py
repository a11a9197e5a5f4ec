"""Edits made in Word are kept in the next report, or listed."""

import csv
import random
import re
import shutil

import pytest
from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from sample_project import HERE, REPORT

from ge_analysis.errors import GeError
from ge_analysis.report.kept import AUTHOR, Outcome, keep
from ge_analysis.report.markup import table
from ge_analysis.report.render import equip, render_project

TOPICS = ["接电", "停电", "电价", "投诉", "线路", "计量", "抢修", "缴费", "供电所", "工程", "开票", "巡视"]


def chapter(numbers: random.Random) -> str:
    """Return a chapter of paragraphs, lists, headings and tables whose numbers are drawn."""
    parts = ["# 三、现状 {#san}"]
    for number, topic in enumerate(TOPICS, 1):
        value = lambda: f"{numbers.uniform(1, 99):.2f}"  # noqa: E731
        parts += [
            f"## （{number}）{topic} {{#jie-{number}}}",
            f"{topic}方面，统计期内全市共{numbers.randrange(100, 999)}件，平均{value()}小时，"
            f"比上年减少{value()}%，见[表 3-{number}](#biao-3-{number})。",
            f"**{topic}的主要问题。**有{numbers.randrange(2, 12)}个县的{topic}时间偏长，最长的为{value()}小时，原因是人员不足。",
            "\n".join(f"- 关于{topic}的第{place}项要求：{numbers.randrange(1, 30)}个工作日内办结" for place in "一二三"),
            f"各县{topic}情况不一，需要分类施策，逐项落实，并由市能源局按季度通报。",
            table(
                f"表 3-{number}",
                f"各县{topic}情况",
                ["单元", "时间", "说明"],
                [[county, value(), f"{county}的{topic}以自查为准"] for county in ("离石区", "临县", "岚县")],
                align="lrl",
            ),
        ]
    return "\n\n".join(parts) + "\n"


def built(folder, seed):
    """Return the Word file of a report whose numbers depend on `seed`."""
    shutil.copytree(HERE / "sample", folder / "build")
    equip([REPORT], folder / "build")
    (folder / "build" / "chapters" / "03-state.qmd").write_text(chapter(random.Random(seed)), encoding="utf-8")
    with (folder / "build" / "report.qmd").open("a", encoding="utf-8") as file:
        file.write("\n{{< include chapters/03-state.qmd >}}\n")
    return render_project(folder / "build", folder / "out", ["docx"], "embedded", only=["report"])[0]


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    """The report as it was built, and as it is built after an update of the data."""
    return [built(tmp_path_factory.mktemp(f"built{seed}"), seed) for seed in (1, 2)]


def texts(document):
    """Return the text of all paragraphs, those of cells included."""
    return ["".join(node.text or "" for node in one.iter(qn("w:t"))) for one in document.element.body.iter(qn("w:p"))]


def write_into(paragraph, words):
    """Write words after the first sign that is no number, in a run of the paragraph."""
    for run in paragraph.runs:
        if found := re.search(r"[\u4e00-\u9fff]", run.text):
            run.text = run.text[: found.end()] + words + run.text[found.end() :]
            return
    raise AssertionError(paragraph.text)


def inserted(paragraph, words):
    new = OxmlElement("w:p")
    if paragraph._p.pPr is not None:
        style = OxmlElement("w:pPr")
        style.append(paragraph._p.pPr.find(qn("w:pStyle")).__copy__())
        new.append(style)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = words
    run.append(text)
    new.append(run)
    paragraph._p.addnext(new)


def test_of_a_hundred_edits_95_are_kept_across_an_update_and_the_rest_are_listed(versions, tmp_path):
    before, now = versions
    document = Document(str(before))
    drawn = random.Random(17)
    start = next(place for place, one in enumerate(document.paragraphs) if one.text == "三、现状")
    own = document.paragraphs[start + 1 :]
    prose = [one for one in own if one.style.name in {"Body Text", "First Paragraph", "Compact"} and "。" in one.text]
    lists = [one for one in own if one.text.startswith("关于")]
    headings = [one for one in own if one.style.name == "Heading 2"]
    cells = [row.cells[2].paragraphs[0] for one in document.tables[-len(TOPICS) :] for row in one.rows[1:]]
    drawn.shuffle(prose)
    drawn.shuffle(lists)
    drawn.shuffle(cells)
    expected, gone, marked = [], [], []
    for number in range(20):  # words, in sentences with numbers and without
        write_into(prose[number], f"（改{number}）")
        expected.append(f"（改{number}）")
    for number in range(20, 30):  # emphasis
        run = max(prose[number].runs, key=lambda run: len(run.text))
        run.font.highlight_color = WD_COLOR_INDEX.YELLOW
        marked.append(re.sub(r"[\d.]+", "#", run.text))
    for number in range(20):
        write_into(lists[number], f"（项{number}）")
        expected.append(f"（项{number}）")
    for number in range(20):
        write_into(cells[number], f"（格{number}）")
        expected.append(f"（格{number}）")
    for number in range(8):
        write_into(headings[number], f"（题{number}）")
        expected.append(f"（题{number}）")
    for number in range(12):
        inserted([*prose[:6], *lists[20:26]][number], f"手工添加的第{number}段文字。")
        expected.append(f"手工添加的第{number}段文字。")
    for one in [*prose[30:34], *lists[26:32]]:
        gone.append(re.sub(r"\d[\d.]*", "#", one.text))
        one._p.getparent().remove(one._p)
    assert len(expected) + len(gone) + len(marked) == 100
    edited, target = tmp_path / "edited.docx", tmp_path / "report.kept.docx"
    document.save(str(edited))

    edits = keep(edited, now, target)

    result = Document(str(target))
    found = texts(result)
    skeletons = [re.sub(r"\d[\d.]*", "#", text) for text in found]
    highlighted = {
        re.sub(r"[\d.]+", "#", run.text) for one in result.paragraphs for run in one.runs if run.font.highlight_color is not None
    }
    kept = (
        sum(any(words in text for text in found) for words in expected)
        + sum(text not in skeletons for text in gone)
        + sum(any(part in run or run in part for run in highlighted) for part in marked)
    )
    assert kept >= 95
    assert len(edits) == 100
    assert sum(edit.state is Outcome.LOST for edit in edits) == 100 - kept
    # the numbers are the current ones, and paragraphs with changed numbers are marked
    numbers = [re.findall(r"\d[\d.]*", text) for text in texts(Document(str(now))) if "统计期内全市共" in text]
    updated = [
        re.findall(r"\d[\d.]*", re.sub(r"（改\d+）", "", text))
        for text in found
        if "统计期内全市共" in re.sub("（.*?）", "", text)
    ]
    assert all(row in numbers for row in updated)
    changed = [edit for edit in edits if edit.state is Outcome.CHECK and edit.kind != "删除"]
    assert len(list(result.comments)) == len(changed) > 20
    assert {comment.author for comment in result.comments} == {AUTHOR}
    with target.with_suffix(".csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == 101


def test_nothing_edited_changes_nothing(versions, tmp_path):
    before, now = versions
    assert keep(before, now, tmp_path / "report.docx") == []
    assert texts(Document(str(tmp_path / "report.docx"))) == texts(Document(str(now)))


def test_number_changed_by_hand_and_since_is_kept_and_marked(versions, tmp_path):
    before, now = versions
    document = Document(str(before))
    one = next(one for one in document.paragraphs if one.text.startswith("停电方面"))
    run = next(run for run in one.runs if "平均" in run.text)
    run.text = re.sub(r"平均[\d.]+小时", "平均约五小时", run.text)
    document.save(str(tmp_path / "edited.docx"))
    (edit,) = keep(tmp_path / "edited.docx", now, tmp_path / "kept.docx")
    assert edit.state is Outcome.CHECK
    result = Document(str(tmp_path / "kept.docx"))
    assert any("平均约五小时" in text for text in texts(result))
    (comment,) = result.comments
    assert edit.now in comment.text


def test_edit_in_a_removed_paragraph_is_listed(versions, tmp_path):
    before, now = versions
    document = Document(str(before))
    write_into(next(one for one in document.paragraphs if one.text.startswith("各县停电情况")), "手写的话")
    document.save(str(tmp_path / "edited.docx"))
    later = Document(str(now))
    one = next(one for one in later.paragraphs if one.text.startswith("各县停电情况"))
    one._p.getparent().remove(one._p)
    later.save(str(tmp_path / "now.docx"))
    (edit,) = keep(tmp_path / "edited.docx", tmp_path / "now.docx", tmp_path / "kept.docx")
    assert edit.state is Outcome.LOST
    assert "手写的话" in edit.edited
    assert "手写的话" in (tmp_path / "kept.csv").read_text(encoding="utf-8")


def test_tracked_changes_count_as_made_and_comments_are_listed(versions, tmp_path):
    before, now = versions
    document = Document(str(before))
    one = next(one for one in document.paragraphs if one.text.startswith("各县停电情况"))
    insertion = OxmlElement("w:ins")
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "经会议研究，"
    run.append(text)
    insertion.append(run)
    one._p.pPr.addnext(insertion)
    document.add_comment(one.runs, text="请再核实", author="王某")
    document.save(str(tmp_path / "edited.docx"))
    edits = keep(tmp_path / "edited.docx", now, tmp_path / "kept.docx")
    assert [(edit.state, edit.kind) for edit in edits] == [(Outcome.KEPT, "修改"), (Outcome.LOST, "批注")]
    assert any(text.startswith("经会议研究，各县停电情况") for text in texts(Document(str(tmp_path / "kept.docx"))))


def test_kept_file_can_be_kept_again(versions, tmp_path):
    before, now = versions
    document = Document(str(before))
    write_into(next(one for one in document.paragraphs if one.text.startswith("各县停电情况")), "手写的话")
    document.save(str(tmp_path / "edited.docx"))
    keep(tmp_path / "edited.docx", now, tmp_path / "kept.docx")
    (edit,) = keep(tmp_path / "kept.docx", before, tmp_path / "again.docx")
    assert edit.state is Outcome.KEPT
    assert "手写的话" in edit.edited


@pytest.mark.parametrize("make", ["other", "text"])
def test_file_that_is_not_of_this_program_is_refused(versions, tmp_path, make):
    path = tmp_path / "other.docx"
    if make == "other":
        Document().save(str(path))
    else:
        path.write_text("no Word file", encoding="utf-8")
    with pytest.raises(GeError, match=r"other\.docx"):
        keep(path, versions[1], tmp_path / "kept.docx")
    assert not (tmp_path / "kept.docx").exists()
