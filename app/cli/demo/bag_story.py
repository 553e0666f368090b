"""A bag's day: packed at one post office, sealed, carried, opened before a witness, with one item missing.

Played after the main job, by the same rules: over HTTP, told as it happens, and every step is checked.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NoReturn

from app.cli.demo import cast
from app.cli.demo.browser import UnexpectedAnswer, expect
from app.cli.demo.items import Item
from app.cli.demo.person import Person, ScanAnswer
from app.cli.demo.story import Tell
from app.domain.bag import contents_digest
from audit.evidence import EvidenceKind, Mark, Purpose

SEAL, OTHER_SEAL, FOREIGN_SEAL = "TS-0001", "TS-0002", "TX-0001"
WEIGHT = 1450


class BagStory:
    """Three items, one bag, two post offices."""

    def __init__(self, people: Mapping[str, Person], tell: Tell) -> None:
        self._tell = tell
        self.administrator = people["quantri"]
        self.office = people["vanthu.ubnd"]
        self.finance = people["vanthu.tc"]
        self.courier = people["giaothu"]
        self.clerk = people["giaodich"]
        self.opener = people["giaodich.ts"]
        self.witness = people["kiemsoat.ts"]
        self.auditor = people["kiemtra"]
        self._seals: dict[str, str] = {}

    def play(self) -> str:
        """Play everything; returns the bag's code."""
        self.opener.enrol()
        self._stock()
        codes = self._bring_to_the_office()
        bag = self._pack(codes)
        self._carry(bag)
        self._open(bag)
        self._answer(bag, codes)
        self._deliver(codes[:2])
        self._look_back(bag)
        return bag

    def _stock(self) -> None:
        for office, first, last in (
            (cast.POST_OFFICE, "TS-0001", "TS-0050"),
            (cast.OTHER_POST_OFFICE, "TX-0001", "TX-0050"),
        ):
            self.administrator.issue_seals(office=office, first=first, last=last)
            where = self.administrator.browser.url("/seals")
            self._tell(f"{self.administrator.title} cấp niêm phong {first} đến {last} cho {office}", where)

    def _bring_to_the_office(self) -> list[str]:
        codes = []
        for number in range(201, 204):
            item = Item(
                sender=cast.OFFICE,
                recipient=cast.FINANCE,
                secrecy="none",
                urgency="",
                number=number,
                named=False,
            )
            code = self.office.register(recipient=cast.FINANCE, fields=item.form(datetime.now(UTC)))
            self._seals[code] = item.seal
            codes.append(code)
        self._done(self.office.offer(codes, to=cast.PROVINCIAL_POST))
        self._done(self.courier.take(codes, seals=self._seals))
        self._done(self.courier.offer(codes, to=cast.POST_OFFICE, place=cast.POST_OFFICE))
        answer = self.clerk.take(codes, seals=self._seals)
        self._told(self.clerk, f"nhận {len(codes)} bưu gửi để đóng túi", answer, "/bags")
        return codes

    def _pack(self, codes: list[str]) -> str:
        bag = self.clerk.start_bag(to=cast.OTHER_POST_OFFICE, asset="TUI-BG-01")
        answer = self.clerk.act(EvidenceKind.PACK, bag, marks=dict.fromkeys(codes, ""))
        self._told(self.clerk, f"xếp {len(codes)} bưu gửi vào túi {bag}", answer, f"/bags/{bag}")
        facts: dict[str, int | str] = {
            "weight_g": WEIGHT,
            "contents": contents_digest(codes),
            "pieces": len(codes),
            "last": "yes",
        }
        wrong = self.clerk.act(EvidenceKind.CLOSE, bag, facts={**facts, "seal": FOREIGN_SEAL})
        self._must_refuse(self.clerk, "seal_of_another_office", wrong)
        answer = self.clerk.act(EvidenceKind.CLOSE, bag, facts={**facts, "seal": SEAL})
        self._told(self.clerk, f"đóng túi {bag}, niêm phong, khóa bản kê", answer, f"/bags/{bag}")
        return bag

    def _carry(self, bag: str) -> None:
        self._done(self.clerk.offer([bag], to=cast.PROVINCIAL_POST))
        self._must_refuse(self.courier, "seal_differs", self.courier.take([bag], seals={bag: OTHER_SEAL}))
        answer = self.courier.take([bag], seals={bag: SEAL})
        self._told(self.courier, f"đọc đúng niêm phong, nhận túi {bag}", answer, f"/bags/{bag}")
        self._done(self.courier.offer([bag], to=cast.OTHER_POST_OFFICE, place=cast.OTHER_POST_OFFICE))
        answer = self.opener.take([bag], seals={bag: SEAL})
        self._told(self.opener, f"nhận túi {bag} tại Từ Sơn", answer, f"/bags/{bag}")

    def _open(self, bag: str) -> None:
        facts: dict[str, int | str] = {"seal": SEAL, "weight_g": WEIGHT, "found": "intact"}
        alone = self.opener.act(EvidenceKind.OPEN, bag, facts=facts)
        self._must_refuse(self.opener, "witness_missing", alone)
        answer = self.opener.act(EvidenceKind.OPEN, bag, facts=facts, witness=self.witness)
        self._told(self.opener, f"mở túi {bag}, {self.witness.title} chứng kiến", answer, f"/bags/{bag}")

    def _answer(self, bag: str, codes: list[str]) -> None:
        marks = {codes[0]: Mark.RECEIVED, codes[1]: Mark.RECEIVED, codes[2]: Mark.MISSING}
        answer = self.opener.act(EvidenceKind.ANSWER, bag, marks=marks)
        self._told(self.opener, "trả lời bản kê: đủ 2, thiếu 1; sự vụ tự mở", answer, f"/bags/{bag}")

    def _deliver(self, codes: list[str]) -> None:
        self._done(self.opener.offer(codes, to=cast.PROVINCIAL_POST))
        place = cast.OTHER_POST_OFFICE
        self._done(self.courier.take(codes, seals=self._seals))
        self._done(self.courier.offer(codes, to=cast.FINANCE, place=cast.FINANCE, purpose=Purpose.DELIVERY))
        answer = self.finance.take(codes, seals=self._seals)
        self._told(self.finance, f"ký nhận 2 bưu gửi đã qua túi từ {place}", answer, "/search")

    def _look_back(self, bag: str) -> None:
        for path, what in ((f"/bags/{bag}", "xem hành trình túi"), ("/incidents", "xem sự vụ đang mở")):
            expect(self.auditor.browser.get(path))
            self._tell(f"{self.auditor.title} {what}", self.auditor.browser.url(path))

    def _done(self, answer: ScanAnswer) -> None:
        if answer.refusals:
            self._wrong(str(dict(answer.refusals)))

    def _told(self, person: Person, what: str, answer: ScanAnswer, path: str) -> None:
        self._done(answer)
        self._tell(f"{person.title} {what}, bản ghi #{answer.entry}", person.browser.url(path))

    def _must_refuse(self, person: Person, refusal: str, answer: ScanAnswer) -> None:
        if set(answer.refusals.values()) != {refusal}:
            self._wrong(f"expected {refusal}, got {dict(answer.refusals)} ({answer.status})")
        self._tell(
            f"{person.title}: từ chối ({refusal}), vẫn ghi #{answer.entry}", person.browser.url("/bags")
        )

    def _wrong(self, what: str) -> NoReturn:
        raise UnexpectedAnswer(f"the bag's story went wrong: {what}")
