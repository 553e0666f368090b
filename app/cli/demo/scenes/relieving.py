"""The clerk of the second post office is relieved: a counted list, two signatures, a shift closed by it."""

from app.cli.demo import cast, papers
from app.cli.demo.day import Day
from app.cli.demo.scenes.closing import count_blind, countersign
from app.cli.demo.scenes.collecting import take
from audit.kinds import EntryKind


def play(day: Day) -> None:
    """Hand over what was counted, line by line, to a colleague who keeps the counter from now on."""
    day.scene("bàn giao ca ở Từ Sơn: theo danh sách, hai chữ ký", day=2, at="07:15")
    leaver, successor = day.people["giaodich.ts"], day.people["kiemsoat.ts"]
    successor.log_in()
    key = successor.enrol()
    day.paper(successor, f"đăng nhập, đăng ký khóa ký {key}", EntryKind.DEVICE_ENROLLED)
    shift = day.shifts["kiemsoat.ts"] = papers.open_shift(successor)
    day.paper(successor, f"mở ca {shift}", EntryKind.SHIFT_OPENED, shift=shift, opening=0)
    codes = day.named("drawer", "shelf")
    count_blind(day, leaver, codes, missing=0)
    leaving = day.shifts["giaodich.ts"]
    papers.list_relief(leaver, leaving, successor)
    day.paper(
        leaver,
        f"lập danh sách bàn giao {len(codes)} bưu gửi cho {successor.title}",
        EntryKind.RELIEF_LISTED,
        control="8 giao ca: danh sách đã đếm, chốt theo mã băm",
        shift=leaving,
        lines=len(codes),
    )
    offered = leaver.offer(codes, to=cast.OTHER_POST_OFFICE)
    day.done(leaver, f"ký giao {len(codes)}", offered, control="8 giao ca: người giao ký")
    take(day, successor, codes, control="8 giao ca: người nhận ký")
    countersign(day, leaver, successor, closing=0, control="8 giao ca: đóng ca theo biên bản bàn giao")
    papers.print_relief(leaver, leaving)
    day.note("in biên bản bàn giao ca (PDF): từng mã, hai chữ ký, các bản ghi chứng minh")
