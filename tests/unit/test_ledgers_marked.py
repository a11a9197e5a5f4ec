"""Rows marked as samples or as void count, and each is reported at the cell that says so, however it is written."""

from copy import deepcopy

import pytest
from ledger_books import COUNTY, issues, places, study, table, with_cell

from ge_analysis.ledgers.marked import mark_in

MARKED = {
    "例": ["例", "例：E1", "例:E1", "例 ： E1", "例1", "（例）", "(例1)", "E1（例）", "【例】城一线", "例，请勿删除"],
    "示例": ["示例", "示 例", "填写示例", "填报示例：", "【示例】", "示例1", "示例-E1", "E1 (示例)", "此行为示例", "［示例］"],
    "样例": ["样例", "填写样例", "“样例”", "样例：城一线", "＊样例"],
    "范例": ["范例", "填写范例"],
    "例如": ["例如：E1", "如下，（例如）"],
    "举例": ["举例：城一线"],
    "作废": ["作废", "（作废）", "(作废)", "【作废】", "[作废]E12", "E12作废", "E12（作废）", "E12-作废", "已作废", "此行作废"],
    "取消": ["取消", "已取消", "（已取消）", "已 取 消。", "停电计划已取消", "因雨，取消", "5月1日取消", "取消（客户原因）"],
    "撤销": ["申请已撤销", "客户撤销"],
    "撤单": ["撤单", "客户撤单，另行申请"],
    "删除": ["请删除", "已删除", "此条删除"],
    "不计入": ["不计入", "限电，不计入统计"],
}
UNMARKED = [
    "例行检修",
    "例行试验",
    "例会通报",
    "共3例",
    "3例",
    "条例",
    "城乡居民用电条例：第三条",
    "案例公示",
    "窗口有填写示例",
    "比例：30%",
    "取消收费",
    "取消A线停电",
    "卡表已取消",
    "办电收费已取消，不另收费",
    "发票作废",
    "作废2张发票",
    "旧表作废，换新表",
    "不计入费用的材料",
    "撤销处分的决定",
    "E12",
]


@pytest.mark.parametrize(("mark", "text"), [(mark, text) for mark, texts in MARKED.items() for text in texts])
def test_a_mark_is_recognised(mark, text):
    assert mark_in(text).startswith(mark)


@pytest.mark.parametrize("text", UNMARKED)
def test_words_of_a_sentence_are_no_mark(text):
    assert mark_in(text) == ""


def test_marked_rows_are_counted_and_each_is_reported_at_its_first_mark(tmp_path):
    book = deepcopy(COUNTY)
    header, first, second, third = book["停电事件"]
    fourth = ["E4", *third[1:]]
    first[0] = "例：E1"
    second[0], second[8] = "E2 作废", "已取消"
    third[8] = "（作废）"
    rows = [[*first, 1, "有效"], [*second, 2, "有效"], [*third, "示例"], [*fourth, 4, "作废"]]
    book["停电事件"] = [[*header, "序号", "状态"], *rows]
    paths = study(tmp_path, book)
    told = issues(paths)
    marked = [("A2", "例"), ("A3", "作废"), ("I4", "作废"), ("K5", "作废")]
    assert [(one.rule, one.cell, one.found) for one in told] == [
        ("unknown_column", "K1", "状态"),
        *(("marked_row", cell, word) for cell, word in marked),
    ]
    assert {one.severity for one in told} == {"warning"}
    assert told[-1].todo == "已按有效记录计入；如不应计入请删除该行后重报"
    assert table(paths, "停电事件")["event_id"].tolist() == ["例:E1", "E2作废", "E3", "E4"]


def test_a_mark_where_a_number_belongs_is_the_fault_of_its_cell(tmp_path):
    assert places(issues(study(tmp_path, with_cell("停电事件", 2, 8, "20（作废）")))) == [("not_a_number", "停电事件", "H2")]


def test_a_marked_row_that_a_correction_drops_is_not_reported(tmp_path):
    paths = study(tmp_path, with_cell("停电事件", 2, 9, "作废"))
    entry = "county: linxian, sheet: 停电事件, key: {event_id: E1}, field: event_id, action: drop, expect: E1"
    paths.corrections.parent.mkdir(parents=True, exist_ok=True)
    paths.corrections.write_text(f"- {{{entry}, reason: 作废, told_by: 临县供电公司, date: 2021-12-01}}\n", encoding="utf-8")
    assert issues(paths) == []
    assert table(paths, "停电事件")["event_id"].tolist() == ["E2", "E3"]
