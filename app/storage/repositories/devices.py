"""Enrolled signing keys. Revoking marks; nothing is deleted, because old evidence must stay checkable."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from app.domain.ids import UserId
from app.storage.group import Group, PendingEntry
from app.storage.hot import Wanted
from app.storage.people_rows import to_device
from app.storage.prefetch import Prefetch
from app.storage.records import Device, Owner, User
from app.storage.statements import Statements
from app.storage.tables.people import DEVICES, USERS

D = DEVICES.c
_DEVICE_FIELDS = tuple(D.keys())
_USER_FIELDS = tuple(USERS.c.keys())
# Asked at every request of a device: composing it each time cost more than the database's work.
_BY_TOKEN = (
    select(DEVICES, USERS).join(USERS, USERS.c.id == D.user_id).where(D.token_hash == bindparam("token_hash"))
)


class Devices:
    """See the module."""

    def __init__(self, statements: Statements, group: Group, prefetch: Prefetch) -> None:
        self._statements = statements
        self._group = group
        self._prefetch = prefetch

    def add(self, device: Device, entry: PendingEntry) -> None:
        """Queue a device under the entry that enrols it; `id` and `enrolled_index` are storage's to give.

        Raises AlreadyThere for a key or token that is taken.
        """
        values = asdict(device)
        del values["id"]
        # The entry has no number yet, so the row says -1 until the flush fills it in.
        values["enrolled_index"] = -1
        identity = self._statements.insert(insert(DEVICES).values(values).returning(D.id))
        self._group.journal.add(self._group.enrolments, (identity, entry))
        self._group.devices.clear()

    def revoke(self, identity: int, *, revoked_at: datetime) -> None:
        """Mark a device as revoked; raises NotFound."""
        self._statements.update_one(
            update(DEVICES).where(D.id == identity).values(revoked_at=revoked_at, token_hash=None)
        )
        self._group.devices.clear()

    def find(self, identity: int) -> Device | None:
        """Return a device by id."""
        row = self._statements.first(select(DEVICES).where(D.id == identity))
        return None if row is None else to_device(row)

    def find_by_key(self, key_id: str) -> Device | None:
        """Return a device by the id of its key; in a writing unit of work it is asked for once."""
        if not self._statements.writable:
            row = self._statements.first(select(DEVICES).where(D.key_id == key_id))
            return None if row is None else to_device(row)
        found = self.find_signer(key_id)
        return None if found is None else found[0]

    def find_signer(self, key_id: str) -> tuple[Device, Owner] | None:
        """Return a device and its person as this writing transaction sees them; asked for once in a group."""
        if key_id not in self._group.devices:
            self._prefetch.load(Wanted(devices=(key_id,)))
        return self._group.devices[key_id]

    def find_by_token(self, token_hash: str) -> tuple[Device, User] | None:
        """Return a device and its person by the digest of the device's token, in one question."""
        row = self._statements.first(_BY_TOKEN, {"token_hash": token_hash})
        if row is None:
            return None
        user = User(**dict(zip(_USER_FIELDS, row[len(_DEVICE_FIELDS) :], strict=True)))
        return to_device(row[: len(_DEVICE_FIELDS)]), user

    def list_by_keys(self, key_ids: Collection[str]) -> tuple[Device, ...]:
        """Return the devices that own these keys."""
        rows = self._statements.rows(select(DEVICES).where(D.key_id.in_(sorted(key_ids))))
        return tuple(to_device(row) for row in rows)

    def list(self, *, user: UserId | None = None) -> tuple[Device, ...]:
        """Return devices, newest first."""
        statement = select(DEVICES).order_by(D.id.desc())
        if user is not None:
            statement = statement.where(D.user_id == user)
        return tuple(to_device(row) for row in self._statements.rows(statement))
