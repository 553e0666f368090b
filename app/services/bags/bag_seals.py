"""Look at a bag's seal without being told its number, and change it before a witness.

A check changes nothing: equal or not, it is recorded. Rules: :mod:`app.domain.resealing`.
"""

from dataclasses import replace

from app.domain import resealing as rules
from app.domain.bag import Bag
from app.domain.decision import Refusal
from app.domain.unpacking import find_witness_refusal
from app.domain.witness import Witness
from app.services.bags import seals
from app.services.bags.bag_things import lock_subject
from app.services.scans.act_scan import ActScan, Done, refused
from app.services.scans.presence import find_witness
from app.storage.uow import UnitOfWork
from audit.kinds import EntryKind


def check(uow: UnitOfWork, scan: ActScan) -> Done:
    """Compare the number read off the bag with the recorded one, which is shown to nobody."""
    bag = lock_subject(uow, scan)
    if isinstance(bag, Refusal):
        return refused(scan, EntryKind.SEAL_CHECKED, bag)
    refusal = rules.find_check_refusal(bag, scan.actor, scan.place, seal=str(scan.act.facts["seal"]))
    return Done(kind=EntryKind.SEAL_CHECKED, subject=refusal or "")


def change(uow: UnitOfWork, scan: ActScan) -> Done:
    """Put a new seal on a closed bag: two people, a reason, both numbers and both weights."""
    bag = lock_subject(uow, scan)
    if isinstance(bag, Refusal):
        return refused(scan, EntryKind.SEAL_CHANGED, bag)
    facts = scan.act.facts
    refusal = rules.find_change_refusal(
        bag, scan.actor, scan.place, old=str(facts["old_seal"]), new=str(facts["new_seal"])
    )
    witness: Witness | None = None
    if refusal is None:
        witness = find_witness(uow, scan)
        refusal = find_witness_refusal(witness, scan.actor)
    new = str(facts["new_seal"])
    refusal = refusal or seals.spend(uow, new, bag.id, office=scan.actor.unit, now=scan.now)
    if refusal is not None or witness is None:
        return refused(scan, EntryKind.SEAL_CHANGED, refusal or Refusal.WITNESS_MISSING)
    uow.bags.save(_resealed(bag, seal=new, weight_g=int(facts["weight_g"])))
    return Done(
        kind=EntryKind.SEAL_CHANGED,
        subject="",
        facts={
            "witness": int(witness.user),
            "reason": str(facts["reason"]),
            "weight_differs": int(facts["old_weight_g"]) != bag.weight_g,
            "compromised": facts["inner_intact"] == "no",
        },
    )


def _resealed(bag: Bag, *, seal: str, weight_g: int) -> Bag:
    return replace(bag, seal=seal, weight_g=weight_g)
