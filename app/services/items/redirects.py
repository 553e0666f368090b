"""Sends an item under way to another unit, by its sender's word; the old address stays on record.

redirect(uow, RedirectItem, *, actor, now) -> ConsignmentCode
"""

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain import redirect as rules
from app.domain.access import Actor, Permission
from app.domain.errors import InvalidInput, NotFound, ProblemCode
from app.domain.grades import scope_between
from app.domain.ids import ConsignmentCode
from app.domain.redirect import Redirection
from app.services.items.registration import lock_own
from app.services.items.registration_record import item_line
from app.services.people.permissions import require
from app.services.people.units import find_open_unit
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectItem:
    """An untrusted form: code of the new unit, a reason's code; `version` is what the person saw."""

    code: ConsignmentCode
    untrusted_unit: str
    untrusted_reason: str


def redirect(uow: UnitOfWork, command: RedirectItem, *, actor: Actor, now: datetime) -> ConsignmentCode:
    """Give an item of the own unit a new recipient while the post carries it."""
    require(actor, Permission.REDIRECT)
    before = lock_own(uow, command.code, actor=actor)
    unit = find_open_unit(uow, command.untrusted_unit)
    if unit is None:
        raise InvalidInput("recipient_unit", ProblemCode.UNKNOWN_UNIT)
    reason = rules.parse_reason(command.untrusted_reason)
    units = uow.units.list_by_ids({before.sender_unit, before.recipient_unit, unit})
    if before.recipient_unit not in units:
        raise NotFound
    scope = scope_between(units[before.sender_unit].province, units[unit].province)
    after = rules.redirect(before, unit, scope, actor=actor)
    details = uow.consignments.get_details(command.code)
    uow.consignments.amend(replace(details, consignment=after))
    uow.redirections.add(
        Redirection(
            consignment_id=before.id,
            from_unit=before.recipient_unit,
            to_unit=unit,
            reason=reason,
            ordered_by=actor.user,
            ordered_at=now,
        )
    )
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.REDIRECTED,
            facts={
                "actor": int(actor.user),
                "from": units[before.recipient_unit].code,
                "to": units[unit].code,
                "reason": reason.value,
            },
            items=(item_line(command.code),),
        )
    )
    return command.code
