"""Leave with everything that was planned, and close the leg at its end: two signed acts of the courier.

Custody is only looked at, never moved: what was handed over on the way or at the end, the handovers say. What
the courier says is missing stays theirs until the incident of this very act is closed. Rules:
:mod:`app.domain.leg`.
"""

from dataclasses import replace

from app.domain import leg as rules
from app.domain.bag import Bag, BagState
from app.domain.consignment import Consignment, State
from app.domain.decision import Refusal
from app.domain.incident import MOST_ITEMS, IncidentKind
from app.domain.leg import Leg, LegFate, LegState, Loaded
from app.domain.packing import Packed
from app.domain.unpacking import find_witness_refusal
from app.services.bags.bag_things import lock_thing
from app.services.incidents.incidents import Found, Raised, ScanInHand, bind, raise_in_scan
from app.services.legs.legs import must_escort
from app.services.scans.act_scan import ActScan, Done
from app.services.scans.presence import find_witness
from app.storage.group import PendingEntry
from app.storage.hot import Wanted
from app.storage.uow import UnitOfWork
from audit.evidence import LegMark
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.timestamps import format_at


def depart(uow: UnitOfWork, scan: ActScan) -> Done:
    """Leave: the courier has everything in hand, the vehicle and the escort of the plan are there."""
    things = {read.code: lock_thing(uow, read) for read in scan.lines}
    going = uow.legs.lock_open(scan.actor.user)
    leg = next((one for one in going if one.code == scan.act.subject), None) or uow.legs.find(
        scan.act.subject
    )
    if leg is None:
        return refused(scan, EntryKind.LEG_DEPARTED, Refusal.NOT_A_LEG)
    loaded = _look(uow, scan, leg, things, going)
    refusal = rules.find_departure_refusal(leg, scan.actor, loaded)
    if refusal is not None:
        done = refused(scan, EntryKind.LEG_DEPARTED, refusal)
        lines = tuple(rules.find_load_refusal(read.code, leg, loaded, refusal) for read in scan.lines)
        return replace(done, lines=lines)
    refusal = _find_escort_refusal(uow, scan, leg, loaded)
    if refusal is not None:
        return refused(scan, EntryKind.LEG_DEPARTED, refusal)
    after = rules.depart(leg, scan.now)
    uow.legs.save(after)
    facts: dict[str, JsonValue] = {
        "leg": leg.code,
        "vehicle": leg.vehicle,
        "departed_at": format_at(scan.now),
    }
    if scan.act.witness is not None:
        facts["witness"] = scan.act.witness
    return Done(
        kind=EntryKind.LEG_DEPARTED,
        subject="",
        lines=tuple("" for _ in scan.lines),
        facts=facts,
        finish=lambda entry: uow.legs.bind(after, entry),
    )


def arrive(uow: UnitOfWork, scan: ActScan) -> Done:
    """Close the leg at its destination: each thing aboard was taken over, is still there, or is missing."""
    seen = uow.legs.find(scan.act.subject)
    aboard = frozenset[str]() if seen is None else uow.legs.list_lines(seen.id)
    # Things before the leg: whoever cancels or leaves locks them in this order too.
    uow.prefetch(Wanted(codes=aboard))
    leg = None if seen is None else uow.legs.lock(seen.code)
    refusal = rules.find_arrival_refusal(leg, scan.actor, scan.place)
    if leg is None or refusal is not None:
        return refused(scan, EntryKind.LEG_ARRIVED, refusal or Refusal.NOT_A_LEG)
    with_courier = _with_courier(uow, leg, aboard)
    lines = tuple(
        rules.find_line_refusal(read.code, aboard=aboard, with_courier=with_courier)
        or (read.forgery if read.forged else "")
        for read in scan.lines
    )
    said = {
        read.code: LegMark(mark)
        for (read, mark), refused_as in zip(scan.marks(), lines, strict=True)
        if not refused_as
    }
    if with_courier - said.keys():
        return refused(scan, EntryKind.LEG_ARRIVED, Refusal.LOAD_UNACCOUNTED)
    after = rules.arrive(leg, scan.now)
    uow.legs.save(after)
    fates = rules.fates(aboard, said)
    for fate in LegFate:
        uow.legs.add_lines(after, fate.value, [code for code, found in fates.items() if found is fate])
    missing = [code for code, mark in said.items() if mark is LegMark.MISSING]
    raised = _raise(uow, scan, sorted(missing))
    return Done(
        kind=EntryKind.LEG_ARRIVED,
        subject="",
        lines=lines,
        facts=_arrived(scan, leg, list(fates.values()), raised),
        finish=lambda entry: _bind(uow, after, raised, entry),
    )


def refused(scan: ActScan, kind: EntryKind, code: Refusal) -> Done:
    """Refuse an act as a whole; its subject is no line of the entry, so a fact says why."""
    return Done(
        kind=kind,
        subject=code,
        lines=tuple(code for _ in scan.lines),
        facts={"leg": scan.act.subject, "refusal": code.value},
    )


def _look(
    uow: UnitOfWork, scan: ActScan, leg: Leg, things: dict[str, Packed | None], going: tuple[Leg, ...]
) -> Loaded:
    vehicle = uow.legs.lock_vehicle(leg.vehicle)
    return Loaded(
        place=scan.place,
        vehicle=vehicle,
        said_vehicle=str(scan.act.facts["vehicle"]),
        vehicle_busy=uow.legs.is_under_way(leg.vehicle),
        courier_busy=any(one.state is LegState.DEPARTED for one in going),
        aboard=uow.legs.list_lines(leg.id),
        things=things,
    )


def _find_escort_refusal(uow: UnitOfWork, scan: ActScan, leg: Leg, loaded: Loaded) -> Refusal | None:
    """Find what is wrong with who goes along: nobody where somebody must, or another than was planned."""
    things = [thing for thing in loaded.things.values() if thing is not None]
    if scan.act.witness is None:
        needed = leg.escort is not None or must_escort(uow, things, loaded.vehicle, at=scan.now)
        return Refusal.WITNESS_MISSING if needed else None
    if scan.act.witness != leg.escort:
        return Refusal.ESCORT_DIFFERS
    return find_witness_refusal(find_witness(uow, scan), scan.actor)


def _with_courier(uow: UnitOfWork, leg: Leg, aboard: frozenset[str]) -> frozenset[str]:
    """Return what of the load nobody took over: the courier still answers for it, whatever bag it is in."""
    things = {code: uow.consignments.lock(code) or uow.bags.lock(code) for code in aboard}
    around = {
        code: thing.bag if isinstance(thing, Consignment) else thing.outer
        for code, thing in things.items()
        if thing is not None
    }
    outer = uow.legs.custodians_of_bags({bag for bag in around.values() if bag is not None})
    return frozenset(
        code
        for code, thing in things.items()
        if thing is not None
        and _is_going(thing)
        and (thing.custodian if (bag := around[code]) is None else outer[bag]).user == leg.courier
    )


def _is_going(thing: Packed) -> bool:
    if isinstance(thing, Bag):
        return thing.state is not BagState.EMPTIED
    return thing.state is State.IN_CUSTODY


def _arrived(scan: ActScan, leg: Leg, fates: list[LegFate], raised: Raised) -> dict[str, JsonValue]:
    counted: dict[str, JsonValue] = {fate.value: fates.count(fate) for fate in LegFate}
    return {"leg": leg.code, "arrived_at": format_at(scan.now), **counted, **raised.facts}


def _raise(uow: UnitOfWork, scan: ActScan, missing: list[str]) -> Raised:
    """Open the incident of what is not there any more."""
    parts = [tuple(missing[at : at + MOST_ITEMS]) for at in range(0, len(missing), MOST_ITEMS)]
    found = [Found(kind=IncidentKind.LOSS, codes=codes) for codes in parts]
    # Numbers of lines are those of the entry, in which an act about a leg has no line for its subject.
    lines = tuple(read.code for read in scan.lines)
    in_hand = ScanInHand(scan=scan.act.scan, place=scan.place, lines=lines)
    return raise_in_scan(uow, found, scan=in_hand, actor=scan.actor, now=scan.now, tools=scan.tools)


def _bind(uow: UnitOfWork, leg: Leg, raised: Raised, entry: PendingEntry) -> None:
    uow.legs.bind(leg, entry)
    bind(uow, raised, entry)
