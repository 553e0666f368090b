"""Read with connections of their own, beside the writer: a page never waits for a commit."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.storage.errors import NotStored
from app.storage.uow import UnitOfWork

T = TypeVar("T")


class Reader:
    """On SQLite one read is one snapshot; on PostgreSQL each statement is, which spares two round trips."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, use_case: Callable[[UnitOfWork], T]) -> T:
        """Run a use case that only reads; a write in it raises ReadOnly."""
        try:
            with self._engine.connect() as connection:
                if connection.dialect.name == "sqlite":
                    connection.begin()
                return use_case(UnitOfWork(connection, writable=False))
        except SQLAlchemyError as error:
            raise NotStored(type(error).__name__) from error
