"""An incident is reported, proved, resolved by one person and closed by another."""

from collections.abc import Mapping

from app.cli.demo import papers
from app.cli.demo.day import Day
from app.cli.demo.person import Person
from audit.kinds import EntryKind


def solve(
    day: Day,
    handler: Person,
    second: Person,
    *,
    report: tuple[str, str],
    proofs: Mapping[str, str],
    cause: tuple[str, str],
    control: str,
) -> None:
    """Take the newest incident through all its steps."""
    incident, number = first_report(day, handler, report)
    for proof, text in proofs.items():
        papers.step_incident(handler, incident, "evidence", {"proof": proof, "text": text})
        what = f"sự vụ {number}, chứng cứ: {text}"
        day.paper(handler, what, EntryKind.INCIDENT_NOTED, incident=number, proof=proof)
    papers.step_incident(handler, incident, "resolve", {"cause": cause[0], "text": cause[1]})
    what = f"kết luận sự vụ {number}: {cause[1]}"
    day.paper(handler, what, EntryKind.INCIDENT_RESOLVED, incident=number, cause=cause[0])
    papers.print_minutes(handler, incident)
    papers.step_incident(second, incident, "close", {"text": "đồng ý"})
    what = f"là người thứ hai, đóng sự vụ {number}"
    day.paper(second, what, EntryKind.INCIDENT_CLOSED, control=control, incident=number)


def first_report(day: Day, handler: Person, report: tuple[str, str]) -> tuple[int, str]:
    """Note the first report of the newest incident; returns its address and number."""
    incident, number = papers.newest_incident(handler)
    papers.step_incident(handler, incident, "report", {"to": report[0], "text": report[1]})
    what = f"báo cáo đầu về sự vụ {number}: {report[1]}"
    day.paper(handler, what, EntryKind.INCIDENT_REPORTED, incident=number, to=report[0])
    return incident, number
