"""Warns before the same paper is registered twice: same sender, recipient, document number and day.

A warning, never a refusal: the same document may rightly go twice. Compares blind indexes, so nobody reads a
document number for it.

    find_duplicates(uow, registration, *, sender, now, tools) -> tuple[Listed, ...]
    list_duplicate_codes(uow, untrusted, *, actor, now, tools) -> tuple[ConsignmentCode, ...]  for the warning
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from app.domain.access import Actor, Permission
from app.domain.consignment import Registration, State
from app.domain.ids import ConsignmentCode, UnitId
from app.domain.register import VIETNAM
from app.services.items.registration_form import parse_registration, split_numbers
from app.services.items.sealed_fields import document_candidates
from app.services.people.permissions import require
from app.services.people.units import find_open_unit
from app.services.tools import Tools
from app.storage.repositories.consignment_queries import Listed, Search, Visibility
from app.storage.uow import UnitOfWork

_MOST_SHOWN = 5
_COUNTED = tuple(state for state in State if state is not State.CANCELLED)


def find_duplicates(
    uow: UnitOfWork, registration: Registration, *, sender: UnitId, now: datetime, tools: Tools
) -> tuple[Listed, ...]:
    """Return what the sender registered today (by Vietnam's calendar) for the same recipient and document."""
    candidates = tuple(
        candidate
        for number in split_numbers(registration.document_numbers)
        for candidate in document_candidates(number, tools.vault)
    )
    if not candidates:
        return ()
    day = datetime.combine(now.astimezone(VIETNAM).date(), time(), VIETNAM)
    search = Search(
        sender_unit=sender,
        recipient_unit=registration.recipient_unit,
        document_candidates=candidates,
        states=_COUNTED,
        registered_from_at=day,
        registered_until_at=day + timedelta(days=1),
        limit=_MOST_SHOWN,
    )
    return uow.consignments.list(search, Visibility(party_unit=sender))


def list_duplicate_codes(
    uow: UnitOfWork, untrusted: Mapping[str, str], *, actor: Actor, now: datetime, tools: Tools
) -> tuple[ConsignmentCode, ...]:
    """Return the codes to show beside the warning about a form; raises InvalidInput for a bad form."""
    require(actor, Permission.REGISTER)
    registration = parse_registration(
        untrusted, find_unit=lambda code: find_open_unit(uow, code), sender_unit=actor.unit, now=now
    )
    found = find_duplicates(uow, registration, sender=actor.unit, now=now, tools=tools)
    return tuple(listed.consignment.code for listed in found)
