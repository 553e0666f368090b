"""Registers, amends and cancels consignments: the form, the API and the import come through here.

Sensitive fields leave this module only sealed, and reach the log only as salted commitments. A code is never
reused: its serial comes from a counter of the same transaction, through a keyed permutation.

For the surfaces (all raise NotPermitted, InvalidInput with every problem, Conflict, NotFound):
    register(uow, RegisterConsignment, *, actor, now, tools) -> Registered
    amend(uow, AmendConsignment, *, actor, now, tools) -> ConsignmentCode
    cancel(uow, CancelConsignment, *, actor, now, tools) -> ConsignmentCode
Field names of the untrusted form: `registration_form.py`. Duplicate warning: `duplicates.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain import registration as rules
from app.domain.access import Actor, Permission
from app.domain.consignment import Consignment, Registration
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, ProblemCode
from app.domain.grades import scope_between
from app.domain.ids import SERIALS, ConsignmentCode, UnitId
from app.domain.register import Direction, RegisterNumber, register_year
from app.services.items.duplicates import find_duplicates
from app.services.items.registration_form import parse_registration
from app.services.items.registration_record import compose_details, draft_entry, item_line, new_consignment
from app.services.items.sealed_fields import seal_registration
from app.services.people.permissions import require
from app.services.people.units import find_open_unit
from app.services.tools import Tools
from app.storage.group import PendingEntry
from app.storage.records import Unit
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterConsignment:
    """An untrusted form. `accept_duplicate`: the person has seen the warning and means it."""

    untrusted: Mapping[str, str]
    accept_duplicate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendConsignment:
    """An untrusted form for a registered item; `version` is what the person saw when opening it."""

    code: ConsignmentCode
    version: int
    untrusted: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelConsignment:
    """A cancellation with its untrusted reason."""

    code: ConsignmentCode
    untrusted_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What the sender gets: the code, the number in the outgoing register, and the log entry after commit."""

    code: ConsignmentCode
    register: RegisterNumber
    entry: PendingEntry


def register(
    uow: UnitOfWork, command: RegisterConsignment, *, actor: Actor, now: datetime, tools: Tools
) -> Registered:
    """Register one outgoing item of the actor's own unit."""
    require(actor, Permission.REGISTER)
    registration = parse_registration(
        command.untrusted,
        find_unit=lambda code: find_open_unit(uow, code),
        sender_unit=actor.unit,
        now=now,
    )
    if not command.accept_duplicate and find_duplicates(
        uow, registration, sender=actor.unit, now=now, tools=tools
    ):
        raise Conflict(ConflictCode.DUPLICATE)
    return record_registration(uow, registration, actor=actor, now=now, tools=tools)


def record_registration(
    uow: UnitOfWork, registration: Registration, *, actor: Actor, now: datetime, tools: Tools
) -> Registered:
    """Store one judged registration."""
    return record_all(uow, (registration,), actor=actor, now=now, tools=tools)[0]


def record_all(
    uow: UnitOfWork, registrations: Sequence[Registration], *, actor: Actor, now: datetime, tools: Tools
) -> tuple[Registered, ...]:
    """Store a list of registrations, consecutive numbers in its order; few statements however long it is."""
    for registration in registrations:
        rules.check_registration(registration, sender_unit=actor.unit, now=now)
    units = uow.units.list_by_ids({actor.unit, *(one.recipient_unit for one in registrations)})
    count = len(registrations)
    codes = _draw_codes(uow, count, tools)
    numbers = uow.registers.allocate_all(actor.unit, register_year(now), Direction.OUT, count)
    sender = _get_unit(units, actor.unit)
    new = [
        compose_details(
            registration,
            sealed=seal_registration(code, registration, tools.vault),
            consignment=new_consignment(
                code,
                registration,
                sender,
                _get_unit(units, registration.recipient_unit),
                actor=actor,
                now=now,
            ),
            number=number,
            registered_by=actor.user,
        )
        for registration, code, number in zip(registrations, codes, numbers, strict=True)
    ]
    identities = uow.consignments.add_all(new)
    uow.registers.add_all(list(zip(numbers, identities, strict=True)), registered_at=now)
    return tuple(
        Registered(
            code=details.consignment.code,
            register=number,
            entry=uow.audit.append(
                draft_entry(
                    EntryKind.REGISTERED,
                    details,
                    sender,
                    units[details.consignment.recipient_unit],
                    actor=actor,
                )
            ),
        )
        for details, number in zip(new, numbers, strict=True)
    )


def amend(
    uow: UnitOfWork, command: AmendConsignment, *, actor: Actor, now: datetime, tools: Tools
) -> ConsignmentCode:
    """Replace what was registered, while nobody else has touched the item. Code and number stay."""
    require(actor, Permission.AMEND)
    before = lock_own(uow, command.code, actor=actor)
    rules.check_amendable(before, actor=actor)
    details = uow.consignments.get_details(command.code)
    if before.version != command.version:
        raise Conflict(ConflictCode.CHANGED_MEANWHILE)
    registration = parse_registration(
        command.untrusted,
        find_unit=lambda code: find_open_unit(uow, code),
        sender_unit=actor.unit,
        now=now,
    )
    units = uow.units.list_by_ids((actor.unit, registration.recipient_unit))
    sender, recipient = _get_unit(units, actor.unit), _get_unit(units, registration.recipient_unit)
    after = replace(
        before,
        recipient_unit=recipient.id,
        grade=registration.grade,
        scope=scope_between(sender.province, recipient.province),
        named_only=registration.named_only,
        seal=registration.seal,
    )
    amended = compose_details(
        registration,
        sealed=seal_registration(command.code, registration, tools.vault),
        consignment=after,
        number=RegisterNumber(
            unit=sender.id,
            year=details.register_year,
            direction=Direction.OUT,
            number=details.register_number,
        ),
        registered_by=details.registered_by,
    )
    uow.consignments.amend(amended)
    uow.audit.append(draft_entry(EntryKind.AMENDED, amended, sender, recipient, actor=actor))
    return command.code


def cancel(
    uow: UnitOfWork, command: CancelConsignment, *, actor: Actor, now: datetime, tools: Tools
) -> ConsignmentCode:
    """Cancel an item that never left the sender; its code and register number stay used, with the reason."""
    del tools
    require(actor, Permission.CANCEL)
    before = lock_own(uow, command.code, actor=actor)
    after = rules.cancel(before, untrusted_reason=command.untrusted_reason, actor=actor, now=now)
    reason = rules.parse_reason(command.untrusted_reason)
    uow.consignments.save(after)
    uow.consignments.record_cancellation(after.id, reason)
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.CANCELLED,
            facts={"actor": int(actor.user), "reason": reason},
            items=(item_line(command.code),),
        )
    )
    return command.code


def lock_own(uow: UnitOfWork, code: ConsignmentCode, *, actor: Actor) -> Consignment:
    """Lock an item of the actor's own unit as sender; anything else is not there for this person."""
    consignment = uow.consignments.lock(code)
    if consignment is None or consignment.sender_unit != actor.unit:
        raise NotFound
    return consignment


def _get_unit(units: Mapping[UnitId, Unit], unit: UnitId) -> Unit:
    if unit not in units:
        raise InvalidInput("recipient_unit", ProblemCode.UNKNOWN_UNIT)
    return units[unit]


def _draw_codes(uow: UnitOfWork, count: int, tools: Tools) -> list[ConsignmentCode]:
    serials = uow.consignments.next_serials(tools.indicator, count)
    if serials.stop > SERIALS:
        raise Conflict(ConflictCode.SERIALS_EXHAUSTED)
    return [tools.item_code(serial) for serial in serials]
