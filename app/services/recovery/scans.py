"""Put scans back: each line is ruled on again by the same rules, and must end as the entry says.

Four facts are the entry's own word: whether the taker was the named receiver, for names are not in the log
and a person or an item that came back from it has none to compare; that a receiving checklist was asked; that
an item could be fetched at a counter; and that the section at the place was closed, for a device's own time
decides there beside the moment at which the server looked.
"""

from collections.abc import Sequence
from dataclasses import replace

from app.domain.access import Actor
from app.domain.decision import Refusal
from app.domain.ids import ConsignmentId
from app.domain.register import Direction
from app.services.control_figures import mark_scan
from app.services.incidents.incidents import bind
from app.services.people.sessions import actor_of
from app.services.recovery.facts import Said, draft_of, get_person
from app.services.recovery.incidents import opened_at
from app.services.scans import acts, key_ins
from app.services.scans.delivery import record_deliveries
from app.services.scans.handover import accepted_codes, decide_lines, result_of
from app.services.scans.label_tails import lock
from app.services.scans.scan_facts import ScanFacts, gather_facts, with_witness
from app.services.scans.scan_incidents import raise_incidents
from app.services.scans.scan_opening import ReadLine, read_lines
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.evidence import Act, TakeLine, parse_evidence
from crypto.digest import sha256_hex

# When the server did an act, where that is kept: a little before the seal of its entry.
_MOMENTS = ("closed_at", "counted_at", "departed_at", "arrived_at")


def scan_again(uow: UnitOfWork, entry: Entry, *, tools: Tools) -> None:
    """Do what the scan did; raises NotInTheLog where it would end otherwise."""
    said, envelope = Said(entry=entry), entry.envelopes[0]
    scan = parse_evidence(envelope.payload)
    actor = actor_of(get_person(uow, said, said.actor()))
    lines = _keyed_as_said(read_lines(scan, tools), entry)
    if isinstance(scan, Act):
        _act_again(uow, said, scan, lines, actor=actor, tools=tools)
        return
    now = opened_at(entry, tools)
    known = gather_facts(uow, scan, lines, actor=actor, now=now, tools=tools, said=entry)
    facts = _as_said(known, entry, lines, actor)
    stood_by = "witness" in entry.facts
    facts = with_witness(uow, scan, facts, actor=actor, now=now, said=stood_by)
    decided = tuple(decide_lines(uow, scan, lines, facts=facts, actor=actor, now=now))
    if [(line.read.code, str(line.refusal)) for line in decided] != [
        (item.code, item.refusal) for item in entry.items
    ]:
        raise said.differs("ends otherwise by what the database knows")
    key_ins.spend(uow, scan, facts.keyed, accepted_codes(decided))
    received = [line.after.id for line in decided if line.after and line.after.state.is_final]
    _enter_register(uow, said, received, actor)
    # An older entry of a bag that was turned down tells of no incident, and none is made up for it.
    telling = tuple(line for line in decided if line.before is not None or "incidents" in entry.facts)
    raised = raise_incidents(uow, scan, telling, actor=actor, now=now, tools=tools)
    if raised.facts.get("incidents") != entry.facts.get("incidents"):
        raise said.differs("raised other incidents than the database would")
    pending = uow.audit.append(draft_of(entry))
    bind(uow, raised, pending)
    record_deliveries(uow, scan, decided, pending, signature=None, actor=actor, now=now)
    uow.scans.record(scan.scan, sha256_hex(envelope.to_bytes()), map(result_of, decided), pending)
    mark_scan(uow, scan, pending, actor=actor, now=now)


def _act_again(
    uow: UnitOfWork, said: Said, act: Act, lines: tuple[ReadLine, ...], *, actor: Actor, tools: Tools
) -> None:
    """Do an act again; that its witness stood there is what the entry says."""
    entry = said.entry
    # A manifest holds the moment of its closing, a count that of its incidents: a little before the seal of
    # the entry.
    stated = (found for name in _MOMENTS if (found := said.moment(name)) is not None)
    now = next(stated, opened_at(entry, tools))
    done = acts.decide(uow, act, lines, actor=actor, now=now, tools=tools, said=entry)
    results = acts.results_of(lines, done)
    same_lines = [(result.code, result.refusal) for result in acts.items_of(act, results)] == [
        (item.code, item.refusal) for item in entry.items
    ]
    if not same_lines or any(entry.facts.get(name) != value for name, value in done.facts.items()):
        raise said.differs("ends otherwise by what the database knows")
    pending = uow.audit.append(draft_of(entry))
    done.finish(pending)
    uow.scans.record(act.scan, sha256_hex(entry.envelopes[0].to_bytes()), results, pending)
    mark_scan(uow, act, pending, actor=actor, now=entry.at)


def _as_said(facts: ScanFacts, entry: Entry, lines: Sequence[ReadLine], actor: Actor) -> ScanFacts:
    """Let the taker be the named receiver, and not asked for a list, unless the entry refuses for that.

    What was taken is asked for nothing again: it was ruled on by the policy of its day, perhaps by a program
    that knew of none.
    """
    refused = {item.code for item in entry.items if item.refusal == Refusal.NAMED_PERSON_ONLY}
    keys = {line.code: "" if line.code in refused else actor.name_key for line in lines}
    # Whoever was let through without ticking anything off was not asked to: the entry is older than the list.
    through = {item.code for item in entry.items if not item.refusal}
    unlisted = {
        line.code
        for line in lines
        if isinstance(line.line, TakeLine) and line.line.check is None and line.code in through
    }
    # Whoever offered at a counter and stood wrong did so before there were any.
    uncalled = frozenset(item.code for item in entry.items if item.refusal == Refusal.WRONG_PLACE)
    demands = {code: asked for code, asked in facts.demands.items() if code not in through}
    return replace(
        facts,
        receiver_keys=keys,
        unlisted=frozenset(unlisted),
        uncalled=uncalled,
        demands=demands,
        section_closed=any(item.refusal == Refusal.SECTION_CLOSED for item in entry.items),
    )


def _keyed_as_said(lines: tuple[ReadLine, ...], entry: Entry) -> tuple[ReadLine, ...]:
    """Leave those tails unread that the entry says were not looked at."""
    locked = {item.code for item in entry.items if item.refusal == Refusal.TAIL_LOCKED}
    return tuple(lock(read) if read.code in locked else read for read in lines)


def _enter_register(uow: UnitOfWork, said: Said, received: list[ConsignmentId], actor: Actor) -> None:
    """Draw the incoming numbers again; they must be those that the entry states."""
    if not received:
        return
    year, at = said.number("register_year"), said.entry.at
    numbers = uow.registers.enter(actor.unit, Direction.IN, received, year=year, registered_at=at)
    if numbers[0].number != said.number("register_first"):
        raise said.differs("drew another register number than the database would")
