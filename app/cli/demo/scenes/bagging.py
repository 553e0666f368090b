"""A bag is packed, sealed and closed with its manifest; it leaves with vehicle and escort for the hub."""

from app.cli.demo import cast, papers
from app.cli.demo.day import Day
from app.cli.demo.items import BAGGED
from app.cli.demo.ledger import Step
from app.cli.demo.person import Person, ScanAnswer
from app.cli.demo.scenes.opening import VANS
from app.domain.bag import contents_digest
from audit.evidence import EvidenceKind
from audit.kinds import EntryKind

SEAL, FOREIGN_SEAL, NEW_SEAL = "BG-0001", "TS-0001", "BD-0001"
WEIGHT = 2350


def play(day: Day) -> None:
    """Pack, close, plan and leave."""
    day.scene("Bắc Giang đóng túi, khóa bản kê, xe chuyển đi", at="08:45")
    _pack(day)
    _close(day)
    _leave(day)


def _pack(day: Day) -> None:
    clerk, codes = day.people["giaodich"], day.named(*BAGGED)
    bag = day.bag = papers.start_bag(clerk, to=cast.OTHER_POST_OFFICE, asset="TUI-BG-01")
    day.paper(clerk, f"mở chuyến túi {bag} đi Từ Sơn", EntryKind.BAG_STARTED, code=bag)
    answer = clerk.act(EvidenceKind.PACK, bag, marks=dict.fromkeys(codes, ""))
    day.done(clerk, f"quét {len(codes)} bưu gửi vào túi", answer)


def _close(day: Day) -> None:
    clerk, codes = day.people["giaodich"], day.named(*BAGGED)
    facts: dict[str, int | str] = {
        "weight_g": WEIGHT,
        "contents": contents_digest(codes),
        "pieces": len(codes),
        "last": "yes",
    }
    answer = clerk.act(EvidenceKind.CLOSE, day.bag, facts={**facts, "seal": FOREIGN_SEAL})
    day.refused(
        clerk,
        "seal_of_another_office",
        answer,
        what=f"đóng túi bằng niêm phong {FOREIGN_SEAL}",
        control="3 niêm phong: dải của bưu cục khác",
    )
    answer = clerk.act(EvidenceKind.CLOSE, day.bag, facts={**facts, "seal": SEAL})
    day.done(
        clerk,
        f"đóng túi, niêm phong {SEAL}, {WEIGHT} g; bản kê đã ký và khóa",
        answer,
        control="2 báo trước: bản kê ký và khóa",
    )
    papers.print_papers_of_bag(clerk, day.bag)
    day.ledger.tell(Step(kind=EntryKind.LABEL_PRINTED, what="in nhãn", codes=(day.bag,)))
    day.shown(clerk, "in thẻ túi và bản kê (PDF)")


def _leave(day: Day) -> None:
    clerk, courier = day.people["giaodich"], day.people["giaothu"]
    plan(day, clerk, courier, day.people["kiemsoat"], to=cast.HUB, hours=("09:15", "09:45"))
    day.done(clerk, "giao túi cho bưu tá", clerk.offer([day.bag], to=cast.POST_OFFICE))
    day.done(
        courier,
        "nhận túi, tự đọc niêm phong",
        courier.take([day.bag], seals={day.bag: SEAL}, witness=day.people["kiemsoat"]),
    )
    alone = depart(day, courier, None, plate=VANS["giaodich"])
    day.refused(
        courier, "witness_missing", alone, what="xuất phát không có áp tải", control="chặng: phải có áp tải"
    )
    leave(day, courier, day.people["kiemsoat"], plate=VANS["giaodich"])


def plan(
    day: Day, clerk: Person, courier: Person, escort: Person, *, to: str, hours: tuple[str, str]
) -> None:
    """Plan a leg for the bag, in the office's own vehicle."""
    today = f"{day.clock.local():%d/%m/%Y}"
    plate = VANS[clerk.username]
    leg = papers.plan_leg(
        clerk,
        [day.bag],
        crew=(courier.title, escort.title),
        plate=plate,
        to=to,
        hours=(f"{today} {hours[0]}", f"{today} {hours[1]}"),
    )
    day.legs[courier.username] = leg
    what = f"lập chặng {leg} đi {to}: xe {plate}, bưu tá {courier.title}, áp tải {escort.title}"
    day.paper(clerk, what, EntryKind.LEG_PLANNED, code=day.bag, leg=leg, vehicle=plate)


def leave(day: Day, courier: Person, escort: Person, *, plate: str) -> None:
    """Leave with the escort, who types their password at this station."""
    answer = depart(day, courier, escort, plate=plate)
    what = f"xuất phát, xe {plate}, {escort.title} áp tải ký tại chỗ"
    leg = day.legs[courier.username]
    day.done(courier, what, answer, control="chặng: xe và áp tải", leg=leg, vehicle=plate)


def depart(day: Day, courier: Person, escort: Person | None, *, plate: str) -> ScanAnswer:
    """Sign the departure."""
    leg = day.legs[courier.username]
    return courier.act(
        EvidenceKind.DEPART, leg, facts={"vehicle": plate}, marks={day.bag: ""}, witness=escort
    )


def arrive(day: Day, courier: Person, *, place: str) -> None:
    """Close the leg at its end: everything aboard was taken over."""
    leg = day.legs[courier.username]
    answer = courier.act(EvidenceKind.ARRIVE, leg, place=place)
    day.done(courier, "đóng chặng: hàng trên xe đã giao đủ", answer, leg=leg, handed=1, missing=0)
