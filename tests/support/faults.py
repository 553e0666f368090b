"""Break a commit in its two ways: nothing is stored, or it is stored and reported as failed."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError


@contextmanager
def broken_commits(engine: Engine, *, stored: bool, times: int = 1) -> Iterator[list[int]]:
    """Break the next commits of an engine; yields a list that grows by one for each that was broken."""
    broken: list[int] = []

    def commit(connection: Connection) -> None:
        if len(broken) >= times:
            return
        broken.append(len(broken))
        if stored:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.commit()
        raise OperationalError("COMMIT", None, ConnectionResetError("the connection broke"))

    event.listen(engine, "commit", commit)
    try:
        yield broken
    finally:
        event.remove(engine, "commit", commit)


@contextmanager
def failing_statements(engine: Engine, fragment: str) -> Iterator[list[str]]:
    """Make every ordinary statement that holds a fragment fail before the database sees it."""
    failed: list[str] = []

    def before(_connection: Connection, _cursor: object, statement: str, *_more: object) -> None:
        if fragment in statement:
            failed.append(statement)
            raise OperationalError(statement, None, ConnectionResetError("the connection broke"))

    event.listen(engine, "before_cursor_execute", before)
    try:
        yield failed
    finally:
        event.remove(engine, "before_cursor_execute", before)
