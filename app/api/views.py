"""Write what services return as the API's plain JSON: codes for units, ids for people, times as text.

Names of people and sealed fields never leave by this road; only what the shapes in `schemas.py` list.
"""

from collections.abc import Mapping
from datetime import datetime

from app.domain.clock import Clock, Clocks
from app.domain.consignment import Consignment, PendingOffer
from app.domain.ids import UnitId
from app.services.log.audit_trail import Timeline
from app.services.log.events import Event
from app.services.people.access import Record
from crypto.timestamps import format_at


def record_view(record: Record) -> dict[str, object]:
    """Describe one consignment from its record."""
    codes = {unit: found.code for unit, found in record.units.items()}
    item = consignment_view(record.details.consignment, codes, fits_log=record.fits_log)
    # Of an item in a bag, whoever has the bag answers.
    item |= {"custodian_user": record.custodian.user, "custodian_unit": codes[record.custodian.unit]}
    return item | clocks_view(record.clocks)


def clocks_view(clocks: Clocks) -> dict[str, object]:
    """Describe both clocks of one consignment."""
    return {
        "delivery_clock": _clock(clocks.delivery),
        "acknowledgement_clock": _clock(clocks.acknowledgement),
        "standard_version": clocks.standard.version,
    }


def consignment_view(
    consignment: Consignment, unit_codes: Mapping[UnitId, str], *, fits_log: bool
) -> dict[str, object]:
    """Describe one consignment; `unit_codes` names every unit in it."""
    grade = consignment.grade
    return {
        "code": consignment.code,
        "sender_unit": unit_codes[consignment.sender_unit],
        "recipient_unit": unit_codes[consignment.recipient_unit],
        "secrecy": grade.secrecy,
        "express": grade.express,
        "appointed_at": _moment(grade.appointed_at),
        "scope": consignment.scope,
        "state": consignment.state,
        "custodian_user": consignment.custodian.user,
        "custodian_unit": unit_codes[consignment.custodian.unit],
        "named_only": consignment.named_only,
        "offer": None if consignment.offer is None else offer_view(consignment.offer, unit_codes),
        "attempts": consignment.attempts,
        "hold": consignment.hold,
        "registered_at": format_at(consignment.registered_at),
        "accepted_at": _moment(consignment.accepted_at),
        "first_attempt_at": _moment(consignment.first_attempt_at),
        "closed_at": _moment(consignment.closed_at),
        "fits_log": fits_log,
    }


def timeline_view(timeline: Timeline) -> dict[str, object]:
    """Describe one page of the events of a consignment."""
    return {
        "code": timeline.consignment.code,
        "verified": timeline.is_verified,
        "fits_log": timeline.fits_log,
        "events": [_event(event) for event in timeline.events],
        "carried": [{**_event(one.event), "bag": one.bag} for one in timeline.carried],
        "next_before": timeline.next_before,
    }


def _clock(clock: Clock) -> dict[str, object]:
    return {
        "state": clock.state,
        "started_at": _moment(clock.started_at),
        "not_before_at": _moment(clock.not_before_at),
        "due_at": _moment(clock.due_at),
        "stopped_at": _moment(clock.stopped_at),
    }


def offer_view(offer: PendingOffer, unit_codes: Mapping[UnitId, str]) -> dict[str, object]:
    """Describe a handover that waits for its second half."""
    return {
        "nonce": offer.nonce,
        "purpose": offer.purpose,
        "to_unit": unit_codes[offer.to_unit],
        "to_user": offer.to_user,
        "place": unit_codes[offer.place],
        "at_counter": offer.at_counter,
        "by": offer.by,
        "offered_at": format_at(offer.offered_at),
    }


def _event(event: Event) -> dict[str, object]:
    return {
        "index": event.index,
        "kind": event.kind,
        "recorded_at": format_at(event.recorded_at),
        "device_at": _moment(event.device_at),
        "actor": None if event.signer is None else event.signer.id,
        "outcome": None if event.item is None else event.item.outcome,
        "refusal": "" if event.item is None else event.item.refusal,
        "hash": event.hash_hex,
        "verified": event.is_verified,
    }


def _moment(value: datetime | None) -> str | None:
    return None if value is None else format_at(value)
