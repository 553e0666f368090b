"""What comes out of the database: frozen dataclasses, one per table that the services read.

Secrets appear only as digests or sealed blobs. These records must never learn a rule of the domain.
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain.ids import ConsignmentId, KeyId, UnitId, UserId
from app.domain.register import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """An agency, post office, department or committee; `search_name` is folded for searching.

    `section_closed_at` is since when the counter of a post office stands closed. It is read where a scan
    needs it, by code in a writing unit of work, and None elsewhere: a page asks the closings themselves.
    """

    id: UnitId
    code: str
    kind: str
    name: str
    short_name: str
    search_name: str
    province: str
    commune: str
    address: str
    parent_id: UnitId | None
    active: bool
    closed_at: datetime | None = None
    section_closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with an account. `must_change_password`: somebody else has seen the present one."""

    id: UserId
    username: str
    full_name: str
    name_key: str
    position: str
    role: str
    unit_id: UnitId
    password_hash: str
    locale: str
    active: bool
    created_at: datetime
    must_change_password: bool = False
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A server-side session; the id itself is only in the browser."""

    id_hash: str
    user_id: UserId
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """An enrolled signing key; `enrolled_index` is the log entry that enrolled it."""

    id: int
    key_id: KeyId
    public_key: bytes
    user_id: UserId
    name: str
    token_hash: str | None
    enrolled_at: datetime
    revoked_at: datetime | None
    enrolled_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The person behind a device, as far as custody asks; read in the transaction that acts on it."""

    user: UserId
    unit: UnitId
    role: str
    active: bool
    name_key: str
    must_change_password: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanLine:
    """What became of one line of a scan."""

    code: str
    outcome: str
    refusal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLine:
    """One line of an official register."""

    unit_id: UnitId
    year: int
    direction: Direction
    number: int
    consignment_id: ConsignmentId
    registered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPrint:
    """One printing of one label; number 1 is the original, every other says why."""

    consignment_id: ConsignmentId
    number: int
    form: str
    reason: str
    printed_by_id: UserId
    printed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt to deliver or return, with whoever took it; `receiver_sealed` is a vault blob."""

    consignment_id: ConsignmentId
    outcome: str
    reason: str
    action: str
    giver_id: UserId
    taker_id: UserId | None
    place_id: UnitId
    receiver_sealed: bytes | None
    device_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportBatch:
    """One imported file, by digest, so that the same file is not imported twice."""

    id: int
    unit_id: UnitId
    user_id: UserId
    digest: str
    file_name: str
    rows: int
    imported_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Failed logins since some time: of the account, from the address, overall; with the latest of each."""

    account: int
    address: int
    overall: int
    account_latest_at: datetime | None
    address_latest_at: datetime | None
    overall_latest_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeToken:
    """An RFC 3161 answer over a checkpoint. `token_at` is the authority's time, `stored_at` this server's."""

    hour_at: datetime
    size: int
    checkpoint: bytes
    token: bytes
    token_at: datetime
    source: str
    stored_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One entry of the log as stored."""

    index: int
    kind: str
    at: datetime
    leaf: bytes
    data: bytes
