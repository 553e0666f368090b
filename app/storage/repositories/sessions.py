"""Server-side sessions, found by the digest of an id that only the browser has."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from app.domain.ids import UserId
from app.storage.records import Session, User
from app.storage.statements import Statements
from app.storage.tables.people import SESSIONS, USERS

S = SESSIONS.c


class Sessions:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def insert(self, session: Session) -> None:
        """Insert a session."""
        self._statements.write(
            insert(SESSIONS).values(
                id_hash=session.id_hash,
                user_id=session.user_id,
                created_at=session.created_at,
                seen_at=session.seen_at,
                expires_at=session.expires_at,
            )
        )

    def find(self, id_hash: str) -> Session | None:
        """Return a session; whether it has expired is the caller's to judge."""
        row = self._statements.first(select(SESSIONS).where(S.id_hash == id_hash))
        return None if row is None else Session(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public way

    def find_with_user(self, id_hash: str) -> tuple[Session, User] | None:
        """Return a session with its person, in one question."""
        statement = select(SESSIONS, USERS).join(USERS, USERS.c.id == S.user_id).where(S.id_hash == id_hash)
        row = self._statements.first(statement)
        if row is None:
            return None
        values = row._mapping  # noqa: SLF001  # SQLAlchemy's public way to read a row by column
        session = Session(**{column.name: values[column] for column in S})
        return session, User(**{column.name: values[column] for column in USERS.c})

    def touch(self, id_hash: str, *, seen_at: datetime) -> bool:
        """Move the idle clock, only where the session still lives: a killed one is never revived."""
        touched = self._statements.write(update(SESSIONS).where(S.id_hash == id_hash).values(seen_at=seen_at))
        return bool(touched.rowcount == 1)

    def delete(self, id_hash: str) -> None:
        """End one session."""
        self._statements.write(delete(SESSIONS).where(S.id_hash == id_hash))

    def delete_of_user(self, user: UserId) -> int:
        """End every session of a person: on a change of role or password, or when the account is closed."""
        return self._statements.write(delete(SESSIONS).where(S.user_id == user)).rowcount

    def delete_expired(self, *, now: datetime) -> int:
        """Forget what can no longer be used."""
        return self._statements.write(delete(SESSIONS).where(S.expires_at <= now)).rowcount
