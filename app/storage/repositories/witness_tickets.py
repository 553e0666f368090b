"""Tickets of witnesses: granted once for a nonce, used once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from app.domain.ids import UserId
from app.storage.statements import Statements
from app.storage.tables.bags import WITNESS_TICKETS

T = WITNESS_TICKETS.c


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessTicket:
    """That `witness` proved who they are for one act of `actor`."""

    subject: str
    actor: UserId
    witness: UserId
    granted_at: datetime
    used_at: datetime | None


class WitnessTickets:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, nonce: str, subject: str, *, actor: UserId, witness: UserId, now: datetime) -> bool:
        """Keep a ticket; False where the nonce has one already."""
        if self.find(nonce) is not None:
            return False
        values = {
            "nonce": nonce,
            "subject": subject,
            "actor_id": actor,
            "witness_id": witness,
            "granted_at": now,
        }
        self._statements.insert_missing(WITNESS_TICKETS, values)
        found = self.find(nonce)
        return found is not None and (found.actor, found.witness) == (actor, witness)

    def find(self, nonce: str) -> WitnessTicket | None:
        """Return the ticket of an act's nonce."""
        row = self._statements.first(select(WITNESS_TICKETS).where(T.nonce == nonce))
        if row is None:
            return None
        return WitnessTicket(
            subject=row.subject,
            actor=UserId(row.actor_id),
            witness=UserId(row.witness_id),
            granted_at=row.granted_at,
            used_at=row.used_at,
        )

    def use(self, nonce: str, *, now: datetime) -> None:
        """Use a ticket up; the database refuses a second time."""
        self._statements.update_one(update(WITNESS_TICKETS).where(T.nonce == nonce).values(used_at=now))
