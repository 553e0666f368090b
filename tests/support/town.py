"""A small town of KT1: two agencies, a post office, their people with enrolled devices, and items on the way.

Everything goes through the real services and the real writer; only the clock is the test's. A scan is signed
by the person's own device, as the browser and the handhelds do.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypedDict, TypeVar

from app.domain.access import POST as POST_ROLES
from app.domain.access import Actor, Role
from app.domain.authority import Authority, AuthorityKind
from app.domain.consignment import Attestations, Consignment, Registration
from app.domain.grades import Grade, Secrecy
from app.domain.ids import ConsignmentCode, KeyId, UnitId, UserId
from app.domain.text import name_key, search_key
from app.services.items.registration import record_registration
from app.services.scans import handover
from app.services.scans.handover import ScanOutcome
from app.services.scans.presence import take_nonce
from app.services.tools import Tools
from app.storage.records import Device, Unit, User
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from audit.enrolment import challenge
from audit.entry import EntryDraft
from audit.evidence import (
    Act,
    Addressee,
    Attempt,
    AttemptAction,
    AttemptLine,
    AttemptReason,
    Checklist,
    CoverMark,
    EntryMode,
    Evidence,
    EvidenceKind,
    Offer,
    OfferLine,
    Purpose,
    Recall,
    RecallLine,
    Recipient,
    Take,
    TakeLine,
    Verdict,
    sign_evidence,
)
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.digest import b64encode
from crypto.envelope import Envelope
from crypto.keys import generate_signing_key
from crypto.label_mac import LabelKeys
from crypto.permutation import SerialPermutation
from crypto.signer import FileSigner
from crypto.vault import Vault
from tests.support.settled import settle

T = TypeVar("T")
SENDING, RECEIVING, POST, ELSEWHERE = "24.H01", "24.H02", "24.P01", "24.H03"
UNITS = (
    (SENDING, "agency", "Ủy ban nhân dân tỉnh Bắc Ninh"),
    (RECEIVING, "agency", "Sở Nội vụ"),
    (POST, "point", "Bưu cục Trung tâm"),
    (ELSEWHERE, "agency", "Sở Tư pháp"),
)
PEOPLE = (
    ("an", "Nguyễn Văn An", Role.FOCAL_POINT, SENDING),
    ("hanh", "Đặng Thị Hạnh", Role.FOCAL_POINT, SENDING),
    ("binh", "Trần Thị Bình", Role.FOCAL_POINT, RECEIVING),
    ("mai", "Lê Thị Mai", Role.FOCAL_POINT, RECEIVING),
    ("chien", "Lê Đức Chiến", Role.COURIER, POST),
    ("duc", "Phan Văn Đức", Role.COURIER, POST),
    ("dung", "Phạm Thị Dung", Role.CLERK, POST),
    ("oanh", "Vũ Kim Oanh", Role.FOCAL_POINT, ELSEWHERE),
)
FORM = Registration(
    recipient_unit=UnitId(0),
    receiver_name="",
    named_only=False,
    grade=Grade(secrecy=Secrecy.B, express=False, appointed_at=None),
    document_numbers="12/BC-UBND",
    document_date=None,
    document_type="Báo cáo",
    abstract="",
    pieces=1,
    weight_g=250,
    attestations=Attestations(inner_envelope=True, outer_envelope=True, sealed=True),
    seal="",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person with a device of their own."""

    actor: Actor
    full_name: str
    device: FileSigner
    unit: str


class _Common(TypedDict):
    """What every scan says."""

    log: str
    scan: str
    at: datetime
    device: str
    actor: int
    place: str
    seq: int
    nonce: str


class Town:
    """See the module."""

    def __init__(self, writer: Writer, clock: Callable[[], datetime], signer: FileSigner) -> None:
        self.writer = writer
        self.clock = clock
        self.tools = Tools(
            vault=Vault({"v1": bytes(range(32))}, "v1"),
            codes=SerialPermutation(bytes(range(16))),
            label_keys=LabelKeys({"L1": bytes(range(32))}, "L1"),
            signer=signer,
            indicator="ZK",
            bag_indicator="ZT",
            country="VN",
            origin="kt1.test/24",
        )
        self.units: dict[str, UnitId] = {}
        self.people: dict[str, Member] = {}
        self._seq = 0
        kind = (type(self), signer.key_id)
        settle(writer, clock, vars(self), lambda: self.do(self._settle), kind=kind)

    def do(self, use_case: Callable[[UnitOfWork], T]) -> T:
        """Run a use case to its commit."""
        return self.writer.submit(use_case)

    def register(self, count: int = 1, **changes: object) -> list[ConsignmentCode]:
        """Let An register items for Bình's unit; `changes` are fields of the form."""
        form = replace(FORM, recipient_unit=self.units[RECEIVING], **changes)  # type: ignore[arg-type]
        actor = self.people["an"].actor

        def register(uow: UnitOfWork) -> list[ConsignmentCode]:
            now = self.clock()
            return [
                record_registration(uow, form, actor=actor, now=now, tools=self.tools).code
                for _ in range(count)
            ]

        return self.do(register)

    def item(self, code: str) -> Consignment:
        """Return an item as it is stored now."""
        found = self.do(lambda uow: uow.consignments.lock(code))
        assert found is not None
        return found

    def send(self, name: str, scan: Evidence) -> ScanOutcome:
        """Sign a scan with a person's device and hand it in as that person."""
        return self.hand_in(name, sign_evidence(scan, self.people[name].device))

    def hand_in(self, name: str, envelope: Envelope) -> ScanOutcome:
        """Hand in an envelope as the person who is logged in."""
        actor = self.people[name].actor
        return self.do(
            lambda uow: handover.receive(uow, envelope, actor=actor, now=self.clock(), tools=self.tools)
        )

    def offer(
        self,
        giver: str,
        codes: Sequence[str],
        *,
        to: str = POST,
        place: str | None = None,
        purpose: Purpose = Purpose.TRANSFER,
        to_user: str | None = None,
        nonce: str = "",
    ) -> Offer:
        """Word an offer."""
        user = None if to_user is None else int(self.people[to_user].actor.user)
        return Offer(
            **self._common(giver, place, nonce),
            purpose=purpose,
            to=Recipient(unit=to, user=user),
            lines=tuple(OfferLine(code=code, entry=EntryMode.SCAN) for code in codes),
        )

    def take(
        self, taker: str, nonce: str, lines: Sequence[TakeLine], *, place: str, witness: str | None = None
    ) -> Take:
        """Word an answer to an offer."""
        second = None if witness is None else int(self.people[witness].actor.user)
        return Take(**self._common(taker, place, nonce), lines=tuple(lines), witness=second)

    def recall(self, giver: str, nonce: str, codes: Sequence[str]) -> Recall:
        """Word a recall."""
        lines = tuple(RecallLine(code=code, entry=EntryMode.SCAN) for code in codes)
        return Recall(**self._common(giver, None, nonce), lines=lines)

    def attempt(self, courier: str, codes: Sequence[str], *, place: str = RECEIVING) -> Attempt:
        """Word a failed attempt: nobody was there."""
        return Attempt(
            **self._common(courier, place, ""),
            reason=AttemptReason.RECEIVER_ABSENT,
            action=AttemptAction.RETRY,
            lines=tuple(AttemptLine(code=code, entry=EntryMode.SCAN) for code in codes),
        )

    def key_in(
        self,
        name: str,
        code: str,
        *,
        place: str | None = None,
        witness: str | None = None,
        nonce: str = "",
        **facts: str,
    ) -> Act:
        """Word that a code was typed because its label cannot be read; `facts` may say otherwise."""
        said: dict[str, int | str] = {"reason": "label_damaged", "again": code, "form": "", **facts}
        return Act(
            **self._common(name, place, nonce),
            kind=EvidenceKind.KEY_IN,
            subject=code,
            entry=EntryMode.TYPED,
            witness=None if witness is None else int(self.people[witness].actor.user),
            facts=said,
            lines=(),
        )

    def pass_on(
        self,
        giver: str,
        taker: str,
        codes: Sequence[str],
        *,
        place: str,
        purpose: Purpose = Purpose.TRANSFER,
        witness: str | None = None,
    ) -> ScanOutcome:
        """Hand a list over, both halves, all lines accepted; return the taker's receipt."""
        unit = self.people[taker].unit
        offer = self.offer(giver, codes, to=unit, place=place, purpose=purpose)
        self.send(giver, offer)
        check = None if purpose is Purpose.TRANSFER else SOUND
        take = self.take(taker, offer.nonce, accept(codes, check=check), place=place, witness=witness)
        if witness is not None:
            self.stand_by(taker, take, witness)
        return self.send(taker, take)

    def stand_by(self, taker: str, take: Take, witness: str) -> None:
        """Keep the ticket that a witness gets who has typed their password at the taker's station."""
        actor, second = (self.people[name].actor.user for name in (taker, witness))
        nonce, now = take_nonce(take.scan), self.clock()
        assert self.do(
            lambda uow: uow.witness_tickets.add(nonce, take.nonce, actor=actor, witness=second, now=now)
        )

    def post(self, codes: Sequence[str], *, witness: str | None = None) -> None:
        """Bring items into Chiến's hands, before a witness where one is named."""
        assert self.pass_on("an", "chien", codes, place=SENDING, witness=witness).status == "accepted"

    def _common(self, name: str, place: str | None, nonce: str) -> _Common:
        self._seq += 1
        member = self.people[name]
        return {
            "log": self.tools.origin,
            "scan": str(uuid.uuid4()),
            "at": self.clock(),
            "device": member.device.key_id,
            "actor": int(member.actor.user),
            "place": place or member.unit,
            "seq": self._seq,
            "nonce": nonce or uuid.uuid4().hex,
        }

    def _settle(self, uow: UnitOfWork) -> None:
        now = self.clock()
        facts: dict[str, JsonValue] = {
            "origin": self.tools.origin,
            "public_key": self.tools.signer.public_key.to_text(),
        }
        uow.audit.append(EntryDraft(kind=EntryKind.LOG_CREATED, facts=facts))
        for code, kind, name in UNITS:
            self.units[code] = uow.units.add(new_unit(code, kind, name))
        for username, full_name, role, unit in PEOPLE:
            user = uow.users.add(new_user(username, full_name, role, self.units[unit], now))
            actor = Actor(
                user=user, unit=self.units[unit], role=role, active=True, name_key=name_key(full_name)
            )
            device = FileSigner(generate_signing_key())
            self.people[username] = Member(actor=actor, full_name=full_name, device=device, unit=unit)
            enrol(uow, self.people[username], now, self.tools.origin)
            give_card(uow, self.people[username], now)


SOUND = Checklist(mark=CoverMark.INTACT, pieces=1, addressee=Addressee.OURS)


def accept(codes: Sequence[str], *, seal: str = "", check: Checklist | None = SOUND) -> list[TakeLine]:
    """Word the acceptance of a list, each item found as it was registered."""
    return [
        TakeLine(code=code, entry=EntryMode.SCAN, verdict=Verdict.ACCEPT, seal=seal, check=check)
        for code in codes
    ]


def enrol(uow: UnitOfWork, member: Member, now: datetime, origin: str) -> None:
    """Enrol a person's device, with its entry."""
    key = member.device.public_key
    facts: dict[str, JsonValue] = {
        "device": key.key_id,
        "public_key": key.to_text(),
        "owner": int(member.actor.user),
        "proof": b64encode(member.device.sign(challenge(origin, int(member.actor.user), key))),
    }
    entry = uow.audit.append(EntryDraft(kind=EntryKind.DEVICE_ENROLLED, facts=facts))
    device = Device(
        id=0,
        key_id=KeyId(key.key_id),
        public_key=key.raw,
        user_id=member.actor.user,
        name="test",
        token_hash=None,
        enrolled_at=now,
        revoked_at=None,
        enrolled_index=0,
    )
    uow.devices.add(device, entry)


def give_card(uow: UnitOfWork, member: Member, now: datetime, *, days: int = 300) -> None:
    """Give a person of the post a courier card, as the administrator does before the first day of work."""
    if member.actor.role not in POST_ROLES:
        return
    card = Authority(
        id=0,
        number=f"{int(member.actor.user):03d}/TGL",
        kind=AuthorityKind.COURIER_CARD,
        unit=member.actor.unit,
        holder=member.actor.user,
        valid_from_at=now - timedelta(days=1),
        valid_until_at=now + timedelta(days=days),
        issued_by=member.actor.user,
        issued_at=now,
    )
    uow.authorities.add(card)


def new_unit(code: str, kind: str, name: str) -> Unit:
    """Describe a unit that is not stored yet."""
    return Unit(
        id=UnitId(0),
        code=code,
        kind=kind,
        name=name,
        short_name=name,
        search_name=search_key(name),
        province="24",
        commune="",
        address="",
        parent_id=None,
        active=True,
    )


def new_user(username: str, full_name: str, role: Role, unit: UnitId, now: datetime) -> User:
    """Describe a person who is not stored yet."""
    return User(
        id=UserId(0),
        username=username,
        full_name=full_name,
        name_key=name_key(full_name),
        position="",
        role=str(role),
        unit_id=unit,
        password_hash="",
        locale="vi",
        active=True,
        created_at=now,
    )
