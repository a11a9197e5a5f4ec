"""`docs/ledgers.md` and `docs/zh/ledgers.md`, made from the contracts, the words and the rules."""

from typing import NamedTuple

from ge_analysis.ledgers.contract import Column, Contract, contracts
from ge_analysis.ledgers.issues import SEVERITIES, rules
from ge_analysis.ledgers.template import rule


class _Words(NamedTuple):
    """What the page says in one language besides the tables, which are in Chinese."""

    opening: str
    scopes: dict[str, str]
    needs: dict[bool, str]
    sheet: str
    comma: str
    header: str
    issues: str


_ENGLISH = _Words(
    opening="""# Ledgers

This page is generated from `src/ge_analysis/ledgers/contracts/`, `rules.yml` and the registry; change those, not this page.

A sheet is recognised by its header row. A county's workbooks are in `data/raw/<year>/<county slug>/`, the city's in
`data/raw/<year>/city/`; `.xlsx`, `.xlsm` and `.xls` are read, under any name. 必填 columns are required and have no blank cells.
""",
    scopes={"county": "county", "city": "city"},
    needs={True: "required", False: "optional"},
    sheet="Sent by the {scope}; {need}; one row per {key}.",
    comma=", ",
    header="| 表头 | name | 必填 | 填写要求 | 含义 | 也接受的表头 |",
    issues="## Issues\n\nAn error (错误) stops the county, a warning (提示) does not.\n\n| rule | 级别 | 名称 | 处理办法 |",
)
_CHINESE = _Words(
    opening="""# 台账

本页由数据约定（`src/ge_analysis/ledgers/contracts/`）、检查规则（`rules.yml`）和登记表生成；请改它们，不要改本页。[English](../ledgers.md)

按表头识别工作表。各县的工作簿放在 `data/raw/<年份>/<县的简名>/`，全市性的表放在 `data/raw/<年份>/city/`；读取 `.xlsx`、`.xlsm` 和
`.xls`，文件名不限。必填的列必须有，且不得留空。研究自己的列和表见[自行扩充](../your-own.md)。
""",
    scopes={"county": "各县", "city": "市里"},
    needs={True: "必报", False: "选报"},
    sheet="由{scope}报送；{need}；{key} 相同的为同一行。",
    comma="、",
    header="| 表头 | 列名 | 必填 | 填写要求 | 含义 | 也接受的表头 |",
    issues="## 检查规则\n\n有错误的县不进入计算，提示不影响计算。\n\n| 规则 | 级别 | 名称 | 处理办法 |",
)


def page(chinese: bool = False) -> str:
    """Return the text of the page.

    Examples
    --------
    >>> page().splitlines()[0], page(chinese=True).splitlines()[0]
    ('# Ledgers', '# 台账')
    """
    words = _CHINESE if chinese else _ENGLISH
    parts = [words.opening, *(_sheet(contract, words) for contract in contracts().values())]
    rows = [f"| `{name}` | {SEVERITIES[one.severity]} | {one.name} | {one.todo} |" for name, one in rules().items()]
    return "\n".join([*parts, words.issues, "|---|---|---|---|", *rows, ""])


def _sheet(contract: Contract, words: _Words) -> str:
    key = words.comma.join(f"`{name}`" for name in contract.key)
    said = words.sheet.format(scope=words.scopes[contract.scope], need=words.needs[contract.required], key=key)
    lines = [f"## {contract.sheet} (`{contract.table}`)", "", said, "", words.header, "|---|---|---|---|---|---|"]
    return "\n".join([*lines, *map(_column, contract.fields), ""])


def _column(column: Column) -> str:
    personal = {"drop": "（个人信息，不入库）", "pseudonym": "（个人信息，入库时换为代号）"}.get(column.personal or "", "")
    aliases = [alias.header for alias in column.aliases]
    aliases += [f"{alias.header}（{year}年）" for year, found in column.year_aliases.items() for alias in found]
    need = "必填" if column.required else ""
    meaning = column.description + personal
    return f"| {column.header} | `{column.name}` | {need} | {rule(column)} | {meaning} | {'、'.join(aliases)} |"
