"""The scan station's knowledge and receipts as JSON: what lies on the desk, what became of a signed list.

Envelope facts only: no subject, no named receiver, of a seal only that there is one. Nothing here decides.
"""

from collections import defaultdict

from flask import url_for

from app.domain.bag import Bag
from app.domain.consignment import Consignment, PendingOffer
from app.domain.decision import Refusal
from app.domain.errors import InvalidInput
from app.http import negotiate, section_words
from app.http.i18n import words
from app.http.person import Person
from app.http.ports import runtime
from app.services.scans.desk import Desk
from app.services.scans.handover import LineResult, ScanOutcome, ScanStatus
from app.services.shifts.section_notices import SectionNotice
from app.web.filters import when
from app.web.translate import _
from audit.evidence import Take, TakeReason

Json = dict[str, object]


def desk_json(desk: Desk, person: Person) -> Json:
    """Describe a desk for the station's script."""
    return {
        "me": {"user": int(person.actor.user), "unit_code": person.unit_code, "name": person.full_name},
        "held": [_item(item, desk) for item in desk.held],
        "incoming": _offers(desk.incoming, desk),
        "outgoing": _offers(desk.outgoing, desk),
        "closed": [closed_json(one) for one in desk.closed],
    }


def _item(item: Consignment | Bag, desk: Desk) -> Json:
    if isinstance(item, Bag):
        return _bag(item, desk)
    sender, recipient = desk.units[item.sender_unit], desk.units[item.recipient_unit]
    return {
        "code": item.code,
        "bag": False,
        "mark": item.grade.secrecy.value,
        "express": item.grade.express,
        "from": sender.short_name,
        "from_unit": sender.code,
        "to": recipient.short_name,
        "to_unit": recipient.code,
        "sealed": item.seal != "",
        "attempts": item.attempts,
        "offered": item.offer is not None,
        "hold": item.hold or "",
        "demands": _demands(item, desk),
    }


def _bag(bag: Bag, desk: Desk) -> Json:
    """Describe a closed bag: it is handed on as one thing, by whoever reads the seal off it."""
    origin, destination = desk.units[bag.origin], desk.units[bag.destination]
    return {
        "code": bag.code,
        "bag": True,
        "mark": "none",
        "express": False,
        "from": origin.short_name,
        "from_unit": origin.code,
        "to": destination.short_name,
        "to_unit": destination.code,
        "sealed": True,
        "attempts": 0,
        "offered": bag.offer is not None,
        "demands": _demands(bag, desk),
    }


def _demands(thing: Consignment | Bag, desk: Desk) -> list[str]:
    """Say what its taker must bring, so that the station asks for it before anything is signed."""
    return sorted(desk.demands.get(thing.code, ()))


def _offers(items: tuple[Consignment | Bag, ...], desk: Desk) -> list[Json]:
    by_nonce: dict[str, list[Consignment | Bag]] = defaultdict(list)
    for item in items:
        if item.offer is not None:
            by_nonce[item.offer.nonce].append(item)
    return [_offer(group[0].offer, group, desk) for group in by_nonce.values() if group[0].offer]


def _offer(offer: PendingOffer, items: list[Consignment | Bag], desk: Desk) -> Json:
    place = desk.units[offer.place]
    giver = desk.users.get(offer.by)
    return {
        "nonce": offer.nonce,
        "purpose": offer.purpose.value,
        "purpose_text": _purpose(offer),
        "place": {"code": place.code, "name": place.short_name},
        "to": {"unit": desk.units[offer.to_unit].code, "user": int(offer.to_user) if offer.to_user else None},
        "giver": {"name": giver.full_name if giver else ""},
        "at": when(offer.offered_at),
        "lines": [_item(item, desk) for item in items],
    }


def _purpose(offer: PendingOffer) -> str:
    purpose = words(f"purpose.{offer.purpose.value}")
    return (
        _("%(purpose)s tại quầy, mang theo giấy giới thiệu", purpose=purpose) if offer.at_counter else purpose
    )


def receipt_json(outcome: ScanOutcome, said: Take | None = None) -> Json:
    """Describe a recorded scan, after its commit: each line's answer and where the log holds it.

    Of a take, `said`, a line that was turned down says so; what was handed in at a counter has a receipt to
    print for whoever brought it.
    """
    reasons = {line.code: line.reason for line in said.lines if line.reason} if said else {}
    handed_in = said is not None and said.giver is not None
    conflict = outcome.status is ScanStatus.CONFLICT
    taken = any(not line.refusal for line in outcome.lines)
    return {
        "scan": outcome.scan_id,
        "status": outcome.status.value,
        "status_text": words(f"scan_status.{outcome.status.value}"),
        "message": words("conflict.scan_conflict") if conflict else "",
        "notice": words(f"clock_notice.{outcome.notice}") if outcome.notice else "",
        "lines": [_line(line, outcome, reasons.get(line.read)) for line in outcome.lines],
        "entry": {
            "index": outcome.entry.index,
            "hash": outcome.entry.leaf.hex(),
            "url": url_for("entries.show", index=outcome.entry.index),
        },
        "paper": url_for("entries.hand_in", index=outcome.entry.index) if handed_in and taken else "",
    }


def refused_json(error: InvalidInput) -> Json:
    """Describe a list that was not recorded, because it is malformed or not authentic."""
    problem = error.problems[0]
    return {
        "scan": None,
        "status": "error",
        "status_text": words("scan_status.error"),
        "message": words(f"problem.{problem.code}", **problem.params),
        "notice": "",
        "lines": [],
        "entry": None,
    }


def closed_json(notice: SectionNotice) -> Json:
    """Say of a closed section what the station shows before anything is signed."""
    language, now = negotiate.locale(), runtime().now()
    return {
        "unit": notice.unit.code,
        "text": section_words.notice_text(notice, now=now, locale=language),
        "advice": section_words.advice_text(notice, locale=language),
    }


def _line(line: LineResult, outcome: ScanOutcome, reason: TakeReason | None) -> Json:
    return {
        "read": line.read,
        "code": line.code,
        "outcome": line.outcome.value,
        "refusal": line.refusal,
        "text": _text(line, outcome, reason),
    }


def _text(line: LineResult, outcome: ScanOutcome, reason: TakeReason | None) -> str:
    if line.refusal == Refusal.SECTION_CLOSED:
        return section_words.refusal_text(outcome.closed, now=runtime().now(), locale=negotiate.locale())
    if line.refusal:
        return words(f"refusal.{line.refusal}")
    if reason is not None:
        return f"{words('verdict.refuse')}: {words(f'take_reason.{reason}')}"
    return words(f"outcome.{line.outcome.value}")
