"""Time stamps over the log's checkpoints: one an hour, each verified before it is stored.

Four times are kept apart: the device's, the server's, the witnesses' and the authority's. A token binds the
bytes of a checkpoint to the authority's clock alone. No transaction waits for the network: the question is
asked first, and only the answer is written.

    stamp_published(ports, log, *, authority, transport) -> TimeToken | None  the published checkpoint
    stamp(ports, checkpoint, *, authority, transport) -> TimeToken | None     None: this hour has its token
    is_due(uow, *, now) -> bool                                               read
    import_reply(uow, checkpoint, reply, *, authority, source, now, tools) -> TimeToken       write
    list_tokens(uow) -> tuple[TimeToken, ...]                                 read, newest first
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from app.services.published_log import PublishedLog, open_own
from app.services.tools import Tools
from app.storage.records import TimeToken
from app.storage.uow import UnitOfWork
from audit.checkpoint import read_head
from audit.errors import MalformedNote
from crypto.timestamping import Authority

T = TypeVar("T")
Transport = Callable[[bytes], bytes]
"""Carries a request to the authority and returns its reply: `app.services.time_authority`."""
FROM_NETWORK, FROM_FILE = "network", "file"


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


def list_tokens(uow: UnitOfWork) -> tuple[TimeToken, ...]:
    """Return the newest tokens first."""
    return uow.time_tokens.list()


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
