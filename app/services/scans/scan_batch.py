"""Receive many scans in the sender's own order, as one job of the writer: they share one commit.

A scan that is not authentic stops no other; what was recorded for the rest stays. Nothing is decided here.

For the surfaces:
    receive_all(uow, envelopes, *, actor, now, tools) -> one ScanOutcome or InvalidInput for each
    receive_from(uow, envelopes, *, caller, now, tools) -> the same for a device; raises StaleCaller
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.access import Actor
from app.domain.errors import InvalidInput
from app.services.scans.handover import ScanOutcome, receive
from app.services.scans.scan_opening import owner_as_actor
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from crypto.envelope import Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The device that brings scans, as it was known when it last called, and the digest of its token."""

    actor: Actor
    key_id: str
    token_hash: str


class StaleCaller(Exception):  # noqa: N818  # named after what it says
    """The device, its token or its person is no longer what the caller was let in as."""


def receive_all(
    uow: UnitOfWork, envelopes: Sequence[Envelope], *, actor: Actor, now: datetime, tools: Tools
) -> tuple[ScanOutcome | InvalidInput, ...]:
    """Receive each scan; what is not authentic comes back as its error, in its place."""
    return tuple(_receive(uow, envelope, actor=actor, now=now, tools=tools) for envelope in envelopes)


def receive_from(
    uow: UnitOfWork, envelopes: Sequence[Envelope], *, caller: Caller, now: datetime, tools: Tools
) -> tuple[ScanOutcome | InvalidInput, ...]:
    """Receive scans from a device, and ask in the same transaction whether it still may bring any.

    So a busy device costs no question of its own. Raises StaleCaller; then nothing is recorded.
    """
    found = uow.devices.find_signer(caller.key_id)
    if found is None:
        raise StaleCaller
    device, owner = found
    if device.token_hash != caller.token_hash or owner_as_actor(owner) != caller.actor:
        raise StaleCaller
    if owner.must_change_password:
        raise StaleCaller
    return receive_all(uow, envelopes, actor=caller.actor, now=now, tools=tools)


def _receive(
    uow: UnitOfWork, envelope: Envelope, *, actor: Actor, now: datetime, tools: Tools
) -> ScanOutcome | InvalidInput:
    try:
        with uow.savepoint():
            return receive(uow, envelope, actor=actor, now=now, tools=tools)
    except InvalidInput as error:
        return error
