"""At the hub the seal is read blind: a wrong reading stops the bag; a worn seal is changed by two persons."""

from app.cli.demo import cast
from app.cli.demo.day import Day
from app.cli.demo.scenes.bagging import NEW_SEAL, SEAL, WEIGHT, arrive, leave, plan
from app.cli.demo.scenes.opening import VANS
from audit.evidence import EvidenceKind

MISREAD = "BG-0007"


def play(day: Day) -> None:
    """Take the bag in at the hub, change its seal, send it on."""
    day.scene("trung tâm khai thác: niêm phong không khớp", at="09:50")
    courier, clerk, witness = (day.people[name] for name in ("giaothu", "khaithac", "aptai"))
    day.done(courier, "giao túi tại Bưu điện tỉnh", courier.offer([day.bag], to=cast.HUB, place=cast.HUB))
    answer = clerk.take([day.bag], seals={day.bag: MISREAD}, witness=witness)
    day.refused(
        clerk,
        "seal_differs",
        answer,
        what=f"đọc niêm phong {MISREAD} (không thấy số đã ghi)",
        control="3 niêm phong: so mà không cho xem số",
    )
    day.done(
        clerk,
        "đọc lại trên dây: đúng, nhận túi",
        clerk.take([day.bag], seals={day.bag: SEAL}, witness=witness),
    )
    arrive(day, courier, place=cast.HUB)
    alone = clerk.offer(day.named("top"), to=cast.HUB)
    day.refused(
        clerk,
        "in_bag",
        alone,
        what="quét riêng một bưu gửi đang ở trong túi đóng",
        control="1 chuỗi liên tục: túi đóng là một khối",
    )
    _change_seal(day)
    _send_on(day)


def _change_seal(day: Day) -> None:
    clerk, second = day.people["khaithac"], day.people["aptai"]
    facts: dict[str, int | str] = {
        "old_seal": SEAL,
        "new_seal": NEW_SEAL,
        "old_weight_g": WEIGHT,
        "weight_g": WEIGHT + 2,
        "reason": "damaged",
        "inner_intact": "yes",
    }
    answer = clerk.act(EvidenceKind.CHANGE_SEAL, day.bag, facts=facts, witness=second)
    what = f"dây {SEAL} mòn: thay bằng {NEW_SEAL}, cân lại, {second.title} cùng ký"
    day.done(clerk, what, answer, control="6 thay niêm phong: hai người")


def _send_on(day: Day) -> None:
    clerk, courier, escort = (day.people[name] for name in ("khaithac", "giaothu.bdt", "aptai"))
    plan(day, clerk, courier, escort, to=cast.OTHER_POST_OFFICE, hours=("10:30", "11:30"))
    day.done(clerk, "giao túi cho bưu tá", clerk.offer([day.bag], to=cast.HUB))
    day.done(
        courier,
        "nhận túi, tự đọc niêm phong",
        courier.take([day.bag], seals={day.bag: NEW_SEAL}, witness=escort),
    )
    leave(day, courier, escort, plate=VANS["khaithac"])
