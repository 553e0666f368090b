"""The answer to a bag's manifest, gathered from the bag's own chain, for both offices and the auditor.

It is counted anew from the entries each time: the same bytes whenever and wherever. Nothing here may answer
for a bag whose list is not complete.

For the surfaces (raises NotPermitted, NotFound):
    get_response(uow, code, *, actor, now, tools) -> ResponseFile
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.domain.access import Actor
from app.domain.bag import Bag
from app.domain.bag_access import may_see_response
from app.domain.errors import NotFound
from app.domain.ids import UnitId, UserId
from app.services.bags.bag_access import get_bag
from app.services.tools import Tools
from app.storage.records import Unit, User
from app.storage.uow import UnitOfWork
from audit.entry import parse_entry
from audit.response import Response, gather, response_bytes
from crypto.digest import sha256_hex

# A bag holds at most 200 things, and each answer names at least one of them.
_MOST_READ: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFile:
    """A complete answer: its canonical bytes and their digest, who gave it, and when the last line came."""

    bag: Bag
    response: Response
    data: bytes
    digest: str
    answered_by: User
    answered_at: datetime
    units: dict[UnitId, Unit]


def get_response(
    uow: UnitOfWork, code: str, *, actor: Actor, now: datetime | None = None, tools: Tools | None = None
) -> ResponseFile:
    """Return the answer of an emptied bag; NotFound for whoever it is not for, and while it is not whole."""
    bag = get_bag(uow, code, actor=actor, now=now, tools=tools)
    if not may_see_response(bag, actor):
        raise NotFound
    rows = uow.audit.list_for_code(bag.code, limit=_MOST_READ)
    entries = [(parse_entry(row.data), row.data) for row in rows]
    response = gather(bag.code, bag.manifest, entries)
    told = {line.entry for line in response.lines}
    last = next((entry for entry, _ in reversed(entries) if entry.index in told), None)
    actor_of = None if last is None else uow.users.find(UserId(int(str(last.facts["actor"]))))
    if last is None or actor_of is None:
        raise NotFound
    data = response_bytes(response)
    return ResponseFile(
        bag=bag,
        response=response,
        data=data,
        digest=sha256_hex(data),
        answered_by=actor_of,
        answered_at=last.at,
        units=uow.units.list_by_ids({bag.origin, bag.destination}),
    )
