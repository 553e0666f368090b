"""Close the section of a post office and open it again; say by itself when nobody is back in time.

A desk act of one clerk, like opening a shift: whoever goes away signs in, and whoever is back does. What the
clerks of the office still have is listed as it stands and lies in the safe under a seal of the office's
stock, whose number is read off the safe on return without being shown before. Custody does not move. Rules:
:mod:`app.domain.section`.

For the surfaces (raise NotPermitted, NotFound, InvalidInput, Conflict):
    close_section(uow, CloseSection, *, actor, now) -> Closing
    reopen_section(uow, ReopenSection, *, actor, now, tools) -> Closing
    raise_sections(uow, *, now, tools, limit) -> int          the installation's command; no person acts
Fields of the untrusted form: `reason`, `note`, `expected` (a time), `instead` (a unit's code), `access_key`
(the safe's number in the register of keys) and `seal`, both "" where nothing is left in hand.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain import section as rules
from app.domain.access import Actor, Permission, Role
from app.domain.access_key import AccessKeyKind
from app.domain.bag import contents_digest
from app.domain.errors import InvalidInput, NotFound, ProblemCode
from app.domain.ids import UnitId, UserId
from app.domain.incident import MOST_ITEMS, IncidentKind
from app.domain.register import register_year
from app.domain.seal import LONGEST_SEAL
from app.domain.seal_stock import Issue, SealNumber, read_number
from app.domain.section import LONGEST_NOTE, PREFIX, Closing, Left, SafeSeal, SectionReason
from app.services.fields import Fields
from app.services.incidents.incidents import Found, open_by_machine
from app.services.people.permissions import require
from app.services.people.units import UnitKind, find_open_unit
from app.services.shifts.blind import is_counting
from app.services.shifts.in_hand import freeze_in_hand
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.timestamps import format_at

AT_ONCE = 20
_FIELDS = frozenset({"reason", "note", "expected", "instead", "access_key", "seal"})
_LONGEST_CODE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSection:
    """An untrusted form; see the module."""

    untrusted: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenSection:
    """Which closing, and what is read off the safe's seal, untrusted."""

    untrusted_closing: str
    untrusted_seal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The form as it was read; `spent` is the seal with the issue it is of, None without a safe."""

    reason: SectionReason
    note: str
    expected_at: datetime
    instead: UnitId | None
    safe: int | None
    spent: tuple[SealNumber, Issue] | None


def close_section(uow: UnitOfWork, command: CloseSection, *, actor: Actor, now: datetime) -> Closing:
    """Close the section of the actor's office."""
    require(actor, Permission.KEEP_SECTION)
    asked = _read(uow, command, actor=actor, now=now)
    # Drawing locks the office's series, so that two clerks cannot close at once.
    number = uow.sections.next_number(actor.unit, year := register_year(now))
    left = _left(uow, actor)
    rules.check_closing(
        asked.reason,
        left,
        standing=uow.sections.find_standing(actor.unit),
        secured=asked.safe is not None and asked.spent is not None,
    )
    closing = Closing(
        id=0,
        code=f"{PREFIX}{uow.units.get(actor.unit).code}-{year}-{number}",
        unit=actor.unit,
        reason=asked.reason,
        note=asked.note,
        instead=asked.instead,
        closed_by=actor.user,
        closed_at=now,
        expected_at=asked.expected_at,
        safe=asked.safe,
        seal="" if asked.spent is None else asked.spent[0].key,
        things=len(left.held),
    )
    return record(uow, closing, held=left.held, spent=asked.spent)


def record(
    uow: UnitOfWork, closing: Closing, *, held: Collection[str], spent: tuple[SealNumber, Issue] | None
) -> Closing:
    """Write a closing that was decided, and its entry."""
    stored = uow.sections.add(closing, lines=held)
    if spent is not None and not uow.sections.spend_seal(*spent, stored):
        raise InvalidInput("seal", ProblemCode.SEAL_GONE)
    facts: dict[str, JsonValue] = {
        "actor": int(stored.closed_by),
        "closing": stored.code,
        "unit": uow.units.get(stored.unit).code,
        "reason": stored.reason.value,
        "expected": format_at(stored.expected_at),
        "things": stored.things,
        "digest": contents_digest(held),
        "closed_at": format_at(stored.closed_at),
    }
    if stored.note:
        facts["note"] = stored.note
    if stored.instead is not None:
        facts["instead"] = uow.units.get(stored.instead).code
    if stored.safe is not None:
        facts |= {"access_key": stored.safe, "seal": stored.seal}
    uow.audit.append(EntryDraft(kind=EntryKind.SECTION_CLOSED, facts=facts))
    return stored


def reopen_section(
    uow: UnitOfWork, command: ReopenSection, *, actor: Actor, now: datetime, tools: Tools
) -> Closing:
    """Open the section again; a seal that differs opens it too, with an incident about all that lay there."""
    require(actor, Permission.KEEP_SECTION)
    closing = uow.sections.lock(command.untrusted_closing[:_LONGEST_CODE])
    if closing is None:
        raise NotFound
    rules.check_keeper(closing, actor)
    fields = Fields(untrusted={"seal": command.untrusted_seal})
    read = fields.line("seal", longest=LONGEST_SEAL, required=bool(closing.seal))
    fields.raise_problems()
    state = rules.compare_seal(closing, read)
    found = None
    if state is SafeSeal.DIFFERS:
        codes = tuple(sorted(uow.sections.list_lines(closing))[:MOST_ITEMS])
        wrong = Found(kind=IncidentKind.SEAL_BROKEN, codes=codes)
        found = open_by_machine(uow, wrong, unit=closing.unit, now=now, tools=tools)
    facts: dict[str, JsonValue] = {
        "actor": int(actor.user),
        "closing": closing.code,
        "seal_state": state.value,
        "reopened_at": format_at(now),
    }
    if found is not None:
        facts["incident"] = str(found.number)
    uow.audit.append(EntryDraft(kind=EntryKind.SECTION_REOPENED, facts=facts))
    identity = None if found is None else found.id
    after = rules.reopen(closing, by=actor.user, now=now, seal_state=state, found=identity)
    uow.sections.save(after)
    return after


def raise_sections(uow: UnitOfWork, *, now: datetime, tools: Tools, limit: int = AT_ONCE) -> int:
    """Open an incident for each section whose promised return is long past; returns how many."""
    done = 0
    for found in uow.sections.list_late(before=now, limit=limit):
        closing = uow.sections.lock(found.code)
        if closing is None or not rules.is_raised(closing, now=now):
            continue
        codes = tuple(sorted(uow.sections.list_lines(closing))[:MOST_ITEMS])
        wrong = Found(kind=IncidentKind.CLOSED_OFFICE, codes=codes)
        incident = open_by_machine(uow, wrong, unit=closing.unit, now=now, tools=tools)
        facts: dict[str, JsonValue] = {
            "closing": closing.code,
            "incident": str(incident.number),
            "raised_at": format_at(now),
        }
        uow.audit.append(EntryDraft(kind=EntryKind.SECTION_OVERDUE, facts=facts))
        uow.sections.save(replace(closing, raised_at=now, incident=incident.id))
        done += 1
    return done


def keepers(uow: UnitOfWork, unit: UnitId) -> tuple[UserId, ...]:
    """Return the clerks of an office, closed accounts too: what they had is still there."""
    return tuple(user.id for user in uow.users.list(unit=unit, role=Role.CLERK))


def in_hand(uow: UnitOfWork, unit: UnitId) -> frozenset[str]:
    """Return what the clerks of an office must be able to show."""
    return uow.shifts.list_in_hand(*keepers(uow, unit))


def _left(uow: UnitOfWork, actor: Actor) -> Left:
    people = keepers(uow, actor.unit)
    held = freeze_in_hand(uow, *people)
    return Left(
        held=held,
        offered=uow.sections.list_offered(held),
        shift_open=any(uow.shifts.find_open(user) is not None for user in people),
        counting=is_counting(uow, actor),
    )


def _read(uow: UnitOfWork, command: CloseSection, *, actor: Actor, now: datetime) -> _Asked:
    fields = Fields(untrusted=command.untrusted)
    fields.refuse_unknown(_FIELDS)
    reason = _read_reason(fields)
    note = fields.line("note", longest=LONGEST_NOTE, required=reason is SectionReason.OTHER)
    expected = fields.moment("expected")
    if not command.untrusted.get("expected", "").strip():
        fields.refuse("expected", ProblemCode.REQUIRED)
    elif expected is not None and not rules.is_return(expected, now=now):
        past = expected <= now
        fields.refuse("expected", ProblemCode.NOT_IN_FUTURE if past else ProblemCode.OUT_OF_RANGE)
    instead = _read_instead(uow, fields, actor)
    safe, spent = _read_safe(uow, fields, actor), _read_seal(uow, fields, office=actor.unit)
    if (safe is None) != (spent is None) and not fields.problems:
        fields.refuse("access_key" if safe is None else "seal", ProblemCode.REQUIRED)
    fields.raise_problems()
    return _Asked(
        reason=reason, note=note, expected_at=expected or now, instead=instead, safe=safe, spent=spent
    )


def _read_reason(fields: Fields) -> SectionReason:
    try:
        return SectionReason(fields.untrusted.get("reason", ""))
    except ValueError:
        missing = not fields.untrusted.get("reason")
        fields.refuse("reason", ProblemCode.REQUIRED if missing else ProblemCode.NOT_A_CHOICE)
        return SectionReason.BREAK


def _read_instead(uow: UnitOfWork, fields: Fields, actor: Actor) -> UnitId | None:
    """Read where to go meanwhile: another post office, whose own counter is open."""
    text = fields.untrusted.get("instead", "")[:_LONGEST_CODE].strip()
    if not text:
        return None
    found = find_open_unit(uow, text)
    unit = None if found is None else uow.units.get(found)
    if unit is None or unit.kind != UnitKind.POINT:
        fields.refuse("instead", ProblemCode.UNKNOWN_UNIT)
    elif unit.id == actor.unit:
        fields.refuse("instead", ProblemCode.SAME_UNIT)
    elif uow.sections.find_standing(unit.id) is not None:
        fields.refuse("instead", ProblemCode.SECTION_CLOSED_TOO)
    return found


def _read_safe(uow: UnitOfWork, fields: Fields, actor: Actor) -> int | None:
    """Read which safe: one of the office's register of keys, in use, that is opened in daily work."""
    if not fields.untrusted.get("access_key", "").strip():
        return None
    key = uow.access_keys.find(fields.count("access_key"))
    if key is None or key.unit != actor.unit or key.retired_at is not None:
        fields.refuse("access_key", ProblemCode.NOT_A_CHOICE)
        return None
    if key.kind is AccessKeyKind.OVERRIDE:
        fields.refuse("access_key", ProblemCode.NOT_A_CHOICE)
        return None
    return key.id


def _read_seal(uow: UnitOfWork, fields: Fields, *, office: UnitId) -> tuple[SealNumber, Issue] | None:
    """Read the seal on the safe's door: one of the office's stock that was never used."""
    text = fields.line("seal", longest=LONGEST_SEAL)
    if not text:
        return None
    seal = read_number(text)
    found = uow.seals.find_issue(seal)
    if seal is None or found is None or found.unit != office:
        fields.refuse("seal", ProblemCode.NOT_IN_STOCK)
        return None
    if uow.seals.is_gone(seal.key):
        fields.refuse("seal", ProblemCode.SEAL_GONE)
        return None
    return seal, found
