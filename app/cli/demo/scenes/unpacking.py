"""The bag is opened before a witness and answered line by line; one item is missing, stopped and found."""

from app.cli.demo import cast, papers
from app.cli.demo.day import Day
from app.cli.demo.items import BAGGED
from app.cli.demo.scenes import solving
from app.cli.demo.scenes.bagging import NEW_SEAL, WEIGHT, arrive
from audit.evidence import EvidenceKind, Mark, Purpose
from audit.kinds import EntryKind


def play(day: Day) -> None:
    """Open, answer, search, find."""
    day.scene("Từ Sơn mở túi có người chứng kiến; thiếu một bưu gửi", at="11:40")
    _arrive(day)
    _open(day)
    _answer(day)
    _find(day)


def _arrive(day: Day) -> None:
    courier, clerk = day.people["giaothu.bdt"], day.people["giaodich.ts"]
    place = cast.OTHER_POST_OFFICE
    day.done(courier, "giao túi tại Từ Sơn", courier.offer([day.bag], to=place, place=place))
    day.done(
        clerk,
        "đọc niêm phong, nhận túi",
        clerk.take([day.bag], seals={day.bag: NEW_SEAL}, witness=day.people["kiemsoat.ts"]),
    )
    arrive(day, courier, place=place)


def _open(day: Day) -> None:
    clerk, witness = day.people["giaodich.ts"], day.people["kiemsoat.ts"]
    facts: dict[str, int | str] = {"seal": NEW_SEAL, "weight_g": WEIGHT + 2, "found": "intact"}
    alone = clerk.act(EvidenceKind.OPEN, day.bag, facts=facts)
    day.refused(
        clerk, "witness_missing", alone, what="mở túi một mình", control="4 mở túi: không mở một mình"
    )
    answer = clerk.act(EvidenceKind.OPEN, day.bag, facts=facts, witness=witness)
    day.done(
        clerk,
        f"mở túi, {witness.title} chứng kiến bằng mật khẩu của mình",
        answer,
        control="4 mở túi: có chứng kiến",
    )


def _answer(day: Day) -> None:
    clerk = day.people["giaodich.ts"]
    marks: dict[str, str] = dict.fromkeys(day.named(*BAGGED), Mark.RECEIVED.value)
    marks[day.codes["astray"]] = Mark.MISSING.value
    answer = clerk.act(EvidenceKind.ANSWER, day.bag, marks=marks)
    day.incident()
    day.done(
        clerk,
        f"trả lời bản kê từng dòng: đủ 5, thiếu {day.codes['astray']}; sự vụ tự mở",
        answer,
        control="2, 5 trả lời bản kê: thiếu một",
    )


def _find(day: Day) -> None:
    """Stop it everywhere, find it where it was packed: whoever packed it answers for it until then."""
    packer, auditor = day.people["giaodich"], day.people["kiemtra"]
    code = day.codes["astray"]
    papers.stop_code(packer, code, text="Từ Sơn báo thiếu khi mở túi; thấy ở đâu cũng giữ lại")
    day.paper(packer, f"ra lệnh giữ {code} ở mọi nơi", EntryKind.HOLD_PLACED, code=code, reason="lost")
    day.scene("tìm thấy: bưu gửi còn dưới bàn đóng túi ở Bắc Giang", at="12:20")
    day.refused(
        packer,
        "stopped",
        packer.offer([code], to=cast.POST_OFFICE),
        what="giao tiếp bưu gửi đang có lệnh giữ",
        control="5 sai lệch: dừng và giữ ở mọi nơi",
    )
    solving.solve(
        day,
        packer,
        auditor,
        report=("department", "CV 12/BC, gọi điện lúc 12:25"),
        proofs={
            "minutes": "BB 01 ký tại Bắc Giang và Từ Sơn",
            "search": "lục soát phòng đóng túi, thấy dưới bàn số 2, bì và niêm phong nguyên",
            "sender_told": "báo VP UBND tỉnh lúc 12:30",
            "police_told": "báo Công an tỉnh lúc 12:32, rút tin lúc 12:50",
        },
        cause=("handling", "rơi khi xếp túi; đã tìm thấy, nguyên vẹn"),
        control="5 sai lệch: tìm ra, người thứ hai đóng",
    )
    papers.lift_stop(auditor, code, text="đã tìm thấy, sự vụ đã đóng")
    day.paper(auditor, f"gỡ lệnh giữ {code}", EntryKind.HOLD_LIFTED, code=code)
    _deliver(day, [code])


def _deliver(day: Day, codes: list[str]) -> None:
    packer, courier, finance = (day.people[name] for name in ("giaodich", "giaothu", "vanthu.tc"))
    day.done(packer, "giao lại cho bưu tá", packer.offer(codes, to=cast.POST_OFFICE))
    day.done(courier, "nhận bưu gửi đã tìm thấy", courier.take(codes, seals=day.seals))
    offered = courier.offer(codes, to=cast.FINANCE, place=cast.FINANCE, purpose=Purpose.DELIVERY)
    day.done(courier, "chạy chuyến riêng, giao tại Sở Tài chính", offered)
    day.done(
        finance, "soát dấu mật, niêm phong, số bì, nơi nhận; ký nhận", finance.take(codes, seals=day.seals)
    )
