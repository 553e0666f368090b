"""Describe bags for their pages and papers: names instead of ids, what was planned beside what happened.

It shows only what the record holds; a field that is None is somebody else's business and must stay unsaid.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.domain.access import Permission
from app.domain.bag import Bag, BagState, Contents
from app.domain.bag_access import may_see_response
from app.http import texts
from app.http.i18n import words
from app.http.person import Person
from app.services.bags.bag_access import BagPage, BagRecord, Content, ManifestFile
from app.services.bags.bag_queues import BagQueue
from app.services.bags.bag_responses import ResponseFile
from app.web.translate import _
from audit.response import differing
from reports.bag_model import BagManifest, Dispatched
from reports.bag_response import AnsweredLine, BagResponse
from reports.model import Party

_UNANSWERED: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BagRow:
    """One line of a list of bags; `pieces` is None for whoever must not know."""

    code: str
    asset: str
    origin: str
    destination: str
    state: BagState
    offered: bool
    nested: bool
    dispatch: str
    pieces: int | None
    custodian: str
    started_at: datetime
    closed_at: datetime | None


def bag_rows(page: BagPage) -> list[BagRow]:
    """Return the rows of one page of a list."""
    return [
        BagRow(
            code=bag.code,
            asset=bag.asset,
            origin=page.units[bag.origin].short_name,
            destination=page.units[bag.destination].short_name,
            state=bag.state,
            offered=bag.offer is not None,
            nested=bag.outer is not None,
            dispatch=dispatch_words(bag),
            pieces=bag.pieces if bag.id in page.counted else None,
            custodian=page.users[page.custodians[bag.id].user].full_name,
            started_at=bag.started_at,
            closed_at=bag.closed_at,
        )
        for bag in page.rows
    ]


def queue_title(queue: BagQueue) -> str:
    """Name a queue in the reader's language."""
    titles = {
        BagQueue.PACKING: _("Đang xếp"),
        BagQueue.TO_ACCEPT: _("Chờ tôi nhận"),
        BagQueue.IN_HAND: _("Tôi đang giữ"),
        BagQueue.ON_THE_WAY: _("Đang trên đường"),
        BagQueue.TO_OPEN: _("Chờ mở"),
        BagQueue.TO_ANSWER: _("Chờ trả lời bản kê"),
    }
    return titles[queue]


def dispatch_words(bag: Bag) -> str:
    """Write the place of a bag in its dispatch, "" while it is open."""
    dispatch = bag.dispatch
    if dispatch is None:
        return ""
    text = _(
        "%(number)d/%(year)d, túi số %(serial)d",
        number=dispatch.number,
        year=dispatch.year,
        serial=dispatch.serial,
    )
    return f"{text} · {_('túi cuối')}" if dispatch.last else text


def describe_bag(record: BagRecord, person: Person, due: datetime | None = None) -> dict[str, object]:
    """Describe one bag for its page, with what this person may do next; `due`: by the leg it rides on."""
    bag = record.bag
    return {
        "code": bag.code,
        "asset": bag.asset,
        "state": bag.state,
        "origin": record.units[bag.origin].name,
        "destination": record.units[bag.destination].name,
        "custodian": record.users[record.custodian.user].full_name,
        "custodian_unit": record.units[record.custodian.unit].name,
        "offer": _offer(record),
        "nested": bag.outer is not None,
        "outer": record.outer_code,
        "dispatch": dispatch_words(bag),
        "weight_g": bag.weight_g,
        "seal": record.seal,
        "manifest": bag.manifest,
        "steps": _steps(record, due),
        "contents": None if record.contents is None else [_content(one) for one in record.contents],
        "inferred": record.count(Contents.INFERRED),
        "verified": record.count(Contents.VERIFIED),
        "may_print_manifest": record.contents is not None and bag.manifest != "",
        "may_print_response": may_see_response(bag, person.actor),
        "may_store_manifest": record.seal is not None and bag.manifest != "",
        **_next_steps(record, person),
    }


def _next_steps(record: BagRecord, person: Person) -> dict[str, bool]:
    bag = record.bag
    handles = person.may(Permission.HANDLE_BAG)
    holds = handles and bag.custodian.user == person.actor.user and bag.outer is None
    free = bag.state is BagState.CLOSED and bag.outer is None
    return {
        "may_pack": holds and bag.state is BagState.OPEN,
        "may_offer": holds and free and bag.offer is None,
        "may_take": handles and bag.offer is not None and not holds,
        "may_check": handles and free,
        "may_change": holds and free and bag.offer is None,
        "may_open": holds and free and bag.offer is None and bag.destination == person.actor.unit,
        "may_answer": holds and bag.state is BagState.OPENED,
        "may_tag": holds and not bag.state.is_final,
    }


def _steps(record: BagRecord, due: datetime | None) -> list[dict[str, object]]:
    """Return the trip as planned, each step with the moment it happened; `due` is when it is to be there."""
    bag = record.bag
    origin, destination = record.units[bag.origin].short_name, record.units[bag.destination].short_name
    return [
        {"title": _("Mở chuyến túi"), "planned": origin, "at": bag.started_at},
        {"title": _("Đóng túi, niêm phong"), "planned": origin, "at": bag.closed_at},
        {"title": _("Mở túi có chứng kiến"), "planned": destination, "at": bag.opened_at, "due": due},
        {"title": _("Trả lời đủ bản kê"), "planned": destination, "at": bag.emptied_at},
    ]


def _content(one: Content) -> dict[str, object]:
    return {
        "code": one.code,
        "known": one.known,
        "mark": one.mark.value if one.mark is not None else _UNANSWERED,
        "is_listed": one.is_listed,
    }


def _offer(record: BagRecord) -> dict[str, object] | None:
    offer = record.bag.offer
    if offer is None:
        return None
    unit = record.units[offer.to_unit].name
    to = f"{record.users[offer.to_user].full_name} ({unit})" if offer.to_user else unit
    return {"to": to, "place": record.units[offer.place].name, "offered_at": offer.offered_at}


def manifest_paper(found: ManifestFile) -> BagManifest:
    """Put a manifest on paper, without the seal as long as somebody may have to read it off the bag."""
    record, manifest = found.record, found.manifest
    origin, destination = record.units[record.bag.origin], record.units[record.bag.destination]
    return BagManifest(
        code=manifest.bag,
        asset=manifest.asset,
        origin=Party(name=origin.name, address=origin.address),
        destination=Party(name=destination.name, address=destination.address),
        dispatch=Dispatched(
            number=manifest.number, year=manifest.year, serial=manifest.serial, last=manifest.last
        ),
        seal="" if found.data is None else manifest.seal,
        weight_g=manifest.weight_g,
        closed_by=found.closed_by.full_name,
        position=found.closed_by.position or words(f"role.{found.closed_by.role}"),
        closed_at=manifest.closed_at,
        lines=manifest.lines,
        digest=record.bag.manifest,
        entry_note=manifest.log,
    )


def response_paper(found: ResponseFile) -> BagResponse:
    """Put a complete answer on paper."""
    bag = found.bag
    origin, destination = found.units[bag.origin], found.units[bag.destination]
    if bag.dispatch is None:
        raise ValueError("an answered bag belongs to a dispatch")
    return BagResponse(
        code=bag.code,
        origin=Party(name=origin.name, address=origin.address),
        destination=Party(name=destination.name, address=destination.address),
        dispatch=Dispatched(
            number=bag.dispatch.number,
            year=bag.dispatch.year,
            serial=bag.dispatch.serial,
            last=bag.dispatch.last,
        ),
        answered_by=found.answered_by.full_name,
        answered_at=found.answered_at,
        differing=differing(found.response.lines),
        lines=tuple(
            AnsweredLine(
                code=line.code,
                answer=texts.text(f"mark.{line.answer}", locale="vi"),
                entry=line.entry,
                hash=line.hash,
            )
            for line in found.response.lines
        ),
        manifest=bag.manifest,
        digest=found.digest,
        log=found.response.log,
    )
