"""Receive an act: find its handler, let it decide and do, and record the outcome in the scan's one entry.

An act travels, is verified, repeated and recorded exactly like a handover
(:mod:`app.services.scans.handover`); only what it does differs by kind. A refusal is recorded like an
acceptance. Nothing here may know what a bag is: one handler per kind does, in the table below.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from app.domain import muster as muster_rules
from app.domain.access import Actor
from app.domain.decision import Refusal
from app.domain.held_back import Hold
from app.domain.ids import UserId
from app.services.bags import bag_opening, bag_packing, bag_seals
from app.services.incidents.incidents import Raised, bind
from app.services.legs import leg_steps
from app.services.scans import key_ins
from app.services.scans.act_scan import ActScan, Done, refused
from app.services.scans.scan_facts import find_stopped, is_held_up
from app.services.scans.scan_incidents import raise_by_act
from app.services.scans.scan_opening import ReadLine
from app.services.scans.scan_outcome import LineResult
from app.services.shifts import muster_count, shift_count
from app.services.tools import Tools
from app.storage.group import PendingEntry
from app.storage.hot import Wanted
from app.storage.uow import UnitOfWork
from audit.acts import FORMS
from audit.entry import Entry, EntryDraft, ItemLine, Outcome
from audit.evidence import Act, EvidenceKind
from audit.kinds import REQUIRED_EVIDENCE
from crypto.canonical import JsonValue
from crypto.envelope import Envelope

Handler = Callable[[UnitOfWork, ActScan], Done]


def _count(uow: UnitOfWork, scan: ActScan) -> Done:
    """Count into a shift or into a muster: their codes tell them apart."""
    is_muster = scan.act.subject.startswith(muster_rules.PREFIX)
    return muster_count.count(uow, scan) if is_muster else shift_count.count(uow, scan)


_HANDLERS: Final[Mapping[EvidenceKind, Handler]] = {
    EvidenceKind.PACK: bag_packing.pack,
    EvidenceKind.UNPACK: bag_packing.unpack,
    EvidenceKind.CLOSE: bag_packing.close,
    EvidenceKind.OPEN: bag_opening.open_bag,
    EvidenceKind.ANSWER: bag_opening.answer,
    EvidenceKind.CHECK_SEAL: bag_seals.check,
    EvidenceKind.CHANGE_SEAL: bag_seals.change,
    EvidenceKind.KEY_IN: key_ins.key_in,
}
# What is about neither an item nor a bag, and moves nothing.
_ABOUT_OTHERS: Final[Mapping[EvidenceKind, Handler]] = {
    EvidenceKind.COUNT: _count,
    EvidenceKind.DEPART: leg_steps.depart,
    EvidenceKind.ARRIVE: leg_steps.arrive,
}
_KINDS: Final = {evidence: entry for entry, evidence in REQUIRED_EVIDENCE.items()}


def decide(
    uow: UnitOfWork,
    act: Act,
    lines: tuple[ReadLine, ...],
    *,
    actor: Actor,
    now: datetime,
    tools: Tools,
    said: Entry | None = None,
) -> Done:
    """Rule on an act and do it; `lines` begin with the subject. An entry must be appended for it.

    `said` is the entry of the log that is done again.
    """
    codes = [read.code for read in lines if read.is_ours]
    uow.prefetch(Wanted(codes=codes, units={act.place}))
    unit = uow.units.find_by_code(act.place)
    place = unit.id if unit is not None and unit.active else None
    keyed = key_ins.gather(uow, act, lines, place=place, said=said)
    scan = ActScan(
        act=act,
        subject=lines[0],
        lines=lines[1:],
        actor=actor,
        place=place,
        now=now,
        tools=tools,
        is_replayed=said is not None,
        lacking=keyed.lacking,
        is_held_up=is_held_up(uow, act) if said is None else _was_held_up(said),
    )
    done = _decide(uow, scan, _find_stopped(uow, lines))
    accepted = {result.code for result in results_of(lines, done) if result.outcome is Outcome.ACCEPTED}
    key_ins.spend(uow, act, keyed, accepted)
    witness = done.facts.get("witness")
    if done.subject or not isinstance(witness, int):
        return done
    return replace(done, finish=_witnessed(uow, scan, done, UserId(witness)))


def _witnessed(uow: UnitOfWork, scan: ActScan, done: Done, witness: UserId) -> Callable[[PendingEntry], None]:
    """Let the pair of an act of two persons be counted, beside what the act leaves otherwise."""

    def finish(entry: PendingEntry) -> None:
        done.finish(entry)
        actor = scan.actor
        uow.control_figures.mark_witness(
            entry, unit=actor.unit, actor=actor.user, witness=witness, at=scan.now
        )

    return finish


def _decide(uow: UnitOfWork, scan: ActScan, stopped: set[str]) -> Done:
    act = scan.act
    if act.kind in _ABOUT_OTHERS:
        return _note(uow, scan, stopped)
    if scan.subject.code in stopped:
        return refused(scan, _KINDS[act.kind], Refusal.STOPPED)
    if scan.subject.forged:
        return refused(scan, _KINDS[act.kind], scan.subject.forgery)
    if scan.is_held_up:
        return refused(scan, _KINDS[act.kind], Refusal.SECTION_CLOSED)
    if scan.subject.code in scan.lacking:
        return refused(scan, _KINDS[act.kind], Refusal.KEY_IN_MISSING)
    done = _do(uow, scan, stopped)
    raised = raise_by_act(uow, scan, done)
    return replace(done, facts={**done.facts, **raised.facts}, finish=_both(uow, done, raised))


def _was_held_up(said: Entry) -> bool:
    """Tell whether the section was closed for an act that is done again: the entry says so."""
    return any(item.refusal == Refusal.SECTION_CLOSED for item in said.items)


def _do(uow: UnitOfWork, scan: ActScan, stopped: set[str]) -> Done:
    """Let the handler do the act, without the lines whose codes are stopped or typed and not keyed in."""
    held = dict.fromkeys(scan.lacking, Refusal.KEY_IN_MISSING) | dict.fromkeys(stopped, Refusal.STOPPED)
    going = tuple(read for read in scan.lines if read.code not in held)
    done = _HANDLERS[scan.act.kind](uow, replace(scan, lines=going))
    if len(going) == len(scan.lines):
        return done
    answers = iter(done.lines)
    return replace(
        done,
        lines=tuple(held[read.code] if read.code in held else next(answers) for read in scan.lines),
    )


def _both(uow: UnitOfWork, done: Done, raised: Raised) -> Callable[[PendingEntry], None]:
    def finish(entry: PendingEntry) -> None:
        done.finish(entry)
        bind(uow, raised, entry)

    return finish


def _note(uow: UnitOfWork, scan: ActScan, stopped: set[str]) -> Done:
    """Note what is there, stopped or not: such an act moves nothing, but must name what was looked for.

    Only leaving with a stopped code would take it away from where it is to be held.
    """
    if stopped and scan.act.kind is EvidenceKind.DEPART:
        return leg_steps.refused(scan, _KINDS[scan.act.kind], Refusal.STOPPED)
    if scan.lacking and scan.act.kind is not EvidenceKind.COUNT:
        return leg_steps.refused(scan, _KINDS[scan.act.kind], Refusal.KEY_IN_MISSING)
    done = _ABOUT_OTHERS[scan.act.kind](uow, scan)
    answers = zip(scan.lines, done.lines, strict=True)
    return replace(
        done, lines=tuple(Refusal.STOPPED if read.code in stopped else answer for read, answer in answers)
    )


def _find_stopped(uow: UnitOfWork, lines: tuple[ReadLine, ...]) -> set[str]:
    """Return the codes of an act that are stopped: items by their own row, others by the table of holds."""
    items = [uow.consignments.lock(read.code) for read in lines if read.is_ours]
    stopped = {str(item.code) for item in items if item is not None and item.hold is Hold.STOPPED}
    return stopped | find_stopped(uow, lines)


def append(
    uow: UnitOfWork,
    act: Act,
    envelope: Envelope,
    lines: tuple[ReadLine, ...],
    done: Done,
    *,
    actor: Actor,
) -> PendingEntry:
    """Append the one entry of a decided act, and what hangs on its number."""
    facts: dict[str, JsonValue] = {"actor": actor.user, "scan": act.scan, **done.facts}
    entry = uow.audit.append(
        EntryDraft(
            kind=done.kind,
            facts=facts,
            items=tuple(
                ItemLine(code=result.code, outcome=result.outcome, refusal=result.refusal)
                for result in items_of(act, results_of(lines, done))
            ),
            envelopes=(envelope,),
        )
    )
    done.finish(entry)
    return entry


def items_of(act: Act, results: tuple[LineResult, ...]) -> tuple[LineResult, ...]:
    """Return what an act's entry names: its subject too, unless that is neither an item nor a bag."""
    return results[1:] if FORMS[act.kind].about else results


def results_of(lines: tuple[ReadLine, ...], done: Done) -> tuple[LineResult, ...]:
    """Return the answer to the subject and to every line, in their order."""
    return tuple(
        LineResult(
            read=read.line.code,
            code=read.code,
            outcome=Outcome.REFUSED if refusal else Outcome.ACCEPTED,
            refusal=refusal,
        )
        for read, refusal in zip(lines, (done.subject, *done.lines), strict=True)
    )
