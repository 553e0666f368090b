"""Put back who may receive for a unit, and where items were sent on to: takes in the gap depend on both.

A mandate keeps the number that the log gave it. Nothing here may judge again whether it should be given.
"""

from dataclasses import replace
from typing import Final

from app.domain.grades import scope_between
from app.domain.ids import UserId
from app.domain.mandate import Mandate, MandateKind
from app.domain.redirect import Redirection, RedirectReason
from app.services.recovery.facts import Said, draft_of, get_person, get_unit, lock_item
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.kinds import EntryKind

KINDS: Final = frozenset({EntryKind.MANDATE_GRANTED, EntryKind.MANDATE_REVOKED, EntryKind.REDIRECTED})


def act_again(uow: UnitOfWork, entry: Entry) -> None:
    """Do again what an entry of these kinds says was done."""
    said = Said(entry=entry)
    match entry.kind:
        case EntryKind.MANDATE_GRANTED:
            _grant(uow, said)
        case EntryKind.MANDATE_REVOKED:
            _revoke(uow, said)
        case _:
            _redirect(uow, said)
    uow.audit.append(draft_of(entry))


def _grant(uow: UnitOfWork, said: Said) -> None:
    since, until = said.moment("valid_from"), said.moment("valid_until")
    if since is None or until is None or uow.mandates.find(said.number("mandate")) is not None:
        raise said.differs("gives a mandate without dates, or one that is there already")
    uow.mandates.put_back(
        Mandate(
            id=said.number("mandate"),
            unit=get_unit(uow, said, said.text("unit")).id,
            user=get_person(uow, said, UserId(said.number("user"))).id,
            kind=MandateKind(said.text("mandate_kind")),
            opens_named=said.flag("opens_named"),
            basis=said.text("basis"),
            valid_from_at=since,
            valid_until_at=until,
            granted_by=said.actor(),
            granted_at=said.entry.at,
        )
    )


def _revoke(uow: UnitOfWork, said: Said) -> None:
    mandate = uow.mandates.find(said.number("mandate"))
    if mandate is None or mandate.revoked_at is not None:
        raise said.differs("revokes a mandate that the database does not know, or a second time")
    uow.mandates.revoke(replace(mandate, revoked_by=said.actor(), revoked_at=said.entry.at))


def _redirect(uow: UnitOfWork, said: Said) -> None:
    """Give the item its new address; sealed values and everything else stay as they are."""
    item = lock_item(uow, said)
    before, after = (get_unit(uow, said, said.text(name)) for name in ("from", "to"))
    if item.recipient_unit != before.id:
        raise said.differs("sends on an item that was for another unit")
    sender = uow.units.get(item.sender_unit)
    details = uow.consignments.get_details(item.code)
    sent_on = replace(item, recipient_unit=after.id, scope=scope_between(sender.province, after.province))
    uow.consignments.amend(replace(details, consignment=sent_on))
    uow.redirections.add(
        Redirection(
            consignment_id=item.id,
            from_unit=before.id,
            to_unit=after.id,
            reason=RedirectReason(said.text("reason")),
            ordered_by=said.actor(),
            ordered_at=said.entry.at,
        )
    )
