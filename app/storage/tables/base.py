"""Give every table one MetaData, one naming convention and one set of column types for both databases.

SQLite tables are STRICT, so a type here is one of INTEGER, TEXT and BLOB there. Times are aware UTC datetimes
on both sides of the door. This module must never name a table.
"""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Dialect, Integer, MetaData, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

KEY: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")


# All rows of a group are of one moment.
@lru_cache(maxsize=8)
def to_text(at: datetime) -> str:
    """Write an aware time as the 27 characters that sort like the time itself."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def from_text(text: str) -> datetime:
    """Read back what :func:`to_text` wrote."""
    return datetime.fromisoformat(text)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time: timestamptz on PostgreSQL, fixed-width ISO 8601 text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of this database."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> object:
        """Refuse naive times: a time without a zone is a guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times are aware")
        return to_text(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: object, dialect: Dialect) -> datetime | None:
        """Return UTC whatever zone the server speaks."""
        del dialect
        if isinstance(value, str):
            return from_text(value)
        return value.astimezone(UTC) if isinstance(value, datetime) else None


class Day(TypeDecorator[date]):
    """A calendar day: date on PostgreSQL, ISO text on SQLite."""

    impl = Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of this database."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Date())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> object:
        """Write ISO 8601 where the database has no days."""
        return value.isoformat() if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: object, dialect: Dialect) -> date | None:
        """Read either form."""
        del dialect
        if isinstance(value, str):
            return date.fromisoformat(value)
        return value if isinstance(value, date) else None


class Flag(TypeDecorator[bool]):
    """Yes or no: boolean on PostgreSQL, 0 or 1 on SQLite."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of this database."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Boolean())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> object:  # noqa: FBT001  # SQLAlchemy's own signature
        """Write a number where the database has no truth values."""
        return int(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: object, dialect: Dialect) -> bool | None:
        """Read either form."""
        del dialect
        return None if value is None else bool(value)
