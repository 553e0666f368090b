"""Run ordinary SQL inside a unit of work, with a real SAVEPOINT only where a use case writes directly.

Most use cases only fill buffers, and undoing those asks no database; a savepoint for each would cost two
round trips for nothing. So the first direct write of a frame opens the savepoints of that frame and of the
frames around it. Exceptions of SQLAlchemy end here.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, Row, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app.domain.errors import NotFound
from app.storage.errors import AlreadyThere, NotStored, ReadOnly

AnyRow = Row[*tuple[Any, ...]]
Parameters = Mapping[str, object] | Sequence[Mapping[str, object]] | None


class Statements:
    """One connection's ordinary reads and writes."""

    __slots__ = ("_connection", "_frames", "broken", "writable", "wrote")

    def __init__(self, connection: Connection, *, writable: bool) -> None:
        self._connection = connection
        self.writable = writable
        self._frames: list[bool] = []
        self.wrote = False
        # A statement failed outside any savepoint: nothing more of this transaction can be kept.
        self.broken = False

    def rows(self, statement: Executable, parameters: Parameters = None) -> Sequence[AnyRow]:
        """Return every row."""
        with self._translated():
            return self._connection.execute(statement, parameters).all()

    def first(self, statement: Executable, parameters: Parameters = None) -> AnyRow | None:
        """Return the first row, or None."""
        with self._translated():
            return self._connection.execute(statement, parameters).first()

    def stream(self, statement: Executable, *, at_once: int = 500) -> Iterator[AnyRow]:
        """Yield rows without holding them all."""
        with self._translated():
            options = {"stream_results": True, "yield_per": at_once}
            yield from self._connection.execute(statement, execution_options=options)

    def write(self, statement: Executable, parameters: Parameters = None) -> CursorResult[*tuple[Any, ...]]:
        """Run a direct write inside this frame's savepoint."""
        if not self.writable:
            raise ReadOnly("this unit of work only reads")
        with self._translated():
            self._open_savepoints()
            self.wrote = True
            result: CursorResult[*tuple[Any, ...]] = self._connection.execute(statement, parameters)
            return result

    def insert(self, statement: Executable, parameters: Parameters = None) -> int:
        """Run an INSERT ... RETURNING of one number."""
        return int(self.write(statement, parameters).scalar_one())

    def insert_missing(self, table: Table, values: Mapping[str, object]) -> bool:
        """Insert a row unless its key is there already, whoever was faster; tell whether it was inserted."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        added = dialect.insert(table).values(**values).on_conflict_do_nothing()
        return self.write(added.returning(*table.primary_key.columns)).first() is not None

    def insert_all_missing(self, table: Table, rows: Sequence[Mapping[str, object]]) -> int:
        """Insert rows, but none whose key is there, in one statement; return how many were inserted."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        added = dialect.insert(table).values(list(rows)).on_conflict_do_nothing()
        return len(self.write(added.returning(*table.primary_key.columns)).all())

    def update_one(self, statement: Executable, parameters: Parameters = None) -> None:
        """Run an UPDATE that must meet exactly one row; raises NotFound."""
        if self.write(statement, parameters).rowcount != 1:
            raise NotFound

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let every read inside see one moment.

        A reading transaction on SQLite sees one anyway; on PostgreSQL each statement sees its own.
        """
        if self.writable or self._connection.dialect.name == "sqlite":
            yield
            return
        with self._translated():
            self._connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            with self._translated():
                self._connection.exec_driver_sql("ROLLBACK")

    def enter(self) -> None:
        """Begin a frame."""
        self._frames.append(False)

    def leave(self, *, keep: bool) -> bool:
        """End a frame, keeping or undoing its direct writes; tell whether the database undid some."""
        opened = self._frames.pop()
        if not opened:
            return False
        name = f"kt1_{len(self._frames)}"
        with self._translated():
            if not keep:
                self._connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT {name}")
                self.broken = False
            self._connection.exec_driver_sql(f"RELEASE SAVEPOINT {name}")
        return not keep

    def draw_past(self, table: Table, identity: int) -> None:
        """Let no later row of a table get this id, which was given, not drawn; SQLite sees to it itself."""
        if self._connection.dialect.name == "postgresql":
            drawn = select(func.nextval(func.pg_get_serial_sequence(table.name, "id")))
            while self.write(drawn).scalar_one() < identity:
                pass

    def _open_savepoints(self) -> None:
        for depth, opened in enumerate(self._frames):
            if not opened:
                self._connection.exec_driver_sql(f"SAVEPOINT kt1_{depth}")
                self._frames[depth] = True

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            self.broken = True
            raise AlreadyThere(type(error.orig).__name__) from error
        except SQLAlchemyError as error:
            self.broken = True
            raise NotStored(type(error).__name__) from error
