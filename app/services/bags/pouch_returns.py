"""Send empty pouches from office to office on a numbered list, and answer it line by line.

Each side is one signed-in person of its own office, and they are two. Until the receiver has answered, the
sender answers for what is on the way. A difference opens an incident by itself, as with a manifest.

For the surfaces (raise NotPermitted, NotFound, Conflict, InvalidInput):
    send(uow, SendPouches, *, actor, now, tools) -> PouchList
    receive(uow, ReceivePouches, *, actor, now, tools) -> PouchList
    cancel(uow, CancelPouches, *, actor, now, tools) -> PouchList
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain import pouch as rules
from app.domain.access import Actor, Permission
from app.domain.bag import contents_digest
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, ProblemCode
from app.domain.ids import UnitId
from app.domain.incident import IncidentKind
from app.domain.pouch import PouchCancelReason, PouchList, PouchMark
from app.domain.register import register_year
from app.services.bags.pouches import check_usable
from app.services.incidents.incidents import Found, Raised, ScanInHand, raise_in_scan
from app.services.incidents.incidents import bind as bind_incidents
from app.services.people.permissions import require
from app.services.people.units import UnitKind, find_open_unit
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.timestamps import format_at


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPouches:
    """An untrusted form: the code of the receiving office, and the numbers."""

    untrusted_to: str
    untrusted_pouches: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivePouches:
    """An untrusted form: the list's code, `received` or `missing` for each number, what came besides."""

    untrusted_list: str
    untrusted_marks: Mapping[str, str]
    untrusted_excess: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPouches:
    """An untrusted form: the list's code, and why it is taken back."""

    untrusted_list: str
    untrusted_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the receiver found, each number once, sorted."""

    received: tuple[str, ...]
    missing: tuple[str, ...]
    excess: tuple[str, ...]

    @property
    def differing(self) -> tuple[str, ...]:
        """What an incident is opened for."""
        return tuple(sorted((*self.missing, *self.excess)))


def send(uow: UnitOfWork, command: SendPouches, *, actor: Actor, now: datetime, tools: Tools) -> PouchList:
    """Send pouches that lie empty at the actor's own office to another office of the post."""
    del tools
    require(actor, Permission.HANDLE_POUCH)
    receiver = _read_receiver(uow, command.untrusted_to, actor.unit)
    assets = rules.parse_assets(command.untrusted_pouches, field="pouches")
    check_usable(uow, uow.pouches.lock(assets), assets, office=actor.unit, field="pouches")
    return record_sending(uow, assets, receiver=receiver, actor=actor, now=now)


def record_sending(
    uow: UnitOfWork, assets: Collection[str], *, receiver: UnitId, actor: Actor, now: datetime
) -> PouchList:
    """Write a return that was judged, under the next number of the pair and year."""
    units = uow.units.list_by_ids({actor.unit, receiver})
    origin, destination, year = units[actor.unit].code, units[receiver].code, register_year(now)
    number = uow.pouches.next_number(actor.unit, receiver, year)
    sent = uow.pouches.add_list(
        PouchList(
            id=0,
            code=f"VT-{origin}-{destination}-{year}-{number}",
            sender=actor.unit,
            receiver=receiver,
            year=year,
            number=number,
            sent_by=actor.user,
            sent_at=now,
        ),
        assets,
    )
    uow.pouches.send(assets, sent)
    facts: dict[str, JsonValue] = {
        "actor": int(actor.user),
        "list": sent.code,
        "from": origin,
        "to": destination,
        "pouches": ",".join(sorted(assets)),
        "digest": contents_digest(assets),
        "sent_at": format_at(now),
    }
    uow.pouches.bind(sent, "sent", uow.audit.append(EntryDraft(kind=EntryKind.POUCHES_SENT, facts=facts)))
    return sent


def receive(
    uow: UnitOfWork, command: ReceivePouches, *, actor: Actor, now: datetime, tools: Tools
) -> PouchList:
    """Answer every line of a return that came to the actor's own office, once."""
    require(actor, Permission.HANDLE_POUCH)
    sent = uow.pouches.lock_list(command.untrusted_list[:64])
    if sent is None or sent.receiver != actor.unit:
        raise NotFound
    rules.check_open(sent)
    if sent.sent_by == actor.user:
        raise Conflict(ConflictCode.POUCH_SAME_PERSON)
    listed = uow.pouches.list_lines(sent.id)["sent"]
    typed = command.untrusted_excess.strip()
    excess = rules.parse_assets(typed, field="excess") if typed else ()
    rules.check_answers(listed, command.untrusted_marks, excess)
    marks = command.untrusted_marks
    answers = Answers(
        received=tuple(sorted(one for one in listed if marks[one] == PouchMark.RECEIVED)),
        missing=tuple(sorted(one for one in listed if marks[one] == PouchMark.MISSING)),
        excess=excess,
    )
    return record_answer(uow, sent, answers, actor=actor, now=now, tools=tools)


def record_answer(
    uow: UnitOfWork, sent: PouchList, answers: Answers, *, actor: Actor, now: datetime, tools: Tools
) -> PouchList:
    """Write an answer that was judged: who has what from now on, and the incident of what differs."""
    answered = replace(sent, received_by=actor.user, received_at=now)
    named = (*answers.received, *answers.missing, *answers.excess)
    known = uow.pouches.lock(named)
    travelling = uow.pouches.list_travelling(answers.excess) if answers.excess else {}
    moved = [
        one for one in answers.excess if rules.is_moved_by_excess(known.get(one), in_use=one in travelling)
    ]
    raised = _raise(uow, answered, answers, actor=actor, now=now, tools=tools)
    uow.pouches.hold((*answers.received, *moved), actor.unit, now=now)
    if answers.missing:
        uow.pouches.miss(answers.missing, raised.incidents[0].id)
    uow.pouches.answer_list(answered)
    for mark, assets in zip(PouchMark, (answers.received, answers.missing, answers.excess), strict=True):
        uow.pouches.add_lines(answered, mark.value, assets)
    facts: dict[str, JsonValue] = {
        "actor": int(actor.user),
        "list": sent.code,
        "received": len(answers.received),
        "missing": ",".join(answers.missing),
        "excess": ",".join(answers.excess),
        "received_at": format_at(now),
        **raised.facts,
    }
    entry = uow.audit.append(EntryDraft(kind=EntryKind.POUCHES_RECEIVED, facts=facts))
    uow.pouches.bind(answered, "received", entry)
    bind_incidents(uow, raised, entry)
    return answered


def cancel(
    uow: UnitOfWork, command: CancelPouches, *, actor: Actor, now: datetime, tools: Tools
) -> PouchList:
    """Take a list back that the actor's own office sent and nobody has answered; its number stays used."""
    del tools
    require(actor, Permission.HANDLE_POUCH)
    sent = uow.pouches.lock_list(command.untrusted_list[:64])
    if sent is None or sent.sender != actor.unit:
        raise NotFound
    rules.check_open(sent)
    reason = next((one for one in PouchCancelReason if one.value == command.untrusted_reason), None)
    if reason is None:
        raise InvalidInput("reason", ProblemCode.NOT_A_CHOICE)
    return record_cancelling(uow, sent, reason, actor=actor, now=now)


def record_cancelling(
    uow: UnitOfWork, sent: PouchList, reason: PouchCancelReason, *, actor: Actor, now: datetime
) -> PouchList:
    """Write a cancellation that was judged: the pouches lie with the sender as before they were listed."""
    cancelled = replace(sent, cancelled_by=actor.user, cancelled_at=now, cancel_reason=reason)
    uow.pouches.cancel_list(cancelled)
    facts: dict[str, JsonValue] = {
        "actor": int(actor.user),
        "list": sent.code,
        "reason": reason.value,
        "cancelled_at": format_at(now),
    }
    entry = uow.audit.append(EntryDraft(kind=EntryKind.POUCHES_CANCELLED, facts=facts))
    uow.pouches.bind_cancelling(cancelled, entry)
    return cancelled


def _raise(
    uow: UnitOfWork, answered: PouchList, answers: Answers, *, actor: Actor, now: datetime, tools: Tools
) -> Raised:
    """Open one incident for everything that differs; both offices see it."""
    if not answers.differing:
        return Raised(facts={})
    found = Found(kind=IncidentKind.COUNT_DIFFERS, codes=answers.differing)
    in_hand = ScanInHand(scan="", place=answered.sender, lines=())
    return raise_in_scan(uow, [found], scan=in_hand, actor=actor, now=now, tools=tools)


def _read_receiver(uow: UnitOfWork, untrusted: str, office: UnitId) -> UnitId:
    receiver = find_open_unit(uow, untrusted)
    unit = None if receiver is None else uow.units.list_by_ids({receiver})[receiver]
    if unit is None or unit.kind != UnitKind.POINT:
        raise InvalidInput("to_office", ProblemCode.UNKNOWN_UNIT)
    if unit.id == office:
        raise InvalidInput("to_office", ProblemCode.SAME_UNIT)
    return unit.id
