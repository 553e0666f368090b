"""Rule on the paper that comes back to the sender: which slip says what, and when it may be filed.

Four receipts that never stand for one another: delivered, returned, undelivered, destroyed. Only the first
closes a delivery. A slip carries its own code, made from the kind, the item and a MAC, so it is matched by
its code and cannot be filed without having been printed. This module must never see a key or a database.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.domain.access import POST, Actor, Role
from app.domain.consignment import Consignment, State
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, ProblemCode
from app.domain.ids import ConsignmentId, UserId
from audit.evidence import EntryMode

FIELD: Final = "slip"
_TYPED = re.compile(r"(?P<slip>[A-Z]{2}[A-Z]{2}[0-9]{9}[A-Z]{2})(?P<key>[A-Z0-9]{1,8})(?P<mac>[A-Z2-7]{16})")


class ReceiptKind(StrEnum):
    """What a slip reports."""

    DELIVERED = "delivered"
    RETURNED = "returned"
    UNDELIVERED = "undelivered"
    DESTROYED = "destroyed"


# Two letters before the item's code make the slip's own code; no two kinds share them.
PREFIXES: Final = {
    ReceiptKind.DELIVERED: "BP",
    ReceiptKind.RETURNED: "CH",
    ReceiptKind.UNDELIVERED: "KP",
    ReceiptKind.DESTROYED: "TH",
}
_KINDS: Final = {prefix: kind for kind, prefix in PREFIXES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledReceipt:
    """A slip that came back: who filed it, how its code was read, when."""

    consignment_id: ConsignmentId
    kind: ReceiptKind
    entry_mode: EntryMode
    filed_by: UserId
    filed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSlip:
    """What stands on a slip, as read and not yet believed: the MAC of one of `qrs` must verify."""

    kind: ReceiptKind
    code: str
    qrs: tuple[str, ...]
    entry_mode: EntryMode


def slip_code(kind: ReceiptKind, code: str) -> str:
    """Return the code of a slip: its kind's letters and the item's code."""
    return f"{PREFIXES[kind]}{code}"


def parse_slip(untrusted: str) -> ReadSlip:
    """Read a slip's code as a scanner or a person gives it; raises InvalidInput for anything else.

    A scanner gives the whole symbol with its bars; a person may leave out bars, spaces and dashes.
    """
    text = untrusted.strip()
    letters = "".join(letter for letter in text.upper() if letter.isalnum()) if text.isascii() else ""
    match = _TYPED.fullmatch(letters)
    kind = None if match is None else _KINDS.get(match["slip"][:2])
    if match is None or kind is None:
        raise InvalidInput(FIELD, ProblemCode.NOT_A_SLIP)
    scanned = text.count("|") == 2 and text == text.replace(" ", "")
    # Whoever types need not mind the case of the key's name; what a scanner read is taken as it is.
    keys = (text.split("|")[1],) if scanned else (match["key"], match["key"].lower())
    return ReadSlip(
        kind=kind,
        code=match["slip"][2:],
        qrs=tuple(f"{match['slip']}|{key}|{match['mac']}" for key in keys),
        entry_mode=EntryMode.SCAN if scanned else EntryMode.TYPED,
    )


def check_printable(item: Consignment, kind: ReceiptKind, *, actor: Actor) -> None:
    """Allow a slip to those who owe it; raises Conflict where the item is not so, NotFound for the sender.

    The sender waits for the paper: whoever could print it could acknowledge to itself.
    """
    if actor.unit == item.sender_unit:
        raise NotFound
    receiver = actor.role is Role.FOCAL_POINT and actor.unit == item.recipient_unit
    owed = receiver if kind is ReceiptKind.DESTROYED else actor.role in POST
    if kind is ReceiptKind.DELIVERED:
        owed = receiver or actor.role in POST
    if not owed or not _fits(item, kind):
        raise Conflict(ConflictCode.RECEIPT_NOT_DUE)


def list_printable(item: Consignment, *, actor: Actor) -> tuple[ReceiptKind, ...]:
    """Name the slips that this person may print now."""
    found = []
    for kind in ReceiptKind:
        try:
            check_printable(item, kind, actor=actor)
        except (Conflict, NotFound):
            continue
        found.append(kind)
    return tuple(found)


def check_filing(
    item: Consignment, kind: ReceiptKind, *, actor: Actor, filed: Collection[ReceiptKind]
) -> None:
    """Allow the sender's focal point to file a slip once; raises NotFound for others, Conflict otherwise."""
    if actor.unit != item.sender_unit:
        raise NotFound
    if kind in filed:
        raise Conflict(ConflictCode.ALREADY_FILED)
    if not _fits(item, kind):
        raise Conflict(ConflictCode.RECEIPT_NOT_DUE)


def _fits(item: Consignment, kind: ReceiptKind) -> bool:
    match kind:
        case ReceiptKind.DELIVERED | ReceiptKind.DESTROYED:
            return item.state is State.DELIVERED
        case ReceiptKind.RETURNED:
            return item.state is State.RETURNED
        case ReceiptKind.UNDELIVERED:
            return item.attempts > 0 and item.state in {State.IN_CUSTODY, State.RETURNED}
