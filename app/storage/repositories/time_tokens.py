"""Time stamps: one an hour over the newest checkpoint, insert only."""

from datetime import datetime

from sqlalchemy import Row, insert, select

from app.storage.records import TimeToken
from app.storage.statements import Statements
from app.storage.tables.time_tokens import TIME_TOKENS

T = TIME_TOKENS.c


class TimeTokens:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, token: TimeToken) -> None:
        """Insert the token of an hour; raises AlreadyThere when the hour has one."""
        self._statements.write(
            insert(TIME_TOKENS).values(
                hour_at=token.hour_at,
                size=token.size,
                checkpoint=token.checkpoint,
                token=token.token,
                token_at=token.token_at,
                source=token.source,
                stored_at=token.stored_at,
            )
        )

    def find(self, hour_at: datetime) -> TimeToken | None:
        """Return the token of the hour that begins at `hour_at`."""
        row = self._statements.first(select(TIME_TOKENS).where(T.hour_at == hour_at))
        return None if row is None else _token(row)

    def find_over(self, index: int, *, since: datetime) -> TimeToken | None:
        """Return the first token from the hour `since` on whose checkpoint holds entry `index`."""
        query = select(TIME_TOKENS).where(T.size > index, T.hour_at >= since).order_by(T.hour_at).limit(1)
        row = self._statements.first(query)
        return None if row is None else _token(row)

    def list(self, *, limit: int, before: datetime | None = None) -> tuple[TimeToken, ...]:
        """Return one page of tokens, the newest first; with `before`, only those of earlier hours."""
        statement = select(TIME_TOKENS).order_by(T.hour_at.desc()).limit(limit)
        if before is not None:
            statement = statement.where(T.hour_at < before)
        return tuple(_token(row) for row in self._statements.rows(statement))


def _token(row: Row[*tuple[object, ...]]) -> TimeToken:
    values = row._mapping  # noqa: SLF001  # SQLAlchemy's public way to read a row by column
    return TimeToken(
        hour_at=values[T.hour_at],
        size=values[T.size],
        checkpoint=bytes(values[T.checkpoint]),
        token=bytes(values[T.token]),
        token_at=values[T.token_at],
        source=values[T.source],
        stored_at=values[T.stored_at],
    )
