"""Put a finished relief on paper: the list, what became of each line, and the entries that both signed."""

from app.domain.relief import ReliefResult
from app.http.list_words import word_entry, word_lines, word_totals
from app.services.shifts.relief_pages import ReliefPage
from audit.kinds import EntryKind
from reports.list_minutes_model import ListMinutes, Signer
from reports.official import paper_time

_WHAT = {
    EntryKind.RELIEF_LISTED: "lập danh sách bàn giao",
    EntryKind.HANDOVER_OFFERED: "ký giao",
    EntryKind.HANDOVER_TAKEN: "ký nhận",
    EntryKind.SHIFT_CLOSED: "đóng ca",
}


def relief_paper(page: ReliefPage, *, origin: str) -> ListMinutes | None:
    """Word the minutes, always in Vietnamese; None while the leaver's shift is open."""
    shift, relief, people = page.shift, page.relief, page.people
    if page.lines is None or shift.closed_at is None or shift.supervisor is None:
        return None
    leaver, successor = people[shift.user].full_name, people[relief.successor].full_name
    return ListMinutes(
        title="BIÊN BẢN BÀN GIAO CA",
        about=f"Bàn giao ca tại {page.unit.name}",
        issuer=page.unit.name,
        code=shift.code,
        day=shift.closed_at,
        facts=(
            ("Nơi bàn giao", f"{page.unit.name} ({page.unit.code})"),
            ("Người giao ca", leaver),
            ("Người nhận ca", successor),
            ("Chốt danh sách lúc", f"{paper_time(relief.listed_at)}, gồm {relief.lines}"),
            ("Đóng ca lúc", paper_time(shift.closed_at)),
            ("Người ký xác nhận đóng ca", people[shift.supervisor].full_name),
        ),
        lines=word_lines(page.lines, "relief_result"),
        totals=word_totals(page.lines, ReliefResult, "relief_result", always={ReliefResult.TAKEN}),
        entries=tuple(
            word_entry(entry, what=_WHAT[entry.kind], who=people[entry.user].full_name)
            for entry in page.entries
        ),
        signers=(
            Signer(caption="NGƯỜI GIAO CA", name=leaver),
            Signer(caption="NGƯỜI NHẬN CA", name=successor),
        ),
        digest=page.digest,
        origin=origin,
    )
