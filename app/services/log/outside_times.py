"""The two times that are not this server's word: the witnesses' and the time authority's, each kept apart.

The device's and the server's stand in the entry. Never mixes them, never fills one in from another: a time
that nobody gave is missing. Witness times are verified under the policy before they are told.

    open_witness_times(log, policy) -> WitnessTimes          of the newest checkpoint that met the quorum
    find_token_times(uow, entries) -> tuple[TokenTime | None, ...]      read; in the order of the entries
    find_newest_token(uow) -> TokenTime | None                          read
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from app.services.log.published_log import PublishedLog, open_for
from app.storage.records import TimeToken
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.errors import MalformedNote, NoteRefused
from audit.policy import Policy

# A token is looked for from so long before the entry: the authority's clock may be behind the server's.
_CLOCKS_APART: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessTime:
    """When one witness dated its cosignature, by its own clock."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessTimes:
    """Which tree the witnesses have seen, and when; earliest first. Size 0: none yet."""

    size: int = 0
    times: tuple[WitnessTime, ...] = ()

    def of(self, index: int) -> tuple[WitnessTime, ...]:
        """Return the times that stand for this entry: none when the witnessed tree ends before it."""
        return self.times if index < self.size else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTime:
    """The authority's time over a checkpoint of `size` entries."""

    at: datetime
    size: int


def open_witness_times(log: PublishedLog, policy: Policy | None) -> WitnessTimes:
    """Return the verified times of the newest checkpoint that met the quorum; none without a policy."""
    kept = log.store.witnessed()
    if kept is None or policy is None:
        return WitnessTimes()
    try:
        opened = open_for(log, kept, policy.witness_keys)
    except (MalformedNote, NoteRefused):
        return WitnessTimes()
    found = [(item.key.name, opened.find_cosignature(item.key)) for item in policy.witnesses]
    dated = [(name, one.time) for name, one in found if one is not None and one.time is not None]
    times = [WitnessTime(name=name, at=at) for name, time in dated if (at := _calendar(time)) is not None]
    return WitnessTimes(size=opened.head.size, times=tuple(sorted(times, key=lambda one: one.at)))


def find_token_times(uow: UnitOfWork, entries: Sequence[Entry]) -> tuple[TokenTime | None, ...]:
    """Return, for each entry, the first token over a checkpoint that holds it."""
    found = (uow.time_tokens.find_over(one.index, since=one.at - _CLOCKS_APART) for one in entries)
    return tuple(None if token is None else _told(token) for token in found)


def find_newest_token(uow: UnitOfWork) -> TokenTime | None:
    """Return the newest token's time and the size of its checkpoint."""
    newest = uow.time_tokens.list(limit=1)
    return _told(newest[0]) if newest else None


def _told(token: TimeToken) -> TokenTime:
    return TokenTime(at=token.token_at, size=token.size)


def _calendar(seconds: int) -> datetime | None:
    """Return POSIX seconds as a moment; what no calendar knows is not shown as a time."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
