"""Speak PostgreSQL's extended protocol in whole round trips: many prepared statements, one answer.

psycopg's own pipeline waits more often and spends more on each statement than the server does. What goes
through here is a short list of constant statements whose values we encode ourselves, in binary; everything
else stays with psycopg, on the same connection and in the same transaction. Nothing here may build SQL.

Protocol: https://www.postgresql.org/docs/15/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY and, for the binary
forms, src/backend/utils/adt/{int8,timestamp,arrayfuncs}.c of its source.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.rows import RowFactory, tuple_row
from psycopg.waiting import Ready, Wait

Values = Sequence[bytes | None]
Rows = list[tuple[Any, ...]]
Said = tuple[str, Values]
BEGIN, COMMIT, ROLLBACK = "BEGIN", "COMMIT", "ROLLBACK"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_INT, _BIGINT, _LENGTH = struct.Struct(">i"), struct.Struct(">q"), struct.Struct(">i")
_ARRAY = struct.Struct(">iiIii")
_NULL = _LENGTH.pack(-1)


def _timestamptz(value: datetime) -> bytes:
    return _BIGINT.pack((value - _EPOCH) // _MICROSECOND)


# Type: its number in pg_type, and how a value of it is written.
_KINDS: Final[dict[str, tuple[int, Callable[[Any], bytes]]]] = {
    "bigint": (20, _BIGINT.pack),
    "integer": (23, _INT.pack),
    "text": (25, str.encode),
    "bytea": (17, bytes),
    "timestamptz": (1184, _timestamptz),
}


def encode(kind: str, value: object) -> bytes | None:
    """Write one value in the binary form of its type."""
    return None if value is None else _KINDS[kind][1](value)


def encode_array(kind: str, values: Iterable[object]) -> bytes:
    """Write a one-dimensional array; None is NULL."""
    number, write = _KINDS[kind]
    parts: list[bytes] = []
    count = nulls = 0
    for value in values:
        count += 1
        if value is None:
            nulls = 1
            parts.append(_NULL)
        else:
            data = write(value)
            parts += (_LENGTH.pack(len(data)), data)
    return _ARRAY.pack(1, nulls, number, count, 1) + b"".join(parts)


class WireConnection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that also talks in whole round trips; its transactions are psycopg's and ours alike."""

    def __init__(self, pgconn: PGconn, row_factory: RowFactory[tuple[Any, ...]] = tuple_row) -> None:
        super().__init__(pgconn, row_factory)
        self._known: dict[str, bytes] = {}
        self._named = 0
        self._queued: list[Said] = []
        self._reading: Any = Transformer(self)

    def ask(self, *said: Said) -> list[Rows]:
        """Run statements in one round trip and return the rows of each, in a transaction as psycopg would.

        Raises psycopg.Error; the transaction is then broken, and the connection closed where the talk broke.
        """
        with self.lock:
            if self.autocommit or self.pgconn.transaction_status != TransactionStatus.IDLE:
                return self._ask(said)
            return self._ask(((BEGIN, ()), *said))[1:]

    def queue(self, text: str, values: Values) -> None:
        """Keep a statement until the commit, with which it travels."""
        self._queued.append((text, values))

    def commit(self) -> None:
        """Send what is queued, with BEGIN where need be, and COMMIT in one round trip.

        Raises psycopg.Error unless it was committed; then no transaction is left open.
        """
        queued, self._queued = self._queued, []
        if not queued:
            super().commit()
            return
        begun = self.pgconn.transaction_status != TransactionStatus.IDLE
        try:
            with self.lock:
                self._ask([*(() if begun else ((BEGIN, ()),)), *queued, (COMMIT, ())])
        except psycopg.Error:
            if not self.closed:
                self.rollback()
            raise

    def rollback(self) -> None:
        """Undo, and forget what was queued."""
        self._queued = []
        if self.pgconn.transaction_status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
            # Said by psycopg it would throw away every prepared statement of the session.
            with self.lock:
                self._ask([(ROLLBACK, ())])
        else:
            self.forget()
            super().rollback()

    def forget(self) -> None:
        """Prepare anew from now on: psycopg drops every prepared statement when it has sent a ROLLBACK."""
        self._known.clear()

    def _ask(self, said: Sequence[Said]) -> list[Rows]:
        fresh = {text: self._name() for text, _ in said if text not in self._known}
        try:
            results = self._talk(said, fresh)
        except BaseException:
            # Nobody knows how far the talk went, so nobody may continue it.
            self.close()
            raise
        for result in results:
            if result.status not in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}:
                raise error_from_result(result, encoding=self.info.encoding)
        self._known |= fresh
        if said[-1][0] == COMMIT and results[-1].command_status != b"COMMIT":
            raise psycopg.errors.InFailedSqlTransaction("the server rolled back instead")
        # The answers to preparing come first.
        return [self._rows(result) for result in results[len(fresh) :]]

    def _talk(self, said: Sequence[Said], fresh: dict[str, bytes]) -> list[PGresult]:
        pgconn = self.pgconn
        pgconn.enter_pipeline_mode()
        for text, name in fresh.items():
            pgconn.send_prepare(name, text.encode())
        for text, values in said:
            name = fresh.get(text) or self._known[text]
            pgconn.send_query_prepared(name, values, [Format.BINARY] * len(values), Format.BINARY)
        pgconn.pipeline_sync()
        results = self.wait(_listen(pgconn))
        pgconn.exit_pipeline_mode()
        return results

    def _name(self) -> bytes:
        self._named += 1
        return b"kt1_%d" % self._named

    def _rows(self, result: PGresult) -> Rows:
        if result.status != ExecStatus.TUPLES_OK:
            return []
        self._reading.set_pgresult(result)
        rows: Rows = self._reading.load_rows(0, result.ntuples, tuple)
        return rows


def _listen(pgconn: PGconn) -> PQGen[list[PGresult]]:
    """Send all of it and take every answer up to the one sync."""
    results: list[PGresult] = []
    while pgconn.flush():
        if (yield Wait.RW) & Ready.R:
            pgconn.consume_input()
    while True:
        while pgconn.is_busy():
            if (yield Wait.R):
                pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:
            if pgconn.status == ConnStatus.BAD:
                raise psycopg.OperationalError("the connection broke")
        elif result.status == ExecStatus.PIPELINE_SYNC:
            return results
        else:
            results.append(result)
