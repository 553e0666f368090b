"""Keep the stock of seals: issue ranges to offices, void what will never be used, tell what must be left.

A number is used only on a bag (:mod:`app.services.bags.bag_packing`, :mod:`app.services.bags.bag_seals`),
only by the office it was issued to, and only once. Nothing here may tell which number a bag carries.

For the surfaces (raise NotPermitted, InvalidInput):
    issue(uow, IssueSeals, *, actor, now) -> None            a range to an office
    void(uow, VoidSeal, *, actor, now) -> None               a number of one's own office
    list_stock(uow, *, actor) -> Stock                       one's own office; for auditors and issuers all
    spend(uow, seal, bag, *, office, now) -> Refusal | None  for the acts that put a seal on
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain.access import POST, Actor, Permission
from app.domain.decision import Refusal
from app.domain.errors import InvalidInput, ProblemCode
from app.domain.ids import BagId, UnitId
from app.domain.seal_stock import (
    Issue,
    VoidReason,
    check_free,
    find_stock_refusal,
    parse_range,
    read_number,
)
from app.services.people.permissions import require
from app.services.people.units import UnitKind, find_open_unit
from app.storage.records import Unit
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueSeals:
    """An untrusted form: the office's code, the first and the last number."""

    untrusted_office: str
    untrusted_first: str
    untrusted_last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidSeal:
    """An untrusted form: a number and why it will never be used."""

    untrusted_seal: str
    untrusted_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Issues newest first, with the offices they name."""

    issues: tuple[Issue, ...]
    units: dict[UnitId, Unit]


def issue(uow: UnitOfWork, command: IssueSeals, *, actor: Actor, now: datetime) -> None:
    """Give a range of new numbers to a post office."""
    require(actor, Permission.ISSUE_SEALS)
    office = find_open_unit(uow, command.untrusted_office)
    unit = None if office is None else uow.units.list_by_ids({office})[office]
    if unit is None or unit.kind != UnitKind.POINT:
        raise InvalidInput("office", ProblemCode.UNKNOWN_UNIT)
    wanted = parse_range(command.untrusted_first, command.untrusted_last)
    uow.seals.lock_form(wanted)
    check_free(wanted, uow.seals.list_ranges(wanted))
    uow.seals.issue(unit.id, wanted, issued_by=actor.user, now=now)
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.SEALS_ISSUED,
            facts={
                "actor": int(actor.user),
                "unit": unit.code,
                "first": f"{wanted.prefix}{wanted.first:0{wanted.width}d}",
                "last": f"{wanted.prefix}{wanted.last:0{wanted.width}d}",
                "count": wanted.count,
            },
        )
    )


def void(uow: UnitOfWork, command: VoidSeal, *, actor: Actor, now: datetime) -> None:
    """Say of a number of one's own office that it will never be on a bag."""
    require(actor, Permission.VOID_SEAL)
    seal = read_number(command.untrusted_seal)
    found = uow.seals.find_issue(seal)
    if seal is None or found is None or found.unit != actor.unit:
        raise InvalidInput("seal", ProblemCode.NOT_IN_STOCK)
    if command.untrusted_reason not in set(VoidReason):
        raise InvalidInput("reason", ProblemCode.NOT_A_CHOICE)
    if uow.seals.is_gone(seal.key):
        raise InvalidInput("seal", ProblemCode.SEAL_GONE)
    reason = VoidReason(command.untrusted_reason)
    uow.seals.void(seal, found, reason, voided_by=actor.user, now=now)
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.SEAL_VOIDED,
            facts={"actor": int(actor.user), "seal": seal.key, "reason": reason.value},
        )
    )


def list_stock(uow: UnitOfWork, *, actor: Actor) -> Stock:
    """Return the issues with what must still be in the drawer."""
    require(actor, Permission.VIEW_SEALS)
    issues = uow.seals.list(actor.unit if actor.role in POST else None)
    units = {one.unit for one in issues}
    return Stock(issues=issues, units=uow.units.list_by_ids(units) if units else {})


def spend(uow: UnitOfWork, seal: str, bag: BagId, *, office: UnitId, now: datetime) -> Refusal | None:
    """Put a number on a bag, or say why not; called last, when nothing else refuses."""
    number = read_number(seal)
    found = uow.seals.find_issue(number)
    refusal = find_stock_refusal(found, office)
    if refusal is not None or number is None or found is None:
        return refusal or Refusal.SEAL_NOT_ISSUED
    return None if uow.seals.spend(number, found, bag, now=now) else Refusal.SEAL_USED
