"""Word the notice of a closed section for print, always in Vietnamese."""

from app.http.texts import text
from app.services.shifts.section_pages import SectionPage
from reports.section_notice import SectionNoticePaper


def section_notice(page: SectionPage) -> SectionNoticePaper:
    """Return the notice that hangs at the counter; it tells nothing of what lies inside."""
    notice, closing = page.notice, page.notice.closing
    return SectionNoticePaper(
        code=closing.code,
        office=notice.unit.name,
        address=notice.unit.address,
        reason=text(f"section_reason.{closing.reason}"),
        note=closing.note,
        closed_at=closing.closed_at,
        expected_at=closing.expected_at,
        instead="" if notice.instead is None else notice.instead.name,
        instead_address="" if notice.instead is None else notice.instead.address,
        by=page.people[closing.closed_by].full_name,
    )
