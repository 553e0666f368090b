"""Put seals back as stock: ranges issued to offices, and numbers that will never be used.

Whose stock a number is decides whether a bag may be closed with it: closings later in the gap are ruled on by
what is put back here. Nothing here may spend a number: only the bag's own act does.
"""

from app.domain.seal_stock import VoidReason, check_free, parse_range, read_number
from app.services.recovery.facts import Said, draft_of, get_unit
from app.storage.uow import UnitOfWork
from audit.entry import Entry


def issue_seals(uow: UnitOfWork, entry: Entry) -> None:
    """Give a range to its office again; raises NotInTheLog, InvalidInput for numbers that somebody has."""
    said = Said(entry=entry)
    office = get_unit(uow, said, said.text("unit"))
    again = parse_range(said.text("first"), said.text("last"))
    if again.count != said.number("count"):
        raise said.differs("counts another number of seals than its range has")
    uow.seals.lock_form(again)
    check_free(again, uow.seals.list_ranges(again))
    uow.seals.issue(office.id, again, issued_by=said.actor(), now=entry.at)
    uow.audit.append(draft_of(entry))


def void_seal(uow: UnitOfWork, entry: Entry) -> None:
    """Void a number again; raises NotInTheLog for one that nobody was issued or that is gone already."""
    said = Said(entry=entry)
    seal = read_number(said.text("seal"))
    found = uow.seals.find_issue(seal)
    if seal is None or found is None:
        raise said.differs("is of a seal that the database does not know")
    if uow.seals.is_gone(seal.key):
        raise said.differs("is of a seal that was used or voided before")
    reason = VoidReason(said.text("reason"))
    uow.seals.void(seal, found, reason, voided_by=said.actor(), now=entry.at)
    uow.audit.append(draft_of(entry))
