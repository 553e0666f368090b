"""Time stamps over the log's checkpoints: one an hour, each verified before it is stored.

Four times are kept apart: the device's, the server's, the witnesses' and the authority's. A token binds the
bytes of a checkpoint to the authority's clock alone. No transaction waits for the network: the question is
asked first, and only the answer is written.

    stamp_published(ports, log, *, authority, transport) -> TimeToken | None  the published checkpoint
    stamp(ports, checkpoint, *, authority, transport) -> TimeToken | None     None: this hour has its token
    stamp_after_publishing(ports, log, stamps) -> None                        never raises for the authority
    is_due(uow, *, now) -> bool                                               read
    import_reply(uow, checkpoint, reply, *, authority, source, now, tools) -> TimeToken       write
    list_tokens(uow, *, before=None) -> tuple[TimeToken, ...]                 read, a page, newest first
    each_token(ports) -> Iterator[TimeToken]                                  every token, newest first
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeVar

from app.domain.errors import LogHalted
from app.services.log.published_log import PublishedLog, open_own
from app.services.tools import Tools
from app.storage.records import TimeToken
from app.storage.uow import UnitOfWork
from audit.checkpoint import read_head
from audit.errors import MalformedNote
from crypto.errors import TimeTokenRefused
from crypto.timestamping import Authority

T = TypeVar("T")
Transport = Callable[[bytes], bytes]
"""Carries a request to the authority and returns its reply: `app.services.log.time_authority`."""
FROM_NETWORK, FROM_FILE = "network", "file"
_PAGE = 50
_LOG: Final = logging.getLogger("kt1.time")


class Ports(Protocol):
    """The two doors of a runtime, which add `now=` and `tools=`."""

    def read(self, use_case: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Run a reading use case."""
        ...

    def write(self, use_case: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Run a writing use case to its commit."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An authority's answer (DER), and how it came here."""

    untrusted: bytes
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamps:
    """Whose time stamps count, and how that authority is reached."""

    authority: Authority
    transport: Transport


def stamp(ports: Ports, checkpoint: bytes, *, authority: Authority, transport: Transport) -> TimeToken | None:
    """Have the newest checkpoint stamped unless this hour's was; raises TimeTokenRefused."""
    if not ports.read(is_due):
        return None
    reply = Reply(untrusted=transport(authority.make_request(checkpoint)), source=FROM_NETWORK)
    return ports.write(import_reply, checkpoint, reply, authority=authority)


def stamp_published(
    ports: Ports, log: PublishedLog, *, authority: Authority, transport: Transport
) -> TimeToken | None:
    """Have the published checkpoint stamped unless this hour has its token; None also before the first one.

    Raises TimeTokenRefused, or LogDisagrees for a published checkpoint that the log's own keys did not sign.
    """
    checkpoint = log.folder.read_checkpoint()
    if checkpoint is None:
        return None
    open_own(log, checkpoint)
    return stamp(ports, checkpoint, authority=authority, transport=transport)


def stamp_after_publishing(ports: Ports, log: PublishedLog, stamps: Stamps | None) -> None:
    """Have what was just published stamped. A failure is loud, and the next publication asks again.

    Raises only LogHalted: without an authority the log is appended to and published all the same.
    """
    if stamps is None:
        return
    try:
        stamp_published(ports, log, authority=stamps.authority, transport=stamps.transport)
    except LogHalted:
        raise
    except Exception as error:  # noqa: BLE001  # whatever an authority answers, publishing must go on
        _LOG.error("the checkpoint has no time stamp of this hour: %s", error, exc_info=_unforeseen(error))


def is_due(uow: UnitOfWork, *, now: datetime) -> bool:
    """Say whether no token was stored in this hour yet."""
    latest = uow.time_tokens.list(limit=1)
    return not latest or _hour(latest[0].stored_at) < _hour(now)


def import_reply(
    uow: UnitOfWork,
    checkpoint: bytes,
    reply: Reply,
    *,
    authority: Authority,
    now: datetime,
    tools: Tools,
) -> TimeToken:
    """Verify a reply over these checkpoint bytes and store it; an hour that has its token keeps it.

    Raises TimeTokenRefused, or MalformedNote for what is not a checkpoint of this log.
    """
    head = read_head(checkpoint)
    if head.origin != tools.origin:
        raise MalformedNote(f"this is a checkpoint of {head.origin!r}, not of {tools.origin!r}")
    stamped = authority.verify(reply.untrusted, checkpoint)
    known = uow.time_tokens.find(_hour(stamped.at))
    if known is not None:
        return known
    token = TimeToken(
        hour_at=_hour(stamped.at),
        size=head.size,
        checkpoint=checkpoint,
        token=reply.untrusted,
        token_at=stamped.at,
        source=reply.source,
        stored_at=now,
    )
    uow.time_tokens.add(token)
    return token


def list_tokens(uow: UnitOfWork, *, before: datetime | None = None) -> tuple[TimeToken, ...]:
    """Return one page, the newest first; `before` is the hour of the last token already seen."""
    return uow.time_tokens.list(limit=_PAGE, before=before)


def each_token(ports: Ports) -> Iterator[TimeToken]:
    """Yield every token, the newest first, a page at a time: years of hours need not lie in memory."""
    before = None
    while page := ports.read(list_tokens, before=before):
        yield from page
        before = page[-1].hour_at


def _unforeseen(error: Exception) -> bool:
    """Say whether a trace is needed: an authority that is away is told in one line."""
    return not isinstance(error, TimeTokenRefused)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
