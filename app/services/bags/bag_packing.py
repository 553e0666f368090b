"""Fill a bag, take out of it again, and close it: each a signed act of the bag's own custodian.

At the closing the manifest is frozen: what the closer signed for (seal, weight, digest of the contents) with
the lines, under the dispatch number that is drawn in the same transaction. Rules: :mod:`app.domain.packing`.
"""

from dataclasses import replace
from typing import Final

from app.domain import packing
from app.domain.bag import Bag, contents_digest
from app.domain.decision import Refusal
from app.domain.packing import Packed
from app.domain.register import register_year
from app.services.bags import seals
from app.services.bags.bag_things import forged_or, lock_subject, lock_thing, save_thing
from app.services.scans.act_scan import ActScan, Done, refused
from app.storage.group import PendingEntry
from app.storage.uow import UnitOfWork
from audit.kinds import EntryKind
from audit.manifest import Manifest, manifest_bytes
from crypto.digest import sha256_hex
from crypto.timestamps import format_at

TAKEN_OUT: Final = ""


def pack(uow: UnitOfWork, scan: ActScan) -> Done:
    """Put each line into an open bag, or refuse it."""
    bag = _find_open(uow, scan)
    if isinstance(bag, Refusal):
        return refused(scan, EntryKind.BAG_PACKED, bag)
    answers: list[str] = []
    packed: list[str] = []
    for read in scan.lines:
        thing = lock_thing(uow, read)
        refusal = packing.find_packing_refusal(bag, thing, scan.actor, is_nested=_holds_bags(uow, thing))
        answers.append(forged_or(read, refusal))
        if thing is not None and not answers[-1]:
            save_thing(uow, packing.put_in(thing, bag))
            bag = replace(bag, pieces=bag.pieces + 1)
            packed.append(read.code)
    uow.bags.save(bag)
    identity = bag.id

    def finish(entry: PendingEntry) -> None:
        uow.bags.pack(identity, packed, entry)

    return Done(kind=EntryKind.BAG_PACKED, subject="", lines=tuple(answers), finish=finish)


def unpack(uow: UnitOfWork, scan: ActScan) -> Done:
    """Take each line out of an open bag again; it stays with the person who packed it."""
    bag = _find_open(uow, scan)
    if isinstance(bag, Refusal):
        return refused(scan, EntryKind.BAG_UNPACKED, bag)
    answers: list[str] = []
    gone: list[tuple[str, str]] = []
    listed = _list_inside(uow, bag)
    for read in scan.lines:
        thing = lock_thing(uow, read)
        refusal = packing.find_unpacking_refusal(thing, is_listed=read.code in listed)
        answers.append(forged_or(read, refusal))
        if thing is not None and not answers[-1]:
            save_thing(uow, packing.take_out(bag, thing))
            bag = replace(bag, pieces=bag.pieces - 1)
            gone.append((read.code, TAKEN_OUT))
    uow.bags.save(bag)
    identity = bag.id

    def finish(entry: PendingEntry) -> None:
        uow.bags.remove(identity, gone, entry)

    return Done(kind=EntryKind.BAG_UNPACKED, subject="", lines=tuple(answers), finish=finish)


def close(uow: UnitOfWork, scan: ActScan) -> Done:
    """Seal the bag, draw its place in the dispatch, freeze the manifest."""
    bag = _find_open(uow, scan)
    if isinstance(bag, Refusal):
        return refused(scan, EntryKind.BAG_CLOSED, bag)
    facts = scan.act.facts
    inside = _list_inside(uow, bag)
    refusal = packing.find_closing_refusal(
        bag,
        pieces=int(facts["pieces"]),
        inside=len(uow.consignments.list_marks_in([bag.id])) + len(uow.bags.list_nested([bag.id])),
        contents=contents_digest(inside),
        signed_contents=str(facts["contents"]),
    )
    seal = str(facts["seal"])
    refusal = refusal or seals.spend(uow, seal, bag.id, office=bag.origin, now=scan.now)
    if refusal is not None:
        return refused(scan, EntryKind.BAG_CLOSED, refusal)
    dispatch = uow.bags.next_dispatch(
        bag.origin, bag.destination, register_year(scan.now), last=facts["last"] == "yes"
    )
    shut = packing.close(
        bag, seal=seal, weight_g=int(facts["weight_g"]), dispatch=dispatch, manifest="", now=scan.now
    )
    manifest = manifest_bytes(_manifest(uow, shut, inside, scan))
    shut = replace(shut, manifest=sha256_hex(manifest))
    uow.bags.save(shut)

    def finish(entry: PendingEntry) -> None:
        uow.bags.freeze(shut.id, manifest, entry)

    return Done(
        kind=EntryKind.BAG_CLOSED,
        subject="",
        facts={
            "manifest": shut.manifest,
            # The manifest holds this time too: whoever puts a lost database back makes the same bytes again.
            "closed_at": format_at(scan.now),
            "year": dispatch.year,
            "number": dispatch.number,
            "serial": dispatch.serial,
            "pieces": shut.pieces,
        },
        finish=finish,
    )


def _list_inside(uow: UnitOfWork, bag: Bag) -> list[str]:
    """Return what was put into a bag and not taken out of it again."""
    return [code for code, mark in uow.bags.lines(bag.id).items() if mark is None]


def _manifest(uow: UnitOfWork, bag: Bag, inside: list[str], scan: ActScan) -> Manifest:
    units = uow.units.list_by_ids({bag.origin, bag.destination})
    if bag.dispatch is None:
        raise ValueError("a closed bag belongs to a dispatch")
    return Manifest(
        log=scan.tools.origin,
        bag=bag.code,
        asset=bag.asset,
        origin=units[bag.origin].code,
        destination=units[bag.destination].code,
        year=bag.dispatch.year,
        number=bag.dispatch.number,
        serial=bag.dispatch.serial,
        last=bag.dispatch.last,
        seal=bag.seal,
        weight_g=bag.weight_g,
        closed_by=int(scan.actor.user),
        closed_at=scan.now,
        lines=tuple(sorted(inside)),
    )


def _find_open(uow: UnitOfWork, scan: ActScan) -> Bag | Refusal:
    bag = lock_subject(uow, scan)
    if isinstance(bag, Refusal):
        return bag
    return packing.find_bag_refusal(bag, scan.actor, scan.place) or bag


def _holds_bags(uow: UnitOfWork, thing: Packed | None) -> bool:
    if not isinstance(thing, Bag):
        return False
    return uow.bags.holds_bags(thing.id)
