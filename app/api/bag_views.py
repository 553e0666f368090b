"""Write bags as the API's plain JSON. A recorded seal never leaves by this road."""

from collections.abc import Mapping
from datetime import datetime

from app.api.views import offer_view
from app.domain.bag import Bag
from app.domain.consignment import Custodian
from app.domain.ids import UnitId
from app.services.bags.bag_access import BagPage, BagRecord
from crypto.timestamps import format_at


def listed_view(bag: Bag, page: BagPage) -> dict[str, object]:
    """Describe one bag of a list."""
    codes = {unit: found.code for unit, found in page.units.items()}
    counted = bag.id in page.counted
    return _outside(bag, page.custodians[bag.id], codes, pieces=bag.pieces if counted else None)


def bag_view(record: BagRecord) -> dict[str, object]:
    """Describe one bag from its record."""
    codes = {unit: found.code for unit, found in record.units.items()}
    bag, contents = record.bag, record.contents
    outside = _outside(bag, record.custodian, codes, pieces=None if contents is None else bag.pieces)
    return outside | {
        "offer": None if bag.offer is None else offer_view(bag.offer, codes),
        "manifest": bag.manifest,
        "contents": None
        if contents is None
        else [
            {"code": one.code, "known": one.known, "mark": one.mark, "listed": one.is_listed}
            for one in contents
        ],
    }


def _outside(
    bag: Bag, custodian: Custodian, codes: Mapping[UnitId, str], *, pieces: int | None
) -> dict[str, object]:
    dispatch = bag.dispatch
    return {
        "code": bag.code,
        "asset": bag.asset,
        "origin": codes[bag.origin],
        "destination": codes[bag.destination],
        "state": bag.state,
        "custodian_user": custodian.user,
        "custodian_unit": codes[custodian.unit],
        "offered": bag.offer is not None,
        "nested": bag.outer is not None,
        "dispatch": None
        if dispatch is None
        else {
            "year": dispatch.year,
            "number": dispatch.number,
            "serial": dispatch.serial,
            "last": dispatch.last,
        },
        "weight_g": bag.weight_g or None,
        "pieces": pieces,
        "started_at": format_at(bag.started_at),
        "closed_at": _moment(bag.closed_at),
        "opened_at": _moment(bag.opened_at),
        "emptied_at": _moment(bag.emptied_at),
    }


def _moment(value: datetime | None) -> str | None:
    return None if value is None else format_at(value)
