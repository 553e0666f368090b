"""Word a closed section for whoever stands before it: why, since when, until when, and what to do instead.

One sentence for the screen, the scan station and the answer of the API, in the reader's language.
"""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.section import SectionState
from app.http.texts import text
from app.services.shifts.section_notices import SectionNotice

_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")


def notice_text(notice: SectionNotice, *, now: datetime, locale: str) -> str:
    """Return the sentence about the section."""
    closing = notice.closing
    state = SectionState.OVERDUE if closing.expected_at <= now else SectionState.CLOSED
    return text(
        f"section_notice.{state}",
        locale=locale,
        office=notice.unit.short_name or notice.unit.name,
        since=_time(closing.closed_at),
        until=_time(closing.expected_at),
        reason=text(f"section_reason.{closing.reason}", locale=locale).lower(),
    )


def advice_text(notice: SectionNotice, *, locale: str) -> str:
    """Return what to do: go elsewhere, or keep what is in hand."""
    if notice.instead is None:
        return text("section_notice.wait", locale=locale)
    return text(
        "section_notice.instead", locale=locale, office=notice.instead.short_name or notice.instead.name
    )


def refusal_text(notice: SectionNotice | None, *, now: datetime, locale: str) -> str:
    """Return the message of a line that was refused for it; the plain text where it has ended meanwhile."""
    if notice is None:
        return text("refusal.section_closed", locale=locale)
    return f"{notice_text(notice, now=now, locale=locale)} {advice_text(notice, locale=locale)}"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(_ZONE):%H:%M %d/%m/%Y}"
