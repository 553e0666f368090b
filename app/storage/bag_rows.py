"""Turn the row of a bag into its dataclass and back, for both databases.

The order of :data:`BAG` is the contract between this module and the hot stores.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, insert, update

from app.domain.bag import Bag, BagState, Dispatch
from app.domain.consignment import Custodian
from app.storage.rows import OFFER, offer_values, to_known_time, to_offer, to_time
from app.storage.tables.bags import BAG_HOLDINGS, BAGS

BAG = (
    "id", "code", "asset", "origin_unit_id", "destination_unit_id", "state", "custodian_user_id",
    "custodian_unit_id", "offer_nonce", "offer_purpose", "offer_to_unit_id", "offer_to_user_id",
    "offer_place_id", "offer_by_id", "offered_at", "outer_id", "pieces", "seal", "weight_g", "dispatch_year",
    "dispatch_number", "dispatch_serial", "dispatch_last", "manifest", "started_at", "closed_at",
    "opened_at", "emptied_at", "item_head", "version",
)  # fmt: skip

UPDATE_BAG = update(BAGS).where(BAGS.c.id == bindparam("which")).values(version=BAGS.c.version + 1)
HOLD_BAG = insert(BAG_HOLDINGS)


def to_bag(row: Sequence[Any]) -> Bag:
    """Build the dataclass from the columns of :data:`BAG`, in that order."""
    (
        id_, code, asset, origin, destination, state, user, unit, nonce, purpose, to_unit, to_user, place, by,
        offered, outer, pieces, seal, weight, year, number, serial, last, manifest, started, closed, opened,
        emptied, item_head, version,
    ) = row  # fmt: skip
    offer = to_offer((nonce, purpose, to_unit, to_user, place, by, offered))
    dispatch = None
    if number is not None:
        dispatch = Dispatch(year=year, number=number, serial=serial, last=bool(last))
    return Bag(
        id=id_, code=code, asset=asset, origin=origin, destination=destination, state=BagState(state),
        custodian=Custodian(user=user, unit=unit), offer=offer, outer=outer, pieces=pieces, seal=seal,
        weight_g=weight, dispatch=dispatch, manifest=manifest, started_at=to_known_time(started),
        closed_at=to_time(closed), opened_at=to_time(opened), emptied_at=to_time(emptied),
        item_head=item_head, version=version,
    )  # fmt: skip


def bag_values(bag: Bag, item_head: str) -> dict[str, object]:
    """Give every column that a use case may change."""
    dispatch = bag.dispatch
    return {
        "state": str(bag.state),
        "custodian_user_id": bag.custodian.user,
        "custodian_unit_id": bag.custodian.unit,
        **dict(zip(OFFER, offer_values(bag.offer), strict=True)),
        "outer_id": bag.outer,
        "pieces": bag.pieces,
        "seal": bag.seal,
        "weight_g": bag.weight_g,
        "dispatch_year": None if dispatch is None else dispatch.year,
        "dispatch_number": None if dispatch is None else dispatch.number,
        "dispatch_serial": None if dispatch is None else dispatch.serial,
        "dispatch_last": None if dispatch is None else dispatch.last,
        "manifest": bag.manifest,
        "closed_at": bag.closed_at,
        "opened_at": bag.opened_at,
        "emptied_at": bag.emptied_at,
        "item_head": item_head,
    }
