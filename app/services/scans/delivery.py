"""Keep what a delivery leaves behind: who signed, when and where, and the line in the incoming register.

The signer's name goes to the log as a salted commitment and to the database sealed; nobody reads it there. An
incoming register number is drawn in the transaction of the take: by the recipient for a delivery, by the
sender for a return. Whether a take is allowed is never decided here (``app/domain/taking.py``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.domain.access import Actor
from app.domain.consignment import Consignment, State
from app.domain.errors import NotFound
from app.domain.register import Direction, register_year
from app.services.scans.scan_outcome import DecidedLine
from app.services.tools import Tools
from app.storage.group import PendingEntry
from app.storage.records import Delivery
from app.storage.uow import UnitOfWork
from audit.evidence import Attempt, Handover, Purpose, Take, TakeLine
from crypto.canonical import JsonValue
from crypto.commitment import commit, pack_opening

SIGNED_BY: Final = "signed_by"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Whoever took items at their last door: `blobs` by code, the same commitment for the whole scan."""

    facts: dict[str, JsonValue]
    commitments: Mapping[str, str]
    blobs: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an item's way to a last door ended, in the words of the table of deliveries."""

    outcome: str
    reason: str = ""
    action: str = ""


def signature_context(code: str) -> str:
    """Return what binds the sealed signer's name to its item."""
    return f"delivery/{code}/{SIGNED_BY}"


def sign_for(
    uow: UnitOfWork, decided: Iterable[DecidedLine], *, actor: Actor, now: datetime, tools: Tools
) -> Signature | None:
    """Enter what was just received into the actor's incoming register, and seal who received it.

    None where nothing reached its last door. The numbers are stated in the entry: consecutive, in line order.
    """
    received = [line.after for line in decided if line.after is not None and line.after.state.is_final]
    if not received:
        return None
    year = register_year(now)
    identities = [item.id for item in received]
    numbers = uow.registers.enter(actor.unit, Direction.IN, identities, year=year, registered_at=now)
    person = uow.users.find(actor.user)
    if person is None:
        raise NotFound
    signer = person.full_name
    commitment = commit(SIGNED_BY, signer)
    opening = pack_opening(commitment, signer)
    return Signature(
        facts={"register_first": numbers[0].number, "register_year": year},
        commitments={SIGNED_BY: commitment.digest},
        blobs={
            item.code: tools.vault.seal(opening, context=signature_context(item.code)) for item in received
        },
    )


def record_deliveries(
    uow: UnitOfWork,
    scan: Handover,
    decided: Sequence[DecidedLine],
    entry: PendingEntry,
    *,
    signature: Signature | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Write one row for every item that was brought to a last door: taken, refused there, or not taken."""
    for line in decided:
        ending = _find_ending(scan, line)
        if ending is None or line.before is None or line.place is None:
            continue
        delivery = Delivery(
            consignment_id=line.before.id,
            outcome=ending.outcome,
            reason=ending.reason,
            action=ending.action,
            giver_id=line.before.custodian.user,
            taker_id=actor.user if isinstance(scan, Take) else None,
            place_id=line.place,
            receiver_sealed=None if signature is None else signature.blobs.get(line.before.code),
            device_at=scan.at,
            recorded_at=now,
        )
        uow.deliveries.record(delivery, entry)


def _find_ending(scan: Handover, line: DecidedLine) -> Ending | None:
    """Tell how one line ended at a last door, None where it did not come to one or was refused."""
    if line.after is None:
        return None
    if isinstance(scan, Attempt):
        return Ending(outcome="failed", reason=scan.reason, action=scan.action)
    if not isinstance(line.read.line, TakeLine):
        return None
    match line.after.state:
        case State.DELIVERED:
            return Ending(outcome="delivered")
        case State.RETURNED:
            return Ending(outcome="returned")
        case _:
            return _find_turned_down(line.read.line, line.before)


def _find_turned_down(line: TakeLine, before: Consignment | None) -> Ending | None:
    offer = None if before is None else before.offer
    if line.reason is None or offer is None or offer.purpose is Purpose.TRANSFER:
        return None
    return Ending(outcome="refused", reason=line.reason)
