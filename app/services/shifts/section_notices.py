"""Say of a closed section what whoever comes to it must know: why, since when, until when, where to go.

The same words stand on the notice at the counter, at the scan station and in the answer to a refused scan.
Nothing of what lies in the safe is told here. Reads only.

For the surfaces (raise NotPermitted):
    find_own(uow, *, actor) -> SectionNotice | None                  of the actor's own office
    list_standing(uow, *, actor) -> tuple[SectionNotice, ...]        what is closed now
For other use cases:
    find_for_scan(uow, place, results) -> SectionNotice | None       only where a line was refused for it
    notices_of(uow, closings) -> tuple[SectionNotice, ...]
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.domain.access import Actor, Permission
from app.domain.decision import Refusal
from app.domain.section import Closing
from app.services.people.permissions import require
from app.storage.records import Unit
from app.storage.uow import UnitOfWork


class _Answered(Protocol):
    @property
    def refusal(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionNotice:
    """One closed section in the words of its notice; `instead` is where to go, None where nobody says."""

    closing: Closing
    unit: Unit
    instead: Unit | None


def find_own(uow: UnitOfWork, *, actor: Actor) -> SectionNotice | None:
    """Return the notice of the actor's own office, None while its section is open."""
    require(actor, Permission.VIEW_SECTION)
    closing = uow.sections.find_standing(actor.unit)
    return None if closing is None else notices_of(uow, (closing,))[0]


def list_standing(uow: UnitOfWork, *, actor: Actor) -> tuple[SectionNotice, ...]:
    """Return every section that stands closed, the first to come back first."""
    require(actor, Permission.VIEW_SECTION)
    return notices_of(uow, uow.sections.list_standing())


def find_for_scan(uow: UnitOfWork, place: str, results: Iterable[_Answered]) -> SectionNotice | None:
    """Return the notice of the section for which lines of a scan were refused: one question for all."""
    if not any(one.refusal == Refusal.SECTION_CLOSED for one in results):
        return None
    unit = uow.units.find_by_code(place)
    closing = None if unit is None else uow.sections.find_standing(unit.id)
    return None if closing is None else notices_of(uow, (closing,))[0]


def notices_of(uow: UnitOfWork, closings: Sequence[Closing]) -> tuple[SectionNotice, ...]:
    """Name the offices of these closings."""
    named = {one.unit for one in closings} | {one.instead for one in closings if one.instead is not None}
    units = uow.units.list_by_ids(named) if named else {}
    return tuple(
        SectionNotice(
            closing=one,
            unit=units[one.unit],
            instead=None if one.instead is None else units[one.instead],
        )
        for one in closings
    )
