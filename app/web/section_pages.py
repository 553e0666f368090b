"""What several pages show of a closed section: its row, and the notice of the reader's own office."""

from app.domain.access import Permission
from app.http import negotiate, section_words
from app.http.person import Person
from app.http.ports import runtime
from app.services.shifts import section_notices
from app.services.shifts.section_notices import SectionNotice


def own_notice(person: Person) -> dict[str, object] | None:
    """Return the row of the reader's own office, None where its section is open, or none."""
    if not person.may(Permission.VIEW_SECTION):
        return None
    found = runtime().read(section_notices.find_own, actor=person.actor)
    return None if found is None else notice_row(found)


def notice_row(notice: SectionNotice) -> dict[str, object]:
    """Describe one closing for a list."""
    closing, now, language = notice.closing, runtime().now(), negotiate.locale()
    return {
        "code": closing.code,
        "office": notice.unit.short_name or notice.unit.name,
        "unit": notice.unit.code,
        "state": closing.state(now),
        "reason": closing.reason,
        "note": closing.note,
        "closed_at": closing.closed_at,
        "expected_at": closing.expected_at,
        "raises_at": closing.raises_at,
        "reopened_at": closing.reopened_at,
        "seal_state": closing.seal_state,
        "incident": closing.incident,
        "found": closing.found,
        "instead": "" if notice.instead is None else notice.instead.short_name or notice.instead.name,
        "text": section_words.notice_text(notice, now=now, locale=language),
        "advice": section_words.advice_text(notice, locale=language),
    }
