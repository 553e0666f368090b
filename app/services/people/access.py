"""The only door through which a person reaches a consignment.

"Not there" and "not yours" are the same answer, NotFound, by the same road. A sealed field is opened here and
nowhere else, and only for the two parties. Lists take their visibility from `seen_by`.

For the surfaces:
    get_consignment(uow, code, *, actor, now, tools) -> Consignment
    get_record(uow, code, *, actor, now, tools) -> Record  the page: envelope facts, names, opened fields
    list_consignments(uow, search, *, actor, now, tools) -> ConsignmentPage
"""

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.access import Actor, Permission, Role, may_read_sealed, may_see
from app.domain.acknowledgement import FiledReceipt
from app.domain.clock import Clocks
from app.domain.consignment import Consignment, ConsignmentDetails, Custodian
from app.domain.erasure import Erasure, SealedField
from app.domain.errors import NotFound
from app.domain.ids import ConsignmentCode, ConsignmentId, UnitId, UserId
from app.services.items.sealed_fields import open_field
from app.services.owed.clocks import clock_reader
from app.services.people.permissions import require
from app.services.scans.answering import custodians_of_items
from app.services.scans.custody_marks import find_mismatches
from app.services.shifts.blind import unseen_holder
from app.services.tools import Tools
from app.storage.records import Unit, User
from app.storage.repositories.consignment_queries import Listed, Search, Visibility
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedFields:
    """The three sensitive values in the clear, for the two parties only; "" where none was given."""

    abstract: str
    receiver_name: str
    document_numbers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything one person may know about one item. `opened` is None for whoever is not a party.

    `custodian` answers for it now: of an item in a bag, whoever has the bag. `fits_log` is False when
    custodian or state are not what was recorded when they changed.
    """

    details: ConsignmentDetails
    custodian: Custodian
    fits_log: bool
    opened: OpenedFields | None
    erasures: tuple[Erasure, ...]
    clocks: Clocks
    filed: tuple[FiledReceipt, ...]
    units: dict[UnitId, Unit]
    users: dict[UserId, User]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentPage:
    """One page of a list with the names in it; `next_before` continues it, None at the end.

    `custodians` answer for the items now; `mismatched` are those whose custodian or state is not the recorded
    one.
    """

    rows: tuple[Listed, ...]
    custodians: dict[ConsignmentId, Custodian]
    mismatched: frozenset[ConsignmentId]
    clocks: dict[ConsignmentId, Clocks]
    total: int
    units: dict[UnitId, Unit]
    users: dict[UserId, User]
    next_before: int | None


def get_consignment(
    uow: UnitOfWork, code: str, *, actor: Actor, now: datetime | None = None, tools: Tools | None = None
) -> Consignment:
    """Return an item this person may know about; raises NotFound for every other code alike."""
    del now, tools
    require(actor, Permission.VIEW_CONSIGNMENT)
    return _judge(uow, uow.consignments.find(code), actor)


def get_record(uow: UnitOfWork, code: str, *, actor: Actor, now: datetime, tools: Tools) -> Record:
    """Return the whole record of an item, sealed fields opened only for the two parties."""
    require(actor, Permission.VIEW_CONSIGNMENT)
    details = uow.consignments.find_details(code)
    consignment = _judge(uow, None if details is None else details.consignment, actor)
    if details is None:
        raise NotFound
    custodian = custodians_of_items(uow, (consignment,))[consignment.id]
    units = {consignment.sender_unit, consignment.recipient_unit, custodian.unit, consignment.custodian.unit}
    users = {custodian.user, consignment.custodian.user, details.registered_by}
    if consignment.offer is not None:
        units |= {consignment.offer.to_unit, consignment.offer.place}
        users |= {consignment.offer.by, consignment.offer.to_user or consignment.offer.by}
    filed = uow.filed_receipts.list(consignment.id)
    users |= {one.filed_by for one in filed}
    reader = clock_reader(uow, (consignment,), now=now)
    return Record(
        details=details,
        custodian=custodian,
        fits_log=not find_mismatches(uow, (consignment,)),
        opened=open_fields(details, actor=actor, tools=tools),
        erasures=uow.erasures.list(consignment.id),
        clocks=reader.read(consignment, details.acknowledged_at),
        filed=filed,
        units=uow.units.list_by_ids(units),
        users=uow.users.list_by_ids(users),
    )


def open_fields(details: ConsignmentDetails, *, actor: Actor, tools: Tools) -> OpenedFields | None:
    """Open the sensitive fields for a party, None for anybody else."""
    if not may_read_sealed(details.consignment, actor):
        return None
    code = details.consignment.code
    return OpenedFields(
        abstract=open_field(code, SealedField.ABSTRACT, details.abstract_sealed, tools.vault),
        receiver_name=open_field(code, SealedField.RECEIVER_NAME, details.receiver_sealed, tools.vault),
        document_numbers=open_field(
            code, SealedField.DOCUMENT_NUMBERS, details.document_numbers_sealed, tools.vault
        ),
    )


def list_consignments(
    uow: UnitOfWork, search: Search, *, actor: Actor, now: datetime, tools: Tools | None = None
) -> ConsignmentPage:
    """Return one page of what was asked for, within what this person may know about."""
    del tools
    require(actor, Permission.SEARCH)
    visibility = seen_by(uow, actor)
    rows = uow.consignments.list(search, visibility)
    total = uow.consignments.count(search, visibility)
    return name_rows(uow, rows, total=total, limit=search.limit, now=now)


def name_rows(
    uow: UnitOfWork, rows: tuple[Listed, ...], *, total: int, limit: int, now: datetime
) -> ConsignmentPage:
    """Add the names of units and people to a page of rows, the clocks, and what does not fit the records."""
    items = [row.consignment for row in rows]
    custodians = custodians_of_items(uow, items)
    units = {unit for one in items for unit in (one.sender_unit, one.recipient_unit, one.custodian.unit)}
    units |= {one.unit for one in custodians.values()}
    reader = clock_reader(uow, items, now=now)
    return ConsignmentPage(
        rows=rows,
        custodians=custodians,
        mismatched=find_mismatches(uow, items),
        clocks={row.consignment.id: reader.read(row.consignment, row.acknowledged_at) for row in rows},
        total=total,
        units=uow.units.list_by_ids(units) if units else {},
        users=uow.users.list_by_ids({one.user for one in custodians.values()}) if items else {},
        next_before=int(items[-1].id) if len(items) == limit else None,
    )


def seen_by(uow: UnitOfWork, actor: Actor) -> Visibility:
    """Return what a list shows this person now: not what they are counting at this moment."""
    return replace(visibility_of(actor), unseen_holder=unseen_holder(uow, actor))


def visibility_of(actor: Actor) -> Visibility:
    """Return `may_see` in the words of storage; the two are held together by a test."""
    match actor.role:
        case Role.FOCAL_POINT:
            return Visibility(party_unit=actor.unit)
        case Role.COURIER | Role.CLERK:
            return Visibility(holder=actor.user, offered_unit=actor.unit)
        case Role.AUDITOR:
            return Visibility(everything=True)
        case Role.MINISTRY_READER | Role.ADMINISTRATOR:
            return Visibility()


def _judge(uow: UnitOfWork, consignment: Consignment | None, actor: Actor) -> Consignment:
    if consignment is None:
        raise NotFound
    was_custodian = actor.role in {Role.COURIER, Role.CLERK} and uow.consignments.was_custodian(
        consignment.id, actor.user
    )
    if not may_see(consignment, actor, was_custodian=was_custodian):
        raise NotFound
    return consignment


def parse_seen_code(untrusted: str) -> ConsignmentCode:
    """Return a code as it stands in an address; what is no code is simply not there."""
    return ConsignmentCode(untrusted[:64].strip().upper())
