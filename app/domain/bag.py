"""Describe a bag (túi KT1): one trip of one pouch, from its opening for packing to its emptying.

The pouch itself is the `asset`, used again and again; a `Bag` is one life between two offices, with its own
code, seal, weight and manifest. Whoever holds the bag answers for everything in it; that is nowhere stored
twice. Frozen facts without rules: those are in :mod:`app.domain.packing`, :mod:`app.domain.bag_custody` and
:mod:`app.domain.unpacking`.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.consignment import Custodian, PendingOffer
from app.domain.errors import InvalidInput, ProblemCode
from app.domain.ids import BagCode, BagId, UnitId
from crypto.digest import sha256_hex

# The packed codes must fit one signed statement and one entry of the log.
MOST_PACKED = 200
_ASSET = re.compile(r"[A-Z0-9][A-Z0-9.\-]{0,31}")


class BagState(StrEnum):
    """Where a bag stands; the last is final."""

    OPEN = "open"
    CLOSED = "closed"
    OPENED = "opened"
    EMPTIED = "emptied"

    @property
    def is_final(self) -> bool:
        """A final state never changes again."""
        return self is BagState.EMPTIED


class Contents(StrEnum):
    """What is known of an item in a bag: inferred from an intact seal, or verified by somebody who looked."""

    INFERRED = "inferred"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """The dispatch (chuyến thư) a closed bag belongs to: gapless per pair of offices and year.

    `serial` counts the bags of the dispatch; `last` marks the bag after which none follows.
    """

    year: int
    number: int
    serial: int
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bag:
    """Everything custody needs to know about one bag trip.

    `pieces` counts what is in it now; `seal` and `weight_g` are as closed ("" and 0 before); `outer` is the
    bag it lies in; `manifest` the digest of its frozen manifest. `item_head`, `id` and `version` belong to
    storage.
    """

    id: BagId
    code: BagCode
    asset: str
    origin: UnitId
    destination: UnitId
    state: BagState
    custodian: Custodian
    offer: PendingOffer | None = None
    outer: BagId | None = None
    pieces: int = 0
    seal: str = ""
    weight_g: int = 0
    dispatch: Dispatch | None = None
    manifest: str = ""
    started_at: datetime
    closed_at: datetime | None = None
    opened_at: datetime | None = None
    emptied_at: datetime | None = None
    item_head: str = ""
    version: int = 1


def parse_asset(untrusted: str) -> str:
    """Read the number on the pouch: capitals, digits, dots and hyphens."""
    text = untrusted.strip().upper()
    if not text:
        raise InvalidInput("asset", ProblemCode.REQUIRED)
    if _ASSET.fullmatch(text) is None:
        raise InvalidInput("asset", ProblemCode.MALFORMED)
    return text


def contents_digest(codes: Collection[str]) -> str:
    """Return what a closer signs for the contents: SHA-256 of the codes, sorted, each with a line feed."""
    return sha256_hex("".join(f"{code}\n" for code in sorted(codes)).encode())
