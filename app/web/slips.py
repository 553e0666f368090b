"""Compose the handover slip of one item from the log's own events: who gave, who took, what, when.

Only lines of items that the reader may know about are printed. It must never print a subject or a receiver
named inside, and a seal's number only for the parties: the next taker must read the seal, not the slip.
"""

from collections.abc import Callable, Mapping

from app.domain.errors import NotFound
from app.domain.ids import UnitId
from app.http.i18n import words
from app.services.log.audit_trail import Timeline
from app.services.log.events import Event
from app.services.log.receipts import Receipt, ReceiptState
from app.services.people.access import Record
from app.web.check_words import check_words
from audit.entry import Entry, ItemLine, Outcome
from audit.evidence import Offer, Take, TakeLine, named_code
from audit.kinds import EntryKind
from reports.model import (
    MAX_PRINTED_RECEIPT,
    NoReceipt,
    OuterMark,
    Paper,
    SlipData,
    SlipLine,
    SlipOutcome,
    SlipParty,
    SlipPurpose,
)

UnitWords = Mapping[UnitId, tuple[str, str]]
_NO_RECEIPT = {
    ReceiptState.UNWITNESSED: NoReceipt.UNWITNESSED,
    ReceiptState.BROKEN: NoReceipt.BROKEN,
}


def compose_slip(
    timeline: Timeline,
    *,
    find_record: Callable[[str], Record | None],
    units: UnitWords,
    places: Mapping[str, str],
    receipt_of: Callable[[Entry], Receipt],
    origin: str,
) -> SlipData:
    """Return the slip of the latest accepted taking; raises NotFound when nobody has taken the item yet."""
    taking = _latest_taking(timeline)
    said = taking.evidence[0] if taking and taking.evidence else None
    if taking is None or taking.entry is None or not isinstance(said, Take):
        raise NotFound
    offering = _offer_of(timeline, said)
    offered = offering.evidence[0] if offering else None
    giver = _party(offering, units) if said.giver is None else _party(taking, units, is_giver=True)
    taker = _party(taking, units)
    receipt = receipt_of(taking.entry)
    fits = len(receipt.proof) <= MAX_PRINTED_RECEIPT
    return SlipData(
        paper=Paper.A5 if len(taking.entry.items) <= 2 else Paper.A4,
        purpose=SlipPurpose(offered.purpose.value) if isinstance(offered, Offer) else SlipPurpose.TRANSFER,
        issuer_parent="",
        issuer=taker.unit,
        locality="",
        place=places.get(said.place, said.place),
        giver=giver,
        taker=taker,
        offered_at=offering.device_at if offering else None,
        taken_at=taking.device_at or taking.recorded_at,
        lines=_lines(taking.entry.items, said, find_record),
        origin=origin,
        entry_index=taking.index,
        entry_hash=taking.hash_hex,
        receipt=receipt.proof if fits else b"",
        no_receipt=_NO_RECEIPT.get(receipt.state, NoReceipt.WAITING) if fits else NoReceipt.TOO_LONG,
    )


def holds_handover(timeline: Timeline) -> bool:
    """Tell whether the latest taking and the offer it answers are among these events."""
    taking = _latest_taking(timeline)
    said = taking.evidence[0] if taking and taking.evidence else None
    return isinstance(said, Take) and (said.giver is not None or _offer_of(timeline, said) is not None)


def _latest_taking(timeline: Timeline) -> Event | None:
    return next(
        (
            event
            for event in timeline.events
            if event.kind is EntryKind.HANDOVER_TAKEN
            and event.item
            and event.item.outcome is Outcome.ACCEPTED
        ),
        None,
    )


def _offer_of(timeline: Timeline, said: Take) -> Event | None:
    return next(
        (
            event
            for event in timeline.events
            if event.kind is EntryKind.HANDOVER_OFFERED
            and event.evidence
            and event.evidence[0].nonce == said.nonce
        ),
        None,
    )


def _party(event: Event | None, units: UnitWords, *, is_giver: bool = False) -> SlipParty:
    """Describe who signed; `is_giver`: who gave at a counter, where the taker's device signed alone."""
    signer = None if event is None else event.giver if is_giver else event.signer
    name, address = units.get(signer.unit_id, ("–", "")) if signer else ("–", "")
    return SlipParty(
        unit=name,
        address=address,
        person=signer.full_name if signer else "",
        position=(signer.position or words(f"role.{signer.role}")) if signer else "",
    )


def _lines(
    items: tuple[ItemLine, ...], said: Take, find_record: Callable[[str], Record | None]
) -> tuple[SlipLine, ...]:
    read = {named_code(line.code): line for line in said.lines}
    found = ((item, find_record(item.code)) for item in items)
    return tuple(_line(item, record, read.get(item.code)) for item, record in found if record is not None)


def _line(item: ItemLine, record: Record, read: TakeLine | None) -> SlipLine:
    consignment = record.details.consignment
    refused = item.outcome is Outcome.REFUSED or (read is not None and read.reason is not None)
    reason = words(f"refusal.{item.refusal}") if item.refusal else ""
    if read is not None and read.reason is not None:
        reason = words(f"take_reason.{read.reason}")
    return SlipLine(
        code=item.code,
        mark=OuterMark(consignment.grade.secrecy.value),
        express=consignment.grade.express,
        appointed_at=consignment.grade.appointed_at,
        register_number=f"{record.details.register_number}/{record.details.register_year}",
        pieces=record.details.pieces,
        outcome=SlipOutcome.REFUSED if refused else SlipOutcome.ACCEPTED,
        reason=reason,
        seal=read.seal if read and record.opened is not None else "",
        check=check_words(read.check) if read is not None and read.check is not None else "",
    )
