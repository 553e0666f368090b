"""Declares entries wrong: one person says so, another confirms or refuses; the entry itself stays as it is.

An error is declared by whoever may see the entry and belongs to the office that made it, or by an auditor; an
auditor who did neither decides. What people write is sealed and committed to. Which entries can be declared
wrong is :mod:`app.domain.correction`'s; nothing here ever changes who answers for anything.

For the surfaces (raise NotPermitted, NotFound, InvalidInput, Conflict):
    declare(uow, DeclareError, *, actor, now, tools) -> Correction
    decide(uow, DecideCorrection, *, actor, now) -> Correction
    list_corrections(uow, *, actor, tools, is_open) -> tuple[ShownCorrection, ...]     auditors
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain import correction as rules
from app.domain.access import Actor, Permission, Role
from app.domain.correction import Correction, CorrectionOutcome, CorrectionReason
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, Problem, ProblemCode
from app.domain.ids import UserId
from app.domain.text import parse_text
from app.services.items.sealed_texts import OpenedText, open_sealed
from app.services.log.audit_trail import get_entry
from app.services.people.permissions import require
from app.services.tools import Tools
from app.storage.records import User
from app.storage.uow import UnitOfWork
from audit.entry import Entry, EntryDraft, ItemLine, Outcome, parse_entry
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.commitment import commit, pack_opening

LONGEST_TEXT = 1_000
MOST_CORRECTIVE = 10
LABEL = "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareError:
    """An untrusted form: the wrong entry, why it is wrong, entries that say it right, what is right."""

    entry: int
    untrusted_reason: str
    untrusted_corrective: str
    untrusted_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideCorrection:
    """The second person's word."""

    correction: int
    confirm: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCorrection:
    """A correction with its text opened and its people."""

    correction: Correction
    text: OpenedText
    users: Mapping[UserId, User]


def declare(
    uow: UnitOfWork, command: DeclareError, *, actor: Actor, now: datetime, tools: Tools
) -> Correction:
    """Say that an entry is wrong; a second person decides whether that stands."""
    require(actor, Permission.DECLARE_ERROR)
    view = get_entry(uow, command.entry, actor=actor, now=now, tools=tools)
    wrong = view.event.entry
    if wrong is None:
        raise Conflict(ConflictCode.NOT_CORRECTABLE)
    recorded_by = _recorder(uow, wrong, actor)
    reason, corrective, text = _parse(uow, command, wrong)
    rules.check_correctable(view.event.kind, reason)
    if uow.corrections.find_standing(command.entry) is not None:
        raise Conflict(ConflictCode.CORRECTION_STANDS)
    commitment = commit(LABEL, text)
    declared = Correction(
        id=0,
        entry=command.entry,
        leaf=view.event.hash_hex,
        kind=wrong.kind,
        reason=reason,
        corrective=corrective,
        recorded_by=recorded_by,
        declared_by=actor.user,
        declared_at=now,
        commitment=commitment.digest,
    )
    sealed = tools.vault.seal(pack_opening(commitment, text), context=text_context(command.entry))
    stored = replace(declared, id=uow.corrections.add(declared, sealed=sealed))
    _append(uow, EntryKind.CORRECTION_PROPOSED, stored, wrong, actor=actor, facts={})
    return stored


def decide(uow: UnitOfWork, command: DecideCorrection, *, actor: Actor, now: datetime) -> Correction:
    """Confirm that an entry is wrong, or refuse to; either is written once, and into the log."""
    require(actor, Permission.DECIDE_CORRECTION)
    found = uow.corrections.lock(command.correction)
    row = None if found is None else uow.audit.find(found.entry)
    if found is None or row is None:
        raise NotFound
    rules.check_decidable(found, actor)
    outcome = CorrectionOutcome.CONFIRMED if command.confirm else CorrectionOutcome.REFUSED
    uow.corrections.decide(found.id, outcome, by=actor.user, now=now)
    kind = EntryKind.ERROR_DECLARED if command.confirm else EntryKind.CORRECTION_REFUSED
    wrong = parse_entry(row.data)
    _append(uow, kind, found, wrong, actor=actor, facts={"declarer": int(found.declared_by)})
    return replace(found, outcome=outcome, decided_by=actor.user, decided_at=now)


def list_corrections(
    uow: UnitOfWork, *, actor: Actor, tools: Tools, is_open: bool
) -> tuple[ShownCorrection, ...]:
    """Return what waits, oldest first, or what was decided last."""
    require(actor, Permission.DECIDE_CORRECTION)
    found = uow.corrections.list_latest(is_open=is_open)
    people = {user for one in found for user in (one.declared_by, one.recorded_by, one.decided_by) if user}
    users = uow.users.list_by_ids(people) if people else {}
    return tuple(
        ShownCorrection(
            correction=one,
            text=open_sealed(
                uow.corrections.get_sealed(one.id), tools.vault, context=text_context(one.entry)
            ),
            users=users,
        )
        for one in found
    )


def text_context(entry: int) -> str:
    """Return what binds a sealed text to its place."""
    return f"correction/{entry}"


def _recorder(uow: UnitOfWork, wrong: Entry, actor: Actor) -> UserId:
    """Return who made the entry; an office declares its own errors, an auditor anybody's."""
    fact = wrong.facts.get("actor")
    person = uow.users.find(UserId(fact)) if isinstance(fact, int) else None
    if person is None or (actor.role is not Role.AUDITOR and person.unit_id != actor.unit):
        raise NotFound
    return person.id


def _parse(
    uow: UnitOfWork, command: DeclareError, wrong: Entry
) -> tuple[CorrectionReason, tuple[int, ...], str]:
    problems: list[Problem] = []
    reason = next((one for one in CorrectionReason if one.value == command.untrusted_reason), None)
    if reason is None:
        problems.append(Problem(field="reason", code=ProblemCode.NOT_A_CHOICE))
    corrective = _parse_corrective(uow, command.untrusted_corrective, wrong)
    if corrective is None:
        problems.append(Problem(field="corrective", code=ProblemCode.NOT_A_NUMBER))
    text = ""
    try:
        text = parse_text(command.untrusted_text, field="text", longest=LONGEST_TEXT, required=True)
    except InvalidInput as error:
        problems += error.problems
    if problems or reason is None or corrective is None:
        raise InvalidInput.all_of(problems)
    return reason, corrective, text


def _parse_corrective(uow: UnitOfWork, untrusted: str, wrong: Entry) -> tuple[int, ...] | None:
    """Read the numbers of later entries about the same item; None where one is not."""
    parts = untrusted.replace(",", " ").split()
    if len(parts) > MOST_CORRECTIVE or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    numbers = tuple(sorted({int(part) for part in parts if len(part) < 16}))
    codes = {item.code for item in wrong.items}
    later = [
        number for number in numbers if number > wrong.index and codes & set(uow.audit.list_codes(number))
    ]
    return numbers if len(later) == len(numbers) == len(set(parts)) else None


def _append(
    uow: UnitOfWork,
    kind: EntryKind,
    correction: Correction,
    wrong: Entry,
    *,
    actor: Actor,
    facts: Mapping[str, JsonValue],
) -> None:
    """Append an entry that names the wrong one, on the chain of everything that one names."""
    codes = dict.fromkeys(item.code for item in wrong.items)
    known = [code for code in codes if uow.consignments.lock(code) or uow.bags.lock(code)]
    said: dict[str, JsonValue] = {
        "actor": int(actor.user),
        "entry": correction.entry,
        "leaf": correction.leaf,
        "reason": correction.reason.value,
        **facts,
    }
    if correction.corrective:
        said["corrective"] = ",".join(map(str, correction.corrective))
    uow.audit.append(
        EntryDraft(
            kind=kind,
            facts=said,
            items=tuple(ItemLine(code=code, outcome=Outcome.ACCEPTED) for code in known),
            commitments={LABEL: correction.commitment},
        )
    )
