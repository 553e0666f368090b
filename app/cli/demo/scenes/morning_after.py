"""The second morning: what stayed in the safe overnight is delivered, and its slips come back."""

from app.cli.demo import cast
from app.cli.demo.day import Day
from app.cli.demo.scenes.closing import count_blind, countersign
from app.cli.demo.scenes.collecting import take
from app.cli.demo.scenes.delivering import file
from audit.evidence import Purpose


def play(day: Day) -> None:
    """Deliver the two items of the agency that had received."""
    day.scene("sáng hôm sau: phát nốt hai bưu gửi của Sở Tài chính", day=2, at="07:30")
    names = ("kiemsoat.ts", "giaothu.ts", "vanthu.ubnd", "vanthu.tc")
    clerk, courier, receiver, _ = (day.people[name] for name in names)
    for name in names[1:]:
        day.people[name].log_in()
    codes = day.named("drawer", "shelf")
    day.done(clerk, "giao 2 bưu gửi cho bưu tá", clerk.offer(codes, to=cast.OTHER_POST_OFFICE))
    take(day, courier, codes)
    offered = courier.offer(codes, to=cast.OFFICE, place=cast.OFFICE, purpose=Purpose.DELIVERY)
    day.done(courier, "đưa đến VP UBND tỉnh", offered)
    day.done(receiver, "soát, ký nhận 2", receiver.take(codes, seals=day.seals))
    for name in ("drawer", "shelf"):
        file(day, "vanthu.ubnd", "vanthu.tc", name)
    count_blind(day, clerk, [], missing=0)
    countersign(day, clerk, day.people["giaodich.ts"], closing=0)
