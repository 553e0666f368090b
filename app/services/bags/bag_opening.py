"""Open a closed bag before a witness, and answer its manifest line by line.

Rules: :mod:`app.domain.unpacking`. What is listed and did not come stays with the person who packed it; what
came and is not listed moves to the finder. Every difference is stated in the act's own entry.
"""

from app.domain import unpacking
from app.domain.bag import Bag
from app.domain.decision import Refusal
from app.domain.witness import Witness
from app.services.bags.bag_things import forged_or, lock_subject, lock_thing, save_thing
from app.services.scans.act_scan import ActScan, Done, refused
from app.services.scans.presence import find_witness
from app.storage.group import PendingEntry
from app.storage.uow import UnitOfWork
from audit.evidence import Mark, SealState
from audit.kinds import EntryKind
from crypto.canonical import JsonValue


def open_bag(uow: UnitOfWork, scan: ActScan) -> Done:
    """Break the seal: clerk and witness, two people who both proved who they are just now."""
    bag = lock_subject(uow, scan)
    if isinstance(bag, Refusal):
        return refused(scan, EntryKind.BAG_OPENED, bag)
    facts = scan.act.facts
    found = SealState(str(facts["found"]))
    refusal = unpacking.find_opening_refusal(
        bag, scan.actor, scan.place, seal=str(facts["seal"]), found=found
    )
    witness: Witness | None = None
    if refusal is None:
        witness = find_witness(uow, scan)
        refusal = unpacking.find_witness_refusal(witness, scan.actor)
    if refusal is not None or witness is None:
        return refused(scan, EntryKind.BAG_OPENED, refusal or Refusal.WITNESS_MISSING)
    uow.bags.save(unpacking.open_bag(bag, scan.now))
    return Done(
        kind=EntryKind.BAG_OPENED,
        subject="",
        facts={
            "witness": int(witness.user),
            "found": found.value,
            "weight_differs": int(facts["weight_g"]) != bag.weight_g,
        },
    )


def answer(uow: UnitOfWork, scan: ActScan) -> Done:
    """Answer lines of an opened bag; with the last listed line the bag is emptied."""
    bag = lock_subject(uow, scan)
    refusal = (
        bag if isinstance(bag, Refusal) else unpacking.find_answering_refusal(bag, scan.actor, scan.place)
    )
    if refusal is not None or isinstance(bag, Refusal):
        return refused(scan, EntryKind.BAG_ANSWERED, refusal or Refusal.NOT_A_BAG)
    if scan.act.facts.get("manifest", bag.manifest) != bag.manifest:
        return refused(scan, EntryKind.BAG_ANSWERED, Refusal.MANIFEST_DIFFERS)
    listed = {
        code: mark for code, mark in uow.bags.lines(bag.id).items() if mark not in {"", Mark.EXCESS.value}
    }
    answers: list[str] = []
    marks: list[tuple[str, str]] = []
    excess: list[str] = []
    for read, said in scan.marks():
        mark = Mark(said)
        thing = lock_thing(uow, read)
        is_answered = listed.get(read.code) is not None
        why = unpacking.find_answer_refusal(
            bag, thing, mark, is_listed=read.code in listed, is_answered=is_answered
        )
        answers.append(forged_or(read, why))
        if thing is None or answers[-1]:
            continue
        save_thing(uow, unpacking.answer(bag, thing, mark, scan.actor))
        if mark is Mark.EXCESS:
            excess.append(read.code)
        else:
            marks.append((read.code, mark.value))
    after = unpacking.settle(bag, left=bag.pieces - len(marks), now=scan.now)
    uow.bags.save(after)
    if after.state.is_final:
        # Whoever emptied it has the pouch from now on.
        uow.pouches.hold((after.asset,), after.custodian.unit, now=scan.now)
    return Done(
        kind=EntryKind.BAG_ANSWERED,
        subject="",
        lines=tuple(answers),
        facts=_differences(marks, excess, after),
        finish=lambda entry: _write(uow, after, marks, excess, entry),
    )


def _differences(marks: list[tuple[str, str]], excess: list[str], after: Bag) -> dict[str, JsonValue]:
    counted: dict[str, JsonValue] = {"left": after.pieces}
    for mark in Mark:
        found = len(excess) if mark is Mark.EXCESS else sum(said == mark.value for _, said in marks)
        if found and mark is not Mark.RECEIVED:
            counted[mark.value] = found
    return counted


def _write(
    uow: UnitOfWork,
    bag: Bag,
    marks: list[tuple[str, str]],
    excess: list[str],
    entry: PendingEntry,
) -> None:
    uow.bags.remove(bag.id, marks, entry)
    uow.bags.find_excess(bag.id, excess, entry)
