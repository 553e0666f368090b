"""Keep the register of pouches: enter new ones, find lost ones again, write off what is gone, by two persons.

A pouch nobody entered comes into the register with its first trip, as the starting office's (ADR 0013). Which
office has it follows from trips and returns; nothing here moves one.

For the surfaces (raise NotPermitted, NotFound, Conflict, InvalidInput):
    enter(uow, EnterPouches, *, actor, now, tools) -> tuple[str, ...]      the numbers
    propose(uow, RetirePouch, *, actor, now, tools) -> None                the first person
    decide(uow, DecideRetirement, *, actor, now, tools) -> None            the second
    retire_by_incident(uow, RetirePouch, *, actor, now, tools) -> None     missing, and its incident closed
For other services, in a running unit of work:
    check_usable(uow, known, assets, *, office, field) -> None
    take_up(uow, asset, *, office, by, now) -> bool                        for the start of a trip; True: new
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain import pouch as rules
from app.domain.access import Actor, Permission
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, Problem, ProblemCode
from app.domain.ids import UnitId, UserId
from app.domain.pouch import Pouch, PouchState, Proposal, RetireReason
from app.services.people.permissions import require
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.timestamps import format_at


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterPouches:
    """An untrusted form: numbers, separated by spaces, commas or lines."""

    untrusted_pouches: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetirePouch:
    """An untrusted form: a pouch's number and why it is written off."""

    untrusted_pouch: str
    untrusted_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRetirement:
    """An untrusted form: a pouch's number, and `retire` or `keep`."""

    untrusted_pouch: str
    untrusted_decision: str


RETIRE, KEEP = "retire", "keep"


def enter(
    uow: UnitOfWork, command: EnterPouches, *, actor: Actor, now: datetime, tools: Tools
) -> tuple[str, ...]:
    """Put pouches into the register as the actor's office's; a missing one is found again where it is now."""
    del tools
    require(actor, Permission.HANDLE_POUCH)
    assets = rules.parse_assets(command.untrusted_pouches, field="pouches")
    known = uow.pouches.lock(assets)
    taken = [one for one in known.values() if one.state is not PouchState.MISSING]
    _raise_known(uow, taken, field="pouches")
    new = [asset for asset in assets if asset not in known]
    if not record_entry(uow, new, sorted(known), unit=actor.unit, by=actor.user, now=now):
        raise InvalidInput("pouches", ProblemCode.TAKEN)
    return assets


def record_entry(
    uow: UnitOfWork,
    new: Collection[str],
    found: Collection[str],
    *,
    unit: UnitId,
    by: UserId,
    now: datetime,
) -> bool:
    """Write what is new and what was found, as judged; False where somebody else was faster."""
    if not uow.pouches.add(new, unit, by=by, now=now):
        return False
    if found:
        uow.pouches.hold(found, unit, now=now)
    facts: dict[str, JsonValue] = {
        "actor": int(by),
        "unit": uow.units.get(unit).code,
        "pouches": ",".join(new),
        "count": len(new) + len(found),
        "entered_at": format_at(now),
    }
    if found:
        facts["found"] = ",".join(found)
    uow.audit.append(EntryDraft(kind=EntryKind.POUCHES_ENTERED, facts=facts))
    return True


def propose(uow: UnitOfWork, command: RetirePouch, *, actor: Actor, now: datetime, tools: Tools) -> None:
    """Say that a pouch is gone or worn out; it stays in the register until a second person agrees."""
    del tools
    pouch = _lock(uow, command.untrusted_pouch, actor)
    reason = _read_reason(command.untrusted_reason)
    rules.check_retirable(pouch, in_use=_in_use(uow, pouch))
    if pouch.proposal is not None:
        raise Conflict(ConflictCode.POUCH_PROPOSED)
    record_proposal(uow, pouch.asset, Proposal(by=actor.user, reason=reason, at=now))


def record_proposal(uow: UnitOfWork, asset: str, proposal: Proposal) -> None:
    """Write a proposal that was judged."""
    uow.pouches.propose(asset, proposal)
    _append(
        uow,
        EntryKind.POUCH_RETIREMENT_PROPOSED,
        asset,
        {"actor": int(proposal.by), "reason": proposal.reason.value, "proposed_at": format_at(proposal.at)},
    )


def decide(uow: UnitOfWork, command: DecideRetirement, *, actor: Actor, now: datetime, tools: Tools) -> None:
    """Write the pouch off as proposed by another, or keep it."""
    del tools
    pouch = _lock(uow, command.untrusted_pouch, actor)
    if command.untrusted_decision not in {RETIRE, KEEP}:
        raise InvalidInput("decision", ProblemCode.NOT_A_CHOICE)
    proposal = rules.check_second(pouch, actor)
    if command.untrusted_decision == KEEP:
        record_keeping(uow, pouch.asset, proposal, by=actor.user)
        return
    rules.check_retirable(pouch, in_use=_in_use(uow, pouch))
    by: dict[str, JsonValue] = {"actor": int(actor.user), "proposer": int(proposal.by)}
    record_retirement(uow, pouch.asset, proposal.reason, by, now=now)


def record_keeping(uow: UnitOfWork, asset: str, proposal: Proposal, *, by: UserId) -> None:
    """Write that a proposal was turned down."""
    uow.pouches.propose(asset, None)
    facts: dict[str, JsonValue] = {"actor": int(by), "proposer": int(proposal.by)}
    _append(uow, EntryKind.POUCH_RETIREMENT_REFUSED, asset, facts)


def retire_by_incident(
    uow: UnitOfWork, command: RetirePouch, *, actor: Actor, now: datetime, tools: Tools
) -> None:
    """Write off a pouch that a return missed, once two persons have settled and closed its incident."""
    del tools
    pouch = _lock(uow, command.untrusted_pouch, actor)
    reason = _read_reason(command.untrusted_reason)
    rules.check_retirable(pouch, in_use=_in_use(uow, pouch))
    incident = None if pouch.incident is None else uow.incidents.lock(pouch.incident)
    if pouch.state is not PouchState.MISSING or incident is None or not incident.is_closed:
        raise Conflict(ConflictCode.POUCH_NOT_PROPOSED)
    by: dict[str, JsonValue] = {"actor": int(actor.user), "incident": str(incident.number)}
    record_retirement(uow, pouch.asset, reason, by, now=now)


def record_retirement(
    uow: UnitOfWork, asset: str, reason: RetireReason, by: Mapping[str, JsonValue], *, now: datetime
) -> None:
    """Write a pouch off; `by` names the actor, and the proposer or incident that stands for a second."""
    uow.pouches.retire(asset, reason, now=now)
    facts: dict[str, JsonValue] = {**by, "reason": reason.value, "retired_at": format_at(now)}
    _append(uow, EntryKind.POUCH_RETIRED, asset, facts)


def check_usable(
    uow: UnitOfWork, known: Mapping[str, Pouch], assets: Collection[str], *, office: UnitId, field: str
) -> None:
    """Raise InvalidInput with every pouch that this office cannot pack or send now, and who has it."""
    travelling = uow.pouches.list_travelling(assets)
    wrong: list[tuple[str, ProblemCode, UnitId | None]] = []
    for asset in assets:
        pouch = known.get(asset)
        if pouch is None:
            wrong.append((asset, ProblemCode.POUCH_UNKNOWN, None))
            continue
        code = rules.find_problem(pouch, office, in_use=asset in travelling)
        if code is not None:
            wrong.append((asset, code, travelling.get(asset, pouch.holder)))
    if wrong:
        raise InvalidInput.all_of(_problems(uow, wrong, field=field))


def take_up(uow: UnitOfWork, asset: str, *, office: UnitId, by: UserId, now: datetime) -> bool:
    """Let an office begin a trip with a pouch; one nobody entered becomes the office's with it."""
    known = uow.pouches.lock((asset,))
    new = asset not in known and uow.pouches.add((asset,), office, by=by, now=now)
    if not known:
        # Another office may have been faster: what it wrote is judged like everything else.
        known = uow.pouches.lock((asset,))
    check_usable(uow, known, (asset,), office=office, field="asset")
    return new


def _lock(uow: UnitOfWork, untrusted_pouch: str, actor: Actor) -> Pouch:
    """Lock a pouch that this person may write off; whoever may not learns nothing of it."""
    require(actor, Permission.RETIRE_POUCH)
    asset = untrusted_pouch[:32]
    pouch = uow.pouches.lock((asset,)).get(asset)
    if pouch is None or not rules.may_retire(pouch, actor):
        raise NotFound
    return pouch


def _in_use(uow: UnitOfWork, pouch: Pouch) -> bool:
    return bool(uow.pouches.list_travelling((pouch.asset,)))


def _read_reason(untrusted: str) -> RetireReason:
    if untrusted not in set(RetireReason):
        raise InvalidInput("reason", ProblemCode.NOT_A_CHOICE)
    return RetireReason(untrusted)


def _raise_known(uow: UnitOfWork, taken: Collection[Pouch], *, field: str) -> None:
    wrong: list[tuple[str, ProblemCode, UnitId | None]] = [
        (
            one.asset,
            ProblemCode.POUCH_RETIRED if one.state is PouchState.RETIRED else ProblemCode.POUCH_KNOWN,
            one.owner,
        )
        for one in taken
    ]
    if wrong:
        raise InvalidInput.all_of(_problems(uow, wrong, field=field))


def _problems(
    uow: UnitOfWork, wrong: Collection[tuple[str, ProblemCode, UnitId | None]], *, field: str
) -> list[Problem]:
    units = uow.units.list_by_ids({unit for _, _, unit in wrong if unit is not None})
    return [
        Problem(
            field=field,
            code=code,
            params={"value": asset, "holder": units[unit].name if unit is not None else ""},
        )
        for asset, code, unit in wrong
    ]


def _append(uow: UnitOfWork, kind: EntryKind, asset: str, facts: Mapping[str, JsonValue]) -> None:
    uow.audit.append(EntryDraft(kind=kind, facts={**facts, "pouch": asset}))
