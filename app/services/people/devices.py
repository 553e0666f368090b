"""Enrols and revokes signing keys: whose device signs, from which entry of the log on.

The private key never comes here. Its holder signs a statement with it that names this log and this person,
so that nobody enrols another's public key as their own. The bearer token of a device is shown once; only
its digest is stored. A revoked device stays listed: its old evidence must stay checkable.

For the surfaces:
    challenge_text(origin, user, public_key_text) -> bytes  what the new key signs, see there
    enrol(uow, EnrolDevice, *, actor, now, tools) -> Enrolled             `token` is shown once
    revoke(uow, key_id, *, actor, why=None, now, tools) -> None  own device, or any for administrators
    list_devices(uow, *, actor, now, tools) -> tuple[Device, ...]         own, or all for administrators
    authenticate(uow, token, *, now, tools) -> DeviceActor | None         for the devices' surface
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.access import Actor, Permission, may
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, ProblemCode
from app.domain.ids import KeyId, UserId
from app.domain.text import parse_line
from app.services.people.permissions import require
from app.services.people.sessions import actor_of
from app.services.tools import Tools
from app.storage.group import PendingEntry
from app.storage.records import Device, User
from app.storage.uow import UnitOfWork
from audit.enrolment import challenge, verify_proof
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.digest import sha256_hex
from crypto.errors import CryptoError
from crypto.keys import PublicKey

_LONGEST_NAME = 60
_LONGEST_TOKEN = 64
_MOST_DEVICES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolDevice:
    """What the browser or device sent: name, public key (base64 of 32 bytes), signature (base64 of 64)."""

    untrusted_name: str
    untrusted_public_key: str
    untrusted_signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """The new device; `token` goes to the device now and can never be shown again."""

    key_id: KeyId
    token: str
    entry: PendingEntry


class RevocationReason(StrEnum):
    """Why a key counts no more; a code, because an entry never holds what somebody wrote freely."""

    LOST = "lost"
    STOLEN = "stolen"
    COMPROMISED = "compromised"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """Why a key is revoked and, found later, from which entry on what it signed is in doubt already."""

    reason: RevocationReason
    as_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceActor:
    """A request by a device: which one, and for whom it acts."""

    device: Device
    user: User
    actor: Actor


def challenge_text(origin: str, user: UserId, public_key_text: str) -> bytes:
    r"""Return what proves possession: `kt1/enrol/v1\n`, origin, user id, public key, each ending its line."""
    return challenge(origin, int(user), PublicKey.from_text(public_key_text))


def enrol(uow: UnitOfWork, command: EnrolDevice, *, actor: Actor, now: datetime, tools: Tools) -> Enrolled:
    """Enrol a key for the person who asks, after it has proved itself."""
    require(actor, Permission.ENROL_OWN_DEVICE)
    name = parse_line(command.untrusted_name, field="name", longest=_LONGEST_NAME, required=True)
    key = _parse_key(command, actor, tools)
    if uow.devices.find_by_key(key.key_id) is not None:
        raise Conflict(ConflictCode.ALREADY_ENROLLED)
    if sum(device.revoked_at is None for device in uow.devices.list(user=actor.user)) >= _MOST_DEVICES:
        raise InvalidInput("device", ProblemCode.TOO_MANY, params={"most": _MOST_DEVICES})
    token = secrets.token_urlsafe(32)
    entry = uow.audit.append(
        EntryDraft(
            kind=EntryKind.DEVICE_ENROLLED,
            facts={
                "device": key.key_id,
                "public_key": key.to_text(),
                "owner": int(actor.user),
                "actor": int(actor.user),
                # Base64 in its one spelling, verified above: whoever reads the log can check it again.
                "proof": command.untrusted_signature,
            },
        )
    )
    device = Device(
        id=0,
        key_id=KeyId(key.key_id),
        public_key=key.raw,
        user_id=actor.user,
        name=name,
        token_hash=sha256_hex(token.encode()),
        enrolled_at=now,
        revoked_at=None,
        enrolled_index=0,
    )
    uow.devices.add(device, entry)
    return Enrolled(key_id=device.key_id, token=token, entry=entry)


def revoke(
    uow: UnitOfWork,
    key_id: str,
    *,
    actor: Actor | None,
    now: datetime,
    tools: Tools,
    why: Revocation | None = None,
) -> None:
    """Revoke one's own device, or any as administrator or at the console (None); else it is not there.

    `why.as_of` lies behind the enrolment and not behind the log's end. It changes no entry: an auditor's
    trust file is what makes the entries between count no more.
    """
    del tools
    device = uow.devices.find_by_key(key_id[:64])
    if device is None or not _may_revoke(device, actor):
        raise NotFound
    if device.revoked_at is not None:
        raise Conflict(ConflictCode.ALREADY_REVOKED)
    facts: dict[str, JsonValue] = {"device": str(device.key_id), "owner": int(device.user_id)}
    if actor is not None:
        facts["actor"] = int(actor.user)
    if why is not None:
        facts["reason"] = why.reason.value
    if why is not None and why.as_of is not None:
        least, most = device.enrolled_index + 1, uow.audit.head().size
        if not least <= why.as_of <= most:
            raise InvalidInput("as_of", ProblemCode.OUT_OF_RANGE, params={"least": least, "most": most})
        facts["as_of"] = why.as_of
    uow.devices.revoke(device.id, revoked_at=now)
    uow.audit.append(EntryDraft(kind=EntryKind.DEVICE_REVOKED, facts=facts))


def list_devices(uow: UnitOfWork, *, actor: Actor | None, now: datetime, tools: Tools) -> tuple[Device, ...]:
    """Return the person's own devices, or everybody's for administrators and at the console (None)."""
    del now, tools
    if actor is None or may(actor.role, Permission.MANAGE_DEVICES):
        return uow.devices.list()
    require(actor, Permission.ENROL_OWN_DEVICE)
    return uow.devices.list(user=actor.user)


def authenticate(
    uow: UnitOfWork, untrusted_token: str, *, now: datetime | None = None, tools: Tools | None = None
) -> DeviceActor | None:
    """Return who acts through the device with this token, None unless device and person are in use.

    A person who works under a password that somebody else has seen acts through no device either.
    """
    del now, tools
    if len(untrusted_token) > _LONGEST_TOKEN or not untrusted_token.isascii():
        return None
    found = uow.devices.find_by_token(sha256_hex(untrusted_token.encode()))
    if found is None or found[0].revoked_at is not None or not found[1].active:
        return None
    device, user = found
    if user.must_change_password:
        return None
    return DeviceActor(device=device, user=user, actor=actor_of(user))


def _may_revoke(device: Device, actor: Actor | None) -> bool:
    if actor is None:
        return True
    return actor.active and (device.user_id == actor.user or may(actor.role, Permission.MANAGE_DEVICES))


def _parse_key(command: EnrolDevice, actor: Actor, tools: Tools) -> PublicKey:
    try:
        key = PublicKey.from_text(command.untrusted_public_key)
    except CryptoError:
        raise InvalidInput("public_key", ProblemCode.MALFORMED) from None
    try:
        verify_proof(command.untrusted_signature, origin=tools.origin, owner=int(actor.user), public_key=key)
    except CryptoError:
        raise InvalidInput("signature", ProblemCode.BAD_SIGNATURE) from None
    return key
