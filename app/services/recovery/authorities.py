"""Put cards and letters back under their own numbers: takes later in the gap are ruled on by them."""

from dataclasses import replace

from app.domain.authority import Authority, AuthorityKind, RevocationReason
from app.domain.grades import Secrecy
from app.domain.ids import UserId
from app.services.recovery.facts import Said, draft_of, get_person, get_unit
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.kinds import EntryKind

KINDS = frozenset({EntryKind.AUTHORITY_ISSUED, EntryKind.AUTHORITY_REVOKED})


def act_again(uow: UnitOfWork, entry: Entry) -> None:
    """Do again what an entry of these kinds says was done."""
    if entry.kind is EntryKind.AUTHORITY_ISSUED:
        _issue(uow, entry)
    else:
        _revoke(uow, entry)


def _issue(uow: UnitOfWork, entry: Entry) -> None:
    said = Said(entry=entry)
    holder = get_person(uow, said, UserId(said.number("holder")))
    since, until = said.moment("valid_from"), said.moment("valid_until")
    if since is None or until is None or uow.authorities.find(said.number("authority")) is not None:
        raise said.differs("issues a paper without dates, or one that is there already")
    uow.authorities.put_back(
        Authority(
            id=said.number("authority"),
            number=said.text("number"),
            kind=AuthorityKind(said.text("authority_kind")),
            unit=get_unit(uow, said, said.text("unit")).id,
            holder=holder.id,
            valid_from_at=since,
            valid_until_at=until,
            issued_by=said.actor(),
            issued_at=entry.at,
            up_to=Secrecy(said.text("up_to")) if "up_to" in entry.facts else None,
        )
    )
    uow.audit.append(draft_of(entry))


def _revoke(uow: UnitOfWork, entry: Entry) -> None:
    said = Said(entry=entry)
    paper = uow.authorities.find(said.number("authority"))
    if paper is None or paper.revoked_at is not None:
        raise said.differs("revokes a paper that the database does not know, or a second time")
    reason = RevocationReason(said.text("reason"))
    uow.authorities.revoke(replace(paper, revoked_by=said.actor(), revoked_at=entry.at, revoked_for=reason))
    uow.audit.append(draft_of(entry))
