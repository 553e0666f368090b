"""Take what a person of the place scanned into a muster; several people may, each statement signed.

The answer says of each code only whether it is one of ours. What was seen once stays seen: counts are added
up, and held against the frozen list only at the closing. Rules: :mod:`app.domain.muster`.
"""

from app.domain import muster as rules
from app.domain.decision import Refusal
from app.domain.muster import MusterStep
from app.services.scans.act_scan import ActScan, Done
from app.services.shifts.in_hand import freeze_in_hand
from app.services.shifts.musters import hands
from app.services.shifts.shift_count import answers_of
from app.storage.group import PendingEntry
from app.storage.uow import UnitOfWork
from audit.kinds import EntryKind
from crypto.canonical import JsonValue


def count(uow: UnitOfWork, scan: ActScan) -> Done:
    """Record one part of a person's count."""
    # The lock keeps two people's statements from writing the same code at once.
    muster = uow.musters.lock(scan.act.subject)
    part, last = int(scan.act.facts["part"]), scan.act.facts["last"] == "yes"
    counter = uow.musters.find_counter(0 if muster is None else muster.id, scan.actor.user)
    refusal = rules.find_muster_refusal(muster, counter, scan.actor, scan.place, part=part)
    if refusal is not None or muster is None:
        return _refused(scan, refusal or Refusal.NOT_A_MUSTER)
    answers = tuple(answers_of(uow, scan))
    seen = {read.code for read in scan.lines if not read.forged and read.code not in scan.lacking}
    new = seen - uow.musters.list_lines(muster.id, "counted")
    uow.musters.add_lines(muster, "counted", new)
    # What came by a handover since the freezing may be gone again when the muster is closed.
    strange = new - uow.musters.list_lines(muster.id, "expected")
    in_hand = freeze_in_hand(uow, *hands(uow, muster.unit, muster.user)) if strange else frozenset()
    uow.musters.add_lines(muster, "came", strange & in_hand)
    uow.musters.save_counter(muster.id, rules.count_part(counter, part=part, last=last))
    facts: dict[str, JsonValue] = {"muster": muster.code, "part": part, "last": "yes" if last else "no"}
    counted, by = muster, scan.actor.user

    def finish(entry: PendingEntry) -> None:
        uow.musters.bind(counted, MusterStep.COUNTED, entry, user=by)

    return Done(kind=EntryKind.MUSTER_COUNTED, subject="", lines=answers, facts=facts, finish=finish)


def _refused(scan: ActScan, code: Refusal) -> Done:
    """Refuse a count as a whole; its subject is no line of the entry, so a fact says why."""
    return Done(
        kind=EntryKind.MUSTER_COUNTED,
        subject=code,
        lines=tuple(code for _ in scan.lines),
        facts={"muster": scan.act.subject, "refusal": code.value},
    )
