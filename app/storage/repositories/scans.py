"""Receipts of scans: looked up before anything is decided, written with the entry, never changed."""

from collections.abc import Collection, Iterable
from typing import Protocol

from sqlalchemy import select

from app.storage.group import Group, PendingEntry, StoredScan
from app.storage.hot import Wanted
from app.storage.people_rows import to_stored_scan
from app.storage.prefetch import Prefetch
from app.storage.records import ScanLine
from app.storage.statements import Statements
from app.storage.tables.log import AUDIT_LOG, SCANS


class Line(Protocol):
    """What a line of a receipt must say."""

    @property
    def code(self) -> str:
        """The code as read."""
        ...

    @property
    def outcome(self) -> str:
        """Accepted or refused."""
        ...

    @property
    def refusal(self) -> str:
        """Why, "" when accepted."""
        ...


class Scans:
    """See the module."""

    def __init__(self, statements: Statements, group: Group, prefetch: Prefetch) -> None:
        self._statements = statements
        self._group = group
        self._prefetch = prefetch

    def prefetch(self, scan_ids: Collection[str]) -> None:
        """Look many up at once."""
        self._prefetch.load(Wanted(scans=scan_ids))

    def find(self, scan_id: str) -> StoredScan | None:
        """Return the receipt, also of a scan that waits in this very group."""
        if not self._statements.writable:
            row = self._statements.first(
                select(
                    SCANS.c.scan_id, SCANS.c.envelope_digest, SCANS.c.lines, SCANS.c.entry_idx,
                    AUDIT_LOG.c.leaf, AUDIT_LOG.c.data,
                )
                .join(AUDIT_LOG, AUDIT_LOG.c.idx == SCANS.c.entry_idx)
                .where(SCANS.c.scan_id == scan_id)
            )  # fmt: skip
            return None if row is None else to_stored_scan(row)
        if scan_id not in self._group.scans:
            self._prefetch.load(Wanted(scans=(scan_id,)))
        return self._group.scans[scan_id]

    def record(
        self, scan_id: str, envelope_digest: str, lines: Iterable[Line], entry: PendingEntry
    ) -> StoredScan:
        """Queue the receipt of a new scan; `entry` is what :meth:`AuditLog.append` returned for it."""
        scan = StoredScan(
            scan_id=scan_id,
            envelope_digest=envelope_digest,
            lines=tuple(
                ScanLine(code=line.code, outcome=str(line.outcome), refusal=str(line.refusal))
                for line in lines
            ),
            entry=entry,
        )
        self._group.journal.put(self._group.scans, scan_id, scan)
        self._group.journal.add(self._group.new_scans, scan)
        return scan
