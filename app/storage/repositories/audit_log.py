"""The log: append in the business transaction, read in order; nothing else is possible."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from sqlalchemy import Row, func, select, text

from app.storage.errors import ReadOnly
from app.storage.group import Group, PendingEntry
from app.storage.records import LogRow
from app.storage.statements import Statements
from app.storage.tables.log import AUDIT_HEAD, AUDIT_ITEMS, AUDIT_LOG
from audit.chain import ChainHead
from audit.entry import EntryDraft

L = AUDIT_LOG.c


class AuditLog:
    """See the module."""

    def __init__(self, statements: Statements, group: Group) -> None:
        self._statements = statements
        self._group = group

    def append(self, draft: EntryDraft) -> PendingEntry:
        """Queue an entry; it gets its place, links and signature at the flush, with the head locked last."""
        if not self._statements.writable:
            raise ReadOnly("this unit of work only reads")
        return self._group.append(draft)

    def head(self) -> ChainHead:
        """Return the head as committed."""
        row = self._statements.first(select(AUDIT_HEAD.c.size, AUDIT_HEAD.c.leaf))
        return ChainHead(size=-1, leaf=b"") if row is None else ChainHead(size=row[0], leaf=bytes(row[1]))

    def hold_still(self) -> None:
        """Let no other process put an entry in until the end of this transaction.

        For a use case that states what is true at its place in the log; nothing else may be locked after it.
        A deadlock with whoever waits for us is broken by the database, and the group is tried again.
        """
        self._statements.first(select(AUDIT_HEAD.c.size).where(AUDIT_HEAD.c.id == 1).with_for_update())

    def next_index(self) -> int:
        """Return where an entry queued now will stand, unless another process appends first."""
        return self.head().size + len(self._group.pending)

    def find(self, index: int) -> LogRow | None:
        """Return one entry."""
        row = self._statements.first(select(AUDIT_LOG).where(L.idx == index))
        return None if row is None else _row(row)

    def list_rows(self, indices: Collection[int]) -> tuple[LogRow, ...]:
        """Return the entries at these indexes, those that are there."""
        rows = self._statements.rows(select(AUDIT_LOG).where(L.idx.in_(sorted(indices))))
        return tuple(_row(row) for row in rows)

    def list_for_code(
        self, code: str, *, before: int | None = None, limit: int | None = None
    ) -> tuple[LogRow, ...]:
        """Return the entries of one consignment, oldest first: all, or the last `limit` before an index."""
        statement = (
            select(AUDIT_LOG)
            .join(AUDIT_ITEMS, AUDIT_ITEMS.c.idx == L.idx)
            .where(AUDIT_ITEMS.c.code == code)
            .order_by(AUDIT_ITEMS.c.idx.desc())
            .limit(limit)
        )
        if before is not None:
            statement = statement.where(AUDIT_ITEMS.c.idx < before)
        return tuple(_row(row) for row in reversed(self._statements.rows(statement)))

    def list_since(self, since: datetime, codes: Collection[str], *, limit: int) -> tuple[LogRow, ...]:
        """Return the newest entries from a time on that name one of the codes, newest first."""
        named = select(AUDIT_ITEMS.c.idx).where(AUDIT_ITEMS.c.code.in_(sorted(codes)))
        statement = select(AUDIT_LOG).where(L.idx.in_(named), L.at >= since)
        return tuple(
            _row(row) for row in self._statements.rows(statement.order_by(L.idx.desc()).limit(limit))
        )

    def list_waiting(self) -> tuple[EntryDraft, ...]:
        """Return what this transaction has queued and not yet written, oldest first."""
        return tuple(entry.draft for entry in self._group.pending if entry.draft is not None)

    def count_for_code(self, code: str, *, before: int) -> int:
        """Count the entries of one consignment below an index."""
        counted = select(func.count()).where(AUDIT_ITEMS.c.code == code, AUDIT_ITEMS.c.idx < before)
        return int(self._statements.rows(counted)[0][0])

    def find_between(self, first: datetime, until: datetime, *, size: int) -> tuple[int, int]:
        """Return where the entries below `size` recorded at `first <= time < until` begin and end.

        Log time never goes back, so halving finds both ends in a few reads of the primary key, and no entry
        pays for an index of times.
        """
        return self._count_before(first, size), self._count_before(until, size)

    def count_until(self, at: datetime, *, size: int) -> int:
        """Return how many of the first `size` entries were recorded at or before a time."""
        return self._count_before(at + timedelta(microseconds=1), size)

    def _count_before(self, at: datetime, size: int) -> int:
        low, high = 0, size
        while low < high:
            middle = (low + high) // 2
            row = self._statements.first(select(L.at).where(L.idx == middle))
            if row is not None and row[0] < at:
                low = middle + 1
            else:
                high = middle
        return low

    def list_range(self, first: int, until: int) -> tuple[LogRow, ...]:
        """Return the entries at `first <= index < until`, oldest first."""
        statement = select(AUDIT_LOG).where(L.idx >= first, L.idx < until).order_by(L.idx)
        return tuple(_row(row) for row in self._statements.rows(statement))

    def list_codes(self, index: int) -> tuple[str, ...]:
        """Return the codes whose chain an entry belongs to."""
        statement = select(AUDIT_ITEMS.c.code).where(AUDIT_ITEMS.c.idx == index).order_by(AUDIT_ITEMS.c.code)
        return tuple(str(row[0]) for row in self._statements.rows(statement))

    def list_latest(self, *, before: int | None = None, limit: int = 50) -> tuple[LogRow, ...]:
        """Return the newest entries first; `before` continues an earlier page."""
        statement = select(AUDIT_LOG).order_by(L.idx.desc()).limit(limit)
        if before is not None:
            statement = statement.where(L.idx < before)
        return tuple(_row(row) for row in self._statements.rows(statement))

    def list_key_changes(self) -> tuple[LogRow, ...]:
        """Return every entry that changes a key, oldest first; an index of their own finds these few."""
        # Written out, not bound: the planner must see that the partial index fits.
        statement = select(AUDIT_LOG).where(text("kind = 'key_rotated'")).order_by(L.idx)
        return tuple(_row(row) for row in self._statements.rows(statement))

    def list_device_revocations(self) -> tuple[LogRow, ...]:
        """Return every entry that revokes a device, oldest first; an index of their own finds these few."""
        statement = select(AUDIT_LOG).where(text("kind = 'device_revoked'")).order_by(L.idx)
        return tuple(_row(row) for row in self._statements.rows(statement))

    def count_by_kind(self) -> dict[str, int]:
        """Count entries per kind."""
        statement = select(L.kind, func.count()).group_by(L.kind).order_by(L.kind)
        return {str(kind): int(count) for kind, count in self._statements.rows(statement)}

    def stream(self, *, start: int = 0, size: int | None = None, at_once: int = 500) -> Iterator[bytes]:
        """Yield entries' bytes in order, a page at a time, so that a log of any length can be exported."""
        while True:
            statement = select(L.idx, L.data).where(L.idx >= start).order_by(L.idx).limit(at_once)
            if size is not None:
                statement = statement.where(L.idx < size)
            rows = self._statements.rows(statement)
            for _, data in rows:
                yield bytes(data)
            if len(rows) < at_once:
                return
            start = int(rows[-1][0]) + 1


def _row(row: Row[*tuple[object, ...]]) -> LogRow:
    values = row._mapping  # noqa: SLF001  # SQLAlchemy's public way to read a row by column
    return LogRow(
        index=values[L.idx],
        kind=values[L.kind],
        at=values[L.at],
        leaf=bytes(values[L.leaf]),
        data=bytes(values[L.data]),
    )
