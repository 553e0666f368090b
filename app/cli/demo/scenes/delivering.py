"""Delivery at the agency: only the named person, only after looking; one item is refused and goes back."""

from app.cli.demo import cast, papers
from app.cli.demo.day import Day
from app.cli.demo.scenes import solving
from app.cli.demo.scenes.collecting import take
from audit.evidence import Addressee, Checklist, CoverMark, Purpose, TakeReason
from audit.kinds import EntryKind


def play(day: Day) -> None:
    """Deliver what came in the bag; bring back what is refused."""
    day.scene("phát tại Sở Tài chính; một bưu gửi bị từ chối", at="13:40")
    clerk, courier = day.people["giaodich.ts"], day.people["giaothu.ts"]
    codes = day.named("top", "secret", "unwanted", "plain", "smudged")
    day.done(clerk, f"giao {len(codes)} bưu gửi cho bưu tá", clerk.offer(codes, to=cast.OTHER_POST_OFFICE))
    take(day, courier, codes, witness=day.people["kiemsoat.ts"])
    offered = courier.offer(codes, to=cast.FINANCE, place=cast.FINANCE, purpose=Purpose.DELIVERY)
    day.done(courier, f"đưa {len(codes)} bưu gửi đến phát", offered)
    _to_the_named_person(day)
    _to_the_office(day)
    _back(day)
    _slips(day)


def _to_the_named_person(day: Day) -> None:
    office, named = day.people["vanthu.tc"], day.people["minhchau.tc"]
    top = day.named("top")
    answer = office.take(top, seals=day.seals)
    day.refused(
        office,
        "named_person_only",
        answer,
        what="ký thay người có tên trên bì",
        control="phát: chỉ người có tên",
    )
    torn = Checklist(mark=CoverMark.DAMAGED, pieces=1, addressee=Addressee.OURS)
    answer = named.take(top, seals=day.seals, witness=office, checks={top[0]: torn})
    day.refused(
        named,
        "check_differs",
        answer,
        what="đánh dấu bì rách mà vẫn nhận",
        control="phát: soát trước khi ký",
    )
    day.done(
        named,
        "soát dấu mật, niêm phong, số bì, nơi nhận; ký nhận Tuyệt mật",
        named.take(top, seals=day.seals, witness=office),
    )


def _to_the_office(day: Day) -> None:
    office = day.people["vanthu.tc"]
    codes = day.named("secret", "unwanted", "plain", "smudged")
    unwanted = day.codes["unwanted"]
    answer = office.take(codes, seals=day.seals, refuse={unwanted: TakeReason.WRONG_ADDRESSEE})
    day.incident()
    day.done(
        office,
        f"ký nhận 3 (hẹn giờ 14:00 đúng giờ), từ chối {unwanted}: sai nơi nhận; sự vụ tự mở",
        answer,
        control="5 sai lệch: bị từ chối khi phát",
    )


def _back(day: Day) -> None:
    """Return the refused one to its sender; its incident stays open for the one who wrote the address."""
    day.scene("chuyển hoàn bưu gửi bị từ chối", at="14:40")
    courier, sender = day.people["giaothu.ts"], day.people["vanthu.khcn"]
    code = day.named("unwanted")
    offered = courier.offer(code, to=cast.SCIENCE, place=cast.SCIENCE, purpose=Purpose.RETURN)
    day.done(courier, "đưa về nơi gửi", offered)
    day.done(
        sender,
        "nhận lại bưu gửi chuyển hoàn",
        sender.take(code, seals=day.seals),
        control="phát: chuyển hoàn",
    )
    report = ("sender", "báo Sở KH&CN kèm phiếu chuyển hoàn; chờ người gửi giải trình")
    solving.first_report(day, day.people["giaodich.ts"], report)


def _slips(day: Day) -> None:
    """Send the slips back, but for the one that the story waits for."""
    day.scene("phiếu báo phát về nơi gửi; thiếu một phiếu", at="16:00")
    file(day, "giaothu.ts", "vanthu.khcn", "unwanted", kind="returned")
    for name, sender in (
        ("secret", "vanthu.khcn"),
        ("smudged", "vanthu.khcn"),
        ("plain", "vanthu.ubnd"),
        ("astray", "vanthu.ubnd"),
    ):
        file(day, "vanthu.tc", sender, name)
    day.note(f"phiếu báo phát của {day.codes['top']} (Tuyệt mật, hỏa tốc) chưa về VP UBND tỉnh")


def file(day: Day, printer: str, sender: str, name: str, *, kind: str = "delivered") -> None:
    """Print a slip at the receiver's, and scan it at the sender's."""
    control = "10 phiếu: báo chuyển hoàn là loại riêng" if kind == "returned" else ""
    code, owner = day.codes[name], day.people[sender]
    papers.print_slip(day.people[printer], code, kind)
    papers.file_slip(owner, day.read_slip(printer, code, kind))
    day.paper(
        owner,
        f"quét phiếu báo về của {code}",
        EntryKind.ACKNOWLEDGED,
        code=code,
        control=control,
        receipt=kind,
    )
