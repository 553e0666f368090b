"""A small world for tests of storage: two agencies, a post office, their people, some items."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from app.domain.consignment import (
    Attestations,
    Consignment,
    ConsignmentDetails,
    Custodian,
    PendingOffer,
    State,
)
from app.domain.grades import Grade, Scope, Secrecy
from app.domain.ids import ConsignmentCode, ConsignmentId, UnitId, UserId, make_code
from app.domain.register import Direction
from app.storage.group import PendingEntry
from app.storage.records import ImportBatch, ScanLine, Unit, User
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from audit.entry import EntryDraft, ItemLine, Outcome
from audit.evidence import Purpose
from audit.kinds import EntryKind

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Who and what there is."""

    sender: UnitId
    recipient: UnitId
    office: UnitId
    officer: UserId
    courier: UserId
    receiver: UserId
    codes: tuple[ConsignmentCode, ...]


def unit(code: str, kind: str = "agency") -> Unit:
    """Describe a unit."""
    return Unit(
        id=UnitId(0),
        code=code,
        kind=kind,
        name=f"Đơn vị {code}",
        short_name=code,
        search_name=f"don vi {code.lower()}",
        province="24",
        commune="",
        address="",
        parent_id=None,
        active=True,
    )


def user(username: str, unit_id: UnitId, role: str) -> User:
    """Describe a person."""
    return User(
        id=UserId(0),
        username=username,
        full_name=f"Nguyễn Thị {username}",
        name_key=f"nguyễn thị {username}",
        position="",
        role=role,
        unit_id=unit_id,
        password_hash="$argon2id$",
        locale="vi",
        active=True,
        created_at=NOW,
    )


def details(
    serial: int, sender: UnitId, recipient: UnitId, officer: UserId, *, number: int = 1
) -> ConsignmentDetails:
    """Describe an item as registered."""
    consignment = Consignment(
        id=ConsignmentId(0),
        code=make_code("BA", serial),
        sender_unit=sender,
        recipient_unit=recipient,
        grade=Grade(secrecy=Secrecy.B, express=True, appointed_at=None),
        scope=Scope.INTRA,
        state=State.REGISTERED,
        custodian=Custodian(user=officer, unit=sender),
        offer=None,
        named_only=False,
        seal="NP-001",
        accepted_at=None,
        first_attempt_at=None,
        attempts=0,
        closed_at=None,
        registered_at=NOW,
        item_head="",
        version=0,
    )
    return ConsignmentDetails(
        consignment=consignment,
        registered_by=officer,
        document_type="Công văn",
        document_date=NOW.date(),
        pieces=1,
        weight_g=120,
        attestations=Attestations(inner_envelope=True, outer_envelope=True, sealed=True),
        register_number=number,
        register_year=2026,
        receiver_sealed=b"receiver",
        document_numbers_sealed=b"numbers",
        document_index=b"index",
        abstract_sealed=b"abstract",
        commitments={"receiver_name": "0" * 64},
    )


def registered(uow: UnitOfWork, item: ConsignmentDetails) -> ConsignmentId:
    """Register an item with everything that belongs to it."""
    sender = item.consignment.sender_unit
    number = uow.registers.allocate(sender, 2026, Direction.OUT)
    identity = uow.consignments.add(replace(item, register_number=number.number))
    uow.registers.add(number, identity, registered_at=NOW)
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.REGISTERED,
            facts={"actor": int(item.registered_by), "sender": "A", "recipient": "B"},
            items=(ItemLine(code=str(item.consignment.code), outcome=Outcome.ACCEPTED),),
        )
    )
    return identity


def build_world(writer: Writer, *, items: int = 4) -> World:
    """Store it all in one transaction."""

    def use_case(uow: UnitOfWork) -> World:
        sender, recipient = uow.units.add(unit("A")), uow.units.add(unit("B"))
        office = uow.units.add(unit("P", "point"))
        officer = uow.users.add(user("officer", sender, "focal_point"))
        courier = uow.users.add(user("courier", office, "courier"))
        receiver = uow.users.add(user("receiver", recipient, "focal_point"))
        codes = []
        for serial in range(items):
            item = details(serial, sender, recipient, officer)
            registered(uow, item)
            codes.append(item.consignment.code)
        return World(
            sender=sender,
            recipient=recipient,
            office=office,
            officer=officer,
            courier=courier,
            receiver=receiver,
            codes=tuple(codes),
        )

    return writer.submit(use_case)


def add_records(uow: UnitOfWork, world: World) -> None:
    """Keep what stands beside the log: a printed label, an imported file."""
    item = uow.consignments.lock(world.codes[0])
    if item is None:
        raise LookupError(world.codes[0])
    uow.labels.add(item.id, form="a6", reason="", printed_by=world.officer, printed_at=NOW)
    uow.imports.add(
        ImportBatch(
            id=0,
            unit_id=world.sender,
            user_id=world.officer,
            digest="ab" * 32,
            file_name="list.xlsx",
            rows=1,
            imported_at=NOW,
        )
    )


def noted(*codes: str, note: int = 0) -> EntryDraft:
    """Draft the plainest entry that names items."""
    return EntryDraft(
        kind=EntryKind.AMENDED,
        facts={"actor": note},
        items=tuple(ItemLine(code=code, outcome=Outcome.ACCEPTED) for code in codes),
    )


def offered(consignment: Consignment, world: World, *, nonce: str = "ab" * 16) -> Consignment:
    """Return the item as offered to the courier's office."""
    offer = PendingOffer(
        nonce=nonce,
        purpose=Purpose.TRANSFER,
        to_unit=world.office,
        to_user=None,
        place=world.sender,
        by=consignment.custodian.user,
        offered_at=NOW,
    )
    return replace(consignment, offer=offer)


def taken(consignment: Consignment, world: World) -> Consignment:
    """Return the item as taken by the courier."""
    return replace(
        consignment,
        offer=None,
        state=State.IN_CUSTODY,
        custodian=Custodian(user=world.courier, unit=world.office),
        accepted_at=NOW,
    )


def scan_id(number: int) -> str:
    """Name a scan."""
    return str(uuid.UUID(int=number, version=4))


def scan_of(
    code: str, number: int, after: Callable[[Consignment], Consignment]
) -> Callable[[UnitOfWork], PendingEntry]:
    """Make a use case with the shape of a handover: receipt, lock, save, append, record."""

    def use_case(uow: UnitOfWork) -> PendingEntry:
        stored = uow.scans.find(scan_id(number))
        if stored is not None:
            return stored.entry
        consignment = uow.consignments.lock(code)
        if consignment is None:
            raise LookupError(code)
        uow.consignments.save(after(consignment))
        entry = uow.audit.append(noted(code, note=number))
        line = ScanLine(code=code, outcome="accepted", refusal="")
        uow.scans.record(scan_id(number), sha256(scan_id(number).encode()).hexdigest(), [line], entry)
        return entry

    return use_case
