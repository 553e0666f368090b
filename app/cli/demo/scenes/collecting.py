"""Couriers collect at the three agencies: two signatures over each list, a forged and an unreadable label."""

from app.cli.demo import cast
from app.cli.demo.day import Day
from app.cli.demo.person import Person
from audit.evidence import EntryMode, EvidenceKind


def play(day: Day) -> None:
    """Collect everything and bring it to the counters."""
    day.scene("bưu tá thu gom tại ba cơ quan", at="08:00")
    _at_the_office(day)
    _at_science(day)
    collected = day.named("top", "astray", "plain", "secret", "unwanted", "smudged")
    witness = day.people["kiemsoat"]
    bring(day, collected, courier="giaothu", clerk="giaodich", office=cast.POST_OFFICE, witness=witness)
    _at_finance(day)


def _at_the_office(day: Day) -> None:
    sender, courier = day.people["vanthu.ubnd"], day.people["giaothu"]
    codes = day.named("top", "astray", "plain")
    day.done(sender, f"giao {len(codes)} bưu gửi cho bưu cục", sender.offer(codes, to=cast.POST_OFFICE))
    alone = courier.take(codes[:1], seals=day.seals)
    day.refused(
        courier,
        "witness_required",
        alone,
        what="nhận Tuyệt mật một mình",
        control="1 chuỗi liên tục: Tuyệt mật phải có chứng kiến",
    )
    witness = day.people["vanthu2.ubnd"]
    take(day, courier, codes, witness=witness, control="1 chuỗi liên tục: hai chữ ký")


def _at_science(day: Day) -> None:
    sender, courier = day.people["vanthu.khcn"], day.people["giaothu"]
    codes = day.named("secret", "unwanted", "smudged")
    forged = f"{codes[0]}|00000000|AAAAAAAAAAAAAAAA"
    answer = sender.offer([forged], to=cast.POST_OFFICE)
    day.refused(sender, "forged_label", answer, what="quét một nhãn chép lại", control="nhãn giả")
    day.done(sender, f"giao {len(codes)} bưu gửi cho bưu cục", sender.offer(codes, to=cast.POST_OFFICE))
    take(day, courier, codes[:2])
    smudged = codes[2:]
    answer = courier.take(smudged, seals=day.seals, entry=EntryMode.TYPED)
    day.refused(courier, "key_in_missing", answer, what="gõ mã trên nhãn nhòe vào ô quét")
    typed = courier.act(
        EvidenceKind.KEY_IN,
        smudged[0],
        facts={"reason": "label_damaged", "again": smudged[0], "form": ""},
        place=cast.SCIENCE,
        entry=EntryMode.TYPED,
    )
    day.done(
        courier,
        "ghi nhập mã bằng tay: gõ hai lần, nêu lý do",
        typed,
        control="19 nhập tay: sự kiện riêng, được đếm",
    )
    answer = courier.take(smudged, seals=day.seals, entry=EntryMode.TYPED)
    day.done(courier, "nhận bưu gửi nhãn nhòe theo lần nhập tay", answer)


def _at_finance(day: Day) -> None:
    sender, courier = day.people["vanthu.tc"], day.people["giaothu.ts"]
    codes = day.named("drawer", "shelf")
    answer = sender.offer(codes, to=cast.OTHER_POST_OFFICE)
    day.done(sender, f"giao {len(codes)} bưu gửi gửi đi VP UBND", answer)
    take(day, courier, codes)
    bring(day, codes, courier="giaothu.ts", clerk="giaodich.ts", office=cast.OTHER_POST_OFFICE)


def take(
    day: Day, taker: Person, codes: list[str], *, witness: Person | None = None, control: str = ""
) -> None:
    """Take a list whole, every seal read off its envelope; a witness types their password there."""
    answer = taker.take(codes, seals=day.seals, witness=witness)
    before = f", {witness.title} chứng kiến" if witness is not None else ""
    day.done(taker, f"quét, đọc niêm phong, ký nhận {len(codes)}{before}", answer, control=control)


def bring(
    day: Day, codes: list[str], *, courier: str, clerk: str, office: str, witness: Person | None = None
) -> None:
    """Hand what was collected over at the counter."""
    carrier = day.people[courier]
    day.done(carrier, f"giao {len(codes)} bưu gửi tại quầy", carrier.offer(codes, to=office, place=office))
    take(day, day.people[clerk], codes, witness=witness)
