"""The auditor comes unannounced: what must be there is frozen, people count blind, both sides sign."""

from app.cli.demo import cast, papers
from app.cli.demo.day import Day
from audit.evidence import EvidenceKind
from audit.kinds import EntryKind


def play(day: Day) -> None:
    """Muster the second post office before its doors open."""
    day.scene("kiểm kê đột xuất ở Từ Sơn", day=2, at="07:00")
    auditor, keeper = day.people["kiemtra"], day.people["giaodich.ts"]
    for person in (auditor, keeper):
        person.log_in()
    shift = day.shifts["giaodich.ts"] = papers.open_shift(keeper)
    what = f"mở ca {shift}, nhận lại số dư cuối ca trước"
    day.paper(keeper, what, EntryKind.SHIFT_OPENED, shift=shift, opening=2)
    muster = papers.open_muster(auditor, place=cast.OTHER_POST_OFFICE)
    day.paper(
        auditor,
        f"mở kiểm kê {muster}, danh sách phải có đã chốt và giấu",
        EntryKind.MUSTER_OPENED,
        muster=muster,
        expected=2,
    )
    codes = day.named("drawer", "shelf")
    facts: dict[str, int | str] = {"part": 1, "last": "yes"}
    answer = keeper.act(EvidenceKind.COUNT, muster, facts=facts, marks=dict.fromkeys(codes, ""))
    day.done(keeper, f"đếm mù, quét {len(codes)}", answer, muster=muster)
    papers.close_muster(auditor, muster, keeper)
    day.paper(
        auditor,
        f"kết thúc kiểm kê: phải có 2, thấy 2; {keeper.title} cùng ký biên bản (PDF)",
        EntryKind.MUSTER_CLOSED,
        control="15 kiểm kê: đột xuất, hai bên ký",
        muster=muster,
        found=2,
        missing=0,
    )
