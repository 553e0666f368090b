"""Checks one stored entry now: its bytes, the log's signature, its links, the devices' signatures.

The same questions as the offline verifier asks of a whole log, asked of the few entries on a screen. Never
believes a stored hash: every leaf is hashed again from the bytes. A mark says what was checked just now on
this server; proof against this server is the exported bundle.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.storage.records import Device, LogRow
from audit.entry import FIRST_PREV, Entry, verify_entry
from audit.errors import AuditError
from audit.evidence import open_evidence
from crypto.digest import leaf_hash
from crypto.errors import CryptoError
from crypto.keys import PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What held: log signature, link to the entry before, the item's own link, every device signature.

    `devices` counts the signatures that were checked; an entry without evidence has none and fails none.
    """

    log_signature: bool
    chain_link: bool
    item_link: bool
    device_signatures: bool
    devices: int

    @property
    def is_verified(self) -> bool:
        """Whether nothing was found wrong."""
        return self.log_signature and self.chain_link and self.item_link and self.device_signatures


def check_entry(
    row: LogRow,
    entry: Entry,
    *,
    log_key: PublicKey | None,
    before: LogRow | None,
    item_prev: Mapping[str, str],
    devices: Mapping[str, Device],
    origin: str,
) -> Marks:
    """Check one entry.

    `log_key` is the key that counts for it (None: there is none), `before` the row in front of it,
    `item_prev` the leaf that each shown code must name.
    """
    expected = FIRST_PREV if row.index == 0 else (leaf_hash(before.data) if before is not None else None)
    return Marks(
        log_signature=_is_signed(row, entry, log_key),
        chain_link=entry.index == row.index and entry.prev == expected and row.leaf == leaf_hash(row.data),
        item_link=all(item.prev == item_prev[item.code] for item in entry.items if item.code in item_prev),
        device_signatures=all(
            _is_evidence(envelope.key_id, entry, devices, origin) for envelope in entry.envelopes
        ),
        devices=len(entry.envelopes),
    )


def _is_signed(row: LogRow, entry: Entry, log_key: PublicKey | None) -> bool:
    if log_key is None:
        return False
    try:
        verify_entry(entry, log_key)
    except CryptoError:
        return False
    return entry.key == log_key.key_id and entry.kind.value == row.kind


def _is_evidence(key_id: str, entry: Entry, devices: Mapping[str, Device], origin: str) -> bool:
    device = devices.get(key_id)
    if device is None or device.enrolled_index >= entry.index:
        return False
    if device.revoked_at is not None and device.revoked_at < entry.at:
        return False
    try:
        key = PublicKey(device.public_key)
        # The name is derived from the key, so a key exchanged in the table does not carry the signed name.
        if key.key_id != key_id:
            return False
        for envelope in entry.envelopes:
            if envelope.key_id == key_id:
                open_evidence(envelope, key, log=origin)
    except (CryptoError, AuditError):
        return False
    return True
