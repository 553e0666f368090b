"""The shift is counted blind: one item is not there, so it stays open until the item is found and counted."""

from app.cli.demo import papers
from app.cli.demo.day import Day
from app.cli.demo.person import Person
from app.cli.demo.scenes import solving
from audit.evidence import EvidenceKind
from audit.kinds import EntryKind


def play(day: Day) -> None:
    """Close both shifts."""
    day.scene("đóng ca: kiểm đếm mù, lệch một, tìm ra, ký xác nhận", at="17:00")
    balanced, keeper = day.people["giaodich"], day.people["giaodich.ts"]
    count_blind(day, balanced, [], missing=0)
    countersign(day, balanced, day.people["kiemsoat"], closing=0)
    day.incident()
    count_blind(
        day,
        keeper,
        day.named("shelf"),
        missing=1,
        control="7 cân ca: kiểm đếm mù, lệch một",
    )
    shift, second = day.shifts["giaodich.ts"], day.people["kiemsoat.ts"]
    text = papers.refuse_closing(keeper, shift, second)
    day.shown(keeper, f"xin đóng ca {shift}: TỪ CHỐI", text)
    solving_in_the_drawer(day)


def solving_in_the_drawer(day: Day) -> None:
    """Find it, count again, close the incident, then the shift."""
    keeper, auditor = day.people["giaodich.ts"], day.people["kiemtra"]
    day.note(f"mở ngăn kéo quầy 1: {day.codes['drawer']} nằm dưới sổ; đếm lại từ đầu")
    count_blind(day, keeper, day.named("drawer", "shelf"), missing=0)
    solving.solve(
        day,
        keeper,
        auditor,
        report=("post_leader", "báo lãnh đạo bưu cục lúc 17:10"),
        proofs={"minutes": "BB 02 ký tại Từ Sơn", "recount": "đếm lại: đủ 2, khớp"},
        cause=("handling", "để quên trong ngăn kéo; đã thấy, đếm lại khớp"),
        control="7 cân ca: lệch được giải quyết",
    )
    countersign(
        day, keeper, day.people["kiemsoat.ts"], closing=2, control="7 cân ca: đóng có người ký xác nhận"
    )


def count_blind(day: Day, keeper: Person, codes: list[str], *, missing: int, control: str = "") -> None:
    """Count what is in hand without seeing what is expected."""
    shift = day.shifts[keeper.username]
    facts: dict[str, int | str] = {"part": 1, "last": "yes"}
    answer = keeper.act(EvidenceKind.COUNT, shift, facts=facts, marks=dict.fromkeys(codes, ""))
    expect_text = f"; đối chiếu: thiếu {missing}, sự vụ tự mở" if missing else "; đối chiếu: khớp"
    what = f"kiểm đếm mù, quét {len(codes)}{expect_text}"
    day.done(keeper, what, answer, control=control, shift=shift, missing=missing, unexpected=0)


def countersign(day: Day, keeper: Person, supervisor: Person, *, closing: int, control: str = "") -> None:
    """Close a shift that balances, before a supervisor."""
    shift = day.shifts[keeper.username]
    papers.close_shift(keeper, shift, supervisor)
    what = f"đóng ca {shift}, {supervisor.title} ký xác nhận"
    day.paper(keeper, what, EntryKind.SHIFT_CLOSED, control=control, shift=shift, closing=closing)
