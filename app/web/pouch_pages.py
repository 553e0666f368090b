"""Words of the pages of pouches, and a return as it goes on paper."""

from app.domain.bag import contents_digest
from app.http import texts
from app.services.bags.pouch_pages import ListFile, PouchQueue
from app.web.translate import _
from reports.pouch_list import PouchListPaper


def queue_title(queue: PouchQueue) -> str:
    """Name a queue in the reader's language."""
    titles = {
        PouchQueue.EMPTY: _("Rỗng tại đây"),
        PouchQueue.IN_USE: _("Đang dùng tại đây"),
        PouchQueue.OUT: _("Của ta ở nơi khác"),
        PouchQueue.OF_OTHERS: _("Của nơi khác ở đây"),
        PouchQueue.OVERDUE: _("Quá hạn trả"),
        PouchQueue.MISSING: _("Thiếu"),
        PouchQueue.PROPOSED: _("Chờ duyệt xóa"),
    }
    return titles[queue]


def pouch_paper(file: ListFile, *, log: str) -> PouchListPaper:
    """Put a return on paper, in Vietnamese whatever the reader's language."""
    found, lines = file.list, file.lines
    answers = {asset: mark for mark in ("received", "missing", "excess") for asset in lines[mark]}
    entries = ", ".join(f"{_STEPS[one.step]} {one.index}" for one in file.entries)
    receiver = "" if found.received_by is None else file.people[found.received_by].full_name
    return PouchListPaper(
        code=found.code,
        sender=file.units[found.sender].name,
        receiver=file.units[found.receiver].name,
        sent_by=file.people[found.sent_by].full_name,
        sent_at=found.sent_at,
        received_by=receiver,
        received_at=found.received_at,
        cancelled_at=found.cancelled_at,
        lines=tuple(
            (
                asset,
                texts.text(f"pouch_mark.{answers[asset]}", locale="vi") if asset in answers else "",
            )
            for asset in (*sorted(lines["sent"]), *sorted(lines["excess"]))
        ),
        digest=contents_digest(lines["sent"]),
        entry_note=f"{log}, bản ghi: {entries}",
    )


_STEPS = {"sent": "gửi", "received": "nhận", "cancelled": "hủy"}
