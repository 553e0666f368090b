"""A town with two post offices, whose people pack bags, close them, carry, open and answer them.

Every act is signed by its person's device and goes through the same door as a handover.
"""

from collections.abc import Mapping, Sequence

from app.domain.access import Actor, Role
from app.domain.bag import Bag, contents_digest
from app.domain.consignment import Custodian
from app.domain.ids import BagId
from app.domain.seal_stock import parse_range
from app.domain.text import name_key
from app.services.bags import bags
from app.services.people.login import LoginRefused
from app.services.scans import presence
from app.services.scans.presence import Attestation, Attested
from app.services.scans.scan_outcome import ScanOutcome
from app.storage.uow import UnitOfWork
from audit.evidence import Act, ActLine, EntryMode, EvidenceKind, Mark, TakeLine, Verdict
from crypto.keys import generate_signing_key
from crypto.passwords import hash_password
from crypto.signer import FileSigner
from tests.support.town import POST, Member, Town, enrol, give_card, new_unit, new_user

OTHER_POST, HUB = "24.P02", "24.P03"
OFFICES = ((OTHER_POST, "Bưu cục Từ Sơn"), (HUB, "Trung tâm khai thác"))
COLLEAGUES = (
    ("giang", "Ngô Thị Giang", Role.CLERK, OTHER_POST),
    ("khanh", "Bùi Quốc Khánh", Role.COURIER, OTHER_POST),
    ("son", "Đỗ Ngọc Sơn", Role.CLERK, HUB),
)
PASSWORD = "cây cầu gỗ bắc qua sông Thương"  # of a town that exists in tests only
_HASHED = hash_password(PASSWORD)


class PostTown(Town):
    """See the module. `dung` is a clerk and `chien`, `duc` couriers of the first office."""

    def _settle(self, uow: UnitOfWork) -> None:
        super()._settle(uow)
        now = self.clock()
        for code, name in OFFICES:
            self.units[code] = uow.units.add(new_unit(code, "point", name))
        for username, full_name, role, unit in COLLEAGUES:
            user = uow.users.add(new_user(username, full_name, role, self.units[unit], now))
            actor = Actor(
                user=user, unit=self.units[unit], role=role, active=True, name_key=name_key(full_name)
            )
            device = FileSigner(generate_signing_key())
            self.people[username] = Member(actor=actor, full_name=full_name, device=device, unit=unit)
            enrol(uow, self.people[username], now, self.tools.origin)
            give_card(uow, self.people[username], now)
        for last in ("NP-9", "NP-99", "NP-9999"):
            first = "NP-" + "0" * (len(last) - 3)
            wanted = parse_range(first, last)
            uow.seals.lock_form(wanted)
            uow.seals.issue(self.units[POST], wanted, issued_by=self.people["dung"].actor.user, now=now)
        for member in self.people.values():
            uow.users.set_password(member.actor.user, _HASHED, must_change=False)

    def bag(self, code: str) -> Bag:
        """Return a bag as it is stored now."""
        found = self.do(lambda uow: uow.bags.lock(code))
        assert found is not None
        return found

    def people_custodian(self, name: str) -> Custodian:
        """Return a person as whoever answers for something."""
        actor = self.people[name].actor
        return Custodian(user=actor.user, unit=actor.unit)

    def start(self, name: str = "dung", *, to: str = OTHER_POST, asset: str = "TUI-001") -> str:
        """Begin a bag's trip."""
        command = bags.StartBag(untrusted_destination=to, untrusted_asset=asset)
        actor = self.people[name].actor
        return self.do(
            lambda uow: bags.start(uow, command, actor=actor, now=self.clock(), tools=self.tools)
        ).code

    def act(
        self,
        name: str,
        kind: EvidenceKind,
        subject: str,
        *,
        facts: Mapping[str, int | str] | None = None,
        lines: Sequence[ActLine] = (),
        witness: str | None = None,
        nonce: str = "",
        place: str | None = None,
    ) -> Act:
        """Word an act."""
        return Act(
            **self._common(name, place, nonce),
            kind=kind,
            subject=subject,
            entry=EntryMode.SCAN,
            witness=None if witness is None else int(self.people[witness].actor.user),
            facts=facts or {},
            lines=tuple(lines),
        )

    def pack(self, name: str, bag: str, codes: Sequence[str]) -> ScanOutcome:
        """Put codes into a bag."""
        return self.send(name, self.act(name, EvidenceKind.PACK, bag, lines=plain(codes)))

    def close(self, name: str, bag: str, *, seal: str = "NP-1001", last: bool = True) -> ScanOutcome:
        """Close a bag with what is in it."""
        inside = self.do(lambda uow: uow.bags.lines(self._identity(uow, bag)))
        codes = [code for code, mark in inside.items() if mark is None]
        facts: dict[str, int | str] = {
            "seal": seal,
            "weight_g": 1500,
            "contents": contents_digest(codes),
            "pieces": max(1, len(codes)),
            "last": "yes" if last else "no",
        }
        return self.send(name, self.act(name, EvidenceKind.CLOSE, bag, facts=facts))

    def hand_bag(
        self,
        giver: str,
        taker: str,
        bag: str,
        *,
        place: str,
        seal: str = "NP-1001",
        witness: str | None = None,
    ) -> ScanOutcome:
        """Hand a closed bag over; the taker reads its seal, before a witness where one is named."""
        offer = self.offer(giver, [bag], to=self.people[taker].unit, place=place)
        self.send(giver, offer)
        line = TakeLine(code=bag, entry=EntryMode.SCAN, verdict=Verdict.ACCEPT, seal=seal)
        take = self.take(taker, offer.nonce, [line], place=place, witness=witness)
        if witness is not None:
            self.stand_by(taker, take, witness)
        return self.send(taker, take)

    def attest(
        self,
        actor: str,
        witness: str,
        *,
        nonce: str,
        subject: str,
        password: str = PASSWORD,
        on_duty: bool = True,
    ) -> Attested | LoginRefused:
        """Let a witness prove who they are at somebody's station."""

        def write(use_case, *args, **kwargs):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN002, ANN003, ANN202  # the shape of `runtime.write`
            return self.do(lambda uow: use_case(uow, *args, now=self.clock(), **kwargs))

        attestation = Attestation(
            username=witness,
            password=password,
            address="127.0.0.1",
            nonce=nonce,
            subject=subject,
            on_duty=on_duty,
        )
        return presence.attest(write, attestation, actor=self.people[actor].actor)

    def open_act(
        self, name: str, bag: str, *, witness: str | None, seal: str = "NP-1001", found: str = "intact"
    ) -> Act:
        """Word an opening."""
        said: dict[str, int | str] = {"seal": seal, "weight_g": 1500, "found": found}
        return self.act(name, EvidenceKind.OPEN, bag, facts=said, witness=witness)

    def open_bag(
        self, name: str, bag: str, *, witness: str, seal: str = "NP-1001", found: str = "intact"
    ) -> ScanOutcome:
        """Open a bag before a witness who attests to it."""
        act = self.open_act(name, bag, witness=witness, seal=seal, found=found)
        assert isinstance(self.attest(name, witness, nonce=act.nonce, subject=bag), Attested)
        return self.send(name, act)

    def answer(self, name: str, bag: str, marks: Mapping[str, Mark]) -> ScanOutcome:
        """Answer lines of a manifest."""
        lines = [ActLine(code=code, entry=EntryMode.SCAN, mark=mark) for code, mark in marks.items()]
        return self.send(name, self.act(name, EvidenceKind.ANSWER, bag, lines=lines))

    def packed(self, count: int, *, by: str = "dung") -> tuple[str, list[str]]:
        """Return a bag of the first office with items in it, and their codes."""
        codes = [str(code) for code in self.register(count)]
        self.post(codes)
        assert self.pass_on("chien", by, codes, place=POST).status == "accepted"
        bag = self.start(by)
        assert self.pack(by, bag, codes).status == "accepted"
        return bag, codes

    def arrived(self, count: int) -> tuple[str, list[str]]:
        """Return a closed bag in the hands of the other office's clerk, and the codes in it."""
        bag, codes = self.packed(count)
        assert self.close("dung", bag).status == "accepted"
        assert self.hand_bag("dung", "duc", bag, place=POST).status == "accepted"
        assert self.hand_bag("duc", "giang", bag, place=OTHER_POST).status == "accepted"
        return bag, codes

    @staticmethod
    def _identity(uow: UnitOfWork, code: str) -> BagId:
        bag = uow.bags.lock(code)
        assert bag is not None
        return bag.id


def plain(codes: Sequence[str]) -> list[ActLine]:
    """Word lines that say only their code."""
    return [ActLine(code=code, entry=EntryMode.SCAN) for code in codes]
