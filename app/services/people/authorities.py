"""Issues courier cards and letters of introduction, takes them back, and says how a person's paper stands.

Administrators issue cards to people of the post, focal points letters to people of their own agency. Each is
an entry with its number and dates; the holder stands there by number, never by name.

For the surfaces (raise NotPermitted, NotFound, InvalidInput, Conflict):
    issue(uow, IssueAuthority, *, actor, now) -> int
    revoke(uow, RevokeAuthority, *, actor, now) -> None
    list_papers(uow, *, actor, now, before) -> PaperPage      within what the reader is responsible for
    get_paper(uow, identity, *, actor, now) -> ShownPaper     for print
    list_holders(uow, *, actor) -> tuple[User, ...]           to whom the actor may issue
For other use cases:
    backings(uow, people, *, now) -> dict[UserId, Backing]    one question for all of them
Fields of the untrusted form: `holder` (number of the account), `number`, `up_to` (the highest outer mark;
empty: every one), `valid_from`, `valid_until`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain import authority as rules
from app.domain.access import POST, Actor, Permission, Role
from app.domain.authority import (
    SOON,
    UNBACKED,
    Authority,
    AuthorityKind,
    Backing,
    RevocationReason,
    backing_of,
    parse_number,
)
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, ProblemCode
from app.domain.grades import Secrecy
from app.domain.ids import UnitId, UserId
from app.domain.validity import Validity
from app.services.fields import Fields
from app.services.people.permissions import require
from app.services.people.sessions import actor_of
from app.storage.errors import AlreadyThere
from app.storage.records import Unit, User
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.timestamps import format_at

PAGE = 50
MOST_ENDING = 50
FIELDS = frozenset({"holder", "number", "up_to", "valid_from", "valid_until"})


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueAuthority:
    """An untrusted form; see the module."""

    untrusted: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeAuthority:
    """Which paper, and why, untrusted."""

    authority: int
    untrusted_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPaper:
    """A paper with the names around it."""

    paper: Authority
    state: Validity
    ends_soon: bool
    holder: User
    unit: Unit
    issued_by: User
    may_revoke: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPage:
    """One page, newest first; `ending` are the valid ones that end soon, the first to end first."""

    rows: tuple[ShownPaper, ...]
    ending: tuple[ShownPaper, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """Whose papers somebody looks at: of a unit, of a person, of a kind; everything where all are None."""

    unit: UnitId | None = None
    holder: UserId | None = None
    kind: AuthorityKind | None = None


def issue(uow: UnitOfWork, command: IssueAuthority, *, actor: Actor, now: datetime) -> int:
    """Write a paper and its entry; raises Conflict for a number that the unit has used before."""
    require(actor, Permission.ISSUE_AUTHORITY)
    paper = _read(uow, command.untrusted, actor=actor, now=now)
    try:
        identity = uow.authorities.add(paper)
    except AlreadyThere:
        raise Conflict(ConflictCode.AUTHORITY_NUMBER_TAKEN) from None
    unit = uow.units.list_by_ids({paper.unit})[paper.unit]
    limit: dict[str, JsonValue] = {} if paper.up_to is None else {"up_to": paper.up_to.value}
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.AUTHORITY_ISSUED,
            facts={
                "actor": int(actor.user),
                "authority": identity,
                "number": paper.number,
                "authority_kind": paper.kind.value,
                "unit": unit.code,
                "holder": int(paper.holder),
                "valid_from": format_at(paper.valid_from_at),
                "valid_until": format_at(paper.valid_until_at),
                **limit,
            },
        )
    )
    return identity


def revoke(uow: UnitOfWork, command: RevokeAuthority, *, actor: Actor, now: datetime) -> None:
    """Take a paper back before its time."""
    require(actor, Permission.ISSUE_AUTHORITY)
    reason = next((one for one in RevocationReason if one.value == command.untrusted_reason), None)
    if reason is None:
        raise InvalidInput("reason", ProblemCode.NOT_A_CHOICE)
    paper = uow.authorities.find(command.authority)
    if paper is None:
        raise NotFound
    rules.check_revocable(paper, actor=actor)
    uow.authorities.revoke(replace(paper, revoked_by=actor.user, revoked_at=now, revoked_for=reason))
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.AUTHORITY_REVOKED,
            facts={"actor": int(actor.user), "authority": int(paper.id), "reason": reason.value},
        )
    )


def list_papers(uow: UnitOfWork, *, actor: Actor, now: datetime, before: int | None = None) -> PaperPage:
    """Return the papers this person answers for: all, the kind they issue, their unit's, or their own."""
    require(actor, Permission.VIEW_AUTHORITY)
    scope = _scope(actor)
    narrowed = {"unit": scope.unit, "holder": scope.holder, "kind": scope.kind}
    found = uow.authorities.list_page(**narrowed, before=before, limit=PAGE)  # type: ignore[arg-type]  # the scope's own types
    ending = uow.authorities.list_ending(
        since=now,
        until=now + SOON,
        unit=scope.unit,
        holder=scope.holder,
        kind=scope.kind,
        limit=MOST_ENDING,
    )
    shown = {one.paper.id: one for one in _shown(uow, (*found, *ending), actor, now)}
    return PaperPage(
        rows=tuple(shown[one.id] for one in found),
        ending=tuple(shown[one.id] for one in ending if shown[one.id].state is Validity.VALID),
        next_before=found[-1].id if len(found) == PAGE else None,
    )


def get_paper(uow: UnitOfWork, identity: int, *, actor: Actor, now: datetime) -> ShownPaper:
    """Return one paper to whoever may list it; raises NotFound."""
    require(actor, Permission.VIEW_AUTHORITY)
    paper, scope = uow.authorities.find(identity), _scope(actor)
    if paper is None:
        raise NotFound
    hidden = (
        scope.unit not in {None, paper.unit}
        or scope.holder not in {None, paper.holder}
        or scope.kind not in {None, paper.kind}
    )
    if hidden:
        raise NotFound
    return _shown(uow, (paper,), actor, now)[0]


def list_holders(uow: UnitOfWork, *, actor: Actor) -> tuple[User, ...]:
    """Return the active people to whom this person may issue."""
    require(actor, Permission.ISSUE_AUTHORITY)
    if rules.issued_kind(actor.role) is AuthorityKind.LETTER:
        people = uow.users.list(unit=actor.unit, role=Role.FOCAL_POINT)
    else:
        people = tuple(one for role in sorted(POST) for one in uow.users.list(role=role))
    return tuple(one for one in people if one.active)


def backings(uow: UnitOfWork, people: Collection[Actor], *, now: datetime) -> dict[UserId, Backing]:
    """Say of each of these people how their paper stands, in one question."""
    if not people:
        return {}
    papers: dict[UserId, list[Authority]] = {}
    for one in uow.authorities.list_of_people([person.user for person in people]):
        papers.setdefault(one.holder, []).append(one)
    return {person.user: backing_of(papers.get(person.user, ()), person, now=now) for person in people}


def find_backing(uow: UnitOfWork, person: Actor, *, now: datetime) -> Backing:
    """Say how one person's paper stands."""
    return backings(uow, (person,), now=now).get(person.user, UNBACKED)


def _scope(actor: Actor) -> _Scope:
    match actor.role:
        case Role.AUDITOR:
            return _Scope()
        case Role.ADMINISTRATOR:
            return _Scope(kind=AuthorityKind.COURIER_CARD)
        case Role.FOCAL_POINT | Role.CLERK:
            return _Scope(unit=actor.unit)
        case Role.COURIER | Role.MINISTRY_READER:
            return _Scope(unit=actor.unit, holder=actor.user)


def _shown(
    uow: UnitOfWork, papers: Iterable[Authority], actor: Actor, now: datetime
) -> tuple[ShownPaper, ...]:
    listed = tuple(papers)
    if not listed:
        return ()
    users = uow.users.list_by_ids({user for one in listed for user in (one.holder, one.issued_by)})
    units = uow.units.list_by_ids({one.unit for one in listed})
    return tuple(
        ShownPaper(
            paper=one,
            state=one.state(now),
            ends_soon=one.ends_soon(now),
            holder=users[one.holder],
            unit=units[one.unit],
            issued_by=users[one.issued_by],
            may_revoke=rules.issued_kind(actor.role) is one.kind
            and one.state(now) in {Validity.VALID, Validity.FUTURE},
        )
        for one in listed
    )


def _read_mark(fields: Fields, untrusted: str) -> Secrecy | None:
    """Read the highest mark a paper speaks for; only a mark limits anything."""
    found = next((mark for mark in Secrecy if mark.value == untrusted and mark is not Secrecy.NONE), None)
    if untrusted and found is None:
        fields.refuse("up_to", ProblemCode.NOT_A_CHOICE)
    return found


def _read(uow: UnitOfWork, untrusted: Mapping[str, str], *, actor: Actor, now: datetime) -> Authority:
    fields = Fields(untrusted=untrusted)
    fields.refuse_unknown(FIELDS)
    user = uow.users.find(UserId(fields.count("holder", default=0)))
    holder = actor_of(user) if user is not None and user.active else None
    written = untrusted.get("number", "")
    number = parse_number(written[:64])
    if number is None:
        fields.refuse("number", ProblemCode.MALFORMED if written.strip() else ProblemCode.REQUIRED)
    since, until = fields.moment("valid_from"), fields.moment("valid_until")
    if until is None and not untrusted.get("valid_until", "").strip():
        fields.refuse("valid_until", ProblemCode.REQUIRED)
    paper = Authority(
        id=0,
        number=number or "",
        kind=rules.issued_kind(actor.role) or AuthorityKind.LETTER,
        unit=actor.unit if holder is None else holder.unit,
        holder=UserId(0) if holder is None else holder.user,
        valid_from_at=since or now,
        valid_until_at=until or now,
        issued_by=actor.user,
        issued_at=now,
        up_to=_read_mark(fields, untrusted.get("up_to", "")),
    )
    named = {problem.field for problem in fields.problems}
    judged = rules.issue_problems(paper, issuer=actor, holder=holder, now=now)
    fields.problems.extend(problem for problem in judged if problem.field not in named)
    fields.raise_problems()
    return paper
