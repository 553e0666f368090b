"""Holds items back and lets them go: a quarantine on an item, a stop on any code, also one that is nobody's.

Placed by one person, lifted by another with a reason; both are entries, and what they wrote is sealed. The
item's own row says what counts now, so that a scan learns it without asking. Nothing here refuses a scan:
:mod:`app.domain.custody` does.

For the surfaces (raise NotPermitted, NotFound, InvalidInput, Conflict):
    place(uow, PlaceHold, *, actor, now, tools) -> PlacedHold
    lift(uow, LiftHold, *, actor, now, tools) -> PlacedHold
    is_stopped(uow, code, *, actor) -> bool                                  for the station, before it signs
    list_holds(uow, *, actor, tools, active, before=None) -> HoldPage       an office's own; auditors see all
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.access import Actor, Permission, Role
from app.domain.consignment import Consignment
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, Problem, ProblemCode
from app.domain.held_back import Hold
from app.domain.hold import HoldReason, PlacedHold, check_liftable, effective
from app.domain.ids import UnitId, UserId, parse_code
from app.domain.text import parse_text
from app.services.incidents.incident_pages import scope_of
from app.services.items.sealed_texts import OpenedText, open_sealed
from app.services.people.permissions import require
from app.services.shifts.blind import unseen_codes
from app.services.tools import Tools
from app.storage.records import Unit, User
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft, ItemLine, Outcome
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.commitment import commit, pack_opening

LONGEST_TEXT = 500
PLACED, LIFTED = "placed", "lifted"
_CODE = re.compile(r"[!-~]{1,64}", re.ASCII)
_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold:
    """An untrusted form; `incident` is the incident it belongs to, None for none."""

    untrusted_hold: str
    untrusted_code: str
    untrusted_reason: str
    untrusted_text: str
    incident: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftHold:
    """The second person's word: which hold, and why it may go."""

    hold: int
    untrusted_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownHold:
    """A hold with what was written about it, opened; `lifted_text` is empty while it is in force."""

    placed: PlacedHold
    text: OpenedText
    lifted_text: OpenedText


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPage:
    """One page of holds with the names in it; `next_before` continues it, None at the end.

    `bags` are those of the codes that are bags.
    """

    rows: tuple[ShownHold, ...]
    bags: frozenset[str]
    units: Mapping[UnitId, Unit]
    users: Mapping[UserId, User]
    next_before: int | None


def place(uow: UnitOfWork, command: PlaceHold, *, actor: Actor, now: datetime, tools: Tools) -> PlacedHold:
    """Hold a code back from now on."""
    require(actor, Permission.HOLD_CODE)
    wish, text = _parse(command, actor=actor, now=now)
    if command.incident is not None and uow.incidents.find(command.incident, scope_of(actor)) is None:
        raise NotFound
    item = uow.consignments.lock(wish.code)
    if item is None and wish.hold is Hold.QUARANTINED:
        # What is nobody's moves nowhere; it can only be stopped.
        is_bag = uow.bags.lock(wish.code) is not None
        code = ProblemCode.BAG_IS_STOPPED if is_bag else ProblemCode.UNKNOWN_ITEM
        raise InvalidInput("code", code, params={"value": wish.code})
    if uow.holds.find_active(wish.code, wish.hold) is not None:
        raise Conflict(ConflictCode.ALREADY_HELD)
    wish = replace(wish, consignment=None if item is None else item.id)
    commitment = commit(PLACED, text)
    sealed = tools.vault.seal(pack_opening(commitment, text), context=_context(wish.code, PLACED))
    stored = replace(wish, id=uow.holds.add(wish, sealed=sealed))
    facts: dict[str, JsonValue] = {"reason": stored.reason.value}
    if command.incident is not None:
        facts["incident"] = _number(uow, command.incident, actor)
    _record(uow, EntryKind.HOLD_PLACED, stored, item, actor=actor, facts=facts, digest=commitment.digest)
    return stored


def lift(uow: UnitOfWork, command: LiftHold, *, actor: Actor, now: datetime, tools: Tools) -> PlacedHold:
    """Let a code go, as the second person."""
    require(actor, Permission.HOLD_CODE)
    text = parse_text(command.untrusted_text, field="text", longest=LONGEST_TEXT, required=True)
    seen = _find(uow, command.hold, actor)
    item = uow.consignments.lock(seen.code)
    # Read again behind the item's lock: two people may press the button at once.
    before = _find(uow, command.hold, actor)
    check_liftable(before, actor)
    commitment = commit(LIFTED, text)
    sealed = tools.vault.seal(pack_opening(commitment, text), context=_context(before.code, LIFTED))
    uow.holds.lift(before.id, by=actor.user, now=now, sealed=sealed)
    facts: dict[str, JsonValue] = {"placer": int(before.placed_by)}
    _record(uow, EntryKind.HOLD_LIFTED, before, item, actor=actor, facts=facts, digest=commitment.digest)
    return replace(before, lifted_by=actor.user, lifted_at=now)


def list_holds(
    uow: UnitOfWork, *, actor: Actor, tools: Tools, active: bool, before: int | None = None
) -> HoldPage:
    """Return one page, newest first: of an office its own, of an auditor everybody's."""
    require(actor, Permission.HOLD_CODE)
    unit = None if actor.role is Role.AUDITOR else actor.unit
    listed = uow.holds.list(active=active, unit=unit, before=before, limit=_PAGE)
    hidden = unseen_codes(uow, actor)
    found = [one for one in listed if one.code not in hidden]
    people = {one.placed_by for one in found} | {one.lifted_by for one in found if one.lifted_by}
    return HoldPage(
        rows=tuple(_shown(uow, one, tools) for one in found),
        bags=uow.bags.list_known([one.code for one in found if one.consignment is None]),
        units=uow.units.list_by_ids({one.unit for one in found}) if found else {},
        users=uow.users.list_by_ids(people) if people else {},
        next_before=listed[-1].id if len(listed) == _PAGE else None,
    )


def is_stopped(uow: UnitOfWork, code: str, *, actor: Actor) -> bool:
    """Tell whoever scans that a code is stopped, whoever holds the item: a stop is for everybody's eyes."""
    require(actor, Permission.SCAN)
    return uow.holds.find_active(code, Hold.STOPPED) is not None


def hold_context(code: str, step: str) -> str:
    """Return what binds a sealed text to its place."""
    return _context(code, step)


def _context(code: str, step: str) -> str:
    return f"hold/{code}/{step}"


def _shown(uow: UnitOfWork, one: PlacedHold, tools: Tools) -> ShownHold:
    sealed = uow.holds.get_text(one.id)
    return ShownHold(
        placed=one,
        text=open_sealed(sealed.placed, tools.vault, context=_context(one.code, PLACED)),
        lifted_text=open_sealed(sealed.lifted, tools.vault, context=_context(one.code, LIFTED)),
    )


def _find(uow: UnitOfWork, identity: int, actor: Actor) -> PlacedHold:
    found = uow.holds.find(identity)
    if found is None or (actor.role is not Role.AUDITOR and found.unit != actor.unit):
        raise NotFound
    return found


def _parse(command: PlaceHold, *, actor: Actor, now: datetime) -> tuple[PlacedHold, str]:
    problems: list[Problem] = []
    hold = next((one for one in Hold if one.value == command.untrusted_hold), None)
    reason = next((one for one in HoldReason if one.value == command.untrusted_reason), None)
    for name, found in (("hold", hold), ("reason", reason)):
        if found is None:
            problems.append(Problem(field=name, code=ProblemCode.NOT_A_CHOICE))
    code = command.untrusted_code.strip()
    try:
        code = parse_code(code)
    except InvalidInput:
        if _CODE.fullmatch(code) is None:
            problems.append(Problem(field="code", code=ProblemCode.NOT_A_CODE))
    text = ""
    try:
        text = parse_text(command.untrusted_text, field="text", longest=LONGEST_TEXT, required=True)
    except InvalidInput as error:
        problems += error.problems
    if problems or hold is None or reason is None:
        raise InvalidInput.all_of(problems)
    placed = PlacedHold(
        id=0,
        hold=hold,
        code=code,
        consignment=None,
        incident=command.incident,
        reason=reason,
        unit=actor.unit,
        placed_by=actor.user,
        placed_at=now,
        lifted_by=None,
        lifted_at=None,
    )
    return placed, text


def _number(uow: UnitOfWork, incident: int, actor: Actor) -> str:
    found = uow.incidents.find(incident, scope_of(actor))
    if found is None:
        raise NotFound
    return str(found.number)


def _record(
    uow: UnitOfWork,
    kind: EntryKind,
    hold: PlacedHold,
    item: Consignment | None,
    *,
    actor: Actor,
    facts: Mapping[str, JsonValue],
    digest: str,
) -> None:
    """Write what counts now to the item's row, and the entry."""
    now = effective(one.hold for one in uow.holds.list_active_of(hold.code))
    if item is not None:
        uow.consignments.save(replace(item, hold=now))
    is_bag = item is None and uow.bags.lock(hold.code) is not None
    named = item is not None or is_bag
    entry = uow.audit.append(
        EntryDraft(
            kind=kind,
            facts={
                "actor": int(actor.user),
                "hold": hold.hold.value,
                "code": hold.code,
                "in_force": "" if now is None else now.value,
                **facts,
            },
            items=(ItemLine(code=hold.code, outcome=Outcome.ACCEPTED),) if named else (),
            commitments={PLACED if kind is EntryKind.HOLD_PLACED else LIFTED: digest},
        )
    )
    if hold.incident is not None:
        uow.incidents.bind(hold.incident, entry)
