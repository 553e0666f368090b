"""The counter of a post office in the town: what an agency's person brings, and agrees to."""

from collections.abc import Sequence
from dataclasses import replace

from app.domain.ids import UserId
from app.services.scans.handing_in import list_digest
from audit.evidence import Giver, Take, TakeLine
from tests.support.town import Town


def bring(
    town: Town,
    clerk: str,
    giver: str,
    lines: Sequence[TakeLine],
    *,
    unit: str | None = None,
    place: str | None = None,
    witness: str | None = None,
) -> Take:
    """Word what a clerk takes from an agency's person at the counter, without anything proved yet."""
    named = Giver(unit=unit or town.people[giver].unit, user=int(town.people[giver].actor.user))
    take = town.take(clerk, "", lines, place=place or town.people[clerk].unit, witness=witness)
    return replace(take, giver=named)


def agree(town: Town, clerk: str, take: Take) -> None:
    """Keep the ticket that a giver gets who has typed their password at the clerk's station."""
    assert take.giver is not None
    actor, named, now = town.people[clerk].actor.user, UserId(take.giver.user), town.clock()
    digest = list_digest(take.giver.unit, ((line.code, line.verdict.value) for line in take.lines))
    assert town.do(
        lambda uow: uow.witness_tickets.add(take.nonce, digest, actor=actor, witness=named, now=now)
    )
