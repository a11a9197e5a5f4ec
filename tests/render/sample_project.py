"""The sample project: what a reader must see of it in every format, and the proofs of its numbers."""

import json
import re
from pathlib import Path

from pypdf import PdfReader

HERE = Path(__file__).parent
REPORT = HERE.parents[1] / "report"

# What is in chapter 2 of the sample, as a reader must see it in every format.
HOSTILE = [
    "{{< include /etc/passwd >}}",
    "<script>alert(1)</script>",
    "$x^2$ \\\\input",
    '#read("/etc/passwd") @ref',
    "a | b * c _ d `e`",
    "[链接](http://example.org) ![图](http://example.org/a.png)",
    "\"引号\" 'x' -- ... ~ ^ -5 -?",
]
HEADINGS = [
    *("图目录", "表目录"),
    *("一、工作背景与指标", "（一）统计口径", "1. 停电时间", "2. 停电次数"),
    *("二、问题与原话", "（一）原话", "（二）横页"),
]
CONTENTS = [heading for heading in HEADINGS if not heading[0].isdigit()]
CAPTIONS = [
    "图 1-1　各单位停电时间",
    "表 1-1　各单位停电时间与次数",
    "表 2-1　受访者原话",
    "表 2-2　横页表",
    "图 2-1　停电时间的另一种画法",
]


def title_heights(folder: Path) -> dict[str, float]:
    """Return the pieces of the pdf's title, set in 26 points, with the height of their baseline [points]."""
    heights = {}

    def see(text, matrix, text_matrix, font, size):
        if size == 26 and text.strip():
            heights[text.strip()] = round(text_matrix[5] * matrix[3] + matrix[5], 1)

    PdfReader(folder / "report.pdf").pages[0].extract_text(visitor_text=see)
    return heights


# The proof of a number of table 1-1, with texts of a ledger that look like markup.
VALUE = "linxian saidi_hours area=rural"
SCRIPT = "<img src=x onerror=alert(1)><script>alert(1)</script>"
PROOF = {
    "of_what": ["农村"],
    "value": "39.52",
    "formula": "Σ分子 ÷ Σ分母 = 122,523.82 ÷ 3,100 = 39.523812 小时/户",
    "numerator": "122,523.82",
    "denominator": "3,100",
    "n": "2,915",
    "period": "2020-01-01/2020-12-31",
    "method": "2021.1",
    "command": "ge trace linxian saidi_hours --area rural",
    "of": [["停电时户数", "linxian hour_customers area=rural", "122,523.82"]],
    "count": 2916,
    "rows": [[0, "613.6", "0", "0.197935"]],
}
PAGE = {
    "counties": [["linxian", "临县"], ["wenshui", "文水县"], ["hostile", f"{SCRIPT}县"]],
    "places": {"linxian": "临县", "city": "吕梁市"},
    "indicators": {
        "saidi_hours": ["用户平均停电时间（小时/户）", "小时/户", f"每户的停电时间{SCRIPT}"],
        "hour_customers": ["停电时户数", "时·户", "停电时间之和"],
    },
    "values": {
        VALUE: PROOF,
        "linxian hour_customers area=rural": PROOF
        | {"value": "122,523.8", "of": [], "command": "ge trace linxian hour_customers"},
    },
    "rows": [["linxian", "停电事件", f"{SCRIPT}.xlsx", "停电事件", 2459, "；".join(HOSTILE)]],
}


def record_numbers(build: Path) -> None:
    """Record the numbers of the tables as printed numbers of the sample, all with one proof."""
    places = []
    for file in ("chapters/01-background.qmd", "chapters/02-findings.qmd"):
        for line, text in enumerate((build / file).read_text(encoding="utf-8").split("\n"), 1):
            places += [
                {
                    "text": found[1],
                    "file": file,
                    "line": line,
                    "offset": found.start(1),
                    "shows": "value",
                    "keys": [{"county": "linxian", "indicator": "saidi_hours", "area": "rural"}],
                }
                for found in re.finditer(r"(?<=\| )([\d,.]+)(?= \|)", text)
                if text.startswith("|")
            ]
    for name, content in (("printed.json", places), ("page.json", PAGE)):
        (build / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
