"""The running server behind its surfaces: one writer, one reader, the tools, the clock.

Nothing here knows HTTP or decides anything.
"""

import inspect
import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TypeVar, cast

from app.domain.errors import LogHalted
from app.http.ports import Unavailable
from app.http.settings import Settings
from app.services.log.log import TrustBeside
from app.services.log.published_log import PublishedLog, check_database
from app.services.log.publishing import Published
from app.services.log.time_tokens import Stamps, stamp_after_publishing
from app.services.log.witnessing import WitnessRound, publish_witnessed
from app.services.recovery.recover import NOBODY as NOBODY_WATCHES
from app.services.recovery.recover import Watch, recover
from app.services.tools import Tools
from app.storage.clock import LARGEST_STEP_BACK
from app.storage.engine import Engines
from app.storage.errors import NotStored, OutcomeUnknown, StoreBusy, WriterStopped
from app.storage.reader import Reader
from app.storage.refill import Refill
from app.storage.scrub import scrub
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from audit.trust import NOBODY, Witnesses
from crypto.digest import leaf_hash
from crypto.errors import TokenError

T = TypeVar("T")
_LOG = logging.getLogger("kt1.publishing")
_READ_AHEAD = ("codes", "scans", "devices", "units")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Whom of other bodies the configuration names: witnesses, an authority to ask, certificates (DER)."""

    witnesses: WitnessRound | None = None
    stamps: Stamps | None = None
    time_authorities: tuple[bytes, ...] = ()


class Runtime:
    """One server process. Both doors add `now=` and `tools=` where the use case asks for them."""

    def __init__(
        self,
        *,
        settings: Settings,
        tools: Tools,
        published: PublishedLog,
        outside: Outside,
        engines: Engines,
        clock: Callable[[], datetime],
        web_secret: bytes,
    ) -> None:
        self.settings = settings
        self.tools = tools
        self.published = published
        self._publisher: threading.Thread | None = None
        self._closing = threading.Event()
        self.witnesses, self.stamps = outside.witnesses, outside.stamps
        self._time_authorities = outside.time_authorities
        self.web_secret = web_secret
        self._engines = engines
        self._clock = clock
        self._writer = Writer(engines.write, tools.signer, clock)
        self._reader = Reader(engines.read)
        fits, self._last_at_start = self._reader.read(_look_at_end)
        self._halted_at_start = not fits
        self._hold_against_checkpoint()

    @property
    def is_halted(self) -> bool:
        """The log is closed for writing: its head does not fit its last entry, or what was signed."""
        return self._halted_at_start or self._writer.is_halted

    @property
    def why_halted(self) -> str | None:
        """The code of the error that every write gets now, None while writing goes on."""
        if self._writer.halt_reason is not None:
            return self._writer.halt_reason.code
        return LogHalted.code if self.is_halted else None

    def halt(self, reason: LogHalted) -> None:
        """Close the log for writing: whoever publishes has found that the database is not the signed one."""
        self._writer.halt(reason)

    @property
    def beside(self) -> TrustBeside:
        """Whom an auditor trusts beside the keys of entries, as far as keys and configuration say it."""
        policy = None if self.witnesses is None else self.witnesses.policy
        self.published.ring.refresh()
        return TrustBeside(
            checkpoint_keys=self.published.ring.ranges,
            witnesses=NOBODY
            if policy is None
            else Witnesses(witnesses=policy.witnesses, groups=policy.groups, quorum=policy.quorum),
            time_authorities=self._time_authorities,
        )

    @property
    def clock_went_back(self) -> bool:
        """The clock is so far behind the last known entry that nothing is appended until it is set right."""
        last = max((at for at in (self._last_at_start, self._writer.last_entry_at) if at), default=None)
        return last is not None and self._clock() < last - LARGEST_STEP_BACK

    def now(self) -> datetime:
        """Give the server's time, aware UTC."""
        return self._clock()

    def write(self, use_case: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Run one use case in a durable transaction and return after its commit; see `RuntimePort.write`.

        Raises what the use case raises, LogHalted when the log is closed for writing, ClockWentBack when the
        clock is, and Unavailable when the database or the token that signs did not do it; then nothing is
        stored.
        """
        codes, scans, devices, units = (cast("Collection[str]", kwargs.pop(name, ())) for name in _READ_AHEAD)
        given = {**self._added(use_case), **kwargs}

        def job(uow: UnitOfWork) -> T:
            return use_case(uow, *args, **given)

        try:
            return self._writer.submit(job, codes=codes, scans=scans, devices=devices, units=units)
        except (NotStored, OutcomeUnknown, WriterStopped, TokenError) as error:
            raise Unavailable from error

    def read(self, use_case: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Run one use case on a read-only connection; raises Unavailable when the database cannot be read."""
        given = {**self._added(use_case), **kwargs}
        try:
            return self._reader.read(lambda uow: use_case(uow, *args, **given))
        except (NotStored, TokenError) as error:
            raise Unavailable from error

    def scrub(self) -> bool:
        """Leave no copy of what was just erased in the database's own journal; see `RuntimePort.scrub`."""
        return scrub(self._engines.write)

    def recover(self, watch: Watch = NOBODY_WATCHES) -> int:
        """Refill a database that is behind its own checkpoint; returns how many entries were put back."""
        refill = Refill(self._engines.write)
        return recover(self, refill, log=self.published, tools=self.tools, watch=watch)

    def publish_every(self, seconds: int) -> None:
        """Publish the log once in so many seconds, in a thread of its own, until `close`."""
        self._publisher = threading.Thread(
            target=self._publish_forever, args=(seconds,), name="kt1-publisher", daemon=True
        )
        self._publisher.start()

    def publish(self) -> Published:
        """Publish once, with the witnesses' cosignatures and this hour's time stamp if they can be had.

        Raises what `publish_witnessed` does; witnesses or authorities that fail are told in the server's log.
        """
        published = publish_witnessed(self, self.published, clock=self._clock, witnesses=self.witnesses)
        stamp_after_publishing(self, self.published, self.stamps)
        return published

    def close(self) -> None:
        """Finish what was submitted, then stop the writer and close every connection."""
        self._closing.set()
        if self._publisher is not None:
            self._publisher.join()
        self._writer.stop()
        self._engines.dispose()

    def _publish_forever(self, seconds: int) -> None:
        while not self._closing.wait(seconds):
            try:
                self.publish()
            except StoreBusy:
                # Another process of this installation is at it.
                continue
            except LogHalted as reason:
                self.halt(reason)
                _LOG.exception("the log is closed for writing")
            except Exception:  # noqa: BLE001  # a thread that died would leave the log unpublished unseen
                # The stores are read anew at the next turn; nothing is remembered of this one.
                _LOG.exception("the log was not published")

    def _hold_against_checkpoint(self) -> None:
        """Write nothing on top of a database that is not the one this log has signed for."""
        try:
            latest = self._reader.read(lambda uow: check_database(uow, log=self.published))
        except LogHalted as reason:
            self._writer.halt(reason)
        else:
            self._writer.demand(0 if latest is None else latest.head.size)

    def _added(self, use_case: Callable[..., T]) -> dict[str, object]:
        asked = _asked(use_case)
        added: dict[str, object] = {}
        if "now" in asked:
            added["now"] = self._clock()
        if "tools" in asked:
            added["tools"] = self.tools
        return added


def _look_at_end(uow: UnitOfWork) -> tuple[bool, datetime | None]:
    """Tell whether the head fits the last entry, and of when that one is."""
    head, latest = uow.audit.head(), uow.audit.list_latest(limit=1)
    if not latest:
        return head.size == 0, None
    last = latest[0]
    return head.size == last.index + 1 and head.leaf == last.leaf == leaf_hash(last.data), last.at


@cache
def _asked(use_case: Callable[..., object]) -> frozenset[str]:
    """Name what a use case asks for; a house of many use cases need not all take a clock they do not read."""
    return frozenset({"now", "tools"} & inspect.signature(use_case).parameters.keys())
