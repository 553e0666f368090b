"""Close sections again as the log says, reopen them, and say again that nobody was back in time.

Incidents come back by their own entries, which stand before these. That the seal was read so is what the
entry says. Nothing here may settle what the entry leaves open.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from app.domain.bag import contents_digest
from app.domain.register import register_year
from app.domain.seal_stock import Issue, SealNumber, read_number
from app.domain.section import PREFIX, Closing, SafeSeal, SectionReason
from app.services.recovery.facts import Said, draft_of, get_person, get_unit
from app.services.recovery.incidents import lock_numbered
from app.services.shifts import sections
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.kinds import EntryKind

KINDS: Final = frozenset({EntryKind.SECTION_CLOSED, EntryKind.SECTION_REOPENED, EntryKind.SECTION_OVERDUE})


def act_again(uow: UnitOfWork, entry: Entry) -> None:
    """Do again what an entry of these kinds says was done."""
    said = Said(entry=entry)
    if entry.kind is EntryKind.SECTION_CLOSED:
        _close(uow, said)
        return
    closing = uow.sections.lock(said.text("closing"))
    if closing is None or closing.reopened_at is not None:
        raise said.differs("is of a section that the database does not know as closed")
    if entry.kind is EntryKind.SECTION_REOPENED:
        after = replace(
            closing,
            reopened_by=get_person(uow, said, said.actor()).id,
            reopened_at=_moment(said, "reopened_at"),
            seal_state=SafeSeal(said.text("seal_state")),
            found=lock_numbered(uow, said).id if "incident" in entry.facts else None,
        )
    else:
        incident = lock_numbered(uow, said).id
        after = replace(closing, raised_at=_moment(said, "raised_at"), incident=incident)
    uow.sections.save(after)
    uow.audit.append(draft_of(entry))


def _close(uow: UnitOfWork, said: Said) -> None:
    """Close with the same number and the same list; raises NotInTheLog where they would be others."""
    facts, unit = said.entry.facts, get_unit(uow, said, said.text("unit"))
    closed_at = _moment(said, "closed_at")
    year = register_year(closed_at)
    code = f"{PREFIX}{unit.code}-{year}-{uow.sections.next_number(unit.id, year)}"
    held = sections.in_hand(uow, unit.id)
    if (code, contents_digest(held)) != (said.text("closing"), said.text("digest")):
        raise said.differs("closed another section, or with another list, than the database would")
    closing = Closing(
        id=0,
        code=code,
        unit=unit.id,
        reason=SectionReason(said.text("reason")),
        note=said.text("note") if "note" in facts else "",
        instead=get_unit(uow, said, said.text("instead")).id if "instead" in facts else None,
        closed_by=get_person(uow, said, said.actor()).id,
        closed_at=closed_at,
        expected_at=_moment(said, "expected"),
        safe=said.number("access_key") if "access_key" in facts else None,
        seal=said.text("seal") if "seal" in facts else "",
        things=said.number("things"),
    )
    sections.record(uow, closing, held=held, spent=_seal(uow, said, closing))


def _seal(uow: UnitOfWork, said: Said, closing: Closing) -> tuple[SealNumber, Issue] | None:
    if not closing.seal:
        return None
    seal = read_number(closing.seal)
    issue = uow.seals.find_issue(seal)
    if seal is None or issue is None or uow.seals.is_gone(seal.key):
        raise said.differs("seals a safe with a number that is not in the database, or was used before")
    return seal, issue


def _moment(said: Said, name: str) -> datetime:
    found = said.moment(name)
    if found is None:
        raise said.differs(f"does not state {name}")
    return found
