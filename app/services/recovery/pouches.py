"""Put the register of pouches and returns of empties back as the log's entries say.

Nothing here may judge again: who had a pouch then need not have it any more. A pouch that came with a trip is
put back with that trip (:mod:`app.services.recovery.items`), and whoever emptied it by the answer's own scan.
"""

from typing import Final

from app.domain.access import Actor, Role
from app.domain.ids import UserId
from app.domain.pouch import PouchCancelReason, Proposal, RetireReason
from app.domain.text import name_key
from app.services.bags import pouch_returns, pouches
from app.services.bags.pouch_returns import Answers
from app.services.recovery.facts import Said, get_person, get_unit
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.kinds import EntryKind
from crypto.canonical import JsonValue

KINDS: Final = frozenset(
    {
        EntryKind.POUCHES_ENTERED,
        EntryKind.POUCHES_SENT,
        EntryKind.POUCHES_RECEIVED,
        EntryKind.POUCHES_CANCELLED,
        EntryKind.POUCH_RETIREMENT_PROPOSED,
        EntryKind.POUCH_RETIREMENT_REFUSED,
        EntryKind.POUCH_RETIRED,
    }
)


def act_again(uow: UnitOfWork, entry: Entry, *, tools: Tools) -> None:
    """Do again what the entry says."""
    said = Said(entry=entry)
    if entry.kind is EntryKind.POUCHES_ENTERED:
        _enter(uow, said)
    elif entry.kind is EntryKind.POUCHES_SENT:
        _send(uow, said)
    elif entry.kind is EntryKind.POUCHES_RECEIVED:
        _receive(uow, said, tools)
    elif entry.kind is EntryKind.POUCHES_CANCELLED:
        _cancel(uow, said)
    else:
        _retire(uow, said)


def _enter(uow: UnitOfWork, said: Said) -> None:
    unit = get_unit(uow, said, said.text("unit")).id
    found = _split(said.text("found")) if "found" in said.entry.facts else ()
    now = said.moment("entered_at") or said.entry.at
    new = _split(said.text("pouches"))
    if not pouches.record_entry(uow, new, found, unit=unit, by=said.actor(), now=now):
        raise said.differs("enters a pouch that the database knows already")


def _send(uow: UnitOfWork, said: Said) -> None:
    """Send the same list under the same code; raises NotInTheLog where the pair would draw another."""
    sender = get_unit(uow, said, said.text("from"))
    sent = pouch_returns.record_sending(
        uow,
        _split(said.text("pouches")),
        receiver=get_unit(uow, said, said.text("to")).id,
        actor=_actor(uow, said, sender.code),
        now=said.moment("sent_at") or said.entry.at,
    )
    if sent.code != said.text("list"):
        raise said.differs("sends a list under another number than the database would")


def _receive(uow: UnitOfWork, said: Said, tools: Tools) -> None:
    sent = uow.pouches.lock_list(said.text("list"))
    if sent is None:
        raise said.differs("answers a list that the database does not know")
    missing, excess = _split(said.text("missing")), _split(said.text("excess"))
    listed = uow.pouches.list_lines(sent.id)["sent"]
    receiver = uow.units.list_by_ids({sent.receiver})[sent.receiver]
    answers = Answers(received=tuple(sorted(listed - set(missing))), missing=missing, excess=excess)
    pouch_returns.record_answer(
        uow,
        sent,
        answers,
        actor=_actor(uow, said, receiver.code),
        now=said.moment("received_at") or said.entry.at,
        tools=tools,
    )


def _cancel(uow: UnitOfWork, said: Said) -> None:
    sent = uow.pouches.lock_list(said.text("list"))
    if sent is None or not sent.is_open:
        raise said.differs("cancels a list that the database does not know, or that was answered")
    sender = uow.units.list_by_ids({sent.sender})[sent.sender]
    pouch_returns.record_cancelling(
        uow,
        sent,
        PouchCancelReason(said.text("reason")),
        actor=_actor(uow, said, sender.code),
        now=said.moment("cancelled_at") or said.entry.at,
    )


def _retire(uow: UnitOfWork, said: Said) -> None:
    asset, entry = said.text("pouch"), said.entry
    found = uow.pouches.lock((asset,)).get(asset)
    if found is None:
        raise said.differs("is of a pouch that the database does not know")
    if entry.kind is EntryKind.POUCH_RETIREMENT_PROPOSED:
        reason, at = RetireReason(said.text("reason")), said.moment("proposed_at") or entry.at
        pouches.record_proposal(uow, asset, Proposal(by=said.actor(), reason=reason, at=at))
    elif entry.kind is EntryKind.POUCH_RETIREMENT_REFUSED:
        if found.proposal is None:
            raise said.differs("turns down a proposal that the database does not know")
        pouches.record_keeping(uow, asset, found.proposal, by=said.actor())
    else:
        by: dict[str, JsonValue] = {"actor": int(said.actor())}
        by |= {name: entry.facts[name] for name in ("proposer", "incident") if name in entry.facts}
        now = said.moment("retired_at") or entry.at
        pouches.record_retirement(uow, asset, RetireReason(said.text("reason")), by, now=now)


def _actor(uow: UnitOfWork, said: Said, unit: str) -> Actor:
    """Return whoever acted, as of the office that the entry names."""
    person = get_person(uow, said, UserId(said.number("actor")))
    return Actor(
        user=person.id,
        unit=get_unit(uow, said, unit).id,
        role=Role(person.role),
        active=person.active,
        name_key=name_key(person.full_name),
    )


def _split(listed: str) -> tuple[str, ...]:
    return tuple(listed.split(",")) if listed else ()
