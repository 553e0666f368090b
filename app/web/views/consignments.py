"""Find consignments and show one with its timeline. "Not yours" and "not there" are the same page."""

from collections.abc import Iterable
from typing import Final

from flask import Blueprint, render_template, request, url_for

from app.domain.access import Permission, may
from app.domain.acknowledgement import list_printable
from app.domain.clock import Clock, ClockKind, ClockState
from app.domain.consignment import State
from app.domain.erasure import ErasureOutcome, SealedField
from app.domain.incident_search import IncidentSearch
from app.domain.redirect import may_redirect
from app.http.access import access
from app.http.i18n import words
from app.http.person import Person
from app.http.ports import runtime
from app.services.incidents import incident_pages
from app.services.items.erasures import list_erasable
from app.services.items.sealed_fields import list_lost
from app.services.legs import leg_pages
from app.services.legs.leg_pages import LegOnWay
from app.services.log import audit_trail
from app.services.people import access as door
from app.services.people import units
from app.services.people.access import Record
from app.web.filters import when
from app.web.incidents import show_row
from app.web.leg_pages import planned_arrivals
from app.web.numbers import parse_number
from app.web.receipts import standings_of
from app.web.timeline import HANDOVERS, Due, ShownEvent, by_day, merge_carried, show_event
from app.web.translate import _
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("consignments", __name__, url_prefix="/consignments")


@BLUEPRINT.get("/<code>")
@access(Permission.VIEW_CONSIGNMENT)
def show(code: str) -> str:
    """Show one consignment: who answers for it now, and everything that happened to it."""
    person = require_person()
    seen = door.parse_seen_code(code)
    record = runtime().read(door.get_record, seen, actor=person.actor)
    before = parse_number(request.args.get("before", ""))
    timeline = runtime().read(audit_trail.get_timeline, seen, actor=person.actor, before=before)
    names = {unit.code: unit.name for unit in runtime().read(units.list_units, actor=person.actor)}
    with_seal = record.opened is not None or person.may(Permission.VIEW_LOG)
    own = [show_event(event, seen, units=names, with_seal=with_seal) for event in timeline.events]
    events = merge_carried(own, timeline.carried, units=names)
    chosen = request.args.get("show", "")
    shown = [event for event in events if _is_chosen(event, chosen)]
    handovers = [event.entry for event in timeline.events if event.entry and event.kind in HANDOVERS]
    ways = runtime().read(leg_pages.list_of_thing, seen, actor=person.actor)
    return render_template(
        "consignments/show.html",
        item={**item_of(record, person), "fits_log": record.fits_log and timeline.fits_log},
        incidents=_incidents_of(record, person),
        days=by_day(shown),
        standings=standings_of(handovers),
        filters=_filters(seen, events, chosen),
        # Numbers would speak of one page only, so they are shown where one page is everything.
        is_whole=before is None and timeline.next_before is None,
        newer=before is not None,
        older=timeline.next_before,
        # What is still to come stands before what has happened, on the newest page only.
        planned=[] if before is not None else _planned(record, ways),
        chosen=chosen,
        ways=ways,
    )


def _planned(record: Record, ways: tuple[LegOnWay, ...]) -> list[Due]:
    """List what is due and has not happened: the clocks, the latest first, then the leg it rides on."""
    clocks = [
        Due(
            id=kind.value,
            title=words(f"clock.{kind}"),
            due_at=clock.due_at,
            late=clock.state is ClockState.OVERDUE,
            tag=words(f"clock_state.{clock.state}"),
        )
        for kind, clock in (
            (ClockKind.ACKNOWLEDGEMENT, record.clocks.acknowledgement),
            (ClockKind.DELIVERY, record.clocks.delivery),
        )
        if clock.due_at is not None and clock.stopped_at is None
    ]
    return clocks + planned_arrivals(ways, record.custodian.user, runtime().now())


def _incidents_of(record: Record, person: Person) -> list[dict[str, object]]:
    """List the newest incidents of this item that the person may know about."""
    if not person.may(Permission.VIEW_INCIDENT):
        return []
    search = IncidentSearch(consignment=record.details.consignment.id, limit=10)
    page = runtime().read(incident_pages.list_incidents, search, actor=person.actor)
    return [show_row(row, page, now=runtime().now()) for row in page.rows]


def _is_chosen(event: ShownEvent, chosen: str) -> bool:
    match chosen:
        case "handovers":
            return event.kind in HANDOVERS
        case "refused":
            return event.refused or not event.verified
        case _:
            return True


def _filters(code: str, events: Iterable[ShownEvent], chosen: str) -> list[dict[str, object]]:
    listed = list(events)
    labels = (("", _("Tất cả")), ("handovers", _("Giao nhận")), ("refused", _("Vướng mắc")))
    return [
        {
            "label": label,
            "count": sum(_is_chosen(event, value) for event in listed),
            "current": value == chosen,
            "url": url_for(
                "consignments.show", code=code, show=value or None, before=request.args.get("before")
            ),
        }
        for value, label in labels
    ]


def item_of(record: Record, person: Person) -> dict[str, object]:
    """Describe one consignment for its pages: names instead of ids, and what this person may do next."""
    details, item = record.details, record.details.consignment
    open_to_sender = (
        item.state is State.REGISTERED and item.offer is None and item.sender_unit == person.actor.unit
    )
    custodian, held_at = record.users[record.custodian.user], record.units[record.custodian.unit]
    return {
        "code": item.code,
        "secrecy": item.grade.secrecy,
        "express": item.grade.express,
        "appointed_at": item.grade.appointed_at,
        "scope": item.scope,
        "state": item.state,
        "offer": _offer_of(record),
        "custodian": custodian.full_name,
        "custodian_unit": held_at.name,
        "sender": record.units[item.sender_unit].name,
        "recipient": record.units[item.recipient_unit].name,
        "recipient_address": record.units[item.recipient_unit].address,
        "register_number": details.register_number,
        "register_year": details.register_year,
        "pieces": details.pieces,
        "weight_g": details.weight_g,
        "packing": _packing(record),
        "registered_at": item.registered_at,
        "accepted_at": item.accepted_at,
        "first_attempt_at": item.first_attempt_at,
        "attempts": item.attempts,
        "named_only": item.named_only,
        "cancel_reason": details.cancel_reason,
        "clocks": [
            _clock(ClockKind.DELIVERY, record.clocks.delivery),
            _clock(ClockKind.ACKNOWLEDGEMENT, record.clocks.acknowledgement),
        ],
        "standard": record.clocks.standard,
        "area": record.clocks.area,
        "filed": [
            {
                "kind": one.kind,
                "entry_mode": one.entry_mode,
                "at": one.filed_at,
                "by": record.users[one.filed_by].full_name,
            }
            for one in record.filed
        ],
        "printable": list_printable(item, actor=person.actor) if person.may(Permission.PRINT_SLIP) else (),
        "sealed_fields": _opened(record),
        "erasures": _erasures(record),
        "may_erase": may(person.actor.role, Permission.PROPOSE_ERASURE)
        and item.sender_unit == person.actor.unit
        and bool(list_erasable(details))
        and not any(one.is_open for one in record.erasures),
        "hold": item.hold,
        "may_hold": may(person.actor.role, Permission.HOLD_CODE),
        "may_open_incident": may(person.actor.role, Permission.OPEN_INCIDENT),
        "may_print": may(person.actor.role, Permission.PRINT_LABEL) and not item.state.is_final,
        "may_slip": may(person.actor.role, Permission.PRINT_SLIP) and item.state is not State.REGISTERED,
        "may_amend": may(person.actor.role, Permission.AMEND) and open_to_sender,
        "may_redirect": person.may(Permission.REDIRECT) and may_redirect(item, actor=person.actor),
        "may_cancel": may(person.actor.role, Permission.CANCEL) and open_to_sender,
    }


def _clock(kind: ClockKind, clock: Clock) -> dict[str, object]:
    return {
        "kind": kind,
        "state": clock.state,
        "started_at": clock.started_at,
        "not_before_at": clock.not_before_at,
        "due_at": clock.due_at,
        "stopped_at": clock.stopped_at,
    }


def _offer_of(record: Record) -> dict[str, object] | None:
    offer = record.details.consignment.offer
    if offer is None:
        return None
    unit = record.units[offer.to_unit].name
    to = f"{record.users[offer.to_user].full_name} ({unit})" if offer.to_user else unit
    return {
        "purpose": offer.purpose,
        "to": to,
        "place": record.units[offer.place].name,
        "offered_at": offer.offered_at,
    }


def _packing(record: Record) -> str:
    attested = record.details.attestations
    parts = (
        (attested.inner_envelope, _("bì trong")),
        (attested.outer_envelope, _("bì ngoài")),
        (attested.sealed, _("dấu niêm phong")),
    )
    return ", ".join(label for is_set, label in parts if is_set)


def _opened(record: Record) -> list[tuple[str, str]]:
    opened, details = record.opened, record.details
    if opened is None:
        return []
    gone = _gone(record)
    return [
        (_("Người nhận đích danh"), gone.get(SealedField.RECEIVER_NAME) or opened.receiver_name),
        (_("Số, ký hiệu"), gone.get(SealedField.DOCUMENT_NUMBERS) or opened.document_numbers),
        (_("Tên loại"), details.document_type),
        (_("Trích yếu"), gone.get(SealedField.ABSTRACT) or opened.abstract),
        (_("Số niêm phong"), details.consignment.seal),
    ]


def _gone(record: Record) -> dict[SealedField, str]:
    """Say of each field that is gone by which decision it went, or that it was lost."""
    lost = dict.fromkeys(list_lost(record.details), _("đã mất khi khôi phục dữ liệu từ nhật ký"))
    return lost | {
        field: _(
            "đã xóa theo quyết định %(decision)s, lúc %(at)s",
            decision=one.decision,
            at=when(one.decided_at),
        )
        for one in record.erasures
        if one.outcome is ErasureOutcome.ERASED
        for field in one.fields
    }


def _erasures(record: Record) -> list[dict[str, object]]:
    """List what was proposed for erasure, newest first; no value of any field."""
    return [
        {
            "fields": ", ".join(words(f"sealed_field.{field}") for field in one.fields),
            "outcome": one.outcome,
            "decision": one.decision,
            "at": one.decided_at or one.proposed_at,
        }
        for one in reversed(record.erasures)
    ]
