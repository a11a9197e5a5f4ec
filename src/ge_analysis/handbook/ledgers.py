"""`docs/ledgers.md`, made from the contracts, the words and the rules."""

from ge_analysis.ledgers.contract import Column, Contract, contracts
from ge_analysis.ledgers.issues import SEVERITIES, rules
from ge_analysis.ledgers.template import rule

_OPENING = """# Ledgers

This page is generated from `src/ge_analysis/ledgers/contracts/`, `rules.yml` and the registry; change those, not this page.

A sheet is recognised by its header row. A county's workbooks are in `data/raw/<year>/<county slug>/`, the city's in
`data/raw/<year>/city/`; `.xlsx`, `.xlsm` and `.xls` are read, under any name. 必填 columns are required and have no blank cells.
"""


def page() -> str:
    """Return the text of the page.

    Examples
    --------
    >>> page().splitlines()[0]
    '# Ledgers'
    """
    parts = [_OPENING]
    parts += [_sheet(contract) for contract in contracts().values()]
    parts.append("## Issues\n\nAn error (错误) stops the county, a warning (提示) does not.\n\n" + _issues())
    return "\n".join(parts)


def _sheet(contract: Contract) -> str:
    need = "required" if contract.required else "optional"
    key = ", ".join(f"`{name}`" for name in contract.key)
    lines = [f"## {contract.sheet} (`{contract.table}`)", "", f"Sent by the {contract.scope}; {need}; one row per {key}.", ""]
    lines += ["| 表头 | name | 必填 | 填写要求 | 含义 | 也接受的表头 |", "|---|---|---|---|---|---|"]
    lines += [_column(column) for column in contract.fields]
    return "\n".join([*lines, ""])


def _column(column: Column) -> str:
    personal = {"drop": "（个人信息，不入库）", "pseudonym": "（个人信息，入库时换为代号）"}.get(column.personal or "", "")
    aliases = [alias.header for alias in column.aliases]
    aliases += [f"{alias.header}（{year}年）" for year, found in column.year_aliases.items() for alias in found]
    need = "必填" if column.required else ""
    meaning = column.description + personal
    return f"| {column.header} | `{column.name}` | {need} | {rule(column)} | {meaning} | {'、'.join(aliases)} |"


def _issues() -> str:
    lines = ["| rule | 级别 | 名称 | 处理办法 |", "|---|---|---|---|"]
    lines += [f"| `{name}` | {SEVERITIES[one.severity]} | {one.name} | {one.todo} |" for name, one in rules().items()]
    return "\n".join([*lines, ""])
