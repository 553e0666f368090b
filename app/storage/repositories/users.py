"""People with accounts. Password hashes come and go here; passwords never do."""

from collections.abc import Collection
from dataclasses import asdict

from sqlalchemy import insert, select, update

from app.domain.ids import UnitId, UserId
from app.storage.group import Group
from app.storage.records import User
from app.storage.statements import Statements
from app.storage.tables.people import USERS

U = USERS.c


class Users:
    """See the module."""

    def __init__(self, statements: Statements, group: Group) -> None:
        self._statements = statements
        self._group = group

    def add(self, user: User) -> UserId:
        """Insert a person, return the id, not the record's own; raises AlreadyThere for a taken name."""
        values = asdict(user)
        del values["id"]
        identity = self._statements.insert(insert(USERS).values(values).returning(U.id))
        return UserId(identity)

    def put_back(self, user: User) -> None:
        """Insert a person under the id that the log gave; whoever comes after gets another."""
        self._statements.write(insert(USERS).values(asdict(user)))
        self._statements.draw_past(USERS, user.id)

    def amend(self, user: User) -> None:
        """Rewrite everything but the id; raises NotFound."""
        values = asdict(user)
        del values["id"]
        self._statements.update_one(update(USERS).where(U.id == user.id).values(values))
        self._forget_owners()

    def set_password(self, identity: UserId, password_hash: str, *, must_change: bool) -> None:
        """Replace the hash, and say whether the person must choose another password first."""
        values = {"password_hash": password_hash, "must_change_password": must_change}
        self._statements.update_one(update(USERS).where(U.id == identity).values(values))
        self._forget_owners()

    def set_locale(self, identity: UserId, locale: str) -> None:
        """Keep the language a person chose."""
        self._statements.update_one(update(USERS).where(U.id == identity).values(locale=locale))

    def find(self, identity: UserId) -> User | None:
        """Return a person by id."""
        row = self._statements.first(select(USERS).where(U.id == identity))
        return None if row is None else User(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public way

    def find_by_username(self, username: str) -> User | None:
        """Return a person by user name, exactly as stored."""
        row = self._statements.first(select(USERS).where(U.username == username))
        return None if row is None else User(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public way

    def list_by_ids(self, identities: Collection[UserId]) -> dict[UserId, User]:
        """Return the people of a timeline, by id."""
        rows = self._statements.rows(select(USERS).where(U.id.in_(sorted(set(identities)))))
        return {UserId(row.id): User(**row._mapping) for row in rows}  # noqa: SLF001  # SQLAlchemy's public way

    def list(self, *, unit: UnitId | None = None, role: str | None = None) -> tuple[User, ...]:
        """Return people by user name."""
        statement = select(USERS).order_by(U.username)
        if unit is not None:
            statement = statement.where(U.unit_id == unit)
        if role is not None:
            statement = statement.where(U.role == str(role))
        rows = self._statements.rows(statement)
        return tuple(User(**row._mapping) for row in rows)  # noqa: SLF001  # SQLAlchemy's public way

    def _forget_owners(self) -> None:
        """Let a later scan of the same commit ask anew: what was read ahead names people as they were."""
        self._group.devices.clear()
