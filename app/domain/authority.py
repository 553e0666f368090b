"""Rule on papers of authority: the courier's card, and the letter of introduction of an agency.

A card (thẻ giao liên) says that a person of the post carries KT1; a letter (giấy giới thiệu) that a person
acts for their agency away from its own door. Each has a number, a holder, the unit it speaks for, and dates;
either may be revoked. A receiving focal point at the own door needs neither: the unit's mandates say who
receives there (:mod:`app.domain.mandate`). Nothing here may look anything up or read a clock.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from app.domain.access import POST, Actor, Role
from app.domain.errors import Conflict, ConflictCode, NotFound, Problem, ProblemCode
from app.domain.grades import Secrecy
from app.domain.ids import UnitId, UserId
from app.domain.validity import Validity, period_problems, validity_of

# A paper that ends within so many days is shown as one to renew.
SOON: Final = timedelta(days=30)
_NUMBER = re.compile(r"[0-9A-ZĐ][0-9A-ZĐ./\-]{0,31}")


class AuthorityKind(StrEnum):
    """Which paper it is."""

    COURIER_CARD = "courier_card"
    LETTER = "letter"


class RevocationReason(StrEnum):
    """Why a paper was taken back before its time."""

    LOST = "lost"
    HOLDER_LEFT = "holder_left"
    MISUSED = "misused"
    REPLACED = "replaced"
    ISSUED_WRONGLY = "issued_wrongly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """One paper; `unit` is the one it speaks for, and it speaks only while the holder is of that unit.

    `up_to` is the highest outer mark it speaks for, None for every mark.
    """

    id: int
    number: str
    kind: AuthorityKind
    unit: UnitId
    holder: UserId
    valid_from_at: datetime
    valid_until_at: datetime
    issued_by: UserId
    issued_at: datetime
    up_to: Secrecy | None = None
    revoked_by: UserId | None = None
    revoked_at: datetime | None = None
    revoked_for: RevocationReason | None = None

    def state(self, now: datetime) -> Validity:
        """Tell how it stands; the last moment no longer counts."""
        return validity_of(self.valid_from_at, self.valid_until_at, revoked_at=self.revoked_at, now=now)

    def covers(self, mark: Secrecy) -> bool:
        """Whether it speaks for what bears this outer mark."""
        return self.up_to is None or mark.rank <= self.up_to.rank

    def ends_soon(self, now: datetime) -> bool:
        """Whether it is valid and has to be renewed within `SOON`."""
        return self.state(now) is Validity.VALID and self.valid_until_at - now <= SOON


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """What the papers on file say of one person: the one that counts, and how it stands; None without any."""

    standing: Validity | None = None
    paper: Authority | None = None

    def covers(self, mark: Secrecy) -> bool:
        """Whether the paper, if there is one, speaks for what bears this outer mark."""
        return self.paper is None or self.paper.covers(mark)


UNBACKED: Final = Backing()


def kind_of(role: Role) -> AuthorityKind:
    """Return the paper that people of this role carry."""
    return AuthorityKind.COURIER_CARD if role in POST else AuthorityKind.LETTER


def issued_kind(role: Role) -> AuthorityKind | None:
    """Return the paper that people of this role issue: administrators cards, focal points letters."""
    match role:
        case Role.ADMINISTRATOR:
            return AuthorityKind.COURIER_CARD
        case Role.FOCAL_POINT:
            return AuthorityKind.LETTER
        case Role.COURIER | Role.CLERK | Role.AUDITOR | Role.MINISTRY_READER:
            return None
        case _:
            assert_never(role)


def backing_of(papers: Iterable[Authority], actor: Actor, *, now: datetime) -> Backing:
    """Sum up a person's papers: a valid one is enough, of several the one for the highest mark.

    Of those the one that ends last; without a valid one the latest counts.
    A paper of another kind, of another person or of a unit that the person has left says nothing.
    """
    own = [
        one
        for one in papers
        if one.holder == actor.user and one.unit == actor.unit and one.kind is kind_of(actor.role)
    ]
    if not own:
        return UNBACKED
    valid = [one for one in own if one.state(now) is Validity.VALID]
    if valid:
        best = max(valid, key=lambda one: (_reach(one), one.valid_until_at, one.id))
    else:
        best = max(own, key=lambda one: (one.issued_at, one.id))
    return Backing(standing=best.state(now), paper=best)


def _reach(paper: Authority) -> int:
    return Secrecy.A.rank if paper.up_to is None else paper.up_to.rank


def parse_number(untrusted: str) -> str | None:
    """Read the number that is printed on a paper, None for what cannot be one."""
    text = untrusted.strip().upper()
    return text if _NUMBER.fullmatch(text) else None


def issue_problems(
    paper: Authority, *, issuer: Actor, holder: Actor | None, now: datetime
) -> tuple[Problem, ...]:
    """List what is wrong with a new paper; `holder` is None for nobody or for a closed account.

    A card goes to people of the post of any unit, a letter to people of the issuer's own agency.
    """
    problems: list[Problem] = []
    if paper.kind is AuthorityKind.COURIER_CARD:
        fits = holder is not None and holder.role in POST
    else:
        fits = holder is not None and holder.unit == issuer.unit and holder.role is Role.FOCAL_POINT
    if not fits:
        problems.append(Problem(field="holder", code=ProblemCode.UNKNOWN_USER))
    problems += period_problems(paper.valid_from_at, paper.valid_until_at, now=now)
    return tuple(problems)


def check_revocable(paper: Authority, *, actor: Actor) -> None:
    """Allow a revocation by whoever may issue such a paper; raises NotFound, Conflict for what is revoked."""
    own = paper.kind is not AuthorityKind.LETTER or paper.unit == actor.unit
    if issued_kind(actor.role) is not paper.kind or not own:
        raise NotFound
    if paper.revoked_at is not None:
        raise Conflict(ConflictCode.AUTHORITY_REVOKED)
