"""An issue: one line that names the cell, what is wrong with it, and what the sender should do."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from ge_analysis.settings.model import Model
from ge_analysis.settings.yaml_files import read_yaml

SEVERITIES = {"error": "错误", "warning": "提示"}  # as printed


class IssueRule(Model):
    """One rule of `rules.yml`."""

    severity: Literal["error", "warning"]
    name: str
    todo: str


@cache
def rules() -> dict[str, IssueRule]:
    """Return every rule of the checks by its id."""
    return read_yaml(Path(__file__).with_name("rules.yml"), dict[str, IssueRule])


@dataclass(frozen=True, order=True)
class Issue:
    """One fault, or something that the sender should know.

    Parameters
    ----------
    county : str
        Slug, or "city".
    workbook : str
        Path below the county's folder; "" if it is about no workbook.
    sheet, cell : str
        Name of the sheet and address of the cell ("H12"); "" if it is about the whole file or sheet.
    rule : str
        Id in `rules.yml`.
    found : str
        The value found; never a personal value (`personal.quotable`).
    todo : str
        What the sender should do, in Chinese.
    severity : {"error", "warning"}
        Errors keep the county out of the results.
    """

    county: str
    workbook: str
    sheet: str
    cell: str
    rule: str
    found: str
    todo: str
    severity: str

    @property
    def name(self) -> str:
        """Chinese name of the rule."""
        return rules()[self.rule].name


def issue(
    rule: str, county: str, workbook: str = "", sheet: str = "", cell: str = "", found: object = "", /, **filled: object
) -> Issue:
    """Make an issue of a rule; `filled` goes into the rule's advice.

    Examples
    --------
    >>> issue("blank", "linxian", "a.xlsx", "停电事件", "C7", header="区域类型").todo
    '请填写“区域类型”'
    """
    broken = rules()[rule]
    todo = broken.todo.format(**{"sheet": sheet, "county": county} | filled)
    return Issue(county, workbook, sheet, cell, rule, str(found), todo, broken.severity)


def refusal(found: Iterable[Issue]) -> str:
    """Return why a place's workbooks cannot be used, worded for the report; "" if they can."""
    stopping = {issue.rule for issue in found if issue.severity == "error"}
    if not stopping:
        return ""
    if stopping == {"missing_workbook"}:
        return "没有报送台账"
    if stopping == {"program_error"}:
        return "台账未能读入"
    return "台账文件无法打开，未能读入" if "unreadable" in stopping else "台账有错误，未能读入"
