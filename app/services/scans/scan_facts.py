"""Look up what the rules of custody need to know about a scan: for all its lines at once.

Everything a list needs is read in a fixed number of statements. The named receivers are opened here and live
only as name keys until the scan is decided; no handler of the item ever sees one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.domain.access import Actor
from app.domain.authority import UNBACKED, Backing
from app.domain.custody import LineFacts
from app.domain.decision import HandGiver
from app.domain.erasure import SealedField
from app.domain.grades import Secrecy
from app.domain.handover_policy import Demand
from app.domain.ids import UnitId, UserId
from app.domain.mandate import Receiving, Standing
from app.domain.section import holds_up
from app.domain.taking import shows_paper
from app.domain.text import name_key
from app.domain.validity import Validity
from app.domain.witness import Witness
from app.services.items.mandates import receiving
from app.services.items.sealed_fields import open_field
from app.services.people.authorities import find_backing
from app.services.scans import key_ins
from app.services.scans.demands import find_demands
from app.services.scans.handing_in import find_giver, giver_facts
from app.services.scans.key_ins import KeyedIn
from app.services.scans.policies import find_in_force
from app.services.scans.presence import find_take_witness
from app.services.scans.scan_opening import ReadLine, unit_codes
from app.services.scans.scan_outcome import DecidedLine
from app.services.tools import Tools
from app.storage.hot import Wanted
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.evidence import Evidence, Offer, Purpose, Take, TakeLine, Verdict
from crypto.canonical import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFacts:
    """What holds for every line, the name keys of named receivers by code, and which codes are stopped.

    `pieces` tells how many were registered of each item at its last door; of `unlisted` codes no receiving
    checklist was asked, because their entry is older than it; nobody was called to a counter
    for `uncalled` ones, for the same reason. `section_closed`: the counter at the place is closed for this.
    """

    place: UnitId | None
    to_unit: UnitId | None
    to_user_fits: bool
    receiver_keys: Mapping[str, str]
    stopped: frozenset[str]
    keyed: KeyedIn
    standing: Standing = Standing.BY_ROLE
    named_keys: frozenset[str] = frozenset()
    authority_asked: frozenset[str] = frozenset()
    backing: Backing = UNBACKED
    pieces: Mapping[str, int] = field(default_factory=dict)
    unlisted: frozenset[str] = frozenset()
    demands: Mapping[str, frozenset[Demand]] = field(default_factory=dict)
    witness: Witness | None = None
    uncalled: frozenset[str] = frozenset()
    giver: HandGiver | None = None
    section_closed: bool = False

    def of(self, read: ReadLine) -> LineFacts:
        """Return the facts of one line."""
        return LineFacts(
            place=self.place,
            to_unit=self.to_unit,
            to_user_fits=self.to_user_fits,
            forged=read.forged,
            forgery=read.forgery,
            demands=self.demands.get(read.code, frozenset()),
            proven=read.proves_possession,
            witness=self.witness,
            stopped=read.code in self.stopped,
            receiver_key=self.receiver_keys.get(read.code),
            standing=self.standing,
            named_keys=self.named_keys,
            authority_asked=read.code in self.authority_asked,
            backing=self.backing,
            pieces=self.pieces.get(read.code, 1),
            is_listed=read.code not in self.unlisted,
            has_counter=read.code not in self.uncalled,
            giver=self.giver,
            section_closed=self.section_closed,
        )

    def relied_on(self, accepted: Iterable[str]) -> dict[str, JsonValue]:
        """Return the facts that name both papers, where a line was accepted that asked for one."""
        codes = frozenset(accepted)
        given = dict(giver_facts(self.giver, self.authority_asked, codes))
        paper = self.backing.paper if self.backing.standing is Validity.VALID else None
        if paper is None or self.authority_asked.isdisjoint(codes):
            return given
        return {"authority": paper.id, "authority_number": paper.number, **given}


def gather_facts(
    uow: UnitOfWork,
    scan: Evidence,
    lines: tuple[ReadLine, ...],
    *,
    actor: Actor,
    now: datetime,
    tools: Tools,
    said: Entry | None = None,
) -> ScanFacts:
    """Read and lock everything that the lines name, in one go where the caller has not read ahead.

    `said` is the entry of the log that is done again.
    """
    codes = [read.code for read in lines if read.is_ours]
    uow.prefetch(Wanted(codes=codes, units=unit_codes(scan)))
    to_unit = _find_active_unit(uow, scan.to.unit) if isinstance(scan, Offer) else None
    found = _receiving(uow, scan, codes, now) if isinstance(scan, Take) else Receiving()
    place = _find_active_unit(uow, scan.place)
    asked = _authority_asked(uow, scan, codes, actor, now) if isinstance(scan, Take) else frozenset()
    return ScanFacts(
        keyed=key_ins.gather(uow, scan, lines, place=place, said=said),
        authority_asked=asked,
        backing=find_backing(uow, actor, now=now) if asked else UNBACKED,
        standing=found.standing,
        named_keys=_name_keys(uow, found),
        place=place,
        to_unit=to_unit,
        to_user_fits=not isinstance(scan, Offer) or _fits(uow, scan.to.user, to_unit),
        receiver_keys=_receiver_keys(uow, codes, tools) if isinstance(scan, Take) else {},
        stopped=find_stopped(uow, lines),
        pieces=_pieces(uow, codes) if isinstance(scan, Take) else {},
        demands=find_demands(uow, codes, now) if isinstance(scan, Take) else {},
        giver=find_giver(uow, scan, now=now, said=said) if isinstance(scan, Take) else None,
        section_closed=is_held_up(uow, scan),
    )


def with_witness(
    uow: UnitOfWork,
    scan: Evidence,
    facts: ScanFacts,
    *,
    actor: Actor,
    now: datetime,
    said: bool | None = None,
) -> ScanFacts:
    """Add who stands by, where a line of a take needs somebody: else nobody is asked, and no ticket used."""
    if not isinstance(scan, Take) or not any(Demand.WITNESS in asked for asked in facts.demands.values()):
        return facts
    witness = find_take_witness(uow, scan, actor=actor, place=facts.place, now=now, said=said)
    return replace(facts, witness=witness)


def witness_fact(facts: ScanFacts, decided: Iterable[DecidedLine]) -> dict[str, JsonValue]:
    """Return what the entry says of a witness: who stood by, if a line was taken that needed one."""
    needed = {code for code, asked in facts.demands.items() if Demand.WITNESS in asked}
    taken = any(line.read.code in needed and _changed_hands(line) for line in decided)
    return {"witness": int(facts.witness.user)} if taken and facts.witness is not None else {}


def _changed_hands(line: DecidedLine) -> bool:
    said = line.read.line
    return not line.refusal and isinstance(said, TakeLine) and said.verdict is Verdict.ACCEPT


def is_held_up(uow: UnitOfWork, scan: Evidence) -> bool:
    """Tell whether the section at the place of a scan is closed for it; what says so came with the unit."""
    unit = uow.units.find_by_code(scan.place)
    closed_at = None if unit is None else unit.section_closed_at
    return holds_up(scan.kind, signed_at=scan.at, closed_at=closed_at)


def find_stopped(uow: UnitOfWork, lines: Iterable[ReadLine]) -> frozenset[str]:
    """Return the codes, of those that are no item's, that are stopped; an item says so itself.

    A scan of items alone asks the database nothing here.
    """
    return uow.holds.list_stopped(
        [read.code for read in lines if not read.is_ours or uow.consignments.lock(read.code) is None]
    )


def _receiving(uow: UnitOfWork, scan: Take, codes: list[str], now: datetime) -> Receiving:
    """Ask the mandates of the taker's unit, only where something is taken at a last door."""
    items = (uow.consignments.lock(code) for code in codes)
    offers = (item.offer for item in items if item is not None and item.offer is not None)
    doors = {offer.to_unit for offer in offers if offer.purpose is not Purpose.TRANSFER}
    # Offers to several units cannot all be this person's; whose is not is refused for that.
    return receiving(uow, min(doors), UserId(scan.actor), now=now) if len(doors) == 1 else Receiving()


def _authority_asked(
    uow: UnitOfWork, scan: Take, codes: list[str], actor: Actor, now: datetime
) -> frozenset[str]:
    """Return the codes whose taker has a card or letter to show by the policy in force.

    A closed bag is handled as if the highest class were in it: nobody is told what is.
    """
    policy = find_in_force(uow, now)
    asked: set[str] = set()
    for code in codes:
        item = uow.consignments.lock(code)
        secrecy = Secrecy.A if item is None else item.grade.secrecy
        answers = item is not None and item.offer is not None and shows_paper(item.offer, actor)
        shown = item is None or scan.giver is not None or answers
        if shown and policy.asks(Demand.AUTHORITY, secrecy):
            asked.add(code)
    return frozenset(asked)


def _name_keys(uow: UnitOfWork, found: Receiving) -> frozenset[str]:
    if not found.opens_for:
        return frozenset()
    return frozenset(user.name_key for user in uow.users.list_by_ids(set(found.opens_for)).values())


def _find_active_unit(uow: UnitOfWork, code: str) -> UnitId | None:
    unit = uow.units.find_by_code(code)
    return unit.id if unit is not None and unit.active else None


def _fits(uow: UnitOfWork, user: int | None, unit: UnitId | None) -> bool:
    if user is None:
        return True
    person = uow.users.find(UserId(user))
    return person is not None and person.active and person.unit_id == unit


def _receiver_keys(uow: UnitOfWork, codes: list[str], tools: Tools) -> dict[str, str]:
    """Open the names only of those who must take their item in person, and only at the delivery itself."""
    named = [code for code in codes if _is_named_delivery(uow, code)]
    if not named:
        return {}
    blobs = uow.consignments.list_receivers(named)
    return {
        code: name_key(open_field(code, SealedField.RECEIVER_NAME, blob, tools.vault))
        for code, blob in blobs.items()
    }


def _pieces(uow: UnitOfWork, codes: list[str]) -> dict[str, int]:
    """Count the pieces that the sender registered, only of what is at its last door: one question for all."""
    items = ((code, uow.consignments.lock(code)) for code in codes)
    ending = [
        code
        for code, item in items
        if item is not None and item.offer is not None and item.offer.purpose is not Purpose.TRANSFER
    ]
    return uow.consignments.count_pieces(ending) if ending else {}


def _is_named_delivery(uow: UnitOfWork, code: str) -> bool:
    item = uow.consignments.lock(code)
    if item is None or item.offer is None:
        return False
    return item.named_only and item.offer.purpose is Purpose.DELIVERY
