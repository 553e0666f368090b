"""Tell what was handed in at a counter by one entry of the log, for the receipt that the giver takes along.

From the entry's own bytes and what the device signed, for whoever may have those bytes. A line that was
refused stays with the agency, and is told by its code and reason alone.

For the surfaces (raise NotPermitted, NotFound):
    get_hand_in(uow, index, *, actor, now, tools) -> HandIn
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain.access import Actor
from app.domain.consignment import ConsignmentDetails
from app.domain.errors import InvalidInput, NotFound
from app.services.log.audit_trail import get_entry
from app.services.scans.scan_opening import read_claim
from app.services.tools import Tools
from app.storage.records import Unit, User
from app.storage.uow import UnitOfWork
from audit.evidence import Take, TakeReason, named_code
from crypto.envelope import Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class HandInLine:
    """One code: `details` where the clerk took it, else the refusal of the log or the clerk's own reason."""

    code: str
    details: ConsignmentDetails | None
    refusal: str
    reason: TakeReason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandIn:
    """One list at a counter; `letter` is the number of the giver's letter, "" where none was asked for."""

    index: int
    leaf: str
    recorded_at: datetime
    said_at: datetime
    office: Unit
    agency: Unit
    giver: User
    clerk: User
    letter: str
    lines: tuple[HandInLine, ...]


def find_take(envelope: Envelope) -> Take | None:
    """Return what a statement says where it is a take; None for any other and for an unreadable one."""
    try:
        said = read_claim(envelope)
    except InvalidInput:
        return None
    return said if isinstance(said, Take) else None


def is_hand_in(envelope: Envelope) -> bool:
    """Tell whether a statement is of something handed in."""
    take = find_take(envelope)
    return take is not None and take.giver is not None


def get_hand_in(uow: UnitOfWork, index: int, *, actor: Actor, now: datetime, tools: Tools) -> HandIn:
    """Return what one entry took in; raises NotFound for every other entry, and where nothing was taken."""
    view = get_entry(uow, index, actor=actor, now=now, tools=tools)
    event, entry = view.event, view.event.entry
    said = event.evidence[0] if event.evidence else None
    if view.data is None or entry is None or not isinstance(said, Take) or said.giver is None:
        raise NotFound
    office, agency = uow.units.find_by_code(said.place), uow.units.find_by_code(said.giver.unit)
    if event.giver is None or event.signer is None or office is None or agency is None:
        raise NotFound
    read = {named_code(line.code): line for line in said.lines}
    lines = []
    for item in entry.items:
        line = read.get(item.code)
        reason = None if line is None else line.reason
        taken = not item.refusal and reason is None
        details = uow.consignments.find_details(item.code) if taken else None
        lines.append(HandInLine(code=item.code, details=details, refusal=item.refusal, reason=reason))
    if not any(not line.refusal for line in lines):
        raise NotFound
    return HandIn(
        index=event.index,
        leaf=event.hash_hex,
        recorded_at=event.recorded_at,
        said_at=said.at,
        office=office,
        agency=agency,
        giver=event.giver,
        clerk=event.signer,
        letter=str(entry.facts.get("giver_authority_number", "")),
        lines=tuple(lines),
    )
