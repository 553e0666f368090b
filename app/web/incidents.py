"""Turn incidents into what their pages and their minutes say: names instead of ids, clocks in words.

It shows what `app/services/incidents/incident_pages.py` gave this person, and must never look further.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from app.domain.access import Actor, Permission
from app.domain.incident import Incident, IncidentStatus, IncidentStep, Severity
from app.domain.incident_search import IncidentSearch
from app.http import texts
from app.http.i18n import words
from app.http.person import Person
from app.services.incidents.incident_pages import IncidentFile, IncidentPage, IncidentRow, ShownNote
from app.web.translate import _
from reports.minutes_model import MinutesData, MinutesStep

_UNDER_WAY: Final = (IncidentStatus.OPEN, IncidentStatus.REPORTED, IncidentStatus.RESOLVED)
FILTERS: Final[Mapping[str, Callable[[], str]]] = {
    "": lambda: _("Đang xử lý"),
    "late": lambda: _("Quá hạn"),
    "mine": lambda: _("Tôi phụ trách"),
    "judge": lambda: _("Chờ người thứ hai"),
    "closed": lambda: _("Đã đóng"),
}
_ICONS: Final[Mapping[IncidentStep, str]] = {
    IncidentStep.OPENED: "exclamation-triangle-fill",
    IncidentStep.COMMENTED: "pencil",
    IncidentStep.ASSIGNED: "people",
    IncidentStep.EVIDENCED: "journal-check",
    IncidentStep.REPORTED: "envelope-paper",
    IncidentStep.RESOLVED: "check-circle-fill",
    IncidentStep.REOPENED: "arrow-counterclockwise",
    IncidentStep.CLOSED: "shield-check",
}
_FAMILIES: Final[Mapping[IncidentStep, str]] = {
    IncidentStep.OPENED: "incident_kind",
    IncidentStep.EVIDENCED: "proof",
    IncidentStep.REPORTED: "reported_to",
    IncidentStep.RESOLVED: "cause",
}


def search_of(chosen: str, actor: Actor, *, now: datetime, before: int | None) -> IncidentSearch:
    """Return the question behind one tab of the list."""
    match chosen:
        case "late":
            return IncidentSearch(overdue_at=now, before_id=before)
        case "mine":
            return IncidentSearch(statuses=_UNDER_WAY, owner=actor.user, before_id=before)
        case "judge":
            return IncidentSearch(statuses=(IncidentStatus.RESOLVED,), before_id=before)
        case "closed":
            return IncidentSearch(statuses=(IncidentStatus.CLOSED,), before_id=before)
        case _:
            return IncidentSearch(statuses=_UNDER_WAY, before_id=before)


def show_row(row: IncidentRow, page: IncidentPage, *, now: datetime) -> dict[str, object]:
    """Describe one line of the list."""
    incident = row.incident
    owner = page.users.get(incident.owner) if incident.owner is not None else None
    return {
        **_head(incident, now),
        "unit": page.units[incident.unit].short_name,
        "codes": row.codes[:3],
        "more": len(row.codes) - 3,
        "owner": owner.full_name if owner else "",
    }


def show_file(found: IncidentFile, person: Person, *, now: datetime) -> dict[str, object]:
    """Describe one incident and what this person may do about it now."""
    incident = found.incident
    owner = found.users.get(incident.owner) if incident.owner is not None else None
    is_open = not incident.is_closed
    may_judge = person.may(Permission.CLOSE_INCIDENT) and incident.status is IncidentStatus.RESOLVED
    handles = person.may(Permission.HANDLE_INCIDENT)
    return {
        **_head(incident, now),
        "unit": found.units[incident.unit].name,
        "units": sorted(unit.name for unit in found.units.values()),
        "codes": found.codes,
        "bags": found.bags,
        "strangers": found.strangers,
        "owner": owner.full_name if owner else "",
        "standard": incident.standard,
        "sample": found.sample,
        "opened_at": incident.opened_at,
        "report_due_at": incident.report_due_at,
        "reported_at": incident.reported_at,
        "report_late": (incident.reported_at or now) > incident.report_due_at,
        "resolve_due_at": incident.resolve_due_at,
        "resolved_at": incident.resolved_at,
        "resolve_late": (incident.resolved_at or now) > incident.resolve_due_at,
        "closed_at": incident.closed_at,
        "by_scan": bool(incident.scan),
        "steps": [_step(note, found) for note in reversed(found.notes)],
        "owed": [words(f"proof.{proof}") for proof in found.owed],
        "entries": found.entries,
        "may_comment": is_open,
        "may_report": handles and incident.status is IncidentStatus.OPEN,
        "may_handle": handles and is_open,
        "may_resolve": handles and incident.status is IncidentStatus.REPORTED,
        "may_judge": may_judge,
        "is_own": person.actor.user in {incident.resolved_by, incident.opened_by},
        "may_print": handles,
    }


def compose_minutes(found: IncidentFile, *, origin: str) -> MinutesData:
    """Return the minutes of an incident as they are printed: in Vietnamese, whoever prints them."""
    incident, unit = found.incident, found.units[found.incident.unit]
    return MinutesData(
        issuer=unit.name,
        number=incident.number.number,
        year=incident.number.year,
        reference=str(incident.number),
        kind=_vietnamese(f"incident_kind.{incident.kind}"),
        severity=_vietnamese(f"severity.{incident.severity}"),
        place=unit.address or unit.name,
        opened_at=incident.opened_at,
        report_due_at=incident.report_due_at,
        resolve_due_at=incident.resolve_due_at,
        sample=found.sample,
        standard=incident.standard,
        codes=found.codes + found.bags + found.strangers,
        steps=tuple(
            MinutesStep(
                at=one.note.noted_at,
                what=": ".join(
                    part
                    for part in (
                        _vietnamese(f"incident_step.{one.note.step}"),
                        _word(one, found, _vietnamese),
                    )
                    if part
                ),
                who=_who(one, found),
                text=one.text.text,
                is_lost=one.text.is_lost,
            )
            for one in found.notes
        ),
        owed=tuple(_vietnamese(f"proof.{proof}") for proof in found.owed),
        origin=origin,
        entries=found.entries,
    )


def _vietnamese(key: str) -> str:
    return texts.text(key, locale="vi")


def _head(incident: Incident, now: datetime) -> dict[str, object]:
    due = incident.due_at()
    return {
        "id": incident.id,
        "number": str(incident.number),
        "kind": incident.kind,
        "severity": incident.severity,
        "severity_tag": {Severity.GRAVE: "bad", Severity.SERIOUS: "warn"}.get(incident.severity, ""),
        "status": incident.status,
        "due_at": due,
        "overdue": due is not None and due < now,
        "left": "" if due is None else _left(due - now),
        "opened_at": incident.opened_at,
    }


def _left(gap: timedelta) -> str:
    """Say a span as people do: days and hours, or hours and minutes."""
    minutes = int(abs(gap).total_seconds()) // 60
    days, hours = divmod(minutes // 60, 24)
    span = (
        _("%(days)d ngày %(hours)d giờ", days=days, hours=hours)
        if days
        else _("%(hours)d giờ %(minutes)d phút", hours=hours, minutes=minutes % 60)
    )
    return _("quá %(span)s", span=span) if gap < timedelta(0) else _("còn %(span)s", span=span)


def _step(one: ShownNote, found: IncidentFile) -> dict[str, object]:
    return {
        "number": one.note.number,
        "step": one.note.step,
        "icon": _ICONS[one.note.step],
        "word": _word(one, found, words),
        "text": one.text,
        "who": _who(one, found),
        "at": one.note.noted_at,
    }


def _word(one: ShownNote, found: IncidentFile, say: Callable[[str], str]) -> str:
    family = _FAMILIES.get(one.note.step)
    if family is not None:
        return say(f"{family}.{one.note.word}")
    if one.note.step is IncidentStep.ASSIGNED:
        owner = next((user for user in found.users.values() if str(int(user.id)) == one.note.word), None)
        return owner.full_name if owner else ""
    return ""


def _who(one: ShownNote, found: IncidentFile) -> str:
    user = found.users.get(one.note.by) if one.note.by is not None else None
    return user.full_name if user else words("page.machine")
