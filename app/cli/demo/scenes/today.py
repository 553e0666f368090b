"""A new morning, left in the middle: something waits in every work list of whoever looks at the site next."""

from app.cli.demo import cast, papers
from app.cli.demo.day import Day
from app.cli.demo.items import TODAY
from app.cli.demo.scenes.collecting import bring, take
from app.cli.demo.scenes.registering import register
from audit.evidence import EvidenceKind
from audit.kinds import EntryKind


def play(day: Day) -> None:
    """Open a shift, collect, begin a bag, and stop there."""
    day.scene("một buổi sáng mới, để dở cho người xem")
    for name in ("vanthu.khcn", "giaothu", "giaodich"):
        day.people[name].log_in()
    clerk, courier, sender = (day.people[name] for name in ("giaodich", "giaothu", "vanthu.khcn"))
    shift = papers.open_shift(clerk)
    day.paper(clerk, f"mở ca {shift}", EntryKind.SHIFT_OPENED, shift=shift)
    for item in TODAY:
        register(day, item)
    code = day.named("today_3")
    day.done(sender, "giao 1 bưu gửi cho bưu cục", sender.offer(code, to=cast.POST_OFFICE))
    take(day, courier, code)
    bring(day, code, courier="giaothu", clerk="giaodich", office=cast.POST_OFFICE)
    bag = papers.start_bag(clerk, to=cast.OTHER_POST_OFFICE, asset="TUI-BG-02")
    day.paper(clerk, f"mở chuyến túi {bag}", EntryKind.BAG_STARTED, code=bag)
    day.done(clerk, "quét 1 bưu gửi vào túi", clerk.act(EvidenceKind.PACK, bag, marks={code[0]: ""}))
    office = day.people["vanthu.ubnd"]
    waiting = day.named("today_1", "today_2")
    day.done(office, "giao 2 bưu gửi, đang chờ bưu tá", office.offer(waiting, to=cast.POST_OFFICE))
