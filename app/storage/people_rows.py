"""Turn rows of units, devices and receipts into their dataclasses, by position, for both databases."""

import json
from collections.abc import Sequence
from typing import cast

from app.domain.ids import KeyId, UnitId, UserId
from app.storage.group import PendingEntry, StoredScan
from app.storage.records import Device, Owner, ScanLine, Unit
from app.storage.rows import to_known_time, to_time
from audit.entry import SealedEntry

Row = Sequence[object]


def to_unit(row: Row) -> Unit:
    """Read the columns of ``units`` in the table's order, behind them since when the section is closed."""
    identity, code, kind, name, short, search, province, commune, address, parent, active, closed, *more = row
    return Unit(
        id=UnitId(cast("int", identity)),
        code=str(code),
        kind=str(kind),
        name=str(name),
        short_name=str(short),
        search_name=str(search),
        province=str(province),
        commune=str(commune),
        address=str(address),
        parent_id=None if parent is None else UnitId(cast("int", parent)),
        active=bool(active),
        closed_at=to_time(closed),
        section_closed_at=to_time(more[0]) if more else None,
    )


def to_device(row: Row) -> Device:
    """Read the columns of ``devices`` in the table's order."""
    identity, key, public_key, user, name, token, enrolled, revoked, index = row
    return Device(
        id=cast("int", identity),
        key_id=KeyId(str(key)),
        public_key=bytes(cast("bytes", public_key)),
        user_id=UserId(cast("int", user)),
        name=str(name),
        token_hash=None if token is None else str(token),
        enrolled_at=to_known_time(enrolled),
        revoked_at=to_time(revoked),
        enrolled_index=cast("int", index),
    )


def to_owned_device(row: Row) -> tuple[Device, Owner]:
    """Read the columns of ``devices``, then ``unit_id, role, active, name_key, must_change_password``."""
    device = to_device(row[:-5])
    unit, role, active, name_key, must_change = row[-5:]
    return device, Owner(
        user=device.user_id,
        unit=UnitId(cast("int", unit)),
        role=str(role),
        active=bool(active),
        name_key=str(name_key),
        must_change_password=bool(must_change),
    )


def to_stored_scan(row: Row) -> StoredScan:
    """Read ``scan_id, envelope_digest, lines, entry_idx, leaf, data``."""
    scan, digest, lines, index, leaf, data = row
    sealed = SealedEntry(
        index=cast("int", index), leaf=bytes(cast("bytes", leaf)), data=bytes(cast("bytes", data))
    )
    return StoredScan(
        scan_id=str(scan),
        envelope_digest=str(digest),
        lines=tuple(
            ScanLine(code=code, outcome=outcome, refusal=refusal)
            for code, outcome, refusal in json.loads(str(lines))
        ),
        entry=PendingEntry(None, sealed),
    )
