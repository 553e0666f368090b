"""The main job, played: sixteen consignments of every class, from registration to delivery, return or an end.

Each step goes over HTTP as one of the cast, is printed as it happens, and is checked: a step that ends
otherwise than told ends the demo. It must never look behind the server's pages.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NoReturn

from app.cli.demo import cast
from app.cli.demo.browser import UnexpectedAnswer, expect
from app.cli.demo.items import Item, items
from app.cli.demo.person import Person, ScanAnswer
from audit.evidence import Addressee, AttemptReason, Checklist, CoverMark, EntryMode, Purpose, TakeReason

Tell = Callable[[str, str], None]
"""Prints one step: what happened, and the address where it can be seen."""


class Story:
    """The sixteen items and the people who handle them."""

    def __init__(self, people: Mapping[str, Person], tell: Tell) -> None:
        self._people = people
        self._tell = tell
        self._items: dict[str, Item] = {}
        self.office = people["vanthu.ubnd"]
        self.colleague = people["vanthu2.ubnd"]
        self.science = people["vanthu.khcn"]
        self.finance = people["vanthu.tc"]
        self.named = people["minhchau.tc"]
        self.ministry = people["vanthu.bo"]
        self.courier = people["giaothu"]
        self.clerk = people["giaodich"]
        self.auditor = people["kiemtra"]
        self.stranger = people["vanthu.ca"]

    def play(self) -> tuple[str, ...]:
        """Play everything; returns the codes in the order they were registered."""
        self._arrive()
        self._refuse_abstract()
        codes = {secrecy: self._register(secrecy) for secrecy in ("none", "C", "B", "A")}
        self._ordinary(codes["none"])
        self._secret(codes["C"])
        self._beyond_the_province(codes["B"])
        self._to_the_named_person(codes["A"])
        everything = tuple(self._items)
        self._look_back(everything)
        return everything

    def _arrive(self) -> None:
        for person in self._people.values():
            page = person.log_in()
            self._tell(f"{person.title} đăng nhập", person.browser.url(page.path))
        for person in self._handlers():
            key = person.enrol()
            self._tell(f"{person.title} đăng ký khóa ký {key}", person.browser.url("/devices"))

    def _handlers(self) -> Sequence[Person]:
        return (
            self.office,
            self.science,
            self.finance,
            self.named,
            self.ministry,
            self.courier,
            self.clerk,
        )

    def _refuse_abstract(self) -> None:
        item = items()[-1]
        fields = {**item.form(datetime.now(UTC)), "abstract": "Không được ghi"}
        self.office.refused_registration(recipient=item.recipient, fields=fields)
        self._tell(
            "Tuyệt mật có trích yếu: bị từ chối, không lưu gì", self.office.browser.url("/consignments/new")
        )

    def _register(self, secrecy: str) -> list[str]:
        codes = []
        for item in items():
            if item.secrecy != secrecy:
                continue
            sender = self.office if item.sender == cast.OFFICE else self.science
            form = item.form(datetime.now(UTC))
            code = sender.register(recipient=item.recipient, fields=form)
            size = sender.print_label(code)
            self._items[code] = item
            codes.append(code)
            self._tell(f"{code} đăng ký ({item.summary}), nhãn PDF {size:,} byte", self._page(sender, code))
        return codes

    def _ordinary(self, codes: list[str]) -> None:
        """Hand a list over, one line refused for damage and taken after all; then deliver the list."""
        damaged = codes[2]
        self._offer(self.office, codes, to=cast.PROVINCIAL_POST)
        taken = self._take(self.courier, codes, refuse={damaged: TakeReason.DAMAGED})
        self._told(self.courier, codes, "nhận danh sách 4, từ chối 1 vì rách bì", taken)
        self._offer(self.office, [damaged], to=cast.PROVINCIAL_POST)
        self._told(self.courier, [damaged], "nhận lại sau khi thay bì", self._take(self.courier, [damaged]))
        answer = self.clerk.offer(codes[:1], to=cast.PROVINCIAL_POST)
        self._must_refuse(self.clerk, codes[0], "wrong_custodian", answer)
        self._deliver(codes, to=cast.SCIENCE, taker=self.science)

    def _secret(self, codes: list[str]) -> None:
        """One through a post office, one returned, one recalled first, one cancelled."""
        through, returned, recalled, cancelled = codes
        self.office.cancel(cancelled, reason="Gửi nhầm nơi nhận")
        self._tell(f"{cancelled} hủy trước khi gửi", self._page(self.office, cancelled))
        answer = self.office.offer([cancelled], to=cast.PROVINCIAL_POST)
        self._must_refuse(self.office, cancelled, "cancelled", answer)
        self._offer(self.office, [recalled], to=cast.PROVINCIAL_POST)
        self._told(self.office, [recalled], "thu hồi khi chưa ai nhận", self.office.recall([recalled]))
        self._hand_over(self.office, [through, returned, recalled], to=cast.PROVINCIAL_POST)
        self._offer(self.courier, [through], to=cast.POST_OFFICE, place=cast.POST_OFFICE)
        answer = self.clerk.take([through], entry=EntryMode.TYPED)
        self._must_refuse(self.clerk, through, "possession_not_proven", answer)
        self._told(self.clerk, [through], "bưu cục nhận", self._take(self.clerk, [through]))
        self._hand_over(self.clerk, [through], to=cast.PROVINCIAL_POST)
        self._deliver([through, recalled], to=cast.FINANCE, taker=self.finance)
        failed = self.courier.attempt([returned], place=cast.FINANCE, reason=AttemptReason.CLOSED_OFFICE)
        self._told(self.courier, [returned], "phát không thành công, cơ quan đóng cửa", failed)
        self._return(returned)

    def _beyond_the_province(self, codes: list[str]) -> None:
        """Deliver to another province; the receiver refuses one line, which then goes back."""
        forged = f"{codes[0]}|00000000|AAAAAAAAAAAAAAAA"
        answer = self.science.offer([forged], to=cast.PROVINCIAL_POST)
        self._must_refuse(self.science, codes[0], "forged_label", answer)
        self._hand_over(self.science, codes, to=cast.PROVINCIAL_POST)
        self._offer(self.courier, codes, to=cast.MINISTRY, place=cast.MINISTRY, purpose=Purpose.DELIVERY)
        refused = codes[3]
        taken = self._take(self.ministry, codes, refuse={refused: TakeReason.WRONG_ADDRESSEE})
        self._told(self.ministry, codes, "Bộ nhận 3, từ chối 1 vì sai nơi nhận", taken)
        self._return(refused, sender=self.science, unit=cast.SCIENCE)

    def _to_the_named_person(self, codes: list[str]) -> None:
        """Only before a witness, only the named person, and only what they looked at: seal, mark, pieces."""
        self._offer(self.office, codes, to=cast.PROVINCIAL_POST)
        answer = self._take(self.courier, codes[:1])
        self._must_refuse(self.courier, codes[0], "witness_required", answer)
        taken = self._take(self.courier, codes, witness=self.colleague)
        self._told(self.courier, codes, f"nhận, {self.colleague.title} chứng kiến", taken)
        self._offer(self.courier, codes, to=cast.FINANCE, place=cast.FINANCE, purpose=Purpose.DELIVERY)
        answer = self._take(self.finance, codes[:1])
        self._must_refuse(self.finance, codes[0], "named_person_only", answer)
        answer = self.named.take(codes[:1], seals={codes[0]: "NP9999"}, witness=self.finance)
        self._must_refuse(self.named, codes[0], "seal_differs", answer)
        answer = self.named.take(codes[:1], witness=self.finance)
        self._must_refuse(self.named, codes[0], "seal_missing", answer)
        seals = {codes[0]: self._items[codes[0]].seal}
        answer = self.named.take(codes[:1], seals=seals, witness=self.finance, checks={codes[0]: None})
        self._must_refuse(self.named, codes[0], "check_missing", answer)
        torn = Checklist(mark=CoverMark.DAMAGED, pieces=1, addressee=Addressee.OURS)
        answer = self.named.take(codes[:1], seals=seals, witness=self.finance, checks={codes[0]: torn})
        self._must_refuse(self.named, codes[0], "check_differs", answer)
        taken = self._take(self.named, codes, witness=self.finance)
        self._told(self.named, codes, "người có tên nhận, đúng niêm phong, có người chứng kiến", taken)

    def _take(
        self,
        taker: Person,
        codes: list[str],
        *,
        refuse: Mapping[str, TakeReason] | None = None,
        witness: Person | None = None,
    ) -> ScanAnswer:
        """Take a list, every seal read off its envelope."""
        seals = {code: self._items[code].seal for code in codes}
        return taker.take(codes, refuse=refuse, seals=seals, witness=witness)

    def _hand_over(self, giver: Person, codes: list[str], *, to: str) -> None:
        self._offer(giver, codes, to=to)
        self._told(self.courier, codes, "nhận", self._take(self.courier, codes))

    def _deliver(self, codes: list[str], *, to: str, taker: Person) -> None:
        self._offer(self.courier, codes, to=to, place=to, purpose=Purpose.DELIVERY)
        self._told(taker, codes, "ký nhận", self._take(taker, codes))

    def _return(self, code: str, *, sender: Person | None = None, unit: str = cast.OFFICE) -> None:
        taker = sender or self.office
        self._offer(self.courier, [code], to=unit, place=unit, purpose=Purpose.RETURN)
        self._told(taker, [code], "nhận lại hàng chuyển hoàn", self._take(taker, [code]))

    def _offer(
        self,
        giver: Person,
        codes: list[str],
        *,
        to: str,
        place: str = "",
        purpose: Purpose = Purpose.TRANSFER,
    ) -> None:
        answer = giver.offer(codes, to=to, place=place, purpose=purpose)
        if answer.refusals:
            self._wrong(f"{giver.title} could not offer: {dict(answer.refusals)}")
        self._told(giver, codes, f"giao cho {to}", answer)

    def _told(self, person: Person, codes: list[str], what: str, answer: ScanAnswer) -> None:
        if answer.refusals:
            self._wrong(f"{person.title}: {dict(answer.refusals)}")
        shown = codes[0] if len(codes) == 1 else f"{len(codes)} bưu gửi"
        self._tell(f"{person.title} {what}: {shown}, bản ghi #{answer.entry}", self._page(person, codes[0]))

    def _must_refuse(self, person: Person, code: str, refusal: str, answer: ScanAnswer) -> None:
        if set(answer.refusals.values()) != {refusal}:
            self._wrong(f"expected {refusal}, got {dict(answer.refusals)} ({answer.status})")
        self._tell(
            f"{person.title} quét {code}: từ chối ({refusal}), vẫn ghi #{answer.entry}",
            person.browser.url("/scan"),
        )

    def _look_back(self, codes: Sequence[str]) -> None:
        """Show the timelines to whom they concern, and nothing to whom they do not."""
        for code in codes:
            self.auditor.timeline(code)
        where = self._page(self.auditor, codes[0])
        self._tell(f"{self.auditor.title} xem hành trình của {len(codes)} bưu gửi", where)
        expect(self.stranger.browser.get(f"/consignments/{codes[0]}"), 404)
        self._tell(f"{self.stranger.title} không phải bên gửi hay nhận: không thấy gì (404)", where)
        for path, what in (("/log", "đọc nhật ký"), ("/entries/0", "đọc bản ghi đầu tiên")):
            expect(self.auditor.browser.get(path))
            self._tell(f"{self.auditor.title} {what}", self.auditor.browser.url(path))

    def _page(self, person: Person, code: str) -> str:
        return person.browser.url(f"/consignments/{code}")

    def _wrong(self, what: str) -> NoReturn:
        raise UnexpectedAnswer(f"the story went wrong: {what}")
