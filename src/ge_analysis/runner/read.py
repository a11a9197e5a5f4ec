"""A worker's task with the workbooks of one place: read, check and save them as tables."""

from ge_analysis.language import _, counted
from ge_analysis.ledgers import ingest
from ge_analysis.ledgers.issues import refusal
from ge_analysis.runner.jobs import Failure, ReadJob


def read(reading: ReadJob) -> Failure | None:
    """Ingest the workbooks of a place; return a failure if they have errors."""
    found = ingest.ingest(reading.study, [reading.place])[reading.place]
    reason = refusal(found)
    if not reason:
        return None
    errors = sum(issue.severity == "error" for issue in found)
    closed = any(issue.rule == "unreadable" for issue in found)
    unread = _("a workbook or folder of it cannot be opened")
    what = unread if closed else _("its workbooks have {errors}", errors=counted(errors, "error"))
    return Failure(
        reading.place, reason, "", _("{fault}; `ge check {place}` lists the errors", fault=what, place=reading.place), ""
    )
