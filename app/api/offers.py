"""`GET /api/v1/offers`: what waits for the caller's half of a handover, with the nonces to answer."""

from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.bag_schemas import OffersAnswer
from app.api.bag_views import listed_view
from app.api.openapi import BY_DEVICE, answers
from app.api.views import consignment_view, offer_view
from app.domain.access import Permission
from app.http.access import access
from app.http.ports import runtime
from app.services.scans.offers import list_offered

API: Final = APIBlueprint("api_offers", __name__, url_prefix="/api/v1")


@API.get(
    "/offers", responses=answers(200, OffersAnswer, 401, 403), security=BY_DEVICE, operation_id="listOffers"
)
@access(Permission.SCAN)
def show() -> Response:
    """List at most 200 consignments and 200 bags offered to the device's owner or unit, newest first.

    A bag is taken by whoever sends the seal's number as read off the bag; it is told by nobody.
    """
    offered = runtime().read(list_offered, actor=auth.current_actor())
    codes = {unit: found.code for unit, found in offered.units.items()}
    return jsonify(
        offers=[
            consignment_view(item, codes, fits_log=item.id not in offered.mismatched)
            for item in offered.items
        ],
        bags=[
            listed_view(bag, page) | {"offer": offer_view(bag.offer, codes)}
            for page in ([] if offered.bags is None else [offered.bags])
            for bag in page.rows
            if bag.offer is not None
        ],
    )
