"""Which device keys a log enrols and revokes, whose they are, and from which entry to which they count.

A first reading of the log notes what it claims, unverified; `audit.checks` then holds each claim against the
entry it stands in. It must never take a key from anywhere but an enrolment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from audit.bundle import split_entries
from audit.enrolment import verify_proof
from audit.entry import Entry, parse_entry
from audit.errors import BadEntry, MalformedEntry
from audit.kinds import EntryKind
from audit.trust import RevokedDevice
from crypto.errors import CryptoError, MalformedKey
from crypto.keys import PublicKey

# In canonical JSON a quotation mark inside a text is escaped, so these bytes are always a field.
_DEVICE_MARK = b'"kind":"device_'
_ENROLLED, _REVOKED = EntryKind.DEVICE_ENROLLED, EntryKind.DEVICE_REVOKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device key, the person it was enrolled for, and the positions of its enrolment and revocation.

    `until` is the trust file's own revocation: the key counts for no entry at or behind it.
    """

    public_key: PublicKey
    owner: int
    enrolled: int
    revoked: int | None = None
    until: int | None = None


def find_device_changes(block: bytes, first: int, devices: dict[str, Device]) -> None:
    """Note enrolments and revocations, unverified: the checker later holds each against its own entry."""
    if _DEVICE_MARK not in block:
        return
    for position, data in enumerate(split_entries(block), first):
        if _DEVICE_MARK not in data:
            continue
        try:
            _note(parse_entry(data), position, devices)
        except (MalformedEntry, MalformedKey):
            # Not an entry, or not a key: the checker names it when it comes to this position.
            continue


def revoke_by_trust(devices: dict[str, Device], revoked: Iterable[RevokedDevice]) -> None:
    """Limit devices as the trust file says; what the log itself says of them stays as it is."""
    for item in revoked:
        device = devices.get(item.key_id)
        if device is not None:
            devices[item.key_id] = replace(device, until=item.until)


def check_device_change(entry: Entry, devices: Mapping[str, Device], origin: str) -> None:
    """Raise BadEntry unless an enrolment or revocation is the one its device counts by."""
    if entry.kind is _REVOKED:
        device = devices.get(str(entry.facts["device"]))
        if device is None or device.revoked != entry.index:
            raise BadEntry(entry.index, "device", "revoked before, or never enrolled")
    elif entry.kind is _ENROLLED:
        facts = entry.facts
        device = devices.get(str(facts["device"]))
        if (
            device is None
            or device.enrolled != entry.index
            or device.public_key.to_text() != facts["public_key"]
        ):
            raise BadEntry(entry.index, "device", "enrolled before, or the name is not the key's")
        if device.owner < 1:
            raise BadEntry(entry.index, "device", "enrolled for nobody: the owner is no user id")
        try:
            verify_proof(str(facts["proof"]), origin=origin, owner=device.owner, public_key=device.public_key)
        except CryptoError:
            raise BadEntry(
                entry.index, "device", "the key did not sign its enrolment for this owner"
            ) from None


def find_signer(devices: Mapping[str, Device], key_id: str, index: int) -> Device:
    """Return the device whose key counts at `index`; raises BadEntry."""
    device = devices.get(key_id)
    if device is None or device.enrolled >= index:
        raise BadEntry(index, "device", f"device {key_id} is not enrolled here")
    if device.revoked is not None and device.revoked < index:
        raise BadEntry(index, "device", f"device {key_id} was revoked before")
    if device.until is not None and device.until <= index:
        raise BadEntry(
            index, "device", f"the trust file revokes device {key_id} from entry {device.until} on"
        )
    return device


def _note(entry: Entry, position: int, devices: dict[str, Device]) -> None:
    if entry.kind is _ENROLLED:
        key, owner = PublicKey.from_text(str(entry.facts["public_key"])), entry.facts["owner"]
        if key.key_id == entry.facts["device"] and isinstance(owner, int):
            devices.setdefault(key.key_id, Device(public_key=key, owner=owner, enrolled=position))
    elif entry.kind is _REVOKED:
        known = devices.get(str(entry.facts["device"]))
        if known is not None and known.revoked is None:
            devices[known.public_key.key_id] = replace(known, revoked=position)
