"""`/api/v1/custody` and `/api/v1/holdings`: who answered for a thing at any time, who held what then.

A time is written as `at` of a receipt is, or as people in Vietnam type it; none is now. What a person may ask
about is decided by `app/services/items/past_custody.py`.
"""

from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.custody_schemas import CustodyAtAnswer, CustodyQuery, HoldingsAnswer, HoldingsQuery
from app.api.openapi import BY_DEVICE, answers
from app.domain.access import Permission
from app.http.access import access
from app.http.ports import runtime
from app.services.items import past_custody
from app.services.items.past_custody import HeldThing, HoldingsAt
from crypto.timestamps import format_at

API: Final = APIBlueprint("api_custody", __name__, url_prefix="/api/v1")


@API.get(
    "/custody",
    responses=answers(200, CustodyAtAnswer, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="getCustodian",
)
@access(Permission.VIEW_HOLDINGS)
def custodian(query: CustodyQuery) -> Response:
    """Tell who answered for an item or a bag at a time, and by which log entry.

    `custodian_user` is null before there was the thing. `inferred`: it lay in a bag, and that bag's custodian
    is meant; `bag` names it where the caller may know it. `proven`: the entry was checked now and says so.
    """
    actor = auth.current_actor()
    found = runtime().read(past_custody.find_custodian_at, query.code, untrusted_at=query.at, actor=actor)
    custodian = found.custodian
    return jsonify(
        code=found.code,
        at=format_at(found.at),
        size=found.size,
        custodian_user=None if custodian is None else custodian.user,
        custodian_unit=None if custodian is None else found.units[custodian.unit].code,
        inferred=found.inferred,
        bag=found.bag,
        since=None if found.since is None else found.since.index,
        since_at=None if found.since is None else format_at(found.since.recorded_at),
        proven=found.is_proven,
    )


@API.get(
    "/holdings",
    responses=answers(200, HoldingsAnswer, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="listHoldings",
)
@access(Permission.VIEW_HOLDINGS)
def holdings(query: HoldingsQuery) -> Response:
    """List what a person, a unit or a bag held at a time: what is in bags is inferred, at most 500 lines."""
    asked = {"holder": query.holder, "value": query.value, "at": query.at}
    found = runtime().read(past_custody.list_holdings_at, asked, actor=auth.current_actor())
    return jsonify(
        at=format_at(found.at),
        size=found.size,
        things=[_thing(thing, found) for thing in found.things],
        more=found.more,
        hides_own=found.hides,
    )


def _thing(thing: HeldThing, found: HoldingsAt) -> dict[str, object]:
    return {
        "code": thing.code,
        "kind": "bag" if thing.is_bag else "consignment",
        "known": "inferred" if thing.bag else "verified",
        "bag": thing.bag,
        "custodian_user": thing.custodian.user,
        "custodian_unit": found.units[thing.custodian.unit].code,
        "since": thing.since,
    }
