"""Receive a scan: offer, take, recall or failed attempt, one item or a list, line by line.

One scan is one transaction and one log entry that carries the device's envelope byte for byte. Refused lines
are recorded like accepted ones. The same scan sent again gets the same receipt; the same scan id with other
bytes is recorded as a conflict. What is not authenticated raises InvalidInput and leaves nothing. A whole
list costs a fixed number of statements: nothing here may ask the database per line.

For the surfaces:
    read_ahead(envelope) -> Wanted            what to hand to the writer, so that scans can be grouped
    receive(uow, envelope, *, actor, now, tools) -> ScanOutcome
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from app.domain import custody
from app.domain.access import Actor
from app.domain.bag import Bag
from app.domain.bag_custody import decide_bag
from app.domain.custody import Accepted, Decision, Refusal, Refused
from app.domain.device_clock import judge
from app.services.control_figures import mark_scan
from app.services.incidents.incidents import bind
from app.services.scans import acts, key_ins
from app.services.scans.delivery import record_deliveries, sign_for
from app.services.scans.label_tails import lock_guessed
from app.services.scans.scan_facts import ScanFacts, gather_facts, with_witness, witness_fact
from app.services.scans.scan_incidents import raise_incidents
from app.services.scans.scan_opening import ReadLine, open_scan, read_ahead, read_claim, read_lines
from app.services.scans.scan_outcome import DecidedLine, LineResult, ScanOutcome, ScanStatus
from app.services.shifts.section_notices import find_for_scan
from app.services.tools import Tools
from app.storage.group import PendingEntry, StoredScan
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft, ItemLine, Outcome
from audit.evidence import Act, ActLine, Evidence, EvidenceKind, Handover
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.digest import sha256_hex
from crypto.envelope import Envelope

__all__ = ["LineResult", "ScanOutcome", "ScanStatus", "read_ahead", "receive"]

_KINDS = {
    EvidenceKind.OFFER: EntryKind.HANDOVER_OFFERED,
    EvidenceKind.TAKE: EntryKind.HANDOVER_TAKEN,
    EvidenceKind.RECALL: EntryKind.HANDOVER_RECALLED,
    EvidenceKind.ATTEMPT: EntryKind.ATTEMPT_FAILED,
}


def receive(uow: UnitOfWork, envelope: Envelope, *, actor: Actor, now: datetime, tools: Tools) -> ScanOutcome:
    """Decide, do and record one scan.

    Raises InvalidInput for an unknown or revoked device, a bad signature, another person's device, or a
    malformed statement; nothing is recorded then. The outcome's entry can be read after the commit.
    """
    digest = sha256_hex(envelope.to_bytes())
    claimed = read_claim(envelope)
    stored = uow.scans.find(claimed.scan)
    if stored is not None and stored.envelope_digest == digest and claimed.actor == actor.user:
        # These very bytes were verified when they were recorded. Their receipt is owed even to a device that
        # has been revoked since: it may have died between the commit and the answer.
        return _same_again(stored, read_lines(claimed, tools))
    scan, actor = open_scan(uow, envelope, actor=actor, tools=tools)
    lines = lock_guessed(uow, read_lines(scan, tools), now=now)
    if stored is not None:
        return _conflict(uow, scan, envelope, stored, actor=actor)
    if isinstance(scan, Act):
        done = acts.decide(uow, scan, lines, actor=actor, now=now, tools=tools)
        results = acts.results_of(lines, done)
        entry = acts.append(uow, scan, envelope, lines, done, actor=actor)
    else:
        facts = gather_facts(uow, scan, lines, actor=actor, now=now, tools=tools)
        facts = with_witness(uow, scan, facts, actor=actor, now=now)
        decided = tuple(decide_lines(uow, scan, lines, facts=facts, actor=actor, now=now))
        accepted = accepted_codes(decided)
        key_ins.spend(uow, scan, facts.keyed, accepted)
        relied = {**facts.relied_on(accepted), **witness_fact(facts, decided)}
        entry = _append(uow, scan, envelope, decided, relied, actor=actor, now=now, tools=tools)
        results = tuple(result_of(line) for line in decided)
    uow.scans.record(scan.scan, digest, results, entry)
    mark_scan(uow, scan, entry, actor=actor, now=now)
    return ScanOutcome(
        scan_id=scan.scan,
        status=ScanStatus.of(results),
        lines=results,
        entry=entry,
        notice=judge(scan.at, now),
        closed=find_for_scan(uow, scan.place, results),
    )


def decide_lines(
    uow: UnitOfWork,
    scan: Handover,
    lines: tuple[ReadLine, ...],
    *,
    facts: ScanFacts,
    actor: Actor,
    now: datetime,
) -> Iterator[DecidedLine]:
    """Rule on each line, lock its item and save what becomes of it; for a new scan, and for one put back."""
    for read in lines:
        if isinstance(read.line, ActLine):
            raise TypeError("a handover has no lines of an act")
        before = uow.consignments.lock(read.code) if read.is_ours else None
        bag = uow.bags.lock(read.code) if read.is_ours and before is None else None
        if bag is not None:
            moved = decide_bag(bag, scan, read.line, actor, facts=facts.of(read), now=now)
            if isinstance(moved, Bag) and read.code in facts.keyed.lacking:
                moved = Refusal.KEY_IN_MISSING
            if isinstance(moved, Bag):
                uow.bags.save(moved)
            refusal = "" if isinstance(moved, Bag) else moved
            yield DecidedLine(read=read, place=facts.place, before=None, after=None, refusal=refusal)
            continue
        decision: Decision = custody.decide(before, scan, read.line, actor, facts=facts.of(read), now=now)
        if isinstance(decision, Accepted) and read.code in facts.keyed.lacking:
            decision = Refused(code=Refusal.KEY_IN_MISSING)
        match decision:
            case Accepted(after=after):
                uow.consignments.save(after)
                yield DecidedLine(read=read, place=facts.place, before=before, after=after, refusal="")
            case Refused(code=code):
                yield DecidedLine(read=read, place=facts.place, before=before, after=None, refusal=code)


def accepted_codes(decided: Iterable[DecidedLine]) -> set[str]:
    """Return the codes of the lines that stand."""
    return {line.read.code for line in decided if not line.refusal}


def _append(
    uow: UnitOfWork,
    scan: Handover,
    envelope: Envelope,
    decided: tuple[DecidedLine, ...],
    relied: Mapping[str, JsonValue],
    *,
    actor: Actor,
    now: datetime,
    tools: Tools,
) -> PendingEntry:
    """Append the scan's one entry, with what it relied on, what a last door adds and what was found wrong."""
    signature = sign_for(uow, decided, actor=actor, now=now, tools=tools)
    raised = raise_incidents(uow, scan, decided, actor=actor, now=now, tools=tools)
    facts: dict[str, JsonValue] = {"actor": actor.user, "scan": scan.scan, **relied, **raised.facts}
    entry = uow.audit.append(
        EntryDraft(
            kind=_KINDS[scan.kind],
            facts=facts if signature is None else facts | signature.facts,
            items=tuple(_item(line) for line in decided),
            commitments={} if signature is None else signature.commitments,
            envelopes=(envelope,),
        )
    )
    bind(uow, raised, entry)
    record_deliveries(uow, scan, decided, entry, signature=signature, actor=actor, now=now)
    return entry


def _item(line: DecidedLine) -> ItemLine:
    return ItemLine(code=line.read.code, outcome=_outcome(line), refusal=line.refusal)


def result_of(line: DecidedLine) -> LineResult:
    """Return a line's answer."""
    return LineResult(
        read=line.read.line.code, code=line.read.code, outcome=_outcome(line), refusal=line.refusal
    )


def _outcome(line: DecidedLine) -> Outcome:
    return Outcome.REFUSED if line.refusal else Outcome.ACCEPTED


def _same_again(stored: StoredScan, lines: tuple[ReadLine, ...]) -> ScanOutcome:
    """Give the first receipt again; the same bytes have the same lines in the same order."""
    results = tuple(
        LineResult(read=read.line.code, code=line.code, outcome=Outcome(line.outcome), refusal=line.refusal)
        for read, line in zip(lines, stored.lines, strict=True)
    )
    return ScanOutcome(scan_id=stored.scan_id, status=ScanStatus.DUPLICATE, lines=results, entry=stored.entry)


def _conflict(
    uow: UnitOfWork, scan: Evidence, envelope: Envelope, stored: StoredScan, *, actor: Actor
) -> ScanOutcome:
    """Record that one scan id came with two contents: a broken device, or a hand at work. Nothing is done.

    It is answered and not raised, because an exception would take the entry back with it.
    """
    facts: dict[str, JsonValue] = {"actor": actor.user, "scan": scan.scan, "first": stored.envelope_digest}
    entry = uow.audit.append(EntryDraft(kind=EntryKind.SCAN_CONFLICT, facts=facts, envelopes=(envelope,)))
    return ScanOutcome(scan_id=scan.scan, status=ScanStatus.CONFLICT, lines=(), entry=entry)
