"""Turn the hot row of a consignment into its dataclass and back, by position, for both databases.

This is the busiest conversion of the product, so it is written out instead of derived. The order of
:data:`HOT` and of :func:`changed_values` is the contract between this module and the hot stores.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from app.domain.consignment import Consignment, Custodian, PendingOffer, State
from app.domain.grades import Grade, Scope, Secrecy
from app.domain.held_back import Hold
from audit.evidence import Purpose

# What is offered to whom, of an item as of a bag.
OFFER = (
    "offer_nonce", "offer_purpose", "offer_to_unit_id", "offer_to_user_id", "offer_place_id", "offer_by_id",
    "offered_at",
)  # fmt: skip
HOT = (
    "id", "code", "sender_unit_id", "recipient_unit_id", "secrecy", "express", "appointed_at", "scope",
    "state",     "custodian_user_id", "custodian_unit_id", "offer_nonce", "offer_purpose", "offer_to_unit_id",
    "offer_to_user_id", "offer_place_id", "offer_by_id", "offered_at", "named_only", "seal", "accepted_at",
    "first_attempt_at", "attempts", "closed_at", "registered_at", "item_head", "version", "bag_id",
    "hold",
)  # fmt: skip
CHANGED = (
    ("id", "bigint"), ("state", "text"), ("custodian_user_id", "bigint"), ("custodian_unit_id", "bigint"),
    ("offer_nonce", "text"), ("offer_purpose", "text"), ("offer_to_unit_id", "bigint"),
    ("offer_to_user_id", "bigint"), ("offer_place_id", "bigint"), ("offer_by_id", "bigint"),
    ("offered_at", "timestamptz"), ("seal", "text"), ("accepted_at", "timestamptz"),
    ("first_attempt_at", "timestamptz"), ("attempts", "integer"), ("closed_at", "timestamptz"),
    ("item_head", "text"), ("bag_id", "bigint"), ("hold", "text"),
)  # fmt: skip


def to_time(value: object) -> datetime | None:
    """Read a time as either database returns it."""
    return None if value is None else to_known_time(value)


def to_known_time(value: object) -> datetime:
    """Read a time of a NOT NULL column."""
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    raise TypeError("neither a time nor its text")


def to_offer(columns: Sequence[Any]) -> PendingOffer | None:
    """Build an offer from the columns of :data:`OFFER`, None where nothing is offered."""
    nonce, purpose, to_unit, to_user, place, by, offered = columns
    if nonce is None:
        return None
    return PendingOffer(
        nonce=nonce, purpose=Purpose(purpose), to_unit=to_unit, to_user=to_user,
        place=place, by=by, offered_at=to_known_time(offered),
    )  # fmt: skip


def offer_values(offer: PendingOffer | None) -> tuple[object, ...]:
    """Give the values of :data:`OFFER`, in that order."""
    if offer is None:
        return (None,) * len(OFFER)
    return (
        offer.nonce, str(offer.purpose), offer.to_unit, offer.to_user,
        offer.place, offer.by, offer.offered_at,
    )  # fmt: skip


def to_consignment(row: Sequence[Any]) -> Consignment:
    """Build the dataclass from the columns of :data:`HOT`, in that order."""
    (
        id_, code, sender, recipient, secrecy, express, appointed, scope, state,
        user, unit, nonce, purpose, to_unit, to_user, place, by, offered,
        named_only, seal, accepted, first_attempt, attempts, closed, registered, item_head, version, bag,
        hold,
    ) = row  # fmt: skip
    offer = to_offer((nonce, purpose, to_unit, to_user, place, by, offered))
    return Consignment(
        id=id_, code=code, sender_unit=sender, recipient_unit=recipient,
        grade=Grade(secrecy=Secrecy(secrecy), express=bool(express), appointed_at=to_time(appointed)),
        scope=Scope(scope), state=State(state), custodian=Custodian(user=user, unit=unit), offer=offer,
        named_only=bool(named_only), seal=seal, accepted_at=to_time(accepted),
        first_attempt_at=to_time(first_attempt), attempts=attempts, closed_at=to_time(closed),
        registered_at=to_known_time(registered), item_head=item_head, version=version, bag=bag,
        hold=Hold(hold) if hold else None,
    )  # fmt: skip


def changed_values(after: Consignment, item_head: str) -> tuple[object, ...]:
    """Give the values of :data:`CHANGED`, in that order."""
    return (
        after.id, str(after.state), after.custodian.user, after.custodian.unit,
        *offer_values(after.offer), after.seal,
        after.accepted_at, after.first_attempt_at, after.attempts, after.closed_at, item_head, after.bag,
        after.hold or "",
    )  # fmt: skip
