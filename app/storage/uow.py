"""One transaction as the services see it: repositories over one connection and one group of buffers.

The writer opens it, runs use cases in frames, seals and commits; a service never commits. What a use case
leaves here becomes visible to others only with the commit that also holds its log entry.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import cached_property
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection

from app.domain.errors import LogBehind
from app.storage import sealing
from app.storage.group import Group
from app.storage.hot import Batch, HotStore, Wanted
from app.storage.hot_postgres import PostgresHotStore
from app.storage.hot_sqlite import SqliteHotStore
from app.storage.last_head import LastHead
from app.storage.prefetch import Prefetch
from app.storage.repositories.access_keys import AccessKeys
from app.storage.repositories.audit_log import AuditLog
from app.storage.repositories.authorities import Authorities
from app.storage.repositories.bags import Bags
from app.storage.repositories.consignments import Consignments
from app.storage.repositories.control_figures import ControlFigures
from app.storage.repositories.corrections import Corrections
from app.storage.repositories.deliveries import Deliveries
from app.storage.repositories.devices import Devices
from app.storage.repositories.erasures import Erasures
from app.storage.repositories.holds import Holds
from app.storage.repositories.imports import Imports
from app.storage.repositories.incidents import Incidents
from app.storage.repositories.key_ins import KeyIns
from app.storage.repositories.labels import Labels
from app.storage.repositories.legs import Legs
from app.storage.repositories.musters import Musters
from app.storage.repositories.past_custody import PastCustody
from app.storage.repositories.policies import Policies
from app.storage.repositories.pouches import Pouches
from app.storage.repositories.receiving import Mandates, Redirections
from app.storage.repositories.registers import Registers
from app.storage.repositories.reliefs import Reliefs
from app.storage.repositories.scans import Scans
from app.storage.repositories.seals import Seals
from app.storage.repositories.sections import Sections
from app.storage.repositories.sessions import Sessions
from app.storage.repositories.shifts import Shifts
from app.storage.repositories.suspense import FiledReceipts, Standards
from app.storage.repositories.throttle import Throttle
from app.storage.repositories.time_tokens import TimeTokens
from app.storage.repositories.tracers import Tracers
from app.storage.repositories.unattended import UnattendedThings
from app.storage.repositories.units import Units
from app.storage.repositories.users import Users
from app.storage.repositories.witness_tickets import WitnessTickets
from app.storage.statements import Statements
from app.storage.wire import WireConnection
from audit.entry import Entry
from crypto.signer import Signer


class UnitOfWork:
    """See the module. Its repositories are made when first asked for: most use cases need two or three."""

    def __init__(self, connection: Connection, *, writable: bool) -> None:
        self._group = Group()
        self._statements = Statements(connection, writable=writable)
        self._hot = hot_store(connection)
        self._prefetch = Prefetch(self._hot, self._group)

    @cached_property
    def consignments(self) -> Consignments:
        """Items, locked where they are to change."""
        return Consignments(self._statements, self._group, self._prefetch)

    @cached_property
    def scans(self) -> Scans:
        """Receipts of scans."""
        return Scans(self._statements, self._group, self._prefetch)

    @cached_property
    def audit(self) -> AuditLog:
        """The log."""
        return AuditLog(self._statements, self._group)

    @cached_property
    def units(self) -> Units:
        """Agencies and offices."""
        return Units(self._statements, self._group, self._prefetch)

    @cached_property
    def users(self) -> Users:
        """People."""
        return Users(self._statements, self._group)

    @cached_property
    def devices(self) -> Devices:
        """Signing keys with their owners."""
        return Devices(self._statements, self._group, self._prefetch)

    @cached_property
    def sessions(self) -> Sessions:
        """Who is logged in."""
        return Sessions(self._statements)

    @cached_property
    def registers(self) -> Registers:
        """Official registers."""
        return Registers(self._statements)

    @cached_property
    def labels(self) -> Labels:
        """Printed labels."""
        return Labels(self._statements)

    @cached_property
    def deliveries(self) -> Deliveries:
        """Attempts to deliver."""
        return Deliveries(self._statements, self._group)

    @cached_property
    def erasures(self) -> Erasures:
        """Erased values."""
        return Erasures(self._statements)

    @cached_property
    def standards(self) -> Standards:
        """Versions of the service standard."""
        return Standards(self._statements)

    @cached_property
    def policies(self) -> Policies:
        """Versions of the handover policy."""
        return Policies(self._statements)

    @cached_property
    def filed_receipts(self) -> FiledReceipts:
        """Slips that came back to their senders."""
        return FiledReceipts(self._statements)

    @cached_property
    def incidents(self) -> Incidents:
        """What went wrong, and what was done about it."""
        return Incidents(self._statements, self._group)

    @cached_property
    def past_custody(self) -> PastCustody:
        """Who held what at an earlier size of the log."""
        return PastCustody(self._statements)

    @cached_property
    def holds(self) -> Holds:
        """What is held back, and by whom."""
        return Holds(self._statements)

    @cached_property
    def control_figures(self) -> ControlFigures:
        """What auditors count per office."""
        return ControlFigures(self._statements, self._group)

    @cached_property
    def corrections(self) -> Corrections:
        """Entries that were declared wrong."""
        return Corrections(self._statements)

    @cached_property
    def tracers(self) -> Tracers:
        """Tracer letters, investigations and answers."""
        return Tracers(self._statements)

    @cached_property
    def mandates(self) -> Mandates:
        """Who receives for a unit."""
        return Mandates(self._statements)

    @cached_property
    def authorities(self) -> Authorities:
        """Courier cards and letters of introduction."""
        return Authorities(self._statements)

    @cached_property
    def unattended(self) -> UnattendedThings:
        """What is in nobody's hands."""
        return UnattendedThings(self._statements)

    @cached_property
    def redirections(self) -> Redirections:
        """New addresses of items under way."""
        return Redirections(self._statements)

    @cached_property
    def imports(self) -> Imports:
        """Imported files."""
        return Imports(self._statements)

    @cached_property
    def throttle(self) -> Throttle:
        """Failed logins."""
        return Throttle(self._statements)

    @cached_property
    def time_tokens(self) -> TimeTokens:
        """Time stamps."""
        return TimeTokens(self._statements)

    @cached_property
    def bags(self) -> Bags:
        """Bags, locked where they are to change."""
        return Bags(self._statements, self._group, self._prefetch)

    @cached_property
    def seals(self) -> Seals:
        """Seals as stock."""
        return Seals(self._statements)

    @cached_property
    def witness_tickets(self) -> WitnessTickets:
        """Second persons who were there."""
        return WitnessTickets(self._statements)

    @cached_property
    def key_ins(self) -> KeyIns:
        """Codes that were keyed in by hand."""
        return KeyIns(self._statements)

    @cached_property
    def shifts(self) -> Shifts:
        """Shifts, their counts, and what a person has in hand."""
        return Shifts(self._statements, self._group)

    @cached_property
    def legs(self) -> Legs:
        """Legs of couriers, and the vehicles they use."""
        return Legs(self._statements, self._group)

    @cached_property
    def pouches(self) -> Pouches:
        """The register of pouches, and returns of empties."""
        return Pouches(self._statements, self._group)

    @cached_property
    def reliefs(self) -> Reliefs:
        """Lists of shifts made out to a successor."""
        return Reliefs(self._statements, self._group)

    @cached_property
    def musters(self) -> Musters:
        """Musters of places and people."""
        return Musters(self._statements, self._group)

    @cached_property
    def access_keys(self) -> AccessKeys:
        """Keys and codes of offices."""
        return AccessKeys(self._statements)

    @cached_property
    def sections(self) -> Sections:
        """Counters that stand closed."""
        return Sections(self._statements, self._group)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Run one use case so that its failure undoes it alone."""
        mark = self._group.journal.mark()
        self._statements.enter()
        try:
            yield
        except BaseException:
            self._group.journal.undo(mark)
            if self._statements.leave(keep=False):
                self._hot.forget()
            raise
        self._statements.leave(keep=True)

    def snapshot(self) -> AbstractContextManager[None]:
        """Let every read inside see one moment; a writing unit of work sees what it has locked."""
        return self._statements.snapshot()

    def check_claims(self) -> None:
        """Refuse, at the end of a use case, a change of state that no entry records."""
        sealing.check_claims(self._group)

    def prefetch(self, wanted: Wanted) -> None:
        """Read ahead for a whole group and lock its consignments in order."""
        self._prefetch.load(wanted)

    @property
    def is_broken(self) -> bool:
        """A statement failed where nothing could be rolled back alone."""
        return self._statements.broken

    @property
    def has_entries(self) -> bool:
        """Something waits for its place in the log."""
        return bool(self._group.pending)

    @property
    def has_writes(self) -> bool:
        """Something would be lost by rolling back."""
        return self.has_entries or self._statements.wrote

    @property
    def first_entry(self) -> tuple[int, bytes]:
        """Index and leaf of the first sealed entry: the fingerprint of this transaction."""
        entry = self._group.pending[0]
        return entry.index, entry.leaf

    def seal(
        self, *, signer: Signer, now: datetime, least_size: int = 0, last: LastHead | None = None
    ) -> Batch:
        """Lock the head, last of all locks, and seal; see `sealing` for what it raises.

        Where asking takes a message, the head that `last` takes for granted is not asked for; the commit then
        refuses everything unless it is the head still. Nobody can have changed a device or its person
        meanwhile: such a change is an entry too. Raises LogBehind, with nothing signed, when fewer entries
        are there than `least_size`.
        """
        if not self._group.pending:
            return Batch()
        self._prefetch.load(Wanted(codes=self._group.named_codes() - self._group.consignments.keys()))
        head = last.assume() if last is not None and self._hot.is_far else None
        if locked := head is None:
            devices = [key for key, found in self._group.devices.items() if found is not None]
            head = self._hot.lock_head(devices)
        if head.size < least_size:
            raise LogBehind(f"the database has {head.size} entries, and had {least_size}")
        sealing.check_people(self._group, head)
        batch = sealing.seal(self._group, head, signer=signer, now=now)
        batch.behind, batch.locked = head, locked
        return batch

    def seal_as_stored(self, entries: Sequence[Entry]) -> Batch:
        """Lock the head and lay out entries sealed before, in place of the drafts queued for them."""
        self._prefetch.load(Wanted(codes=self._group.named_codes() - self._group.consignments.keys()))
        return sealing.seal_as_stored(self._group, self._hot.lock_head(()), entries)

    def store(self, batch: Batch, connection: Connection) -> None:
        """Write the sealed rows and commit, as one message where the database allows."""
        for statement, rows in groupby(batch.others, key=itemgetter(0)):
            self._statements.write(statement, [values for _, values in rows])
        self._hot.store(batch)
        connection.commit()


def hot_store(connection: Connection) -> HotStore:
    """Choose the adapter of this connection's database."""
    raw = connection.connection.driver_connection
    if isinstance(raw, WireConnection):
        return PostgresHotStore(raw)
    if isinstance(raw, sqlite3.Connection):
        return SqliteHotStore(raw)
    raise TypeError("neither PostgreSQL nor SQLite")
