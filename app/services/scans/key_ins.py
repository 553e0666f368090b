"""Record codes that are keyed in by hand, and demand one behind every typed code.

What a whole statement needs is asked once, and only where something in it was typed. Rules:
:mod:`app.domain.key_in`.

    key_in(uow, scan) -> Done                          the act itself
    gather(uow, scan, lines, ...) -> KeyedIn           which typed codes of a statement have none
    spend(uow, scan, keyed, accepted) -> None          what an accepted line used is used up
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from app.domain import key_in as rules
from app.domain.access import Permission, Role, may
from app.domain.consignment import Consignment
from app.domain.decision import Refusal
from app.domain.handover_policy import Demand
from app.domain.ids import UnitId, UserId
from app.domain.packing import Packed
from app.domain.witness import Witness
from app.services.bags.bag_things import lock_thing
from app.services.scans import policies
from app.services.scans.act_scan import ActScan, Done, refused
from app.services.scans.presence import is_on_duty, use_ticket
from app.services.scans.scan_opening import ReadLine
from app.storage.repositories.key_ins import KeyIn
from app.storage.uow import UnitOfWork
from audit.acts import FORMS
from audit.entry import Entry
from audit.evidence import Act, Evidence, EvidenceKind
from audit.kinds import EntryKind
from crypto.canonical import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedIn:
    """The typed codes of a statement: which key-in stands behind each, and which have none."""

    found: Mapping[str, str] = field(default_factory=dict)
    lacking: frozenset[str] = frozenset()


def key_in(uow: UnitOfWork, scan: ActScan) -> Done:
    """Record that a code was read twice and typed; a second reader is asked for where the rules do."""
    act, facts = scan.act, scan.act.facts
    thing = lock_thing(uow, scan.subject)
    refusal = rules.find_key_in_refusal(
        act.subject, str(facts["again"]), scan.actor, scan.place, is_known=thing is not None
    )
    reader: Witness | None = None
    if refusal is None:
        reader = _find_reader(uow, scan)
        refusal = rules.find_reader_refusal(reader, scan.actor, is_required=_needs_reader(uow, scan, thing))
    if refusal is not None or scan.place is None:
        return refused(scan, EntryKind.CODE_KEYED_IN, refusal or Refusal.WRONG_PLACE)
    uow.key_ins.add(
        KeyIn(
            scan_id=act.scan,
            code=scan.subject.code,
            user=scan.actor.user,
            unit=scan.actor.unit,
            place=scan.place,
            reason=str(facts["reason"]),
            form=str(facts["form"]),
            witness=None if reader is None else reader.user,
            said_at=act.at,
            recorded_at=scan.now,
        )
    )
    stood_by: dict[str, JsonValue] = {} if reader is None else {"witness": int(reader.user)}
    return Done(kind=EntryKind.CODE_KEYED_IN, subject="", facts=stood_by)


def _needs_reader(uow: UnitOfWork, scan: ActScan, thing: Packed | None) -> bool:
    """Whether the policy asks for a second reader; a bag carries no mark, so nothing is asked of its code."""
    if not isinstance(thing, Consignment):
        return False
    return policies.find_in_force(uow, scan.now).asks(Demand.SECOND_READER, thing.grade.secrecy)


def _find_reader(uow: UnitOfWork, scan: ActScan) -> Witness | None:
    """Return the second reader: somebody who scans too, of the same unit or of the place where both stand."""
    if scan.act.witness is None:
        return None
    named = UserId(scan.act.witness)
    user = uow.users.find(named)
    if user is None:
        return Witness(user=named, unit=scan.actor.unit, may_witness=False, on_duty=False, present=False)
    fits = (
        user.active
        and may(Role(user.role), Permission.SCAN)
        and user.unit_id in {scan.actor.unit, scan.place}
    )
    pair = (scan.actor.user, named)
    present = scan.is_replayed or use_ticket(uow, scan.act.nonce, scan.subject.code, pair=pair, now=scan.now)
    on_duty = is_on_duty(uow, named)
    return Witness(user=named, unit=user.unit_id, may_witness=fits, on_duty=on_duty, present=present)


def gather(
    uow: UnitOfWork,
    scan: Evidence,
    lines: tuple[ReadLine, ...],
    *,
    place: UnitId | None,
    said: Entry | None = None,
) -> KeyedIn:
    """Look behind the typed codes of a statement.

    `said` is the entry that is done again: what it refused for want of a key-in is refused again, and a log
    older than this rule is believed.
    """
    read_off = lines[1:] if isinstance(scan, Act) and _is_read_off_nothing(scan) else lines
    asked = {read.code: read for read in read_off if rules.is_asked(read.line)}
    if not asked:
        return KeyedIn()
    found: Mapping[str, str] = {}
    if place is not None:
        since = scan.at - rules.GOOD_FOR
        who = UserId(scan.actor)
        found = uow.key_ins.list_unused(asked, user=who, place=place, since=since, until=scan.at)
    if said is None:
        # A code that is nobody's is refused as that.
        lacking = {code for code in asked.keys() - found.keys() if lock_thing(uow, asked[code]) is not None}
        return KeyedIn(found=found, lacking=frozenset(lacking))
    missing = {item.code for item in said.items if item.refusal == Refusal.KEY_IN_MISSING}
    return KeyedIn(found=found, lacking=frozenset(missing))


def _is_read_off_nothing(act: Act) -> bool:
    """Whether an act's subject is no code that a statement may rest on: its own key-in, or no item at all."""
    return act.kind is EvidenceKind.KEY_IN or FORMS[act.kind].about != ""


def spend(uow: UnitOfWork, scan: Evidence, keyed: KeyedIn, accepted: Collection[str]) -> None:
    """Use up what the accepted lines of a statement needed."""
    if keyed.found:
        used = [name for code, name in keyed.found.items() if code in accepted]
        uow.key_ins.use(used, by=scan.scan)
